//! What counts as a person, and counts with the persons behind them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::suppress::Group;

/// One track of one camera: a person from the moment when the camera sees them until it loses them. Somebody who comes back is a new one; there is nothing to know
/// them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person {
    /// Which camera, as [`Study`](crate::Study) numbers them.
    pub camera: u16,
    /// The track.
    pub track: u32,
}

/// A count of events, with the persons behind it and how long each event took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Events.
    pub count: u64,
    /// How long each took, in no order.
    pub durations: Vec<Duration>,
    persons: BTreeSet<Person>,
}

// === impl Cell ===

impl Cell {
    /// Counts an event.
    pub fn add(&mut self, person: Person, took: Duration) {
        self.count += 1;
        self.durations.push(took);
        self.persons.insert(person);
    }

    /// The `share` quantile of the durations (0 to 1, nearest rank), if there are any.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied()
    }
}

impl Group for Cell {
    fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.durations.extend(&other.durations);
        self.persons.extend(&other.persons);
    }

    fn persons(&self) -> usize {
        self.persons.len()
    }
}
