//! Destroys what must not be seen: the only way from [`Raw`] to [`Redacted`].
//!
//! Masked colour is filled, or averaged over at most 4 by 4 cells; masked depth is flattened to one value. Nothing that is written depends on
//! more of the masked pixels than those averages, so no later step can bring them back.

use std::sync::Arc;

use crate::geometry::{Rect, Size};
use crate::mask::{self, Mask, Style};
use crate::picture::{Depth, Picture, Rgb};
use crate::state::{Frame, Raw, Redacted};

/// Cells across a group of overlapping masks in [`Style::Pixelate`] and [`Style::Blur`]. A face lies within a mask, so it
/// never spans more.
pub const CELLS: usize = 4;

/// A copy of the frame in which everything under `masks` is destroyed, in colour and in depth.
///
/// Masks may overlap and reach beyond the picture. The raw frame stays with its owner, who may need it for a stricter masking.
pub fn redact(raw: &Frame<Raw>, masks: Vec<Mask>, style: Style) -> Frame<Redacted> {
    let groups = mask::groups(&masks);
    Frame {
        header: raw.header.clone(),
        picture: paint_colour(&raw.picture, &masks, &groups, style),
        depth: raw.depth.as_ref().map(|depth| flatten(depth, &masks, &groups)),
        state: Redacted { masks: masks.into() },
    }
}

fn paint_colour(from: &Picture, masks: &[Mask], groups: &[Vec<usize>], style: Style) -> Picture {
    let size = from.size();
    let stride = size.width as usize * 3;
    let mut shared: Arc<[u8]> = Arc::from(from.pixels());
    let to = Arc::get_mut(&mut shared).expect("made in the line above, so nobody else holds it");
    for group in groups {
        let members = || group.iter().map(|i| &masks[*i]);
        match style {
            Style::Fill(Rgb(r, g, b)) => {
                for mask in members() {
                    mask.shape.spans(size, |y, x| {
                        let run = &mut to[y * stride + x.start * 3..y * stride + x.end * 3];
                        run.chunks_exact_mut(3).for_each(|p| p.copy_from_slice(&[r, g, b]));
                    });
                }
            }
            Style::Pixelate | Style::Blur => {
                let around = members().map(Mask::bounds).reduce(Rect::union).and_then(|r| r.clip(size));
                let Some(around) = around else { continue };
                let cells = Cells::average(from, around);
                for mask in members() {
                    mask.shape.spans(size, |y, x| {
                        for px in x {
                            let colour = if style == Style::Blur { cells.between(px, y) } else { cells.at(px, y) };
                            to[y * stride + px * 3..y * stride + px * 3 + 3].copy_from_slice(&colour);
                        }
                    });
                }
            }
        }
    }
    Picture::new(size, shared).expect("as many pixels as the picture it was copied from")
}

/// Average colours of a rectangle of the picture cut into at most [`CELLS`] by [`CELLS`] parts.
struct Cells {
    around: Rect,
    columns: usize,
    rows: usize,
    colours: Vec<[u8; 3]>,
}

impl Cells {
    /// `around` lies in the picture and is not empty.
    fn average(picture: &Picture, around: Rect) -> Self {
        let columns = CELLS.min(around.width as usize);
        let rows = CELLS.min(around.height as usize);
        let mut sums = vec![[0u64; 4]; columns * rows];
        for dy in 0..around.height as usize {
            let row = picture.row(around.y as usize + dy);
            let cell_row = dy * rows / around.height as usize * columns;
            for dx in 0..around.width as usize {
                let pixel = &row[(around.x as usize + dx) * 3..][..3];
                let sum = &mut sums[cell_row + dx * columns / around.width as usize];
                for (total, value) in sum.iter_mut().zip(pixel.iter().chain(&[1])) {
                    *total += u64::from(*value);
                }
            }
        }
        let colours = sums.iter().map(|[r, g, b, n]| [r, g, b].map(|s| (s / (*n).max(1)) as u8)).collect();
        Self { around, columns, rows, colours }
    }

    /// The cell that the pixel is in.
    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let column = (x - self.around.x as usize) * self.columns / self.around.width as usize;
        let row = (y - self.around.y as usize) * self.rows / self.around.height as usize;
        self.colours[row * self.columns + column]
    }

    /// Between the middles of the four nearest cells, bilinear.
    fn between(&self, x: usize, y: usize) -> [u8; 3] {
        let place = |offset: usize, length: u32, cells: usize| {
            let position = (offset as f32 + 0.5) * cells as f32 / length as f32 - 0.5;
            let position = position.clamp(0.0, (cells - 1) as f32);
            let low = position as usize;
            (low, (low + 1).min(cells - 1), position - low as f32)
        };
        let (left, right, fx) = place(x - self.around.x as usize, self.around.width, self.columns);
        let (top, bottom, fy) = place(y - self.around.y as usize, self.around.height, self.rows);
        let corner =
            |row: usize, column: usize, channel: usize| f32::from(self.colours[row * self.columns + column][channel]);
        std::array::from_fn(|c| {
            let upper = corner(top, left, c) * (1.0 - fx) + corner(top, right, c) * fx;
            let lower = corner(bottom, left, c) * (1.0 - fx) + corner(bottom, right, c) * fx;
            (upper * (1.0 - fy) + lower * fy).round() as u8
        })
    }
}

/// Every group of masks becomes one plane at its median distance, so that the shape of a face is gone and the place of the person stays.
fn flatten(from: &Depth, masks: &[Mask], groups: &[Vec<usize>]) -> Depth {
    let size = from.size();
    let mut shared: Arc<[u16]> = Arc::from(from.values());
    let to = Arc::get_mut(&mut shared).expect("made in the line above, so nobody else holds it");
    for group in groups {
        let plane = median_reading(from, size, group.iter().map(|i| &masks[*i]));
        for i in group {
            masks[*i].shape.spans(size, |y, x| {
                let row = y * size.width as usize;
                to[row + x.start..row + x.end].fill(plane);
            });
        }
    }
    Depth::new(size, from.unit(), shared).expect("as many values, and the unit, of the depth it was copied from")
}

/// The median of the readings under the masks, 0 when there are none.
fn median_reading<'a>(depth: &Depth, size: Size, masks: impl Iterator<Item = &'a Mask>) -> u16 {
    let mut readings = Vec::new();
    for mask in masks {
        mask.shape.spans(size, |y, x| {
            let row = y * size.width as usize;
            readings.extend(depth.values()[row + x.start..row + x.end].iter().filter(|v| **v != 0));
        });
    }
    if readings.is_empty() {
        return 0;
    }
    let middle = readings.len() / 2;
    *readings.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::camera::{CameraId, FrameNumber};
    use crate::clock::Timestamp;
    use crate::geometry::Point;
    use crate::mask::{Cause, Coverage, Shape};
    use crate::state::Header;

    const SIZE: Size = Size::new(32, 24);

    fn frame(pixels: Vec<u8>, depth: Option<Vec<u16>>) -> Frame<Raw> {
        let header =
            Header { camera: CameraId::new("a").unwrap(), number: FrameNumber(0), captured: Timestamp::from_nanos(0) };
        let depth = depth.map(|values| Depth::new(SIZE, 0.001, values).unwrap());
        Frame::capture(header, Picture::new(SIZE, pixels).unwrap(), depth).unwrap()
    }

    fn any_shape() -> impl Strategy<Value = Shape> {
        let rect = (-10i32..30, -10i32..24, 1u32..30, 1u32..30).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h));
        let point = (-5.0f32..36.0, -5.0f32..28.0).prop_map(|(x, y)| Point { x, y });
        prop_oneof![
            rect.clone().prop_map(Shape::Rect),
            rect.prop_map(Shape::Ellipse),
            prop::collection::vec(point, 3..6).prop_map(Shape::Polygon),
        ]
    }

    fn any_style() -> impl Strategy<Value = Style> {
        prop_oneof![Just(Style::Fill(Rgb(1, 2, 3))), Just(Style::Pixelate), Just(Style::Blur)]
    }

    proptest! {
        /// The claim behind the whole design: what is under a mask can change in any way that keeps the averages, and the output is the same.
        #[test]
        fn nothing_but_cell_averages_is_left(
            shapes in prop::collection::vec(any_shape(), 0..4),
            style in any_style(),
            pixels in prop::collection::vec(any::<u8>(), SIZE.pixels() * 3),
            values in prop::collection::vec(any::<u16>(), SIZE.pixels()),
        ) {
            let masks: Vec<Mask> = shapes.into_iter().map(|shape| Mask { shape, cause: Cause::Filter }).collect();
            let coverage = Coverage::of(&masks, SIZE);
            let raw = frame(pixels.clone(), Some(values.clone()));
            let out = redact(&raw, masks.clone(), style);
            for y in 0..SIZE.height {
                for x in 0..SIZE.width {
                    let i = (y * SIZE.width + x) as usize;
                    let pixel = &out.picture().pixels()[i * 3..i * 3 + 3];
                    if !coverage.contains(x, y) {
                        prop_assert_eq!(pixel, &pixels[i * 3..i * 3 + 3]);
                        prop_assert_eq!(out.depth().unwrap().values()[i], values[i]);
                    } else if style == Style::Fill(Rgb(1, 2, 3)) {
                        prop_assert_eq!(pixel, &[1, 2, 3]);
                    }
                }
            }
            for group in mask::groups(&masks) {
                let members: Vec<&Mask> = group.iter().map(|i| &masks[*i]).collect();
                let here = Coverage::of(members, SIZE);
                let under = |i: &usize| here.as_slice()[*i];
                let mut planes: Vec<u16> = (0..SIZE.pixels()).filter(under).map(|i| out.depth().unwrap().values()[i]).collect();
                planes.dedup();
                prop_assert!(planes.len() <= 1, "depth is not flat");
                if style == Style::Pixelate {
                    let mut colours: Vec<&[u8]> = (0..SIZE.pixels()).filter(under).map(|i| &out.picture().pixels()[i * 3..i * 3 + 3]).collect();
                    colours.sort_unstable();
                    colours.dedup();
                    prop_assert!(colours.len() <= CELLS * CELLS);
                }
            }
        }

        #[test]
        fn a_blur_holds_no_more_than_the_cells(seed in prop::collection::vec(any::<u8>(), SIZE.pixels() * 3)) {
            // Reversing the pixels within each cell keeps every average, so neither style may notice.
            let rect = Rect::new(4, 4, 16, 16);
            let mut shuffled = seed.clone();
            for cell_y in 0..4 {
                for cell_x in 0..4 {
                    let at = |i: usize| ((4 + cell_y * 4 + i / 4) * 32 + 4 + cell_x * 4 + i % 4) * 3;
                    for i in 0..16 {
                        let from = at(15 - i);
                        shuffled[at(i)..at(i) + 3].copy_from_slice(&seed[from..from + 3]);
                    }
                }
            }
            for style in [Style::Blur, Style::Pixelate] {
                let masks = || vec![Mask::rect(rect, Cause::Filter)];
                let one = redact(&frame(seed.clone(), None), masks(), style);
                let other = redact(&frame(shuffled.clone(), None), masks(), style);
                let inside = |f: &Frame<Redacted>| (4..20).flat_map(|y| f.picture().row(y)[12..60].to_vec()).collect::<Vec<u8>>();
                prop_assert_eq!(inside(&one), inside(&other));
            }
        }
    }

    #[test]
    fn depth_under_a_mask_becomes_a_plane_at_the_median_reading() {
        let mut values = vec![5000u16; SIZE.pixels()];
        values[0] = 0;
        values[1] = 900;
        values[2] = 1000;
        values[32] = 1100;
        let raw = frame(vec![0; SIZE.pixels() * 3], Some(values));
        let out = redact(&raw, vec![Mask::rect(Rect::new(-2, -2, 5, 4), Cause::Floor)], Style::Pixelate);
        let depth = out.depth().unwrap();
        // Under the mask: 0, 900, 1000 / 1100, 5000, 5000.
        assert_eq!((depth.values()[0], depth.values()[34], depth.values()[3]), (1100, 1100, 5000));
    }
}
