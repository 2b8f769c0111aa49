//! Bodies of simple form, and where a ray meets them.

use glam::{Mat3, Vec2, Vec3};

use super::meet;
use super::paint::Paint;
use crate::synthetic::view::View;

/// The form of a solid in its own frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::synthetic) enum Form {
    /// Radius 1 about the origin.
    Ball,
    /// From -1 to 1 along each axis.
    Cube,
    /// Radius 1 about the z axis, from z = -1 to z = 1.
    Drum,
    /// The hull of two balls on the z axis: one about the origin, one at `length`.
    Limb {
        /// Between the centres, above the difference of the radii.
        length: f32,
        /// Of the ball at the origin.
        low: f32,
        /// Of the ball at `length`.
        high: f32,
    },
}

/// A form, placed in the shop and painted.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) struct Solid {
    form: Form,
    /// From its own frame to the shop's: first this ...
    linear: Mat3,
    /// ... and back.
    inverse: Mat3,
    /// ... then this.
    at: Vec3,
    pub(super) paint: Paint,
}

/// A solid as one camera sees it: everything that is the same for all its pixels. Rays keep their length when they are brought into the solid's
/// frame, so that distances along them stay distances along the optical axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    form: Form,
    origin: Vec3,
    inverse: Mat3,
}

// === impl Solid ===

impl Solid {
    /// An ellipsoid; `axes` turns its frame into the shop's.
    pub(in crate::synthetic) fn ball(at: Vec3, axes: Mat3, radii: Vec3, paint: Paint) -> Self {
        Self::new(Form::Ball, axes * Mat3::from_diagonal(radii), at, paint)
    }

    /// A box; `half` are half its sides.
    pub(in crate::synthetic) fn cube(at: Vec3, axes: Mat3, half: Vec3, paint: Paint) -> Self {
        Self::new(Form::Cube, axes * Mat3::from_diagonal(half), at, paint)
    }

    /// The box between two corners, along the shop's axes.
    pub(in crate::synthetic) fn block(min: [f32; 3], max: [f32; 3], paint: Paint) -> Self {
        let (min, max) = (Vec3::from(min), Vec3::from(max));
        Self::cube((min + max) / 2.0, Mat3::IDENTITY, (max - min) / 2.0, paint)
    }

    /// A cylinder about the third of its axes.
    pub(in crate::synthetic) fn drum(at: Vec3, axes: Mat3, radius: f32, half_height: f32, paint: Paint) -> Self {
        Self::new(Form::Drum, axes * Mat3::from_diagonal(Vec3::new(radius, radius, half_height)), at, paint)
    }

    /// A round cone from one ball to another.
    pub(in crate::synthetic) fn limb(from: (Vec3, f32), to: (Vec3, f32), paint: Paint) -> Self {
        let along = to.0 - from.0;
        let (x, y) = along.normalize_or(Vec3::Z).any_orthonormal_pair();
        let linear = Mat3::from_cols(x, y, along.normalize_or(Vec3::Z));
        Self::new(Form::Limb { length: along.length().max(1e-4), low: from.1, high: to.1 }, linear, from.0, paint)
    }

    /// A round cone that is flattened: it runs along the third of `axes` from `at`, and `scale` stretches it along the axes.
    pub(in crate::synthetic) fn trunk(
        at: Vec3,
        axes: Mat3,
        (length, low, high): (f32, f32, f32),
        scale: Vec3,
        paint: Paint,
    ) -> Self {
        Self::new(Form::Limb { length, low, high }, axes * Mat3::from_diagonal(scale), at, paint)
    }

    fn new(form: Form, linear: Mat3, at: Vec3, paint: Paint) -> Self {
        Self { form, linear, inverse: linear.inverse(), at, paint }
    }

    pub(super) fn sight(&self, eye: Vec3) -> Sight {
        Sight { form: self.form, origin: self.inverse * (eye - self.at), inverse: self.inverse }
    }

    /// How far along the ray, in lengths of it, the solid is first met.
    pub(in crate::synthetic) fn meets(&self, eye: Vec3, ray: Vec3) -> Option<f32> {
        let sight = self.sight(eye);
        sight.meet(sight.inward(ray))
    }

    /// The direction away from the surface, in the shop's frame, at a point in the solid's frame.
    pub(super) fn normal(&self, local: Vec3) -> Vec3 {
        (self.inverse.transpose() * self.form.normal(local)).normalize_or(Vec3::Z)
    }

    /// Points all over its surface, about evenly spread, in the shop's frame; of a limb, over both of its balls. Boxes and cylinders are taken as the
    /// ball within them.
    pub(in crate::synthetic) fn surface(&self, count: u16) -> impl Iterator<Item = Vec3> + '_ {
        let balls = match self.form {
            Form::Limb { length, low, high } => vec![(Vec3::ZERO, low), (Vec3::Z * length, high)],
            _ => vec![(Vec3::ZERO, 1.0)],
        };
        balls.into_iter().flat_map(move |(centre, radius)| {
            (0..count).map(move |i| self.linear * (centre + on_ball(i, count) * radius) + self.at)
        })
    }

    /// The smallest upright rectangle of the picture that surely holds the solid: least and greatest place. `None` when all of it is behind the camera.
    pub(in crate::synthetic) fn bounds(&self, view: &View) -> Option<(Vec2, Vec2)> {
        let (low, high) = self.form.extent();
        let mut bounds: Option<(Vec2, Vec2)> = None;
        let mut all = true;
        for corner in 0..8u8 {
            let pick = |bit: u8, low: f32, high: f32| if corner >> bit & 1 == 0 { low } else { high };
            let local = Vec3::new(pick(0, low.x, high.x), pick(1, low.y, high.y), pick(2, low.z, high.z));
            let Some(seen) = view.see(self.linear * local + self.at) else {
                all = false;
                continue;
            };
            let (min, max) = bounds.unwrap_or((seen.pixel, seen.pixel));
            bounds = Some((min.min(seen.pixel), max.max(seen.pixel)));
        }
        // A corner behind the camera has no place in the picture: look everywhere.
        let whole = Vec2::new(view.size.width as f32, view.size.height as f32);
        bounds.map(|found| if all { found } else { (Vec2::ZERO, whole) })
    }
}

// === impl Sight ===

impl Sight {
    /// A direction, brought into the solid's frame.
    pub(super) fn inward(&self, ray: Vec3) -> Vec3 {
        self.inverse * ray
    }

    pub(super) const fn form(&self) -> Form {
        self.form
    }

    pub(super) const fn origin(&self) -> Vec3 {
        self.origin
    }

    /// How far along `ray`, which is in the solid's frame, it is first met.
    pub(super) fn meet(&self, ray: Vec3) -> Option<f32> {
        match self.form {
            Form::Ball => meet::ball(self.origin, ray, 1.0),
            Form::Cube => meet::cube(self.origin, ray),
            Form::Drum => meet::drum(self.origin, ray),
            Form::Limb { length, low, high } => meet::limb(self.origin, ray, length, low, high),
        }
    }
}

// === impl Form ===

impl Form {
    /// The box around it, in its own frame.
    fn extent(&self) -> (Vec3, Vec3) {
        match *self {
            Self::Ball | Self::Cube | Self::Drum => (Vec3::NEG_ONE, Vec3::ONE),
            Self::Limb { length, low, high } => {
                let wide = low.max(high);
                (Vec3::new(-wide, -wide, (-low).min(length - high)), Vec3::new(wide, wide, (length + high).max(low)))
            }
        }
    }

    /// The direction away from its surface, of any length.
    fn normal(&self, at: Vec3) -> Vec3 {
        match *self {
            Self::Ball => at,
            Self::Cube => {
                let far = at.abs();
                let axis = if far.x >= far.y && far.x >= far.z {
                    Vec3::X
                } else if far.y >= far.z {
                    Vec3::Y
                } else {
                    Vec3::Z
                };
                axis * at.signum()
            }
            Self::Drum => {
                if at.truncate().length_squared() > at.z * at.z {
                    at.truncate().extend(0.0)
                } else {
                    Vec3::Z * at.z.signum()
                }
            }
            Self::Limb { length, low, high } => {
                // The ball that touches the surface here has its centre where the normal meets the axis.
                let sine = (low - high) / length;
                let slope = sine / (1.0 - sine * sine).max(1e-6).sqrt();
                let centre = (at.z - slope * at.truncate().length()).clamp(0.0, length);
                at - Vec3::Z * centre
            }
        }
    }
}

/// Point `i` of `count` on a ball of radius 1, on a spiral that spreads them evenly (Swinbank and Purser 2006).
fn on_ball(i: u16, count: u16) -> Vec3 {
    const GOLDEN_ANGLE: f32 = 2.399_963_2;
    let z = 1.0 - (2.0 * f32::from(i) + 1.0) / f32::from(count);
    let rho = (1.0 - z * z).sqrt();
    let angle = f32::from(i) * GOLDEN_ANGLE;
    Vec3::new(rho * angle.cos(), rho * angle.sin(), z)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_solid_shows_lies_in_its_bounds(turn in 0.0f32..6.0, x in 0.02f32..0.4, y in 0.02f32..0.4, px in 0u16..160, py in 0u16..120) {
            let view = View::new(
                &sluis_frame::Pose { position: [0.0, 0.0, 2.5], pan: 0.0, tilt: 30.0, roll: 0.0 },
                &sluis_frame::Calibration { fx: 150.0, fy: 150.0, cx: 80.0, cy: 60.0 },
                sluis_frame::Size::new(160, 120),
            );
            let axes = Mat3::from_rotation_y(turn) * Mat3::from_rotation_x(turn * 0.7);
            let at = Vec3::new(0.2, 3.0, 0.9);
            let paint = Paint::Plain([9; 3]);
            let solids = [
                Solid::ball(at, axes, Vec3::new(x, y, 0.3), paint),
                Solid::cube(at, axes, Vec3::new(x, y, 0.3), paint),
                Solid::drum(at, axes, x, y, paint),
                Solid::limb((at, x), (at + axes * Vec3::Z, y), paint),
            ];
            let (px, py) = (f32::from(px) + 0.5, f32::from(py) + 0.5);
            for solid in solids {
                if solid.meets(view.origin, view.ray(px, py)).is_some() {
                    let (min, max) = solid.bounds(&view).unwrap();
                    prop_assert!(px >= min.x && px <= max.x && py >= min.y && py <= max.y, "{solid:?}");
                }
            }
        }
    }
}
