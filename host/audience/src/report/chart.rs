//! Charts, as SVG.
//!
//! One for each screen and day: a line for each advert, with its hours and quarters beneath where they are told, each a dot at the share that looked, a whisker over its
//! interval of 95 %, and the numbers that it rests on. A merged time is one line over its whole range, so the chart shows no more than the table.

use std::fmt::Write;

use super::html::escape;
use super::row::label;
use super::table;
use crate::contact::LocalTime;
use crate::figures::Share;
use crate::group::Group;

/// In user units, which are pixels at the usual size.
const LINE: f64 = 22.0;
const LEFT: f64 = 210.0;
const PLOT: f64 = 380.0;
const RIGHT: f64 = 210.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 34.0;

/// The chart of one screen.
pub(super) fn draw(title: &str, screen: &Group, local: &LocalTime) -> String {
    let mut lines = Vec::new();
    flatten(&mut lines, 0, screen, "all of the screen".to_owned(), local);
    let (width, height) = (LEFT + PLOT + RIGHT, TOP + LINE * lines.len() as f64 + BOTTOM);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="sans-serif" font-size="12" fill="#222"><title>{}</title><rect width="{width}" height="{height}" fill="#fff"/>"##,
        escape(title)
    );
    let _ = write!(out, r##"<text x="{LEFT}" y="18" font-weight="bold">share that looked</text>"##);
    let _ = write!(
        out,
        r##"<text x="{}" y="18" font-weight="bold">looked / present, median look</text>"##,
        LEFT + PLOT + 12.0
    );
    let floor = height - BOTTOM;
    for tick in (0..=100).step_by(20) {
        let x = at(f64::from(tick) / 100.0);
        let _ = write!(
            out,
            r##"<line x1="{x}" y1="{}" x2="{x}" y2="{floor}" stroke="#ddd"/><text x="{x}" y="{}" text-anchor="middle" fill="#555">{tick} %</text>"##,
            TOP - 6.0,
            floor + 18.0
        );
    }
    for (n, line) in lines.iter().enumerate() {
        line.draw(&mut out, TOP + LINE * (n as f64 + 0.5));
    }
    out += "</svg>";
    out
}

struct Line<'g> {
    depth: usize,
    label: String,
    group: &'g Group,
}

/// The groups in order, each with its parts beneath it. Parts that say the same as the whole (a single advert, a single hour) are left out.
fn flatten<'g>(lines: &mut Vec<Line<'g>>, depth: usize, group: &'g Group, label_of: String, local: &LocalTime) {
    lines.push(Line { depth, label: label_of, group });
    for part in &group.parts {
        if group.parts.len() == 1 && matches!(part.key, crate::group::Key::Time { .. }) && !part.parts.is_empty() {
            for inner in &part.parts {
                flatten(lines, depth + 1, inner, label(&inner.key, inner.level, local), local);
            }
        } else {
            flatten(lines, depth + 1, part, label(&part.key, part.level, local), local);
        }
    }
}

fn at(share: f64) -> f64 {
    LEFT + share * PLOT
}

// === impl Line ===

impl Line<'_> {
    fn draw(&self, out: &mut String, y: f64) {
        let text = y + 4.0;
        let weight = if self.depth <= 1 { "bold" } else { "normal" };
        let _ = write!(
            out,
            r##"<text x="{}" y="{text}" font-weight="{weight}">{}</text>"##,
            8.0 + 14.0 * self.depth as f64,
            escape(&shortened(&self.label, 30usize.saturating_sub(2 * self.depth)))
        );
        let Some(Share { value, low, high }) = self.group.share() else { return };
        let (colour, radius) = if self.depth <= 1 { ("#0b5394", 5.0) } else { ("#5b8db8", 3.5) };
        let _ = write!(
            out,
            r##"<line x1="{:.1}" y1="{y}" x2="{:.1}" y2="{y}" stroke="{colour}" stroke-width="2"/><circle cx="{:.1}" cy="{y}" r="{radius}" fill="{colour}"/>"##,
            at(low),
            at(high),
            at(value)
        );
        let median = self.group.median.map_or_else(|| "–".to_owned(), |median| median.class.to_string());
        let _ = write!(
            out,
            r##"<text x="{}" y="{text}">{} / {}, {median}<title>{}</title></text>"##,
            LEFT + PLOT + 12.0,
            self.group.looked,
            self.group.present,
            table::share(self.group.share())
        );
    }
}

/// A name that fits its place.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
