//! Who is before a screen, in closed classes.
//!
//! Nothing here describes a face: there is no picture, no template, and no number by which somebody could be found again. A [`Face`] lives from one frame to
//! the next, so that the host can link it; a [`Visit`] is what is kept.
//!
//! - [`class`]: the closed classes.
//! - [`visit`]: one person's stay before a screen.

pub mod class;
pub mod visit;

use crate::geometry::Rect;

pub use class::{AgeClass, DurationClass, SexClass, SizeClass};
pub use visit::{Glance, InvalidScreenId, InvalidVisit, ScreenId, Visit};

/// One face that an audience meter sees in one frame. Kept only to link it to the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Where, in camera pixels, widened outward to a grid of 8.
    pub area: Rect,
    /// Whether it is turned towards the screen.
    pub attentive: bool,
    /// How large it is.
    pub size: SizeClass,
    /// Its age class.
    pub age: AgeClass,
    /// Its sex class.
    pub sex: SexClass,
}
