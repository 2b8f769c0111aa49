//! Attacks on what a report tells, from outside: nothing here knows how groups are made.
//!
//! - By linear algebra: whatever can be computed by adding and subtracting published numbers is a group of nobody or of at least `min-group`.
//! - By trying every small world: who knows the program as well as its author, and everything that it published, cannot tell the size of a small group for certain.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use sluis_audience::group::Grouping;
use sluis_audience::{Advert, Contact, Day, Group, Key, LocalTime, MinGroup};
use sluis_frame::{AgeClass, DurationClass, ScreenId, SexClass, Timestamp};

/// Something that is counted of a cell: who looked, who did not, or both.
type Count = fn(&(usize, usize)) -> usize;

/// 2026-06-28T09:00:00 UTC.
const NINE: i64 = 1_782_637_200;

/// The finest thing that a number can be about: screen, advert, quarter, sex, age, and whether they looked.
type Atom = (ScreenId, Advert, Timestamp, SexClass, AgeClass, bool);

fn atom(contact: &Contact) -> Atom {
    let Contact { screen, advert, quarter, sex, age, looked, .. } = contact.clone();
    (screen, advert, quarter, sex, age, looked.is_some())
}

fn local() -> LocalTime {
    LocalTime::new(TimeZone::UTC)
}

fn publish(contacts: &[Contact], min_group: usize, demographics: bool) -> Vec<Day> {
    let local = local();
    let grouping = Grouping { min_group: MinGroup::new(min_group).unwrap(), local: &local, demographics };
    grouping.days(contacts).into_values().collect()
}

// === the published numbers, as a reader of the report understands them ===

/// One published number: which atoms it is about, and what it says.
struct Number {
    about: BTreeSet<Atom>,
    says: u64,
}

/// The atoms of `whole` that a key speaks of; "others" are those that the keys beside it do not.
fn spoken(whole: &BTreeSet<Atom>, key: &Key, beside: &[Group]) -> BTreeSet<Atom> {
    let named = |atom: &Atom, key: &Key| match key {
        Key::Screen(screen) => atom.0 == *screen,
        Key::Advert(advert) => atom.1 == *advert,
        Key::Time { from, until } => *from <= atom.2 && atom.2 < *until,
        Key::Sex(sex) => atom.3 == *sex,
        Key::Age(age) => atom.4 == *age,
        Key::Others => false,
    };
    let belongs = |atom: &&Atom| match key {
        Key::Others => !beside.iter().any(|group| named(atom, &group.key)),
        key => named(atom, key),
    };
    whole.iter().filter(belongs).cloned().collect()
}

fn numbers(about: BTreeSet<Atom>, present: u64, looked: u64, parts: &[Group], into: &mut Vec<Number>) {
    for part in parts {
        numbers(spoken(&about, &part.key, parts), part.present, part.looked, &part.parts, into);
    }
    into.push(Number { about: about.iter().filter(|atom| atom.5).cloned().collect(), says: looked });
    into.push(Number { about, says: present });
}

fn of_day(day: &Day, atoms: BTreeSet<Atom>) -> Vec<Number> {
    let mut all = Vec::new();
    match day {
        Day::Withheld => {}
        Day::PresentOnly(present) => all.push(Number { about: atoms, says: *present }),
        Day::Told { present, looked, screens, .. } => numbers(atoms, *present, *looked, screens, &mut all),
    }
    all
}

// === the attack by linear algebra ===

/// Gauss and Jordan, in whole numbers modulo a large prime: fractions of the rows of zeros and ones here never meet it.
fn reduced(mut rows: Vec<Vec<i128>>) -> Vec<Vec<i128>> {
    const P: i128 = 2_305_843_009_213_693_951;
    let power = |mut base: i128, mut exponent: i128| {
        let mut result = 1;
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * base % P;
            }
            base = base * base % P;
            exponent /= 2;
        }
        result
    };
    let columns = rows.first().map_or(0, Vec::len);
    let mut done = 0;
    for column in 0..columns {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(done, pivot);
        let inverse = power(rows[done][column], P - 2);
        rows[done].iter_mut().for_each(|value| *value = *value * inverse % P);
        let pivot = rows[done].clone();
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, row)| *at != done && row[column] != 0) {
            let _ = at;
            let factor = row[column];
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(value, of_pivot)| *value = (*value - factor * of_pivot).rem_euclid(P));
        }
        done += 1;
    }
    rows.truncate(done);
    rows
}

/// Everything that follows from the numbers by adding and subtracting them, as disjoint groups of atoms; panics when there is more to it than that.
fn derivable(numbers: &[Number], atoms: &[Atom]) -> Vec<BTreeSet<Atom>> {
    let row = |number: &Number| atoms.iter().map(|atom| i128::from(number.about.contains(atom))).collect();
    let basis = reduced(numbers.iter().map(row).collect());
    let mut of_atom = vec![0; atoms.len()];
    for row in &basis {
        for (count, value) in of_atom.iter_mut().zip(row) {
            assert!(*value == 0 || *value == 1, "what can be computed is more than groups and their sums");
            *count += value;
        }
    }
    // Rows of zeros and ones that share no column: any group that is a combination of them is a union of them.
    assert!(of_atom.iter().all(|count| *count <= 1));
    let group =
        |row: &Vec<i128>| atoms.iter().zip(row).filter(|(_, v)| **v == 1).map(|(atom, _)| atom.clone()).collect();
    basis.iter().map(group).collect()
}

fn any_contacts() -> impl Strategy<Value = Vec<Contact>> {
    // Persons with up to three contacts each, over two screens, three adverts and six hours of one day; some cells crowded, some nearly empty.
    let cell = (0usize..2, 0usize..3, prop_oneof![0i64..4, 0i64..24], prop::option::weighted(0.4, 0usize..10));
    let person = (prop::collection::vec(cell, 1..4), 0usize..5, 0usize..3);
    prop::collection::vec(person, 0..160).prop_map(|persons| {
        let mut contacts = Vec::new();
        for (person, (cells, age, sex)) in persons.into_iter().enumerate() {
            let mut seen = BTreeSet::new();
            for (screen, advert, quarter, looked) in cells {
                if seen.insert((screen, advert, quarter)) {
                    contacts.push(Contact {
                        person,
                        screen: ScreenId::new(["left", "right"][screen]).unwrap(),
                        advert: Advert::Named(["bread", "coffee", "tea"][advert].into()),
                        quarter: Timestamp::from_secs(NINE + 900 * quarter),
                        looked: looked.map(|class| DurationClass::ALL[class]),
                        age: AgeClass::ALL[age],
                        sex: SexClass::ALL[sex],
                    });
                }
            }
        }
        contacts
    })
}

/// Every atom that there could be: a reader knows the screens, adverts, times and classes, not where somebody was.
fn all_atoms(contacts: &[Contact]) -> Vec<Atom> {
    let mut atoms = BTreeSet::new();
    let cells: BTreeSet<_> = contacts.iter().map(|c| (c.screen.clone(), c.advert.clone(), c.quarter)).collect();
    for (screen, advert, quarter) in cells {
        for sex in SexClass::ALL {
            for age in AgeClass::ALL {
                for looked in [false, true] {
                    atoms.insert((screen.clone(), advert.clone(), quarter, sex, age, looked));
                }
            }
        }
    }
    atoms.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_small_group_can_be_computed_from_what_is_told(contacts in any_contacts(), min_group in 3usize..9, demographics in any::<bool>()) {
        let atoms = all_atoms(&contacts);
        let days = publish(&contacts, min_group, demographics);
        prop_assert!(days.len() <= 1);
        for day in days {
            let numbers = of_day(&day, atoms.iter().cloned().collect());
            // What is told is true.
            for number in &numbers {
                let true_count = contacts.iter().filter(|c| number.about.contains(&atom(c))).count() as u64;
                prop_assert_eq!(number.says, true_count);
            }
            for group in derivable(&numbers, &atoms) {
                let members: Vec<&Contact> = contacts.iter().filter(|c| group.contains(&atom(c))).collect();
                let persons: BTreeSet<usize> = members.iter().map(|c| c.person).collect();
                prop_assert!(persons.is_empty() || persons.len() >= min_group, "{} persons can be told apart", persons.len());
            }
        }
    }

    #[test]
    fn what_is_told_of_a_day_does_not_depend_on_other_days(contacts in any_contacts(), others in any_contacts()) {
        let alone = publish(&contacts, 5, true);
        let moved = others.into_iter().map(|c| Contact { quarter: c.quarter + std::time::Duration::from_secs(86_400), person: c.person + 1000, ..c });
        let together = publish(&contacts.into_iter().chain(moved).collect::<Vec<_>>(), 5, true);
        prop_assert!(together.starts_with(&alone));
    }

    #[test]
    fn a_crowd_is_told_apart_down_to_the_quarter(extra in 0usize..50) {
        // The other side of suppression: it must not eat what is safe.
        let contact = |person: usize, quarter: i64| Contact {
            person,
            screen: ScreenId::new("left").unwrap(),
            advert: Advert::None,
            quarter: Timestamp::from_secs(NINE + 900 * quarter),
            looked: person.is_multiple_of(3).then_some(DurationClass::From2S),
            age: AgeClass::Unknown,
            sex: SexClass::Undetermined,
        };
        let contacts: Vec<_> = (0..8).flat_map(|quarter| (0..30 + extra).map(move |n| contact(quarter as usize * 1000 + n, quarter))).collect();
        let days = publish(&contacts, 5, false);
        let Day::Told { screens, .. } = &days[0] else { panic!("{days:?}") };
        let hours = &screens[0].parts[0].parts;
        prop_assert_eq!(hours.iter().map(|hour| hour.parts.len()).collect::<Vec<_>>(), [4, 4]);
    }
}

// === the attack by trying every world ===

/// So many who looked and who did not, in each cell.
type World = Vec<(usize, usize)>;

fn contacts_of(world: &World, cell: impl Fn(usize, &mut Contact)) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for (at, (looked, passed)) in world.iter().enumerate() {
        for n in 0..looked + passed {
            let mut contact = Contact {
                person: contacts.len(),
                screen: ScreenId::new("left").unwrap(),
                advert: Advert::None,
                quarter: Timestamp::from_secs(NINE),
                looked: (n < *looked).then_some(DurationClass::From2S),
                age: AgeClass::Unknown,
                sex: SexClass::Undetermined,
            };
            cell(at, &mut contact);
            contacts.push(contact);
        }
    }
    contacts
}

/// The worlds of `cells` cells, with up to `most.0` who looked and `most.1` who did not in each, in which somebody who knows everything that is told *and the program that tells it* knows a small count for certain.
fn certain(
    cells: usize,
    most: (usize, usize),
    min_group: usize,
    cell: impl Fn(usize, &mut Contact) + Copy,
) -> Vec<World> {
    let sides: Vec<(usize, usize)> =
        (0..=most.0).flat_map(|looked| (0..=most.1).map(move |passed| (looked, passed))).collect();
    let mut worlds: Vec<World> = vec![vec![]];
    for _ in 0..cells {
        worlds =
            worlds.iter().flat_map(|world| sides.iter().map(|side| [world.clone(), vec![*side]].concat())).collect();
    }
    let mut by_report: BTreeMap<String, Vec<World>> = BTreeMap::new();
    for world in worlds {
        let days = publish(&contacts_of(&world, cell), min_group, false);
        by_report.entry(format!("{days:?}")).or_default().push(world);
    }
    let mut known = Vec::new();
    for same in by_report.values() {
        for at in 0..cells {
            let counts: [Count; 3] = [|c| c.0, |c| c.1, |c| c.0 + c.1];
            for count in counts {
                let possible: BTreeSet<usize> = same.iter().map(|world| count(&world[at])).collect();
                let small = |count: &usize| (1..min_group).contains(count);
                // Where all together are more than were tried in one cell, worlds are missing that could make a count uncertain: not judged.
                let all = |world: &World| world.iter().fold((0, 0), |sum, c| (sum.0 + c.0, sum.1 + c.1));
                let at_the_edge =
                    same.iter().any(|world| (most.0 > 0 && all(world).0 > most.0) || all(world).1 > most.1);
                if possible.len() == 1 && possible.iter().all(small) && !at_the_edge {
                    known.extend(same.iter().cloned());
                }
            }
        }
    }
    known
}

fn assert_uncertain(cell: impl Fn(usize, &mut Contact) + Copy) {
    for (cells, most, min_group) in [(2, (8, 8), 3), (3, (4, 4), 3), (3, (0, 20), 3), (4, (0, 11), 3), (3, (0, 20), 5)]
    {
        assert_eq!(
            certain(cells, most, min_group, cell),
            Vec::<World>::new(),
            "{cells} cells of {most:?}, groups of {min_group}"
        );
    }
}

#[test]
fn who_knows_the_program_cannot_be_certain_of_a_small_quarter() {
    assert_uncertain(|at, contact| contact.quarter = Timestamp::from_secs(NINE + 900 * at as i64));
}

#[test]
fn who_knows_the_program_cannot_be_certain_of_a_small_advert() {
    assert_uncertain(|at, contact| contact.advert = Advert::Named(["a", "b", "c", "d"][at].into()));
}

#[test]
fn who_knows_the_program_cannot_be_certain_of_a_small_screen() {
    assert_uncertain(|at, contact| contact.screen = ScreenId::new(["a", "b", "c", "d"][at]).unwrap());
}
