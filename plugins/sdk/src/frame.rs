//! What a plugin may read of a picture.

use crate::bindings::shared::sluis::stage::frames;
use crate::{Person, Rect, Size};

pub use crate::bindings::shared::sluis::stage::frames::PixelFormat;

/// One picture, lent for the length of one call. A plugin pulls what it wants of it; the host crops, scales and converts natively.
///
/// Its pixels are raw in a filter and an audience meter, redacted in an audit, and cleared in a gesture detector.
#[derive(Debug)]
pub struct Frame<'a>(Source<'a>);

#[derive(Debug)]
enum Source<'a> {
    Lent(&'a frames::Frame),
    #[cfg(not(target_arch = "wasm32"))]
    Still(&'a crate::Still),
}

// === impl Frame ===

impl<'a> Frame<'a> {
    pub(crate) fn lent(frame: &'a frames::Frame) -> Self {
        Self(Source::Lent(frame))
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn still(still: &'a crate::Still) -> Self {
        Self(Source::Still(still))
    }

    /// The size of the picture in pixels; the same for the life of the plugin.
    pub fn size(&self) -> Size {
        match self.0 {
            Source::Lent(frame) => frame.size(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.size,
        }
    }

    /// Milliseconds between the making of this plugin and the capture of this frame. It never goes back.
    pub fn elapsed_ms(&self) -> u64 {
        match self.0 {
            Source::Lent(frame) => frame.elapsed_ms(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.elapsed_ms,
        }
    }

    /// The part `region` of the picture, scaled to `to` (area average when shrinking, bilinear when growing) and converted to `format`: rows
    /// from the top, pixels from the left, no padding. What lies outside the picture is black.
    ///
    /// # Panics
    ///
    /// The call traps when `region` or `to` is empty, or when `to` has more than 16,777,216 pixels.
    pub fn read(&self, region: Rect, to: Size, format: PixelFormat) -> Vec<u8> {
        match self.0 {
            Source::Lent(frame) => frame.read(region, to, format),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.read(region, to, format),
        }
    }

    /// The whole picture at its own size. As [`PixelFormat::Rgb8`] it is one copy.
    pub fn read_whole(&self, format: PixelFormat) -> Vec<u8> {
        let size = self.size();
        self.read(size.rect(), size, format)
    }

    /// The depth of `region` at the camera's own resolution, row by row, in millimetres along the optical axis. 0 means no reading, and so does
    /// all that lies outside the picture. `None` when this frame has no depth.
    ///
    /// # Panics
    ///
    /// The call traps when `region` is empty or has more than 16,777,216 pixels.
    pub fn read_depth(&self, region: Rect) -> Option<Vec<u16>> {
        match self.0 {
            Source::Lent(frame) => frame.read_depth(region),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.read_depth(region),
        }
    }

    /// What the host's floor sees in this frame by movement or depth, at most 64, largest first. A hint where to look: people who sit still are
    /// not in it, and moving trolleys are.
    pub fn people(&self) -> Vec<Person> {
        match self.0 {
            Source::Lent(frame) => frame.people(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.people.clone(),
        }
    }

    /// The bounding boxes of what the host has masked in this picture, in camera pixels. What lies under them is not the shop: colour is
    /// destroyed and depth flattened. Empty on a raw frame.
    pub fn masks(&self) -> Vec<Rect> {
        match self.0 {
            Source::Lent(frame) => frame.masks(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Still(still) => still.masks.clone(),
        }
    }
}
