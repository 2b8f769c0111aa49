//! What surfaces look like.

use glam::Vec3;

use super::face::Head;

/// Red, green, blue, as a picture holds them.
pub(in crate::synthetic) type Ink = [u8; 3];

/// The look of a surface.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) enum Paint {
    /// One colour.
    Plain(Ink),
    /// Bands across the solid's z axis, each `every` of its own lengths wide.
    Bands {
        /// Every other band.
        ink: Ink,
        /// The bands between.
        second: Ink,
        /// Width of a band.
        every: f32,
    },
    /// A package: its colour with a label around the middle.
    Label {
        /// The package.
        ink: Ink,
        /// The label.
        label: Ink,
    },
    /// A crust: darker above, lighter at the sides, scored across.
    Crust(Ink),
    /// Floor tiles with joints, or a wall; `tile` is their side in metres.
    Tiles {
        /// The tiles.
        ink: Ink,
        /// Between them.
        joint: Ink,
        /// The side of a tile, in metres.
        tile: f32,
    },
    /// Boards with grain along the shop's y axis.
    Wood(Ink),
    /// Skin, face and hair.
    Head(Head),
}

/// Where most of the light comes from; of length 1. Ceiling lamps before the shelves.
const LIGHT: Vec3 = Vec3::new(0.348, -0.497, 0.795);

/// Shares of the light: from everywhere, more from above than from below, and from [`LIGHT`].
const AMBIENT: f32 = 0.62;
const SKY: f32 = 0.16;
const DIRECT: f32 = 0.38;

// === impl Paint ===

impl Paint {
    /// The colour at a point, given in the solid's frame and in the shop's; `footprint` is the side of a pixel there, in metres.
    pub(super) fn colour(&self, local: Vec3, point: Vec3, footprint: f32) -> Vec3 {
        match *self {
            Self::Plain(ink) => rgb(ink),
            Self::Bands { ink, second, every } => {
                let band = (local.z / every).rem_euclid(2.0);
                rgb(if band < 1.0 { ink } else { second })
            }
            Self::Label { ink, label } => {
                let on = local.z.abs() < 0.42;
                // A line of print.
                let print = on && (local.z - 0.05).abs() < 0.12 && (local.x * 9.0 + local.y * 7.0).sin() > 0.1;
                if print { rgb(ink) * 0.6 } else { rgb(if on { label } else { ink }) }
            }
            Self::Crust(ink) => {
                let score = if (local.x * 4.5).rem_euclid(1.6) < 0.22 && local.z > 0.2 { 1.22 } else { 1.0 };
                rgb(ink) * (1.08 - 0.22 * local.z.max(0.0)) * score
            }
            Self::Tiles { ink, joint, tile } => {
                let near = |v: f32| {
                    let off = (v / tile).rem_euclid(1.0);
                    off.min(1.0 - off) * tile
                };
                // Joints are 4 mm wide; further off they fade into the tiles.
                let edge = near(point.x).min(near(point.y + point.z));
                let share = (0.5 + (0.002 - edge) / footprint.max(0.001)).clamp(0.0, (0.004 / footprint).min(1.0));
                let cell = ((point.x / tile).floor() * 7.3 + (point.y / tile).floor() * 3.1).sin() * 0.025;
                (rgb(ink) * (1.0 + cell)).lerp(rgb(joint), share)
            }
            Self::Wood(ink) => {
                let grain = (point.x * 61.0 + (point.y * 2.3).sin() * 1.5 + point.z * 83.0).sin() * 0.05;
                rgb(ink) * (1.0 + grain)
            }
            Self::Head(head) => head.colour(point, footprint),
        }
    }
}

/// A colour under the shop's lamps. `normal` has length 1.
pub(super) fn lit(colour: Vec3, normal: Vec3) -> Vec3 {
    colour * (AMBIENT + SKY * normal.z + DIRECT * normal.dot(LIGHT).max(0.0))
}

pub(super) fn rgb([r, g, b]: Ink) -> Vec3 {
    Vec3::new(f32::from(r), f32::from(g), f32::from(b))
}
