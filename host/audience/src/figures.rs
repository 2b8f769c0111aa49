//! How sure the figures of a report are.

use serde::Serialize;
use sluis_frame::DurationClass;

/// The two-sided 95 % quantile of the normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// A share with its interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share itself, 0 to 1.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A median of durations with its interval of 95 %, in closed classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Median {
    /// The class that the median lies in.
    pub class: DurationClass,
    /// The classes that the interval reaches from and to; `None` when there are too few for an interval that rests on groups large enough.
    pub interval: Option<(DurationClass, DurationClass)>,
}

// === impl Share ===

impl Share {
    /// `part` of `whole`, with Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927), which holds for
    /// small numbers and for shares near 0 and 1. `None` of nothing.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        if whole == 0 || part > whole {
            return None;
        }
        let (n, value) = (whole as f64, part as f64 / whole as f64);
        let z2 = Z95 * Z95;
        let middle = (value + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z95 / (1.0 + z2 / n) * (value * (1.0 - value) / n + z2 / (4.0 * n * n)).sqrt();
        Some(Self { value, low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
    }
}

// === impl Median ===

impl Median {
    /// The (lower) median of these, with the distribution-free interval between two order statistics (H. A. David and H. N. Nagaraja, "Order Statistics", section 7.1): it
    /// holds whatever the distribution is, in classes too.
    ///
    /// No figure rests on fewer than `least` people on either side of it: there is no median of fewer than twice as many, and no interval whose ends have fewer beyond
    /// them, for the ends of a small group's interval are the shortest and the longest look of somebody.
    pub fn of(mut durations: Vec<DurationClass>, least: usize) -> Option<Self> {
        let n = durations.len();
        if n < 2 * least.max(1) {
            return None;
        }
        durations.sort_unstable();
        let rank = rank_of_interval(n).filter(|rank| *rank >= least);
        let interval = rank.map(|rank| (durations[rank - 1], durations[n - rank]));
        Some(Self { class: durations[(n - 1) / 2], interval })
    }
}

/// The largest `l`, from 1, such that the median lies between the `l`-th smallest and the `l`-th largest of `n` with at least 95 %: the largest with
/// P(Binomial(n, 1/2) < l) <= 2.5 %.
fn rank_of_interval(n: usize) -> Option<usize> {
    // Probabilities in logarithms: 2^-n is no number for large n.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    for l in 0..n {
        below += log_term.exp();
        if below > 0.025 {
            return (l > 0).then_some(l);
        }
        log_term += ((n - l) as f64 / (l + 1) as f64).ln();
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wilsons_interval_is_the_published_one() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
        for (part, whole, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let share = Share::of(part, whole).unwrap();
            assert!((share.low - low).abs() < 5e-5 && (share.high - high).abs() < 5e-5, "{part} of {whole}: {share:?}");
        }
        assert_eq!(Share::of(0, 0), None);
    }

    #[test]
    fn ranks_of_the_interval_are_those_of_the_tables() {
        // The largest l with P(Binomial(n, 1/2) <= l - 1) <= 0.025.
        for (n, rank) in
            [(5, None), (6, Some(1)), (9, Some(2)), (12, Some(3)), (20, Some(6)), (50, Some(18)), (100, Some(40))]
        {
            assert_eq!(rank_of_interval(n), rank, "{n}");
        }
        assert!(rank_of_interval(100_000).unwrap() > 49_600);
    }

    #[test]
    fn a_median_rests_on_enough_people_on_either_side() {
        use DurationClass::{Below1S, From1S, From5S, From60S};
        let ten = [vec![Below1S; 4], vec![From1S; 3], vec![From60S; 3]].concat();
        assert_eq!(Median::of(ten.clone(), 5), Some(Median { class: From1S, interval: None }));
        assert_eq!(Median::of(ten[..9].to_vec(), 5), None);
        let many = [vec![Below1S; 10], vec![From5S; 20], vec![From60S; 10]].concat();
        assert_eq!(Median::of(many, 5), Some(Median { class: From5S, interval: Some((From5S, From5S)) }));
    }

    proptest! {
        #[test]
        fn the_longest_look_of_a_few_is_never_an_end(durations in prop::collection::vec(0usize..10, 0..80), least in 3usize..8) {
            let durations: Vec<_> = durations.into_iter().map(|class| DurationClass::ALL[class]).collect();
            if let Some(Median { class, interval }) = Median::of(durations.clone(), least) {
                let (low, high) = interval.unwrap_or((class, class));
                prop_assert!(low <= class && class <= high);
                prop_assert!(durations.iter().filter(|d| **d <= low).count() >= least);
                prop_assert!(durations.iter().filter(|d| **d >= high).count() >= least);
            }
        }
    }
}
