//! A contact sheet: a few frames of each camera side by side, to be looked at.

use std::path::Path;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use sluis_frame::{Cleared, Fate, Frame, Picture, Rect};

/// Pictures in a camera's row.
const COLUMNS: usize = 6;

/// Width of a picture on the sheet, in pixels; its height follows from the camera.
const WIDTH: u32 = 300;

/// The frame around a picture tells its fate.
const BORDER: u32 = 4;

/// The outline of what was found.
const FOUND: Rgb<u8> = Rgb([255, 0, 180]);

/// A few frames of one camera, spread evenly over all that it has seen so far.
#[derive(Debug)]
pub struct Strip {
    every: u64,
    seen: u64,
    pictures: Vec<RgbImage>,
}

// === impl Strip ===

impl Strip {
    /// An empty strip.
    pub fn new() -> Self {
        Self { every: 1, seen: 0, pictures: Vec::new() }
    }

    /// Looks at the next frame. At most `4 * COLUMNS` small pictures are held, however many frames come.
    pub fn see(&mut self, frame: &Frame<Cleared>) {
        let colour = match frame.fate() {
            Fate::Recorded => Rgb([40, 140, 70]),
            Fate::Quarantined => Rgb([230, 150, 30]),
            Fate::Blanked | Fate::Dropped => Rgb([120, 120, 120]),
        };
        self.offer(|| small(whole(frame.picture()), colour));
    }

    /// Looks at a picture, with the outlines of what was found in it.
    pub fn see_found(&mut self, picture: &Picture, areas: &[Rect]) {
        self.offer(|| {
            let mut picture = whole(picture);
            areas.iter().for_each(|area| outline(&mut picture, *area));
            small(picture, Rgb([60, 60, 60]))
        });
    }

    fn offer(&mut self, picture: impl FnOnce() -> RgbImage) {
        if self.seen.is_multiple_of(self.every) {
            if self.pictures.len() == 4 * COLUMNS {
                let mut index = 0;
                self.pictures.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.every *= 2;
            }
            if self.seen.is_multiple_of(self.every) {
                self.pictures.push(picture());
            }
        }
        self.seen += 1;
    }

    /// The pictures of this strip's row.
    fn row(&self) -> impl Iterator<Item = &RgbImage> {
        let shown = self.pictures.len().min(COLUMNS);
        (0..shown).map(move |i| &self.pictures[i * self.pictures.len() / shown])
    }
}

impl Default for Strip {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes one row per camera as PNG.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write<'a>(strips: impl IntoIterator<Item = &'a Strip>, to: &Path) -> Result<(), image::ImageError> {
    let rows: Vec<Vec<&RgbImage>> = strips.into_iter().map(|strip| strip.row().collect()).collect();
    let height_of = |row: &[&RgbImage]| row.iter().map(|p| p.height()).max().unwrap_or(0);
    let height: u32 = rows.iter().map(|row| height_of(row)).sum();
    let mut sheet = RgbImage::new(COLUMNS as u32 * (WIDTH + 2 * BORDER), height.max(1));
    let mut y = 0;
    for row in &rows {
        for (column, picture) in row.iter().enumerate() {
            imageops::replace(&mut sheet, *picture, column as i64 * i64::from(WIDTH + 2 * BORDER), i64::from(y));
        }
        y += height_of(row);
    }
    sheet.save(to)
}

fn whole(picture: &Picture) -> RgbImage {
    let size = picture.size();
    RgbImage::from_raw(size.width, size.height, picture.pixels().to_vec())
        .expect("a picture has three bytes for each of its pixels")
}

/// Draws the edge of an area, as wide as can be seen when the picture is small.
fn outline(picture: &mut RgbImage, area: Rect) {
    let width = (picture.width() / WIDTH).max(1) as i32 + 1;
    let inner = Rect::from_edges(
        area.left() + i64::from(width),
        area.top() + i64::from(width),
        area.right() - i64::from(width),
        area.bottom() - i64::from(width),
    );
    let size = sluis_frame::Size::new(picture.width(), picture.height());
    let Some(drawn) = area.clip(size) else { return };
    for y in drawn.top()..drawn.bottom() {
        for x in drawn.left()..drawn.right() {
            if !inner.contains(x as i32, y as i32) {
                picture.put_pixel(x as u32, y as u32, FOUND);
            }
        }
    }
}

fn small(whole: RgbImage, colour: Rgb<u8>) -> RgbImage {
    let (width, height) = whole.dimensions();
    let height = (u64::from(WIDTH) * u64::from(height) / u64::from(width)).clamp(1, 4 * u64::from(WIDTH)) as u32;
    let picture = imageops::resize(&whole, WIDTH, height, FilterType::Triangle);
    let mut framed = RgbImage::from_pixel(WIDTH + 2 * BORDER, height + 2 * BORDER, colour);
    imageops::replace(&mut framed, &picture, i64::from(BORDER), i64::from(BORDER));
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_frames_come_few_are_held_and_they_are_spread_evenly() {
        let mut strip = Strip::new();
        let mut held = 0;
        for seen in 0..5000u32 {
            // What `see` does, with the number of the frame in place of its picture.
            strip.offer(|| RgbImage::from_pixel(1, 1, Rgb([(seen >> 8) as u8, seen as u8, 0])));
            held = held.max(strip.pictures.len());
        }
        let shown: Vec<u32> = strip.row().map(|p| u32::from(p[(0, 0)][0]) << 8 | u32::from(p[(0, 0)][1])).collect();
        assert!(held <= 4 * COLUMNS);
        assert_eq!(shown.len(), COLUMNS);
        assert!(shown[0] == 0 && shown[COLUMNS - 1] > 3500, "{shown:?}");
        let gaps: Vec<u32> = shown.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().max().unwrap() <= &(2 * gaps.iter().min().unwrap()), "{shown:?}");
    }
}
