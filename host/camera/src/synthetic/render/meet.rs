//! Where a ray meets a form in the form's own frame: how far along the ray, in lengths of it, from a start outside.

use glam::Vec3;

#[inline]
pub(super) fn ball(origin: Vec3, ray: Vec3, radius: f32) -> Option<f32> {
    let (a, b, c) = (ray.dot(ray), origin.dot(ray), origin.dot(origin) - radius * radius);
    let inside = b * b - a * c;
    if inside < 0.0 {
        return None;
    }
    let t = (-b - inside.sqrt()) / a;
    (t > 0.0).then_some(t)
}

#[inline]
pub(super) fn cube(origin: Vec3, ray: Vec3) -> Option<f32> {
    let inverse = ray.recip();
    let (a, b) = ((Vec3::NEG_ONE - origin) * inverse, (Vec3::ONE - origin) * inverse);
    let (enter, leave) = (a.min(b).max_element(), a.max(b).min_element());
    (enter <= leave && enter > 0.0).then_some(enter)
}

#[inline]
pub(super) fn drum(origin: Vec3, ray: Vec3) -> Option<f32> {
    let (o, d) = (origin.truncate(), ray.truncate());
    let (a, b, c) = (d.dot(d), o.dot(d), o.dot(o) - 1.0);
    let inside = b * b - a * c;
    if inside < 0.0 {
        return None;
    }
    let side = (-b - inside.sqrt()) / a;
    if side > 0.0 && (origin.z + side * ray.z).abs() <= 1.0 {
        return Some(side);
    }
    let lid = (-ray.z.signum() - origin.z) / ray.z;
    (lid > 0.0 && (o + d * lid).length_squared() <= 1.0).then_some(lid)
}

/// The nearest of the two balls and of the cone that touches both. With s the sine of half the cone's opening and c its cosine, the cone is where
/// `c * rho + s * z = low`, rho being the distance from the axis; its part between the two circles of touch is where `0 <= c * z - s * rho <= c * length`.
#[inline]
pub(super) fn limb(origin: Vec3, ray: Vec3, length: f32, low: f32, high: f32) -> Option<f32> {
    let sine = (low - high) / length;
    let cosine = (1.0 - sine * sine).max(1e-6).sqrt();
    let (k, m) = (low / cosine, sine / cosine);
    let (o, d) = (origin.truncate(), ray.truncate());
    let width = k - m * origin.z;
    let a = d.dot(d) - m * m * ray.z * ray.z;
    let b = o.dot(d) + m * ray.z * width;
    let c = o.dot(o) - width * width;
    let inside = b * b - a * c;
    let mut nearest = f32::INFINITY;
    if inside >= 0.0 && a.abs() > 1e-12 {
        let root = inside.sqrt();
        for t in [(-b - root) / a, (-b + root) / a] {
            let z = origin.z + t * ray.z;
            let rho = k - m * z;
            let along = cosine * z - sine * rho;
            if t > 0.0 && t < nearest && rho >= 0.0 && (0.0..=cosine * length).contains(&along) {
                nearest = t;
            }
        }
    }
    for (at, radius) in [(0.0, low), (length, high)] {
        if let Some(t) = ball(origin - Vec3::Z * at, ray, radius) {
            nearest = nearest.min(t);
        }
    }
    nearest.is_finite().then_some(nearest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How far a point is outside a limb of length 1 (negative: inside), by looking at many balls along it.
    fn outside(point: Vec3, low: f32, high: f32) -> f32 {
        let distance = |step: u16| {
            let share = f32::from(step) / 2000.0;
            (point - Vec3::Z * share).length() - (low + (high - low) * share)
        };
        (0..=2000).map(distance).fold(f32::INFINITY, f32::min)
    }

    proptest! {
        #[test]
        fn a_ray_meets_a_limb_where_its_surface_is(
            low in 0.05f32..0.6, high in 0.05f32..0.6, x in -1.0f32..1.0, y in -1.0f32..1.0, z in -0.5f32..1.5,
        ) {
            let eye = Vec3::new(2.5, -2.0, 1.8);
            let ray = (Vec3::new(x, y, z) * 0.6 - eye) * 0.37;
            let met = limb(eye, ray, 1.0, low, high);
            let least = (0..4000u16).map(|i| outside(eye + ray * (f32::from(i) / 500.0), low, high)).fold(f32::INFINITY, f32::min);
            match met {
                Some(t) => prop_assert!(outside(eye + ray * t, low, high).abs() < 2e-3),
                None => prop_assert!(least > -2e-3, "a ray that goes {least} deep was said to miss"),
            }
        }
    }
}
