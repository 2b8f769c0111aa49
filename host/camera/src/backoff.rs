//! How long to wait before a camera that was lost is opened again.

use std::time::Duration;

/// Exponential backoff with full jitter: each wait is drawn evenly from nothing up to a ceiling, which doubles with every failure. So many cameras that were
/// lost together, as when a switch restarts, do not all come back in the same second.
///
/// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter"). It only counts; whoever uses it sleeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    /// Failures since the last connection that lasted.
    failures: u32,
}

// === impl Backoff ===

impl Backoff {
    /// The ceiling of the first wait.
    pub const FIRST: Duration = Duration::from_secs(1);

    /// The highest ceiling.
    pub const LONGEST: Duration = Duration::from_secs(60);

    /// A connection that lasted this long was a good one: after it, waits begin again with [`FIRST`](Self::FIRST).
    pub const LASTING: Duration = Duration::from_secs(60);

    /// Nothing has failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long to wait, now that a connection has ended that lasted for `lasted` (nothing, if it never came about). `random` gives a number that is drawn
    /// evenly from 0 to 1; what lies outside counts as the nearer end, and what is no number as 0.
    pub fn after(&mut self, lasted: Duration, random: impl FnOnce() -> f64) -> Duration {
        if lasted >= Self::LASTING {
            self.failures = 0;
        }
        let ceiling = Self::FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        let drawn = Some(random()).filter(|drawn| !drawn.is_nan()).unwrap_or(0.0);
        ceiling.mul_f64(drawn.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ceilings(backoff: &mut Backoff, count: usize) -> Vec<u64> {
        (0..count).map(|_| backoff.after(Duration::ZERO, || 1.0).as_secs()).collect()
    }

    #[test]
    fn the_ceiling_doubles_from_a_second_to_a_minute() {
        assert_eq!(ceilings(&mut Backoff::new(), 9), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_connection_that_lasted_begins_again_and_a_short_one_does_not() {
        let mut backoff = Backoff::new();
        ceilings(&mut backoff, 5);
        assert_eq!(backoff.after(Duration::from_secs(59), || 1.0), Duration::from_secs(32));
        assert_eq!(backoff.after(Duration::from_secs(60), || 1.0), Duration::from_secs(1));
        assert_eq!(backoff.after(Duration::ZERO, || 1.0), Duration::from_secs(2));
    }

    #[test]
    fn waits_are_spread_evenly_below_the_ceiling() {
        let waits = [0.0, 0.25, 0.5, 1.0].map(|drawn| {
            let mut backoff = Backoff::new();
            ceilings(&mut backoff, 2);
            backoff.after(Duration::ZERO, || drawn)
        });
        assert_eq!(waits, [0, 1, 2, 4].map(Duration::from_secs));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_a_minute(failures in 0usize..200, drawn in prop::num::f64::ANY) {
            let mut backoff = Backoff::new();
            ceilings(&mut backoff, failures);
            prop_assert!(backoff.after(Duration::ZERO, || drawn) <= Backoff::LONGEST);
        }
    }
}
