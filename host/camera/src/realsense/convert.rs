//! What librealsense gives becomes a picture and its depth: the same for cameras and recordings.
#![cfg_attr(
    not(feature = "realsense"),
    allow(dead_code, reason = "for the driver behind the feature `realsense`; tested always")
)]

use sluis_frame::{Depth, Picture, Size};

/// One frame of one sensor, as it lies in memory.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) size: Size,
    /// Bytes from one row to the next.
    pub(super) stride: usize,
    pub(super) bytes: &'a [u8],
}

/// When and by which clock a frame was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    /// In milliseconds.
    pub(super) millis: f64,
    /// Which clock that is, as librealsense numbers them: the camera's, the system's, or the camera's mapped to the system's.
    pub(super) clock: i32,
}

// === impl Plane ===

impl Plane<'_> {
    /// RGB8: red, green, blue.
    ///
    /// # Errors
    ///
    /// What is wrong, in words that continue "it is no picture, for ".
    pub(super) fn colour(self, expected: Size) -> Result<Picture, String> {
        let pixels = self.rows(expected, 3)?.flatten().copied().collect::<Vec<u8>>();
        Picture::new(self.size, pixels).map_err(|e| e.to_string())
    }

    /// Z16: 16 bits, the low byte first, `unit` metres per count, 0 where there is no reading.
    ///
    /// # Errors
    ///
    /// As [`colour`](Self::colour).
    pub(super) fn depth(self, expected: Size, unit: f32) -> Result<Depth, String> {
        let rows = self.rows(expected, 2)?;
        let values = rows.flat_map(|row| row.chunks_exact(2).map(|value| u16::from_le_bytes([value[0], value[1]])));
        Depth::new(self.size, unit, values.collect::<Vec<u16>>()).map_err(|e| e.to_string())
    }

    fn rows(&self, expected: Size, bytes_per_pixel: usize) -> Result<impl Iterator<Item = &[u8]>, String> {
        let Self { size, stride, bytes } = *self;
        if size != expected {
            return Err(format!("it is {size} instead of {expected}"));
        }
        let (row, height) = (size.width as usize * bytes_per_pixel, size.height as usize);
        // The last row need not be followed by anything.
        let needed = stride.checked_mul(height.saturating_sub(1)).and_then(|above| above.checked_add(row));
        if row == 0 || stride < row || needed.is_none_or(|needed| bytes.len() < needed) {
            return Err(format!("it has {} bytes, too few for {size} in rows of {stride} bytes", bytes.len()));
        }
        Ok(bytes.chunks(stride).take(height).map(move |line| &line[..row]))
    }
}

/// Whether colour and depth were taken together, at `per_second` pictures a second.
///
/// # Errors
///
/// By how much they were not, in words that continue "it is no picture, for ".
pub(super) fn together(colour: Moment, depth: Moment, per_second: f64) -> Result<(), String> {
    if colour.clock != depth.clock {
        return Err(
            "colour and depth tell the time by different clocks. Bring the camera's firmware up to date".to_owned()
        );
    }
    let apart = (colour.millis - depth.millis).abs();
    if apart.is_nan() || apart >= 1000.0 / per_second / 2.0 {
        return Err(format!("its depth was taken {apart:.1} ms apart from its colour"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 3, height: 2 };

    #[test]
    fn padding_after_rows_is_passed_over() {
        let bytes: Vec<u8> = (0..20).collect();
        let picture = Plane { size: SIZE, stride: 11, bytes: &bytes }.colour(SIZE).unwrap();
        assert_eq!(picture.pixels(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
        let depth = Plane { size: SIZE, stride: 7, bytes: &bytes[..13] }.depth(SIZE, 0.001).unwrap();
        assert_eq!(depth.values(), [0x0100, 0x0302, 0x0504, 0x0807, 0x0a09, 0x0c0b]);
        assert_eq!(depth.unit(), 0.001);
    }

    #[test]
    fn frames_that_are_not_what_they_say_are_refused() {
        let bytes = [0; 18];
        let plane = |stride, bytes| Plane { size: SIZE, stride, bytes };
        assert!(plane(9, &bytes[..17]).colour(SIZE).unwrap_err().contains("17 bytes"));
        assert!(plane(8, &bytes).colour(SIZE).is_err());
        assert!(plane(usize::MAX, &bytes).colour(SIZE).is_err());
        assert!(plane(5, &bytes).depth(SIZE, 0.001).is_err());
        assert!(plane(6, &bytes).depth(SIZE, f32::NAN).is_err());
        assert!(plane(9, &bytes).colour(Size::new(2, 3)).unwrap_err().contains("3x2 instead of 2x3"));
        let nothing = Size::new(0, 0);
        assert!(Plane { size: nothing, stride: 0, bytes: &[] }.colour(nothing).is_err());
    }

    #[test]
    fn depth_of_another_moment_does_not_belong_to_a_picture() {
        let at = |millis| Moment { millis, clock: 0 };
        assert!(together(at(1000.0), at(1000.0), 30.0).is_ok());
        assert!(together(at(1000.0), at(1016.0), 30.0).is_ok());
        assert!(together(at(1016.0), at(1000.0), 30.0).is_ok());
        assert!(together(at(1000.0), at(1017.0), 30.0).unwrap_err().contains("17.0 ms"));
        assert!(together(at(1000.0), at(f64::NAN), 30.0).is_err());
        assert!(together(at(1000.0), Moment { millis: 1000.0, clock: 1 }, 30.0).unwrap_err().contains("clocks"));
    }
}
