//! The report as a table for a terminal.

use std::fmt::Write;

use super::{Report, footnotes};
use crate::figures::{Median, Share};

pub(super) fn write(report: &Report) -> String {
    let rows = report.rows();
    let mut out = format!("Audience of {}\n\n", report.facts.shop);
    let wide = rows.iter().map(|row| row.label.chars().count() + 2 * row.depth).max().unwrap_or(0).max(24);
    let _ = writeln!(out, "{:wide$}  {:>7}  {:>7}  {:>19}  looked for (median)", "", "present", "looked", "share");
    for row in &rows {
        let label = format!("{:indent$}{}", "", row.label, indent = 2 * row.depth);
        let looked = row.looked.map_or_else(|| "–".to_owned(), |looked| looked.to_string());
        let (share, median) = (share(row.share), median(row.median));
        let _ = writeln!(out, "{label:wide$}  {:>7}  {looked:>7}  {share:>19}  {median}", row.present);
    }
    if rows.is_empty() {
        let _ = writeln!(out, "Nothing may be told: no whole day with a group large enough.");
    }
    let _ = writeln!(out);
    for note in footnotes(report) {
        let _ = writeln!(out, "{note}");
    }
    out
}

/// A share for people: `25 % (19–32 %)`.
pub(super) fn share(share: Option<Share>) -> String {
    let percent = |value: f64| (value * 100.0).round();
    share.map_or_else(
        || "–".to_owned(),
        |Share { value, low, high }| format!("{} % ({}–{} %)", percent(value), percent(low), percent(high)),
    )
}

/// A median for people: `2–3 s (1–2 s to 3–5 s)`.
pub(super) fn median(median: Option<Median>) -> String {
    match median {
        None => "–".to_owned(),
        Some(Median { class, interval: None }) => class.to_string(),
        Some(Median { class, interval: Some((low, high)) }) if low == high => format!("{class} (all of the interval)"),
        Some(Median { class, interval: Some((low, high)) }) => format!("{class} ({low} to {high})"),
    }
}
