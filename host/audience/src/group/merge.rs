//! Parts of a group: told apart where they may be, merged where not.

use std::collections::BTreeMap;
use std::time::Duration;

use sluis_frame::Timestamp;

use super::{Contact, Grouping, Key, Level, is_tellable, looked};
use crate::contact::QUARTER;

/// The tellable parts of a tellable group at one level. They make up the whole. None when it cannot be divided there.
pub(super) fn parts<'c>(
    grouping: &Grouping<'_>,
    level: Level,
    contacts: &[&'c Contact],
) -> Vec<(Key, Vec<&'c Contact>)> {
    let mut cells: BTreeMap<Key, Vec<&'c Contact>> = BTreeMap::new();
    for contact in contacts {
        cells.entry(key(grouping, level, contact)).or_default().push(contact);
    }
    let least = grouping.min_group.get();
    match level {
        Level::Hour | Level::Quarter => neighbours(cells, least),
        Level::Screen | Level::Advert | Level::Sex | Level::Age => pool(cells, least),
    }
}

/// Whether a key stands for more than one cell of its level.
pub(super) fn is_merged(level: Level, key: &Key) -> bool {
    match key {
        Key::Others => true,
        Key::Time { from, until } => *until > end(level, *from),
        _ => false,
    }
}

fn key(grouping: &Grouping<'_>, level: Level, contact: &Contact) -> Key {
    match level {
        Level::Screen => Key::Screen(contact.screen.clone()),
        Level::Advert => Key::Advert(contact.advert.clone()),
        Level::Hour => {
            let from = grouping.local.hour(contact.quarter);
            Key::Time { from, until: end(level, from) }
        }
        Level::Quarter => Key::Time { from: contact.quarter, until: end(level, contact.quarter) },
        Level::Sex => Key::Sex(contact.sex),
        Level::Age => Key::Age(contact.age),
    }
}

fn end(level: Level, from: Timestamp) -> Timestamp {
    let seconds = if level == Level::Hour { 4 * QUARTER } else { QUARTER };
    from + Duration::from_secs(seconds as u64)
}

/// For levels without an order: every tellable cell by itself, the others together, and with them at least one that is tellable, the smallest. Without it they would often be too
/// few together, and so the difference of the whole and the rest. And even when they are enough, who knows that only small ones are among them knows too much: two cells
/// of at most 4 that are 8 together are 4 each. With a large one among them nobody can tell which is which; and cells of the same counts join together, so that no
/// name decides.
fn pool(cells: BTreeMap<Key, Vec<&Contact>>, least: usize) -> Vec<(Key, Vec<&Contact>)> {
    let (mut alone, small): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(_, members)| is_tellable(members, least));
    let mut pooled: Vec<&Contact> = small.into_iter().flat_map(|(_, members)| members).collect();
    let mut mixed = pooled.is_empty();
    while !mixed || !(pooled.is_empty() || is_tellable(&pooled, least)) {
        let counts = |(_, members): &(Key, Vec<&Contact>)| (members.len(), looked(members));
        // The whole is tellable: without one left to join, it stays undivided.
        let Some(smallest) = alone.iter().map(counts).min() else { return Vec::new() };
        let (joining, staying): (Vec<_>, Vec<_>) = alone.into_iter().partition(|cell| counts(cell) == smallest);
        pooled.extend(joining.into_iter().flat_map(|(_, members)| members));
        (alone, mixed) = (staying, true);
    }
    if alone.is_empty() {
        return Vec::new();
    }
    if !pooled.is_empty() {
        alone.push((Key::Others, pooled));
    }
    alone
}

/// For times: from the first on, cells join the next until they are tellable together; what is left at the end joins the last. Empty times between two groups
/// belong to none.
fn neighbours(cells: BTreeMap<Key, Vec<&Contact>>, least: usize) -> Vec<(Key, Vec<&Contact>)> {
    let mut groups: Vec<(Key, Vec<&Contact>)> = Vec::new();
    let mut open: Option<(Key, Vec<&Contact>)> = None;
    for (key, members) in cells {
        let (key, members) = match open.take() {
            None => (key, members),
            Some(before) => join(before, (key, members)),
        };
        if is_tellable(&members, least) {
            groups.push((key, members));
        } else {
            open = Some((key, members));
        }
    }
    if let Some(left) = open {
        let Some(last) = groups.pop() else { return Vec::new() };
        let mut joined = join(last, left);
        // A tellable group and one that is not can be untellable together.
        while !is_tellable(&joined.1, least) {
            let Some(before) = groups.pop() else { return Vec::new() };
            joined = join(before, joined);
        }
        groups.push(joined);
    }
    groups
}

/// Two groups of times as one, from the start of the first to the end of the second.
fn join<'c>(first: (Key, Vec<&'c Contact>), second: (Key, Vec<&'c Contact>)) -> (Key, Vec<&'c Contact>) {
    let key = match (first.0, second.0) {
        (Key::Time { from, .. }, Key::Time { until, .. }) => Key::Time { from, until },
        (key, _) => key,
    };
    (key, [first.1, second.1].concat())
}
