//! What a camera makes of light and distance: the faults of colour and of depth.

mod colour;
mod depth;

pub(super) use colour::Colour;
pub(super) use depth::Stereo;

use super::random::Random;

/// Normally distributed numbers, drawn beforehand: a picture needs a million of them.
#[derive(Debug)]
struct Normals(Box<[f32; NORMALS]>);

/// How many; a power of two, so that any bits choose one.
const NORMALS: usize = 1 << 13;

// === impl Normals ===

impl Normals {
    fn new() -> Self {
        let mut random = Random::new(0x6e6f_6973_6500);
        let mut drawn = Box::new([0.0; NORMALS]);
        drawn.fill_with(|| random.normal());
        Self(drawn)
    }

    /// The number that these bits choose.
    #[inline]
    fn at(&self, bits: u64) -> f32 {
        self.0[bits as usize % NORMALS]
    }
}
