//! Whatever is computed from what is told is about nobody or about enough.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Persons by number; the count is not needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct People(BTreeSet<u8>);

impl Group for People {
    fn absorb(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    fn persons(&self) -> usize {
        self.0.len()
    }
}

const LEAST: usize = 3;

fn least() -> MinGroup {
    MinGroup::new(LEAST as u32).unwrap()
}

fn people(n: u8, from: u8) -> People {
    People((from..from + n).collect())
}

/// Cells that are often empty and often small, with persons who are in several of them.
fn cell() -> impl Strategy<Value = People> {
    prop_oneof![
        2 => Just(People::default()),
        3 => prop::collection::btree_set(0u8..30, 1..4).prop_map(People),
        1 => prop::collection::btree_set(0u8..30, 4..12).prop_map(People),
    ]
}

fn tables() -> impl Strategy<Value = Vec<Vec<People>>> {
    (1usize..5, 1usize..4)
        .prop_flat_map(|(days, hours)| prop::collection::vec(prop::collection::vec(cell(), hours..=hours), days..=days))
}

/// A prime: elimination modulo it finds what can be computed with fractions too, but for one chance in a billion.
const PRIME: i64 = 2_147_483_647;

fn inverse(a: i64) -> i64 {
    let (mut base, mut power, mut result) = (a.rem_euclid(PRIME), PRIME - 2, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
}

/// What can be computed from sums by adding, subtracting and multiplying: a basis in which each vector has a column of its own.
fn basis(sums: &[Vec<i64>]) -> Vec<(usize, Vec<i64>)> {
    let mut basis: Vec<(usize, Vec<i64>)> = Vec::new();
    for sum in sums {
        let rest = reduce(sum.clone(), &basis);
        let Some(lead) = rest.iter().position(|v| *v != 0) else { continue };
        let by = inverse(rest[lead]);
        let rest: Vec<i64> = rest.iter().map(|v| v * by % PRIME).collect();
        for (_, other) in &mut basis {
            let times = other[lead];
            other.iter_mut().zip(&rest).for_each(|(o, r)| *o = (*o - times * r).rem_euclid(PRIME));
        }
        basis.push((lead, rest));
    }
    basis
}

fn reduce(mut vector: Vec<i64>, basis: &[(usize, Vec<i64>)]) -> Vec<i64> {
    for (lead, of_basis) in basis {
        let times = vector[*lead];
        vector.iter_mut().zip(of_basis).for_each(|(v, b)| *v = (*v - times * b).rem_euclid(PRIME));
    }
    vector
}

/// Every figure of a table, as the set of cells that it sums up.
fn told(table: &Table<People>, days: usize, hours: usize) -> Vec<Vec<i64>> {
    let cells = |rows: &[&Row<People>], bands: &[Range<usize>]| {
        let mut vector = vec![0; days * hours];
        for day in rows.iter().flat_map(|r| &r.days) {
            bands.iter().flat_map(Clone::clone).for_each(|hour| vector[day * hours + hour] += 1);
        }
        vector
    };
    let mut sums = Vec::new();
    let all: Vec<&Row<People>> = table.rows.iter().collect();
    for band in &table.bands {
        sums.push(cells(&all, std::slice::from_ref(band)));
        sums.extend(table.rows.iter().map(|row| cells(&[row], std::slice::from_ref(band))));
    }
    sums.extend(table.rows.iter().map(|row| cells(&[row], &table.bands)));
    sums.push(cells(&all, &table.bands));
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_small_group_can_be_computed_from_a_table_also_by_who_knows_where_nobody_was(days in tables()) {
        let hours = days[0].len();
        let flat: Vec<&People> = days.iter().flatten().collect();
        let Some(table) = table(&days, least()) else {
            prop_assert!(!union(flat.iter().copied()).may_be_told(least()), "a table was kept back without need");
            return Ok(());
        };
        let mut sums = told(&table, days.len(), hours);
        // Somebody may know of every empty cell that it is empty: from opening hours, or from other tables.
        for (n, _) in flat.iter().enumerate().filter(|(_, cell)| cell.persons() == 0) {
            let mut vector = vec![0; flat.len()];
            vector[n] = 1;
            sums.push(vector);
        }
        let basis = basis(&sums);
        for subset in 1u32..1 << flat.len() {
            let vector: Vec<i64> = (0..flat.len()).map(|n| i64::from(subset >> n & 1)).collect();
            if reduce(vector.clone(), &basis).iter().any(|v| *v != 0) {
                continue;
            }
            let group = union(flat.iter().zip(&vector).filter(|(_, v)| **v == 1).map(|(cell, _)| *cell));
            prop_assert!(group.may_be_told(least()), "cells {vector:?} can be computed: {group:?} in {table:?}");
        }
    }

    #[test]
    fn every_cell_of_a_table_is_told_exactly_once(days in tables()) {
        let hours = days[0].len();
        if let Some(table) = table(&days, least()) {
            let mut seen = vec![0; days.len() * hours];
            for row in &table.rows {
                for (band, block) in table.bands.iter().zip(&row.blocks) {
                    let cells = row.days.iter().flat_map(|day| band.clone().map(move |hour| (*day, hour)));
                    cells.clone().for_each(|(day, hour)| seen[day * hours + hour] += 1);
                    prop_assert_eq!(block, &union(cells.map(|(day, hour)| &days[day][hour])));
                    prop_assert!(block.may_be_told(least()));
                }
            }
            prop_assert!(seen.iter().all(|n| *n == 1));
        }
    }

    #[test]
    fn bands_cover_everything_once_and_none_is_small(cells in prop::collection::vec(cell(), 0..12)) {
        match bands(&cells, LEAST) {
            None => prop_assert!(!union(&cells).may_be_told(least())),
            Some(bands) => {
                prop_assert_eq!(bands.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..cells.len()).collect::<Vec<_>>());
                prop_assert!(bands.iter().all(|band| union(&cells[band.clone()]).may_be_told(least())));
            }
        }
    }

    #[test]
    fn pools_hold_everything_once_and_none_is_small(cells in prop::collection::vec(cell(), 0..12)) {
        match pools(&cells, least()) {
            None => prop_assert!(!union(&cells).may_be_told(least())),
            Some(pools) => {
                let mut members: Vec<_> = pools.iter().flatten().copied().collect();
                members.sort_unstable();
                prop_assert_eq!(members, (0..cells.len()).collect::<Vec<_>>());
                prop_assert!(pools.iter().all(|pool| union(pool.iter().map(|n| &cells[*n])).may_be_told(least())));
            }
        }
    }
}

#[test]
fn large_cells_stand_alone() {
    let cells = [people(4, 0), People::default(), people(3, 10)];
    assert_eq!(bands(&cells, LEAST).unwrap(), [0..1, 1..2, 2..3]);
    assert_eq!(pools(&cells, least()).unwrap(), [[0], [1], [2]]);
    let table = table(&[cells.to_vec(), cells.to_vec()], least()).unwrap();
    assert_eq!((table.bands.len(), table.rows.len()), (3, 2));
}

#[test]
fn seven_reaches_of_one_person_are_one_person() {
    let one = || people(1, 0);
    assert_eq!(bands(&vec![one(); 7], LEAST), None);
    assert_eq!(pools(&vec![one(); 7], least()), None);
}

#[test]
fn the_last_hour_joins_the_one_before_it() {
    let cells = [people(4, 0), People::default(), people(1, 9)];
    assert_eq!(bands(&cells, LEAST).unwrap(), std::slice::from_ref(&(0..3)));
}

#[test]
fn closing_time_is_not_stretched_to_midnight() {
    let cells = [people(4, 0), people(1, 9), People::default(), People::default()];
    assert_eq!(bands(&cells, LEAST).unwrap(), [0..2, 2..3, 3..4]);
}

#[test]
fn a_small_day_takes_another_one_with_it_so_that_no_sum_gives_it_away() {
    let days = [vec![people(1, 0)], vec![people(5, 10)], vec![people(9, 20)]];
    let table = table(&days, least()).unwrap();
    assert_eq!(table.rows.iter().map(|r| r.days.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![2]]);
}

#[test]
fn quiet_zones_are_told_by_day_rather_than_by_hour() {
    // Three persons a day, each at an hour of their own: no hour of a day may be told, every day may.
    let days: Vec<Vec<People>> = (0..4).map(|d| (0..3).map(|h| people(1, d * 3 + h)).collect()).collect();
    let table = table(&days, least()).unwrap();
    assert_eq!((table.bands.clone(), table.rows.len()), (Vec::from_iter([(0, 3)].map(|(from, to)| from..to)), 4));
}

#[test]
fn nothing_at_all_is_told_as_nothing() {
    let table = table(&[vec![People::default(); 3]], least()).unwrap();
    assert_eq!(table.total().persons(), 0);
}
