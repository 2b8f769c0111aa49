//! What the vault remembers of a segment.

use serde::{Deserialize, Serialize};
use sluis_frame::{Fate, Timestamp};

/// What is in a sealed segment: told when it is closed, so that nobody has to open it to list it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Bytes of the sealed stream.
    pub sealed_bytes: u64,
    /// Frames by how they ended.
    pub frames: FrameCounts,
    /// Masks on all frames together.
    pub masks: u64,
    /// Events.
    pub events: u64,
    /// Capture of the first frame.
    pub first_captured: Timestamp,
    /// Capture of the last frame.
    pub last_captured: Timestamp,
    /// What the gate looked at before it let the segment through.
    pub gate: GateReport,
    /// The components that were at work.
    pub plugins: Vec<PluginFact>,
}

/// Frames of a segment by how they ended. Dropped frames are in no segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameCounts {
    /// Passed the audit the first time.
    pub recorded: u64,
    /// Passed after stricter masking.
    pub quarantined: u64,
    /// Blank.
    pub blanked: u64,
}

/// What the gate looked at. A segment that fails it has no report: it is abandoned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// Pictures that were decoded from the encoded video and compared with their masks.
    pub pictures: u64,
    /// Depth pictures that were decoded and compared with their masks.
    pub depths: u64,
    /// The largest difference of a masked pixel from what its mask makes of it, of 255, away from the mask's edge.
    pub worst: f32,
}

/// A component that was at work while a segment was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginFact {
    /// Its name.
    pub name: String,
    /// The world that it exports.
    pub world: String,
    /// Its version.
    pub version: String,
    /// The sha256 of the component, in hexadecimal digits.
    pub digest: String,
}

// === impl FrameCounts ===

impl FrameCounts {
    /// Counts one frame. A dropped one is in no segment: it is not counted.
    pub fn add(&mut self, fate: Fate) {
        match fate {
            Fate::Recorded => self.recorded += 1,
            Fate::Quarantined => self.quarantined += 1,
            Fate::Blanked => self.blanked += 1,
            Fate::Dropped => {}
        }
    }

    /// All frames.
    pub const fn total(&self) -> u64 {
        self.recorded + self.quarantined + self.blanked
    }
}
