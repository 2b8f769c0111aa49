//! How a small part of the picture looks.

/// Colour of a cell: luma and two chromas, BT.601, each about 0 to 255, after the light of the moment is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// Luma.
    pub y: f32,
    /// Blue less luma, about 128.
    pub cb: f32,
    /// Red less luma, about 128.
    pub cr: f32,
}

/// So many steps of luma are a difference: noise and compression of shop cameras stay below, averaged over a cell.
const LUMA: f32 = 14.0;
/// So many steps of chroma are one: chroma is coded coarser, but moves less with the light.
const CHROMA: f32 = 8.0;

// === impl Look ===

impl Look {
    /// From red, green and blue, 0 to 255.
    pub fn of([r, g, b]: [f32; 3]) -> Self {
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        Self { y, cb: 128.0 + 0.564 * (b - y), cr: 128.0 + 0.713 * (r - y) }
    }

    /// How different two looks are: 1 is where two things are told apart.
    pub fn distance(self, other: Self) -> f32 {
        let (y, cb, cr) = ((self.y - other.y) / LUMA, (self.cb - other.cb) / CHROMA, (self.cr - other.cr) / CHROMA);
        (y * y + cb * cb + cr * cr).sqrt()
    }

    /// Whether this may be `bare` in a soft shadow: somewhat darker, of the same colour.
    pub fn shadows(self, bare: Self) -> bool {
        let share = self.y / bare.y.max(1.0);
        // Chroma shrinks with luma about its middle.
        let chroma = |now: f32, then: f32| (now - 128.0 - (then - 128.0) * share).abs() < CHROMA * 0.6;
        (0.72..0.98).contains(&share) && chroma(self.cb, bare.cb) && chroma(self.cr, bare.cr)
    }

    /// Moved towards another look by a share of the way.
    pub fn towards(self, other: Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self { y: mix(self.y, other.y), cb: mix(self.cb, other.cb), cr: mix(self.cr, other.cr) }
    }

    /// One of [`Self::SORTS`] sorts of colour, for counting.
    pub fn sort(self) -> usize {
        let step = |v: f32, width: f32, count: usize| ((v.max(0.0) / width) as usize).min(count - 1);
        // Chroma of things is within 64 of its middle.
        let (cb, cr) = (step(self.cb - 72.0, 16.0, 7), step(self.cr - 72.0, 16.0, 7));
        (step(self.y, 43.0, 6) * 7 + cb) * 7 + cr
    }

    /// How many sorts there are.
    pub const SORTS: usize = 6 * 7 * 7;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_is_darker_and_of_the_same_colour() {
        let wall = Look::of([180.0, 160.0, 140.0]);
        assert!(Look::of([153.0, 136.0, 119.0]).shadows(wall));
        assert!(!Look::of([153.0, 110.0, 100.0]).shadows(wall), "skin");
        assert!(!Look::of([60.0, 53.0, 47.0]).shadows(wall), "a dark sleeve");
        assert!(!wall.shadows(wall));
    }

    #[test]
    fn every_colour_is_of_a_sort() {
        for rgb in [[0.0; 3], [255.0; 3], [255.0, 0.0, 0.0], [0.0, 0.0, 255.0]] {
            assert!(Look::of(rgb).sort() < Look::SORTS);
        }
    }
}
