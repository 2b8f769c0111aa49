//! One person before one advert: what is counted.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sluis_frame::{AgeClass, DurationClass, ScreenId, SexClass, Timestamp, Visit};

use crate::playlist::{Advert, Playlist};

/// One person before one advert in one quarter of an hour. Who stays for two adverts is a contact of both; who looks at one of them twice is one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Which visit it is part of: equal for contacts of one person, and of no other use.
    pub person: usize,
    /// The screen.
    pub screen: ScreenId,
    /// What was on it.
    pub advert: Advert,
    /// The quarter of an hour: its first second.
    pub quarter: Timestamp,
    /// How long the person looked at it in one go, at the longest; `None` when not at all.
    pub looked: Option<DurationClass>,
    /// The estimated age class.
    pub age: AgeClass,
    /// The estimated sex class.
    pub sex: SexClass,
}

/// The shop's local time: days, hours and quarters are its own.
#[derive(Debug, Clone)]
pub struct LocalTime(TimeZone);

/// A quarter of an hour, in seconds.
pub const QUARTER: i64 = 900;

/// The contacts of visits. What is known of a visit is the class of its length, so it counts for what was on the screen during the shortest stay of that class, and
/// at every glance.
pub fn contacts(visits: &[Visit], playlist: &Playlist, local: &LocalTime) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for (person, visit) in visits.iter().enumerate() {
        let mut cells: BTreeMap<(Timestamp, Advert), Option<DurationClass>> = BTreeMap::new();
        each_cell(visit.screen(), visit.since(), visit.stay(), playlist, local, &mut |cell, _| {
            cells.entry(cell).or_default();
        });
        for glance in visit.glances() {
            each_cell(visit.screen(), glance.start, glance.length, playlist, local, &mut |cell, length| {
                let longest = cells.entry(cell).or_default();
                *longest = (*longest).max(Some(length));
            });
        }
        let contact = |((quarter, advert), looked)| Contact {
            person,
            screen: visit.screen().clone(),
            advert,
            quarter,
            looked,
            age: visit.age(),
            sex: visit.sex(),
        };
        contacts.extend(cells.into_iter().map(contact));
    }
    contacts
}

/// Calls `each` with every quarter and advert that something of this length touched, and with the part of its length that fell there.
fn each_cell(
    screen: &ScreenId,
    start: Timestamp,
    length: DurationClass,
    playlist: &Playlist,
    local: &LocalTime,
    each: &mut impl FnMut((Timestamp, Advert), DurationClass),
) {
    let end = start + length.floor();
    let mut from = start;
    loop {
        let quarter = local.quarter(from);
        let (advert, until) = playlist.at(screen, from);
        let next = quarter + Duration::from_secs(QUARTER as u64);
        let next = until.map_or(next, |until| until.min(next));
        // All of it lies here: the class itself. Otherwise no more is known than the overlap of its shortest length.
        let whole = from == start && end < next;
        let part = if whole { length } else { DurationClass::of(next.min(end).since(from)) };
        each((quarter, advert), part);
        if next > end {
            return;
        }
        from = next;
    }
}

// === impl LocalTime ===

impl LocalTime {
    /// The local time of a zone.
    pub const fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// The zone's name, as it was given, or `local`.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("local")
    }

    /// The first second of the quarter of an hour that a moment lies in.
    pub fn quarter(&self, moment: Timestamp) -> Timestamp {
        self.floor(moment, QUARTER)
    }

    /// The first second of the hour that a moment lies in.
    pub fn hour(&self, moment: Timestamp) -> Timestamp {
        self.floor(moment, 4 * QUARTER)
    }

    /// The day that a moment lies in.
    pub fn day(&self, moment: Timestamp) -> Date {
        self.0.to_datetime(instant(moment)).date()
    }

    /// The first moment of the day after.
    pub fn end_of(&self, day: Date) -> Timestamp {
        let next = day.tomorrow().unwrap_or(day);
        let start = self.0.to_ambiguous_zoned(next.at(0, 0, 0, 0)).compatible();
        start.map_or(Timestamp::from_nanos(i64::MAX), |zoned| Timestamp::from_secs(zoned.timestamp().as_second()))
    }

    /// Hours and minutes, as `09:15`.
    pub fn clock(&self, moment: Timestamp) -> String {
        let time = self.0.to_datetime(instant(moment)).time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// A moment with its offset, as `2026-06-28T09:15:00+02:00`.
    pub fn stamp(&self, moment: Timestamp) -> String {
        let zoned = instant(moment).to_zoned(self.0.clone());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// Rounds down to whole `seconds` of the local day. Offsets are whole minutes, and within an hour they do not change but at its ends.
    fn floor(&self, moment: Timestamp, seconds: i64) -> Timestamp {
        let offset = i64::from(self.0.to_offset(instant(moment)).seconds());
        let local = moment.as_secs() + offset;
        Timestamp::from_secs(local - local.rem_euclid(seconds) - offset)
    }
}

fn instant(moment: Timestamp) -> jiff::Timestamp {
    // Every moment of ours, 1677 to 2262, is one of theirs.
    jiff::Timestamp::from_nanosecond(i128::from(moment.as_nanos())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sluis_frame::SizeClass;

    use super::*;

    /// 2026-06-28T09:00:00+02:00.
    const NINE: i64 = 1_782_630_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(NINE + seconds)
    }

    fn amsterdam() -> LocalTime {
        LocalTime::new(TimeZone::get("Europe/Amsterdam").unwrap())
    }

    fn playlist() -> Playlist {
        let csv = "screen,advert,start,end\n\
                   a,coffee,2026-06-28T09:00:00+02:00,2026-06-28T09:00:20+02:00\n\
                   a,bread,2026-06-28T09:00:20+02:00,2026-06-28T09:00:40+02:00\n";
        Playlist::read("p", csv).unwrap()
    }

    fn told(visit: Visit) -> Vec<(String, Option<DurationClass>)> {
        contacts(&[visit], &playlist(), &amsterdam()).into_iter().map(|c| (c.advert.to_string(), c.looked)).collect()
    }

    fn visit(since: i64, stay: u64) -> Visit {
        Visit::new(ScreenId::new("a").unwrap(), at(since), Duration::from_secs(stay), SizeClass::Medium)
    }

    #[test]
    fn who_stays_for_two_adverts_is_a_contact_of_both_and_looked_at_the_one() {
        let visit = visit(5, 25).with_glance(at(24), Duration::from_secs(3));
        assert_eq!(told(visit), [("bread".to_owned(), Some(DurationClass::From3S)), ("coffee".to_owned(), None)]);
    }

    #[test]
    fn one_person_looking_twice_at_an_advert_is_one_contact_with_the_longer_look() {
        let visit = visit(0, 15).with_glance(at(1), Duration::from_secs(2)).with_glance(at(8), Duration::from_secs(6));
        assert_eq!(told(visit), [("coffee".to_owned(), Some(DurationClass::From5S))]);
    }

    #[test]
    fn a_look_that_goes_on_while_the_advert_changes_is_a_look_at_both() {
        let visit = visit(10, 20).with_glance(at(12), Duration::from_secs(12));
        // The class says 10 s at least: 8 s of coffee, then 2 s of bread.
        assert_eq!(
            told(visit),
            [("bread".to_owned(), Some(DurationClass::From2S)), ("coffee".to_owned(), Some(DurationClass::From5S))]
        );
    }

    #[test]
    fn quarters_hours_and_days_are_the_shops_own() {
        let local = amsterdam();
        assert_eq!(
            (local.clock(local.quarter(at(1799))), local.clock(local.hour(at(1799)))),
            ("09:15".into(), "09:00".into())
        );
        assert_eq!(local.day(at(-9 * 3600)).to_string(), "2026-06-28");
        assert_eq!(local.day(at(-9 * 3600 - 1)).to_string(), "2026-06-27");
        assert_eq!(local.end_of(local.day(at(0))), at(15 * 3600));
        assert_eq!(local.stamp(at(0)), "2026-06-28T09:00:00+02:00");
        // Half an hour beside the full one.
        let india = LocalTime::new(TimeZone::get("Asia/Kolkata").unwrap());
        assert_eq!(
            (india.clock(india.hour(at(0))), india.clock(india.quarter(at(0)))),
            ("12:00".into(), "12:30".into())
        );
    }
}
