//! Grid and zones, drawn over a picture.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyleBuilder;
use embedded_graphics::mono_font::ascii::FONT_6X10;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{Line, PrimitiveStyle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use image::RgbImage;
use sluis_frame::{Calibration, Pose};

use crate::config::{Cuboid, Zone, ZoneKind};

/// Grid lines are so many pixels apart.
const GRID: u32 = 40;
/// Every so many of them carries its number.
const NUMBERED: u32 = 2;
/// How much of the picture is seen through a grid line, of 4.
const SEEN_THROUGH: u16 = 3;

/// The twelve edges of a box: corners, numbered as [`Cuboid::corners`] does, that differ in one axis.
const EDGES: [(usize, usize); 12] =
    [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7)];

struct Canvas<'a>(&'a mut RgbImage);

/// Draws a grid with its pixel numbers, and the outlines of `zones` with their names. A box in space is drawn as the camera sees it; it needs `lens` and `pose`.
pub fn draw(picture: &mut RgbImage, zones: &[Zone], lens: Option<Calibration>, pose: Option<Pose>) {
    let mut canvas = Canvas(picture);
    canvas.grid();
    for zone in zones {
        let outline = match (&zone.polygon, &zone.cuboid, lens, pose) {
            (Some(polygon), ..) => around(polygon.as_ref()),
            (None, Some(cuboid), Some(lens), Some(pose)) => edges(cuboid.as_ref(), lens, pose),
            _ => Vec::new(),
        };
        let colour = colour(zone.kind);
        outline.iter().for_each(|(from, to)| canvas.line(*from, *to, PrimitiveStyle::with_stroke(colour, 2)));
        if let Some(place) = outline.iter().map(|(from, _)| *from).min_by_key(|corner| corner.x + corner.y) {
            canvas.label(zone.id(), place + Point::new(4, 4), colour);
        }
    }
}

fn around(corners: &[[f64; 2]]) -> Vec<(Point, Point)> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(from, to)| (pixel(*from), pixel(*to))).collect()
}

/// Edges that reach behind the camera are left out.
fn edges(cuboid: &Cuboid, lens: Calibration, pose: Pose) -> Vec<(Point, Point)> {
    let corners = cuboid.corners();
    let seen = |number: usize| lens.project(pose.to_camera(corners[number])).map(pixel);
    EDGES.iter().filter_map(|(from, to)| Some((seen(*from)?, seen(*to)?))).collect()
}

fn pixel([x, y]: [f64; 2]) -> Point {
    // Far outside the picture, still within what a line may span.
    let whole = |value: f64| value.round().clamp(-10_000.0, 10_000.0) as i32;
    Point::new(whole(x), whole(y))
}

fn colour(kind: ZoneKind) -> Rgb888 {
    match kind {
        ZoneKind::Shelf => Rgb888::new(255, 176, 0),
        ZoneKind::Counter => Rgb888::new(100, 143, 255),
        ZoneKind::Basket => Rgb888::new(0, 200, 150),
        ZoneKind::Queue => Rgb888::new(220, 38, 127),
        ZoneKind::Screen => Rgb888::new(254, 97, 0),
    }
}

// === impl Canvas ===

impl Canvas<'_> {
    fn grid(&mut self) {
        let (width, height) = self.0.dimensions();
        for (x, y, pixel) in self.0.enumerate_pixels_mut() {
            if x % GRID == 0 || y % GRID == 0 {
                pixel.0 = pixel.0.map(|value| ((u16::from(value) * SEEN_THROUGH + 255) / 4) as u8);
            }
        }
        let numbered = |length: u32| (0..length).step_by((GRID * NUMBERED) as usize);
        for x in numbered(width) {
            self.label(&x.to_string(), Point::new(x as i32 + 2, 1), Rgb888::WHITE);
        }
        for y in numbered(height).skip(1) {
            self.label(&y.to_string(), Point::new(2, y as i32 + 2), Rgb888::WHITE);
        }
    }

    fn line(&mut self, from: Point, to: Point, style: PrimitiveStyle<Rgb888>) {
        let Ok(()) = Line::new(from, to).into_styled(style).draw(self);
    }

    /// On black, so that it can be read on any picture.
    fn label(&mut self, text: &str, at: Point, colour: Rgb888) {
        let (width, height) = self.0.dimensions();
        let room = Point::new(width as i32 - 6 * text.len() as i32, height as i32 - 10);
        let at = at.component_min(room).component_max(Point::zero());
        let letters =
            MonoTextStyleBuilder::new().font(&FONT_6X10).text_color(colour).background_color(Rgb888::BLACK).build();
        let place = TextStyleBuilder::new().alignment(Alignment::Left).baseline(Baseline::Top).build();
        let Ok(_) = Text::with_text_style(text, at, letters, place).draw(self);
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
        for Pixel(at, colour) in pixels {
            let inside = u32::try_from(at.x).ok().zip(u32::try_from(at.y).ok());
            if let Some(pixel) = inside.and_then(|(x, y)| self.0.get_pixel_mut_checked(x, y)) {
                pixel.0 = [colour.r(), colour.g(), colour.b()];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn zones(tables: &str) -> Vec<Zone> {
        let text = format!(
            "[shop]\nid = \"a\"\nname = \"A\"\n[vault]\ndir = \"v\"\n[[camera]]\nid = \"c\"\ndriver = \"file\"\npath = \"p\"\n{tables}"
        );
        Config::from_str("sluis.toml", &text).unwrap().cameras.remove(0).zones
    }

    /// Where pixels have exactly the zone's colour.
    fn drawn(picture: &RgbImage, kind: ZoneKind) -> Vec<(u32, u32)> {
        let colour = colour(kind);
        let same = |pixel: &image::Rgb<u8>| pixel.0 == [colour.r(), colour.g(), colour.b()];
        picture.enumerate_pixels().filter(|(.., pixel)| same(pixel)).map(|(x, y, _)| (x, y)).collect()
    }

    #[test]
    fn a_polygon_is_outlined_where_its_corners_are() {
        let mut picture = RgbImage::new(200, 150);
        let zones = zones(
            "[[camera.zone]]\nid = \"s\"\nkind = \"shelf\"\npolygon = [[90, 60], [150, 60], [150, 130], [90, 130]]\n",
        );
        draw(&mut picture, &zones, None, None);
        let outline = drawn(&picture, ZoneKind::Shelf);
        assert!([(90, 60), (150, 60), (150, 130), (90, 130), (120, 60), (90, 100)].iter().all(|p| outline.contains(p)));
        assert!(outline.iter().all(|(x, y)| (89..=151).contains(x) && (59..=131).contains(y)), "nothing else is drawn");
    }

    #[test]
    fn a_box_on_the_floor_is_outlined_where_the_camera_sees_it() {
        let mut picture = RgbImage::new(200, 200);
        let zones = zones(
            "[[camera.zone]]\nid = \"q\"\nkind = \"queue\"\nbox = { min = [-0.5, -0.5, 0.0], max = [0.5, 0.5, 0.001] }\n\
             [camera.pose]\nposition = [0.0, 0.0, 2.0]\ntilt = 90.0\n",
        );
        let lens = Calibration { fx: 200.0, fy: 200.0, cx: 100.0, cy: 100.0 };
        let pose = Pose { position: [0.0, 0.0, 2.0], pan: 0.0, tilt: 90.0, roll: 0.0 };
        draw(&mut picture, &zones, Some(lens), Some(pose));
        let outline = drawn(&picture, ZoneKind::Queue);
        // Half a metre at two metres is 50 pixels.
        assert!([(50, 50), (150, 50), (150, 150), (50, 150)].iter().all(|p| outline.contains(p)), "{outline:?}");
    }

    #[test]
    fn what_reaches_beyond_the_picture_is_cut() {
        let mut picture = RgbImage::new(50, 50);
        Canvas(&mut picture).line(
            Point::new(-500, 25),
            Point::new(500, 25),
            PrimitiveStyle::with_stroke(Rgb888::RED, 1),
        );
        Canvas(&mut picture).label("far", Point::new(900, 900), Rgb888::RED);
        assert_eq!(picture.get_pixel(49, 25).0, [255, 0, 0]);
        assert!(
            picture.enumerate_pixels().any(|(_, y, p)| y > 40 && p.0 == [255, 0, 0]),
            "a label stays in the picture"
        );
    }
}
