//! Everything that differs, in a few rectangles.

use ndarray::{Array2, Axis, Slice};
use sluis_frame::Rect;

use super::grid::{Cells, Grid};
use super::silhouette::spread;

/// Cells along a block's side: coarse, so that the masks of a busy picture are some dozens and not thousands.
const BLOCK: usize = 4;
/// Cells by which what differs is widened first: its outline is blurred by motion.
const MARGIN: usize = 2;

/// The blocks that hold anything that differs, as rectangles that do not overlap.
pub(crate) fn blocks(grid: &Grid, degree: &Array2<f32>) -> Vec<Rect> {
    let wide = spread(&spread(&degree.map(|d| *d > 1.0), 0, MARGIN), 1, MARGIN);
    let rows = grid.rows.div_ceil(BLOCK);
    let columns = grid.columns.div_ceil(BLOCK);
    let mut taken = Array2::from_elem((rows, columns), true);
    for ((row, column), differs) in wide.indexed_iter() {
        if *differs {
            taken[(row / BLOCK, column / BLOCK)] = false;
        }
    }
    let mut out = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            if taken[(row, column)] {
                continue;
            }
            // As far right as it goes, then as far down as the whole run goes.
            let right = (column..columns).find(|c| taken[(row, *c)]).unwrap_or(columns);
            let free = |r: usize| (column..right).all(|c| !taken[(r, c)]);
            let bottom = (row + 1..rows).find(|r| !free(*r)).unwrap_or(rows);
            let mut run = taken.slice_axis_mut(Axis(0), Slice::from(row..bottom));
            run.slice_axis_mut(Axis(1), Slice::from(column..right)).fill(true);
            let edge = |block: usize, most: usize| (block * BLOCK).min(most);
            out.push(grid.pixels(Cells {
                top: row * BLOCK,
                bottom: edge(bottom, grid.rows),
                left: column * BLOCK,
                right: edge(right, grid.columns),
            }));
        }
    }
    out
}
