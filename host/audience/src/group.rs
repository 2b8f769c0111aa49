//! Which groups a report may tell of.
//!
//! Counts are of contacts, in a hierarchy: screen, advert, hour, quarter of an hour, and, where the demographic switch was on, sex and age. A count of few says something of
//! somebody, and so does a count of many beside a total. So groups are merged until none is small, in a way that leaves nothing to subtract:
//!
//! - **The groups that are told never overlap but by inclusion.** Each is split into parts, or not at all; the parts make up the whole. So every number of the
//!   report is a sum over undivided groups, and whatever can be computed by adding and subtracting is one as well.
//! - **Every group is [tellable](is_tellable):** of those who looked there is nobody, or at least `min-group` persons, and of those who did not likewise. Sums of such are
//!   such.
//! - **What is too small is merged with its neighbours:** a quarter with the next ones of its hour, an hour with the next ones, a small advert with the other small ones, and
//!   with a large one when they are too few together: what would else be the complement. When nothing is left to tell apart, the whole stays undivided: merged
//!   upward.
//! - **A merged group does not say which of its members have anybody.** Times are given as a range, the rest as "others".
//! - **Days stand alone:** what is told of one does not depend on which others are in the report, so two reports can be compared without harm.
//!
//! `tests/suppression.rs` attacks this from outside: by linear algebra, and by trying all worlds that would have given the same report.

mod merge;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use sluis_frame::{AgeClass, ScreenId, SexClass, Timestamp};

use crate::contact::{Contact, LocalTime};
use crate::figures::{Median, Share};
use crate::playlist::Advert;

/// The smallest group that may be told of: 3 to 1000 persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct MinGroup(usize);

/// A size that [`MinGroup`] does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a smallest group of {size} cannot be: use {least} to {most}", least = MinGroup::LEAST, most = MinGroup::MOST)]
pub struct InvalidMinGroup {
    size: usize,
}

/// A step of the hierarchy, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// By screen.
    Screen,
    /// By what was on it.
    Advert,
    /// By hour of the local day.
    Hour,
    /// By quarter of an hour.
    Quarter,
    /// By estimated sex class.
    Sex,
    /// By estimated age class.
    Age,
}

/// What the members of a group have in common at one level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The screen.
    Screen(ScreenId),
    /// What was on it.
    Advert(Advert),
    /// The time: hours or quarters, from the first second until just before the last.
    Time {
        /// The first second.
        from: Timestamp,
        /// The first second after it.
        until: Timestamp,
    },
    /// The estimated sex class.
    Sex(SexClass),
    /// The estimated age class.
    Age(AgeClass),
    /// All that are not named beside it: which of them have anybody is not told.
    Others,
}

/// A group that may be told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The level at which it was told apart from its neighbours.
    pub level: Level,
    /// What its members have in common there.
    pub key: Key,
    /// Contacts.
    pub present: u64,
    /// Contacts that looked.
    pub looked: u64,
    /// How long those looked, where they are enough.
    pub median: Option<Median>,
    /// What it is made of, at the next level; none when it is not divided.
    pub parts: Vec<Self>,
}

/// What may be told of one day.
#[derive(Debug, Clone, PartialEq)]
pub enum Day {
    /// Too few were there to say anything, or nobody was.
    Withheld,
    /// So many contacts. To tell how many looked would tell of few.
    PresentOnly(u64),
    /// So many contacts, so many looked, and the screens.
    Told {
        /// Contacts.
        present: u64,
        /// Contacts that looked.
        looked: u64,
        /// How long those looked, where they are enough.
        median: Option<Median>,
        /// The screens.
        screens: Vec<Group>,
    },
}

/// How contacts are grouped.
#[derive(Debug, Clone)]
pub struct Grouping<'a> {
    /// The smallest group.
    pub min_group: MinGroup,
    /// Hours and quarters are of this local time.
    pub local: &'a LocalTime,
    /// Whether groups are told apart by sex and age classes.
    pub demographics: bool,
}

// === impl MinGroup ===

impl MinGroup {
    /// The smallest size that may be set: with less, two members of a group know of the third.
    pub const LEAST: usize = 3;
    /// The largest.
    pub const MOST: usize = 1000;

    /// Checks a size.
    ///
    /// # Errors
    ///
    /// [`InvalidMinGroup`] when it is below [`LEAST`](Self::LEAST) or above [`MOST`](Self::MOST).
    pub const fn new(size: usize) -> Result<Self, InvalidMinGroup> {
        if size < Self::LEAST || size > Self::MOST { Err(InvalidMinGroup { size }) } else { Ok(Self(size)) }
    }

    /// The size.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for MinGroup {
    /// Five.
    fn default() -> Self {
        Self(5)
    }
}

// === impl Group ===

impl Group {
    /// The share that looked, with its interval.
    pub fn share(&self) -> Option<Share> {
        Share::of(self.looked, self.present)
    }
}

// === impl Grouping ===

impl Grouping<'_> {
    /// What may be told of the contacts, day by day.
    pub fn days(&self, contacts: &[Contact]) -> BTreeMap<Date, Day> {
        let mut by_day: BTreeMap<Date, Vec<&Contact>> = BTreeMap::new();
        for contact in contacts {
            by_day.entry(self.local.day(contact.quarter)).or_default().push(contact);
        }
        by_day.into_iter().map(|(date, contacts)| (date, self.day(&contacts))).collect()
    }

    fn day(&self, contacts: &[&Contact]) -> Day {
        let least = self.min_group.get();
        if is_tellable(contacts, least) {
            return Day::Told {
                present: contacts.len() as u64,
                looked: looked(contacts),
                median: self.median(contacts),
                screens: self.split(contacts, self.levels()),
            };
        }
        if persons(contacts) >= least { Day::PresentOnly(contacts.len() as u64) } else { Day::Withheld }
    }

    const fn levels(&self) -> &'static [Level] {
        const ALL: [Level; 6] = [Level::Screen, Level::Advert, Level::Hour, Level::Quarter, Level::Sex, Level::Age];
        if self.demographics { &ALL } else { ALL.split_at(4).0 }
    }

    /// Splits a tellable group at the first of these levels; into nothing when it must stay whole.
    fn split(&self, contacts: &[&Contact], levels: &[Level]) -> Vec<Group> {
        let Some((&level, deeper)) = levels.split_first() else { return Vec::new() };
        let parts = merge::parts(self, level, contacts);
        let group = |(key, members): (Key, Vec<&Contact>)| Group {
            level,
            present: members.len() as u64,
            looked: looked(&members),
            median: self.median(&members),
            // What was merged is not divided any further.
            parts: if merge::is_merged(level, &key) { Vec::new() } else { self.split(&members, deeper) },
            key,
        };
        parts.into_iter().map(group).collect()
    }

    fn median(&self, contacts: &[&Contact]) -> Option<Median> {
        Median::of(contacts.iter().filter_map(|contact| contact.looked).collect(), self.min_group.get())
    }
}

/// Whether a group may be told of: those who looked are nobody or at least `least` persons, and those who did not likewise, and somebody is there. One person can be
/// several contacts of a merged group, and counts once.
fn is_tellable(contacts: &[&Contact], least: usize) -> bool {
    let (looked, passed): (Vec<_>, Vec<_>) = contacts.iter().partition(|contact| contact.looked.is_some());
    let large = |contacts: &[&Contact]| contacts.is_empty() || persons(contacts) >= least;
    !contacts.is_empty() && large(&looked) && large(&passed)
}

fn persons(contacts: &[&Contact]) -> usize {
    contacts.iter().map(|contact| contact.person).collect::<BTreeSet<_>>().len()
}

fn looked(contacts: &[&Contact]) -> u64 {
    contacts.iter().filter(|contact| contact.looked.is_some()).count() as u64
}
