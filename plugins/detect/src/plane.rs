//! A small picture of a frame, in luma, to remember.

use std::ops::Range;

use sluis_sdk::{Frame, PixelFormat, Rect, Size};

use crate::area::Area;

/// Cells along the longer side of a plane. At 640 pixels a cell is 3.3 pixels: a mask over the smallest face that matters (16 pixels, masked with margins) still spans
/// several.
const LONG_SIDE: u32 = 192;

/// Two lumas that differ by more than this are of different things: above the noise of cameras and codecs once averaged over a cell.
const DIFFERS: u8 = 16;

/// How the camera's picture is cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    picture: Size,
    cells: Size,
}

/// The average luma of each cell, 0 to 255, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    grid: Grid,
    luma: Vec<u8>,
}

// === impl Grid ===

impl Grid {
    /// For pictures of this size.
    pub fn of(picture: Size) -> Self {
        let longest = picture.width.max(picture.height).max(1);
        let cells = |side: u32| {
            let scaled = (u64::from(side) * u64::from(LONG_SIDE)).div_ceil(u64::from(longest)) as u32;
            scaled.min(side).max(1)
        };
        Self { picture, cells: Size::new(cells(picture.width), cells(picture.height)) }
    }

    /// The size of the pictures that it is for.
    pub fn picture(self) -> Size {
        self.picture
    }

    /// How many cells there are in a row, and how many rows.
    pub fn cells(self) -> Size {
        self.cells
    }

    /// The camera pixels of a rectangle of cells; the last column and row end with the picture.
    pub fn area(self, columns: Range<usize>, rows: Range<usize>) -> Area {
        let (width, height) = self.cell();
        Area {
            left: columns.start as f32 * width,
            top: rows.start as f32 * height,
            right: columns.end as f32 * width,
            bottom: rows.end as f32 * height,
        }
    }

    /// How many cells there are.
    pub fn len(self) -> usize {
        self.cells.pixels()
    }

    /// Whether there are none; never so, for a picture has pixels.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The indices of all cells that `area` (camera pixels) touches.
    pub fn touched(self, area: Area) -> impl Iterator<Item = usize> {
        let across = span(area.left, area.right, self.picture.width, self.cells.width);
        let down = span(area.top, area.bottom, self.picture.height, self.cells.height);
        let width = self.cells.width as usize;
        down.flat_map(move |row| across.clone().map(move |column| row * width + column))
    }

    /// Which cells lie under a mask or beside one: a cell at a mask's edge holds some of its colour.
    pub fn under(self, masks: &[Area]) -> Vec<bool> {
        let (width, height) = self.cell();
        let mut under = vec![false; self.len()];
        for mask in masks {
            for cell in self.touched(mask.widen(width, height, height)) {
                under[cell] = true;
            }
        }
        under
    }

    /// Width and height of a cell, in camera pixels.
    fn cell(self) -> (f32, f32) {
        let side = |pixels: u32, cells: u32| pixels as f32 / cells as f32;
        (side(self.picture.width, self.cells.width), side(self.picture.height, self.cells.height))
    }
}

/// The cells that an interval of camera pixels touches along one side.
fn span(from: f32, to: f32, pixels: u32, cells: u32) -> Range<usize> {
    let per_pixel = cells as f32 / pixels as f32;
    let low = (from * per_pixel).floor().max(0.0) as usize;
    let high = ((to * per_pixel).ceil().max(0.0) as usize).min(cells as usize);
    low.min(high)..high
}

// === impl Plane ===

impl Plane {
    /// Of this grid, from the luma of each cell; `None` when there are not as many.
    pub fn new(grid: Grid, luma: Vec<u8>) -> Option<Self> {
        (luma.len() == grid.len()).then_some(Self { grid, luma })
    }

    /// Of this frame.
    pub fn read(frame: &Frame<'_>, grid: Grid) -> Self {
        let whole = Rect::new(0, 0, grid.picture.width, grid.picture.height);
        Self { grid, luma: frame.read(whole, grid.cells, PixelFormat::Luma8) }
    }

    /// The cells that `area` (camera pixels) touches, and their luma.
    pub fn cells(&self, area: Area) -> Vec<(usize, u8)> {
        self.grid.touched(area).map(|cell| (cell, self.luma[cell])).collect()
    }

    /// The share of these cells of a plane of the same grid, 0 to 1, that still look as they did; 0 when there are none.
    pub fn alike(&self, then: &[(usize, u8)]) -> f32 {
        if then.is_empty() {
            return 0.0;
        }
        let same = then.iter().filter(|(cell, luma)| self.luma[*cell].abs_diff(*luma) <= DIFFERS).count();
        same as f32 / then.len() as f32
    }

    /// Its grid.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The luma of each cell.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluis_sdk::Still;

    use super::*;

    #[test]
    fn a_plane_is_the_frame_in_small() {
        let size = Size::new(400, 200);
        let rgb: Vec<u8> = (0..200).flat_map(|_| (0..400).flat_map(|x| [if x < 200 { 40 } else { 200 }; 3])).collect();
        let plane = Plane::read(&Still::new(size, rgb).frame(), Grid::of(size));
        assert_eq!(plane.luma().len(), 192 * 96);
        let left = plane.grid().touched(Area::new(0.0, 0.0, 100.0, 200.0));
        assert!(left.map(|cell| plane.luma()[cell]).all(|luma| luma == 40));
    }

    #[test]
    fn a_picture_of_one_pixel_has_one_cell() {
        assert_eq!(Grid::of(Size::new(1, 1)).len(), 1);
        assert_eq!(Grid::of(Size::new(7680, 1)).len(), 192);
    }

    proptest! {
        #[test]
        fn no_area_touches_a_cell_that_is_not_there(w in 1u32..3000, h in 1u32..3000, x in -5e3f32..5e3, y in -5e3f32..5e3, aw in -1e3f32..1e9, ah in -1e3f32..1e9) {
            let grid = Grid::of(Size::new(w, h));
            prop_assert!(grid.touched(Area::new(x, y, aw, ah)).all(|cell| cell < grid.len()));
        }
    }
}
