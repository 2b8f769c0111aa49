//! How well gestures are detected, and how well faces are hidden.
//!
//! ```text
//! label file ─► labels ─► Scene ─┐
//!                                ├─► score ─► Tally: precision, recall, F1 and their intervals
//! detector ─► Told events ───────┘
//! ```
//!
//! - [`labels`]: [`Labels`], what a person saw in a clip.
//! - [`scene`]: [`Scene`], [`Truth`] and [`Told`], what happened and what was told, from whatever source.
//! - [`score`](mod@score): matches the two, and counts.
//! - [`tally`]: [`Tally`], precision, recall and F1.
//! - [`interval`]: [`Interval`], how far a rate that was counted on few events can be trusted.
//! - [`measured`]: [`Measured`], what was measured, by digest.
//! - [`privacy`]: what of labelled heads can be seen in recorded pictures.
//! - [`error`]: [`Error`], what can be wrong with a label file.
//!
//! Time is in seconds since the first frame of the clip, and a span is half open: an event on frames 3 to 5 of a clip of 10 pictures a second is
//! `0.3..0.6`.

pub mod error;
mod file;
pub mod interval;
pub mod labels;
pub mod measured;
pub mod privacy;
pub mod scene;
pub mod score;
pub mod tally;

pub use error::Error;
pub use interval::Interval;
pub use labels::Labels;
pub use measured::{Measured, MeasuredModel};
pub use scene::{Ignored, Scene, Span, Told, Truth};
pub use score::{Scores, score};
pub use tally::Tally;
