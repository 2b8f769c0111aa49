//! Where joints are.
//!
//! Lengths of limbs are shares of the body's height: Winter, *Biomechanics and Motor Control of Human Movement*, 4th edition, figure 4.1 (after Drillis and
//! Contini 1966).

use glam::{Mat3, Vec2, Vec3};

use super::Side;

const SHOULDER_HEIGHT: f32 = 0.818;
const SHOULDER_HALF: f32 = 0.118;
const HIP_HALF: f32 = 0.058;
const UPPER_ARM: f32 = 0.186;
/// To the middle of the palm: forearm 0.146 and half a hand of 0.108.
const FOREARM: f32 = 0.2;
/// From the shoulder to the palm of an arm that hangs, a little bent.
const HANG: f32 = 0.362;
const THIGH: f32 = 0.245;
const SHIN: f32 = 0.246;
const ANKLE: f32 = 0.039;
/// From the hips to the shoulders.
const TRUNK: f32 = SHOULDER_HEIGHT - THIGH - SHIN - ANKLE;
/// From the line of the shoulders to the middle of the head.
const NECK: f32 = 0.114;

/// A whole stride, two steps, against the body's height.
pub(in crate::synthetic) const STRIDE: f32 = 0.82;

/// The furthest that a body bends forward, in radians.
const DEEPEST: f32 = 1.15;

/// How a person holds itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) struct Stance {
    /// In metres, from floor to crown.
    pub(in crate::synthetic) height: f32,
    /// Between the feet, on the floor.
    pub(in crate::synthetic) place: Vec2,
    /// Where the body faces: radians, 0 along +y, counter-clockwise seen from above.
    pub(in crate::synthetic) heading: f32,
    /// Where in the stride: radians.
    pub(in crate::synthetic) phase: f32,
    /// How far legs swing: 0 standing, 1 at a usual walk.
    pub(in crate::synthetic) stride: f32,
    /// Where the head turns against the body: radians to the left and downward.
    pub(in crate::synthetic) turn: f32,
    pub(in crate::synthetic) nod: f32,
    /// Where the palms shall be, left and right, in the shop's frame.
    pub(in crate::synthetic) palms: [Vec3; 2],
}

/// Where joints are, in the shop's frame; arrays hold left and right.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) struct Skeleton {
    /// The body's axes when it stands upright: right, forward, up.
    pub(in crate::synthetic) upright: Mat3,
    /// The trunk's axes: right, forward, towards the head.
    pub(super) trunk: Mat3,
    /// The head's axes: right, forward, towards the crown.
    pub(in crate::synthetic) head_axes: Mat3,
    pub(super) pelvis: Vec3,
    /// Between the shoulders.
    pub(super) collar: Vec3,
    /// The middle of the head.
    pub(in crate::synthetic) head: Vec3,
    pub(super) shoulders: [Vec3; 2],
    pub(super) elbows: [Vec3; 2],
    pub(in crate::synthetic) palms: [Vec3; 2],
    pub(super) hips: [Vec3; 2],
    pub(super) knees: [Vec3; 2],
    pub(in crate::synthetic) ankles: [Vec3; 2],
}

/// The axes of a body that faces `heading`.
pub(in crate::synthetic) fn axes(heading: f32) -> Mat3 {
    Mat3::from_rotation_z(heading)
}

// === impl Skeleton ===

impl Skeleton {
    pub(in crate::synthetic) fn new(stance: &Stance) -> Self {
        let height = stance.height;
        let upright = axes(stance.heading);
        let ground = stance.place.extend(0.0);
        let legs = Side::BOTH.map(|side| leg(stance, side));
        // The body stands on the foot that reaches lowest.
        let pelvis_height = legs.iter().map(|(_, ankle)| -ankle.z).fold(0.0, f32::max) + ANKLE * height;
        let lean = lean(stance, pelvis_height);
        let trunk = upright * Mat3::from_rotation_x(-lean);
        // Who bends forward moves the hips back, so as not to fall.
        let pelvis = ground + Vec3::Z * pelvis_height - upright.y_axis * (0.13 * lean.sin());
        let collar = pelvis + trunk.z_axis * (TRUNK * height);
        let shoulders = Side::BOTH.map(|side| collar + trunk.x_axis * (side.sign() * SHOULDER_HALF * height));
        let arms = Side::BOTH.map(|side| {
            let i = side.index();
            // Elbows point down, outward and back.
            let pole = upright * Vec3::new(side.sign() * 0.25, -0.6, -0.9);
            bend(shoulders[i], stance.palms[i], UPPER_ARM * height, FOREARM * height, pole)
        });
        // The head follows a bend half way: eyes look ahead, not at the feet.
        let head_axes = upright
            * Mat3::from_rotation_x(-lean * 0.45)
            * Mat3::from_rotation_z(stance.turn)
            * Mat3::from_rotation_x(-stance.nod);
        let hips = Side::BOTH.map(|side| pelvis + upright.x_axis * (side.sign() * HIP_HALF * height));
        let neck = (trunk.z_axis + head_axes.z_axis).normalize_or(Vec3::Z);
        Self {
            upright,
            trunk,
            head_axes,
            pelvis,
            collar,
            head: collar + neck * (NECK * height) + head_axes.y_axis * 0.018,
            shoulders,
            elbows: arms.map(|(elbow, _)| elbow),
            palms: arms.map(|(_, palm)| palm),
            hips,
            knees: [0, 1].map(|i| hips[i] + upright * legs[i].0),
            ankles: [0, 1].map(|i| hips[i] + upright * legs[i].1),
        }
    }
}

/// Where a palm hangs when nothing is done with it, in the shop's frame.
pub(in crate::synthetic) fn hanging(stance: &Stance, side: Side) -> Vec3 {
    let phase = stance.phase + if side == Side::Left { 0.0 } else { std::f32::consts::PI };
    // About the shoulder, against the step of the same side.
    let angle = 0.06 - 0.42 * stance.stride * phase.sin();
    let at = Vec3::new(side.sign() * (SHOULDER_HALF + 0.025), HANG * angle.sin(), SHOULDER_HEIGHT - HANG * angle.cos());
    in_front(stance, at)
}

/// A place that moves with the body: x to its right, y forward, z up, as shares of its height.
pub(in crate::synthetic) fn in_front(stance: &Stance, at: Vec3) -> Vec3 {
    stance.place.extend(0.0) + axes(stance.heading) * (at * stance.height)
}

/// Knee and ankle against the hip, in the upright body's frame.
fn leg(stance: &Stance, side: Side) -> (Vec3, Vec3) {
    let phase = stance.phase + if side == Side::Left { 0.0 } else { std::f32::consts::PI };
    let swing = 0.40 * stance.stride * phase.sin();
    // The knee bends while the leg swings forward.
    let knee = 0.03 + stance.stride * (0.10 + 0.85 * phase.cos().max(0.0));
    let along = |angle: f32, length: f32| Vec3::new(0.0, angle.sin(), -angle.cos()) * (length * stance.height);
    let to_knee = along(swing + 0.3 * knee, THIGH);
    (to_knee, to_knee + along(swing - 0.7 * knee, SHIN))
}

/// How far the trunk bends forward so that both palms can be where they shall be, in radians.
fn lean(stance: &Stance, pelvis: f32) -> f32 {
    let reach = 0.965 * (UPPER_ARM + FOREARM) * stance.height;
    let upright = axes(stance.heading);
    let missing = |lean: f32| {
        let trunk = upright * Mat3::from_rotation_x(-lean);
        let hips = stance.place.extend(pelvis) - upright.y_axis * (0.13 * lean.sin());
        let collar = hips + trunk.z_axis * (TRUNK * stance.height);
        let of = |side: Side| {
            let shoulder = collar + trunk.x_axis * (side.sign() * SHOULDER_HALF * stance.height);
            shoulder.distance(stance.palms[side.index()]) - reach
        };
        Side::BOTH.map(of).into_iter().fold(f32::NEG_INFINITY, f32::max)
    };
    if missing(0.0) <= 0.0 {
        return 0.0;
    }
    // The least bend that suffices: found roughly, then by halving. When none does, the one that comes nearest.
    const TRIED: u8 = 12;
    let tried = |i: u8| DEEPEST * f32::from(i) / f32::from(TRIED);
    let Some(first) = (1..=TRIED).find(|i| missing(tried(*i)) <= 0.0) else {
        let nearest = |a: &u8, b: &u8| missing(tried(*a)).total_cmp(&missing(tried(*b)));
        return (1..=TRIED).min_by(nearest).map_or(0.0, tried);
    };
    let (mut low, mut high) = (tried(first - 1), tried(first));
    for _ in 0..8 {
        let middle = (low + high) / 2.0;
        if missing(middle) > 0.0 { low = middle } else { high = middle }
    }
    high
}

/// Elbow and palm of an arm that reaches from the shoulder towards a target: the law of cosines, the elbow on the side of `pole`.
fn bend(shoulder: Vec3, target: Vec3, upper: f32, lower: f32, pole: Vec3) -> (Vec3, Vec3) {
    let to = target - shoulder;
    let direction = to.normalize_or(Vec3::NEG_Z);
    let distance = to.length().clamp((upper - lower).abs() + 0.02, (upper + lower) * 0.999);
    let cosine = ((upper * upper + distance * distance - lower * lower) / (2.0 * upper * distance)).clamp(-1.0, 1.0);
    let aside = (pole - direction * pole.dot(direction)).normalize_or(direction.any_orthonormal_vector());
    let elbow = shoulder + direction * (upper * cosine) + aside * (upper * (1.0 - cosine * cosine).sqrt());
    (elbow, shoulder + direction * distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn standing(height: f32, palms: Option<[Vec3; 2]>) -> Stance {
        let mut stance = Stance {
            height,
            place: Vec2::new(0.94, 3.0),
            heading: std::f32::consts::FRAC_PI_2,
            phase: 0.0,
            stride: 0.0,
            turn: 0.0,
            nod: 0.0,
            palms: [Vec3::ZERO; 2],
        };
        stance.palms = palms.unwrap_or(Side::BOTH.map(|side| hanging(&stance, side)));
        stance
    }

    #[test]
    fn who_stands_is_as_tall_as_it_is() {
        for height in [1.5, 1.75, 1.93] {
            let skeleton = Skeleton::new(&standing(height, None));
            let crown = skeleton.head.z + 0.0657 * height;
            assert!((crown - height).abs() < 0.02 * height, "{crown} m for {height} m");
            let lowest = skeleton.ankles.map(|a| a.z).into_iter().fold(f32::INFINITY, f32::min);
            assert!((lowest - ANKLE * height).abs() < 1e-3);
        }
    }

    proptest! {
        #[test]
        fn a_hand_reaches_every_place_of_the_shelf(height in 1.5f32..1.93, slot in any::<prop::sample::Index>(), right in any::<bool>()) {
            let side = if right { Side::Right } else { Side::Left };
            let plan = crate::synthetic::plan::Plan::new(3);
            let target = slot.get(&plan.slots).base + Vec3::Z * 0.06;
            let mut stance = standing(height, None);
            // Facing -x, the right hand is on the side of +y.
            stance.place.y = target.y - side.sign() * 0.17;
            stance.palms = Side::BOTH.map(|side| hanging(&stance, side));
            stance.palms[side.index()] = target;
            let palm = Skeleton::new(&stance).palms[side.index()];
            prop_assert!(palm.distance(target) < 0.005, "{palm} for {target}");
        }

        #[test]
        fn bones_keep_their_length(x in -1.0f32..1.0, y in -1.0f32..1.0, z in 0.0f32..2.0, phase in 0.0f32..7.0, stride in 0.0f32..1.2) {
            let height = 1.7;
            let mut stance = standing(height, Some([Vec3::new(x, y, z), Vec3::new(y, z, x)]));
            (stance.phase, stance.stride) = (phase, stride);
            let s = Skeleton::new(&stance);
            for i in 0..2 {
                prop_assert!((s.shoulders[i].distance(s.elbows[i]) - UPPER_ARM * height).abs() < 1e-3);
                prop_assert!((s.elbows[i].distance(s.palms[i]) - FOREARM * height).abs() < 2e-3);
                prop_assert!((s.hips[i].distance(s.knees[i]) - THIGH * height).abs() < 1e-3);
                prop_assert!((s.knees[i].distance(s.ankles[i]) - SHIN * height).abs() < 1e-3);
            }
        }
    }
}
