//! Merging until no group is too small.
//!
//! The rule, for tables of counts by days and hours: what is told is a *partition*. The cells of the full table are put into blocks; each block is about nobody or about
//! at least the least group of persons; only blocks and sums of whole blocks are told. So whatever can be computed from what is told, by adding and subtracting, is again a
//! sum of whole blocks: about nobody, or about enough.
//!
//! Margins of a table whose inside is not told would tell more, and are not told for that reason: rows and columns that cross share cells, and what is known from
//! elsewhere (no recording at that hour; nobody reached, so nobody took) can make a shared cell computable. A partition does not care what else is known.
//!
//! Persons are counted as a union: seven reaches of one person are one person.

use std::iter;
use std::ops::Range;

use crate::settings::MinGroup;

/// What can be merged: a count, with the persons behind it.
pub trait Group: Clone + Default {
    /// Takes in another one. The persons behind both are the union.
    fn absorb(&mut self, other: &Self);

    /// How many persons are behind it.
    fn persons(&self) -> usize;

    /// Whether it may be told: it is about nobody, or about enough.
    fn may_be_told(&self, least: MinGroup) -> bool {
        self.persons() == 0 || self.persons() >= least.get()
    }
}

/// A table of days by hours, in blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<G> {
    /// The bands of hours, in order, without gaps: ranges of columns.
    pub bands: Vec<Range<usize>>,
    /// The rows, by their first day.
    pub rows: Vec<Row<G>>,
}

/// A day, or several days together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<G> {
    /// Which days: rows of the full table.
    pub days: Vec<usize>,
    /// By band.
    pub blocks: Vec<G>,
}

/// The union of groups.
pub fn union<'a, G: Group + 'a>(groups: impl IntoIterator<Item = &'a G>) -> G {
    groups.into_iter().fold(G::default(), |mut all, group| {
        all.absorb(group);
        all
    })
}

/// Merges neighbours until each band holds nobody or at least `least` persons. `None` when all of them together are too few.
///
/// A cell without persons stays alone unless it lies between cells that must be merged.
pub fn bands<G: Group>(cells: &[G], least: usize) -> Option<Vec<Range<usize>>> {
    let mut bands: Vec<(Range<usize>, bool)> = Vec::new();
    let mut open: Option<(usize, G)> = None;
    for (n, cell) in cells.iter().enumerate() {
        let (start, mut group) = open.take().unwrap_or_else(|| (n, G::default()));
        group.absorb(cell);
        let persons = group.persons();
        if persons == 0 || persons >= least {
            bands.push((start..n + 1, persons > 0));
        } else {
            open = Some((start, group));
        }
    }
    if open.is_some() {
        // Too few are left at the end: they join the band before them, and whatever empty ones lie between.
        let start = loop {
            let (band, anybody) = bands.pop()?;
            if anybody {
                break band.start;
            }
        };
        let end = cells.iter().rposition(|cell| cell.persons() > 0).map_or(cells.len(), |last| last + 1);
        bands.push((start..end, true));
        bands.extend((end..cells.len()).map(|n| (n..n + 1, false)));
    }
    Some(bands.into_iter().map(|(band, _)| band).collect())
}

/// Merges those that are too small, and if these are too few together the smallest of the others, until every pool may be told. Pools and their members are in order.
/// `None` when all of them together are too few.
pub fn pools<G: Group>(cells: &[G], least: MinGroup) -> Option<Vec<Vec<usize>>> {
    let (small, mut others): (Vec<_>, Vec<_>) = (0..cells.len()).partition(|n| !cells[*n].may_be_told(least));
    if small.is_empty() {
        return Some(others.into_iter().map(|n| vec![n]).collect());
    }
    let mut pool = union(small.iter().map(|n| &cells[*n]));
    let mut members = small;
    // The smallest last.
    others.sort_by_key(|n| (std::cmp::Reverse(cells[*n].persons()), *n));
    let (mut candidates, mut pools): (Vec<_>, Vec<_>) = others.into_iter().partition(|n| cells[*n].persons() > 0);
    while !pool.may_be_told(least) {
        let next = candidates.pop()?;
        pool.absorb(&cells[next]);
        members.push(next);
    }
    members.sort_unstable();
    pools.append(&mut candidates);
    let mut pools: Vec<Vec<usize>> = pools.into_iter().map(|n| vec![n]).collect();
    pools.push(members);
    pools.sort_unstable();
    Some(pools)
}

/// Puts the cells of a full table, days by hours, into blocks: bands of hours that hold for all days, days that stand alone where every band may be told, and the other
/// days together. Of several ways to choose the bands it takes the one that tells the most figures. `None` when the whole table is about too few.
///
/// # Panics
///
/// When the rows are not equally long.
pub fn table<G: Group>(days: &[Vec<G>], least: MinGroup) -> Option<Table<G>> {
    let width = days.first().map_or(0, Vec::len);
    assert!(days.iter().all(|day| day.len() == width), "every day has the same hours");
    let sums: Vec<G> = (0..width).map(|n| union(days.iter().map(|day| &day[n]))).collect();
    let whole = union(&sums);
    if !whole.may_be_told(least) {
        return None;
    }
    let mut best: Option<(usize, Table<G>)> = None;
    let mut wanted = least.get();
    loop {
        let last = wanted > whole.persons();
        let columns = bands(&sums, wanted).unwrap_or_else(|| one_band(&sums));
        let table = by_days(days, columns, least);
        // A row tells nothing beyond its days when nobody was there; such rows and bands do not count.
        let told = table.rows.iter().flat_map(|row| &row.blocks).filter(|block| block.persons() > 0).count();
        if best.as_ref().is_none_or(|(most, _)| told > *most) {
            best = Some((told, table));
        }
        if last {
            return best.map(|(_, table)| table);
        }
        wanted += wanted.div_ceil(4);
    }
}

/// All cells from the first with anybody to the last in one band; the empty ones before and after stand alone.
fn one_band<G: Group>(cells: &[G]) -> Vec<Range<usize>> {
    let anybody = |n: &usize| cells[*n].persons() > 0;
    let all = 0..cells.len();
    let (Some(first), Some(last)) = (all.clone().find(anybody), all.rev().find(anybody)) else {
        return (0..cells.len()).map(|n| n..n + 1).collect();
    };
    let empty = |n: usize| n..n + 1;
    (0..first).map(empty).chain(iter::once(first..last + 1)).chain((last + 1..cells.len()).map(empty)).collect()
}

/// The days that may stand alone in these bands, and the others together.
fn by_days<G: Group>(days: &[Vec<G>], bands: Vec<Range<usize>>, least: MinGroup) -> Table<G> {
    let blocks = |day: &[G]| -> Vec<G> { bands.iter().map(|band| union(&day[band.clone()])).collect() };
    let mut rows: Vec<Row<G>> =
        days.iter().enumerate().map(|(n, day)| Row { days: vec![n], blocks: blocks(day) }).collect();
    let stands = |row: &Row<G>| row.blocks.iter().all(|block| block.may_be_told(least));
    let persons = |row: &Row<G>| union(&row.blocks).persons();
    let small: Vec<_> = rows.extract_if(.., |row| !stands(row)).collect();
    if small.is_empty() {
        return Table { bands, rows };
    }
    let mut together = Row { days: Vec::new(), blocks: vec![G::default(); bands.len()] };
    let mut join = |row: &Row<G>| {
        together.days.extend(&row.days);
        for (all, one) in together.blocks.iter_mut().zip(&row.blocks) {
            all.absorb(one);
        }
        stands(&together)
    };
    let mut enough = small.iter().fold(false, |_, row| join(row));
    while !enough {
        // All days together may be told, for the bands were chosen so; days without anybody change nothing.
        let smallest = (0..rows.len()).filter(|n| persons(&rows[*n]) > 0).min_by_key(|n| persons(&rows[*n]));
        let Some(smallest) = smallest else { break };
        enough = join(&rows.remove(smallest));
    }
    together.days.sort_unstable();
    rows.push(together);
    rows.sort_by_key(|row| row.days[0]);
    Table { bands, rows }
}

// === impl Table ===

impl<G: Group> Table<G> {
    /// The sum of a band over all days.
    pub fn band(&self, band: usize) -> G {
        union(self.rows.iter().map(|row| &row.blocks[band]))
    }

    /// The sum of everything.
    pub fn total(&self) -> G {
        union(self.rows.iter().flat_map(|row| &row.blocks))
    }
}

// === impl Row ===

impl<G: Group> Row<G> {
    /// The sum of the row.
    pub fn total(&self) -> G {
        union(&self.blocks)
    }
}

#[cfg(test)]
mod tests;
