//! Which advert was on which screen, and when: the log that the player of the adverts keeps.
//!
//! As CSV, with a header and in any order of rows:
//!
//! ```csv
//! screen,advert,start,end
//! checkout-3,coffee,2026-06-28T09:00:00+02:00,2026-06-28T09:00:20+02:00
//! ```
//!
//! As JSON, an array of objects with the same four keys. Times are RFC 3339 with their offset; an advert is shown from `start` until just before `end`.
//!
//! Reading is strict: a playlist that says two things at once, or something that is not understood, is an error with line and column, for a report on a misread
//! playlist looks like any other.

mod text;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sluis_frame::{ScreenId, Timestamp};

pub use text::Error;

/// What was on a screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advert {
    /// An advert, by its name in the playlist.
    Named(Box<str>),
    /// Nothing that the playlist knows of.
    None,
}

/// What was on all screens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Playlist {
    /// In order of time, without overlap.
    screens: BTreeMap<ScreenId, Vec<Spot>>,
}

/// One showing of an advert: `start <= t < end`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot {
    start: Timestamp,
    end: Timestamp,
    advert: Advert,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    screen: ScreenId,
    #[serde(deserialize_with = "text::advert")]
    advert: Box<str>,
    #[serde(deserialize_with = "text::time")]
    start: Timestamp,
    #[serde(deserialize_with = "text::time")]
    end: Timestamp,
}

// === impl Playlist ===

impl Playlist {
    /// Reads a playlist; `name` is what errors call it. It is JSON when its first character is `[`, else CSV.
    ///
    /// # Errors
    ///
    /// [`Error`] with line and column.
    pub fn read(name: &str, text: &str) -> Result<Self, Error> {
        text::read(name, text)
    }

    /// Whether it shows nothing at all.
    pub fn is_empty(&self) -> bool {
        self.screens.is_empty()
    }

    /// What was on `screen` at a moment, and until when that stays so (just before it; `None` is forever).
    pub fn at(&self, screen: &ScreenId, moment: Timestamp) -> (Advert, Option<Timestamp>) {
        let spots = self.screens.get(screen).map_or(&[][..], Vec::as_slice);
        let next = spots.partition_point(|spot| spot.end <= moment);
        match spots.get(next) {
            Some(spot) if spot.start <= moment => (spot.advert.clone(), Some(spot.end)),
            Some(spot) => (Advert::None, Some(spot.start)),
            None => (Advert::None, None),
        }
    }

    /// Adds a row; two that overlap on one screen are answered.
    fn add(&mut self, row: Row) -> Result<(), Overlap> {
        let Row { screen, advert, start, end } = row;
        let spots = self.screens.entry(screen).or_default();
        let place = spots.partition_point(|spot| spot.start < start);
        let before = place.checked_sub(1).map(|before| &spots[before]).filter(|before| before.end > start);
        if let Some(other) = before.or_else(|| spots.get(place).filter(|after| after.start < end)) {
            return Err(Overlap { advert: other.advert.clone() });
        }
        spots.insert(place, Spot { start, end, advert: Advert::Named(advert) });
        Ok(())
    }
}

/// Another advert is on the screen at that time.
struct Overlap {
    advert: Advert,
}

// === impl Advert ===

impl fmt::Display for Advert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(name) => name,
            Self::None => "(no advert)",
        })
    }
}

impl Serialize for Advert {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => serializer.serialize_str(name),
            Self::None => serializer.serialize_none(),
        }
    }
}
