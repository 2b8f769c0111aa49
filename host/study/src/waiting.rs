//! How many stand in a queue, minute by minute: from waits that overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sluis_frame::Timestamp;

use crate::calendar::{self, MINUTES, Minute};
use crate::person::Person;
use crate::report::{Queue, QueueDay, QueueSpan, Zone};
use crate::settings::MinGroup;
use crate::suppress::{self, Group};

/// All waits, by zone.
#[derive(Debug, Default)]
pub struct Waits(BTreeMap<Zone, Vec<Wait>>);

/// One person's wait.
#[derive(Debug, Clone, Copy)]
struct Wait {
    person: Person,
    start: Timestamp,
    end: Timestamp,
}

/// A minute of a queue, or several.
#[derive(Debug, Clone, Default)]
struct Standing {
    persons: BTreeSet<Person>,
    /// Waited by all of them together.
    waited: Duration,
    /// At most this many at a time.
    longest: u32,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Nobody stands in a queue for longer: what a broken clock or detector tells is cut here.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 3600);

// === impl Waits ===

impl Waits {
    /// Adds a wait.
    pub fn add(&mut self, zone: Zone, person: Person, start: Timestamp, end: Timestamp) {
        let end = end.min(start + LONGEST_WAIT);
        self.0.entry(zone).or_default().push(Wait { person, start, end });
    }

    /// What may be told of each queue.
    pub fn queues(&self, zone: &TimeZone, least: MinGroup) -> Vec<Queue> {
        self.0.iter().map(|(name, waits)| queue(name.clone(), waits, zone, least)).collect()
    }
}

fn queue(zone: Zone, waits: &[Wait], time_zone: &TimeZone, least: MinGroup) -> Queue {
    let (mut told, mut too_few) = (Vec::new(), Vec::new());
    for (day, minutes) in by_minute(waits, time_zone) {
        match suppress::bands(&minutes, least.get()) {
            None => too_few.push(day),
            Some(bands) => {
                let spans = bands.into_iter().filter_map(|band| {
                    let all = suppress::union(&minutes[band.clone()]);
                    (all.persons() > 0).then(|| QueueSpan {
                        from: calendar::clock(band.start),
                        to: calendar::clock(band.end),
                        mean: hundredths(all.waited.as_secs_f64() / (band.len() as f64 * MINUTE.as_secs_f64())),
                        longest: all.longest,
                    })
                });
                told.push(QueueDay { day, spans: spans.collect() });
            }
        }
    }
    Queue { zone, days: told, too_few }
}

/// Puts waits into the minutes of their days.
fn by_minute(waits: &[Wait], zone: &TimeZone) -> BTreeMap<Date, Vec<Standing>> {
    let mut days: BTreeMap<Date, Vec<Standing>> = BTreeMap::new();
    let mut minute = |at: Timestamp, change: &dyn Fn(&mut Standing)| {
        let Minute { day, minute } = Minute::of(at, zone);
        change(&mut days.entry(day).or_insert_with(|| vec![Standing::default(); MINUTES])[usize::from(minute)]);
    };
    for wait in waits {
        let mut from = wait.start;
        loop {
            // All time zones of today are whole minutes off UTC.
            let next = Timestamp::from_secs((from.as_secs().div_euclid(60) + 1) * 60);
            let until = next.min(wait.end);
            minute(from, &|standing| {
                standing.persons.insert(wait.person);
                standing.waited += until.since(from);
            });
            if next >= wait.end {
                break;
            }
            from = next;
        }
    }
    for (at, length) in lengths(waits) {
        minute(at, &|standing| standing.longest = standing.longest.max(length));
    }
    days
}

/// The length of the queue at every moment when it changes, and at every full minute in between.
fn lengths(waits: &[Wait]) -> Vec<(Timestamp, u32)> {
    let mut changes: Vec<(Timestamp, i64)> =
        waits.iter().filter(|w| w.end > w.start).flat_map(|w| [(w.start, 1), (w.end, -1)]).collect();
    // At the same moment one goes before the next one comes.
    changes.sort_unstable();
    let mut length = 0;
    let mut lengths = Vec::new();
    for (n, (at, change)) in changes.iter().enumerate() {
        length += change;
        lengths.push((*at, length as u32));
        let until = changes.get(n + 1).map_or(*at, |(next, _)| *next);
        let mut full = Timestamp::from_secs((at.as_secs().div_euclid(60) + 1) * 60);
        while length > 0 && full < until {
            lengths.push((full, length as u32));
            full = full + MINUTE;
        }
    }
    lengths
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

// === impl Standing ===

impl Group for Standing {
    fn absorb(&mut self, other: &Self) {
        self.persons.extend(&other.persons);
        self.waited += other.waited;
        self.longest = self.longest.max(other.longest);
    }

    fn persons(&self) -> usize {
        self.persons.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone { camera: "till".to_owned(), zone: Some("queue".to_owned()) }
    }

    fn waits(spans: &[(i64, i64)]) -> Waits {
        let mut waits = Waits::default();
        for (track, (start, end)) in (0..).zip(spans) {
            let [start, end] = [start, end].map(|s| Timestamp::from_secs(*s));
            waits.add(zone(), Person { camera: 0, track }, start, end);
        }
        waits
    }

    fn spans(waits: &Waits) -> Vec<QueueSpan> {
        let queues = waits.queues(&TimeZone::UTC, MinGroup::new(3).unwrap());
        queues[0].days.iter().flat_map(|d| d.spans.clone()).collect()
    }

    #[test]
    fn the_length_of_a_queue_is_the_sum_of_overlapping_waits() {
        // Minute 0: three from the first second to the last. Minute 1: three for half of it.
        let told = spans(&waits(&[(0, 90), (0, 90), (0, 90)]));
        assert_eq!(
            told.iter().map(|s| (s.from.as_str(), s.mean, s.longest)).collect::<Vec<_>>(),
            [("00:00", 3.0, 3), ("00:01", 1.5, 3)]
        );
    }

    #[test]
    fn minutes_are_merged_until_enough_have_waited() {
        let told = spans(&waits(&[(0, 60), (60, 120), (120, 180), (180, 240), (180, 240), (180, 240)]));
        let seen: Vec<_> = told.iter().map(|s| (s.from.as_str(), s.to.as_str(), s.mean, s.longest)).collect();
        assert_eq!(seen, [("00:00", "00:03", 1.0, 1), ("00:03", "00:04", 3.0, 3)]);
    }

    #[test]
    fn who_leaves_when_the_next_one_comes_makes_no_longer_queue() {
        let told = spans(&waits(&[(0, 20), (20, 40), (40, 60)]));
        assert_eq!((told.len(), told[0].mean, told[0].longest), (1, 1.0, 1));
    }

    #[test]
    fn a_day_with_too_few_is_named_and_not_told() {
        let queues = waits(&[(0, 60), (0, 60)]).queues(&TimeZone::UTC, MinGroup::new(3).unwrap());
        assert!(queues[0].days.is_empty());
        assert_eq!(queues[0].too_few.len(), 1);
    }

    #[test]
    fn a_wait_without_end_does_not_run_for_ever() {
        let mut all = waits(&[]);
        for track in 0..3 {
            all.add(zone(), Person { camera: 0, track }, Timestamp::from_secs(0), Timestamp::from_nanos(i64::MAX));
        }
        assert_eq!(spans(&all).len(), 240);
    }
}
