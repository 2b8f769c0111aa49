//! What lies within an outline on the picture.

use super::LayoutError;

/// A simple polygon: at least three corners in pixels, and no two sides that cross.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon(Vec<[f32; 2]>);

// === impl Polygon ===

impl Polygon {
    /// From its corners, in order along the outline; `id` names the zone in errors.
    ///
    /// # Errors
    ///
    /// A [`LayoutError`] when there are fewer than three corners, a coordinate is no number, two sides cross, or nothing is enclosed.
    pub fn new(id: &str, corners: Vec<[f32; 2]>) -> Result<Self, LayoutError> {
        let id = || id.to_owned();
        if corners.len() < 3 {
            return Err(LayoutError::FewCorners { id: id(), corners: corners.len() });
        }
        if !corners.iter().flatten().all(|v| v.is_finite()) {
            return Err(LayoutError::NotFinite(id()));
        }
        let polygon = Self(corners);
        if let Some((first, second)) = polygon.crossing() {
            return Err(LayoutError::Crosses { id: id(), first, second });
        }
        // Less than a pixel is no zone.
        if polygon.area() < 1.0 { Err(LayoutError::Flat(id())) } else { Ok(polygon) }
    }

    /// The smallest convex polygon around these points; `None` when they lie on one line. (Andrew 1979, monotone chain.)
    pub(super) fn around(mut points: Vec<[f32; 2]>) -> Option<Self> {
        points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        let chain = |points: &mut dyn Iterator<Item = [f32; 2]>| {
            let mut hull: Vec<[f32; 2]> = Vec::new();
            for point in points {
                while hull.len() >= 2 && turn(hull[hull.len() - 2], hull[hull.len() - 1], point) <= 0.0 {
                    hull.pop();
                }
                hull.push(point);
            }
            hull.pop();
            hull
        };
        let mut hull = chain(&mut points.iter().copied());
        hull.extend(chain(&mut points.iter().rev().copied()));
        let polygon = Self(hull);
        (polygon.0.len() >= 3 && polygon.area() >= 1.0).then_some(polygon)
    }

    /// The part of it within a rectangle from the origin to `(width, height)`; `None` when there is none. (Sutherland and Hodgman 1974; for a convex polygon.)
    pub(super) fn clipped(self, width: f32, height: f32) -> Option<Self> {
        let cut = |corners: Vec<[f32; 2]>, depth: &dyn Fn([f32; 2]) -> f32| {
            let mut kept = Vec::new();
            for (i, &to) in corners.iter().enumerate() {
                let from = corners[(i + corners.len() - 1) % corners.len()];
                let (a, b) = (depth(from), depth(to));
                if (a >= 0.0) != (b >= 0.0) {
                    let t = a / (a - b);
                    kept.push([from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]);
                }
                if b >= 0.0 {
                    kept.push(to);
                }
            }
            kept
        };
        let corners = cut(self.0, &|p| p[0]);
        let corners = cut(corners, &|p| p[1]);
        let corners = cut(corners, &|p| width - p[0]);
        let corners = cut(corners, &|p| height - p[1]);
        let polygon = Self(corners);
        (polygon.0.len() >= 3 && polygon.area() >= 1.0).then_some(polygon)
    }

    /// Its corners, in pixels.
    pub fn corners(&self) -> &[[f32; 2]] {
        &self.0
    }

    /// Whether a point lies within. A point on a side may count either way.
    pub fn contains(&self, [x, y]: [f32; 2]) -> bool {
        // Jordan: a ray to the right crosses the outline an odd number of times.
        let crosses = |(a, b): ([f32; 2], [f32; 2])| {
            (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        };
        self.sides().filter(|side| crosses(*side)).count() % 2 == 1
    }

    /// The distance of a point to the polygon, in pixels; 0 within.
    pub fn distance(&self, point: [f32; 2]) -> f32 {
        if self.contains(point) {
            return 0.0;
        }
        self.sides().map(|(a, b)| distance_to_side(point, a, b)).fold(f32::INFINITY, f32::min)
    }

    /// Its bounding box: left, top, right, bottom, in pixels.
    pub fn bounds(&self) -> [f32; 4] {
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        self.0.iter().fold(start, |[l, t, r, b], [x, y]| [l.min(*x), t.min(*y), r.max(*x), b.max(*y)])
    }

    /// How many square pixels it encloses.
    pub fn area(&self) -> f32 {
        self.sides().map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f32>().abs() / 2.0
    }

    fn sides(&self) -> impl Iterator<Item = ([f32; 2], [f32; 2])> {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().copied().zip(next.copied())
    }

    /// Two sides that cross or touch, unless they follow one another.
    fn crossing(&self) -> Option<(usize, usize)> {
        let sides: Vec<_> = self.sides().collect();
        let count = sides.len();
        for i in 0..count {
            for j in i + 1..count {
                let follow = j == i + 1 || (i == 0 && j == count - 1);
                if !follow && meet(sides[i], sides[j]) {
                    return Some((i, j));
                }
            }
        }
        None
    }
}

/// Positive when `c` lies to the left of the way from `a` to `b`, with y up.
fn turn(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> f32 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn meet((a, b): ([f32; 2], [f32; 2]), (c, d): ([f32; 2], [f32; 2])) -> bool {
    let on = |p: [f32; 2], a: [f32; 2], b: [f32; 2]| {
        turn(a, b, p) == 0.0
            && (a[0].min(b[0])..=a[0].max(b[0])).contains(&p[0])
            && (a[1].min(b[1])..=a[1].max(b[1])).contains(&p[1])
    };
    let opposite = |p: f32, q: f32| (p > 0.0 && q < 0.0) || (p < 0.0 && q > 0.0);
    let proper = opposite(turn(a, b, c), turn(a, b, d)) && opposite(turn(c, d, a), turn(c, d, b));
    proper || on(c, a, b) || on(d, a, b) || on(a, c, d) || on(b, c, d)
}

fn distance_to_side([x, y]: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((x - a[0]) * dx + (y - a[1]) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x - a[0] - t * dx).hypot(y - a[1] - t * dy)
}
