//! How well faces are hidden in what was recorded.
//!
//! ```text
//! label file ─► HeadLabels ─┐
//!                           ├─► Ledger ─► Counts: faces, exposed faces, heads from behind, masked share, the audit's misses and false alarms
//! recorded picture ─► seen ─┘
//! ```
//!
//! - [`labels`]: [`HeadLabels`], where a person saw heads and faces in a clip.
//! - [`seen`]: what of a recorded picture is masked, told from its pixels.
//! - [`ledger`]: [`Ledger`], which holds one against the other, frame by frame.
//! - [`counts`]: [`Counts`], what it comes to.
//! - [`report`]: [`Report`], what scripts and people are told.
//! - [`page`]: all of it as one HTML page, with the worst frames.
//!
//! A face counts from [`LEAST_HEIGHT`] on, and is exposed when less than [`COVERED`] of its box is masked: labels are a few pixels loose.

pub mod counts;
pub mod labels;
pub mod ledger;
pub mod page;
pub mod report;
pub mod seen;

pub use counts::{Counts, Mean, TrackCounts};
pub use labels::{Head, HeadLabels, Moment, View};
pub use ledger::{Exposed, Ledger};
pub use report::{ClipReport, Report, WorstFrame};

/// The height of a face or head, in pixels, from which it counts.
pub const LEAST_HEIGHT: f64 = 16.0;

/// The share of a box that must be masked.
pub const COVERED: f32 = 0.9;
