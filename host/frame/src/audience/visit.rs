//! One person's stay before a screen.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audience::{AgeClass, DurationClass, SexClass, SizeClass};
use crate::camera::CameraId;
use crate::clock::Timestamp;

/// The name of a screen in the configuration: 1 to 48 characters of `a-z`, `0-9`, `-` and `_`, starting with a letter or digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScreenId(CameraId);

/// A name that no screen can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a screen: use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit")]
pub struct InvalidScreenId(String);

/// One person's stay before a screen, told when he or she has gone: all that is kept of it.
///
/// It has no number for the person: who comes back is somebody new. Times are whole seconds, rounded down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Visit {
    screen: ScreenId,
    since: Timestamp,
    stay: DurationClass,
    glances: Vec<Glance>,
    size: SizeClass,
    age: AgeClass,
    sex: SexClass,
}

/// One look at the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glance {
    /// When it began: a whole second, rounded down.
    pub start: Timestamp,
    /// How long it lasted.
    pub length: DurationClass,
}

/// A visit that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVisit {
    /// A time finer than a second says more than a visit may.
    #[error("a time of a visit is not a whole second")]
    FineTime,
    /// Glances before the visit, out of order, or too many.
    #[error("the glances of a visit are not in order, begin before it, or are more than {}", Visit::MOST_GLANCES)]
    Glances,
}

/// A visit as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    screen: ScreenId,
    since: Timestamp,
    stay: DurationClass,
    glances: Vec<Glance>,
    size: SizeClass,
    age: AgeClass,
    sex: SexClass,
}

// === impl ScreenId ===

impl ScreenId {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`InvalidScreenId`] when the name has another length or alphabet.
    pub fn new(name: &str) -> Result<Self, InvalidScreenId> {
        // The alphabet of cameras, for the same reason: it appears in file names and reports.
        CameraId::new(name).map(Self).map_err(|_| InvalidScreenId(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ScreenId {
    type Err = InvalidScreenId;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl TryFrom<String> for ScreenId {
    type Error = InvalidScreenId;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

impl From<ScreenId> for String {
    fn from(id: ScreenId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for ScreenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ScreenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// === impl Visit ===

impl Visit {
    /// Glances that one visit tells of; further ones are not kept.
    pub const MOST_GLANCES: usize = 16;

    /// A visit to `screen` that began at `since` (rounded down to a second) and lasted `stay`. Nobody looked yet, and nothing is known of the person.
    pub fn new(screen: ScreenId, since: Timestamp, stay: Duration, size: SizeClass) -> Self {
        Self {
            screen,
            since: whole_second(since),
            stay: DurationClass::of(stay),
            glances: Vec::new(),
            size,
            age: AgeClass::Unknown,
            sex: SexClass::Undetermined,
        }
    }

    /// With a glance after the ones before: from `start` (rounded down to a second), `length` long. Not kept when there are
    /// [`MOST_GLANCES`](Self::MOST_GLANCES), or when it is earlier than the visit or its last glance.
    #[must_use]
    pub fn with_glance(mut self, start: Timestamp, length: Duration) -> Self {
        let start = whole_second(start);
        let earliest = self.glances.last().map_or(self.since, |last| last.start);
        if self.glances.len() < Self::MOST_GLANCES && start >= earliest {
            self.glances.push(Glance { start, length: DurationClass::of(length) });
        }
        self
    }

    /// With what a demographic model estimated.
    #[must_use]
    pub fn with_person(mut self, age: AgeClass, sex: SexClass) -> Self {
        (self.age, self.sex) = (age, sex);
        self
    }

    /// Which screen.
    pub const fn screen(&self) -> &ScreenId {
        &self.screen
    }

    /// When the person was first seen: a whole second, rounded down.
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// How long the person stayed.
    pub const fn stay(&self) -> DurationClass {
        self.stay
    }

    /// The looks at the screen, in order; none when the person did not look.
    pub fn glances(&self) -> &[Glance] {
        &self.glances
    }

    /// How large the face was in the picture, most of the time.
    pub const fn size(&self) -> SizeClass {
        self.size
    }

    /// The estimated age class; unknown unless the demographic switch is on.
    pub const fn age(&self) -> AgeClass {
        self.age
    }

    /// The estimated sex class; undetermined unless the demographic switch is on.
    pub const fn sex(&self) -> SexClass {
        self.sex
    }
}

impl TryFrom<Written> for Visit {
    type Error = InvalidVisit;

    fn try_from(written: Written) -> Result<Self, InvalidVisit> {
        let Written { screen, since, stay, glances, size, age, sex } = written;
        let starts = || std::iter::once(since).chain(glances.iter().map(|glance| glance.start));
        if starts().any(|time| time != whole_second(time)) {
            return Err(InvalidVisit::FineTime);
        }
        if glances.len() > Self::MOST_GLANCES || !starts().is_sorted() {
            return Err(InvalidVisit::Glances);
        }
        Ok(Self { screen, since, stay, glances, size, age, sex })
    }
}

impl From<Visit> for Written {
    fn from(visit: Visit) -> Self {
        let Visit { screen, since, stay, glances, size, age, sex } = visit;
        Self { screen, since, stay, glances, size, age, sex }
    }
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_secs(time.as_secs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn visit() -> Visit {
        let since = Timestamp::from_nanos(100_900_000_000);
        Visit::new(ScreenId::new("checkout-3").unwrap(), since, Duration::from_secs(12), SizeClass::Medium)
            .with_glance(Timestamp::from_nanos(103_200_000_000), Duration::from_millis(2500))
            .with_person(AgeClass::From60, SexClass::Female)
    }

    proptest! {
        #[test]
        fn a_visit_comes_back_as_it_was_and_no_finer_than_a_second(since in 0i64..4_000_000_000_000_000_000, later in prop::collection::vec(0u64..90_000, 0..30)) {
            let since = Timestamp::from_nanos(since);
            let mut visit = Visit::new(ScreenId::new("a").unwrap(), since, Duration::from_secs(9), SizeClass::Small);
            for later in later {
                visit = visit.with_glance(since + Duration::from_millis(later), Duration::from_millis(later / 3));
            }
            let json = serde_json::to_string(&visit).unwrap();
            prop_assert_eq!(serde_json::from_str::<Visit>(&json).unwrap(), visit.clone());
            prop_assert!(visit.glances().len() <= Visit::MOST_GLANCES);
            prop_assert!(visit.glances().iter().all(|g| g.start.as_nanos() % 1_000_000_000 == 0));
        }
    }

    #[test]
    fn a_visit_is_written_in_classes_and_whole_seconds() {
        assert_eq!(
            serde_json::to_string(&visit()).unwrap(),
            r#"{"screen":"checkout-3","since":100000000000,"stay":"from10-s","glances":[{"start":103000000000,"length":"from2-s"}],"size":"medium","age":"from60","sex":"female"}"#
        );
    }

    #[test]
    fn a_visit_that_says_more_than_it_may_is_not_read() {
        let good = serde_json::to_string(&visit()).unwrap();
        for (from, to) in [
            ("100000000000", "100000000001"),
            ("103000000000", "99000000000"),
            ("checkout-3", "../x"),
            ("\"medium\"", "\"medium\",\"name\":\"Anna\""),
            ("from2-s", "2.5"),
        ] {
            assert!(good.contains(from));
            assert!(serde_json::from_str::<Visit>(&good.replace(from, to)).is_err(), "{from} as {to} was read");
        }
    }
}
