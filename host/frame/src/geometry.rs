//! Sizes, rectangles and points in pixels of the camera picture: origin at the top left corner, x to the right, y down.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The size of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// A point in pixels. Pixel `(0, 0)` spans from `0.0` to `1.0` both ways.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// From the left edge.
    pub x: f32,
    /// From the top edge.
    pub y: f32,
}

/// A rectangle: the pixels `x <= px < x + width`, `y <= py < y + height`. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

// === impl Size ===

impl Size {
    /// A size.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels.
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// The whole picture as a rectangle.
    pub const fn rect(self) -> Rect {
        Rect { x: 0, y: 0, width: self.width, height: self.height }
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

    /// The left edge.
    pub const fn left(self) -> i64 {
        self.x as i64
    }

    /// The top edge.
    pub const fn top(self) -> i64 {
        self.y as i64
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

    /// The middle.
    pub fn centre(self) -> Point {
        Point { x: self.x as f32 + self.width as f32 / 2.0, y: self.y as f32 + self.height as f32 / 2.0 }
    }

    /// Whether the pixel is in it.
    pub const fn contains(self, x: i32, y: i32) -> bool {
        let (x, y) = (x as i64, y as i64);
        self.left() <= x && x < self.right() && self.top() <= y && y < self.bottom()
    }

    /// What both cover, if anything.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self::from_edges(
            self.left().max(other.left()),
            self.top().max(other.top()),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        );
        (!both.is_empty()).then_some(both)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self::from_edges(
            self.left().min(other.left()),
            self.top().min(other.top()),
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        )
    }

    /// Intersection over union, 0 to 1; 0 when both are empty.
    pub fn iou(self, other: Self) -> f32 {
        let both = self.intersect(other).map_or(0, Self::area);
        let either = self.area() as f64 + other.area() as f64 - both as f64;
        if either == 0.0 { 0.0 } else { (both as f64 / either) as f32 }
    }

    /// What lies in a picture of this size, if anything.
    pub fn clip(self, size: Size) -> Option<Self> {
        self.intersect(size.rect())
    }

    /// Grown about its centre: each side `factor` times as long, rounded outward. Factors below 1 shrink.
    #[must_use]
    pub fn grow(self, factor: f32) -> Self {
        let (dx, dy) = (self.width as f32 * (factor - 1.0) / 2.0, self.height as f32 * (factor - 1.0) / 2.0);
        let (dx, dy) = (dx.ceil() as i64, dy.ceil() as i64);
        Self::from_edges(self.left() - dx, self.top() - dy, self.right() + dx, self.bottom() + dy)
    }

    /// Widened outward until every edge lies on a multiple of `grid` pixels. A grid of 0 changes nothing.
    #[must_use]
    pub fn snap_outward(self, grid: u32) -> Self {
        if grid == 0 {
            return self;
        }
        let grid = i64::from(grid);
        let down = |v: i64| v.div_euclid(grid) * grid;
        let up = |v: i64| -(-v).div_euclid(grid) * grid;
        Self::from_edges(down(self.left()), down(self.top()), up(self.right()), up(self.bottom()))
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}{:+}{:+}", self.width, self.height, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_rect() -> impl Strategy<Value = Rect> {
        (any::<i32>(), any::<i32>(), any::<u32>(), any::<u32>()).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
    }

    fn small_rect() -> impl Strategy<Value = Rect> {
        (-60i32..60, -60i32..60, 0u32..80, 0u32..80).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
    }

    proptest! {
        #[test]
        fn no_rectangle_overflows(a in any_rect(), b in any_rect(), grid in 0u32..100, factor in 0.0f32..8.0) {
            let _ = (a.intersect(b), a.union(b), a.iou(b), a.grow(factor), a.snap_outward(grid), a.clip(Size::new(640, 480)), a.centre());
        }

        #[test]
        fn snapping_never_uncovers(r in small_rect(), grid in 1u32..33) {
            let snapped = r.snap_outward(grid);
            prop_assert_eq!(snapped.union(r), snapped);
            let g = grid as i32;
            prop_assert!(snapped.x.rem_euclid(g) == 0 && snapped.y.rem_euclid(g) == 0);
            prop_assert!(snapped.width % grid == 0 && snapped.height % grid == 0);
        }

        #[test]
        fn intersection_is_in_both_and_union_around_both(a in small_rect(), b in small_rect()) {
            if let Some(i) = a.intersect(b) {
                prop_assert_eq!(i.union(a), a);
                prop_assert_eq!(i.union(b), b);
            }
            prop_assert!(a.iou(b) >= 0.0 && a.iou(b) <= 1.0);
        }
    }
}
