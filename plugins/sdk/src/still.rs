//! A frame made by hand, so that `cargo test` can show a plugin a picture without a host.
//!
//! It reads as the host's frames do, byte for byte: both crop and scale with the crate `sluis-scale`. What traps in a component panics here.
//!
//! ```
//! use sluis_sdk::{PixelFormat, Rect, Size, Still};
//!
//! let shelf = Still::plain(Size::new(640, 480), [90, 90, 90])
//!     .with_area(Rect::new(200, 100, 120, 80), [255, 255, 255])
//!     .with_depth_of(2_000)
//!     .with_depth_in(Rect::new(200, 100, 120, 80), 1_400)
//!     .at_ms(200);
//! let frame = shelf.frame();
//! assert_eq!(frame.read(Rect::new(200, 100, 120, 80), Size::new(1, 1), PixelFormat::Luma8), [255]);
//! assert_eq!(frame.read_depth(Rect::new(199, 100, 2, 1)), Some(vec![2_000, 1_400]));
//! ```

use std::cell::RefCell;
use std::cmp::Reverse;
use std::sync::Arc;

use sluis_scale::{Area, Format, MOST_PIXELS, Scaler};

use crate::{Frame, MOST_ANSWERS, Person, PixelFormat, Rect, Size};

thread_local! {
    /// Kept for its buffers, as the host keeps one for each instance.
    static SCALER: RefCell<Scaler> = RefCell::default();
}

/// A picture in memory that reads as the host's frames do. It exists on the author's machine only, not in a component.
#[derive(Debug, Clone)]
pub struct Still {
    pub(crate) size: Size,
    pub(crate) elapsed_ms: u64,
    pub(crate) people: Vec<Person>,
    pub(crate) masks: Vec<Rect>,
    rgb: Arc<[u8]>,
    depth: Option<Vec<u16>>,
}

// === impl Still ===

impl Still {
    /// A picture from its pixels: red, green, blue; rows from the top.
    ///
    /// # Panics
    ///
    /// When `rgb` is not three bytes for each pixel.
    pub fn new(size: Size, rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), size.pixels() * 3, "a picture of {size} needs three bytes a pixel");
        Self { size, elapsed_ms: 0, people: Vec::new(), masks: Vec::new(), rgb: rgb.into(), depth: None }
    }

    /// A picture of one colour: red, green, blue.
    pub fn plain(size: Size, colour: [u8; 3]) -> Self {
        Self::new(size, colour.repeat(size.pixels()))
    }

    /// With this colour in `area`, as far as that lies in the picture.
    #[must_use]
    pub fn with_area(mut self, area: Rect, colour: [u8; 3]) -> Self {
        let inside = self.inside(area);
        let rgb = Arc::make_mut(&mut self.rgb);
        for index in inside {
            rgb[index * 3..index * 3 + 3].copy_from_slice(&colour);
        }
        self
    }

    /// With the same depth everywhere, in millimetres.
    #[must_use]
    pub fn with_depth_of(self, millimetres: u16) -> Self {
        let depth = vec![millimetres; self.size.pixels()];
        self.with_depth(depth)
    }

    /// With this depth in `area`, in millimetres, as far as that lies in the picture. Elsewhere it stays, or there is no reading.
    #[must_use]
    pub fn with_depth_in(mut self, area: Rect, millimetres: u16) -> Self {
        let (inside, size) = (self.inside(area), self.size);
        let depth = self.depth.get_or_insert_with(|| vec![0; size.pixels()]);
        for index in inside {
            depth[index] = millimetres;
        }
        self
    }

    /// With depth: millimetres, one value for each pixel, 0 for no reading.
    ///
    /// # Panics
    ///
    /// When there is not one value for each pixel.
    #[must_use]
    pub fn with_depth(mut self, millimetres: Vec<u16>) -> Self {
        assert_eq!(millimetres.len(), self.size.pixels(), "a depth picture of {} needs one value a pixel", self.size);
        self.depth = Some(millimetres);
        self
    }

    /// With what the host's floor sees. As the host does, it tells the plugin of the largest [`MOST_ANSWERS`], largest first.
    #[must_use]
    pub fn with_people(mut self, mut people: Vec<Person>) -> Self {
        people.sort_by_key(|person| Reverse(person.body.area()));
        people.truncate(MOST_ANSWERS);
        self.people = people;
        self
    }

    /// With the bounding boxes of what the host has masked. The pixels under them are as they were given: paint them, too.
    #[must_use]
    pub fn with_masks(mut self, masks: Vec<Rect>) -> Self {
        self.masks = masks;
        self
    }

    /// Captured this many milliseconds after the plugin was made.
    #[must_use]
    pub fn at_ms(mut self, elapsed_ms: u64) -> Self {
        self.elapsed_ms = elapsed_ms;
        self
    }

    /// Lends it, as the host does for one call.
    pub fn frame(&self) -> Frame<'_> {
        Frame::still(self)
    }

    #[allow(clippy::panic, reason = "what traps in a component panics here")]
    pub(crate) fn read(&self, region: Rect, to: Size, format: PixelFormat) -> Vec<u8> {
        let Rect { x, y, width, height } = region;
        let format = match format {
            PixelFormat::Rgb8 => Format::Rgb8,
            PixelFormat::Bgr8 => Format::Bgr8,
            PixelFormat::Luma8 => Format::Luma8,
        };
        let (area, size) = (Area { x, y, width, height }, [self.size.width, self.size.height]);
        let read = SCALER.with_borrow_mut(|scaler| {
            scaler.read(&self.rgb, size, area, [to.width, to.height], format).map(|b| b.to_vec())
        });
        read.unwrap_or_else(|unreadable| panic!("{unreadable}: region {region} to size {to}"))
    }

    pub(crate) fn read_depth(&self, region: Rect) -> Option<Vec<u16>> {
        assert!(!region.is_empty() && region.area() <= MOST_PIXELS, "{region} is nothing, or too much, to read");
        let depth = self.depth.as_ref()?;
        let rows = i64::from(region.y)..region.bottom();
        let points = rows.flat_map(|y| (i64::from(region.x)..region.right()).map(move |x| (x, y)));
        Some(points.map(|(x, y)| self.index(x, y).map_or(0, |index| depth[index])).collect())
    }

    fn index(&self, x: i64, y: i64) -> Option<usize> {
        let inside = (0..i64::from(self.size.width)).contains(&x) && (0..i64::from(self.size.height)).contains(&y);
        inside.then(|| y as usize * self.size.width as usize + x as usize)
    }

    /// The pixels of `area` that lie in the picture.
    fn inside(&self, area: Rect) -> Vec<usize> {
        let Some(Rect { x, y, width, height }) = area.intersect(self.size.rect()) else { return Vec::new() };
        let stride = self.size.width as usize;
        let rows = (y as usize..).take(height as usize);
        rows.flat_map(|row| (row * stride + x as usize..).take(width as usize)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Still {
        Still::new(Size::new(4, 1), vec![0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120])
    }

    #[test]
    fn the_whole_picture_at_its_own_size_is_the_picture() {
        assert_eq!(ramp().frame().read_whole(PixelFormat::Rgb8), *ramp().rgb);
    }

    #[test]
    fn shrinking_averages_and_growing_interpolates() {
        let still = ramp();
        assert_eq!(still.frame().read(Rect::new(0, 0, 4, 1), Size::new(2, 1), PixelFormat::Luma8), [20, 100]);
        // As in the host, the pixel beyond the region's edge counts.
        assert_eq!(still.frame().read(Rect::new(0, 0, 2, 1), Size::new(4, 1), PixelFormat::Luma8), [0, 10, 30, 50]);
    }

    #[test]
    fn what_is_painted_lies_where_it_was_painted() {
        let still = Still::plain(Size::new(4, 2), [0; 3]).with_area(Rect::new(3, 1, 9, 9), [7, 8, 9]);
        let pixels = still.frame().read_whole(PixelFormat::Rgb8);
        assert_eq!((pixels[21..].to_vec(), pixels[..21].iter().all(|v| *v == 0)), (vec![7, 8, 9], true));
        let depth = still.with_depth_in(Rect::new(-1, 0, 2, 1), 900);
        assert_eq!(depth.frame().read_depth(Rect::new(0, 0, 2, 1)), Some(vec![900, 0]));
    }

    #[test]
    fn people_are_told_largest_first_and_at_most_sixty_four() {
        let person = |side| Person { body: Rect::new(0, 0, side, side), head: Rect::new(0, 0, 1, 1) };
        let still = ramp().with_people((1..100).map(person).collect());
        assert_eq!((still.frame().people().len(), still.frame().people()[0].body.width), (64, 99));
    }

    #[test]
    fn outside_is_black_and_without_depth() {
        let still = ramp().with_depth(vec![1, 2, 3, 4]);
        let beyond = Rect::new(3, 0, 2, 1);
        assert_eq!(still.frame().read(beyond, Size::new(2, 1), PixelFormat::Luma8), [120, 0]);
        assert_eq!(still.frame().read_depth(beyond), Some(vec![4, 0]));
    }

    #[test]
    fn colours_are_laid_out_as_asked() {
        let still = Still::new(Size::new(1, 1), vec![255, 0, 10]);
        let read = |format| still.frame().read_whole(format);
        assert_eq!(read(PixelFormat::Bgr8), [10, 0, 255]);
        assert_eq!(read(PixelFormat::Luma8), [78]);
    }

    #[test]
    #[should_panic(expected = "nothing to read")]
    fn an_empty_reading_panics_as_it_traps_in_a_component() {
        let _ = ramp().frame().read(Rect::new(0, 0, 0, 1), Size::new(1, 1), PixelFormat::Rgb8);
    }
}
