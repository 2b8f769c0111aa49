//! A frame made by hand, so that `cargo test` can show a plugin a picture without a host.

use crate::{Frame, Person, PixelFormat, Rect, Size};

/// The most pixels that one reading may have, as in the contract.
const MOST_PIXELS: u64 = 16_777_216;

/// A picture in memory that reads as the host's frames do. It exists on the author's machine only, not in a component.
#[derive(Debug, Clone)]
pub struct Still {
    pub(crate) size: Size,
    pub(crate) elapsed_ms: u64,
    pub(crate) people: Vec<Person>,
    pub(crate) masks: Vec<Rect>,
    rgb: Vec<u8>,
    depth: Option<Vec<u16>>,
}

/// One output pixel along one axis: which source pixels it is made of, and the share of each.
type Tap = Vec<(i64, f32)>;

// === impl Still ===

impl Still {
    /// A picture from its pixels: red, green, blue; rows from the top.
    ///
    /// # Panics
    ///
    /// When `rgb` is not three bytes for each pixel.
    pub fn new(size: Size, rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), size.pixels() * 3, "a picture of {size} needs three bytes a pixel");
        Self { size, elapsed_ms: 0, people: Vec::new(), masks: Vec::new(), rgb, depth: None }
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

    /// With what the host's floor sees.
    #[must_use]
    pub fn with_people(mut self, people: Vec<Person>) -> Self {
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

    pub(crate) fn read(&self, region: Rect, to: Size, format: PixelFormat) -> Vec<u8> {
        assert!(!region.is_empty() && to.width > 0 && to.height > 0, "nothing to read: region {region} to size {to}");
        assert!(u64::from(to.width) * u64::from(to.height) <= MOST_PIXELS, "{to} is more than one reading may have");
        let columns = taps(region.x, region.width, to.width);
        let rows = taps(region.y, region.height, to.height);
        let mut out = Vec::with_capacity(to.pixels() * 3);
        for row in &rows {
            for column in &columns {
                let mut rgb = [0.0; 3];
                for (y, dy) in row {
                    for (x, dx) in column {
                        for (sum, value) in rgb.iter_mut().zip(self.pixel(*x, *y)) {
                            *sum += dx * dy * f32::from(value);
                        }
                    }
                }
                let [r, g, b] = rgb;
                match format {
                    PixelFormat::Rgb8 => out.extend([r, g, b].map(|v| v.round() as u8)),
                    PixelFormat::Bgr8 => out.extend([b, g, r].map(|v| v.round() as u8)),
                    // ITU-R BT.601, full range.
                    PixelFormat::Luma8 => out.push((0.299 * r + 0.587 * g + 0.114 * b).round() as u8),
                }
            }
        }
        out
    }

    pub(crate) fn read_depth(&self, region: Rect) -> Option<Vec<u16>> {
        assert!(!region.is_empty() && region.area() <= MOST_PIXELS, "{region} is nothing, or too much, to read");
        let depth = self.depth.as_ref()?;
        let rows = i64::from(region.y)..region.bottom();
        let points = rows.flat_map(|y| (i64::from(region.x)..region.right()).map(move |x| (x, y)));
        Some(points.map(|(x, y)| self.index(x, y).map_or(0, |index| depth[index])).collect())
    }

    fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        self.index(x, y).map_or([0; 3], |i| [self.rgb[i * 3], self.rgb[i * 3 + 1], self.rgb[i * 3 + 2]])
    }

    fn index(&self, x: i64, y: i64) -> Option<usize> {
        let inside = (0..i64::from(self.size.width)).contains(&x) && (0..i64::from(self.size.height)).contains(&y);
        inside.then(|| y as usize * self.size.width as usize + x as usize)
    }
}

/// How `from` pixels, beginning at `start`, become `to`.
fn taps(start: i32, from: u32, to: u32) -> Vec<Tap> {
    let step = f64::from(from) / f64::from(to);
    let last = i64::from(from) - 1;
    let tap = |index: u32| -> Tap {
        if step > 1.0 {
            // Shrinking: each source pixel counts as far as it lies under the output pixel.
            let (low, high) = (f64::from(index) * step, f64::from(index + 1) * step);
            let share = |i: i64| (high.min(i as f64 + 1.0) - low.max(i as f64)) / step;
            let under = low.floor() as i64..=(high.ceil() as i64 - 1).min(last);
            under.map(|i| (i64::from(start) + i, share(i) as f32)).collect()
        } else {
            // Growing: between the centres of two neighbours.
            let centre = (f64::from(index) + 0.5) * step - 0.5;
            let (low, share) = (centre.floor() as i64, (centre - centre.floor()) as f32);
            let at = |i: i64| i64::from(start) + i.clamp(0, last);
            vec![(at(low), 1.0 - share), (at(low + 1), share)]
        }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Still {
        Still::new(Size::new(4, 1), vec![0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120])
    }

    #[test]
    fn the_whole_picture_at_its_own_size_is_the_picture() {
        assert_eq!(ramp().frame().read_whole(PixelFormat::Rgb8), ramp().rgb);
    }

    #[test]
    fn shrinking_averages() {
        let still = ramp();
        assert_eq!(still.frame().read(Rect::new(0, 0, 4, 1), Size::new(2, 1), PixelFormat::Luma8), [20, 100]);
        // A third of four pixels: one whole and a third of the next.
        assert_eq!(still.frame().read(Rect::new(0, 0, 4, 1), Size::new(3, 1), PixelFormat::Luma8), [10, 60, 110]);
    }

    #[test]
    fn growing_interpolates_between_centres() {
        let still = ramp();
        let grown = still.frame().read(Rect::new(0, 0, 2, 1), Size::new(4, 1), PixelFormat::Luma8);
        assert_eq!(grown, [0, 10, 30, 40]);
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
        assert_eq!(read(PixelFormat::Luma8), [77]);
    }

    #[test]
    #[should_panic(expected = "nothing to read")]
    fn an_empty_reading_panics_as_it_traps_in_a_component() {
        let _ = ramp().frame().read(Rect::new(0, 0, 0, 1), Size::new(1, 1), PixelFormat::Rgb8);
    }
}
