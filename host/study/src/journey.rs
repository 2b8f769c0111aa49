//! From choice to payment: the time from a person's first reach to the counter.
//!
//! It is known of those only whom one camera sees at both, for nobody is followed from camera to camera.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sluis_frame::Timestamp;

use crate::calendar::Minute;
use crate::person::{Cell, Person};
use crate::report::{Class, Journey, Zone};
use crate::settings::MinGroup;
use crate::suppress;
use crate::tally;

/// Where the classes of times begin, in seconds.
const CLASSES: [u64; 7] = [0, 30, 60, 120, 300, 600, 1200];

/// Who reached, and who came to a counter.
#[derive(Debug, Default)]
pub struct Journeys {
    reached: BTreeMap<Person, Timestamp>,
    paid: BTreeMap<Person, Vec<Timestamp>>,
    counters: BTreeSet<Zone>,
}

// === impl Journeys ===

impl Journeys {
    /// A person reached somewhere that is no counter.
    pub fn reached(&mut self, person: Person, at: Timestamp) {
        let first = self.reached.entry(person).or_insert(at);
        *first = at.min(*first);
    }

    /// A person was at a counter, or in the queue before it.
    pub fn at_counter(&mut self, zone: Zone, person: Person, at: Timestamp) {
        self.counters.insert(zone);
        self.paid.entry(person).or_default().push(at);
    }

    /// What may be told. `days` are all days of the report.
    pub fn journey(&self, days: &[Date], zone: &TimeZone, least: MinGroup) -> Journey {
        let counters = self.counters.iter().cloned().collect();
        let mut by_day = vec![vec![Cell::default(); CLASSES.len()]; days.len()];
        for (person, reached) in &self.reached {
            let times = self.paid.get(person).into_iter().flatten();
            let Some(took) = times.filter(|at| *at >= reached).min().map(|at| at.since(*reached)) else { continue };
            if let Ok(day) = days.binary_search(&Minute::of(*reached, zone).day) {
                by_day[day][class(took)].add(*person, took);
            }
        }
        let Some(table) = suppress::table(&by_day, least) else {
            return Journey { counters, classes: Vec::new(), rows: Vec::new(), sums: Vec::new(), total: None };
        };
        let classes = table
            .bands
            .iter()
            .map(|band| Class { from_seconds: CLASSES[band.start], to_seconds: CLASSES.get(band.end).copied() });
        Journey {
            counters,
            classes: classes.collect(),
            rows: tally::rows(&table, days, Some(least)),
            sums: (0..table.bands.len()).map(|band| tally::figure(&table.band(band), None)).collect(),
            total: Some(tally::figure(&table.total(), Some(least))),
        }
    }
}

fn class(took: Duration) -> usize {
    CLASSES.iter().rposition(|from| took.as_secs() >= *from).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: u32 = 3;

    fn told(journeys: &[(i64, &[i64])]) -> Journey {
        let mut all = Journeys::default();
        for (track, (reached, paid)) in (0..).zip(journeys) {
            let person = Person { camera: 0, track };
            all.reached(person, Timestamp::from_secs(*reached));
            for at in *paid {
                let counter = Zone { camera: "shop".to_owned(), zone: Some("counter".to_owned()) };
                all.at_counter(counter, person, Timestamp::from_secs(*at));
            }
        }
        all.journey(&[Date::constant(1970, 1, 1)], &TimeZone::UTC, MinGroup::new(LEAST).unwrap())
    }

    #[test]
    fn the_first_time_at_the_counter_after_the_first_reach_counts() {
        let told = told(&[(100, &[50, 160, 900]), (100, &[170]), (100, &[180])]);
        let total = told.total.unwrap();
        assert_eq!((total.count, total.median_seconds), (3, Some(70)));
        assert_eq!(told.sums.iter().map(|s| s.count).sum::<u64>(), 3);
    }

    #[test]
    fn who_never_pays_is_not_counted() {
        assert_eq!(told(&[(100, &[]), (100, &[50])]).total.unwrap().count, 0);
    }

    #[test]
    fn too_few_are_not_told() {
        assert_eq!(told(&[(100, &[150]), (100, &[150])]).total, None);
    }
}
