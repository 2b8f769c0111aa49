//! Boxes in the shop.

use serde::{Deserialize, Serialize};

use super::{LayoutError, Lens, Polygon, Pose};
use crate::Size;

/// A box in the shop's frame, with sides along its axes; metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceBox {
    /// Its least x, y and z.
    pub min: [f32; 3],
    /// Its greatest x, y and z; each above that of `min`.
    pub max: [f32; 3],
}

/// What lies nearer to the camera than this many metres is not seen sharply, and is cut off when a box is drawn on the picture.
const NEAR: f32 = 0.05;

/// The corners at both ends of each edge of a box, where bit 0 of a corner is x, bit 1 y and bit 2 z.
const EDGES: [(u8, u8); 12] =
    [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7)];

// === impl SpaceBox ===

impl SpaceBox {
    /// Whether a point lies within, or not farther than `margin` metres from it along any axis.
    pub fn contains(&self, point: [f32; 3], margin: f32) -> bool {
        (0..3).all(|i| (self.min[i] - margin..=self.max[i] + margin).contains(&point[i]))
    }

    /// The distance on the floor from a point to the box's footprint, in metres; 0 above or below it.
    pub fn floor_distance(&self, point: [f32; 2]) -> f32 {
        let beyond = |i: usize| (self.min[i] - point[i]).max(point[i] - self.max[i]).max(0.0);
        beyond(0).hypot(beyond(1))
    }

    /// What of the picture it covers; `None` when it is not seen.
    pub(super) fn outline(&self, lens: &Lens, pose: &Pose, size: Size) -> Option<Polygon> {
        let corner = |bits: u8| {
            let side = |i: usize| if bits >> i & 1 == 1 { self.max[i] } else { self.min[i] };
            pose.to_camera([side(0), side(1), side(2)])
        };
        // Each edge is cut off where it comes too near; what is left is within the convex hull of its ends.
        let mut seen = Vec::new();
        for (a, b) in EDGES.map(|(a, b)| (corner(a), corner(b))) {
            for (end, other) in [(a, b), (b, a)] {
                if end[2] >= NEAR {
                    seen.push(end);
                } else if other[2] >= NEAR {
                    let t = (NEAR - end[2]) / (other[2] - end[2]);
                    seen.push(std::array::from_fn(|i| end[i] + (other[i] - end[i]) * t));
                }
            }
        }
        let pixels = seen.into_iter().filter_map(|point| Some(lens.to_pixel(point)?.0)).collect();
        Polygon::around(pixels)?.clipped(size.width as f32, size.height as f32)
    }

    pub(super) fn checked(self, id: &str) -> Result<Self, LayoutError> {
        if !self.min.iter().chain(&self.max).all(|v| v.is_finite()) {
            return Err(LayoutError::NotFinite(id.to_owned()));
        }
        if (0..3).all(|i| self.min[i] < self.max[i]) { Ok(self) } else { Err(LayoutError::EmptyBox(id.to_owned())) }
    }
}
