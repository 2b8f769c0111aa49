//! Counts what became of frames.

use serde::{Deserialize, Serialize};
use sluis_frame::Fate;

/// How the frames of a camera ended. Every frame that entered ends exactly once; what has not ended is in the delay line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// Came from the camera, dropped ones included.
    pub entered: u64,
    /// Passed the audit the first time.
    pub recorded: u64,
    /// Passed the audit after stricter masking.
    pub quarantined: u64,
    /// Recorded as a blank with its time.
    pub blanked: u64,
    /// Never processed: the machine was too busy.
    pub dropped: u64,
}

// === impl Fates ===

impl Fates {
    /// A frame came from the camera.
    pub fn enter(&mut self) {
        self.entered += 1;
    }

    /// A frame that entered has ended.
    pub fn end(&mut self, fate: Fate) {
        *match fate {
            Fate::Recorded => &mut self.recorded,
            Fate::Quarantined => &mut self.quarantined,
            Fate::Blanked => &mut self.blanked,
            Fate::Dropped => &mut self.dropped,
        } += 1;
    }

    /// Frames that have ended.
    pub fn ended(&self) -> u64 {
        self.recorded.saturating_add(self.quarantined).saturating_add(self.blanked).saturating_add(self.dropped)
    }

    /// Frames that entered and have not ended; `None` when more ended than entered, which is a fault of the program.
    pub fn in_flight(&self) -> Option<u64> {
        self.entered.checked_sub(self.ended())
    }

    /// Whether every frame that entered has ended exactly once. To be asked after the delay line has been flushed.
    pub fn add_up(&self) -> bool {
        self.in_flight() == Some(0)
    }

    /// Both together, for a sum over cameras.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            entered: self.entered.saturating_add(other.entered),
            recorded: self.recorded.saturating_add(other.recorded),
            quarantined: self.quarantined.saturating_add(other.quarantined),
            blanked: self.blanked.saturating_add(other.blanked),
            dropped: self.dropped.saturating_add(other.dropped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_still_held_does_not_add_up_until_it_ends() {
        let mut fates = Fates::default();
        fates.enter();
        assert!(!fates.add_up());
        assert_eq!(fates.in_flight(), Some(1));
        fates.end(Fate::Quarantined);
        assert!(fates.add_up());
    }

    #[test]
    fn a_frame_that_ends_twice_is_noticed() {
        let mut fates = Fates::default();
        fates.enter();
        fates.end(Fate::Recorded);
        fates.end(Fate::Blanked);
        assert_eq!(fates.in_flight(), None);
        assert!(!fates.add_up());
    }
}
