//! The solids that a person is drawn from.

use glam::{Mat3, Vec3};

use super::build::Cut;
use super::{Build, Side, Skeleton};
use crate::synthetic::render::face::HALF_HEIGHT;
use crate::synthetic::render::{Head, Paint, Solid};

/// Which part of a person a solid belongs to: heads have a truth of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synthetic) enum Part {
    Head,
    Body,
}

/// The height of a head against the body's, which is [`HALF_HEIGHT`] twice for a body of 1.75 m.
pub(in crate::synthetic) fn head_scale(height: f32) -> f32 {
    // Heads differ less than bodies do.
    0.55 + 0.45 * height / 1.75
}

/// The solids around a skeleton. `eyes` says how far the eyes are open, 0 to 1.
pub(in crate::synthetic) fn solids(build: &Build, bones: &Skeleton, eyes: f32, mut put: impl FnMut(Solid, Part)) {
    head(build, bones, eyes, &mut put);
    trunk(build, bones, |solid| put(solid, Part::Body));
    for side in Side::BOTH {
        arm(build, bones, side, |solid| put(solid, Part::Body));
        leg(build, bones, side, |solid| put(solid, Part::Body));
    }
}

fn head(build: &Build, bones: &Skeleton, eyes: f32, mut put_part: impl FnMut(Solid, Part)) {
    let mut put = |solid| put_part(solid, Part::Head);
    let scale = head_scale(build.height);
    let axes = bones.head_axes;
    let at = |x: f32, y: f32, z: f32| bones.head + axes * (Vec3::new(x, y, z) * scale);
    let skin = Paint::Head(Head {
        inverse: axes.transpose() * (1.0 / scale),
        at: bones.head,
        skin: build.skin,
        hair: build.hair,
        iris: build.iris,
        bald: build.cut == Cut::Bald,
        beard: build.beard,
        open: eyes,
    });
    let hair = Paint::Plain(build.hair);
    let plain = Paint::Plain(build.skin);
    // Skull, face and jaw; nose; ears.
    put(Solid::ball(at(0.0, -0.008, 0.027), axes, Vec3::new(0.075, 0.097, 0.088) * scale, skin));
    put(Solid::trunk(at(0.0, 0.032, -0.07), axes, (0.082, 0.044, 0.07), Vec3::new(0.98, 0.86, 1.0) * scale, skin));
    put(Solid::limb((at(0.0, 0.084, 0.008), 0.009 * scale), (at(0.0, 0.097, -0.024), 0.0135 * scale), skin));
    for side in Side::BOTH {
        put(Solid::ball(at(side.sign() * 0.074, -0.004, -0.006), axes, Vec3::new(0.012, 0.02, 0.031) * scale, plain));
    }
    if build.cut == Cut::Bald {
        return;
    }
    put(Solid::ball(at(0.0, -0.016, 0.04), axes, Vec3::new(0.083, 0.1, 0.088) * scale, hair));
    match build.cut {
        Cut::Long => {
            // Hair that falls over the shoulders is not the head.
            let fall = (0.17, 0.06, 0.075);
            put_part(
                Solid::trunk(at(0.0, -0.045, -0.13), axes, fall, Vec3::new(1.12, 0.72, 1.0) * scale, hair),
                Part::Body,
            );
        }
        Cut::Bun => put(Solid::ball(at(0.0, -0.112, 0.065), axes, Vec3::splat(0.036) * scale, hair)),
        Cut::Short | Cut::Bald => {}
    }
}

fn trunk(build: &Build, bones: &Skeleton, mut put: impl FnMut(Solid)) {
    let (size, girth) = (build.height / 1.75, build.girth);
    let trunk = bones.trunk;
    let skin = Paint::Plain(build.skin);
    put(Solid::limb(
        (bones.collar - trunk.z_axis * 0.02, 0.06 * size),
        (bones.head - bones.head_axes.z_axis * (0.6 * HALF_HEIGHT), 0.048 * size),
        skin,
    ));
    // Hips, in the colour of the trousers.
    put(Solid::trunk(
        bones.pelvis - trunk.z_axis * (0.03 * size),
        trunk,
        (0.12 * size, 0.158 * size * girth, 0.150 * size * girth),
        Vec3::new(1.0, 0.74, 0.85),
        Paint::Plain(build.trousers),
    ));
    // Belly to chest.
    let belly = bones.pelvis + trunk.z_axis * (0.11 * size);
    put(Solid::trunk(
        belly,
        trunk,
        (0.24 * size, 0.156 * size * girth, 0.175 * size * (0.55 + 0.45 * girth)),
        Vec3::new(1.0, 0.66, 0.88),
        build.torso(),
    ));
    // The shoulders' yoke.
    let yoke = 0.06 * size;
    let inner = |side: Side| bones.shoulders[side.index()].lerp(bones.collar, 0.16) - trunk.z_axis * 0.022;
    put(Solid::limb((inner(Side::Left), yoke), (inner(Side::Right), yoke), Paint::Plain(build.shirt)));
}

fn arm(build: &Build, bones: &Skeleton, side: Side, mut put: impl FnMut(Solid)) {
    let (size, girth) = (build.height / 1.75, 0.5 + 0.5 * build.girth);
    let i = side.index();
    let (shoulder, elbow, palm) = (bones.shoulders[i], bones.elbows[i], bones.palms[i]);
    let along = (palm - elbow).normalize_or(Vec3::NEG_Z);
    let wrist = palm - along * (0.09 * size);
    let skin = Paint::Plain(build.skin);
    let sleeve = Paint::Plain(build.shirt);
    let thick = size * girth;
    put(Solid::limb((shoulder - bones.trunk.z_axis * 0.02, 0.054 * thick), (elbow, 0.042 * thick), sleeve));
    let lower = if build.long_sleeves { (sleeve, 1.08) } else { (skin, 1.0) };
    put(Solid::limb((elbow, 0.04 * thick * lower.1), (wrist, 0.029 * thick * lower.1), lower.0));
    // Palm, fingers and thumb.
    let across = along.cross(bones.upright.z_axis).normalize_or(bones.upright.x_axis);
    let flat = across.cross(along);
    let axes = Mat3::from_cols(across, along, flat);
    put(Solid::ball(palm - along * (0.012 * size), axes, Vec3::new(0.043, 0.056, 0.024) * size, skin));
    let tip = palm + along * (0.082 * size) - flat * (0.012 * size);
    put(Solid::limb((palm + along * (0.03 * size), 0.03 * size), (tip, 0.017 * size), skin));
    let thumb = palm + across * (-side.sign() * 0.05 * size) + along * (0.035 * size);
    put(Solid::limb((palm - along * (0.02 * size), 0.018 * size), (thumb, 0.012 * size), skin));
}

fn leg(build: &Build, bones: &Skeleton, side: Side, mut put: impl FnMut(Solid)) {
    let (size, girth) = (build.height / 1.75, 0.4 + 0.6 * build.girth);
    let i = side.index();
    let (hip, knee, ankle) = (bones.hips[i], bones.knees[i], bones.ankles[i]);
    let cloth = Paint::Plain(build.trousers);
    put(Solid::limb((hip, 0.088 * size * girth), (knee, 0.06 * size * girth), cloth));
    put(Solid::limb((knee, 0.06 * size * girth), (ankle, 0.046 * size), cloth));
    let toe = bones.upright.y_axis;
    put(Solid::limb(
        (ankle - toe * (0.02 * size) - Vec3::Z * (0.02 * size), 0.042 * size),
        (ankle + toe * (0.14 * size) - Vec3::Z * (0.034 * size), 0.032 * size),
        Paint::Plain(build.shoes),
    ));
}

/// The basket below the left hand: its middle, and its solids.
pub(in crate::synthetic) fn basket(bones: &Skeleton, mut put: impl FnMut(Solid)) -> Vec3 {
    let palm = bones.palms[Side::Left.index()];
    let (axes, ink) = (bones.upright, Paint::Plain([156, 40, 44]));
    let at = palm - Vec3::Z * 0.24 - axes.x_axis * 0.06;
    put(Solid::cube(at, axes, Vec3::new(0.11, 0.17, 0.085), ink));
    // What one looks into.
    put(Solid::cube(at + Vec3::Z * 0.08, axes, Vec3::new(0.098, 0.158, 0.006), Paint::Plain([60, 22, 24])));
    for end in [-0.15, 0.15] {
        put(Solid::limb((palm, 0.008), (at + axes.y_axis * end + Vec3::Z * 0.085, 0.008), Paint::Plain([60, 60, 64])));
    }
    at
}
