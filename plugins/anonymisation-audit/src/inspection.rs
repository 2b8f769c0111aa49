//! The inspection of one frame.

use sluis_detect::candidate::suppress;
use sluis_detect::network::{self, Network};
use sluis_detect::plane::Plane;
use sluis_detect::scan::{Pace, Scanner};
use sluis_detect::{Area, Candidate, Settings, View, yunet};
use sluis_sdk::audit::{Fault, Finding, Verdict};
use sluis_sdk::{Frame, MOST_ANSWERS, Rect, Size};

use crate::bodies;
use crate::detector::Detector;
use crate::memory::{INSISTS_MS, Memory, Seen};

/// A face of whose box at least this share is under masks counts as masked: what the detector then sees is the mask, or an ear beside it.
const MASKED: f32 = 0.5;

/// How sure the audit is of what is no detector's score, 0 to 100. A bare head is the host's own sight against the masks. A vanished mask is a
/// comparison that a turned poster can fool.
const SURE_OF_BARE_HEAD: u8 = 80;
const SURE_OF_VANISHED_MASK: u8 = 60;

/// What was under a mask is looked at in the very frame in which it is bare, whatever else moves ten times a second, and the whole picture twice a second.
pub const PACE: Pace = Pace { whole_ms: 500, whole_frames: 5, crowded_ms: 390, rest_ms: 90 };

/// How far beside a mask a face may show that slipped from under it, in widths and heights of the mask.
const BESIDE: f32 = 0.25;

/// Inspects the frames of one camera.
#[derive(Debug)]
pub struct Inspector<N> {
    detector: Detector<N>,
    whole: View,
    scanner: Scanner,
    memory: Memory,
    last_ms: Option<u64>,
    /// Where something was found, and until when that is looked at in every frame.
    found: Vec<(Area, u64)>,
}

// === impl Inspector ===

impl<N: Network> Inspector<N> {
    /// For pictures of this size. Warms the network.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn new(mut detector: Detector<N>, picture: Size, settings: Settings) -> Result<Self, network::Error> {
        let whole = View::whole(picture, settings.network_long_side);
        let scanner = Scanner::new(picture, whole, PACE);
        for input in scanner.inputs() {
            detector.warm(input)?;
        }
        Ok(Self { detector, whole, scanner, memory: Memory::new(picture), last_ms: None, found: Vec::new() })
    }

    /// What is wrong with a frame on which the host masked `masks` (bounding boxes in camera pixels).
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run: then nothing is known of this frame.
    pub fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Result<Verdict, network::Error> {
        let picture = frame.size();
        let masks: Vec<Area> = masks.iter().map(|mask| Area::from(*mask)).collect();
        let plane = Plane::read(frame, self.memory.grid());
        let now_ms = frame.elapsed_ms();

        // A frame that comes back is looked at whole: something was wrong with it.
        let again = self.last_ms.replace(now_ms) == Some(now_ms);
        let beside: Vec<Area> = masks.iter().map(|mask| beside(*mask)).collect();
        let new = self.scanner.plan(now_ms, &plane, &plane.grid().under(&masks), &beside);
        let views = if again { vec![self.whole] } else { new };
        let mut seen = Vec::new();
        for view in &views {
            seen.extend(self.detector.look(frame, view)?);
        }
        let seen = suppress(seen, yunet::ONE_FACE, usize::MAX);
        let bare: Vec<Candidate> = seen.into_iter().filter(|c| c.area.covered_by(&masks) < MASKED).collect();
        let threshold = self.detector.threshold();
        let faces = bare.iter().filter(|c| c.score >= threshold).map(|c| (c.area, Fault::Face, c.percent()));

        let people = frame.people();
        let heads = bodies::bare_heads(&people, &masks, picture);
        let heads = heads.into_iter().map(|area| (area, Fault::BareBody, SURE_OF_BARE_HEAD));

        let moving: Vec<Area> = people.iter().map(|person| Area::from(person.head)).collect();
        let seen = Seen { elapsed_ms: now_ms, plane: &plane, masks: &masks, moving: &moving };
        let vanished = self.memory.vanished(seen);
        let vanished = vanished.into_iter().map(|area| (area, Fault::VanishedMask, SURE_OF_VANISHED_MASK));

        let finding =
            |(area, fault, score): (Area, Fault, u8)| Some(Finding { area: area.pixels(picture)?, fault, score });
        let findings: Vec<Finding> =
            faces.chain(heads).chain(vanished).filter_map(finding).take(MOST_ANSWERS).collect();
        // What was found is looked at in the next frames too, though it has not changed: until the host has learned of it.
        self.found.retain(|(_, until)| now_ms < *until);
        self.found.extend(findings.iter().map(|finding| (Area::from(finding.area), now_ms + INSISTS_MS)));
        self.found.truncate(2 * MOST_ANSWERS);
        self.found.iter().for_each(|(area, _)| self.scanner.look_again(*area));
        let faint = bare.iter().map(Candidate::percent);
        let worst_score = findings.iter().map(|f| f.score).chain(faint).max().unwrap_or(0);
        Ok(Verdict { findings, worst_score })
    }
}

/// A mask and what is close to it.
fn beside(mask: Area) -> Area {
    let (x, y) = (mask.width() * BESIDE, mask.height() * BESIDE);
    mask.widen(x, y, y)
}
