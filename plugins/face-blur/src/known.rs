//! Faces that were found and have not changed since.
//!
//! What does not change is not searched again, and what was a face there is one still. Nor does a face that sits still cease to be one because the detector misses it once: it is answered
//! for as long as nothing changes there, up to [`REMEMBER_MS`]. What changed is answered only in the frames in which it was found: the host carries it on better, by its motion.

use sluis_detect::candidate::suppress;
use sluis_detect::{Area, Candidate, View};

use crate::answer::ONE_FACE;

/// How long a face is answered for without being found again, in milliseconds.
pub const REMEMBER_MS: u64 = 3_000;
/// The most that are remembered, the surest: more than can be answered.
const MOST: usize = 128;

/// The faces of one camera.
#[derive(Debug, Default)]
pub struct Known(Vec<(Candidate, u64)>);

// === impl Known ===

impl Known {
    /// The faces of a frame: those that were `found` in it by looking at `views`, and those of before where nothing `is_new`.
    pub fn update(
        &mut self,
        now_ms: u64,
        found: &[Candidate],
        views: &[View],
        is_new: impl Fn(Area) -> bool,
    ) -> Vec<Candidate> {
        let looked_at = |area: Area| {
            let (x, y) = area.centre();
            let shows = |part: Area| (part.left..part.right).contains(&x) && (part.top..part.bottom).contains(&y);
            views.iter().any(|view| shows(Area::from(view.part)))
        };
        let found = suppress(found.to_vec(), ONE_FACE, MOST);
        // What was found again is known anew.
        let again = |face: &Candidate| found.iter().any(|f| f.area.iou(face.area) > ONE_FACE);
        self.0.retain(|(face, found_ms)| {
            let changed = is_new(face.area);
            now_ms.saturating_sub(*found_ms) < REMEMBER_MS && !(changed && looked_at(face.area)) && !again(face)
        });
        let mut faces: Vec<Candidate> =
            self.0.iter().filter(|(face, _)| !is_new(face.area)).map(|(face, _)| *face).collect();
        faces.extend(&found);
        self.0.extend(found.into_iter().map(|face| (face, now_ms)));
        self.0.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        self.0.truncate(MOST);
        faces
    }
}

#[cfg(test)]
mod tests {
    use sluis_sdk::{Rect, Size};

    use super::*;

    const FACE: Candidate = Candidate { area: Area::new(100.0, 100.0, 20.0, 30.0), score: 0.7 };
    const THERE: View = View { part: Rect::new(50, 50, 192, 192), input: Size::new(192, 192) };

    #[test]
    fn a_face_that_does_not_change_is_told_until_it_is_forgotten() {
        let mut known = Known::default();
        assert_eq!(known.update(0, &[FACE], &[THERE], |_| true), [FACE]);
        assert_eq!(known.update(40, &[], &[], |_| false), [FACE]);
        // Looked at and missed: nothing has changed, so it is one still.
        assert_eq!(known.update(REMEMBER_MS - 1, &[], &[THERE], |_| false), [FACE]);
        assert_eq!(known.update(REMEMBER_MS, &[], &[], |_| false), []);
    }

    #[test]
    fn a_face_that_changes_is_the_hosts_to_carry_on_until_somebody_looks() {
        let mut known = Known::default();
        known.update(0, &[FACE], &[THERE], |_| true);
        assert_eq!(known.update(40, &[], &[], |_| true), []);
        // It was noise: as before.
        assert_eq!(known.update(80, &[], &[], |_| false), [FACE]);
        assert_eq!(known.update(120, &[], &[THERE], |_| true), []);
        assert_eq!(known.update(160, &[], &[], |_| false), []);
    }

    #[test]
    fn a_face_that_is_found_again_is_told_once() {
        let mut known = Known::default();
        known.update(0, &[FACE], &[THERE], |_| true);
        let moved = Candidate { area: Area::new(103.0, 100.0, 20.0, 30.0), ..FACE };
        assert_eq!(known.update(40, &[moved], &[THERE], |_| false), [moved]);
        assert_eq!(known.0.len(), 1);
    }
}
