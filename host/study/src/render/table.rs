//! For a terminal.

use std::fmt::Write as _;

use crate::report::{Counts, Figure, Journey, Queue, Report, Row, Series};

use super::text;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    if report.days.is_empty() {
        return out;
    }
    for counts in &report.counts {
        kind(&mut out, report, counts);
    }
    for queue in &report.queues {
        self::queue(&mut out, report, queue);
    }
    journey(&mut out, report, &report.choice_to_counter);
    if report.positions.iter().any(|map| map.seconds.is_none()) {
        let _ = writeln!(out, "\nPositions: fewer than {} persons", report.min_group);
    }
    if report.positions.iter().any(|map| !map.patches.is_empty()) {
        let _ = writeln!(out, "\nPositions: the map is in the HTML form; JSON and CSV have its figures");
    }
    out
}

fn head(out: &mut String, report: &Report) {
    let shops = if report.shops.is_empty() { String::new() } else { format!(": {}", report.shops.join(", ")) };
    let _ = writeln!(out, "Study report{shops}");
    if report.days.is_empty() {
        let _ = writeln!(out, "Nothing was recorded in this time.");
    } else {
        let (days, recorded) = (text::days(&report.days), text::seconds(report.minutes() * 60));
        let _ = writeln!(out, "{days} ({}), {recorded} recorded", report.time_zone);
        let least = report.min_group;
        let _ = writeln!(out, "Every figure is about nobody or at least {least} persons; smaller groups are merged.");
    }
    for left in &report.left_out {
        let _ = writeln!(out, "left out: segment {}: {}", left.segment, left.why);
    }
}

fn kind(out: &mut String, report: &Report, counts: &Counts) {
    let name = text::kind(counts.gesture);
    let _ = match counts.total {
        None => writeln!(out, "\n{name}: of fewer than {} persons", report.min_group),
        Some(total) => writeln!(out, "\n{name}: {total}"),
    };
    counts.series.iter().for_each(|series| self::series(out, report, series));
}

fn series(out: &mut String, report: &Report, series: &Series) {
    let zones = text::zones(&series.zones, report.several_cameras());
    let times = text::times(&series.total);
    let times = if times.is_empty() { times } else { format!(" ({times})") };
    let _ = writeln!(out, "  {zones}: {}{times}", series.total.count);
    if series.total.count > 0 {
        let heads: Vec<String> = series.bands.iter().map(|b| format!("{}-{}", hour(&b.from), hour(&b.to))).collect();
        grid(out, &heads, &series.rows, &series.sums, &series.total);
    }
}

/// `09:00` is `09`.
fn hour(clock: &str) -> &str {
    clock.strip_suffix(":00").unwrap_or(clock)
}

/// Bands in which nobody was on any day are left out.
fn grid(out: &mut String, heads: &[String], rows: &[Row], sums: &[Figure], total: &Figure) {
    let shown: Vec<usize> = (0..sums.len()).filter(|n| sums[*n].count > 0).collect();
    let names: Vec<String> = rows.iter().map(|row| text::days(&row.days)).collect();
    let wide = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).max("in sum".len());
    let column = |n: usize| heads[n].chars().count().max(6);
    let mut line = |name: &str, cells: &dyn Fn(usize) -> String, last: String| {
        let mut text = format!("    {name:wide$}");
        for n in &shown {
            let _ = write!(text, "  {:>width$}", cells(*n), width = column(*n));
        }
        let _ = writeln!(out, "{text}  {last:>7}");
    };
    line("", &|n| heads[n].clone(), "in sum".to_owned());
    for (row, name) in rows.iter().zip(&names) {
        line(name, &|n| row.figures[n].count.to_string(), row.total.count.to_string());
    }
    if rows.len() > 1 {
        line("in sum", &|n| sums[n].count.to_string(), total.count.to_string());
    }
}

fn queue(out: &mut String, report: &Report, queue: &Queue) {
    let _ = writeln!(out, "\nQueue {}", queue.zone.label(report.several_cameras()));
    for day in &queue.days {
        let most = day.spans.iter().map(|s| s.longest).max().unwrap_or(0);
        let Some(busy) = day.spans.iter().max_by(|a, b| a.mean.total_cmp(&b.mean)) else { continue };
        let (from, to, mean) = (&busy.from, &busy.to, busy.mean);
        let _ = writeln!(out, "    {}  at most {most}; busiest {from} to {to} with {mean:.1} on average", day.day);
    }
    if !queue.too_few.is_empty() {
        let _ = writeln!(out, "    {}  fewer than {} persons waited", text::days(&queue.too_few), report.min_group);
    }
}

fn journey(out: &mut String, report: &Report, journey: &Journey) {
    let _ = write!(out, "\nFrom first reach to the counter: ");
    let _ = match &journey.total {
        _ if journey.counters.is_empty() => writeln!(out, "no event in a zone that is known as a counter (--counter)"),
        None => writeln!(out, "fewer than {} persons were seen at both", report.min_group),
        Some(total) if total.count == 0 => writeln!(out, "nobody was seen at both"),
        Some(total) => {
            let said = writeln!(out, "{} persons, {}", total.count, text::times(total));
            let heads: Vec<String> = journey.classes.iter().map(text::class).collect();
            grid(out, &heads, &journey.rows, &journey.sums, total);
            said
        }
    };
}
