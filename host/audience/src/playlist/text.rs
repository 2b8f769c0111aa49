//! Reads playlists.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use sluis_frame::Timestamp;
use sluis_frame::audience::InvalidScreenId;

use super::{Overlap, Playlist, Row};
use crate::csv::{self, Field};

/// What is wrong with a playlist, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}:{column}: {message}")]
#[non_exhaustive]
pub struct Error {
    /// The playlist.
    pub name: String,
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
    /// What is wrong, and what to do.
    pub message: String,
}

/// The columns, in their order.
const COLUMNS: [&str; 4] = ["screen", "advert", "start", "end"];

/// Characters of an advert's name.
const LONGEST_NAME: usize = 100;

pub(super) fn read(name: &str, text: &str) -> Result<Playlist, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json = text.trim_start().starts_with('[');
    let read = if json { read_json(text) } else { read_csv(text) };
    read.map_err(|fault| Error {
        name: name.to_owned(),
        line: fault.line,
        column: fault.column,
        message: fault.message,
    })
}

/// As [`Error`], before the playlist's name is known.
struct Fault {
    line: u64,
    column: u64,
    message: String,
}

// === CSV ===

fn read_csv(text: &str) -> Result<Playlist, Fault> {
    let no_csv = |csv::NoCsv { line, column, message }| Fault { line, column, message: message.to_owned() };
    let mut rows = csv::read(text).map_err(no_csv)?.into_iter();
    let header = rows.next().unwrap_or_default();
    if !header.iter().map(|field| field.text.as_str()).eq(COLUMNS) {
        let wrong = header.iter().zip(COLUMNS).find(|(field, name)| field.text != *name);
        let column = wrong.map_or(1, |(field, _)| field.column);
        return Err(Fault { line: 1, column, message: format!("the first line must be `{}`", COLUMNS.join(",")) });
    }
    let mut playlist = Playlist::default();
    for row in rows {
        let fields: [Field; 4] = row.try_into().map_err(|row: Vec<Field>| {
            let message = format!("the row has {} fields, and {} are wanted", row.len(), COLUMNS.len());
            at(&row[row.len().min(COLUMNS.len() + 1) - 1], message)
        })?;
        let [screen, advert, start, end] = &fields;
        let row = Row {
            screen: screen.text.parse().map_err(|e: InvalidScreenId| at(screen, e.to_string()))?,
            advert: checked_advert(&advert.text).map_err(|e| at(advert, e))?,
            start: checked_time(&start.text).map_err(|e| at(start, e))?,
            end: checked_time(&end.text).map_err(|e| at(end, e))?,
        };
        add(&mut playlist, row).map_err(|(column, message)| at(&fields[column], message))?;
    }
    Ok(playlist)
}

fn at(field: &Field, message: String) -> Fault {
    Fault { line: field.line, column: field.column, message }
}

// === JSON ===

/// Adds row by row while it is read.
struct Rows(Playlist);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachRow;

        impl<'de> Visitor<'de> for EachRow {
            type Value = Rows;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of objects with `screen`, `advert`, `start` and `end`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Rows, A::Error> {
                let mut playlist = Playlist::default();
                let mut number = 0;
                while let Some(row) = rows.next_element::<Row>()? {
                    number += 1;
                    // The reader is past the row by now, so its number says where.
                    add(&mut playlist, row).map_err(|(_, m)| A::Error::custom(format!("object {number}: {m}")))?;
                }
                Ok(Rows(playlist))
            }
        }

        deserializer.deserialize_seq(EachRow)
    }
}

fn read_json(text: &str) -> Result<Playlist, Fault> {
    serde_json::from_str::<Rows>(text).map(|rows| rows.0).map_err(|error| {
        let message = error.to_string();
        // The place is told apart from the message.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
        Fault { line: error.line().max(1) as u64, column: error.column().max(1) as u64, message }
    })
}

// === what both share ===

/// Adds a row, or says which column is wrong, from 0, and how.
fn add(playlist: &mut Playlist, row: Row) -> Result<(), (usize, String)> {
    if row.start >= row.end {
        return Err((3, "the end is not after the start".to_owned()));
    }
    let screen = row.screen.clone();
    playlist.add(row).map_err(|Overlap { advert }| {
        (2, format!("screen `{screen}` shows `{advert}` at that time: a screen shows one advert at a time"))
    })
}

fn checked_advert(name: &str) -> Result<Box<str>, String> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME || name.trim() != name || name.chars().any(char::is_control) {
        return Err(format!(
            "`{name}` cannot name an advert: use 1 to {LONGEST_NAME} characters without spaces at the ends"
        ));
    }
    Ok(name.into())
}

fn checked_time(text: &str) -> Result<Timestamp, String> {
    let moment: jiff::Timestamp =
        text.parse().map_err(|_| format!("`{text}` is no time: write it as 2026-06-28T09:00:00+02:00"))?;
    i64::try_from(moment.as_nanosecond())
        .map(Timestamp::from_nanos)
        .map_err(|_| format!("`{text}` is not in the years that this program reckons with"))
}

pub(super) fn advert<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
    checked_advert(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    checked_time(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests;
