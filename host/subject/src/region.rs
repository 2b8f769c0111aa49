//! Sets of cells: what a silhouette covers, on the grid of the model that found it.

use std::ops::Range;

use ndarray::Array2;
use sluis_frame::{Coverage, Point, Rect, Size};

/// How cells lie on the pictures of a camera: squares from the top left; the last of a row or column may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) size: Size,
    /// Pixels along a cell's side.
    pub(crate) cell: u32,
}

/// Cells, as runs of a row: most silhouettes are some dozens of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Region {
    /// Row, first column and the one after the last: in order, and apart.
    runs: Vec<(u16, u16, u16)>,
}

/// Cells, one by one: rows and columns.
pub(crate) type Cells = Array2<bool>;

// === impl Grid ===

impl Grid {
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.size.height.div_ceil(self.cell) as usize, self.size.width.div_ceil(self.cell) as usize)
    }

    pub(crate) fn empty(&self) -> Cells {
        Cells::from_elem(self.shape(), false)
    }

    /// Cells that so many pixels need.
    pub(crate) fn cells_in(&self, pixels: u32) -> usize {
        pixels.div_ceil(self.cell) as usize
    }

    /// The cell that a place of the picture lies in.
    pub(crate) fn at(&self, place: Point) -> Option<(usize, usize)> {
        let inside = |v: f32, side: u32| v >= 0.0 && v < side as f32;
        let cell = |v: f32| v as usize / self.cell as usize;
        (inside(place.x, self.size.width) && inside(place.y, self.size.height)).then(|| (cell(place.y), cell(place.x)))
    }

    /// Rows and columns of every cell that a rectangle touches.
    pub(crate) fn touched(&self, rect: Rect) -> (Range<usize>, Range<usize>) {
        let Some(inside) = rect.clip(self.size) else { return (0..0, 0..0) };
        let along = |from: i64, to: i64| from as usize / self.cell as usize..(to as usize).div_ceil(self.cell as usize);
        (along(inside.top(), inside.bottom()), along(inside.left(), inside.right()))
    }

    /// The pixels of cells.
    pub(crate) fn coverage(&self, cells: &Cells) -> Coverage {
        Coverage::from_fn(self.size, |x, y| cells[((y / self.cell) as usize, (x / self.cell) as usize)])
    }
}

// === impl Region ===

impl Region {
    /// The cells that are set.
    pub(crate) fn of(cells: &Cells) -> Self {
        Self::where_(cells.dim(), |place| cells[place])
    }

    /// The cells of which `is_in` says so.
    pub(crate) fn where_((rows, columns): (usize, usize), is_in: impl Fn((usize, usize)) -> bool) -> Self {
        let mut runs = Vec::new();
        for row in 0..rows {
            let mut column = 0;
            while column < columns {
                let start = column;
                while column < columns && is_in((row, column)) {
                    column += 1;
                }
                if column > start {
                    runs.push((row as u16, start as u16, column as u16));
                }
                column += 1;
            }
        }
        Self { runs }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Number of cells.
    pub(crate) fn area(&self) -> u32 {
        self.runs.iter().map(|(_, from, to)| u32::from(to - from)).sum()
    }

    /// Sets its cells, and those within `margin` cells each way.
    pub(crate) fn paint(&self, cells: &mut Cells, margin: usize) {
        let (rows, columns) = cells.dim();
        for (row, from, to) in &self.runs {
            let (row, from, to) = (usize::from(*row), usize::from(*from), usize::from(*to));
            for r in row.saturating_sub(margin)..(row + margin + 1).min(rows) {
                for c in from.saturating_sub(margin)..(to + margin).min(columns) {
                    cells[(r, c)] = true;
                }
            }
        }
    }

    /// How many of its cells are set.
    pub(crate) fn count_in(&self, cells: &Cells) -> u32 {
        let run = |(row, from, to): &(u16, u16, u16)| {
            (*from..*to).filter(|column| cells[(usize::from(*row), usize::from(*column))]).count() as u32
        };
        self.runs.iter().map(run).sum()
    }

    /// How many cells both have.
    pub(crate) fn overlap(&self, other: &Self) -> u32 {
        let (mut mine, mut theirs) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut both = 0;
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            if a.0 == b.0 {
                both += u32::from(a.2.min(b.2).saturating_sub(a.1.max(b.1)));
            }
            if (a.0, a.2) <= (b.0, b.2) {
                mine.next()
            } else {
                theirs.next()
            };
        }
        both
    }

    /// The pixels around it.
    pub(crate) fn bounds(&self, grid: &Grid) -> Rect {
        let edge = |cell: u16| i64::from(cell) * i64::from(grid.cell);
        let around =
            self.runs.iter().map(|(row, from, to)| Rect::from_edges(edge(*from), edge(*row), edge(*to), edge(row + 1)));
        around.reduce(Rect::union).and_then(|rect| rect.clip(grid.size)).unwrap_or(Rect::new(0, 0, 0, 0))
    }

    /// A place inside: the middle of its longest run, of those the one nearest to its middle row.
    pub(crate) fn inside(&self, grid: &Grid) -> Option<Point> {
        let middle = self.runs.get(self.runs.len() / 2)?.0;
        let (row, from, to) =
            self.runs.iter().max_by_key(|(row, from, to)| (to - from, u16::MAX - row.abs_diff(middle)))?;
        let cell = grid.cell as f32;
        Some(Point { x: (f32::from(*from) + f32::from(*to)) / 2.0 * cell, y: (f32::from(*row) + 0.5) * cell })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRID: Grid = Grid { size: Size::new(37, 26), cell: 4 };

    fn any_cells() -> impl Strategy<Value = Cells> {
        let (rows, columns) = GRID.shape();
        prop::collection::vec(any::<bool>(), rows * columns)
            .prop_map(move |cells| Cells::from_shape_vec((rows, columns), cells).unwrap())
    }

    proptest! {
        #[test]
        fn a_region_is_the_cells_that_it_was_made_of(cells in any_cells()) {
            let mut painted = GRID.empty();
            Region::of(&cells).paint(&mut painted, 0);
            prop_assert_eq!(painted, cells);
        }

        #[test]
        fn an_overlap_is_what_both_have(one in any_cells(), other in any_cells()) {
            let both = one.iter().zip(&other).filter(|(a, b)| **a && **b).count() as u32;
            prop_assert_eq!(Region::of(&one).overlap(&Region::of(&other)), both);
            prop_assert_eq!(Region::of(&one).count_in(&other), both);
        }

        #[test]
        fn a_margin_reaches_as_far_as_it_says(cells in any_cells(), margin in 0usize..4) {
            let mut painted = GRID.empty();
            Region::of(&cells).paint(&mut painted, margin);
            for ((row, column), set) in painted.indexed_iter() {
                let near = cells.indexed_iter().any(|((r, c), set)| *set && r.abs_diff(row) <= margin && c.abs_diff(column) <= margin);
                prop_assert_eq!(*set, near);
            }
        }

        #[test]
        fn the_place_inside_is_inside(cells in any_cells()) {
            let region = Region::of(&cells);
            prop_assume!(!region.is_empty());
            let place = region.inside(&GRID).unwrap();
            // The last cells may reach beyond the picture.
            let (row, column) = ((place.y / 4.0) as usize, (place.x / 4.0) as usize);
            prop_assert!(cells[(row, column)]);
        }

        #[test]
        fn every_pixel_of_a_touched_rectangle_lies_in_a_touched_cell(x in -9i32..40, y in -9i32..30, w in 1u32..30, h in 1u32..30) {
            let rect = Rect::new(x, y, w, h);
            let (rows, columns) = GRID.touched(rect);
            let coverage = GRID.coverage(&Cells::from_shape_fn(GRID.shape(), |(r, c)| rows.contains(&r) && columns.contains(&c)));
            for py in 0..26 {
                for px in 0..37 {
                    prop_assert!(coverage.contains(px, py) || !rect.contains(px as i32, py as i32));
                }
            }
        }
    }
}
