//! A report as a table, CSV, JSON and HTML.

mod csv;
mod html;
mod svg;
mod table;
mod text;

use std::fmt;
use std::str::FromStr;

use crate::report::Report;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Table,
    /// One line for each figure, for spreadsheets: RFC 4180.
    Csv,
    /// [`Report`] itself.
    Json,
    /// One page that stands alone: no scripts, nothing loaded.
    Html,
}

/// Text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format of a report: use table, csv, json or html")]
pub struct UnknownFormat(String);

// === impl Format ===

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Table, Self::Csv, Self::Json, Self::Html];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// Writes a report.
    pub fn render(self, report: &Report) -> String {
        match self {
            Self::Table => table::render(report),
            Self::Csv => csv::render(report),
            Self::Json => serde_json::to_string_pretty(report).expect("a report is plain data") + "\n",
            Self::Html => html::render(report),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|f| f.as_str() == name).ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
