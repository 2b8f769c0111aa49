//! Where the camera hangs and what it sees of a point.

use glam::{DVec3, Vec2, Vec3};
use sluis_frame::{Calibration, Point, Pose, Size};

/// A pinhole camera in the shop: optical frame x right, y down, z forward.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) size: Size,
    pub(super) origin: Vec3,
    right: Vec3,
    down: Vec3,
    forward: Vec3,
    focal: Vec2,
    centre: Vec2,
}

/// A point in front of the camera: pixels and the distance along the optical axis, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) pixel: Vec2,
    pub(super) distance: f32,
}

/// What lies nearer than this, in metres, is not drawn.
pub(super) const NEAREST: f32 = 0.15;

// === impl View ===

impl View {
    pub(super) fn new(pose: &Pose, lens: &Calibration, size: Size) -> Self {
        let [right, down, forward] = pose.axes().map(|axis| DVec3::from(axis).as_vec3());
        Self {
            size,
            origin: DVec3::from(pose.position).as_vec3(),
            right,
            down,
            forward,
            focal: Vec2::new(lens.fx as f32, lens.fy as f32),
            centre: Vec2::new(lens.cx as f32, lens.cy as f32),
        }
    }

    /// Where a point of the shop appears; `None` behind the camera or nearer than [`NEAREST`]. It may lie outside the picture.
    pub(super) fn see(&self, point: Vec3) -> Option<Seen> {
        let from = point - self.origin;
        let distance = from.dot(self.forward);
        (distance >= NEAREST).then(|| Seen {
            pixel: Vec2::new(from.dot(self.right), from.dot(self.down)) / distance * self.focal + self.centre,
            distance,
        })
    }

    /// The ray through a point of the picture, as long as one metre along the optical axis: times a depth it ends at that depth.
    pub(super) fn ray(&self, x: f32, y: f32) -> Vec3 {
        let slope = (Vec2::new(x, y) - self.centre) / self.focal;
        self.forward + self.right * slope.x + self.down * slope.y
    }

    /// How rays change from one pixel to the next, to the right and down.
    pub(super) fn ray_steps(&self) -> (Vec3, Vec3) {
        (self.right / self.focal.x, self.down / self.focal.y)
    }

    /// The side of a pixel in the shop at this distance, in metres.
    pub(super) fn footprint(&self, distance: f32) -> f32 {
        distance / self.focal.x
    }

    /// The focal length, in pixels across.
    pub(super) fn focal(&self) -> f32 {
        self.focal.x
    }

    /// Whether a place of the picture lies within its edges.
    pub(super) fn holds(&self, pixel: Vec2) -> bool {
        pixel.x >= 0.0 && pixel.y >= 0.0 && pixel.x < self.size.width as f32 && pixel.y < self.size.height as f32
    }
}

/// A place of the picture as the rest of the house writes it.
pub(super) fn point(pixel: Vec2) -> Point {
    Point { x: pixel.x, y: pixel.y }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENS: Calibration = Calibration { fx: 600.0, fy: 600.0, cx: 320.0, cy: 240.0 };

    fn view(pan: f64, tilt: f64, roll: f64) -> View {
        View::new(&Pose { position: [1.0, 2.0, 2.5], pan, tilt, roll }, &LENS, Size::new(640, 480))
    }

    #[test]
    fn what_lies_ahead_is_in_the_middle() {
        for (pan, tilt, roll, ahead) in [
            (0.0, 0.0, 0.0, Vec3::new(0.0, 3.0, 0.0)),
            (90.0, 0.0, 30.0, Vec3::new(-3.0, 0.0, 0.0)),
            (20.0, 90.0, 0.0, Vec3::new(0.0, 0.0, -3.0)),
        ] {
            let seen = view(pan, tilt, roll).see(Vec3::new(1.0, 2.0, 2.5) + ahead).unwrap();
            assert!(
                (seen.pixel - Vec2::new(320.0, 240.0)).length() < 0.01 && (seen.distance - 3.0).abs() < 1e-4,
                "{seen:?}"
            );
        }
    }

    #[test]
    fn right_is_right_and_up_is_up_and_a_roll_is_clockwise() {
        let ahead = Vec3::new(1.0, 5.0, 2.5);
        let at = |view: View, off: Vec3| view.see(ahead + off).unwrap().pixel - Vec2::new(320.0, 240.0);
        assert!(at(view(0.0, 0.0, 0.0), Vec3::X).abs_diff_eq(Vec2::new(200.0, 0.0), 0.01));
        assert!(at(view(0.0, 0.0, 0.0), Vec3::Z).abs_diff_eq(Vec2::new(0.0, -200.0), 0.01));
        // A camera that turns clockwise sees the world turn the other way: what was to the right is now above.
        assert!(at(view(0.0, 0.0, 90.0), Vec3::X).abs_diff_eq(Vec2::new(0.0, -200.0), 0.01));
    }

    #[test]
    fn a_ray_ends_where_its_point_is_seen() {
        let view = view(13.0, 31.0, 4.0);
        let point = view.origin + view.ray(100.5, 377.25) * 2.75;
        let seen = view.see(point).unwrap();
        assert!(
            seen.pixel.abs_diff_eq(Vec2::new(100.5, 377.25), 0.01) && (seen.distance - 2.75).abs() < 1e-4,
            "{seen:?}"
        );
    }
}
