//! One line for each figure.

use crate::report::{Figure, Plane, Report, Row, Zone};

use super::text;

/// The columns. `days` and `zones` can hold several, separated by `;`, and for positions the squares of a patch: x, y and side.
const HEAD: [&str; 7] = ["table", "days", "from", "to", "zones", "measure", "value"];

const ALL_DAY: (&str, &str) = ("00:00", "24:00");

#[derive(Default)]
struct Csv(String);

pub(super) fn render(report: &Report) -> String {
    let mut csv = Csv::default();
    csv.line(&HEAD);
    recorded(&mut csv, report);
    counts(&mut csv, report);
    queues(&mut csv, report);
    journey(&mut csv, report);
    positions(&mut csv, report);
    csv.0
}

fn recorded(csv: &mut Csv, report: &Report) {
    for recorded in &report.recorded {
        for (hour, minutes) in recorded.by_hour.iter().enumerate().filter(|(_, minutes)| **minutes > 0) {
            let day = recorded.day.to_string();
            let [from, to] = [hour, hour + 1].map(|h| format!("{h:02}:00"));
            csv.line(&["recorded", &day, &from, &to, &recorded.camera, "minutes", &minutes.to_string()]);
        }
    }
}

fn counts(csv: &mut Csv, report: &Report) {
    for counts in &report.counts {
        let table = text::kind(counts.gesture).to_lowercase();
        for series in &counts.series {
            let zones = joined(series.zones.iter().map(name));
            let bands: Vec<_> = series.bands.iter().map(|b| (b.from.as_str(), b.to.as_str())).collect();
            rows(csv, &table, &zones, &bands, &series.rows);
            for (figure, band) in series.sums.iter().zip(&bands) {
                csv.measures(&table, "all", *band, &zones, figure);
            }
            csv.measures(&table, "all", ALL_DAY, &zones, &series.total);
        }
        match counts.total {
            None => csv.line(&[&table, "all", ALL_DAY.0, ALL_DAY.1, "", "count", &too_few(report)]),
            Some(0) => csv.line(&[&table, "all", ALL_DAY.0, ALL_DAY.1, "", "count", "0"]),
            Some(_) => {}
        }
    }
}

fn queues(csv: &mut Csv, report: &Report) {
    for queue in &report.queues {
        let zone = name(&queue.zone);
        for day in &queue.days {
            for span in &day.spans {
                let day = day.day.to_string();
                csv.line(&["queue", &day, &span.from, &span.to, &zone, "mean length", &span.mean.to_string()]);
                csv.line(&["queue", &day, &span.from, &span.to, &zone, "longest", &span.longest.to_string()]);
            }
        }
        for day in &queue.too_few {
            csv.line(&["queue", &day.to_string(), ALL_DAY.0, ALL_DAY.1, &zone, "mean length", &too_few(report)]);
        }
    }
}

fn journey(csv: &mut Csv, report: &Report) {
    const TABLE: &str = "choice to counter";
    let journey = &report.choice_to_counter;
    let seconds = |s: u64| format!("{s} s");
    let classes =
        journey.classes.iter().map(|c| (seconds(c.from_seconds), c.to_seconds.map_or_else(String::new, seconds)));
    let classes: Vec<_> = classes.collect();
    let classes: Vec<_> = classes.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    rows(csv, TABLE, "", &classes, &journey.rows);
    match &journey.total {
        Some(total) => csv.measures(TABLE, "all", ("", ""), "", total),
        None => csv.line(&[TABLE, "all", "", "", "", "count", &too_few(report)]),
    }
}

fn positions(csv: &mut Csv, report: &Report) {
    for map in &report.positions {
        let table = match &map.plane {
            Plane::Floor { .. } => "positions on the floor, metres".to_owned(),
            Plane::Picture { camera, .. } => format!("positions in the picture of {camera}, pixels"),
        };
        for patch in &map.patches {
            let squares = joined(patch.squares.iter().map(|s| format!("{} {} {}", s.x, s.y, s.side)));
            csv.line(&[&table, "all", "", "", &squares, "person-seconds", &patch.seconds.to_string()]);
        }
    }
}

fn rows(csv: &mut Csv, table: &str, zones: &str, bands: &[(&str, &str)], rows: &[Row]) {
    for row in rows {
        let days = joined(row.days.iter().map(ToString::to_string));
        for (figure, band) in row.figures.iter().zip(bands) {
            csv.measures(table, &days, *band, zones, figure);
        }
    }
}

fn too_few(report: &Report) -> String {
    format!("fewer than {} persons", report.min_group)
}

fn name(zone: &Zone) -> String {
    zone.label(true)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(";")
}

// === impl Csv ===

impl Csv {
    fn measures(&mut self, table: &str, days: &str, (from, to): (&str, &str), zones: &str, figure: &Figure) {
        self.line(&[table, days, from, to, zones, "count", &figure.count.to_string()]);
        let times = [("median seconds", figure.median_seconds), ("90th percentile seconds", figure.p90_seconds)];
        for (measure, seconds) in times {
            if let Some(seconds) = seconds {
                self.line(&[table, days, from, to, zones, measure, &seconds.to_string()]);
            }
        }
    }

    fn line(&mut self, fields: &[&str; 7]) {
        self.0 += &fields.map(quoted).join(",");
        self.0 += "\r\n";
    }
}

/// A field of RFC 4180. What a spreadsheet would take for a formula gets a quote before it: names of zones are an installer's free text.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    // Squares begin with a number, which can be negative.
    let number = field.split([' ', ';']).all(|part| part.parse::<f64>().is_ok());
    let field = if formula && !number { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_no_plain_text_is_quoted_and_no_formula_runs() {
        assert_eq!(quoted("rolls"), "rolls");
        assert_eq!(quoted("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("-1.5 2 0.25"), "-1.5 2 0.25");
    }
}
