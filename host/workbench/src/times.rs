//! How long calls took.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// Times of calls: the middle one, the one that 95 of 100 keep, the longest, and the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Times {
    /// How many calls.
    pub calls: usize,
    /// Half of all took no longer.
    #[serde(rename = "p50_ms", serialize_with = "milliseconds")]
    pub p50: Duration,
    /// 95 of 100 took no longer.
    #[serde(rename = "p95_ms", serialize_with = "milliseconds")]
    pub p95: Duration,
    /// The longest.
    #[serde(rename = "max_ms", serialize_with = "milliseconds")]
    pub max: Duration,
    /// The mean.
    #[serde(rename = "mean_ms", serialize_with = "milliseconds")]
    pub mean: Duration,
}

// === impl Times ===

impl Times {
    /// Of these calls; all zero when there is none.
    pub fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        // The nearest rank: a time that one of the calls really took.
        let rank = |percent: usize| took.get((took.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let total: Duration = took.iter().sum();
        Self {
            calls: took.len(),
            p50: rank(50).unwrap_or_default(),
            p95: rank(95).unwrap_or_default(),
            max: rank(100).unwrap_or_default(),
            mean: total.checked_div(u32::try_from(took.len()).unwrap_or(u32::MAX)).unwrap_or_default(),
        }
    }
}

/// Milliseconds for people: three digits that count.
pub fn shown(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    let places = if ms < 10.0 { 2 } else { usize::from(ms < 100.0) };
    format!("{ms:.places$} ms")
}

/// Milliseconds, to the microsecond.
fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_real_calls() {
        let ms = Duration::from_millis;
        let times = Times::of((1..=100).rev().map(ms).collect());
        assert_eq!((times.calls, times.p50, times.p95, times.max), (100, ms(50), ms(95), ms(100)));
        assert_eq!(times.mean, Duration::from_micros(50_500));
        assert_eq!(Times::of(vec![ms(7)]).p95, ms(7));
        assert_eq!(Times::of(Vec::new()), Times::default());
    }

    #[test]
    fn times_are_shown_in_milliseconds() {
        let shown: Vec<String> = [1_234, 12_345, 123_456].map(|us| shown(Duration::from_micros(us))).into();
        assert_eq!(shown, ["1.23 ms", "12.3 ms", "123 ms"]);
    }
}
