//! An auditor: it looks at a redacted frame for what should have been masked.
//!
//! This one is to begin with. It holds the masks against the people whom the host's floor sees: where a head is not covered, it says so. Put a detector of faces beside it, of
//! another family than the filter's: two of one family miss the same faces.

use serde::Deserialize;
use sluis_sdk::audit::{Fault, Finding, Verdict};
use sluis_sdk::{AnonymisationAudit, Camera, Frame, MOST_ANSWERS, Rect};

/// The auditor of one camera.
#[derive(Debug)]
pub struct Audit {
    settings: Settings,
}

/// What an installer may write for it.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// How much of a head may be left uncovered: 0 to 100 percent.
    most_bare: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { most_bare: 50 }
    }
}

impl AnonymisationAudit for Audit {
    fn new(_camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = serde_json::from_str(settings).map_err(|e| format!("its settings: {e}"))?;
        Ok(Self { settings })
    }

    fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Verdict {
        let picture = frame.size().rect();
        let heads = frame.people().into_iter().filter_map(|person| person.head.intersect(picture));
        let looked_at: Vec<Finding> = heads
            .take(MOST_ANSWERS)
            .map(|area| Finding { area, fault: Fault::BareBody, score: bare(area, masks) })
            .collect();
        let worst_score = looked_at.iter().map(|finding| finding.score).max().unwrap_or(0);
        let findings = looked_at.into_iter().filter(|finding| finding.score > self.settings.most_bare).collect();
        Verdict { findings, worst_score }
    }
}

/// How much of `head` no single mask covers, in percent.
fn bare(head: Rect, masks: &[Rect]) -> u8 {
    let covered = masks.iter().filter_map(|mask| mask.intersect(head)).map(Rect::area).max().unwrap_or(0);
    (100 - covered * 100 / head.area()) as u8
}

sluis_sdk::anonymisation_audit!(Audit);
