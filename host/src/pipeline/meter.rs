//! Counts who looks at a screen, beside the way of a frame.

use sluis_audience::{LinkSettings, Linker};
use sluis_frame::{Frame, Person, Raw, Visit};
use sluis_stage::AudienceChamber;

/// The chamber is remade after so many frames, ten seconds to a minute: whatever a component remembers of people against the contract, it forgets then.
const REMAKE_EVERY: u32 = 300;

/// The audience meter of one camera, and who is before its screen.
#[derive(Debug)]
pub struct Meter {
    chamber: AudienceChamber,
    linker: Linker,
    /// Frames that the chamber alive has seen.
    seen: u32,
    counts: Counts,
}

/// What a meter has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) visits: u64,
    pub(super) glances: u64,
    pub(super) failures: u64,
}

// === impl Meter ===

impl Meter {
    /// A meter of which nobody was before the screen yet.
    pub fn new(chamber: AudienceChamber, link: LinkSettings) -> Self {
        Self { chamber, linker: Linker::new(link), seen: 0, counts: Counts::default() }
    }

    /// Measures a frame, and gives the visits that are over. A meter that fails costs counts, never the frame.
    ///
    /// # Errors
    ///
    /// What the component failed with: nobody is counted in this frame.
    pub(super) fn measure(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Result<Vec<Visit>, sluis_stage::Error> {
        if self.seen == REMAKE_EVERY {
            self.chamber.forget();
            self.seen = 0;
        }
        self.seen += 1;
        let faces = self.chamber.measure(frame, people).inspect_err(|_| self.counts.failures += 1)?;
        let visits = self.linker.observe(frame.header().captured, &faces);
        Ok(self.count(visits))
    }

    /// Another chamber takes the place of the one that measured. Who is before the screen stays.
    pub(super) fn change(&mut self, chamber: AudienceChamber) {
        (self.chamber, self.seen) = (chamber, 0);
    }

    /// Ends all visits.
    pub(super) fn finish(&mut self) -> Vec<Visit> {
        let visits = self.linker.finish();
        self.count(visits)
    }

    /// Bytes of memory that the component takes now.
    pub(super) fn memory(&self) -> usize {
        self.chamber.memory()
    }

    pub(super) const fn counts(&self) -> Counts {
        self.counts
    }

    fn count(&mut self, visits: Vec<Visit>) -> Vec<Visit> {
        self.counts.visits += visits.len() as u64;
        self.counts.glances = self.linker.glances();
        visits
    }
}
