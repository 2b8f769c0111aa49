//! Outlines with numbers, drawn over a still.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyleBuilder;
use embedded_graphics::mono_font::ascii::FONT_10X20;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use embedded_graphics::text::{Baseline, Text};
use image::RgbImage;

use crate::region::{Grid, Region};

/// Colours that most eyes tell apart (Wong, *Points of view: Color blindness*, Nature Methods 8, 441, 2011).
const COLOURS: [Rgb888; 6] = [
    Rgb888::new(230, 159, 0),
    Rgb888::new(86, 180, 233),
    Rgb888::new(0, 158, 115),
    Rgb888::new(240, 228, 66),
    Rgb888::new(213, 94, 0),
    Rgb888::new(204, 121, 167),
];

/// The height of a number's box, in pixels, and the width of a digit.
const HIGH: i32 = 20;
const WIDE: i32 = 10;

struct Canvas<'a>(&'a mut RgbImage);

/// Draws the outline of a region, and its number to the right of it, or to the left where the picture ends.
pub(crate) fn outline(picture: &mut RgbImage, grid: &Grid, region: &Region, number: u32) {
    let colour = COLOURS[number as usize % COLOURS.len()];
    let mut cells = grid.empty();
    region.paint(&mut cells, 0);
    let inside = grid.coverage(&cells);
    let (width, height) = picture.dimensions();
    let is_edge = |x: u32, y: u32| {
        let beside = [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)];
        inside.contains(x, y) && beside.iter().any(|(x, y)| !inside.contains(*x, *y))
    };
    let mut canvas = Canvas(picture);
    for y in 0..height {
        for x in (0..width).filter(|x| is_edge(*x, y)) {
            canvas.set(Point::new(x as i32, y as i32), colour);
        }
    }
    let text = number.to_string();
    let long = WIDE * text.len() as i32;
    let bounds = region.bounds(grid);
    let (left, right) = (bounds.x, bounds.x + bounds.width as i32);
    let x = if right + long <= width as i32 { right } else { (left - long).max(0) };
    let y = bounds.y.min(height as i32 - HIGH).max(0);
    let style =
        MonoTextStyleBuilder::new().font(&FONT_10X20).text_color(Rgb888::BLACK).background_color(colour).build();
    let drawn = Text::with_baseline(&text, Point::new(x, y), style, Baseline::Top).draw(&mut canvas);
    let Ok(_) = drawn;
}

// === impl Canvas ===

impl Canvas<'_> {
    fn set(&mut self, at: Point, colour: Rgb888) {
        let inside = u32::try_from(at.x).ok().zip(u32::try_from(at.y).ok());
        if let Some(pixel) = inside.and_then(|(x, y)| self.0.get_pixel_mut_checked(x, y)) {
            pixel.0 = [colour.r(), colour.g(), colour.b()];
        }
    }
}

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        pixels.into_iter().for_each(|Pixel(at, colour)| self.set(at, colour));
        Ok(())
    }
}
