//! The report of an evaluation.

use std::collections::BTreeMap;

use serde::Serialize;

use super::counts::{Counts, TrackCounts};
use crate::measured::Measured;

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The filter and its detector.
    pub filter: String,
    /// The auditor and its detector.
    pub audit: String,
    /// Whether the two detectors are of different families.
    pub independent: bool,
    /// What was masked, at least.
    pub mode: String,
    /// Filter and auditor by their digests: the report is about these, whatever else has their names.
    pub components: Vec<Measured>,
    /// Clip by clip.
    pub clips: Vec<ClipReport>,
    /// All clips together.
    pub total: ClipReport,
}

/// What was found in one clip, or in all together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipReport {
    /// The clip's name.
    pub name: String,
    /// What can be seen in what was recorded.
    #[serde(flatten)]
    pub counts: Counts,
    /// Frames that are in no segment: the gate stopped it.
    pub dropped: u64,
    /// Frames for each second of work of all stations together, as one thread would do it.
    pub fps: f64,
    /// Milliseconds for each frame at each station.
    pub milliseconds: BTreeMap<String, f64>,
    /// Person by person; empty for all clips together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<TrackCounts>,
}

/// A frame in which a face can be seen: as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorstFrame {
    /// The clip's name.
    pub clip: String,
    /// Which of its frames.
    pub frame: u64,
    /// How bad it is: the heights of what can be seen of its faces, in pixels, together.
    pub pixels: u64,
    /// What is seen, in words.
    pub caption: String,
    /// The picture, as PNG.
    pub png: Vec<u8>,
}
