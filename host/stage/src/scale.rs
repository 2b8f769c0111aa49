//! Cropping and scaling, natively, with the processor's vector instructions.

use std::sync::Arc;

use fast_image_resize::images::{CroppedImageMut, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use sluis_frame::{Rect, Size};

use crate::answer::Nonsense;

/// Zeros, in one allocation that can be lowered into a chamber without another copy.
pub(crate) fn black(bytes: usize) -> Arc<[u8]> {
    std::iter::repeat_n(0, bytes).collect()
}

/// The part `region` of an RGB8 picture of `size`, scaled to `to`; black where `region` lies outside. Neither `region`
/// nor `to` is empty.
///
/// Shrinking averages over the area, growing is bilinear. Where `region` reaches beyond the picture, the picture's edge
/// falls on the nearest whole pixel of the result.
pub(crate) fn crop(
    pixels: &[u8],
    size: Size,
    region: Rect,
    to: Size,
    resizer: &mut Resizer,
) -> Result<Arc<[u8]>, Nonsense> {
    let mut out = black(to.pixels() * 3);
    let Some(inside) = region.clip(size) else { return Ok(out) };
    let target = Arc::get_mut(&mut out).expect("just made, so not shared");
    if (region.width, region.height) == (to.width, to.height) {
        copy_rows(pixels, size, inside, region, target);
        return Ok(out);
    }

    let across = Span::new(inside.left() - region.left(), inside.width, region.width, to.width);
    let down = Span::new(inside.top() - region.top(), inside.height, region.height, to.height);
    if across.length == 0 || down.length == 0 {
        return Ok(out);
    }
    let shrinks = to.width <= region.width && to.height <= region.height;
    let filter = if shrinks { FilterType::Box } else { FilterType::Bilinear };
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(inside.x.into(), inside.y.into(), inside.width.into(), inside.height.into())
        .use_alpha(false);

    // None of these can fail: the crop lies in the picture, the target in the result, and both are RGB8.
    let failed = |_| Nonsense::Read;
    let source = ImageRef::new(size.width, size.height, pixels, PixelType::U8x3).map_err(|_| Nonsense::Read)?;
    let mut image = Image::from_slice_u8(to.width, to.height, target, PixelType::U8x3).map_err(|_| Nonsense::Read)?;
    let mut part = CroppedImageMut::new(&mut image, across.start, down.start, across.length, down.length)
        .map_err(|_| Nonsense::Read)?;
    resizer.resize(&source, &mut part, &options).map_err(failed)?;
    Ok(out)
}

fn copy_rows(pixels: &[u8], size: Size, inside: Rect, region: Rect, target: &mut [u8]) {
    let bytes = inside.width as usize * 3;
    for y in inside.top()..inside.bottom() {
        let from = (y as usize * size.width as usize + inside.x as usize) * 3;
        let row = (y - region.top()) as usize * region.width as usize;
        let to = (row + (inside.left() - region.left()) as usize) * 3;
        target[to..to + bytes].copy_from_slice(&pixels[from..from + bytes]);
    }
}

/// Where, along one axis of the result, the picture lies.
struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// `offset` and `length` are of the picture within the region, `whole` is the region's length, `to` the result's.
    fn new(offset: i64, length: u32, whole: u32, to: u32) -> Self {
        let scale = f64::from(to) / f64::from(whole);
        let at = |edge: i64| (edge as f64 * scale).round().clamp(0.0, f64::from(to)) as u32;
        let (start, end) = (at(offset), at(offset + i64::from(length)));
        Self { start, length: end - start }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(8, 6);

    fn picture() -> Vec<u8> {
        (0..SIZE.pixels()).flat_map(|i| [1 + i as u8, 100 + i as u8, 255 - i as u8]).collect()
    }

    fn cropped(region: Rect, to: Size) -> Vec<u8> {
        crop(&picture(), SIZE, region, to, &mut Resizer::new()).unwrap().to_vec()
    }

    proptest! {
        #[test]
        fn without_scaling_every_pixel_is_itself_and_black_outside(x in -10i32..12, y in -10i32..12, w in 1u32..20, h in 1u32..20) {
            let out = cropped(Rect::new(x, y, w, h), Size::new(w, h));
            let whole = picture();
            for py in 0..h as i32 {
                for px in 0..w as i32 {
                    let at = (py as usize * w as usize + px as usize) * 3;
                    let (sx, sy) = (x + px, y + py);
                    let expected = if SIZE.rect().contains(sx, sy) {
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
            prop_assert_eq!(cropped(Rect::new(x, y, w, h), Size::new(tw, th)).len(), (tw * th * 3) as usize);
        }
    }

    #[test]
    fn shrinking_averages_over_the_area() {
        let pixels = [0, 0, 0, 10, 20, 30, 20, 40, 60, 30, 60, 90];
        let out = crop(&pixels, Size::new(2, 2), Rect::new(0, 0, 2, 2), Size::new(1, 1), &mut Resizer::new()).unwrap();
        assert_eq!(out[..], [15, 30, 45]);
    }

    #[test]
    fn growing_interpolates() {
        let pixels = [0, 0, 0, 100, 100, 100];
        let out = crop(&pixels, Size::new(2, 1), Rect::new(0, 0, 2, 1), Size::new(4, 1), &mut Resizer::new()).unwrap();
        assert_eq!(out.iter().step_by(3).copied().collect::<Vec<_>>(), [0, 25, 75, 100]);
    }

    #[test]
    fn a_region_beyond_the_picture_is_letterboxed() {
        let white = vec![255; SIZE.pixels() * 3];
        let out = crop(&white, SIZE, Rect::new(0, 0, 8, 8), Size::new(4, 4), &mut Resizer::new()).unwrap();
        assert!(out[..4 * 3 * 3].iter().all(|v| *v == 255));
        assert!(out[4 * 3 * 3..].iter().all(|v| *v == 0));
    }
}
