//! Colour and depth as plain numbers.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::geometry::{Rect, Size};

/// A colour: red, green, blue, each 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour picture: 8 bits each of red, green and blue, rows from the top, no padding.
///
/// The pixels are shared, not copied, when a chamber reads the whole picture. `Debug` shows the size only.
pub struct Picture {
    size: Size,
    pixels: Arc<[u8]>,
}

/// A depth picture: 16 bits a pixel, rows from the top, no padding, registered to the colour picture.
///
/// A value times `unit` metres is the distance along the optical axis. 0 means no reading. `Debug` shows the size only.
pub struct Depth {
    size: Size,
    unit: f32,
    values: Arc<[u16]>,
}

/// Pixels that do not fit the size that they came with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// A side is 0 or too long.
    #[error("a picture of {size} cannot be: each side is 1 to {} pixels", Picture::MAX_SIDE)]
    Size {
        /// What was asked for.
        size: Size,
    },
    /// Too few or too many values.
    #[error("a picture of {size} needs {expected} values and came with {found}")]
    Length {
        /// The size that was declared.
        size: Size,
        /// How many values that size needs.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// Depth without a scale.
    #[error("a depth unit of {0} metres per count cannot be: it is above 0 and at most 1")]
    Unit(f32),
}

// === impl Rgb ===

impl Rgb {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
}

// === impl Picture ===

impl Picture {
    /// The longest side, in pixels: twice the width of 8K video.
    pub const MAX_SIDE: u32 = 15_360;

    /// A picture from its pixels: 3 bytes each, red, green, blue.
    ///
    /// # Errors
    ///
    /// [`PictureError`] when a side is 0 or longer than [`MAX_SIDE`](Self::MAX_SIDE), or the number of bytes is not `width * height * 3`.
    pub fn new(size: Size, pixels: impl Into<Arc<[u8]>>) -> Result<Self, PictureError> {
        let pixels = pixels.into();
        check(size, size.pixels() * 3, pixels.len())?;
        Ok(Self { size, pixels })
    }

    /// A picture of one colour.
    ///
    /// # Errors
    ///
    /// [`PictureError::Size`] as in [`new`](Self::new).
    pub fn plain(size: Size, Rgb(r, g, b): Rgb) -> Result<Self, PictureError> {
        check(size, 0, 0)?;
        Self::new(size, [r, g, b].repeat(size.pixels()))
    }

    /// Its size.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Its pixels, 3 bytes each.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Its pixels, shared: for the one copy into a chamber.
    pub fn shared(&self) -> Arc<[u8]> {
        Arc::clone(&self.pixels)
    }

    /// Its pixels, to be changed; copied first when somebody shares them.
    pub(crate) fn pixels_mut(&mut self) -> &mut [u8] {
        Arc::make_mut(&mut self.pixels)
    }

    /// One row of pixels; `y` below the height.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let stride = self.size.width as usize * 3;
        &self.pixels[y * stride..(y + 1) * stride]
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({})", self.size)
    }
}

// === impl Depth ===

impl Depth {
    /// Depth values with their unit in metres per count (0.001 for millimetres).
    ///
    /// # Errors
    ///
    /// [`PictureError`] as in [`Picture::new`], or when the unit is not above 0 and at most 1.
    pub fn new(size: Size, unit: f32, values: impl Into<Arc<[u16]>>) -> Result<Self, PictureError> {
        let values = values.into();
        check(size, size.pixels(), values.len())?;
        if !(unit > 0.0 && unit <= 1.0) {
            return Err(PictureError::Unit(unit));
        }
        Ok(Self { size, unit, values })
    }

    /// Its size.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Metres per count.
    pub const fn unit(&self) -> f32 {
        self.unit
    }

    /// The values, row by row.
    pub fn values(&self) -> &[u16] {
        &self.values
    }

    /// The values, to be changed; copied first when somebody shares them.
    pub(crate) fn values_mut(&mut self) -> &mut [u16] {
        Arc::make_mut(&mut self.values)
    }

    /// The same readings, shared: for lending to a chamber.
    #[must_use]
    pub fn shared(&self) -> Self {
        Self { size: self.size, unit: self.unit, values: Arc::clone(&self.values) }
    }

    /// `region` in millimetres, row by row; 0 outside the picture, where there is no reading, and beyond 65.535 m.
    pub fn millimetres(&self, region: Rect) -> Vec<u16> {
        let mut out = vec![0; region.area() as usize];
        let Some(inside) = region.clip(self.size) else { return out };
        let to_mm = self.unit * 1000.0;
        for y in inside.top()..inside.bottom() {
            let from = y as usize * self.size.width as usize + inside.x as usize;
            let to = (y - region.top()) as usize * region.width as usize + (inside.left() - region.left()) as usize;
            let source = &self.values[from..from + inside.width as usize];
            for (value, count) in out[to..to + inside.width as usize].iter_mut().zip(source) {
                let mm = (f32::from(*count) * to_mm).round();
                *value = if mm <= f32::from(u16::MAX) { mm as u16 } else { 0 };
            }
        }
        out
    }
}

impl fmt::Debug for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Depth({}, {} m per count)", self.size, self.unit)
    }
}

fn check(size: Size, expected: usize, found: usize) -> Result<(), PictureError> {
    let fits = |side: u32| (1..=Picture::MAX_SIDE).contains(&side);
    if !fits(size.width) || !fits(size.height) {
        return Err(PictureError::Size { size });
    }
    if expected != found {
        return Err(PictureError::Length { size, expected, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_the_wrong_length_is_refused() {
        let size = Size::new(4, 2);
        assert_eq!(
            Picture::new(size, vec![0; 23]).unwrap_err(),
            PictureError::Length { size, expected: 24, found: 23 }
        );
        assert!(matches!(Picture::plain(Size::new(0, 2), Rgb::BLACK), Err(PictureError::Size { .. })));
        assert!(matches!(Depth::new(size, 0.0, vec![0; 8]), Err(PictureError::Unit(_))));
    }

    #[test]
    fn depth_is_given_in_millimetres_and_zero_outside() {
        let depth = Depth::new(Size::new(2, 2), 0.0001, vec![10_000, 20_000, 0, 7]).unwrap();
        assert_eq!(depth.millimetres(Rect::new(-1, 0, 3, 2)), [0, 1000, 2000, 0, 0, 1]);
    }

    #[test]
    fn debug_shows_no_pixels() {
        let picture = Picture::plain(Size::new(2, 1), Rgb(201, 202, 203)).unwrap();
        assert_eq!(format!("{picture:?}"), "Picture(2x1)");
    }
}
