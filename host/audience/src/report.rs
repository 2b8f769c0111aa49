//! The report: what may be told of visits and a playlist, as table, CSV, JSON and HTML.
//!
//! - [`row`]: the report as rows, each with its figures.
//! - `table`, `csv`, `json`, `html`: as text.
//! - `chart`: as a drawing.

mod chart;
mod html;
mod json;
pub mod row;
mod table;

use std::collections::BTreeMap;

use jiff::civil::Date;
use sluis_frame::{Timestamp, Visit};

use crate::contact::{LocalTime, contacts};
use crate::group::{Day, Grouping, MinGroup};
use crate::playlist::Playlist;

pub use row::Row;

/// What may be told, day by day.
#[derive(Debug, Clone)]
pub struct Report {
    facts: Facts,
    days: BTreeMap<Date, Day>,
    unfinished: Vec<Date>,
}

/// What a report is made of, beside visits and playlist.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The smallest group.
    pub min_group: MinGroup,
    /// The shop's local time.
    pub local: LocalTime,
    /// Whether groups are told apart by sex and age classes.
    pub demographics: bool,
    /// The shop, for the title.
    pub shop: String,
    /// Everything that ends before this was recorded in full: days that are not over by then are [unfinished](Report::unfinished).
    pub complete_until: Timestamp,
    /// Everything from this on is still there: earlier recordings were destroyed at their deadline.
    pub complete_from: Timestamp,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for a terminal.
    Table,
    /// Comma-separated values, RFC 4180.
    Csv,
    /// One JSON object.
    Json,
    /// A page with tables and charts, complete in itself.
    Html,
}

// === impl Report ===

impl Report {
    /// What may be told of whole days.
    ///
    /// A day that is not over, or of which recordings were destroyed, is left out unless `unfinished` asks for it: whoever sees it twice, with somebody more or less in it,
    /// can subtract.
    pub fn new(visits: &[Visit], playlist: &Playlist, facts: Facts, unfinished: bool) -> Self {
        let contacts = contacts(visits, playlist, &facts.local);
        let grouping = Grouping { min_group: facts.min_group, local: &facts.local, demographics: facts.demographics };
        let mut days = grouping.days(&contacts);
        let is_whole = |date: &Date| {
            let end = facts.local.end_of(*date);
            let start = date.yesterday().map_or(Timestamp::from_nanos(i64::MIN), |before| facts.local.end_of(before));
            start >= facts.complete_from && end <= facts.complete_until
        };
        let parts: Vec<Date> = days.keys().filter(|date| !is_whole(date)).copied().collect();
        if !unfinished {
            days.retain(|date, _| is_whole(date));
        }
        Self { facts, days, unfinished: parts }
    }

    /// The days that are not whole: not over, or partly destroyed.
    pub fn unfinished(&self) -> &[Date] {
        &self.unfinished
    }

    /// Whether there is no day to tell of.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The report as text.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Table => table::write(self),
            Format::Csv => row::as_csv(self),
            Format::Json => json::write(self),
            Format::Html => html::write(self),
        }
    }

    fn rows(&self) -> Vec<Row> {
        row::rows(self)
    }

    /// How days that are told though they are not whole are marked.
    fn mark(&self, date: Date) -> &'static str {
        if self.unfinished.contains(&date) { " (unfinished: not for passing on)" } else { "" }
    }
}

/// What every reader should know, under every form of the report.
fn footnotes(report: &Report) -> Vec<String> {
    let least = report.facts.min_group.get();
    vec![
        "present: persons whose face was seen while the advert was on, from any side that the detector knows. Who stays for two adverts counts at each.".to_owned(),
        "looked: those whose head was turned to the screen for several frames. An estimate from five points of the face; eyes are not looked at.".to_owned(),
        "looked for: the longest look of each at that advert; the median, in classes. Intervals are of 95 % (Wilson; order statistics).".to_owned(),
        format!("Groups of fewer than {least}, or that would let such a group be computed, are merged with others, or not told."),
    ]
}

#[cfg(test)]
mod tests;
