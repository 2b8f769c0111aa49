//! How wide what stands before the place is: what separates heads from hands.

use ndarray::Array2;

use super::depth::Stance;
use super::space;

/// What is farther than this behind, in metres, is another thing. A head lies this much before the shoulder beneath it when seen from above.
const JUMP: f32 = 0.15;
/// And beyond this many standard deviations of two readings.
const SIGMAS: f32 = 4.0;
/// Cells to an edge that is not in sight: as wide as any picture.
pub(super) const UNBOUNDED: f32 = 1000.0;
/// Cells that are added beyond each edge of the picture: half a head, where one is 20 cells wide.
const BEYOND: usize = 10;
const DIAGONAL: f32 = std::f32::consts::SQRT_2;

/// How much farther another thing is at least, in metres, at this distance.
pub(super) fn jump(distance: f32) -> f32 {
    JUMP.max(SIGMAS * space::error(distance))
}

/// For each cell of a shape, how far it is to the shape's edge, in cells: 1 beside it. Nothing elsewhere.
///
/// Where one thing hides another, the edge is the nearer one's, and the farther goes on behind it. What reaches the edge of the picture goes on beyond it as it is there. So
/// nothing is taken for small because it is hidden.
pub(super) fn to_edge(shape: &Array2<bool>, distances: &Array2<f32>) -> Array2<f32> {
    let (rows, columns) = shape.dim();
    let within = |row: usize, column: usize| {
        let back = |at: usize, length: usize| at.saturating_sub(BEYOND).min(length - 1);
        (back(row, rows), back(column, columns))
    };
    let wide = (rows + 2 * BEYOND, columns + 2 * BEYOND);
    let cells = Array2::from_shape_fn(wide, |(row, column)| {
        let cell = within(row, column);
        if shape[cell] { Some(distances[cell]) } else { None }
    });
    let found = chamfer(&cells);
    let mut out = Array2::zeros(shape.dim());
    for ((row, column), length) in found.indexed_iter() {
        let cell = &mut out[within(row, column)];
        *cell = f32::max(*cell, *length);
    }
    out
}

/// The way from each cell that has a distance to one that has none, or lies far behind. (Two passes: Borgefors, *Distance transformations in digital images*, 1986.)
fn chamfer(cells: &Array2<Option<f32>>) -> Array2<f32> {
    let (rows, columns) = cells.dim();
    let mut out = cells.map(|cell| if cell.is_some() { UNBOUNDED } else { 0.0 });
    let mut shorten = |row: usize, column: usize, ways: [(isize, isize, f32); 4]| {
        let Some(near) = cells[(row, column)] else { return };
        let mut least = out[(row, column)];
        for (down, right, length) in ways {
            let there = (row.wrapping_add_signed(down), column.wrapping_add_signed(right));
            if there.0 >= rows || there.1 >= columns {
                continue;
            }
            // A cell without a reading belongs to whatever is beside it.
            let known = |far: &f32| near > 0.0 && *far > 0.0;
            least = least.min(match cells[there] {
                None => length,
                Some(far) if known(&far) && far - near > jump(near) => length,
                Some(far) if known(&far) && near - far > jump(near) => UNBOUNDED,
                Some(_) => out[there] + length,
            });
        }
        out[(row, column)] = least;
    };
    for row in 0..rows {
        for column in 0..columns {
            shorten(row, column, [(0, -1, 1.0), (-1, 0, 1.0), (-1, -1, DIAGONAL), (-1, 1, DIAGONAL)]);
        }
    }
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            shorten(row, column, [(0, 1, 1.0), (1, 0, 1.0), (1, 1, DIAGONAL), (1, -1, DIAGONAL)]);
        }
    }
    out
}

/// What stands before the place, and what has no reading but looks unlike the place, or lies amid what stands before it.
pub(super) fn shape(stances: &Array2<Stance>, changed: &Array2<f32>) -> Array2<bool> {
    let (rows, columns) = stances.dim();
    Array2::from_shape_fn((rows, columns), |(row, column)| match stances[(row, column)] {
        Stance::Before => true,
        Stance::NoReading if changed[(row, column)] > 1.0 => true,
        Stance::NoReading => {
            let around = (row.saturating_sub(1)..(row + 2).min(rows))
                .flat_map(|r| (column.saturating_sub(1)..(column + 2).min(columns)).map(move |c| (r, c)));
            around.filter(|place| stances[*place] == Stance::Before).count() >= 5
        }
        Stance::Place | Stance::Unsure => false,
    })
}
