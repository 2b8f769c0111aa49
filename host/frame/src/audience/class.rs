//! The closed classes of the audience measurement.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How large a face is in the picture: a proxy for distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeClass {
    /// Less than 32 pixels high.
    Small,
    /// 32 to 95 pixels high.
    Medium,
    /// 96 pixels high or more.
    Large,
}

/// Closed age classes; below 18 or unsure is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgeClass {
    /// Not estimated, unsure, or below 18.
    Unknown,
    /// 18 to 29 years.
    From18To29,
    /// 30 to 44 years.
    From30To44,
    /// 45 to 59 years.
    From45To59,
    /// 60 years or more.
    From60,
}

/// Closed sex classes, as estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SexClass {
    /// Not estimated, or unsure.
    Undetermined,
    /// Estimated female.
    Female,
    /// Estimated male.
    Male,
}

/// Closed classes of how long something lasted, the shortest first. Each begins with its lower bound and ends before the next one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DurationClass {
    /// Less than 1 s.
    Below1S,
    /// 1 s to 2 s.
    From1S,
    /// 2 s to 3 s.
    From2S,
    /// 3 s to 5 s.
    From3S,
    /// 5 s to 10 s.
    From5S,
    /// 10 s to 20 s.
    From10S,
    /// 20 s to 30 s.
    From20S,
    /// 30 s to 60 s.
    From30S,
    /// 60 s to 120 s.
    From60S,
    /// 120 s or more.
    From120S,
}

// === impl SizeClass ===

impl SizeClass {
    /// All, the smallest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];
}

// === impl AgeClass ===

impl AgeClass {
    /// All, unknown first, then the youngest.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::From18To29, Self::From30To44, Self::From45To59, Self::From60];
}

impl fmt::Display for AgeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "age unknown",
            Self::From18To29 => "18–29",
            Self::From30To44 => "30–44",
            Self::From45To59 => "45–59",
            Self::From60 => "60+",
        })
    }
}

// === impl SexClass ===

impl SexClass {
    /// All, undetermined first.
    pub const ALL: [Self; 3] = [Self::Undetermined, Self::Female, Self::Male];
}

impl fmt::Display for SexClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undetermined => "undetermined",
            Self::Female => "female",
            Self::Male => "male",
        })
    }
}

// === impl DurationClass ===

impl DurationClass {
    /// All, the shortest first.
    pub const ALL: [Self; 10] = [
        Self::Below1S,
        Self::From1S,
        Self::From2S,
        Self::From3S,
        Self::From5S,
        Self::From10S,
        Self::From20S,
        Self::From30S,
        Self::From60S,
        Self::From120S,
    ];

    /// The class of a duration.
    pub fn of(duration: Duration) -> Self {
        Self::ALL.into_iter().rev().find(|class| class.floor() <= duration).unwrap_or(Self::Below1S)
    }

    /// The shortest duration in it.
    pub const fn floor(self) -> Duration {
        Duration::from_secs(match self {
            Self::Below1S => 0,
            Self::From1S => 1,
            Self::From2S => 2,
            Self::From3S => 3,
            Self::From5S => 5,
            Self::From10S => 10,
            Self::From20S => 20,
            Self::From30S => 30,
            Self::From60S => 60,
            Self::From120S => 120,
        })
    }

    /// Every duration in it is shorter than this; `None` for the last, which has no end.
    pub fn ceiling(self) -> Option<Duration> {
        Self::ALL.into_iter().find(|class| *class > self).map(Self::floor)
    }
}

impl fmt::Display for DurationClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.floor().as_secs(), self.ceiling()) {
            (0, Some(end)) => write!(f, "below {} s", end.as_secs()),
            (from, Some(end)) => write!(f, "{from}–{} s", end.as_secs()),
            (from, None) => write!(f, "{from} s or more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_duration_has_the_one_class_that_holds_it(millis in 0u64..400_000) {
            let duration = Duration::from_millis(millis);
            let holds = |class: &DurationClass| class.floor() <= duration && class.ceiling().is_none_or(|end| duration < end);
            let holding: Vec<_> = DurationClass::ALL.into_iter().filter(holds).collect();
            prop_assert_eq!(holding, vec![DurationClass::of(duration)]);
        }
    }

    #[test]
    fn classes_are_told_as_people_read_them() {
        assert_eq!(DurationClass::Below1S.to_string(), "below 1 s");
        assert_eq!(DurationClass::From5S.to_string(), "5–10 s");
        assert_eq!(DurationClass::From120S.to_string(), "120 s or more");
        assert_eq!(serde_json::to_string(&DurationClass::From10S).unwrap(), r#""from10-s""#);
    }
}
