//! One page that stands alone: no scripts, nothing loaded from elsewhere; it can be printed, and read aloud.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sluis_frame::Gesture;

use crate::report::{Counts, Figure, HeatMap, Journey, Plane, Queue, Report, Row, Series, Zone};

use super::svg::{self, Bar};
use super::text;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(report: &Report) -> String {
    let shop = report.shops.join(", ");
    let title = if shop.is_empty() { "Study report".to_owned() } else { format!("Study report: {shop}") };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    if report.days.is_empty() {
        page += "<p>Nothing was recorded in this time.</p>\n</header>\n";
        left_out(&mut page, report);
        return page + "</body>\n</html>\n";
    }
    let _ = writeln!(
        page,
        "<p>{} · {} recorded · times of {}</p>",
        text::days(&report.days),
        text::seconds(report.minutes() * 60),
        escape(&report.time_zone)
    );
    keys(&mut page, report);
    page += "</header>\n<main>\n";
    overview(&mut page, report);
    for counts in &report.counts {
        kind(&mut page, report, counts);
    }
    for queue in &report.queues {
        self::queue(&mut page, report, queue);
    }
    journey(&mut page, report, &report.choice_to_counter);
    if !report.positions.is_empty() {
        page += "<h2 id=\"positions\">Where people are</h2>\n";
        report.positions.iter().for_each(|map| self::map(&mut page, report, map));
    }
    recorded(&mut page, report);
    how(&mut page, report);
    left_out(&mut page, report);
    page + "</main>\n</body>\n</html>\n"
}

/// The figures that a manager looks for first.
fn keys(page: &mut String, report: &Report) {
    *page += "<ul class=\"keys\">\n";
    for counts in &report.counts {
        let name = text::kind(counts.gesture);
        let _ = match counts.total {
            Some(total) => writeln!(page, "<li><b>{}</b>{name}</li>", text::count(total)),
            None => writeln!(page, "<li><b class=\"few\">fewer than {}</b>{name}</li>", report.min_group),
        };
    }
    if let Some(median) = report.choice_to_counter.total.and_then(|t| t.median_seconds) {
        let _ = writeln!(page, "<li><b class=\"time\">{}</b>Reach to counter</li>", text::seconds(median));
    }
    *page += "</ul>\n";
}

/// Zones by kinds of events, over all days.
fn overview(page: &mut String, report: &Report) {
    let shown: Vec<&Counts> = report.counts.iter().filter(|counts| !counts.series.is_empty()).collect();
    let zones: BTreeSet<&Zone> = shown.iter().flat_map(|c| &c.series).flat_map(|s| &s.zones).collect();
    if zones.is_empty() {
        return;
    }
    *page += "<h2>Zones</h2>\n<div class=\"wide\"><table>\n<caption>Over all days. A zone with too few of a kind is told together with another: see there.</caption>\n\
              <thead><tr><th scope=\"col\">Zone</th>";
    for counts in &shown {
        let _ = write!(page, "<th scope=\"col\">{}</th>", text::kind(counts.gesture));
    }
    *page += "</tr></thead>\n<tbody>\n";
    for zone in zones {
        let _ = write!(page, "<tr><th scope=\"row\">{}</th>", escape(&zone.label(report.several_cameras())));
        for counts in &shown {
            match counts.series.iter().find(|series| series.zones.contains(zone)) {
                Some(series) if series.zones.len() == 1 => cell(page, "", &series.total),
                Some(_) => *page += "<td class=\"none\">with another</td>",
                None => *page += "<td class=\"none\">0</td>",
            }
        }
        *page += "</tr>\n";
    }
    *page += "</tbody>\n</table></div>\n";
}

fn kind(page: &mut String, report: &Report, counts: &Counts) {
    let (name, meaning) = (text::kind(counts.gesture), text::meaning(counts.gesture));
    let _ = writeln!(page, "<h2>{name}</h2>\n<p class=\"soft\">{meaning}</p>");
    let _ = match counts.total {
        None => writeln!(
            page,
            "<p>There were some, of fewer than {} persons. Nothing more is told of them.</p>",
            report.min_group
        ),
        Some(0) => writeln!(page, "<p><b>0</b> in all of the recorded time.</p>"),
        Some(_) => Ok(()),
    };
    counts.series.iter().filter(|_| counts.total != Some(0)).for_each(|s| series(page, report, counts.gesture, s));
}

fn series(page: &mut String, report: &Report, gesture: Gesture, series: &Series) {
    let zones = text::zones(&series.zones, report.several_cameras());
    let _ = writeln!(page, "<h3>{}</h3>", escape(&zones));
    let times = text::times(&series.total);
    if !times.is_empty() && series.total.count > 0 {
        let _ = writeln!(page, "<p>{} in all; {times}.</p>", text::count(series.total.count));
    }
    if series.zones.len() > 1 {
        *page += "<p class=\"soft\">Told together, because one of these zones had too few alone.</p>\n";
    }
    let shown = shown(&series.sums);
    let label = |n: &usize| format!("{}–{}", hour(&series.bands[*n].from), hour(&series.bands[*n].to));
    if shown.len() > 1 {
        let hours = |n: usize| (svg::minute(&series.bands[n].to) - svg::minute(&series.bands[n].from)) as f64 / 60.0;
        let bars: Vec<Bar> =
            shown.iter().map(|n| Bar { label: label(n), value: series.sums[*n].count, width: hours(*n) }).collect();
        let title = format!("{} at {zones} by hour, over all days", text::kind(gesture));
        let _ = writeln!(
            page,
            "<figure>{}<figcaption>By hour, over all days</figcaption></figure>",
            svg::bars(&title, &bars)
        );
    }
    let heads: Vec<String> = shown.iter().map(label).collect();
    let caption = format!("{} by day and hour", text::kind(gesture));
    table(page, &caption, "Day", &heads, &shown, &series.rows, &series.sums, &series.total);
}

/// From the first band with anybody to the last.
fn shown(sums: &[Figure]) -> Vec<usize> {
    let busy = |n: &usize| sums[*n].count > 0;
    let all = 0..sums.len();
    match (all.clone().find(busy), all.rev().find(busy)) {
        (Some(first), Some(last)) => (first..=last).collect(),
        _ => Vec::new(),
    }
}

#[allow(clippy::too_many_arguments, reason = "a table has this many parts")]
fn table(
    page: &mut String,
    caption: &str,
    first: &str,
    heads: &[String],
    shown: &[usize],
    rows: &[Row],
    sums: &[Figure],
    total: &Figure,
) {
    let _ = write!(
        page,
        "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">{first}</th>",
        escape(caption)
    );
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escape(head));
    }
    *page += "<th scope=\"col\" class=\"sum\">Sum</th></tr></thead>\n<tbody>\n";
    let mut line = |class: &str, name: &str, figures: &[Figure], total: &Figure| {
        let _ = write!(page, "<tr{class}><th scope=\"row\">{name}</th>");
        shown.iter().for_each(|n| cell(page, "", &figures[*n]));
        cell(page, "sum", total);
        *page += "</tr>\n";
    };
    rows.iter().for_each(|row| line("", &text::days(&row.days), &row.figures, &row.total));
    if rows.len() > 1 {
        line(" class=\"sum\"", "All days", sums, total);
    }
    *page += "</tbody>\n</table></div>\n";
}

fn cell(page: &mut String, class: &str, figure: &Figure) {
    let class = if figure.count == 0 { "none" } else { class };
    let times = text::times(figure);
    let title = if times.is_empty() { times } else { format!(" title=\"{times}\"") };
    let _ = write!(page, "<td class=\"{class}\"{title}>{}</td>", text::count(figure.count));
}

fn queue(page: &mut String, report: &Report, queue: &Queue) {
    let name = queue.zone.label(report.several_cameras());
    let _ = writeln!(page, "<h2>Queue: {}</h2>", escape(&name));
    *page += "<p class=\"soft\">How many stood in it, on average over each minute, or over as many minutes as it takes for enough persons.</p>\n";
    let spans = || queue.days.iter().flat_map(|day| &day.spans);
    let first = spans().map(|s| svg::minute(&s.from)).min().unwrap_or(0) / 60;
    let last = spans().map(|s| svg::minute(&s.to)).max().unwrap_or(60).div_ceil(60);
    for day in &queue.days {
        let longest = day.spans.iter().map(|s| s.longest).max().unwrap_or(0);
        let title = format!("Length of the queue {name} on {}", day.day);
        let _ = writeln!(
            page,
            "<h3>{}</h3>\n<figure>{}<figcaption>At most {longest} at a time</figcaption></figure>",
            day.day,
            svg::queue(&title, day, (first, last.max(first + 1)))
        );
    }
    if !queue.too_few.is_empty() {
        let _ =
            writeln!(page, "<p>{}: fewer than {} persons waited.</p>", text::days(&queue.too_few), report.min_group);
    }
}

fn journey(page: &mut String, report: &Report, journey: &Journey) {
    *page += "<h2>From first reach to the counter</h2>\n";
    let total = match &journey.total {
        _ if journey.counters.is_empty() => {
            *page += "<p>No event lies in a zone that is known as a counter. Name such zones with <code>--counter</code>.</p>\n";
            return;
        }
        None => {
            let _ = writeln!(page, "<p>Fewer than {} persons were seen at both.</p>", report.min_group);
            return;
        }
        Some(total) => total,
    };
    let counters = text::zones(&journey.counters, report.several_cameras());
    let _ = writeln!(
        page,
        "<p class=\"soft\">Of persons whom one camera saw reach and then at {}. Nobody is followed from camera to camera.</p>",
        escape(&counters)
    );
    if total.count == 0 {
        *page += "<p>Nobody was seen at both.</p>\n";
        return;
    }
    let _ = writeln!(page, "<p>{} persons; {}.</p>", text::count(total.count), text::times(total));
    let shown = shown(&journey.sums);
    let heads: Vec<String> = shown.iter().map(|n| text::class(&journey.classes[*n])).collect();
    table(page, "Persons by day and time taken", "Day", &heads, &shown, &journey.rows, &journey.sums, total);
}

fn map(page: &mut String, report: &Report, map: &HeatMap) {
    let (name, about) = match &map.plane {
        Plane::Floor { .. } => ("The floor, from above".to_owned(), "A square is a metre. From where people acted."),
        Plane::Picture { camera, .. } => {
            (format!("As camera {camera} sees it"), "The camera's picture. From the middles of masked heads.")
        }
    };
    let _ = writeln!(page, "<h3>{}</h3>", escape(&name));
    let Some(seconds) = map.seconds else {
        let _ = writeln!(page, "<p>Fewer than {} persons.</p>", report.min_group);
        return;
    };
    if seconds == 0 {
        *page += "<p>Nobody was seen here.</p>\n";
        return;
    }
    let _ = writeln!(
        page,
        "<figure>{}<figcaption>{about} {} of presence in all; areas are as large as it takes for {} persons.\
         <span class=\"legend\">less <i></i> more time</span></figcaption></figure>",
        svg::map(&name, map),
        text::seconds(seconds),
        report.min_group
    );
}

fn recorded(page: &mut String, report: &Report) {
    *page += "<h2>What was recorded</h2>\n<p class=\"soft\">A 0 in this report speaks of recorded time only.</p>\n";
    *page += "<div class=\"wide\"><table>\n<caption>Recorded minutes</caption>\n<thead><tr><th scope=\"col\">Day</th><th scope=\"col\">Camera</th><th scope=\"col\">Hours</th><th scope=\"col\" class=\"sum\">Minutes</th></tr></thead>\n<tbody>\n";
    for recorded in &report.recorded {
        let first = recorded.by_hour.iter().position(|m| *m > 0).unwrap_or(0);
        let last = recorded.by_hour.iter().rposition(|m| *m > 0).unwrap_or(0) + 1;
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{first:02}–{last:02}</td><td class=\"sum\">{}</td></tr>",
            recorded.day,
            escape(&recorded.camera),
            recorded.minutes
        );
    }
    *page += "</tbody>\n</table></div>\n";
}

fn how(page: &mut String, report: &Report) {
    let _ = writeln!(
        page,
        "<h2>How to read this</h2>\n<dl>\n\
         <dt>Smallest group</dt><dd>Every figure is about nobody or about at least {0} persons, and so is every difference of figures in this report. \
         Hours, days, zones and areas with fewer are merged with others. Two reports over times that overlap could be subtracted from one another: keep to one.</dd>\n\
         <dt>Person</dt><dd>One track of one camera, from when it sees somebody until it loses them. Who comes back is a new person; nobody is recognised.</dd>\n\
         <dt>Median</dt><dd>Half took no longer. “Nine of ten within” is told where there are enough.</dd>\n\
         <dt>Detector</dt><dd>Events are what a detector told. It misses some and sees some that were none: compare places and hours rather than trusting single numbers.</dd>\n\
         </dl>",
        report.min_group
    );
}

fn left_out(page: &mut String, report: &Report) {
    if report.left_out.is_empty() {
        return;
    }
    *page += "<h2>Left out</h2>\n<ul>\n";
    for left in &report.left_out {
        let _ = writeln!(page, "<li>Segment {}: {}</li>", escape(&left.segment), escape(&left.why));
    }
    *page += "</ul>\n";
}

/// `09:00` is `09`.
fn hour(clock: &str) -> &str {
    clock.strip_suffix(":00").unwrap_or(clock)
}

/// Text within a page or an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
    }
    out
}
