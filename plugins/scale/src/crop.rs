//! Cropping and scaling, natively, with the processor's vector instructions.

use std::ops::Range;
use std::sync::Arc;

use fast_image_resize::images::{CroppedImageMut, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::{Area, Unreadable, black};

/// The part `region` of an RGB8 picture of `size`, scaled to `to`; black where `region` lies outside. Neither `region`
/// nor `to` is empty.
///
/// Shrinking averages over the area, growing is bilinear. Where `region` reaches beyond the picture, the picture's edge
/// falls on the nearest whole pixel of the result.
pub(crate) fn crop(
    pixels: &[u8],
    size: [u32; 2],
    region: Area,
    to: [u32; 2],
    resizer: &mut Resizer,
) -> Result<Arc<[u8]>, Unreadable> {
    let mut out = black(to[0] as usize * to[1] as usize * 3);
    let across = Axis::new(region.x, region.width, size[0]);
    let down = Axis::new(region.y, region.height, size[1]);
    if across.inside.is_empty() || down.inside.is_empty() {
        return Ok(out);
    }
    let target = Arc::get_mut(&mut out).expect("just made, so not shared");
    if [region.width, region.height] == to {
        copy_rows(pixels, size, &across, &down, target);
        return Ok(out);
    }

    let (columns, rows) = (across.span(to[0]), down.span(to[1]));
    if columns.is_empty() || rows.is_empty() {
        return Ok(out);
    }
    let shrinks = to[0] <= region.width && to[1] <= region.height;
    let filter = if shrinks { FilterType::Box } else { FilterType::Bilinear };
    let length = |range: &Range<i64>| (range.end - range.start) as f64;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(across.inside.start as f64, down.inside.start as f64, length(&across.inside), length(&down.inside))
        .use_alpha(false);

    // None of these can fail: the crop lies in the picture, the target in the result, and both are RGB8.
    let source = ImageRef::new(size[0], size[1], pixels, PixelType::U8x3).map_err(|_| Unreadable)?;
    let mut image = Image::from_slice_u8(to[0], to[1], target, PixelType::U8x3).map_err(|_| Unreadable)?;
    let (width, height) = (columns.end - columns.start, rows.end - rows.start);
    let mut part =
        CroppedImageMut::new(&mut image, columns.start, rows.start, width, height).map_err(|_| Unreadable)?;
    resizer.resize(&source, &mut part, &options).map_err(|_| Unreadable)?;
    Ok(out)
}

fn copy_rows(pixels: &[u8], size: [u32; 2], across: &Axis, down: &Axis, target: &mut [u8]) {
    let bytes = (across.inside.end - across.inside.start) as usize * 3;
    for y in down.inside.clone() {
        let from = (y as usize * size[0] as usize + across.inside.start as usize) * 3;
        let row = (y - down.start) as usize * across.length as usize;
        let to = (row + (across.inside.start - across.start) as usize) * 3;
        target[to..to + bytes].copy_from_slice(&pixels[from..from + bytes]);
    }
}

/// A region along one axis.
struct Axis {
    start: i64,
    length: u32,
    /// What of it lies in the picture.
    inside: Range<i64>,
}

impl Axis {
    fn new(start: i32, length: u32, side: u32) -> Self {
        let start = i64::from(start);
        let inside = start.max(0)..(start + i64::from(length)).min(i64::from(side));
        Self { start, length, inside }
    }

    /// Where in a result of `to` pixels the picture lies.
    fn span(&self, to: u32) -> Range<u32> {
        let scale = f64::from(to) / f64::from(self.length);
        let at = |edge: i64| ((edge - self.start) as f64 * scale).round().clamp(0.0, f64::from(to)) as u32;
        at(self.inside.start)..at(self.inside.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: [u32; 2] = [8, 6];

    fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area { x, y, width, height }
    }

    fn picture() -> Vec<u8> {
        (0..8 * 6).flat_map(|i| [1 + i, 100 + i, 255 - i]).collect()
    }

    fn cropped(region: Area, to: [u32; 2]) -> Vec<u8> {
        crop(&picture(), SIZE, region, to, &mut Resizer::new()).unwrap().to_vec()
    }

    proptest! {
        #[test]
        fn without_scaling_every_pixel_is_itself_and_black_outside(x in -10i32..12, y in -10i32..12, w in 1u32..20, h in 1u32..20) {
            let out = cropped(area(x, y, w, h), [w, h]);
            let whole = picture();
            for py in 0..h as i32 {
                for px in 0..w as i32 {
                    let at = (py as usize * w as usize + px as usize) * 3;
                    let (sx, sy) = (x + px, y + py);
                    let expected = if (0..8).contains(&sx) && (0..6).contains(&sy) {
                        let from = (sy as usize * 8 + sx as usize) * 3;
                        [whole[from], whole[from + 1], whole[from + 2]]
                    } else {
                        [0; 3]
                    };
                    prop_assert_eq!(&out[at..at + 3], &expected);
                }
            }
        }

        #[test]
        fn no_region_and_no_size_fails(x in any::<i32>(), y in any::<i32>(), w in 1u32.., h in 1u32.., tw in 1u32..40, th in 1u32..40) {
            prop_assert_eq!(cropped(area(x, y, w, h), [tw, th]).len(), (tw * th * 3) as usize);
        }
    }

    #[test]
    fn shrinking_averages_over_the_area() {
        let pixels = [0, 0, 0, 10, 20, 30, 20, 40, 60, 30, 60, 90];
        let out = crop(&pixels, [2, 2], area(0, 0, 2, 2), [1, 1], &mut Resizer::new()).unwrap();
        assert_eq!(out[..], [15, 30, 45]);
    }

    #[test]
    fn growing_interpolates() {
        let pixels = [0, 0, 0, 100, 100, 100];
        let out = crop(&pixels, [2, 1], area(0, 0, 2, 1), [4, 1], &mut Resizer::new()).unwrap();
        assert_eq!(out.iter().step_by(3).copied().collect::<Vec<_>>(), [0, 25, 75, 100]);
    }

    #[test]
    fn a_region_beyond_the_picture_is_letterboxed() {
        let white = vec![255; 8 * 6 * 3];
        let out = crop(&white, SIZE, area(0, 0, 8, 8), [4, 4], &mut Resizer::new()).unwrap();
        assert!(out[..4 * 3 * 3].iter().all(|v| *v == 255));
        assert!(out[4 * 3 * 3..].iter().all(|v| *v == 0));
    }
}
