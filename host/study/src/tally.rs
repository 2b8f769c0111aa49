//! How often, by zone, day and hour.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use sluis_frame::Gesture;

use crate::calendar::{self, Minute};
use crate::person::{Cell, Person};
use crate::report::{Band, Counts, Figure, Row, Series, Zone};
use crate::settings::MinGroup;
use crate::suppress::{self, Group, Table};

/// What is counted, in the order in which it is told.
pub const COUNTED: [Gesture; 6] =
    [Gesture::Reach, Gesture::Take, Gesture::PutBack, Gesture::Approach, Gesture::Dwell, Gesture::Wait];

const HOURS: usize = 24;

/// Counts by kind, zone, day and hour.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<Gesture, ByZone>);

type ByZone = BTreeMap<Zone, BTreeMap<Date, Vec<Cell>>>;

// === impl Tally ===

impl Tally {
    /// Counts an event that began at `at`.
    pub fn add(&mut self, gesture: Gesture, zone: Zone, at: Minute, person: Person, took: Duration) {
        let days = self.0.entry(gesture).or_default().entry(zone).or_default();
        let hours = days.entry(at.day).or_insert_with(|| vec![Cell::default(); HOURS]);
        hours[at.hour()].add(person, took);
    }

    /// Days on which anything was counted.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.0.values().flat_map(BTreeMap::values).flat_map(|days| days.keys().copied())
    }

    /// What may be told of one kind. `days` are all days of the report.
    pub fn counts(&self, gesture: Gesture, days: &[Date], least: MinGroup) -> Counts {
        let empty = ByZone::new();
        let by_zone = self.0.get(&gesture).unwrap_or(&empty);
        let (zones, tables): (Vec<&Zone>, Vec<Vec<Vec<Cell>>>) = by_zone
            .iter()
            .map(|(zone, by_day)| {
                let none = || vec![Cell::default(); HOURS];
                (zone, days.iter().map(|day| by_day.get(day).cloned().unwrap_or_else(none)).collect())
            })
            .unzip();
        let totals: Vec<Cell> = tables.iter().map(|table| suppress::union(table.iter().flatten())).collect();
        let Some(pools) = suppress::pools(&totals, least) else {
            return Counts { gesture, total: None, series: Vec::new() };
        };
        let timed = matches!(gesture, Gesture::Dwell | Gesture::Wait);
        let series = pools.into_iter().filter_map(|pool| {
            let together = pool.iter().map(|n| tables[*n].clone()).reduce(merge)?;
            let table = suppress::table(&together, least)?;
            let zones = pool.iter().map(|n| zones[*n].clone()).collect();
            Some(series(zones, &table, days, timed.then_some(least)))
        });
        let total = Some(totals.iter().map(|cell| cell.count).sum());
        Counts { gesture, total, series: series.collect() }
    }
}

/// Adds one zone's table to another's.
fn merge(mut table: Vec<Vec<Cell>>, other: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    for (cell, more) in table.iter_mut().flatten().zip(other.iter().flatten()) {
        cell.absorb(more);
    }
    table
}

fn series(zones: Vec<Zone>, table: &Table<Cell>, days: &[Date], timed: Option<MinGroup>) -> Series {
    let bands = table
        .bands
        .iter()
        .map(|band| Band { from: calendar::clock(band.start * 60), to: calendar::clock(band.end * 60) });
    Series {
        zones,
        bands: bands.collect(),
        rows: rows(table, days, timed),
        sums: (0..table.bands.len()).map(|band| figure(&table.band(band), timed)).collect(),
        total: figure(&table.total(), timed),
    }
}

/// The rows of a table, for people.
pub(crate) fn rows(table: &Table<Cell>, days: &[Date], timed: Option<MinGroup>) -> Vec<Row> {
    let row = |row: &suppress::Row<Cell>| Row {
        days: row.days.iter().map(|n| days[*n]).collect(),
        figures: row.blocks.iter().map(|block| figure(block, timed)).collect(),
        total: figure(&row.total(), timed),
    };
    table.rows.iter().map(row).collect()
}

/// A figure of a block that may be told; with times when the least group is given.
pub(crate) fn figure(block: &Cell, timed: Option<MinGroup>) -> Figure {
    let seconds = |share| block.quantile(share).map(|d| d.as_secs_f64().round() as u64);
    // Below these numbers the ninth of ten would be the longest time of all: one person's.
    let many = timed.is_some_and(|least| block.persons() >= (2 * least.get()).max(10));
    Figure {
        count: block.count,
        median_seconds: if timed.is_some() { seconds(0.5) } else { None },
        p90_seconds: if many { seconds(0.9) } else { None },
    }
}
