//! The inspection of one frame.

use sluis_detect::network::{self, Network};
use sluis_detect::{Area, Settings, View};
use sluis_sdk::audit::{Fault, Finding, Verdict};
use sluis_sdk::{Frame, MOST_ANSWERS, Rect, Size};

use crate::bodies;
use crate::detector::Detector;
use crate::memory::{Memory, Seen};
use crate::plane::Plane;

/// A face of whose box at least this share is under masks counts as masked: what the detector then sees is the mask, or an ear beside it.
const MASKED: f32 = 0.5;

/// How sure the audit is of what is no detector's score, 0 to 100. A bare head is the host's own sight against the masks. A vanished mask is a
/// comparison that a turned poster can fool.
const SURE_OF_BARE_HEAD: u8 = 80;
const SURE_OF_VANISHED_MASK: u8 = 60;

/// Inspects the frames of one camera.
#[derive(Debug)]
pub struct Inspector<N> {
    detector: Detector<N>,
    whole: View,
    memory: Memory,
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
        detector.warm(whole.input)?;
        Ok(Self { detector, whole, memory: Memory::new(picture) })
    }

    /// What is wrong with a frame on which the host masked `masks` (bounding boxes in camera pixels).
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run: then nothing is known of this frame.
    pub fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Result<Verdict, network::Error> {
        let picture = frame.size();
        let masks: Vec<Area> = masks.iter().map(|mask| Area::from(*mask)).collect();

        let bare = self.detector.look(frame, &self.whole)?.into_iter().filter(|c| c.area.covered_by(&masks) < MASKED);
        let bare: Vec<_> = bare.collect();
        let threshold = self.detector.threshold();
        let faces = bare.iter().filter(|c| c.score >= threshold).map(|c| (c.area, Fault::Face, c.percent()));

        let people = frame.people();
        let heads = bodies::bare_heads(&people, &masks, picture);
        let heads = heads.into_iter().map(|area| (area, Fault::BareBody, SURE_OF_BARE_HEAD));

        let plane = Plane::read(frame, self.memory.grid());
        let moving: Vec<Area> = people.iter().map(|person| Area::from(person.head)).collect();
        let seen = Seen { elapsed_ms: frame.elapsed_ms(), plane: &plane, masks: &masks, moving: &moving };
        let vanished = self.memory.vanished(seen);
        let vanished = vanished.into_iter().map(|area| (area, Fault::VanishedMask, SURE_OF_VANISHED_MASK));

        let finding =
            |(area, fault, score): (Area, Fault, u8)| Some(Finding { area: area.pixels(picture)?, fault, score });
        let findings: Vec<Finding> =
            faces.chain(heads).chain(vanished).filter_map(finding).take(MOST_ANSWERS).collect();
        let faint = bare.iter().map(sluis_detect::Candidate::percent);
        let worst_score = findings.iter().map(|f| f.score).chain(faint).max().unwrap_or(0);
        Ok(Verdict { findings, worst_score })
    }
}
