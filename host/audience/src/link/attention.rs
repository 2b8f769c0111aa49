//! From "turned to the screen in this frame" to glances, with hysteresis.
//!
//! A detector's landmarks tremble, so one frame says little. A glance begins when most of the last sightings were attentive, and ends when nearly none was; in between
//! it goes on. So somebody who passes with the head half turned is no flicker of glances, and a blink is no end.

use std::collections::VecDeque;
use std::time::Duration;

use sluis_frame::Timestamp;

/// Sightings that count, at the most…
const SIGHTINGS: usize = 5;
/// …and how old they may be. So it works from 2 frames a second on, and is slower to believe there.
const MEMORY: Duration = Duration::from_millis(1500);
/// So many attentive ones begin a glance.
const BEGINS: usize = 3;
/// So few end it.
const ENDS: usize = 1;

/// What is known of one person's attention.
#[derive(Debug, Default)]
pub(super) struct Attention {
    recent: VecDeque<(Timestamp, bool)>,
    /// First and last attentive sighting of the glance that goes on.
    glance: Option<(Timestamp, Timestamp)>,
    over: Vec<(Timestamp, Duration)>,
}

// === impl Attention ===

impl Attention {
    /// The person was seen.
    pub(super) fn see(&mut self, at: Timestamp, attentive: bool) {
        self.recent.push_back((at, attentive));
        if self.recent.len() > SIGHTINGS {
            self.recent.pop_front();
        }
        if attentive && let Some((_, last)) = &mut self.glance {
            *last = at;
        }
        self.settle(at);
    }

    /// Time has passed, perhaps without a sighting.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while self.recent.front().is_some_and(|(at, _)| now.since(*at) > MEMORY) {
            self.recent.pop_front();
        }
        let attentive = || self.recent.iter().filter(|(_, attentive)| *attentive).map(|(at, _)| *at);
        match self.glance {
            None if attentive().count() >= BEGINS => self.glance = attentive().next().zip(attentive().next_back()),
            Some((first, last)) if attentive().count() <= ENDS => {
                self.over.push((first, last.since(first)));
                self.glance = None;
            }
            _ => {}
        }
    }

    /// The glances, in order: when each began, and how long it lasted.
    pub(super) fn glances(mut self) -> Vec<(Timestamp, Duration)> {
        self.over.extend(self.glance.map(|(first, last)| (first, last.since(first))));
        self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glances(pattern: &str) -> Vec<(i64, u64)> {
        let mut attention = Attention::default();
        for (n, c) in (0..).zip(pattern.chars()) {
            let at = Timestamp::from_nanos(n * 100_000_000);
            match c {
                '.' => attention.settle(at),
                c => attention.see(at, c == 'x'),
            }
        }
        attention.glances().iter().map(|(at, d)| (at.as_nanos() / 100_000_000, d.as_millis() as u64 / 100)).collect()
    }

    #[test]
    fn a_glance_lasts_from_its_first_attentive_sighting_to_its_last() {
        assert_eq!(glances("oooxxxxxxooooo"), [(3, 5)]);
    }

    #[test]
    fn a_single_frame_begins_nothing_and_ends_nothing() {
        assert_eq!(glances("ooxooooxooooo"), []);
        assert_eq!(glances("xxxxxoxxxxoxxxx"), [(0, 14)]);
    }

    #[test]
    fn two_looks_are_two_glances() {
        assert_eq!(glances("xxxxooooooxxxxoooo"), [(0, 3), (10, 3)]);
    }

    #[test]
    fn a_face_that_is_not_seen_does_not_go_on_looking() {
        assert_eq!(glances("xxxxx....................xxxxx"), [(0, 4), (25, 4)]);
    }

    #[test]
    fn a_glance_that_trembles_about_the_middle_is_one() {
        assert_eq!(glances("oxxxoxoxxoxoxxooooo").len(), 1);
    }
}
