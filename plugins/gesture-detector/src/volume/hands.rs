//! Hands in a zone's box, told apart from one another and from products.
//!
//! A thing that is partly in the box and goes on outside of it is an arm. What hangs together with an arm in space, though no longer in the picture, is of it: depth is
//! missing along edges. An arm's part in boxes is a hand; when it is in two boxes, it is in the one that holds more of it.

use sluis_sdk::layout::SpaceBox;

use super::surface::{Ray, Surface};
use super::touch::distance;
use super::{MARGIN, Sight};
use crate::grid::Grid;

/// An arm goes on outside with so many cells.
const ARM_CELLS: usize = 4;
/// So far around a fragment, in cells, an arm is looked for: what a matcher loses along an edge is a few pixels wide.
const LOST_CELLS: usize = 3;
/// A fragment is of an arm that is no farther from it than this, in metres: a forearm is 8 cm thick, and depth trembles by as much at five metres.
const OF_ARM: f32 = 0.15;
/// Where a mask or the edge of the picture hides whether it goes on outside, a thing that stands still for so long may be a product.
const STILL_MS: u64 = 700;
/// And one that stands still for so long is: hands lie on products for a second or two.
const LEFT_ALONE_MS: u64 = 2_500;

/// A hand in one frame.
#[derive(Debug, Clone)]
pub struct Hand {
    /// Its cells in the box.
    pub cells: Vec<usize>,
    /// Its surface in the box, in square metres.
    pub area: f32,
    /// Its middle, in metres in the shop's frame.
    pub middle: [f32; 3],
    /// The same in camera pixels.
    pub pixel: [f32; 2],
    /// How far it is within the box, in metres from the nearest of the upright sides and the top; of its tenth that is deepest.
    pub depth: f32,
}

/// What lies before the surface in one frame.
#[derive(Debug)]
pub struct Hands {
    /// Each hand in the box.
    pub hands: Vec<Hand>,
    /// Cells in the box that may be a hand's or a product's.
    pub doubtful: Vec<usize>,
    /// Cells behind which nothing can be seen to have changed.
    pub blocked: Vec<bool>,
}

/// What can be said of a cell's place in space.
#[allow(missing_debug_implementations, reason = "it borrows closures")]
pub struct Space<'a> {
    /// The zone's cells.
    pub grid: &'a Grid,
    /// What is seen in them.
    pub surface: &'a Surface,
    /// The zone's box.
    pub own: &'a SpaceBox,
    /// The boxes of other zones.
    pub others: &'a [SpaceBox],
    /// For each cell where what is seen there lies, in metres in the shop's frame.
    pub at: &'a dyn Fn(usize) -> [f32; 3],
    /// For each cell how much surface it shows, in square metres.
    pub area: &'a dyn Fn(usize) -> f32,
}

/// Where a cell's surface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    Other,
    Outside,
}

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Arm,
    Doubtful,
    Product,
}

// === impl Space ===

impl Space<'_> {
    /// The hands among the things that lie before the surface.
    pub fn hands(&self, sight: &Sight) -> Hands {
        let things = self.surface.things(self.grid);
        let sorts = self.sorts(&things, sight);
        let mut blocked = vec![false; self.grid.len()];
        let (mut hands, mut doubtful) = (Vec::new(), Vec::new());
        let mut of_arms = vec![false; self.grid.len()];
        for (thing, sort) in things.iter().zip(&sorts) {
            if *sort == Sort::Product {
                continue;
            }
            thing.iter().for_each(|cell| blocked[*cell] = true);
            let in_boxes = thing.iter().copied().filter(|cell| self.place(*cell) != Place::Outside);
            if *sort == Sort::Arm {
                in_boxes.for_each(|cell| of_arms[cell] = true);
            } else {
                doubtful.extend(in_boxes.filter(|cell| self.place(*cell) == Place::Own));
            }
        }
        for part in self.surface.joined(self.grid, &of_arms, Ray::is_one_thing) {
            let (own, beyond): (Vec<usize>, Vec<usize>) =
                part.into_iter().partition(|cell| self.place(*cell) == Place::Own);
            let area = |cells: &[usize]| cells.iter().map(|cell| (self.area)(*cell)).sum::<f32>();
            if !own.is_empty() && area(&own) >= area(&beyond) {
                hands.push(self.hand(own));
            }
        }
        doubtful.sort_unstable();
        Hands { hands, doubtful, blocked: self.grid.grown(&blocked) }
    }

    /// What each thing is.
    fn sorts(&self, things: &[Vec<usize>], sight: &Sight) -> Vec<Sort> {
        let open = |cell: &usize| self.grid.at_edge(*cell) || self.grid.around(*cell).any(|near| !sight.known[near]);
        let alone = |thing: &Vec<usize>| {
            let outside = thing.iter().filter(|cell| self.place(**cell) == Place::Outside).count();
            if outside >= ARM_CELLS {
                return Sort::Arm;
            }
            let still = |ms| {
                thing.iter().filter(|cell| sight.at_ms - self.surface.rays[**cell].since_ms > ms).count() * 2
                    > thing.len()
            };
            match thing.iter().any(open) {
                true if !still(STILL_MS) => Sort::Arm,
                true if !still(LEFT_ALONE_MS) => Sort::Doubtful,
                _ => Sort::Product,
            }
        };
        let mut sorts: Vec<Sort> = things.iter().map(alone).collect();
        let mut arm = vec![false; self.grid.len()];
        for (thing, _) in things.iter().zip(&sorts).filter(|(_, sort)| **sort == Sort::Arm) {
            thing.iter().for_each(|cell| arm[*cell] = true);
        }
        for (thing, sort) in things.iter().zip(&mut sorts).filter(|(_, sort)| **sort != Sort::Arm) {
            let near_arm = |cell: &usize| {
                let mut near = self.grid.square(*cell, LOST_CELLS).filter(|near| arm[*near]);
                near.any(|near| distance((self.at)(near), (self.at)(*cell)) < OF_ARM)
            };
            if thing.iter().any(near_arm) {
                *sort = Sort::Arm;
            }
        }
        sorts
    }

    fn place(&self, cell: usize) -> Place {
        let at = (self.at)(cell);
        if self.own.contains(at, MARGIN) {
            Place::Own
        } else if self.others.iter().any(|other| other.contains(at, MARGIN)) {
            Place::Other
        } else {
            Place::Outside
        }
    }

    fn hand(&self, cells: Vec<usize>) -> Hand {
        let share = 1.0 / cells.len().max(1) as f32;
        let (mut middle, mut pixel, mut area) = ([0.0; 3], [0.0; 2], 0.0);
        let mut depths = Vec::with_capacity(cells.len());
        for &cell in &cells {
            let (at, centre) = ((self.at)(cell), self.grid.centre(cell));
            (0..3).for_each(|i| middle[i] += at[i] * share);
            (0..2).for_each(|i| pixel[i] += centre[i] * share);
            area += (self.area)(cell);
            depths.push(within(self.own, at));
        }
        depths.sort_by(f32::total_cmp);
        let depth = depths.get(depths.len() * 9 / 10).copied().unwrap_or_default();
        Hand { cells, area, middle, pixel, depth }
    }
}

// === impl Hand ===

impl Hand {
    /// Takes in another part of the same hand.
    pub fn join(&mut self, other: &Self) {
        let share = other.area / (self.area + other.area).max(f32::EPSILON);
        (0..3).for_each(|i| self.middle[i] += (other.middle[i] - self.middle[i]) * share);
        (0..2).for_each(|i| self.pixel[i] += (other.pixel[i] - self.pixel[i]) * share);
        self.cells.extend(&other.cells);
        self.area += other.area;
        self.depth = self.depth.max(other.depth);
    }
}

/// How far a place is within a box, in metres from the nearest of its upright sides and its top; negative outside.
fn within(space: &SpaceBox, at: [f32; 3]) -> f32 {
    let sides = (0..2).map(|i| (at[i] - space.min[i]).min(space.max[i] - at[i]));
    sides.fold(space.max[2] - at[2], f32::min)
}
