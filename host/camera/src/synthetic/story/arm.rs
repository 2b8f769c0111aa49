//! How a hand gets from one place to another.

use glam::Vec3;

use super::super::body::Side;
use super::super::body::skeleton::{Stance, hanging, in_front};

/// A place where a hand can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// Hanging down, swinging with the step.
    Hanging,
    /// Before the belly, as one carries a product.
    Carrying,
    /// Before the chest, where one looks at a product.
    Viewing,
    /// Over the basket.
    Basket,
    /// A place of the shop.
    Shop(Vec3),
}

/// A hand on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arm {
    from: Place,
    /// Bends the way: it is passed at some distance.
    over: Option<Place>,
    to: Place,
    seconds: f32,
    passed: f32,
}

// === impl Place ===

impl Place {
    fn at(self, stance: &Stance, side: Side) -> Vec3 {
        let aside = side.sign();
        match self {
            Self::Hanging => hanging(stance, side),
            Self::Carrying => in_front(stance, Vec3::new(aside * 0.1, 0.15, 0.6)),
            Self::Viewing => in_front(stance, Vec3::new(aside * 0.05, 0.145, 0.71)),
            Self::Basket => in_front(stance, Vec3::new(-0.12, 0.1, 0.5)),
            Self::Shop(at) => at,
        }
    }
}

// === impl Arm ===

impl Arm {
    pub(super) const fn resting() -> Self {
        Self { from: Place::Hanging, over: None, to: Place::Hanging, seconds: 0.0, passed: 0.0 }
    }

    /// Sends the hand off from where it was going.
    pub(super) fn send(&mut self, over: Option<Place>, to: Place, seconds: f32) {
        *self = Self { from: self.to, over, to, seconds, passed: 0.0 };
    }

    pub(super) fn pass(&mut self, seconds: f32) {
        self.passed += seconds;
    }

    /// Whether the hand is where it was sent.
    pub(super) fn arrived(&self) -> bool {
        self.passed >= self.seconds
    }

    /// Where the hand is now.
    pub(super) fn palm(&self, stance: &Stance, side: Side) -> Vec3 {
        let to = self.to.at(stance, side);
        if self.arrived() {
            return to;
        }
        // Hands set off and arrive gently: the minimum-jerk course (Flash and Hogan 1985).
        let t = self.passed / self.seconds;
        let share = t * t * t * (10.0 - 15.0 * t + 6.0 * t * t);
        let from = self.from.at(stance, side);
        match self.over {
            None => from.lerp(to, share),
            Some(over) => {
                let over = over.at(stance, side);
                from.lerp(over, share).lerp(over.lerp(to, share), share)
            }
        }
    }
}
