//! What the audit said of a redacted frame.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;

/// What is wrong with a redacted frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A face can be seen.
    Face,
    /// A head can be seen.
    Head,
    /// A mask that stood in mid-picture is gone.
    VanishedMask,
    /// A body moves and nothing is masked at its top.
    BareBody,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Where, in camera pixels.
    pub area: Rect,
    /// What.
    pub fault: Fault,
    /// How sure the auditor is, 0 to 100.
    pub score: u8,
}

/// What the audit said of one redacted frame. It passes if and only if nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The highest score of anything that was looked at, also below the threshold, 0 to 100.
    pub worst_score: u8,
    /// Whether the auditor's detector is of another family than the filter's. When not, both may miss the same face.
    pub independent: bool,
}

impl Verdict {
    /// Whether the frame passes.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}
