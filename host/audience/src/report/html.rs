//! The report as a page, complete in itself: no script, no style sheet, no font from elsewhere.

use std::fmt::Write;

use super::{Report, chart, footnotes, row, table};
use crate::group::Day;

const STYLE: &str = "body{font:15px/1.5 sans-serif;color:#222;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:right}\
th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto;border:1px solid #ddd;margin:.5rem 0}\
small{color:#555;display:block}.unfinished{color:#a00}";

pub(super) fn write(report: &Report) -> String {
    let mut out = String::new();
    let shop = escape(&report.facts.shop);
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>Audience of {shop}</title><style>{STYLE}</style></head><body><h1>Audience of {shop}</h1>"
    );
    if report.is_empty() {
        out += "<p>Nothing may be told: there is no whole day.</p>";
    }
    for (date, day) in &report.days {
        let mark = report.mark(*date);
        let class = if mark.is_empty() { "" } else { " class=\"unfinished\"" };
        let _ = write!(out, "<h2{class}>{date}{mark}</h2>");
        match day {
            Day::Withheld => out += "<p>Too few were there to tell anything.</p>",
            Day::PresentOnly(present) => {
                let _ = write!(out, "<p>{present} present. To tell how many looked would tell of few.</p>");
            }
            Day::Told { screens, .. } => {
                for screen in screens {
                    let name = row::label(&screen.key, screen.level, &report.facts.local);
                    let title = format!("{name}, {date}: share that looked, with intervals of 95 %");
                    let _ = write!(
                        out,
                        "<h3>Screen {}</h3>{}",
                        escape(&name),
                        chart::draw(&title, screen, &report.facts.local)
                    );
                }
                if screens.is_empty() {
                    out += "<p>The screens cannot be told apart without telling of few.</p>";
                }
            }
        }
    }
    rows(report, &mut out);
    for note in footnotes(report) {
        let _ = write!(out, "<small>{}</small>", escape(&note));
    }
    out += "</body></html>\n";
    out
}

fn rows(report: &Report, out: &mut String) {
    *out += "<table><tr><th></th><th>present</th><th>looked</th><th>share</th><th>looked for (median)</th></tr>";
    for row in report.rows() {
        let looked = row.looked.map_or_else(|| "–".to_owned(), |looked| looked.to_string());
        let _ = write!(
            out,
            "<tr><td style=\"padding-left:{}em\">{}</td><td>{}</td><td>{looked}</td><td>{}</td><td>{}</td></tr>",
            row.depth,
            escape(&row.label),
            row.present,
            table::share(row.share),
            table::median(row.median)
        );
    }
    *out += "</table>";
}

/// Text for HTML and SVG. Names of adverts come from elsewhere.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
