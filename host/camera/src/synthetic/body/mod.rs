//! People: how they are built, how their limbs lie, and the solids that they are drawn from.
//!
//! - [`build`]: size, colours and clothes of one person.
//! - [`skeleton`]: where joints are for a stance; arms and legs are placed so that hands reach what they reach for.
//! - [`flesh`]: the solids around a skeleton.

pub(super) mod build;
pub(super) mod flesh;
pub(super) mod skeleton;

pub(super) use build::Build;
pub(super) use skeleton::Skeleton;

/// Left or right, as the person has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The person's left.
    Left,
    /// The person's right.
    Right,
}

// === impl Side ===

impl Side {
    /// Both, in the order of arrays.
    pub(super) const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The place in arrays.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    /// -1 to the left, 1 to the right: along a body's x axis.
    pub(super) const fn sign(self) -> f32 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }

    /// The other one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}
