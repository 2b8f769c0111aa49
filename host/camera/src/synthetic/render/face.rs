//! The drawn face: what is painted on a head, so that detectors have work.
//!
//! Places are in metres in the head's own frame: x to the person's right, y forward, z up, the origin in the middle of the head, for a head 23 cm high.
//! Proportions are those of a schoolbook portrait: eyes at half height, an eye's width between the eyes.

use glam::{Mat3, Vec2, Vec3};

use super::paint::{Ink, rgb};

/// A head as it is painted: where it is, and its colours.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) struct Head {
    /// From the shop's frame to the head's, scaled to a head 23 cm high.
    pub(in crate::synthetic) inverse: Mat3,
    /// The middle of the head, in the shop's frame.
    pub(in crate::synthetic) at: Vec3,
    pub(in crate::synthetic) skin: Ink,
    pub(in crate::synthetic) hair: Ink,
    pub(in crate::synthetic) iris: Ink,
    /// Whether there is hair on the head, and on the chin.
    pub(in crate::synthetic) bald: bool,
    pub(in crate::synthetic) beard: bool,
    /// How far the eyes are open, 0 to 1.
    pub(in crate::synthetic) open: f32,
}

/// Half the height of the head, in metres.
pub(in crate::synthetic) const HALF_HEIGHT: f32 = 0.115;

const EYE: Vec2 = Vec2::new(0.032, 0.006);
const BROW: Vec2 = Vec2::new(0.033, 0.029);
const MOUTH: f32 = -0.061;
const NOSTRIL: Vec2 = Vec2::new(0.009, -0.036);

/// A feature being laid over the skin.
struct Portrait {
    colour: Vec3,
    /// The side of a pixel, in metres: edges are this soft, so that what is finer than a pixel counts by its share.
    footprint: f32,
}

// === impl Head ===

impl Head {
    /// The colour at a point of the shop's frame.
    pub(super) fn colour(&self, point: Vec3, footprint: f32) -> Vec3 {
        let at = self.inverse * (point - self.at);
        let skin = rgb(self.skin);
        if !self.bald && at.z > hairline(at) {
            let strand = (at.x * 900.0 + at.y * 400.0 + (at.z * 300.0).sin()).sin() * 0.08;
            return rgb(self.hair) * (1.0 + strand);
        }
        if at.y < 0.02 {
            return skin;
        }
        let mut portrait = Portrait { colour: skin, footprint };
        let (x, place) = (at.x.abs(), Vec2::new(at.x.abs(), at.z));
        portrait.cheeks(place);
        if self.beard && at.z < -0.03 && at.z < -0.05 + 0.5 * (x - 0.02).max(0.0) {
            portrait.blend(rgb(self.hair), 0.75);
        }
        portrait.eyes(place, at.x, self.iris, self.open);
        portrait.brows(place, self.hair);
        portrait.nose(place);
        portrait.mouth(place);
        portrait.colour
    }
}

/// Above this height a head has hair: high over the forehead, low behind the ears.
fn hairline(at: Vec3) -> f32 {
    let share = ((at.y + 0.035) / 0.095).clamp(0.0, 1.0);
    let share = share * share * (3.0 - 2.0 * share);
    -0.085 + 0.157 * share - at.x * at.x * 2.0
}

// === impl Portrait ===

impl Portrait {
    fn blend(&mut self, ink: Vec3, share: f32) {
        self.colour = self.colour.lerp(ink, share.clamp(0.0, 1.0));
    }

    fn darken(&mut self, share: f32) {
        self.colour *= 1.0 - share;
    }

    /// How much of the pixel at `place` an ellipse covers.
    fn share(&self, place: Vec2, centre: Vec2, radii: Vec2) -> f32 {
        let off = (place - centre) / radii;
        let least = radii.min_element();
        let inside = (1.0 - off.length()) * least;
        let share = (inside / self.footprint + 0.5).clamp(0.0, 1.0);
        // What is thinner than a pixel never covers the whole of it.
        share * (2.0 * least / self.footprint).min(1.0)
    }

    /// 1 in the middle, falling off like a bell.
    fn glow(place: Vec2, centre: Vec2, radii: Vec2) -> f32 {
        (-((place - centre) / radii).length_squared()).exp()
    }

    fn cheeks(&mut self, place: Vec2) {
        let red = self.colour * Vec3::new(1.04, 0.86, 0.84);
        self.blend(red, 0.55 * Self::glow(place, Vec2::new(0.042, -0.03), Vec2::new(0.02, 0.018)));
        // Light falls on the forehead and the cheekbones; the hollows beside the mouth lie in shade.
        self.darken(-0.08 * Self::glow(place, Vec2::new(0.0, 0.05), Vec2::new(0.035, 0.02)));
        self.darken(0.16 * Self::glow(place, Vec2::new(0.03, -0.052), Vec2::new(0.012, 0.022)));
    }

    fn eyes(&mut self, place: Vec2, x: f32, iris: Ink, open: f32) {
        // The sockets lie in the shade of the brows.
        self.darken(0.36 * Self::glow(place, EYE + Vec2::new(-0.002, 0.006), Vec2::new(0.022, 0.0135)));
        let lids = Vec2::new(0.0155, 0.0075 * open.max(0.15));
        let white = self.share(place, EYE, lids);
        self.blend(Vec3::new(228.0, 224.0, 220.0), white);
        // Both look the same way, so the iris is not mirrored.
        let looked = Vec2::new(x.abs(), place.y);
        let seen = white.min(self.share(looked, EYE, Vec2::splat(0.0068)));
        self.blend(rgb(iris), seen);
        let pupil = white.min(self.share(looked, EYE, Vec2::splat(0.0032)));
        self.blend(Vec3::splat(14.0), pupil);
        // Lashes: a dark line along the upper lid.
        let lash = self.share(place, EYE + Vec2::new(0.0, lids.y * 0.95), Vec2::new(0.0165, 0.0024));
        self.blend(Vec3::new(34.0, 26.0, 24.0), lash * 0.9);
    }

    fn brows(&mut self, place: Vec2, hair: Ink) {
        // They rise outward.
        let tilted = place - Vec2::new(0.0, (place.x - BROW.x) * 0.16);
        let share = self.share(tilted, BROW, Vec2::new(0.0205, 0.0046));
        self.blend(rgb(hair) * 0.72, share * 0.92);
    }

    fn nose(&mut self, place: Vec2) {
        // A light ridge, shaded flanks, a shadow below, and nostrils.
        self.darken(-0.10 * Self::glow(place, Vec2::new(0.0, -0.008), Vec2::new(0.005, 0.028)));
        self.darken(0.20 * Self::glow(place, Vec2::new(0.0135, -0.012), Vec2::new(0.006, 0.024)));
        self.darken(0.32 * Self::glow(place, Vec2::new(0.0, -0.040), Vec2::new(0.017, 0.0065)));
        let nostril = self.share(place, NOSTRIL, Vec2::new(0.0052, 0.0034));
        self.blend(Vec3::new(58.0, 32.0, 28.0), nostril * 0.8);
    }

    fn mouth(&mut self, place: Vec2) {
        let lips = self.colour * Vec3::new(0.82, 0.54, 0.54);
        let upper = self.share(place, Vec2::new(0.0, MOUTH + 0.003), Vec2::new(0.0245, 0.0062));
        self.blend(lips * 0.9, upper);
        let lower = self.share(place, Vec2::new(0.0, MOUTH - 0.0045), Vec2::new(0.0205, 0.0068));
        self.blend(lips, lower);
        let line = self.share(place, Vec2::new(0.0, MOUTH), Vec2::new(0.0235, 0.0018));
        self.blend(Vec3::new(70.0, 28.0, 28.0), line * 0.9);
        self.darken(0.22 * Self::glow(place, Vec2::new(0.0, MOUTH - 0.0165), Vec2::new(0.018, 0.005)));
    }
}
