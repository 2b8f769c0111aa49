//! Where people are: positions in patches, each of enough persons.
//!
//! A plane is a square of 2ⁿ by 2ⁿ cells. It is cut into quarters, and these again, down to single cells, as long as what comes of it may be told; quarters with too few
//! are told together with others of the same parent. So the patches are a partition, fine where many have been and coarse where few have.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use sluis_frame::{Point, Size};

use crate::person::Person;
use crate::report::{HeatMap, Patch, Plane, Square};
use crate::settings::MinGroup;
use crate::suppress::{self, Group};

/// Cells along each side of a camera's picture: a cell of a picture 640 pixels wide is 10 pixels.
const PICTURE_CELLS: u32 = 64;

/// Side of a cell of the floor: about the width of a person's stand.
const FLOOR_CELL_MM: i32 = 250;

/// The edges of a floor map lie on multiples of this, so that they tell nothing of who stood outermost.
const FLOOR_EDGE_MM: i32 = 4000;

/// At most so many cells along each side of the floor: 128 m.
const FLOOR_CELLS: u32 = 512;

/// Time spent, by cell.
#[derive(Debug, Default)]
pub struct Heat(HashMap<(u32, u32), Spot>);

/// Positions on the floor, until its extent is known.
#[derive(Debug, Default)]
pub struct Floor(Vec<(i32, i32, Person, Duration)>);

#[derive(Debug, Clone, Default)]
struct Spot {
    persons: BTreeSet<Person>,
    stayed: Duration,
}

/// A square of cells: its least cell, and how many along each side.
#[derive(Debug, Clone, Copy)]
struct Region {
    x: u32,
    y: u32,
    side: u32,
}

// === impl Floor ===

impl Floor {
    /// Somebody stood at `(x, y)`, in millimetres on the shop's floor.
    pub fn stay(&mut self, (x, y): (i32, i32), person: Person, stayed: Duration) {
        self.0.push((x, y, person, stayed));
    }

    /// The map; `None` when nobody was placed on the floor.
    pub fn map(&self, least: MinGroup) -> Option<HeatMap> {
        let edges = |of: fn(&(i32, i32, Person, Duration)) -> i32| {
            let (low, high) = (self.0.iter().map(of).min()?, self.0.iter().map(of).max()?);
            let low = low.div_euclid(FLOOR_EDGE_MM).saturating_mul(FLOOR_EDGE_MM);
            Some((low, (i64::from(high) - i64::from(low)) / i64::from(FLOOR_EDGE_MM) + 1))
        };
        let ((left, wide), (lower, deep)) = (edges(|p| p.0)?, edges(|p| p.1)?);
        let across = wide.max(deep) * i64::from(FLOOR_EDGE_MM / FLOOR_CELL_MM);
        let cells = u32::try_from(across).unwrap_or(FLOOR_CELLS).min(FLOOR_CELLS).next_power_of_two();
        let mut heat = Heat::default();
        let cell = |value: i32, edge: i32| {
            let cell = (i64::from(value) - i64::from(edge)) / i64::from(FLOOR_CELL_MM);
            u32::try_from(cell).ok().filter(|cell| *cell < cells)
        };
        for (x, y, person, stayed) in &self.0 {
            // Beyond 128 m lies no shop: a broken depth reading.
            if let (Some(x), Some(y)) = (cell(*x, left), cell(*y, lower)) {
                heat.stay((x, y), *person, *stayed);
            }
        }
        let metres = |mm: i64| mm as f64 / 1000.0;
        let extent =
            |edges: i64| metres((edges * i64::from(FLOOR_EDGE_MM)).min(i64::from(cells) * i64::from(FLOOR_CELL_MM)));
        let (x, y) = (metres(left.into()), metres(lower.into()));
        let plane = Plane::Floor { x, y, width: extent(wide), height: extent(deep) };
        Some(heat.map(plane, cells, (x, y), f64::from(FLOOR_CELL_MM) / 1000.0, least))
    }
}

// === impl Heat ===

impl Heat {
    /// Somebody was at a point of a picture of `size`. Points outside are left out.
    pub fn stay_in_picture(&mut self, at: Point, size: Size, person: Person, stayed: Duration) {
        let side = picture_cell(size);
        let cell =
            |value: f32, end: u32| (value >= 0.0 && value < end as f32).then(|| (f64::from(value) / side) as u32);
        if let (Some(x), Some(y)) = (cell(at.x, size.width), cell(at.y, size.height)) {
            self.stay((x, y), person, stayed);
        }
    }

    /// The map of a camera's picture.
    pub fn picture_map(&self, camera: &str, size: Size, least: MinGroup) -> HeatMap {
        let plane = Plane::Picture { camera: camera.to_owned(), width: size.width, height: size.height };
        self.map(plane, PICTURE_CELLS, (0.0, 0.0), picture_cell(size), least)
    }

    fn stay(&mut self, cell: (u32, u32), person: Person, stayed: Duration) {
        let spot = self.0.entry(cell).or_default();
        spot.persons.insert(person);
        spot.stayed += stayed;
    }

    fn map(&self, plane: Plane, cells: u32, origin: (f64, f64), side: f64, least: MinGroup) -> HeatMap {
        let whole = suppress::union(self.0.values());
        if !whole.may_be_told(least) {
            return HeatMap { plane, seconds: None, patches: Vec::new() };
        }
        let square = |region: &Region| Square {
            x: origin.0 + f64::from(region.x) * side,
            y: origin.1 + f64::from(region.y) * side,
            side: f64::from(region.side) * side,
        };
        let mut spots: Vec<_> = self.0.iter().map(|(cell, spot)| (*cell, spot)).collect();
        spots.sort_unstable_by_key(|(cell, _)| *cell);
        let mut patches = Vec::new();
        cut(Region { x: 0, y: 0, side: cells }, spots, least, &mut |regions, spot| {
            patches.push(Patch { squares: regions.iter().map(square).collect(), seconds: spot.stayed.as_secs() });
        });
        HeatMap { plane, seconds: Some(whole.stayed.as_secs()), patches }
    }
}

/// Cuts a region with enough persons into the finest patches.
fn cut(region: Region, spots: Vec<((u32, u32), &Spot)>, least: MinGroup, patch: &mut impl FnMut(&[Region], &Spot)) {
    let all = suppress::union(spots.iter().map(|(_, spot)| *spot));
    if all.persons() == 0 {
        return;
    }
    if region.side == 1 {
        return patch(&[region], &all);
    }
    let quarters = region.quarters();
    let mut inside: [Vec<_>; 4] = Default::default();
    for (cell, spot) in spots {
        inside[region.quarter_of(cell)].push((cell, spot));
    }
    let groups = inside.each_ref().map(|spots| suppress::union(spots.iter().map(|(_, spot)| *spot)));
    // The region as a whole may be told, so there are pools.
    for pool in suppress::pools(&groups, least).unwrap_or_else(|| vec![vec![0, 1, 2, 3]]) {
        if let [one] = pool[..] {
            cut(quarters[one], std::mem::take(&mut inside[one]), least, patch);
        } else {
            let regions: Vec<_> = pool.iter().map(|n| quarters[*n]).collect();
            patch(&regions, &suppress::union(pool.iter().map(|n| &groups[*n])));
        }
    }
}

fn picture_cell(size: Size) -> f64 {
    f64::from(size.width.max(size.height)) / f64::from(PICTURE_CELLS)
}

// === impl Region ===

impl Region {
    fn quarters(self) -> [Self; 4] {
        let side = self.side / 2;
        [(0, 0), (side, 0), (0, side), (side, side)].map(|(x, y)| Self { x: self.x + x, y: self.y + y, side })
    }

    fn quarter_of(self, (x, y): (u32, u32)) -> usize {
        let side = self.side / 2;
        usize::from(x >= self.x + side) + 2 * usize::from(y >= self.y + side)
    }
}

// === impl Spot ===

impl Group for Spot {
    fn absorb(&mut self, other: &Self) {
        self.persons.extend(&other.persons);
        self.stayed += other.stayed;
    }

    fn persons(&self) -> usize {
        self.persons.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(640, 480);

    fn least() -> MinGroup {
        MinGroup::new(3).unwrap()
    }

    fn heat(stays: &[(f32, f32, u32)]) -> Heat {
        let mut heat = Heat::default();
        for (x, y, track) in stays {
            let person = Person { camera: 0, track: *track };
            heat.stay_in_picture(Point { x: *x, y: *y }, SIZE, person, Duration::from_secs(1));
        }
        heat
    }

    /// Persons within the squares of a patch.
    fn persons(patch: &Patch, stays: &[(f32, f32, u32)]) -> BTreeSet<u32> {
        let inside = |square: &Square, x: f32, y: f32| {
            let (x, y) = (f64::from(x) - square.x, f64::from(y) - square.y);
            x >= 0.0 && x < square.side && y >= 0.0 && y < square.side
        };
        let within = |(x, y, _): &&(f32, f32, u32)| patch.squares.iter().any(|square| inside(square, *x, *y));
        stays.iter().filter(within).map(|(_, _, track)| *track).collect()
    }

    proptest! {
        #[test]
        fn no_patch_is_about_fewer_than_the_least_group_and_all_time_is_in_one(
            stays in prop::collection::vec((0.0f32..640.0, 0.0f32..480.0, 0u32..12), 0..120),
        ) {
            let map = heat(&stays).picture_map("shelf", SIZE, least());
            let everybody: BTreeSet<u32> = stays.iter().map(|s| s.2).collect();
            if (1..3).contains(&everybody.len()) {
                prop_assert_eq!((map.seconds, map.patches.len()), (None, 0));
                return Ok(());
            }
            prop_assert_eq!(map.seconds, Some(stays.len() as u64));
            prop_assert_eq!(map.patches.iter().map(|p| p.seconds).sum::<u64>(), stays.len() as u64);
            for patch in &map.patches {
                prop_assert!(persons(patch, &stays).len() >= 3, "{:?}", patch);
            }
        }
    }

    #[test]
    fn where_many_stand_the_map_is_fine() {
        let stays: Vec<_> = (0..20).map(|track| (101.0, 203.0, track)).collect();
        let map = heat(&stays).picture_map("shelf", SIZE, least());
        assert_eq!(map.patches, [Patch { squares: vec![Square { x: 100.0, y: 200.0, side: 10.0 }], seconds: 20 }]);
    }

    #[test]
    fn one_person_alone_in_a_corner_is_not_seen_there() {
        let mut stays: Vec<_> = (0..20).map(|track| (101.0, 203.0, track)).collect();
        stays.push((630.0, 470.0, 99));
        let map = heat(&stays).picture_map("shelf", SIZE, least());
        assert_eq!(map.patches.len(), 1);
        assert!(map.patches[0].squares.iter().map(|s| s.side).fold(0.0, f64::max) >= 320.0);
    }

    #[test]
    fn a_floor_map_has_round_edges() {
        let mut floor = Floor::default();
        for track in 0..5 {
            floor.stay((-1300, 4100), Person { camera: 0, track }, Duration::from_secs(2));
        }
        let map = floor.map(least()).unwrap();
        assert_eq!(map.plane, Plane::Floor { x: -4.0, y: 4.0, width: 4.0, height: 4.0 });
        assert_eq!(map.patches, [Patch { squares: vec![Square { x: -1.5, y: 4.0, side: 0.25 }], seconds: 10 }]);
    }

    #[test]
    fn positions_from_broken_depth_do_not_break_the_map() {
        let mut floor = Floor::default();
        for (track, x) in (0..).zip([i32::MIN, i32::MAX, 0, 1, 2]) {
            floor.stay((x, x), Person { camera: 0, track }, Duration::from_secs(2));
        }
        let map = floor.map(least()).unwrap();
        assert!(matches!(map.plane, Plane::Floor { width, .. } if width <= 128.0));
    }
}
