//! How long something takes, counted in classes of duration.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Durations in classes that double from half a millisecond to 32 seconds: enough to read a 99th percentile to within its class, in the space of a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    total: Duration,
    counts: [u64; Self::CLASSES],
}

// === impl Histogram ===

impl Histogram {
    const CLASSES: usize = 18;

    /// The upper bounds of the classes, in seconds; the last class has none.
    pub fn bounds() -> impl Iterator<Item = f64> {
        (0..Self::CLASSES - 1).map(|class| 0.0005 * f64::from(1_u32 << class))
    }

    /// Counts one.
    pub fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        let class = Self::bounds().position(|bound| seconds <= bound).unwrap_or(Self::CLASSES - 1);
        self.counts[class] += 1;
        self.total = self.total.saturating_add(time);
    }

    /// All of them together.
    pub const fn total(&self) -> Duration {
        self.total
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many were counted in each class.
    pub const fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// A bound that a `share` (0 to 1) of them kept to, in seconds; `None` when nothing was counted, infinite when they fell into the last class.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let count = self.count();
        let wanted = (share * count as f64).ceil().max(1.0);
        let mut seen = 0.0;
        let bounds = Self::bounds().chain([f64::INFINITY]);
        bounds
            .zip(&self.counts)
            .find(|(_, in_class)| {
                seen += **in_class as f64;
                count > 0 && seen >= wanted
            })
            .map(|(bound, _)| bound)
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.total = self.total.saturating_add(other.total);
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count = count.saturating_add(*more));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_bound_of_its_class() {
        let mut times = Histogram::default();
        assert_eq!(times.quantile(0.5), None);
        for ms in [1, 1, 1, 1, 1, 1, 1, 1, 1, 100] {
            times.add(Duration::from_millis(ms));
        }
        assert_eq!(times.quantile(0.5), Some(0.001));
        assert_eq!(times.quantile(0.9), Some(0.001));
        assert_eq!(times.quantile(0.99), Some(0.128));
        assert_eq!((times.count(), times.total()), (10, Duration::from_millis(109)));
    }

    #[test]
    fn what_takes_longer_than_all_bounds_is_counted_too() {
        let mut times = Histogram::default();
        times.add(Duration::from_secs(3600));
        assert_eq!(times.quantile(0.5), Some(f64::INFINITY));
        assert_eq!(times.plus(&times).count(), 2);
    }
}
