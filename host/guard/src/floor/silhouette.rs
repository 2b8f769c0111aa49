//! From cells that differ to silhouettes: closed, connected, large enough.

use ndarray::{Array2, Axis, Slice};

use super::grid::Cells;

/// Cells that a silhouette has at least. A head of 16 pixels in a 640 pixel picture has about 12, and it rarely moves alone. Three by three of them lie in one block: outlines of
/// things tremble with the camera, the lamp and the codec, but are thin.
const LEAST_CELLS: usize = 10;
/// A silhouette differs this much somewhere, in units of what counts. What barely differs everywhere is a shadow of the codec.
const STRONG: f32 = 1.5;
/// Gaps that are closed, in cells each way: along the body, where collars and belts look like the wall behind, and across it.
const CLOSE_ALONG: usize = 2;
const CLOSE_ACROSS: usize = 1;

/// The silhouettes in a frame.
#[derive(Debug)]
pub(crate) struct Silhouettes {
    /// The number of the silhouette that each cell belongs to, from 1; 0 for none.
    pub(crate) numbers: Array2<usize>,
    /// In order of their numbers.
    pub(crate) all: Vec<Silhouette>,
}

/// One connected silhouette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Silhouette {
    pub(crate) number: usize,
    pub(crate) bounds: Cells,
    /// Cells.
    pub(crate) area: usize,
}

// === impl Silhouettes ===

impl Silhouettes {
    pub(crate) fn of(degree: &Array2<f32>) -> Self {
        let mut open = closed(&degree.map(|d| *d > 1.0));
        let inner = eroded(&open);
        let mut numbers = Array2::zeros(degree.dim());
        let mut all: Vec<Silhouette> = Vec::new();
        let mut members = Vec::new();
        for row in 0..open.nrows() {
            for column in 0..open.ncols() {
                if !open[(row, column)] {
                    continue;
                }
                let bounds = take_connected(&mut open, (row, column), &mut members);
                let strong = members.iter().any(|place| degree[*place] > STRONG);
                let thick = members.iter().any(|place| inner[*place]);
                if strong && thick && members.len() >= LEAST_CELLS {
                    let number = all.len() + 1;
                    members.iter().for_each(|place| numbers[*place] = number);
                    all.push(Silhouette { number, bounds, area: members.len() });
                }
            }
        }
        Self { numbers, all }
    }
}

/// Moves the cells that are connected to `start`, corners included, from `open` to `members`. Gives the rectangle around them.
fn take_connected(open: &mut Array2<bool>, start: (usize, usize), members: &mut Vec<(usize, usize)>) -> Cells {
    members.clear();
    members.push(start);
    open[start] = false;
    let mut bounds = Cells { top: start.0, bottom: start.0 + 1, left: start.1, right: start.1 + 1 };
    let mut next = 0;
    while let Some(&(row, column)) = members.get(next) {
        next += 1;
        bounds.top = bounds.top.min(row);
        bounds.bottom = bounds.bottom.max(row + 1);
        bounds.left = bounds.left.min(column);
        bounds.right = bounds.right.max(column + 1);
        for r in row.saturating_sub(1)..(row + 2).min(open.nrows()) {
            for c in column.saturating_sub(1)..(column + 2).min(open.ncols()) {
                if std::mem::take(&mut open[(r, c)]) {
                    members.push((r, c));
                }
            }
        }
    }
    bounds
}

/// Morphological closing: narrow gaps are filled, outlines stay. Beyond the picture counts as filled, so nothing is eaten from its edge.
fn closed(cells: &Array2<bool>) -> Array2<bool> {
    let wide = spread(&spread(cells, 0, CLOSE_ALONG), 1, CLOSE_ACROSS);
    let outside = spread(&spread(&wide.map(|c| !c), 0, CLOSE_ALONG), 1, CLOSE_ACROSS);
    outside.map(|c| !c)
}

/// The cells whose neighbours are all set too; beyond the picture counts as set.
fn eroded(cells: &Array2<bool>) -> Array2<bool> {
    spread(&spread(&cells.map(|c| !c), 0, 1), 1, 1).map(|c| !c)
}

/// Every cell that has a set cell within `reach` along the axis.
pub(crate) fn spread(cells: &Array2<bool>, axis: usize, reach: usize) -> Array2<bool> {
    let axis = Axis(axis);
    let length = cells.len_of(axis);
    let mut out = cells.clone();
    for by in 1..=reach.min(length.saturating_sub(1)) {
        let (kept, moved) = (Slice::from(..length - by), Slice::from(by..));
        out.slice_axis_mut(axis, kept).zip_mut_with(&cells.slice_axis(axis, moved), |out, cell| *out |= *cell);
        out.slice_axis_mut(axis, moved).zip_mut_with(&cells.slice_axis(axis, kept), |out, cell| *out |= *cell);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[&str]) -> Array2<f32> {
        Array2::from_shape_fn((rows.len(), rows[0].len()), |(r, c)| match rows[r].as_bytes()[c] {
            b'#' => 3.0,
            b'+' => 1.2,
            _ => 0.0,
        })
    }

    #[test]
    fn a_collar_does_not_cut_off_a_head() {
        let found = Silhouettes::of(&picture(&[
            ".........",
            ".........",
            ".........",
            "...###...",
            "...###...",
            ".........",
            ".........",
            "..#####..",
            "..#####..",
            ".........",
            ".........",
            ".........",
        ]));
        assert_eq!(found.all.len(), 1);
        assert_eq!(found.all[0].bounds, Cells { top: 3, bottom: 9, left: 2, right: 7 });
    }

    #[test]
    fn an_edge_that_trembles_is_nobody() {
        let count = |high: usize, wide: usize| {
            let set = |row, column| (8..8 + high).contains(&row) && (8..8 + wide).contains(&column);
            let degree = Array2::from_shape_fn((24, 32), |(row, column)| if set(row, column) { 3.0 } else { 0.0 });
            Silhouettes::of(&degree).all.len()
        };
        assert_eq!((count(2, 16), count(12, 2)), (0, 0), "the edges of a shelf and of a post");
        assert_eq!(count(4, 3), 1, "a head of 16 pixels in a picture of 640");
    }

    #[test]
    fn two_who_stand_apart_are_two() {
        let found = Silhouettes::of(&picture(&["###....###", "###....###", "###....###", "###....###"]));
        assert_eq!(found.all.iter().map(|s| s.area).collect::<Vec<_>>(), [12, 12]);
        assert_ne!(found.numbers[(0, 0)], found.numbers[(0, 9)]);
    }

    #[test]
    fn specks_and_faint_shadows_are_no_silhouettes() {
        let specks = picture(&["##........", "##........", "..........", ".........#"]);
        assert!(Silhouettes::of(&specks).all.is_empty());
        let shadow = picture(&["++++++", "++++++", "++++++"]);
        assert!(Silhouettes::of(&shadow).all.is_empty());
    }
}
