//! How fast a recording is played.

use std::time::{Duration, Instant};

/// How fast a recording is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// At its own speed, as the camera gave it: for rehearsals.
    #[default]
    RealTime,
    /// As fast as the machine can: for tests and measurements. Times of capture stay those of the recording.
    AsFastAsPossible,
}

/// Holds each frame back until it is due.
///
/// It measures with the machine's steady clock, not with the [`Clock`](sluis_frame::Clock): when an operator sets the date, the pictures go on.
#[derive(Debug)]
pub(crate) struct Pacer {
    pace: Pace,
    /// When the first frame was asked for.
    started: Option<Instant>,
    lateness: Duration,
}

/// A lateness that is worth a line in the log.
const NOTICEABLE: Duration = Duration::from_secs(1);

// === impl Pacer ===

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, started: None, lateness: Duration::ZERO }
    }

    /// Waits until a frame is due that was taken `after` the first one.
    pub(crate) fn wait(&mut self, after: Duration) {
        if self.pace == Pace::AsFastAsPossible {
            return;
        }
        let passed = self.started.get_or_insert_with(Instant::now).elapsed();
        if let Some(early) = after.checked_sub(passed) {
            std::thread::sleep(early);
        }
        let late = passed.saturating_sub(after);
        if late >= NOTICEABLE && self.lateness < NOTICEABLE {
            tracing::warn!(late_ms = late.as_millis() as u64, "frames are processed more slowly than they were taken");
        }
        self.lateness = late;
    }

    /// How long after its due time the last frame was asked for.
    pub(crate) fn lateness(&self) -> Duration {
        self.lateness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_time_waits_until_a_frame_is_due() {
        let mut pacer = Pacer::new(Pace::RealTime);
        let begun = Instant::now();
        pacer.wait(Duration::ZERO);
        pacer.wait(Duration::from_millis(60));
        assert!(begun.elapsed() >= Duration::from_millis(60));
        // A loaded machine wakes late; a wait that overshoots is not lateness of the frame.
        assert_eq!(pacer.lateness(), Duration::ZERO);
    }

    #[test]
    fn a_frame_that_is_asked_for_too_late_says_how_late() {
        let mut pacer = Pacer::new(Pace::RealTime);
        pacer.wait(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(50));
        pacer.wait(Duration::from_millis(10));
        assert!(pacer.lateness() >= Duration::from_millis(40), "{:?}", pacer.lateness());
    }

    #[test]
    fn as_fast_as_possible_does_not_wait() {
        let mut pacer = Pacer::new(Pace::AsFastAsPossible);
        let begun = Instant::now();
        pacer.wait(Duration::from_secs(3600));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}
