//! What is masked, why, and how.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::geometry::{Point, Rect, Size};
use crate::picture::Rgb;

/// The outline of a mask, in camera pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Every pixel of the rectangle.
    Rect(Rect),
    /// The ellipse that touches the four edges of the rectangle.
    Ellipse(Rect),
    /// A closed polygon, even-odd filled. Fewer than three points cover nothing.
    Polygon(Vec<Point>),
}

/// Why something is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The host's own floor saw a head there.
    Floor,
    /// The privacy filter named it.
    Filter,
    /// It was seen a little earlier or later.
    Hold,
    /// The camera's mode masks whole silhouettes.
    Mode,
    /// The audit found something there.
    Audit,
}

/// One masked region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mask {
    /// Where.
    pub shape: Shape,
    /// Why.
    pub cause: Cause,
}

/// How masked pixels are destroyed. None of them can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// One colour. Nothing of the picture is left.
    Fill(Rgb),
    /// At most 4 cells across, each of its average colour.
    Pixelate,
    /// The same 4 cells, interpolated: looks like a blur and holds no more. (A Gaussian blur can be reversed: arXiv 2506.12344.)
    Blur,
}

/// The pixels that a set of masks covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    size: Size,
    covered: Vec<bool>,
}

// === impl Shape ===

impl Shape {
    /// The smallest rectangle around it.
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Rect(r) | Self::Ellipse(r) => *r,
            Self::Polygon(points) if points.len() < 3 => Rect::new(0, 0, 0, 0),
            Self::Polygon(points) => {
                let edge = |start: f32, pick: fn(f32, f32) -> f32, of: fn(&Point) -> f32| {
                    points.iter().map(of).filter(|v| v.is_finite()).fold(start, pick)
                };
                let left = edge(f32::INFINITY, f32::min, |p| p.x);
                let top = edge(f32::INFINITY, f32::min, |p| p.y);
                let right = edge(f32::NEG_INFINITY, f32::max, |p| p.x);
                let bottom = edge(f32::NEG_INFINITY, f32::max, |p| p.y);
                Rect::from_edges(left.floor() as i64, top.floor() as i64, right.ceil() as i64, bottom.ceil() as i64)
            }
        }
    }

    /// Calls `span(y, x)` for every run of covered pixels of a picture of `size`, from the top. A pixel that is touched in
    /// part is covered: rounding never uncovers.
    pub fn spans(&self, size: Size, mut span: impl FnMut(usize, Range<usize>)) {
        let Some(inside) = self.bounds().clip(size) else { return };
        let (left, right) = (inside.left() as f64, inside.right() as f64);
        let clip = |from: f64, to: f64| from.floor().max(left) as usize..to.ceil().min(right).max(left) as usize;
        let rows = inside.top() as usize..inside.bottom() as usize;
        match self {
            Self::Rect(_) => rows.for_each(|y| span(y, inside.left() as usize..inside.right() as usize)),
            Self::Ellipse(r) => {
                let (rx, ry) = (f64::from(r.width) / 2.0, f64::from(r.height) / 2.0);
                let (cx, cy) = (r.left() as f64 + rx, r.top() as f64 + ry);
                for y in rows {
                    // The widest chord that the row of pixels touches.
                    let dy = (cy.clamp(y as f64, y as f64 + 1.0) - cy) / ry;
                    let half = rx * (1.0 - dy * dy).max(0.0).sqrt();
                    let x = clip(cx - half, cx + half);
                    if !x.is_empty() {
                        span(y, x);
                    }
                }
            }
            Self::Polygon(points) => {
                for y in rows {
                    // Three lines through the row of pixels, so that slanted edges are covered where they enter and leave it.
                    for line in [0.0, 0.5, 1.0] {
                        for (from, to) in crossings(points, y as f64 + line) {
                            let x = clip(from, to);
                            if !x.is_empty() {
                                span(y, x);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where the horizontal line at `y` is inside the polygon (even-odd), as pairs of x.
fn crossings(points: &[Point], y: f64) -> Vec<(f64, f64)> {
    let next = points.iter().cycle().skip(1);
    let mut xs: Vec<f64> = points
        .iter()
        .zip(next)
        .filter_map(|(a, b)| {
            let (ay, by) = (f64::from(a.y), f64::from(b.y));
            let crosses = (ay <= y) != (by <= y);
            crosses.then(|| f64::from(a.x) + (y - ay) / (by - ay) * (f64::from(b.x) - f64::from(a.x)))
        })
        .filter(|x| x.is_finite())
        .collect();
    xs.sort_by(f64::total_cmp);
    xs.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

// === impl Mask ===

impl Mask {
    /// A rectangular mask.
    pub fn rect(rect: Rect, cause: Cause) -> Self {
        Self { shape: Shape::Rect(rect), cause }
    }

    /// The smallest rectangle around it.
    pub fn bounds(&self) -> Rect {
        self.shape.bounds()
    }
}

/// Masks whose bounding boxes overlap, put together: indices into `masks`, each exactly once, groups and members in order. What lies under one group
/// is averaged and flattened as one, so that two masks on one face do not show it twice.
pub fn groups(masks: &[Mask]) -> Vec<Vec<usize>> {
    let bounds: Vec<Rect> = masks.iter().map(Mask::bounds).collect();
    let mut group_of: Vec<usize> = (0..masks.len()).collect();
    for i in 0..masks.len() {
        for j in 0..i {
            if bounds[i].intersect(bounds[j]).is_some() && group_of[i] != group_of[j] {
                let (keep, merge) = (group_of[i].min(group_of[j]), group_of[i].max(group_of[j]));
                group_of.iter_mut().filter(|g| **g == merge).for_each(|g| *g = keep);
            }
        }
    }
    (0..masks.len())
        .map(|group| (0..masks.len()).filter(|i| group_of[*i] == group).collect::<Vec<_>>())
        .filter(|members| !members.is_empty())
        .collect()
}

// === impl Coverage ===

impl Coverage {
    /// What `masks` cover of a picture of `size`.
    pub fn of<'a>(masks: impl IntoIterator<Item = &'a Mask>, size: Size) -> Self {
        let mut covered = vec![false; size.pixels()];
        for mask in masks {
            mask.shape.spans(size, |y, x| {
                let row = y * size.width as usize;
                covered[row + x.start..row + x.end].fill(true);
            });
        }
        Self { size, covered }
    }

    /// The pixels of a picture of `size` of which `covers` says so, by x and y.
    pub fn from_fn(size: Size, mut covers: impl FnMut(u32, u32) -> bool) -> Self {
        let covers = &mut covers;
        let covered = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        Self { size, covered: covered.map(|(x, y)| covers(x, y)).collect() }
    }

    /// The size of the picture.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Whether the pixel is covered; `false` outside the picture.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        x < self.size.width && y < self.size.height && self.covered[y as usize * self.size.width as usize + x as usize]
    }

    /// Covered or not, row by row.
    pub fn as_slice(&self) -> &[bool] {
        &self.covered
    }

    /// Covered pixels.
    pub fn count(&self) -> usize {
        self.covered.iter().filter(|c| **c).count()
    }

    /// Covered pixels within `region`, as a share of the pixels of `region` that lie in the picture; 1 when none do.
    pub fn share_of(&self, region: Rect) -> f32 {
        let Some(inside) = region.clip(self.size) else { return 1.0 };
        let covered: usize = (inside.y..inside.y + inside.height as i32)
            .map(|y| {
                let row = y as usize * self.size.width as usize + inside.x as usize;
                self.covered[row..row + inside.width as usize].iter().filter(|c| **c).count()
            })
            .sum();
        covered as f32 / inside.area() as f32
    }

    /// Only the covered pixels for which `keep` holds, told by their place in [`as_slice`](Self::as_slice).
    #[must_use]
    pub fn filter(mut self, keep: impl Fn(usize) -> bool) -> Self {
        self.covered
            .iter_mut()
            .enumerate()
            .filter(|(_, covered)| **covered)
            .for_each(|(at, covered)| *covered = keep(at));
        self
    }

    /// Only the covered pixels that have covered pixels all around, up to `margin` pixels away each way. Beyond the edge of the picture
    /// counts as covered.
    #[must_use]
    pub fn eroded(&self, margin: u32) -> Self {
        let (w, h) = (self.size.width as usize, self.size.height as usize);
        let m = margin as usize;
        let mut horizontal = vec![false; self.covered.len()];
        for y in 0..h {
            let row = &self.covered[y * w..(y + 1) * w];
            // How many bare pixels are in the window: a running count.
            let mut bare = row.iter().take(m).filter(|c| !**c).count();
            for x in 0..w {
                bare += usize::from(x + m < w && !row[x + m]);
                bare -= usize::from(x > m && !row[x - m - 1]);
                horizontal[y * w + x] = bare == 0;
            }
        }
        let mut covered = vec![false; self.covered.len()];
        for x in 0..w {
            let at = |y: usize| horizontal[y * w + x];
            let mut bare = (0..m.min(h)).filter(|y| !at(*y)).count();
            for y in 0..h {
                bare += usize::from(y + m < h && !at(y + m));
                bare -= usize::from(y > m && !at(y - m - 1));
                covered[y * w + x] = bare == 0;
            }
        }
        Self { size: self.size, covered }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(40, 30);

    fn covered(shape: Shape) -> Coverage {
        Coverage::of(&[Mask { shape, cause: Cause::Filter }], SIZE)
    }

    fn any_point() -> impl Strategy<Value = Point> {
        (-20.0f32..60.0, -20.0f32..50.0).prop_map(|(x, y)| Point { x, y })
    }

    proptest! {
        #[test]
        fn an_ellipse_covers_every_pixel_whose_centre_is_in_it(x in -20i32..40, y in -20i32..30, w in 1u32..50, h in 1u32..50) {
            let rect = Rect::new(x, y, w, h);
            let coverage = covered(Shape::Ellipse(rect));
            let (rx, ry) = (w as f32 / 2.0, h as f32 / 2.0);
            let c = rect.centre();
            for py in 0..SIZE.height {
                for px in 0..SIZE.width {
                    let (dx, dy) = ((px as f32 + 0.5 - c.x) / rx, (py as f32 + 0.5 - c.y) / ry);
                    if dx * dx + dy * dy < 0.999 {
                        prop_assert!(coverage.contains(px, py));
                    }
                    if coverage.contains(px, py) {
                        prop_assert!(rect.contains(px as i32, py as i32));
                    }
                }
            }
        }

        #[test]
        fn a_triangle_covers_every_pixel_whose_centre_is_in_it(a in any_point(), b in any_point(), c in any_point()) {
            let coverage = covered(Shape::Polygon(vec![a, b, c]));
            let side = |p: Point, q: Point, x: f32, y: f32| (q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x);
            for py in 0..SIZE.height {
                for px in 0..SIZE.width {
                    let (x, y) = (px as f32 + 0.5, py as f32 + 0.5);
                    let s = [side(a, b, x, y), side(b, c, x, y), side(c, a, x, y)];
                    if s.iter().all(|v| *v > 0.01) || s.iter().all(|v| *v < -0.01) {
                        prop_assert!(coverage.contains(px, py), "pixel {px},{py} of {a:?} {b:?} {c:?}");
                    }
                }
            }
        }

        #[test]
        fn eroding_agrees_with_looking_around(rects in prop::collection::vec((-5i32..40, -5i32..30, 1u32..20, 1u32..20), 1..4), margin in 0u32..4) {
            let masks: Vec<Mask> = rects.iter().map(|&(x, y, w, h)| Mask::rect(Rect::new(x, y, w, h), Cause::Floor)).collect();
            let coverage = Coverage::of(&masks, SIZE);
            let eroded = coverage.eroded(margin);
            let m = margin as i32;
            for y in 0..SIZE.height as i32 {
                for x in 0..SIZE.width as i32 {
                    let mut around = (y - m..=y + m).flat_map(|py| (x - m..=x + m).map(move |px| (px, py)));
                    let all = around.all(|(px, py)| {
                        !SIZE.rect().contains(px, py) || coverage.contains(px as u32, py as u32)
                    });
                    prop_assert_eq!(eroded.contains(x as u32, y as u32), all);
                }
            }
        }
    }

    #[test]
    fn masks_that_overlap_in_a_chain_are_one_group() {
        let mask = |x| Mask::rect(Rect::new(x, 0, 10, 10), Cause::Floor);
        assert_eq!(groups(&[mask(0), mask(16), mask(8), mask(100)]), [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn a_polygon_of_nonsense_covers_nothing_and_does_not_panic() {
        for points in [vec![], vec![Point { x: 1.0, y: 1.0 }; 2], vec![Point { x: f32::NAN, y: f32::INFINITY }; 3]] {
            assert_eq!(covered(Shape::Polygon(points)).count(), 0);
        }
    }
}
