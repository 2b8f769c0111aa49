//! The cells that a zone is looked at in.

use sluis_sdk::layout::Polygon;
use sluis_sdk::{Frame, PixelFormat, Rect, Size};

use crate::look::Look;

/// Cells along the longer side of a zone. A hand before a shelf two metres wide is then four cells wide.
const LONG_SIDE: f32 = 96.0;
/// Cells around the zone that are looked at too: where arms come from.
const RING: f32 = 14.0;

/// A zone and its surroundings, cut into square cells.
#[derive(Debug, Clone)]
pub struct Grid {
    region: Rect,
    columns: usize,
    rows: usize,
    /// For each cell how many steps it is to the outside; 0 outside the zone.
    within: Vec<u8>,
    /// For each cell whether it lies at the edge of the picture.
    edge: Vec<bool>,
}

// === impl Grid ===

impl Grid {
    /// Of a zone in pictures of a size.
    pub fn of(outline: &Polygon, picture: Size) -> Self {
        let [left, top, right, bottom] = outline.bounds();
        let cell = ((right - left).max(bottom - top) / LONG_SIDE).max(1.0);
        let ring = RING * cell;
        let low = |v: f32| (v - ring).floor().max(0.0) as i64;
        let high = |v: f32, side: u32| ((v + ring).ceil() as i64).min(i64::from(side));
        let region = Rect::from_edges(low(left), low(top), high(right, picture.width), high(bottom, picture.height));
        let count = |side: u32| ((side as f32 / cell).round() as usize).clamp(1, side.max(1) as usize);
        let (columns, rows) = (count(region.width), count(region.height));
        let mut grid = Self { region, columns, rows, within: Vec::new(), edge: Vec::new() };
        let inside: Vec<bool> = (0..grid.len()).map(|cell| outline.contains(grid.centre(cell))).collect();
        grid.within = grid.steps_to(|cell| !inside[cell]);
        let at = |side: bool, cells: bool| side && cells;
        let (right, bottom) =
            (region.right() >= i64::from(picture.width), region.bottom() >= i64::from(picture.height));
        grid.edge = (0..grid.len())
            .map(|cell| {
                let (x, y) = (cell % columns, cell / columns);
                at(region.x == 0, x == 0)
                    || at(region.y == 0, y == 0)
                    || at(right, x + 1 == columns)
                    || at(bottom, y + 1 == rows)
            })
            .collect();
        grid
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.columns * self.rows
    }

    /// Whether there are none; never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a cell is in the zone.
    pub fn inside(&self, cell: usize) -> bool {
        self.within[cell] > 0
    }

    /// How many steps a cell is from the outside of the zone; 0 outside.
    pub fn within(&self, cell: usize) -> u8 {
        self.within[cell]
    }

    /// Whether a cell lies at the edge of the picture.
    pub fn at_edge(&self, cell: usize) -> bool {
        self.edge[cell]
    }

    /// How many cells the zone has.
    pub fn zone_cells(&self) -> usize {
        self.within.iter().filter(|w| **w > 0).count()
    }

    /// The centre of a cell, in camera pixels.
    pub fn centre(&self, cell: usize) -> [f32; 2] {
        let (x, y) = ((cell % self.columns) as f32 + 0.5, (cell / self.columns) as f32 + 0.5);
        [
            self.region.x as f32 + x * self.region.width as f32 / self.columns as f32,
            self.region.y as f32 + y * self.region.height as f32 / self.rows as f32,
        ]
    }

    /// The side of a cell, in camera pixels.
    pub fn cell_side(&self) -> f32 {
        self.region.width as f32 / self.columns as f32
    }

    /// The neighbours of a cell on up to eight sides.
    pub fn around(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.square(cell, 1).filter(move |near| *near != cell)
    }

    /// The cells no more than so many steps from a cell, itself among them.
    pub fn square(&self, cell: usize, steps: usize) -> impl Iterator<Item = usize> {
        let (columns, rows) = (self.columns, self.rows);
        let (x, y) = (cell % columns, cell / columns);
        let across = x.saturating_sub(steps)..=(x + steps).min(columns - 1);
        (y.saturating_sub(steps)..=(y + steps).min(rows - 1))
            .flat_map(move |ny| across.clone().map(move |nx| ny * columns + nx))
    }

    /// The cell to the right and the cell below.
    pub fn next(&self, cell: usize) -> (Option<usize>, Option<usize>) {
        let right = cell % self.columns + 1 < self.columns;
        let below = cell / self.columns + 1 < self.rows;
        (right.then_some(cell + 1), below.then_some(cell + self.columns))
    }

    /// For each cell how many steps (also across corners) it is from a cell for which `from` holds; 255 when there is none so near.
    pub fn steps_to(&self, from: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut steps: Vec<u8> = (0..self.len()).map(|cell| if from(cell) { 0 } else { u8::MAX }).collect();
        let mut edge: Vec<usize> = (0..self.len()).filter(|cell| steps[*cell] == 0).collect();
        for step in 1..u8::MAX {
            let mut next = Vec::new();
            for cell in edge {
                for near in self.around(cell) {
                    if steps[near] == u8::MAX {
                        steps[near] = step;
                        next.push(near);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            edge = next;
        }
        steps
    }

    /// The set grown by one cell.
    pub fn grown(&self, set: &[bool]) -> Vec<bool> {
        let mut grown = set.to_vec();
        for cell in (0..self.len()).filter(|cell| set[*cell]) {
            for near in self.around(cell) {
                grown[near] = true;
            }
        }
        grown
    }

    /// How each cell looks, with the light's factors taken out.
    pub fn looks(&self, frame: &Frame<'_>, gains: [f32; 3]) -> Vec<Look> {
        let to = Size::new(self.columns as u32, self.rows as u32);
        let rgb = frame.read(self.region, to, PixelFormat::Rgb8);
        let bare = |p: &[u8]| Look::of([0, 1, 2].map(|c| f32::from(p[c]) / gains[c]));
        rgb.chunks_exact(3).map(bare).collect()
    }

    /// The depth of each cell in millimetres, 0 where the sensor has none: the middle one of what its pixels have.
    pub fn depths(&self, frame: &Frame<'_>) -> Option<Vec<u16>> {
        let depth = frame.read_depth(self.region)?;
        let width = self.region.width as usize;
        let span = |index: usize, cells: usize, side: u32| {
            let edge = |i: usize| i * side as usize / cells;
            // At most three pixels a side: enough for a middle, and bounded work for large cells.
            (edge(index)..edge(index + 1).max(edge(index) + 1)).step_by(((edge(index + 1) - edge(index)) / 3).max(1))
        };
        let middle = |cell: usize| {
            let mut read = [0u16; 25];
            let mut count = 0;
            for y in span(cell / self.columns, self.rows, self.region.height) {
                for x in span(cell % self.columns, self.columns, self.region.width) {
                    let value = depth[y * width + x];
                    if value > 0 && count < read.len() {
                        read[count] = value;
                        count += 1;
                    }
                }
            }
            read[..count].sort_unstable();
            if count == 0 { 0 } else { read[count / 2] }
        };
        Some((0..self.len()).map(middle).collect())
    }

    /// Which cells touch none of these rectangles (camera pixels), nor lie beside them.
    pub fn free_of(&self, masks: &[Rect]) -> Vec<bool> {
        let mut free = vec![true; self.len()];
        let cell = f64::from(self.cell_side());
        for mask in masks {
            let index = |edge: i64, start: i32, beside: f64, count: usize| {
                ((edge - i64::from(start)) as f64 / cell + beside).clamp(0.0, count as f64) as usize
            };
            let columns = index(i64::from(mask.x), self.region.x, -1.0, self.columns)
                ..index(mask.right(), self.region.x, 2.0, self.columns);
            let rows = index(i64::from(mask.y), self.region.y, -1.0, self.rows)
                ..index(mask.bottom(), self.region.y, 2.0, self.rows);
            for row in rows {
                free[row * self.columns + columns.start..row * self.columns + columns.end.max(columns.start)]
                    .fill(false);
            }
        }
        free
    }
}

/// Sets of cells that touch one another.
pub fn parts(grid: &Grid, set: &[bool]) -> Vec<Vec<usize>> {
    let mut left = set.to_vec();
    let mut parts = Vec::new();
    for start in 0..set.len() {
        if !left[start] {
            continue;
        }
        left[start] = false;
        let (mut part, mut next) = (vec![start], 0);
        while next < part.len() {
            for near in grid.around(part[next]) {
                if std::mem::take(&mut left[near]) {
                    part.push(near);
                }
            }
            next += 1;
        }
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Grid {
        let corners = vec![[100.0, 100.0], [200.0, 100.0], [200.0, 200.0], [100.0, 200.0]];
        Grid::of(&Polygon::new("z", corners).unwrap(), Size::new(640, 480))
    }

    #[test]
    fn a_zone_has_about_a_hundred_cells_a_side_and_a_ring() {
        let grid = square();
        assert!((90..=110).contains(&((grid.zone_cells() as f32).sqrt() as usize)));
        assert!(grid.len() > grid.zone_cells());
        assert!(grid.edge.iter().all(|edge| !edge));
    }

    #[test]
    fn parts_are_joined_across_corners() {
        let grid = square();
        let mut set = vec![false; grid.len()];
        for cell in [0, grid.columns + 1, 3] {
            set[cell] = true;
        }
        let sizes: Vec<usize> = parts(&grid, &set).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn a_mask_hides_what_it_touches() {
        let grid = square();
        let free = grid.free_of(&[Rect::new(100, 100, 50, 50), Rect::new(-500, -500, 10, 10)]);
        let at = |x: f32, y: f32| {
            (0..grid.len()).min_by_key(|c| {
                let [cx, cy] = grid.centre(*c);
                ((cx - x).hypot(cy - y) * 100.0) as u32
            })
        };
        assert!(!free[at(125.0, 125.0).unwrap()] && !free[at(150.0, 150.0).unwrap()]);
        assert!(free[at(175.0, 175.0).unwrap()] && free[at(125.0, 160.0).unwrap()]);
    }
}
