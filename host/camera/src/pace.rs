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
}

// === impl Pacer ===

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, started: None }
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
    }

    /// Whether frames come at their own speed.
    pub(crate) fn keeps_time(&self) -> bool {
        self.pace == Pace::RealTime
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
    }

    #[test]
    fn as_fast_as_possible_does_not_wait() {
        let mut pacer = Pacer::new(Pace::AsFastAsPossible);
        let begun = Instant::now();
        pacer.wait(Duration::from_secs(3600));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}
