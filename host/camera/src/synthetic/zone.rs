//! Regions of the shop that mean something.

use glam::{Vec2, Vec3};
use sluis_frame::Point;

use super::view::{self, View};

/// What a zone is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ZoneKind {
    /// Products lie there.
    Shelf,
    /// Where one pays.
    Counter,
    /// What one carries products in.
    Basket,
    /// Where one waits to pay.
    Queue,
    /// Where one stands to look at an advertising screen.
    Screen,
}

/// A region of the shop: an upright box along the shop's axes, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Its name.
    pub id: &'static str,
    /// What it is for.
    pub kind: ZoneKind,
    /// The corner with the least x, y and z.
    pub min: [f32; 3],
    /// The corner with the greatest.
    pub max: [f32; 3],
}

// === impl ZoneKind ===

impl ZoneKind {
    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::Counter => "counter",
            Self::Basket => "basket",
            Self::Queue => "queue",
            Self::Screen => "screen",
        }
    }
}

// === impl Zone ===

impl Zone {
    /// How far a point lies outside, in metres; 0 inside.
    pub(super) fn distance(&self, point: Vec3) -> f32 {
        let (min, max) = (Vec3::from(self.min), Vec3::from(self.max));
        point.distance(point.clamp(min, max))
    }

    /// How far a place on the floor lies from the ground that the zone covers, in metres; 0 on it.
    pub(super) fn floor_distance(&self, place: Vec2) -> f32 {
        let (min, max) = (Vec3::from(self.min).truncate(), Vec3::from(self.max).truncate());
        place.distance(place.clamp(min, max))
    }

    /// Its outline as a camera sees it: the hull of its corners, clipped to the picture, counter-clockwise as drawn. `None` when it is not in the picture.
    pub(super) fn outline(&self, view: &View) -> Option<Vec<Point>> {
        let mut corners = Vec::with_capacity(8);
        for x in [self.min[0], self.max[0]] {
            for y in [self.min[1], self.max[1]] {
                for z in [self.min[2], self.max[2]] {
                    corners.push(view.see(Vec3::new(x, y, z))?.pixel);
                }
            }
        }
        let size = Vec2::new(view.size.width as f32, view.size.height as f32);
        let mut polygon = hull(corners);
        // Each edge of the picture cuts off what lies beyond it (Sutherland and Hodgman 1974).
        for (axis, limit) in [(Vec2::X, 0.0), (Vec2::Y, 0.0), (Vec2::NEG_X, -size.x), (Vec2::NEG_Y, -size.y)] {
            polygon = cut(&polygon, |p| p.dot(axis) - limit);
        }
        (polygon.len() >= 3).then(|| polygon.into_iter().map(view::point).collect())
    }
}

/// The convex hull (Andrew 1979).
fn hull(mut points: Vec<Vec2>) -> Vec<Vec2> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut outline: Vec<Vec2> = Vec::new();
    for _ in 0..2 {
        let from = outline.len();
        for point in &points {
            while outline.len() >= from + 2 {
                let [.., a, b] = outline[..] else { break };
                if (b - a).perp_dot(*point - b) > 0.0 {
                    break;
                }
                outline.pop();
            }
            outline.push(*point);
        }
        outline.pop();
        points.reverse();
    }
    outline
}

/// The part of a convex polygon where `inside` is not negative.
fn cut(polygon: &[Vec2], inside: impl Fn(Vec2) -> f32) -> Vec<Vec2> {
    let mut kept = Vec::with_capacity(polygon.len() + 2);
    for (i, to) in polygon.iter().enumerate() {
        let from = polygon[(i + polygon.len() - 1) % polygon.len()];
        let (a, b) = (inside(from), inside(*to));
        if (a < 0.0) != (b < 0.0) {
            kept.push(from.lerp(*to, a / (a - b)));
        }
        if b >= 0.0 {
            kept.push(*to);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hull_holds_every_point_and_no_needless_corner() {
        let points = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (2.0, 2.0), (2.0, 0.0), (0.0, 0.0)];
        let outline = hull(points.map(|(x, y)| Vec2::new(x, y)).to_vec());
        assert_eq!(outline, [Vec2::ZERO, Vec2::new(4.0, 0.0), Vec2::new(4.0, 4.0), Vec2::new(0.0, 4.0)]);
    }

    #[test]
    fn what_lies_beyond_the_edge_is_cut_off() {
        let square = [Vec2::new(-2.0, 0.0), Vec2::new(2.0, 0.0), Vec2::new(2.0, 2.0), Vec2::new(-2.0, 2.0)];
        let cut = cut(&square, |p| p.x);
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|p| p.x >= 0.0));
    }
}
