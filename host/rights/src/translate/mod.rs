//! From what a person remembers to cameras and a window: "the shelf by the door, about ten past two".
//!
//! It proposes, and says what it took for granted; the officer decides, and may name cameras and times exactly. What it does not understand is an error that says which word that was and how to say it: nothing
//! is guessed past a word.
//!
//! - [`place`]: words against the names and kinds of cameras and zones.
//! - [`when`](mod@when): days and times.
//! - `words`: folding of spelling, and the vocabulary in Dutch, German and English.

pub mod place;
pub mod when;
mod words;

pub use place::{CameraView, Place, PlaceError, Seen, ZoneKind, ZoneView, place};
pub use when::{Assumed, OpenHours, Remembered, Telling, When, WhenError, when};
