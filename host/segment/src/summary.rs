//! What the vault remembers of a segment.

use serde::{Deserialize, Serialize};
use sluis_frame::{Fate, Timestamp, Verdict};

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
    /// What the audit said of its frames, all together; `None` in vaults of before it was told. `plugins` has the digests of who said it.
    #[serde(default)]
    pub audit: Option<AuditReport>,
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

/// What the audit said of the frames of a segment. The verdict on each of them is in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// Frames that passed as they were masked first.
    pub passed: u64,
    /// Frames of which something was found or whose filter had failed, and that passed after stricter masking.
    pub passed_stricter: u64,
    /// Frames that are blank: they did not pass, or there was nothing that could.
    pub not_passed: u64,
    /// The highest score, 0 to 100, of anything in a frame that passed.
    pub worst_score: u8,
    /// Whether the auditor's detector was of another family than the filter's, in every frame that passed.
    pub independent: bool,
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

// === impl AuditReport ===

impl Default for AuditReport {
    /// Of no frame.
    fn default() -> Self {
        Self { passed: 0, passed_stricter: 0, not_passed: 0, worst_score: 0, independent: true }
    }
}

impl AuditReport {
    /// Counts one frame, with the verdict that it passed with.
    pub fn add(&mut self, fate: Fate, verdict: Option<&Verdict>) {
        match fate {
            Fate::Recorded => self.passed += 1,
            Fate::Quarantined => self.passed_stricter += 1,
            Fate::Blanked => self.not_passed += 1,
            Fate::Dropped => {}
        }
        if let Some(verdict) = verdict {
            self.worst_score = self.worst_score.max(verdict.worst_score);
            self.independent &= verdict.independent;
        }
    }
}

// === impl FrameCounts ===

impl FrameCounts {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: &Self) -> Self {
        Self {
            recorded: self.recorded.saturating_add(other.recorded),
            quarantined: self.quarantined.saturating_add(other.quarantined),
            blanked: self.blanked.saturating_add(other.blanked),
        }
    }

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
        self.recorded.saturating_add(self.quarantined).saturating_add(self.blanked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_report_counts_every_frame_once_and_keeps_the_worst() {
        let verdict = |worst_score, independent| Verdict { findings: Vec::new(), worst_score, independent };
        let mut report = AuditReport::default();
        report.add(Fate::Recorded, Some(&verdict(20, true)));
        report.add(Fate::Quarantined, Some(&verdict(60, true)));
        report.add(Fate::Blanked, None);
        let expected = AuditReport { passed: 1, passed_stricter: 1, not_passed: 1, worst_score: 60, independent: true };
        assert_eq!(report, expected);
        report.add(Fate::Recorded, Some(&verdict(0, false)));
        assert!(!report.independent && report.passed == 2);
    }
}
