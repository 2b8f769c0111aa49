//! Heads in space: what is as wide as a head, from the highest down.
//!
//! Everything that stands before the place and is wide enough to be a head is looked at, the highest first. What lies beneath a head, as close as shoulders, trunk and
//! legs are, is explained by it; everything else must show that it is none: by being too narrow, by a surface that goes on up to a head, or by standing free in the air with no trunk near it.

use std::cell::OnceCell;

use ndarray::Array2;

use super::grid::Cells;
use super::space::{self, Point, Space};
use super::width;

/// The narrowest head, in metres, seen from any side. The 5th percentile of head breadth is 0.137 m in women and 0.143 m in men, 0.12 m in children of one year;
/// of hand breadth, 0.073 to 0.098 m (5th percentile of women, 95th of men; ANSUR, Gordon et al., *1988 Anthropometric Survey of U.S. Army Personnel*; Snyder et al.,
/// *Anthropometry of Infants, Children and Youths*, 1977).
const HEAD_WIDTH: f32 = 0.115;
/// What is this wide has a trunk: a child's shoulders are, an arm with a loaf in the hand is not. In metres.
const TRUNK_WIDTH: f32 = 0.2;
/// And a trunk lies so far from its head, in metres from middle to middle, however it is bent: what is nearer is the thing itself, a basket perhaps.
const TRUNK_FROM: f32 = 0.2;
const TRUNK_REACH: f32 = 0.38;
/// Of a head with nothing beneath it the trunk is beside it or above, and at most this much lower, in metres.
const TRUNK_BELOW: f32 = 0.15;
/// Every how manieth cell is looked at for a trunk: it is many cells wide.
const TRUNK_STEP: usize = 3;
/// Whose crown is this much higher, in metres, is another person, not the back of one who bends down.
const TALLER: f32 = 0.5;
/// From the crown to the middle of the head, nearly to the chin, to the shoulders, and to the hips, in metres.
const TO_MIDDLE: f32 = 0.115;
const TO_CHIN: f32 = 0.18;
const TO_SHOULDERS: f32 = 0.25;
const TO_HIPS: f32 = 0.6;
/// How far from the axis of a head something is explained by it, in metres: beside the head itself, at the shoulders, and at the hips and below. The middles of what is
/// wide enough count, not its outline.
const BESIDE_HEAD: f32 = 0.2;
const BESIDE_SHOULDERS: f32 = 0.24;
const BESIDE_HIPS: f32 = 0.25;
/// What goes on above, as far as a crown and a little more lies above the middle of the part of a head that is wide enough, in metres, is no head but the side of a
/// body. Above a child's head lies the body of who stands behind it: farther away by more than this, in metres.
const GOES_ON: [f32; 3] = [0.1, 0.17, 0.24];
const BESIDE_SIDE: f32 = 0.06;
/// The back of somebody who leans leads up to the shoulders by at least this much, without a step from cell to cell that is larger, and without going down by more; all in metres.
/// A head that lies against somebody is 0.07 m before them at its crown, half its own depth. No allowance is made for noise: it makes steps, and a step makes a head.
const LEADS_UP: f32 = 0.08;
const STEP: f32 = 0.035;
const DIP: f32 = 0.03;
/// In metres.
const MOST_SLACK: f32 = 0.04;
/// How far from the axis of its head the side of a body is, in metres.
const BESIDE_BODY: f32 = 0.45;
/// Half the breadth of the column in which a head is sought around its highest point, in metres.
const REACH: f32 = 0.14;
/// The back of a head, which is not seen, is this much farther away than the middle of what is, in metres.
const BEHIND: f32 = 0.05;
/// Heads are at least this high, in metres above the floor: of people with a head already, and of those without (who lie or crawl).
const LEAST_HEIGHT: f32 = 0.6;
const LYING: f32 = 0.12;

/// A head in the shop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head {
    /// Its middle.
    pub(super) middle: Point,
    /// How high its crown is, in metres above the floor.
    pub(super) crown: f32,
    /// How far it is from the camera, in metres along the optical axis.
    pub(super) distance: f32,
    /// The cell that it was found from.
    pub(super) seed: (usize, usize),
    /// Around the cells beside it that are as wide as a head, as high as it, and explained by it: it may be there.
    pub(super) beside: Cells,
}

/// What stands before the place, in space.
#[derive(Debug)]
pub(super) struct Bodies<'a> {
    pub(super) space: &'a Space,
    /// What stands before the place, holes filled.
    pub(super) shape: &'a Array2<bool>,
    /// Distances of the picture, holes in the shape filled. Metres.
    pub(super) distances: &'a Array2<f32>,
    /// Where these lie.
    pub(super) points: &'a Array2<Point>,
    /// Cells to the edge of each thing.
    to_edge: Array2<f32>,
    /// Cells to the edge of the whole shape, whatever stands before what; most frames need not know.
    to_outline: OnceCell<Array2<f32>>,
}

// === impl Bodies ===

impl<'a> Bodies<'a> {
    pub(super) fn new(
        space: &'a Space,
        shape: &'a Array2<bool>,
        distances: &'a Array2<f32>,
        points: &'a Array2<Point>,
    ) -> Self {
        let to_edge = width::to_edge(shape, distances);
        Self { space, shape, distances, points, to_edge, to_outline: OnceCell::new() }
    }

    /// The heads, and for each cell of the shape the number of the head that it belongs to, from 1; 0 for none.
    pub(super) fn heads(&self) -> (Vec<Head>, Array2<usize>) {
        let mut seeds: Vec<(f32, (usize, usize))> = self
            .shape
            .indexed_iter()
            .filter(|(cell, inside)| **inside && self.is_wide(*cell, &self.to_edge, HEAD_WIDTH))
            .map(|(cell, _)| (self.points[cell][2], cell))
            .filter(|(height, _)| *height >= LYING)
            .collect();
        seeds.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let standing = seeds.partition_point(|(height, _)| *height >= LEAST_HEIGHT - TO_MIDDLE);
        let mut heads = Vec::new();
        let mut done = Array2::from_elem(self.shape.dim(), false);
        self.look_at(&seeds[..standing], &mut done, &mut heads);
        let lying: Vec<_> = seeds.into_iter().filter(|(_, cell)| self.to_edge[*cell] < width::UNBOUNDED).collect();
        self.look_at(&lying, &mut done, &mut heads);
        let owners = self.owners(&heads);
        (heads, owners)
    }

    fn look_at(&self, seeds: &[(f32, (usize, usize))], done: &mut Array2<bool>, heads: &mut Vec<Head>) {
        for (_, cell) in seeds {
            let (point, distance) = (self.points[*cell], self.distances[*cell]);
            let by = heads.iter_mut().filter(|head| head.explains(point, distance));
            let by =
                by.min_by(|a, b| space::along_floor(a.middle, point).total_cmp(&space::along_floor(b.middle, point)));
            if let Some(head) = by {
                if head.crown - point[2] < TO_CHIN {
                    head.beside = head.beside.with(*cell);
                }
                continue;
            }
            if done[*cell] || self.is_side(*cell, heads) {
                continue;
            }
            let head = self.head(*cell);
            if !self.leads_up(*cell, heads) && (!self.stands_free(&head) || self.has_trunk(&head, heads)) {
                heads.push(head);
            } else {
                // It is judged once, not cell by cell.
                let reach = (HEAD_WIDTH / 2.0 * self.space.cells_per_metre(self.distances[*cell])) as usize;
                let with_it = |near: &(usize, usize)| (self.distances[*near] - distance).abs() <= width::jump(distance);
                self.window(*cell, reach, 1).filter(with_it).for_each(|near| done[near] = true);
            }
        }
    }

    /// Whether a cell lies on the side of a body that goes on above it, close to the axis of a head.
    fn is_side(&self, cell: (usize, usize), heads: &[Head]) -> bool {
        let (point, distance) = (self.points[cell], self.distances[cell]);
        let slack = slack(distance);
        let close = |head: &Head| {
            head.crown - point[2] >= TO_SHOULDERS && space::along_floor(head.middle, point) <= BESIDE_BODY + slack
        };
        if !heads.iter().any(close) {
            return false;
        }
        GOES_ON.iter().all(|up| {
            let above = self.space.see([point[0], point[1], point[2] + up]);
            above.is_some_and(|seen| {
                self.space.cell_at(seen.pixel, self.shape.dim()).is_some_and(|cell| {
                    self.shape[cell] && (self.distances[cell] - seen.distance).abs() <= BESIDE_SIDE + slack
                })
            })
        })
    }

    /// Whether the surface at a cell leads up, without a step and without going down first, to the shoulders of a head: the back of somebody who leans. A child in somebody's arms has a
    /// crown: from it there is a step to whatever is higher.
    fn leads_up(&self, cell: (usize, usize), heads: &[Head]) -> bool {
        let from = self.points[cell];
        let slack = slack(self.distances[cell]);
        let above: Vec<&Head> = heads
            .iter()
            .filter(|head| head.crown - from[2] >= TO_SHOULDERS)
            .filter(|head| space::along_floor(head.middle, from) <= BESIDE_BODY + slack)
            .collect();
        if above.is_empty() {
            return false;
        }
        let mut seen = Array2::from_elem(self.shape.dim(), false);
        seen[cell] = true;
        let mut open = vec![cell];
        let mut next = 0;
        while let Some(&here) = open.get(next) {
            next += 1;
            let (point, distance) = (self.points[here], self.distances[here]);
            let higher = point[2] >= from[2] + LEADS_UP;
            if higher && above.iter().any(|head| head.explains(point, distance)) {
                return true;
            }
            for near in self.window(here, 1, 1) {
                let (point, jump) = (self.points[near], (self.distances[near] - distance).abs());
                let goes_on = self.shape[near] && jump <= STEP && point[2] >= from[2] - DIP;
                if goes_on
                    && space::along_floor(point, from) <= BESIDE_BODY
                    && !std::mem::replace(&mut seen[near], true)
                {
                    open.push(near);
                }
            }
        }
        false
    }

    /// The head of which a cell is the middle of the highest part that is wide enough.
    fn head(&self, seed: (usize, usize)) -> Head {
        let (from, distance) = (self.points[seed], self.distances[seed]);
        let reach = (1.4 * REACH * self.space.cells_per_metre(distance)).ceil() as usize;
        let near = |cell: &(usize, usize)| {
            let point = self.points[*cell];
            let with_it = self.shape[*cell] && self.distances[*cell] > 0.0;
            with_it && space::along_floor(point, from) <= REACH && (point[2] - from[2]).abs() <= 2.0 * TO_MIDDLE
        };
        let crown = self.window(seed, reach, 1).filter(near).map(|cell| self.points[cell][2]).fold(from[2], f32::max);
        let mut sum = [0.0; 4];
        for cell in
            self.window(seed, reach, 1).filter(near).filter(|cell| self.points[*cell][2] >= crown - 2.0 * TO_MIDDLE)
        {
            let [x, y, _] = self.points[cell];
            sum = [sum[0] + x, sum[1] + y, sum[2] + self.distances[cell], sum[3] + 1.0];
        }
        let [x, y, distance, count] = sum;
        let seen = [x / count, y / count, crown - TO_MIDDLE];
        let (away, behind) = (self.space.away(seen), BEHIND * self.space.slope(seen));
        let middle = [seen[0] + away[0] * behind, seen[1] + away[1] * behind, seen[2]];
        Head { middle, crown, distance: distance / count, seed, beside: Cells::of(seed) }
    }

    /// Whether something as wide as a trunk is near that is not the trunk of somebody far taller: who carries a basket has a head already.
    fn has_trunk(&self, head: &Head, heads: &[Head]) -> bool {
        let reach = (TRUNK_REACH * self.space.cells_per_metre(head.distance)).ceil() as usize;
        let slack = space::error(head.distance);
        let to_outline = self.to_outline.get_or_init(|| width::to_edge(self.shape, &Array2::zeros(self.shape.dim())));
        let taller: Vec<&Head> = heads.iter().filter(|other| other.crown > head.crown + TALLER).collect();
        self.window(head.seed, reach, TRUNK_STEP).any(|cell| {
            let point = self.points[cell];
            self.shape[cell]
                && point[2] >= head.middle[2] - TRUNK_BELOW
                && self.is_wide(cell, to_outline, TRUNK_WIDTH)
                && (TRUNK_FROM..TRUNK_REACH + slack).contains(&space::apart(point, head.middle))
                && !taller.iter().any(|other| other.explains(point, self.distances[cell]))
        })
    }

    /// Whether the space beneath is seen to be empty where shoulders and trunk would be. What cannot be seen may be there.
    fn stands_free(&self, head: &Head) -> bool {
        const BENEATH: [f32; 3] = [0.3, 0.42, 0.58];
        const AROUND: f32 = 0.14;
        let (mut empty, mut filled, mut all) = (0, 0, 0);
        for down in BENEATH {
            for turn in 0..7u8 {
                let (sin, cos) = (f32::from(turn) * std::f32::consts::TAU / 6.0).sin_cos();
                let out = if turn == 6 { 0.0 } else { AROUND };
                let [x, y, _] = head.middle;
                let sample = [x + out * cos, y + out * sin, head.crown - down];
                if sample[2] < 0.1 {
                    continue;
                }
                all += 1;
                let Some(seen) = self.space.see(sample) else { continue };
                let Some(cell) = self.space.cell_at(seen.pixel, self.shape.dim()) else { continue };
                let measured = self.distances[cell];
                if measured > seen.distance + width::jump(seen.distance) {
                    empty += 1;
                } else if self.shape[cell] {
                    filled += 1;
                }
            }
        }
        all > 0 && empty * 10 >= all * 4 && filled * 10 <= all * 2
    }

    /// To whom each cell of the shape belongs: it hangs together with what a head explains.
    fn owners(&self, heads: &[Head]) -> Array2<usize> {
        let mut owners = Array2::zeros(self.shape.dim());
        let mut open = Vec::new();
        for (cell, _) in self.shape.indexed_iter().filter(|(_, inside)| **inside) {
            let (point, distance) = (self.points[cell], self.distances[cell]);
            let nearest = heads
                .iter()
                .enumerate()
                .filter(|(_, head)| head.explains(point, distance))
                .map(|(number, head)| (space::along_floor(head.middle, point), number + 1))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, owner)) = nearest {
                owners[cell] = owner;
                open.push(cell);
            }
        }
        let mut next = 0;
        while let Some(&cell) = open.get(next) {
            next += 1;
            for near in self.window(cell, 1, 1) {
                let jump = (self.distances[near] - self.distances[cell]).abs();
                if self.shape[near] && owners[near] == 0 && jump <= 2.0 * width::jump(self.distances[cell]) {
                    owners[near] = owners[cell];
                    open.push(near);
                }
            }
        }
        owners
    }

    fn is_wide(&self, cell: (usize, usize), to_edge: &Array2<f32>, metres: f32) -> bool {
        2.0 * to_edge[cell] >= metres * self.space.cells_per_metre(self.distances[cell])
    }

    /// Every `step`th cell from a cell to `reach` cells away each way.
    fn window(&self, (row, column): (usize, usize), reach: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
        let (rows, columns) = self.shape.dim();
        let across = column.saturating_sub(reach)..(column + reach + 1).min(columns);
        let down = row.saturating_sub(reach)..(row + reach + 1).min(rows);
        down.step_by(step).flat_map(move |r| across.clone().step_by(step).map(move |c| (r, c)))
    }
}

/// How far a surface may be off where it is asked what explains it, in metres: by the sensor's error, but never by so much that a child beside somebody is their shoulder.
fn slack(distance: f32) -> f32 {
    space::error(distance).min(MOST_SLACK)
}

// === impl Head ===

impl Head {
    /// Whether a place belongs to the body beneath this head, or to the head itself. `distance` is the place's, from the camera.
    fn explains(&self, point: Point, distance: f32) -> bool {
        let slack = slack(distance);
        let reach = match self.crown - point[2] {
            above if above < -0.05 => return false,
            down if down < TO_SHOULDERS => BESIDE_HEAD,
            down if down < TO_HIPS => BESIDE_SHOULDERS,
            _ => BESIDE_HIPS,
        };
        space::along_floor(self.middle, point) <= reach + slack
    }
}
