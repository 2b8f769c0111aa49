//! People as depth sees them, where it is known from where.

use ndarray::{Array2, Zip};
use sluis_frame::{Person, Rect};

use super::background::Change;
use super::depth::{DepthBackground, Stance};
use super::grid::{Cells, Grid};
use super::head;
use super::heads::{Bodies, Head};
use super::silhouette::Silhouettes;
use super::space::{Point, Space};
use super::width;

/// What lies lower than this, in metres above the floor, is nobody's head: a shadow on the floor is one at once.
const LOW: f32 = 0.45;
/// Half the side of a head's zone, in metres: chin, ears and hair around a middle that is a few centimetres off.
const HALF: f32 = 0.16;
/// And around the middle of whatever is as wide as a head and as high: half a head, and what is lost at its outline.
const BESIDE: f32 = 0.09;
/// How far above the highest point that was read a head may go on where nothing was read, in metres, and in which steps that is looked at: hair, and all of a head of which
/// only the shoulders were read.
const MOST_ABOVE: f32 = 0.3;
const STEP_ABOVE: f32 = 0.05;
/// The narrowest head, in metres: what is narrower and has no reading is the fringe of something.
const BLIND_WIDTH: f32 = 0.11;
/// What has no reading and nothing behind it is taken to be so far away, in metres.
const FAR: f32 = 8.0;
/// How often holes are filled from beside, each time by a cell.
const FILLS: usize = 8;

/// What depth and, where it says nothing, colour saw.
pub(super) struct Found {
    pub(super) people: Vec<Person>,
    /// What stands before the place and belongs to nobody whose head is seen.
    pub(super) limbs: Vec<Rect>,
}

/// Looks for people. `None` when things lie where no shop is: the camera does not stand where it is said to, and nothing can be told from it.
pub(super) fn people(
    grid: &Grid,
    space: &Space,
    depth: &DepthBackground,
    distances: &Array2<f32>,
    change: &Change,
) -> Option<Found> {
    let points = space.lift(distances);
    if !Space::is_credible(distances, &points) {
        return None;
    }
    let stances = depth.stances(distances, |cell| points[cell][2] < LOW);
    let wanted = width::shape(&stances, &change.place);
    let (shape, filled) = fill(&wanted, &stances, distances);
    let points = space.lift(&filled);
    let bodies = Bodies::new(space, &shape, &filled, &points);
    let (heads, owners) = bodies.heads();
    let view = View { grid, space, distances, stances: &stances };
    let mut people: Vec<Person> = Vec::new();
    let outlines = outlines(&owners, heads.len());
    for (head, outline) in heads.iter().zip(&outlines[1..]) {
        let zone = view.zone(head);
        let body = outline.map_or(zone, |cells| grid.pixels(cells));
        people.push(Person { body, head: zone });
    }
    let degree = blind(space, depth, &stances, &change.degree);
    people.extend(head::people(grid, &Silhouettes::of(&degree)));
    let alone = Array2::from_shape_fn(shape.dim(), |cell| if shape[cell] && owners[cell] == 0 { 2.0 } else { 0.0 });
    let limbs = Silhouettes::of(&alone).all.iter().map(|limb| grid.pixels(limb.bounds)).collect();
    Some(Found { people, limbs })
}

/// What is seen of heads, and from where.
struct View<'a> {
    grid: &'a Grid,
    space: &'a Space,
    distances: &'a Array2<f32>,
    stances: &'a Array2<Stance>,
}

// === impl View ===

impl View<'_> {
    /// What must be masked because of a head: a ball around its middle, and what has no reading above it.
    fn zone(&self, head: &Head) -> Rect {
        let [x, y] = self.space.pixels_per_metre(head.distance).map(|length| (length * BESIDE).ceil() as i64);
        let beside = self.grid.pixels(head.beside);
        let beside = Rect::from_edges(beside.left() - x, beside.top() - y, beside.right() + x, beside.bottom() + y);
        let mut zone = self.ball(head.middle).map_or(beside, |ball| ball.union(beside));
        let mut above = STEP_ABOVE;
        while above <= MOST_ABOVE && self.is_blind([head.middle[0], head.middle[1], head.crown + above]) {
            let higher = [head.middle[0], head.middle[1], head.middle[2] + above];
            zone = self.ball(higher).map_or(zone, |ball| zone.union(ball));
            above += STEP_ABOVE;
        }
        zone
    }

    fn ball(&self, middle: Point) -> Option<Rect> {
        let seen = self.space.see(middle)?;
        let [across, down] = self.space.pixels_per_metre(seen.distance).map(|length| length * HALF);
        let [x, y] = seen.pixel;
        Some(Rect::from_edges(
            (x - across).floor() as i64,
            (y - down).floor() as i64,
            (x + across).ceil() as i64,
            (y + down).ceil() as i64,
        ))
    }

    /// Whether the cell that shows a place has no reading.
    fn is_blind(&self, point: Point) -> bool {
        let cell = self.space.see(point).and_then(|seen| self.space.cell_at(seen.pixel, self.grid.shape()));
        cell.is_some_and(|cell| self.distances[cell] == 0.0 && self.stances[cell] == Stance::NoReading)
    }
}

/// What colour sees where depth says nothing, as wide as a head at least.
fn blind(space: &Space, depth: &DepthBackground, stances: &Array2<Stance>, degree: &Array2<f32>) -> Array2<f32> {
    let mut blind = degree.clone();
    Zip::from(&mut blind).and(stances).for_each(|degree, stance| {
        if matches!(stance, Stance::Before | Stance::Place) {
            *degree = 0.0;
        }
    });
    let shape = blind.map(|degree| *degree > 1.0);
    if !shape.iter().any(|inside| *inside) {
        return blind;
    }
    let to_edge = width::to_edge(&shape, &Array2::zeros(shape.dim()));
    let mut wide = Array2::from_elem(shape.dim(), false);
    let (rows, columns) = shape.dim();
    for (cell, inside) in shape.indexed_iter() {
        let behind = if *inside { depth.metres(cell).unwrap_or(FAR) } else { continue };
        let width = BLIND_WIDTH * space.cells_per_metre(behind);
        if 2.0 * to_edge[cell] >= width {
            let reach = (width / 2.0).ceil() as usize;
            for row in cell.0.saturating_sub(reach)..(cell.0 + reach + 1).min(rows) {
                for column in cell.1.saturating_sub(reach)..(cell.1 + reach + 1).min(columns) {
                    wide[(row, column)] = true;
                }
            }
        }
    }
    Zip::from(&mut blind).and(&wide).for_each(|degree, wide| {
        if !wide {
            *degree = 0.0;
        }
    });
    blind
}

/// The shape, with a distance in each of its cells: holes take that of what is beside them. What is too far from any reading is left out.
fn fill(wanted: &Array2<bool>, stances: &Array2<Stance>, distances: &Array2<f32>) -> (Array2<bool>, Array2<f32>) {
    let mut filled = distances.clone();
    let mut shape = stances.map(|stance| *stance == Stance::Before);
    let mut holes: Vec<(usize, usize)> =
        wanted.indexed_iter().filter(|(cell, wanted)| **wanted && !shape[*cell]).map(|(cell, _)| cell).collect();
    let (rows, columns) = wanted.dim();
    for _ in 0..FILLS {
        let mut found = Vec::new();
        holes.retain(|&(row, column)| {
            let around = (row.saturating_sub(1)..(row + 2).min(rows))
                .flat_map(|r| (column.saturating_sub(1)..(column + 2).min(columns)).map(move |c| (r, c)));
            let (sum, count) =
                around.filter(|cell| shape[*cell]).fold((0.0, 0), |(sum, count), cell| (sum + filled[cell], count + 1));
            if count > 0 {
                found.push(((row, column), sum / count as f32));
            }
            count == 0
        });
        if found.is_empty() {
            break;
        }
        for (cell, distance) in found {
            filled[cell] = distance;
            shape[cell] = true;
        }
    }
    (shape, filled)
}

/// The rectangle around the cells of each number, from 0 to `most`.
fn outlines(numbers: &Array2<usize>, most: usize) -> Vec<Option<Cells>> {
    let mut outlines: Vec<Option<Cells>> = vec![None; most + 1];
    for ((row, column), number) in numbers.indexed_iter().filter(|(_, number)| **number > 0) {
        let cell = (row, column);
        outlines[*number] = Some(outlines[*number].map_or(Cells::of(cell), |cells| cells.with(cell)));
    }
    outlines
}
