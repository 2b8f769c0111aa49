//! Sizes, rectangles and points in pixels of the camera picture: origin at the top left corner, x to the right, y down.

use std::fmt;

pub use crate::bindings::shared::sluis::stage::types::{Point, Rect, Size};

// === impl Size ===

impl Size {
    /// A size in pixels.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels.
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// The whole picture as a rectangle.
    pub const fn rect(self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// Where pixel `(column, row)` of a picture of this size lies in the same picture at size `of`, rounded outward. This takes what was found in
    /// a picture read at another size back to camera pixels.
    ///
    /// # Panics
    ///
    /// When a side of this size is 0.
    pub fn cell(self, column: u32, row: u32, of: Self) -> Rect {
        let span = |index: u32, from: u32, to: u32| {
            let edge = |index: u64| index * u64::from(to);
            let (low, high) =
                (edge(u64::from(index)) / u64::from(from), edge(u64::from(index) + 1).div_ceil(u64::from(from)));
            (i32::try_from(low).unwrap_or(i32::MAX), u32::try_from(high - low).unwrap_or(u32::MAX))
        };
        let ((x, width), (y, height)) = (span(column, self.width, of.width), span(row, self.height, of.height));
        Rect { x, y, width, height }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

// === impl Rect ===

impl Rect {
    /// A rectangle from its left top corner and its size.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// The rectangle with these edges, or an empty one at `(left, top)` when they cross. Edges beyond `i32` saturate.
    pub fn from_edges(left: i64, top: i64, right: i64, bottom: i64) -> Self {
        let clamp = |v: i64| v.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        let (left, top, right, bottom) = (clamp(left), clamp(top), clamp(right), clamp(bottom));
        let length = |from: i64, to: i64| u32::try_from(to - from).unwrap_or(0);
        Self { x: left as i32, y: top as i32, width: length(left, right), height: length(top, bottom) }
    }

    /// The first column to the right of it.
    pub const fn right(self) -> i64 {
        self.x as i64 + self.width as i64
    }

    /// The first row below it.
    pub const fn bottom(self) -> i64 {
        self.y as i64 + self.height as i64
    }

    /// Number of pixels.
    pub const fn area(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Whether it covers no pixel.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// What both cover, if anything.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self::from_edges(
            i64::from(self.x.max(other.x)),
            i64::from(self.y.max(other.y)),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        );
        (!both.is_empty()).then_some(both)
    }

    /// Intersection over union, 0 to 1; 0 when both are empty.
    pub fn iou(self, other: Self) -> f32 {
        let both = self.intersect(other).map_or(0, Self::area) as f64;
        let either = self.area() as f64 + other.area() as f64 - both;
        if either == 0.0 { 0.0 } else { (both / either) as f32 }
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}{:+}{:+}", self.width, self.height, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_the_picture_and_round_outward() {
        let (tiles, size) = (Size::new(3, 1), Size::new(10, 4));
        assert_eq!(tiles.cell(0, 0, size), Rect::new(0, 0, 4, 4));
        assert_eq!(tiles.cell(1, 0, size), Rect::new(3, 0, 4, 4));
        assert_eq!(tiles.cell(2, 0, size), Rect::new(6, 0, 4, 4));
    }

    #[test]
    fn overlap_is_of_the_union() {
        let a = Rect::new(0, 0, 10, 10);
        assert_eq!(a.iou(Rect::new(5, 0, 10, 10)), 1.0 / 3.0);
        assert_eq!(a.iou(Rect::new(10, 0, 10, 10)), 0.0);
        assert_eq!(Rect::new(0, 0, 0, 0).iou(Rect::new(0, 0, 0, 0)), 0.0);
    }

    #[test]
    fn edges_that_cross_make_nothing() {
        assert!(Rect::from_edges(5, 5, 4, 9).is_empty());
        assert_eq!(Rect::from_edges(i64::MIN, 0, i64::MAX, 1).width, u32::MAX);
    }
}
