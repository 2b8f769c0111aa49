//! Hands in one frame: what is in front of a zone, and comes into it from outside.

use crate::grid::{Grid, parts};
use crate::place::{Place, View};

/// The fewest cells of a hand.
pub const HAND_CELLS: usize = 8;

/// Which cells look otherwise than a tenth of a second ago.
pub fn moving(view: &View, before: Option<&View>) -> Vec<bool> {
    let Some(before) = before else { return vec![false; view.looks.len()] };
    let moved = |i: usize| view.known[i] && before.known[i] && view.looks[i].distance(before.looks[i]) > 1.0;
    (0..view.looks.len()).map(moved).collect()
}

/// Which cells have something in front of how they look when settled.
pub fn in_front(grid: &Grid, place: &Place, view: &View) -> Vec<bool> {
    let bare = |i: usize| {
        let cell = &place.cells[i];
        let otherwise = cell.differs && !view.looks[i].shadows(cell.settled);
        match view.depth.as_ref().and_then(|d| cell.nearer_by(f32::from(d[i]))) {
            // What is as far away as ever is in front of nothing, however it looks.
            Some(steps) => steps > 1.0 || (steps > 0.5 && otherwise),
            None => otherwise,
        }
    };
    let raw: Vec<bool> = (0..grid.len()).map(|i| view.known[i] && bare(i)).collect();
    // Single cells are noise, single holes as well.
    (0..grid.len())
        .map(|i| {
            let near = grid.around(i).filter(|near| raw[*near]).count();
            view.known[i] && (if raw[i] { near >= 3 } else { near >= 6 })
        })
        .collect()
}

/// A piece of what is in front, within the zone, that comes from outside.
#[derive(Debug)]
pub struct Piece {
    /// Its cells, within the zone.
    pub cells: Vec<usize>,
    /// The part outside that it hangs together with.
    pub arm: Vec<usize>,
    /// Some of it moves.
    pub moving: bool,
    /// It hangs together with something outside.
    pub attached: bool,
    /// Depth says that it is in the zone.
    pub in_space: bool,
}

/// The hands among what is in front.
pub fn hands(grid: &Grid, view: &View, front: &[bool], moving: &[bool], holds: &[Option<bool>]) -> Vec<Piece> {
    let in_zone = |i: usize| grid.inside(i) && holds[i] != Some(false);
    let within: Vec<bool> = (0..grid.len()).map(|i| front[i] && in_zone(i)).collect();
    let outside: Vec<bool> = (0..grid.len()).map(|i| front[i] && !in_zone(i)).collect();
    let arms = parts(grid, &outside);
    let mut arm_of = vec![usize::MAX; grid.len()];
    for (number, arm) in arms.iter().enumerate() {
        arm.iter().for_each(|cell| arm_of[*cell] = number);
    }
    let mut pieces = Vec::new();
    for cells in parts(grid, &within) {
        if cells.len() < HAND_CELLS {
            continue;
        }
        let mut from: Vec<usize> = Vec::new();
        let mut contact = 0;
        for &cell in &cells {
            let mut hidden = false;
            for near in grid.around(cell) {
                if arm_of[near] != usize::MAX {
                    contact += 1;
                    if !from.contains(&arm_of[near]) {
                        from.push(arm_of[near]);
                    }
                }
                // From behind a mask, or from beyond the picture.
                hidden |= !view.known[near];
            }
            contact += usize::from(hidden || grid.at_edge(cell));
        }
        let attached = contact >= 3;
        // Where depth is missing, at the edges of things, it is what its neighbours are. But between the edge of a body and what is behind it a sensor sees
        // depths that nothing has, in a thin line: a hand is broader.
        let told = cells.iter().any(|c| holds[*c].is_some());
        let held = cells.iter().filter(|c| holds[**c] == Some(true) && broad(grid, holds, **c)).count();
        if told && held < HAND_CELLS / 2 {
            continue;
        }
        let arm: Vec<usize> = from.iter().flat_map(|number| arms[*number].iter().copied()).collect();
        let moved = cells.iter().filter(|cell| moving[**cell]).count();
        let moving = moved >= 3.max(cells.len() / 50);
        // What hangs together with nothing outside and stands still is a thing.
        if attached || moving {
            pieces.push(Piece { moving, attached, in_space: held > 0, cells, arm });
        }
    }
    pieces
}

/// Whether most of what is around a cell is in the zone as well.
fn broad(grid: &Grid, holds: &[Option<bool>], cell: usize) -> bool {
    grid.around(cell).filter(|near| holds[*near] == Some(true)).count() >= 5
}
