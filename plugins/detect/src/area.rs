//! Rectangles between pixels.

use sluis_sdk::{Rect, Size};

/// A rectangle in pixels, origin top left, with edges between pixels: pixel `(0, 0)` spans from `0.0` to `1.0` both ways. Whose pixels (the
/// camera's or a network input's) is said where it is used. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f32,
    /// Top edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Bottom edge.
    pub bottom: f32,
}

// === impl Area ===

impl Area {
    /// From the left top corner and the lengths of the sides.
    pub const fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    /// From the centre and the lengths of the sides.
    pub const fn centred(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::new(x - width / 2.0, y - height / 2.0, width, height)
    }

    /// From left to right; negative when the edges cross.
    pub const fn width(self) -> f32 {
        self.right - self.left
    }

    /// From top to bottom; negative when the edges cross.
    pub const fn height(self) -> f32 {
        self.bottom - self.top
    }

    /// The middle, `(x, y)`.
    pub const fn centre(self) -> (f32, f32) {
        ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The surface in square pixels; 0 when the edges cross or are no numbers.
    pub fn surface(self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Whether all edges are finite and it has a surface. Network outputs can hold anything.
    pub fn is_sane(self) -> bool {
        [self.left, self.top, self.right, self.bottom].iter().all(|v| v.is_finite())
            && self.width() > 0.0
            && self.height() > 0.0
    }

    /// What both cover; its surface is 0 when that is nothing.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// Intersection over union, 0 to 1; 0 when both are empty.
    pub fn iou(self, other: Self) -> f32 {
        let both = self.intersect(other).surface();
        let either = self.surface() + other.surface() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Moved outward: the left and right edge by `x`, the top edge by `above`, the bottom edge by `below`, all in pixels.
    #[must_use]
    pub fn widen(self, x: f32, above: f32, below: f32) -> Self {
        Self { left: self.left - x, top: self.top - above, right: self.right + x, bottom: self.bottom + below }
    }

    /// The share of it, 0 to 1, that lies under at least one of `covers`: exact to one part in 1,024, for it looks at 32 by 32 points.
    /// An empty area counts as covered.
    pub fn covered_by(self, covers: &[Self]) -> f32 {
        const POINTS: u16 = 32;
        if self.surface() <= 0.0 {
            return 1.0;
        }
        let near: Vec<_> = covers.iter().filter(|c| self.intersect(**c).surface() > 0.0).collect();
        let place = |i: u16, from: f32, length: f32| from + (f32::from(i) + 0.5) * length / f32::from(POINTS);
        let mut hits = 0u16;
        for row in 0..POINTS {
            let y = place(row, self.top, self.height());
            for column in 0..POINTS {
                let x = place(column, self.left, self.width());
                hits += u16::from(near.iter().any(|c| c.left <= x && x < c.right && c.top <= y && y < c.bottom));
            }
        }
        f32::from(hits) / f32::from(POINTS * POINTS)
    }
}

impl From<Rect> for Area {
    fn from(rect: Rect) -> Self {
        Self::new(rect.x as f32, rect.y as f32, rect.width as f32, rect.height as f32)
    }
}

impl Area {
    /// The pixels of a picture of this size that it touches, if any.
    pub fn pixels(self, size: Size) -> Option<Rect> {
        let inside = self.intersect(Self::from(size.rect()));
        if inside.surface() <= 0.0 {
            return None;
        }
        let (left, top) = (inside.left.floor() as i64, inside.top.floor() as i64);
        Some(Rect::from_edges(left, top, inside.right.ceil() as i64, inside.bottom.ceil() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_covers_count_once() {
        let face = Area::new(0.0, 0.0, 10.0, 10.0);
        let left = Area::new(-5.0, -5.0, 10.0, 30.0);
        assert_eq!(face.covered_by(&[left, left]), 0.5);
        assert_eq!(face.covered_by(&[left, Area::new(5.0, 0.0, 9.0, 9.0 + 1.0)]), 1.0);
        assert_eq!(face.covered_by(&[]), 0.0);
    }

    #[test]
    fn pixels_round_outward_and_stay_in_the_picture() {
        let size = Size::new(20, 10);
        assert_eq!(Area::new(-3.0, 2.6, 7.2, 3.0).pixels(size), Some(Rect::new(0, 2, 5, 4)));
        assert_eq!(Area::new(25.0, 0.0, 7.0, 3.0).pixels(size), None);
    }

    #[test]
    fn areas_of_nonsense_have_no_surface() {
        for nonsense in [
            Area::new(f32::NAN, 0.0, 1.0, 1.0),
            Area::new(0.0, 0.0, -3.0, 3.0),
            Area::new(0.0, 0.0, f32::INFINITY, 1.0),
        ] {
            assert!(!nonsense.is_sane());
        }
        assert_eq!(Area::new(0.0, 0.0, -3.0, 3.0).iou(Area::new(0.0, 0.0, 3.0, 3.0)), 0.0);
    }
}
