//! How long a recording may be kept.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::Timestamp;

use crate::error::Error;

/// How long after its recording a segment is destroyed: more than nothing, at most 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retention(Duration);

/// The moment from which a segment must be unreadable. It is fixed when the segment is opened and never moves later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deadline(Timestamp);

// === impl Retention ===

impl Retention {
    /// 30 days: what the study's policy promises at the most.
    pub const CEILING: Self = Self(Duration::from_secs(30 * 24 * 3600));

    /// 72 hours: what the EDPB's Guidelines 3/2019 (paragraph 121) call usual for video surveillance.
    pub const DEFAULT: Self = Self(Duration::from_secs(72 * 3600));

    /// Checks a duration.
    ///
    /// # Errors
    ///
    /// [`Error::Retention`] for nothing and for more than [`CEILING`](Self::CEILING).
    pub fn new(time: Duration) -> Result<Self, Error> {
        if time.is_zero() || time > Self::CEILING.0 {
            return Err(Error::Retention { asked: time });
        }
        Ok(Self(time))
    }

    /// The duration.
    pub const fn get(self) -> Duration {
        self.0
    }

    /// When a recording that began at `started` must be gone.
    pub fn deadline(self, started: Timestamp) -> Deadline {
        Deadline(started + self.0)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::DEFAULT
    }
}

// === impl Deadline ===

impl Deadline {
    /// As the index stores it.
    pub(crate) const fn at(time: Timestamp) -> Self {
        Self(time)
    }

    /// The moment.
    pub const fn time(self) -> Timestamp {
        self.0
    }

    /// Whether it has come. A segment is readable strictly before its deadline.
    pub fn has_passed(self, now: Timestamp) -> bool {
        now >= self.0
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&display(self.0))
    }
}

/// A moment for people: UTC, to the second.
pub(crate) fn display(time: Timestamp) -> String {
    match jiff::Timestamp::from_second(time.as_secs()) {
        Ok(time) => time.to_string(),
        Err(_) => format!("{} s after 1970", time.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_thirty_days_is_refused() {
        assert!(Retention::new(Retention::CEILING.get()).is_ok());
        let error = Retention::new(Retention::CEILING.get() + Duration::from_nanos(1)).unwrap_err();
        assert!(error.to_string().contains("at most 720 hours"), "{error}");
    }

    #[test]
    fn no_retention_at_all_is_refused() {
        assert!(Retention::new(Duration::ZERO).is_err());
    }

    #[test]
    fn a_deadline_has_passed_when_its_moment_comes() {
        let deadline = Retention::new(Duration::from_secs(10)).unwrap().deadline(Timestamp::from_secs(100));
        assert!(!deadline.has_passed(Timestamp::from_nanos(110_000_000_000 - 1)));
        assert!(deadline.has_passed(Timestamp::from_secs(110)));
        assert_eq!(deadline.to_string(), "1970-01-01T00:01:50Z");
    }
}
