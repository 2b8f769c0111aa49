//! What a camera makes of light and distance: the faults of colour and of depth.

mod colour;
mod depth;

pub(super) use colour::Colour;
pub(super) use depth::Stereo;

use super::random::Random;

/// Normally distributed numbers, drawn beforehand: a picture needs a million of them.
#[derive(Debug)]
struct Normals(Vec<f32>);

/// How many; a power of two, so that any bits choose one.
const NORMALS: usize = 1 << 13;

// === impl Normals ===

impl Normals {
    fn new() -> Self {
        let mut random = Random::new(0x6e6f_6973_6500);
        Self((0..NORMALS).map(|_| random.normal()).collect())
    }

    /// The number that these bits choose.
    #[inline]
    fn at(&self, bits: u64) -> f32 {
        self.0[bits as usize % NORMALS]
    }
}
