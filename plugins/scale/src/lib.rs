//! How a component reads a picture: cropped, scaled and laid out.
//!
//! One crate for the host and for the SDK's mock of it, so that a test of a plugin sees the bytes that the plugin will see in a shop. It knows no frame and no
//! component: pixels go in, pixels come out.
//!
//! ```
//! use sluis_scale::{Area, Format, Scaler};
//!
//! let picture = vec![0, 0, 0, 100, 100, 100].into();
//! let luma = Scaler::default().read(&picture, [2, 1], Area::whole([2, 1]), [4, 1], Format::Luma8)?;
//! assert_eq!(luma[..], [0, 25, 75, 100]);
//! # Ok::<(), sluis_scale::Unreadable>(())
//! ```

mod crop;

use std::fmt;
use std::sync::Arc;

use fast_image_resize::Resizer;

/// The most pixels that one reading may have, as in the contract.
pub const MOST_PIXELS: u64 = 16_777_216;

/// A rectangle of the picture, in its pixels. It may reach beyond the picture on any side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// How pixels are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 3 bytes a pixel: red, green, blue.
    Rgb8,
    /// 3 bytes a pixel: blue, green, red.
    Bgr8,
    /// 1 byte a pixel: luma, BT.601 full range.
    Luma8,
}

/// A reading of nothing, or of too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing to read, or more than {MOST_PIXELS} pixels")]
pub struct Unreadable;

/// Reads pictures. Kept for its buffers.
#[derive(Default)]
pub struct Scaler(Resizer);

// === impl Area ===

impl Area {
    /// All of a picture of this width and height.
    pub const fn whole([width, height]: [u32; 2]) -> Self {
        Self { x: 0, y: 0, width, height }
    }
}

// === impl Scaler ===

impl Scaler {
    /// The part `region` of an RGB8 picture of this width and height, scaled to `to` and laid out as `format`. What lies outside the picture is black. The whole picture
    /// as it is is shared, not copied.
    ///
    /// Shrinking averages, growing is bilinear. Where `region` reaches beyond the picture, the picture's edge falls on the nearest whole pixel of the result.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when `region` or `to` is empty, or `to` has more than [`MOST_PIXELS`].
    ///
    /// # Panics
    ///
    /// When the picture is not three bytes for each pixel.
    pub fn read(
        &mut self,
        picture: &Arc<[u8]>,
        size: [u32; 2],
        region: Area,
        to: [u32; 2],
        format: Format,
    ) -> Result<Arc<[u8]>, Unreadable> {
        assert_eq!(picture.len(), size[0] as usize * size[1] as usize * 3, "a picture has three bytes a pixel");
        let empty = region.width == 0 || region.height == 0 || to[0] == 0 || to[1] == 0;
        if empty || u64::from(to[0]) * u64::from(to[1]) > MOST_PIXELS {
            return Err(Unreadable);
        }
        let rgb = if region == Area::whole(size) && to == size {
            Arc::clone(picture)
        } else {
            crop::crop(picture, size, region, to, &mut self.0)?
        };
        Ok(match format {
            Format::Rgb8 => rgb,
            Format::Bgr8 => bgr(&rgb),
            Format::Luma8 => luma(&rgb),
        })
    }
}

impl fmt::Debug for Scaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scaler")
    }
}

/// Zeros, in one allocation that can be lowered into a component without another copy.
pub(crate) fn black(bytes: usize) -> Arc<[u8]> {
    std::iter::repeat_n(0, bytes).collect()
}

fn bgr(rgb: &[u8]) -> Arc<[u8]> {
    let mut out = black(rgb.len());
    let pixels = Arc::get_mut(&mut out).expect("just made, so not shared");
    for (to, from) in pixels.chunks_exact_mut(3).zip(rgb.chunks_exact(3)) {
        to.copy_from_slice(&[from[2], from[1], from[0]]);
    }
    out
}

/// BT.601 full range, with weights in 1/256.
fn luma(rgb: &[u8]) -> Arc<[u8]> {
    let mut out = black(rgb.len() / 3);
    let pixels = Arc::get_mut(&mut out).expect("just made, so not shared");
    for (to, from) in pixels.iter_mut().zip(rgb.chunks_exact(3)) {
        let weighted = 77 * u32::from(from[0]) + 150 * u32::from(from[1]) + 29 * u32::from(from[2]);
        *to = ((weighted + 128) >> 8) as u8;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(region: Area, to: [u32; 2], format: Format) -> Result<Vec<u8>, Unreadable> {
        let picture = vec![255, 0, 0, 10, 20, 30].into();
        Scaler::default().read(&picture, [2, 1], region, to, format).map(|pixels| pixels.to_vec())
    }

    #[test]
    fn the_whole_picture_is_shared_not_copied() {
        let picture: Arc<[u8]> = vec![255, 0, 0, 10, 20, 30].into();
        let read = Scaler::default().read(&picture, [2, 1], Area::whole([2, 1]), [2, 1], Format::Rgb8);
        assert!(Arc::ptr_eq(&read.unwrap(), &picture));
    }

    #[test]
    fn formats_are_as_the_contract_says() {
        let all = Area::whole([2, 1]);
        assert_eq!(read(all, [2, 1], Format::Bgr8).unwrap(), [0, 0, 255, 30, 20, 10]);
        // 0.299 * 255 = 76.2; 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15.
        assert_eq!(read(all, [2, 1], Format::Luma8).unwrap(), [77, 18]);
    }

    #[test]
    fn nothing_and_too_much_cannot_be_read() {
        let all = Area::whole([2, 1]);
        for (region, to) in [
            (Area { width: 0, ..all }, [1, 1]),
            (Area { height: 0, ..all }, [1, 1]),
            (all, [0, 4]),
            (all, [4097, 4096]),
            (all, [u32::MAX, u32::MAX]),
        ] {
            assert_eq!(read(region, to, Format::Rgb8), Err(Unreadable), "{region:?} to {to:?}");
        }
    }
}
