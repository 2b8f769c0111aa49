//! The reduced picture that the floor works on: cells of camera pixels, each with its average colour and distance.

use ndarray::Array2;
use sluis_frame::{Depth, Picture, Rect, Size};

/// Cells along the longer side, at most. A head of 16 pixels in a 640 pixel picture is 4 cells wide: enough to be seen, and the floor costs about a
/// millisecond. Finer cells mostly add sensor noise.
const LONGEST: u32 = 192;
/// Pixels that are read in a cell, each way, at most: beyond that an average gains nothing and costs time.
const SAMPLES: usize = 5;

/// How cells lie on the picture. The last row and column may reach beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    size: Size,
    /// Camera pixels along a cell's side.
    pub(crate) cell: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// A cell's average colour: luma, and red and blue less luma; all in units of 0 to 255.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tone {
    pub(crate) luma: f32,
    pub(crate) red: f32,
    pub(crate) blue: f32,
}

/// A rectangle of cells, ends excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) left: usize,
    pub(crate) right: usize,
}

// === impl Grid ===

impl Grid {
    pub(crate) fn new(size: Size) -> Self {
        let cell = size.width.max(size.height).div_ceil(LONGEST).max(1);
        let along = |side: u32| side.div_ceil(cell).max(1) as usize;
        Self { size, cell: cell as usize, rows: along(size.height), columns: along(size.width) }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Camera pixels of a rectangle of cells, cut at the edge of the picture.
    pub(crate) fn pixels(&self, cells: Cells) -> Rect {
        let edge = |cells: usize, side: u32| ((cells * self.cell) as i64).min(i64::from(side));
        let Size { width, height } = self.size;
        Rect::from_edges(
            edge(cells.left, width),
            edge(cells.top, height),
            edge(cells.right, width),
            edge(cells.bottom, height),
        )
    }

    /// The average colour of every cell. `picture` is of the grid's size.
    pub(crate) fn reduce(&self, picture: &Picture) -> Array2<Tone> {
        let step = self.cell.div_ceil(SAMPLES);
        let stride = self.size.width as usize * 3;
        let mut sums = vec![[0u32; 3]; self.columns];
        let mut tones = Array2::default(self.shape());
        for (band, mut row) in picture.pixels().chunks(stride * self.cell).zip(tones.rows_mut()) {
            sums.fill([0; 3]);
            for line in band.chunks_exact(stride).step_by(step) {
                for (sum, cell) in sums.iter_mut().zip(line.chunks(3 * self.cell)) {
                    for pixel in cell.chunks_exact(3).step_by(step) {
                        sum[0] += u32::from(pixel[0]);
                        sum[1] += u32::from(pixel[1]);
                        sum[2] += u32::from(pixel[2]);
                    }
                }
            }
            let lines = (band.len() / stride).div_ceil(step);
            for (column, (tone, sum)) in row.iter_mut().zip(&sums).enumerate() {
                let width = self.cell.min(self.size.width as usize - column * self.cell);
                let count = (lines * width.div_ceil(step)) as f32;
                *tone = Tone::from_rgb(sum.map(|s| s as f32 / count));
            }
        }
        tones
    }

    /// How near each cell is, in metres: the nearest line of its pixels, on average; 0 where no line has enough readings. The nearest, because a head in front of a
    /// wall is what counts; a line, because the nearest pixel of all is noise.
    pub(crate) fn reduce_depth(&self, depth: &Depth) -> Array2<f32> {
        let step = self.cell.div_ceil(SAMPLES);
        let width = self.size.width as usize;
        let mut nearest = Array2::from_elem(self.shape(), f32::INFINITY);
        for (band, mut row) in depth.values().chunks(width * self.cell).zip(nearest.rows_mut()) {
            for line in band.chunks_exact(width).step_by(step) {
                for (near, pixels) in row.iter_mut().zip(line.chunks(self.cell)) {
                    let (mut sum, mut read, mut looked) = (0u32, 0u32, 0u32);
                    for value in pixels.iter().step_by(step) {
                        sum += u32::from(*value);
                        read += u32::from(*value != 0);
                        looked += 1;
                    }
                    if read > 0 && read * 2 >= looked {
                        *near = near.min(sum as f32 / read as f32);
                    }
                }
            }
        }
        nearest.mapv_into(|counts| if counts.is_finite() { counts * depth.unit() } else { 0.0 })
    }
}

// === impl Tone ===

impl Tone {
    /// BT.601 luma; colour as differences from it.
    fn from_rgb([r, g, b]: [f32; 3]) -> Self {
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        Self { luma, red: r - luma, blue: b - luma }
    }

    /// A step of `share` of the way towards `other`.
    pub(crate) fn towards(self, other: Self, share: f32) -> Self {
        let step = |from: f32, to: f32| from + (to - from) * share;
        Self { luma: step(self.luma, other.luma), red: step(self.red, other.red), blue: step(self.blue, other.blue) }
    }

    /// The difference in brightness.
    pub(crate) fn contrast(self, other: Self) -> f32 {
        (self.luma - other.luma).abs()
    }

    /// The greater difference in colour.
    pub(crate) fn colour_contrast(self, other: Self) -> f32 {
        (self.red - other.red).abs().max((self.blue - other.blue).abs())
    }
}

// === impl Cells ===

impl Cells {
    /// A single cell.
    pub(crate) fn of((row, column): (usize, usize)) -> Self {
        Self { top: row, bottom: row + 1, left: column, right: column + 1 }
    }

    /// The rectangle around these and one more.
    pub(crate) fn with(self, (row, column): (usize, usize)) -> Self {
        Self {
            top: self.top.min(row),
            bottom: self.bottom.max(row + 1),
            left: self.left.min(column),
            right: self.right.max(column + 1),
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> usize {
        self.bottom - self.top
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::Rgb;

    use super::*;

    #[test]
    fn every_size_of_picture_has_its_cells() {
        for (width, height) in [(1, 1), (1, 480), (640, 480), (641, 359), (1920, 1080), (7680, 4320)] {
            let size = Size::new(width, height);
            let grid = Grid::new(size);
            assert!(grid.rows.max(grid.columns) <= LONGEST as usize);
            let all = Cells { top: 0, left: 0, bottom: grid.rows, right: grid.columns };
            assert_eq!(grid.pixels(all), size.rect(), "the cells of {size} do not cover it");
            let tones = grid.reduce(&Picture::plain(size, Rgb(90, 120, 30)).unwrap());
            let expected = Tone::from_rgb([90.0, 120.0, 30.0]);
            assert!(tones.iter().all(|t| t.contrast(expected) < 0.01 && t.colour_contrast(expected) < 0.01), "{size}");
        }
    }

    #[test]
    fn a_cell_is_as_far_away_as_its_nearest_line() {
        let size = Size::new(384, 2);
        let mut values = vec![0u16; size.pixels()];
        // The upper line of the first cell has two readings, the lower one; the second cell has none.
        (values[0], values[1], values[385]) = (30, 20, 20);
        let grid = Grid::new(size);
        let cells = grid.reduce_depth(&Depth::new(size, 0.5, values).unwrap());
        assert_eq!((grid.cell, cells[(0, 0)], cells[(0, 1)]), (2, 10.0, 0.0));
    }
}
