//! What a report is told beside the recordings.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::Serialize;

/// How a report is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The shop's time zone: days and hours are its own.
    pub time_zone: TimeZone,
    /// How many persons a figure must be about.
    pub min_group: MinGroup,
    /// The zones where people pay. Empty: those named `counter` or `checkout`, or so with a dash and more behind it (`counter-2`).
    pub counters: BTreeSet<String>,
}

/// The least number of persons that a figure may be about, unless it is about nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct MinGroup(u32);

/// A least group that hides nothing, or everything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be the smallest group: give a number from {min} to {max}; 5 is usual", min = MinGroup::LOWEST, max = MinGroup::HIGHEST)]
pub struct InvalidMinGroup(String);

// === impl Settings ===

impl Settings {
    /// Whether people pay in this zone.
    pub fn is_counter(&self, zone: &str) -> bool {
        if !self.counters.is_empty() {
            return self.counters.contains(zone);
        }
        let stem = zone.split('-').next().unwrap_or(zone);
        stem == "counter" || stem == "checkout"
    }
}

// === impl MinGroup ===

impl MinGroup {
    /// 5, as is usual for tables of persons.
    pub const DEFAULT: Self = Self(5);

    /// With 2, a neighbour that had to be merged would be exactly 1.
    const LOWEST: u32 = 3;
    const HIGHEST: u32 = 10_000;

    /// Checks a number.
    ///
    /// # Errors
    ///
    /// [`InvalidMinGroup`] below 3 and above 10,000.
    pub fn new(persons: u32) -> Result<Self, InvalidMinGroup> {
        if (Self::LOWEST..=Self::HIGHEST).contains(&persons) {
            Ok(Self(persons))
        } else {
            Err(InvalidMinGroup(persons.to_string()))
        }
    }

    /// The number of persons.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl FromStr for MinGroup {
    type Err = InvalidMinGroup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map_err(|_| InvalidMinGroup(text.to_owned())).and_then(Self::new)
    }
}

impl fmt::Display for MinGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_hides_nothing_is_refused() {
        for text in ["0", "1", "2", "-5", "x", "10001"] {
            assert!(text.parse::<MinGroup>().is_err(), "{text} was accepted");
        }
        assert_eq!("3".parse::<MinGroup>().unwrap().get(), 3);
    }

    #[test]
    fn counters_are_known_by_name_unless_they_are_named() {
        let by_name = Settings { time_zone: TimeZone::UTC, min_group: MinGroup::DEFAULT, counters: BTreeSet::new() };
        assert!(by_name.is_counter("counter") && by_name.is_counter("checkout-2"));
        assert!(!by_name.is_counter("countertop") && !by_name.is_counter("rolls"));
        let named = Settings { counters: ["kassa".to_owned()].into(), ..by_name };
        assert!(named.is_counter("kassa") && !named.is_counter("counter"));
    }
}
