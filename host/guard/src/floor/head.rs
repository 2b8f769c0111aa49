//! Where the heads of a silhouette are.
//!
//! A silhouette may show all of a person or only the upper part, one person or several side by side. So the head zone is drawn wide: enough of
//! the top for a head in either case, and one for each peak of the outline.

use ndarray::Array2;
use sluis_frame::{Person, Rect};

use super::grid::{Cells, Grid};
use super::silhouette::{Silhouette, Silhouettes};

/// Share of a silhouette's height that is head zone. A standing adult is 7.5 heads high and a person at a table about 3.5; between
/// them lies a quarter, and people lean.
const HEIGHT_SHARE: f32 = 0.28;
/// Share of the breadth of the upper body that a head zone is high, at least: shoulders are about 2.5 heads broad, a head 1.3 times as high as broad; and
/// only part of the shoulders may show.
const BREADTH_SHARE: f32 = 0.7;
/// Share of a silhouette's height that is head zone at most: of somebody at a table. All of it where the picture's lower edge cuts the body off: it may be nothing but a head.
const MOST_HEIGHT: f32 = 0.4;
const MOST_HEIGHT_CUT: f32 = 1.0;
/// The zone reaches this share of its height above the outline: hair often looks like what is behind it.
const ABOVE: f32 = 0.2;
/// The zone is as wide as the outline is in this upper share of it, for lower down are the shoulders, and this share of that beyond the outline on each side.
const UPPER: f32 = 0.7;
const BESIDE: f32 = 0.3;
/// A zone is at least this many times as wide as high: a head in profile is about as wide as high, and one that looks up is narrower.
const LEAST_WIDTH: f32 = 0.8;

/// The highest cell of each column of a silhouette; `None` where the column has none.
struct Outline {
    left: usize,
    tops: Vec<Option<usize>>,
}

/// The people in the silhouettes, one for each head that shows at the top of one.
pub(crate) fn people(grid: &Grid, silhouettes: &Silhouettes) -> Vec<Person> {
    let numbers = &silhouettes.numbers;
    let parts = silhouettes.all.iter().flat_map(|silhouette| {
        let parts = Outline::of(silhouette, numbers).parts(silhouette);
        parts.into_iter().map(move |part| (silhouette, part))
    });
    parts.filter_map(|(silhouette, part)| person(grid, silhouette, numbers, part)).collect()
}

/// The person in the columns `left..right` of a silhouette.
fn person(grid: &Grid, whole: &Silhouette, numbers: &Array2<usize>, (left, right): (usize, usize)) -> Option<Person> {
    let bounds = Cells { left, right, ..whole.bounds };
    let cells = around(whole, numbers, bounds)?;
    let (height, breadth) = (cells.height() as f32, breadth(whole, numbers, cells));
    let most = if cells.bottom == grid.rows { MOST_HEIGHT_CUT } else { MOST_HEIGHT };
    let zone = (breadth * BREADTH_SHARE).clamp(height * HEIGHT_SHARE, height * most).ceil() as usize;
    let upper = (zone as f32 * UPPER).ceil() as usize;
    let head = around(whole, numbers, Cells { bottom: cells.top + upper, ..cells })?;
    let head = grid.pixels(Cells { bottom: cells.top + zone, ..head });
    Some(Person { body: grid.pixels(cells), head: widened(head) })
}

/// The head zone around the top of an outline.
fn widened(top: Rect) -> Rect {
    let (width, height) = (top.width as f32, top.height as f32);
    let beside = (width * BESIDE).max((height * LEAST_WIDTH - width) / 2.0).ceil() as i64;
    let above = (height * ABOVE).ceil() as i64;
    Rect::from_edges(top.left() - beside, top.top() - above, top.right() + beside, top.bottom())
}

/// The smallest rectangle around the silhouette's cells within `bounds`.
fn around(whole: &Silhouette, numbers: &Array2<usize>, bounds: Cells) -> Option<Cells> {
    let mut found: Option<Cells> = None;
    for row in bounds.top..bounds.bottom {
        for column in (bounds.left..bounds.right).filter(|column| numbers[(row, *column)] == whole.number) {
            let cells = found.get_or_insert(Cells { top: row, bottom: row, left: column, right: column });
            cells.bottom = row + 1;
            cells.left = cells.left.min(column);
            cells.right = cells.right.max(column + 1);
        }
    }
    found
}

/// The median breadth of the upper half, in cells: of the shoulders, unless an arm is stretched out all along.
fn breadth(whole: &Silhouette, numbers: &Array2<usize>, cells: Cells) -> f32 {
    let middle = cells.top + cells.height().div_ceil(2);
    let mut breadths: Vec<usize> = (cells.top..middle)
        .filter_map(|row| around(whole, numbers, Cells { top: row, bottom: row + 1, ..cells }))
        .map(|row| row.width())
        .collect();
    breadths.sort_unstable();
    breadths.get(breadths.len() / 2).map_or(1.0, |b| *b as f32)
}

// === impl Outline ===

impl Outline {
    fn of(silhouette: &Silhouette, numbers: &Array2<usize>) -> Self {
        let Cells { top, bottom, left, right } = silhouette.bounds;
        let highest = |column| (top..bottom).find(|row| numbers[(*row, column)] == silhouette.number);
        Self { left, tops: (left..right).map(highest).collect() }
    }

    /// Columns from and to (excluded) of each person: cut at the valleys between peaks.
    fn parts(&self, silhouette: &Silhouette) -> Vec<(usize, usize)> {
        let Cells { top, bottom, .. } = silhouette.bounds;
        let deepest = bottom;
        let top_of = |column: usize| self.tops[column].unwrap_or(deepest);
        // A head stands out by its own height against its neighbour's shoulder; half of that counts. It is in the upper part.
        let least_depth = (silhouette.bounds.height() / 10).max(2);
        let lowest_peak = top + silhouette.bounds.height() / 2;
        let mut cuts = Vec::new();
        let (mut peak, mut valley) = (0, 0);
        for column in 1..self.tops.len() {
            let here = top_of(column);
            if here > top_of(valley) {
                valley = column;
            }
            let fell = top_of(valley) >= top_of(peak) + least_depth;
            let rose = here + least_depth <= top_of(valley);
            if fell && rose && here <= lowest_peak && top_of(peak) <= lowest_peak {
                cuts.push(valley);
                (peak, valley) = (column, column);
            } else if here < top_of(peak) {
                (peak, valley) = (column, column);
            }
        }
        let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([self.tops.len()]).collect();
        edges.windows(2).map(|pair| (self.left + pair[0], self.left + pair[1])).collect()
    }
}
