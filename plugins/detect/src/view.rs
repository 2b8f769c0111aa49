//! Which part of the camera's picture a detector is shown, at what scale, and the way back.

use sluis_sdk::{Frame, PixelFormat, Rect, Size};

use crate::area::Area;

/// Both networks halve their input five times, so their input sides are multiples of this many pixels.
pub const STEP: u32 = 32;

/// A part of the camera's picture and the size that it is shown at. What lies outside the picture is black.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The part, in camera pixels.
    pub part: Rect,
    /// The size of the detector's input.
    pub input: Size,
}

// === impl View ===

impl View {
    /// The whole picture, not enlarged, its long side shrunk to at most `long_side` input pixels. The shape of things is kept: the input is
    /// rounded up to whole [`STEP`]s, and the part reaches as far beyond the right and bottom edge of the picture as that needs.
    ///
    /// A side of 0 counts as 1, and `long_side` as at least one step.
    pub fn whole(picture: Size, long_side: u32) -> Self {
        let longest = picture.width.max(picture.height).max(1);
        let to = longest.min(long_side.max(STEP));
        // In whole numbers: side * to / longest, up to the next step; and back.
        let input = |side: u32| {
            let scaled = (u64::from(side.max(1)) * u64::from(to)).div_ceil(u64::from(longest));
            (scaled.div_ceil(u64::from(STEP)) * u64::from(STEP)) as u32
        };
        let part = |input: u32| (u64::from(input) * u64::from(longest)).div_ceil(u64::from(to)) as u32;
        let input = Size::new(input(picture.width), input(picture.height));
        Self { part: Rect::new(0, 0, part(input.width), part(input.height)), input }
    }

    /// A square of `side` camera pixels about `(x, y)`, shown at `input` by `input` pixels. A `side` of 0 counts as 1.
    pub fn square((x, y): (f32, f32), side: u32, input: u32) -> Self {
        let side = side.max(1);
        let corner = |centre: f32| (centre - side as f32 / 2.0).round() as i32;
        Self { part: Rect::new(corner(x), corner(y), side, side), input: Size::new(input, input) }
    }

    /// Input pixels per camera pixel.
    pub fn scale(&self) -> f32 {
        self.input.width as f32 / self.part.width as f32
    }

    /// The pixels of a frame, as this view shows them.
    pub fn read(&self, frame: &Frame<'_>, format: PixelFormat) -> Vec<u8> {
        frame.read(self.part, self.input, format)
    }

    /// From input pixels to camera pixels.
    pub fn to_camera(&self, area: Area) -> Area {
        let across = self.part.width as f32 / self.input.width as f32;
        let down = self.part.height as f32 / self.input.height as f32;
        let (x, y) = (self.part.x as f32, self.part.y as f32);
        Area {
            left: x + area.left * across,
            top: y + area.top * down,
            right: x + area.right * across,
            bottom: y + area.bottom * down,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_whole_view_holds_the_picture_in_whole_steps_and_true_shape(w in 1u32..8000, h in 1u32..8000, long_side in 32u32..2000) {
            let View { part, input } = View::whole(Size::new(w, h), long_side);
            prop_assert!(part.width >= w && part.height >= h);
            prop_assert!(input.width % STEP == 0 && input.height % STEP == 0);
            prop_assert!(input.width.max(input.height) < w.max(h).min(long_side) + STEP);
            // True shape, to within one camera pixel over the whole side.
            let (across, down) = (input.width as f32 / part.width as f32, input.height as f32 / part.height as f32);
            prop_assert!((across - down).abs() <= across.max(down) / part.width.min(part.height) as f32 + 1e-6);
        }

        #[test]
        fn the_corners_of_the_input_are_the_corners_of_the_part(x in -500.0f32..500.0, y in -500.0f32..500.0, side in 1u32..900) {
            let view = View::square((x, y), side, 192);
            let whole = view.to_camera(Area::new(0.0, 0.0, 192.0, 192.0));
            prop_assert!((whole.width() - side as f32).abs() < 0.01 && (whole.height() - side as f32).abs() < 0.01);
            prop_assert!((whole.left - view.part.x as f32).abs() < 0.01 && (whole.centre().0 - x).abs() <= 1.0);
        }
    }

    #[test]
    fn a_picture_that_fits_is_not_scaled() {
        let vga = View::whole(Size::new(640, 480), 640);
        assert_eq!((vga.part, vga.input), (Rect::new(0, 0, 640, 480), Size::new(640, 480)));
        let odd = View::whole(Size::new(480, 270), 640);
        assert_eq!((odd.part, odd.input), (Rect::new(0, 0, 480, 288), Size::new(480, 288)));
    }
}
