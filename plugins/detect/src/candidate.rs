//! What a detector proposes, and how several proposals for one face become one.

use crate::area::Area;

/// A face that a detector proposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Where, in the pixels of whatever picture the detector looked at.
    pub area: Area,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
}

// === impl Candidate ===

impl Candidate {
    /// The score as the contract wants it, 0 to 100.
    pub fn percent(&self) -> u8 {
        (self.score.clamp(0.0, 1.0) * 100.0).round() as u8
    }
}

/// Greedy non-maximum suppression: keeps the best candidate, drops those that overlap a kept one by more than `overlap` (intersection over union,
/// 0 to 1), and so on. Answers at most `most`, best first. Candidates with areas or scores that are no numbers are dropped.
pub fn suppress(candidates: Vec<Candidate>, overlap: f32, most: usize) -> Vec<Candidate> {
    suppress_by(candidates, |candidate| *candidate, overlap, most)
}

/// As [`suppress`], for things that come with more than a candidate.
pub fn suppress_by<T>(mut all: Vec<T>, candidate: impl Fn(&T) -> Candidate, overlap: f32, most: usize) -> Vec<T> {
    all.retain(|t| candidate(t).area.is_sane() && candidate(t).score.is_finite());
    all.sort_by(|a, b| candidate(b).score.total_cmp(&candidate(a).score));
    let mut kept: Vec<T> = Vec::new();
    for t in all {
        if kept.len() == most {
            break;
        }
        if kept.iter().all(|k| candidate(k).area.iou(candidate(&t).area) <= overlap) {
            kept.push(t);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_candidate() -> impl Strategy<Value = Candidate> {
        (-50.0f32..50.0, -50.0f32..50.0, -5.0f32..40.0, -5.0f32..40.0, 0.0f32..1.0)
            .prop_map(|(x, y, w, h, score)| Candidate { area: Area::new(x, y, w, h), score })
    }

    proptest! {
        #[test]
        fn whatever_is_dropped_overlaps_something_better_that_is_kept(all in prop::collection::vec(any_candidate(), 0..40)) {
            let kept = suppress(all.clone(), 0.3, usize::MAX);
            for (i, a) in kept.iter().enumerate() {
                prop_assert!(kept[..i].iter().all(|b| b.score >= a.score && a.area.iou(b.area) <= 0.3));
            }
            for lost in all.iter().filter(|c| c.area.is_sane() && !kept.contains(c)) {
                prop_assert!(kept.iter().any(|k| k.score >= lost.score && k.area.iou(lost.area) > 0.3));
            }
        }
    }

    #[test]
    fn a_bounded_answer_keeps_the_best() {
        let at = |x: f32, score| Candidate { area: Area::new(x, 0.0, 5.0, 5.0), score };
        let kept = suppress(vec![at(0.0, 0.3), at(10.0, 0.9), at(20.0, f32::NAN), at(30.0, 0.6)], 0.3, 2);
        assert_eq!(kept.iter().map(Candidate::percent).collect::<Vec<_>>(), [90, 60]);
    }
}
