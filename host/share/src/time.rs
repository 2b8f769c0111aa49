//! Moments.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment: nanoseconds since 1970, UTC. In documents it is an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

// === impl Time ===

impl Time {
    /// From nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// This much later, or the last moment that there is.
    pub(crate) const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000_000)))
    }
}

impl fmt::Display for Time {
    /// UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.div_euclid(1_000_000_000)) {
            Ok(time) => time.fmt(f),
            Err(_) => write!(f, "{} ns after 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc() {
        assert_eq!(Time::from_nanos(1_782_604_800_999_999_999).to_string(), "2026-06-28T00:00:00Z");
        assert_eq!(Time::from_nanos(i64::MAX).plus_seconds(1), Time::from_nanos(i64::MAX));
        for end in [i64::MIN, i64::MAX] {
            assert!(!Time::from_nanos(end).to_string().is_empty());
        }
    }
}
