//! How far a rate that was counted on few events can be trusted.

use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution for 95 %, two-sided.
const Z: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval of a rate; both ends are in 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

// === impl Interval ===

impl Interval {
    /// Of a share of `of` independent events, by Wilson's score method (Wilson 1927, *Probable inference*), which holds for few events and for rates near 0 and
    /// 1, where the usual plus-minus does not. `None` when there were no events.
    ///
    /// ```
    /// let interval = sluis_evaluate::Interval::wilson(8, 10).unwrap();
    /// assert!((interval.low - 0.490).abs() < 1e-3 && (interval.high - 0.943).abs() < 1e-3);
    /// ```
    ///
    /// # Panics
    ///
    /// When there are more hits than events.
    pub fn wilson(hits: u32, of: u32) -> Option<Self> {
        assert!(hits <= of, "{hits} hits in {of} events");
        if of == 0 {
            return None;
        }
        let (n, p) = (f64::from(of), f64::from(hits) / f64::from(of));
        let z2 = Z * Z;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        // Rounding must not leave the rate itself outside, when it is 0 or 1.
        Some(Self { low: (centre - half).clamp(0.0, p), high: (centre + half).clamp(p, 1.0) })
    }

    /// Of an F1, from the same counts as [`Tally::f1`](crate::Tally::f1).
    ///
    /// F1 is no share of independent events, but it is `2 J / (1 + J)` with J = hits / (hits + misses + false alarms), which is one; and that map grows with J.
    pub fn f1(hits: u32, of: u32) -> Option<Self> {
        let of_jaccard = |j: f64| 2.0 * j / (1.0 + j);
        Self::wilson(hits, of).map(|j| Self { low: of_jaccard(j.low), high: of_jaccard(j.high) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_events_have_no_interval() {
        assert_eq!(Interval::wilson(0, 0), None);
    }

    #[test]
    fn all_of_twenty_may_still_be_five_in_six() {
        let interval = Interval::wilson(20, 20).unwrap();
        assert_eq!(interval.high, 1.0);
        assert!((interval.low - 0.839).abs() < 1e-3, "{interval:?}");
    }

    proptest! {
        #[test]
        fn the_rate_is_within_its_interval_and_more_events_narrow_it(hits in 0u32..500, more in 0u32..500) {
            let of = hits + more;
            prop_assume!(of > 0);
            let rate = f64::from(hits) / f64::from(of);
            let (few, many) = (Interval::wilson(hits, of).unwrap(), Interval::wilson(hits * 4, of * 4).unwrap());
            prop_assert!(0.0 <= few.low && few.low <= rate && rate <= few.high && few.high <= 1.0);
            prop_assert!(many.high - many.low < few.high - few.low);
            let f1 = Interval::f1(hits, of).unwrap();
            prop_assert!(f1.low >= few.low && f1.high >= few.high - 1e-12 && f1.high <= 1.0);
        }
    }
}
