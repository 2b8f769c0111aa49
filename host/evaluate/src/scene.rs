//! What happened and what was told.

use sluis_frame::Gesture;

/// A stretch of time, in seconds since the first frame of the clip: from the capture of its first frame to that of the first frame after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Where it begins.
    pub start: f64,
    /// Where it ends; not before `start`.
    pub end: f64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// What.
    pub gesture: Gesture,
    /// In which zone; `None` for what has none.
    pub zone: Option<String>,
    /// When, as far as the clip shows it.
    pub span: Span,
    /// Whether whoever labelled it is sure. If not, it counts neither way.
    pub certain: bool,
}

/// Something that a detector told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What.
    pub gesture: Gesture,
    /// In which zone.
    pub zone: Option<String>,
    /// When.
    pub span: Span,
}

/// Where and when nothing is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// In which zone.
    pub zone: String,
    /// When.
    pub span: Span,
}

/// All that is known of a clip.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// What happened.
    pub truths: Vec<Truth>,
    /// What is not scored.
    pub ignored: Vec<Ignored>,
}

// === impl Span ===

impl Span {
    /// From its ends.
    pub fn new(start: f64, end: f64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Of the frames `first` to `last`, both included, at so many pictures a second.
    pub fn of_frames(first: u64, last: u64, fps: f64) -> Self {
        Self::new(first as f64 / fps, (last + 1) as f64 / fps)
    }

    /// Seconds.
    pub fn length(self) -> f64 {
        self.end - self.start
    }

    /// Seconds that both have.
    pub fn overlap(self, other: Self) -> f64 {
        (self.end.min(other.end) - self.start.max(other.start)).max(0.0)
    }

    /// Intersection over union, 0 to 1; 0 when both are empty.
    pub fn iou(self, other: Self) -> f64 {
        let both = self.overlap(other);
        let either = self.length() + other.length() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}
