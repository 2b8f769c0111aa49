//! What lies on the shelves.

use glam::{Mat3, Vec3};

use super::random::Random;
use super::render::{Ink, Paint, Solid};

/// One piece of merchandise: a number that it keeps wherever it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProductId(pub u16);

/// How a product looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    make: Make,
    /// Half its depth, width and height, in metres.
    pub(super) half: Vec3,
    ink: Ink,
    label: Ink,
}

#[derive(Debug, Clone, Copy)]
enum Make {
    Loaf,
    Carton,
    Jar,
    Bottle,
    Bag,
}

// === impl Product ===

impl Product {
    /// A product; those of one shelf board are alike in kind and differ in colour.
    pub(super) fn drawn(board: usize, random: &mut Random) -> Self {
        const BOARDS: [[Make; 2]; 3] = [[Make::Loaf, Make::Bag], [Make::Carton, Make::Loaf], [Make::Bottle, Make::Jar]];
        const CRUSTS: [Ink; 4] = [[176, 112, 54], [150, 88, 40], [196, 138, 76], [122, 74, 40]];
        const WRAPS: [Ink; 8] = [
            [186, 44, 42],
            [40, 96, 60],
            [38, 72, 138],
            [214, 168, 52],
            [120, 60, 118],
            [232, 226, 210],
            [58, 140, 150],
            [204, 104, 44],
        ];
        const LABELS: [Ink; 4] = [[240, 234, 214], [250, 248, 244], [236, 206, 120], [206, 224, 232]];
        let make = random.pick(&BOARDS[board % BOARDS.len()]);
        let half = match make {
            Make::Loaf => Vec3::new(0.055, 0.066, 0.05),
            Make::Carton => Vec3::new(0.036, 0.055, 0.09),
            Make::Jar => Vec3::new(0.044, 0.044, 0.06),
            Make::Bottle => Vec3::new(0.037, 0.037, 0.115),
            Make::Bag => Vec3::new(0.048, 0.066, 0.082),
        };
        let ink = if matches!(make, Make::Loaf) { random.pick(&CRUSTS) } else { random.pick(&WRAPS) };
        Self { make, half: half * random.between(0.94, 1.06), ink, label: random.pick(&LABELS) }
    }

    /// Its solids when its middle is `at` and `axes` turns it: x is its depth, y its width.
    pub(super) fn solids(&self, at: Vec3, axes: Mat3, mut put: impl FnMut(Solid)) {
        let label = Paint::Label { ink: self.ink, label: self.label };
        let half = self.half;
        match self.make {
            Make::Loaf => put(Solid::ball(at, axes, half, Paint::Crust(self.ink))),
            Make::Carton => put(Solid::cube(at, axes, half, label)),
            Make::Jar => {
                put(Solid::drum(at - axes.z_axis * 0.006, axes, half.x, half.z - 0.006, label));
                put(Solid::drum(
                    at + axes.z_axis * (half.z - 0.008),
                    axes,
                    half.x * 0.9,
                    0.008,
                    Paint::Plain([190, 170, 90]),
                ));
            }
            Make::Bottle => {
                let body = half.z * 0.66;
                put(Solid::drum(at - axes.z_axis * (half.z - body), axes, half.x, body, label));
                let shoulder = at + axes.z_axis * (2.0 * body - half.z - 0.008);
                put(Solid::limb(
                    (shoulder, half.x * 0.8),
                    (at + axes.z_axis * (half.z - 0.014), 0.014),
                    Paint::Plain(self.ink),
                ));
            }
            Make::Bag => {
                put(Solid::ball(at, axes, half, Paint::Bands { ink: self.ink, second: self.label, every: 0.7 }));
            }
        }
    }
}
