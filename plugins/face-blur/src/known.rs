//! Faces that were found and are still there.
//!
//! What does not change is not searched again, and what was a face there is one still. Nor does somebody who sits still cease to have a face because the detector misses it once, or because she
//! looks down: as long as the place of a face looks mostly as it did when it was found, it is answered. Whoever goes takes the picture of the face along; then the host carries the mask on, by
//! its motion.

use sluis_detect::Candidate;
use sluis_detect::candidate::suppress;
use sluis_detect::plane::Plane;

use crate::answer::ONE_FACE;

/// How long a face that was found once is answered for, in milliseconds.
pub const ONCE_MS: u64 = 3_000;
/// As [`ONCE_MS`], for a face that was found more than once.
pub const OFTEN_MS: u64 = 30_000;
/// Sights of one face count apart when they are so many milliseconds apart.
const APART_MS: u64 = 50;
/// A face is still there when at least this share of its cells look as they did.
const STILL_THERE: f32 = 0.75;
/// Who has not been there for so many milliseconds has gone, and does not come back.
const GONE_MS: u64 = 2_000;
/// The most that are remembered, those that were found last.
const MOST: usize = 128;

/// The faces of one camera.
#[derive(Debug, Default)]
pub struct Known(Vec<Face>);

#[derive(Debug)]
struct Face {
    found: Candidate,
    found_ms: u64,
    /// When it was last there.
    there_ms: u64,
    /// How often it was found, a little apart.
    times: u32,
    /// Its cells, as they looked when it was found.
    cells: Vec<(usize, u8)>,
}

// === impl Known ===

impl Known {
    /// The faces of the frame that looks like `plane`: those that were `found` in it, the surest first, and then those of before that are still there, the latest first.
    pub fn update(&mut self, now_ms: u64, found: &[Candidate], plane: &Plane) -> Vec<Candidate> {
        for face in &mut self.0 {
            if plane.alike(&face.cells) >= STILL_THERE {
                face.there_ms = now_ms;
            }
        }
        self.0.retain(|face| face.is_remembered(now_ms));
        let found = suppress(found.to_vec(), ONE_FACE, usize::MAX);
        for candidate in found.iter().rev() {
            let same = |face: &Face| face.found.area.iou(candidate.area) > ONE_FACE;
            let before = self.0.iter().position(same).map(|at| self.0.remove(at));
            let times =
                before.map_or(0, |b| if now_ms.saturating_sub(b.found_ms) < APART_MS { b.times - 1 } else { b.times });
            let cells = plane.cells(candidate.area);
            self.0.insert(0, Face { found: *candidate, found_ms: now_ms, there_ms: now_ms, times: times + 1, cells });
        }
        let there = self.0.iter().filter(|face| face.there_ms == now_ms).map(|face| face.found).collect();
        self.0.truncate(MOST);
        there
    }
}

// === impl Face ===

impl Face {
    fn is_remembered(&self, now_ms: u64) -> bool {
        let lately = now_ms.saturating_sub(self.there_ms) < GONE_MS;
        lately && now_ms.saturating_sub(self.found_ms) < if self.times > 1 { OFTEN_MS } else { ONCE_MS }
    }
}

#[cfg(test)]
mod tests {
    use sluis_detect::Area;
    use sluis_detect::plane::Grid;
    use sluis_sdk::Size;

    use super::*;

    const FACE: Candidate = Candidate { area: Area::new(100.0, 100.0, 20.0, 30.0), score: 0.7 };

    /// A grey place with something bright on it.
    fn plane(bright: &[Area]) -> Plane {
        let grid = Grid::of(Size::new(640, 480));
        let mut luma = vec![100; grid.len()];
        bright.iter().flat_map(|area| grid.touched(*area)).for_each(|cell| luma[cell] = 180);
        Plane::new(grid, luma).unwrap()
    }

    #[test]
    fn a_face_that_stays_is_told_until_it_is_forgotten() {
        let mut known = Known::default();
        assert_eq!(known.update(0, &[FACE], &plane(&[FACE.area])), [FACE]);
        assert_eq!(known.update(40, &[], &plane(&[FACE.area])), [FACE]);
        assert_eq!(known.update(ONCE_MS - 1, &[], &plane(&[FACE.area])), [FACE]);
        assert_eq!(known.update(ONCE_MS, &[], &plane(&[FACE.area])), []);
    }

    #[test]
    fn a_face_that_was_found_again_is_told_for_longer_and_once() {
        let mut known = Known::default();
        known.update(0, &[FACE], &plane(&[FACE.area]));
        let moved = Candidate { area: Area::new(103.0, 100.0, 20.0, 30.0), ..FACE };
        assert_eq!(known.update(100, &[moved], &plane(&[FACE.area])), [moved]);
        assert_eq!(known.update(OFTEN_MS, &[], &plane(&[FACE.area])), [moved]);
        assert_eq!(known.update(OFTEN_MS + 100, &[], &plane(&[FACE.area])), []);
    }

    #[test]
    fn however_many_have_gone_whoever_is_found_is_told() {
        let mut known = Known::default();
        let at = |i: u64| Candidate {
            area: Area::new((i * 13 % 600) as f32, (i * 29 % 440) as f32, 20.0, 30.0),
            score: 0.9,
        };
        for i in 0..500 {
            known.update(i * 10, &[at(i)], &plane(&[at(i).area]));
            assert!(known.0.len() <= MOST);
        }
        let faint = Candidate { score: 0.2, ..FACE };
        assert_eq!(known.update(5_000, &[faint], &plane(&[faint.area]))[0], faint);
    }

    #[test]
    fn found_twice_in_one_frame_is_once() {
        let mut known = Known::default();
        known.update(0, &[FACE, FACE], &plane(&[FACE.area]));
        known.update(0, &[FACE], &plane(&[FACE.area]));
        assert_eq!(known.update(ONCE_MS, &[], &plane(&[FACE.area])), []);
    }

    #[test]
    fn who_goes_takes_the_face_along_and_who_looks_down_does_not() {
        let mut known = Known::default();
        known.update(0, &[FACE], &plane(&[FACE.area]));
        assert_eq!(known.update(40, &[], &plane(&[])), []);
        // It was a hand before it: as before.
        let lower = Area { top: 107.0, ..FACE.area };
        assert_eq!(known.update(80, &[], &plane(&[lower])), [FACE]);
    }
}
