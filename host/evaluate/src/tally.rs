//! Precision, recall and F1.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::interval::Interval;

/// Counts of one type of event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Events that happened and were told.
    pub hits: u32,
    /// Events that happened and were not told.
    pub misses: u32,
    /// Events that were told and did not happen.
    pub false_alarms: u32,
    /// Told events that count neither way: they match an uncertain label, or lie where nothing is scored.
    pub set_aside: u32,
}

// === impl Tally ===

impl Tally {
    /// Events that certainly happened.
    pub fn events(self) -> u32 {
        self.hits + self.misses
    }

    /// Told events that count.
    pub fn told(self) -> u32 {
        self.hits + self.false_alarms
    }

    /// The share of what was told that happened; `None` when nothing was told.
    pub fn precision(self) -> Option<f64> {
        share(self.hits, self.told())
    }

    /// The share of what happened that was told; `None` when nothing happened.
    pub fn recall(self) -> Option<f64> {
        share(self.hits, self.events())
    }

    /// The harmonic mean of both; `None` when nothing happened and nothing was told.
    pub fn f1(self) -> Option<f64> {
        share(2 * self.hits, self.events() + self.told())
    }

    /// 95 % interval of the precision.
    pub fn precision_interval(self) -> Option<Interval> {
        Interval::wilson(self.hits, self.told())
    }

    /// 95 % interval of the recall.
    pub fn recall_interval(self) -> Option<Interval> {
        Interval::wilson(self.hits, self.events())
    }

    /// 95 % interval of F1.
    pub fn f1_interval(self) -> Option<Interval> {
        Interval::f1(self.hits, self.hits + self.misses + self.false_alarms)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.false_alarms += other.false_alarms;
        self.set_aside += other.set_aside;
    }
}

fn share(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_from_the_counts() {
        let tally = Tally { hits: 6, misses: 2, false_alarms: 4, set_aside: 9 };
        assert_eq!((tally.precision(), tally.recall()), (Some(0.6), Some(0.75)));
        assert!((tally.f1().unwrap() - 2.0 * 0.6 * 0.75 / 1.35).abs() < 1e-12);
        assert_eq!(tally.events(), 8);
    }

    #[test]
    fn where_nothing_was_told_there_is_no_precision_and_no_zero_either() {
        let silent = Tally { misses: 3, ..Tally::default() };
        assert_eq!((silent.precision(), silent.recall(), silent.f1()), (None, Some(0.0), Some(0.0)));
        assert_eq!(Tally::default().f1(), None);
    }
}
