//! Matches what was told with what happened, and counts.
//!
//! - A told event and a true one match when type and zone are the same and their temporal intersection over union is at least [`OVERLAP`]. Each matches at most once,
//!   in the way that gives the most matches.
//! - A told event that only matches an uncertain label is set aside; an uncertain label that nobody told is no miss.
//! - A told event, not matched, that lies for more than half of its time in an ignored span of its zone is set aside.
//! - An event that goes on outside the clip is scored by the part within.

use std::collections::BTreeMap;

use sluis_frame::Gesture;

use crate::scene::{Scene, Told, Truth};
use crate::tally::Tally;

/// The least temporal intersection over union of a match.
pub const OVERLAP: f64 = 0.3;

/// More than this share of an event within an ignored span, and it is not scored.
const WITHIN: f64 = 0.5;

/// Counts for each type of event.
pub type Scores = BTreeMap<Gesture, Tally>;

/// Counts for each of the `gestures`; other types are not looked at.
pub fn score(scene: &Scene, told: &[Told], gestures: &[Gesture]) -> Scores {
    gestures.iter().map(|gesture| (*gesture, tally(scene, told, *gesture))).collect()
}

fn tally(scene: &Scene, told: &[Told], gesture: Gesture) -> Tally {
    let told: Vec<&Told> = told.iter().filter(|t| t.gesture == gesture).collect();
    let truths = |certain: bool| -> Vec<&Truth> {
        scene.truths.iter().filter(|t| t.gesture == gesture && t.certain == certain).collect()
    };
    let certain = truths(true);
    let matched = most_matches(&certain, &told);
    let hits = matched.iter().flatten().count();
    let left: Vec<&Told> = told.iter().zip(&matched).filter(|(_, hit)| hit.is_none()).map(|(told, _)| *told).collect();
    let unsure = most_matches(&truths(false), &left);
    let set_aside = left.iter().zip(&unsure).filter(|(told, unsure)| unsure.is_some() || ignored(scene, told)).count();
    Tally {
        hits: hits as u32,
        misses: (certain.len() - hits) as u32,
        false_alarms: (left.len() - set_aside) as u32,
        set_aside: set_aside as u32,
    }
}

fn ignored(scene: &Scene, told: &Told) -> bool {
    let there = scene.ignored.iter().filter(|i| told.zone.as_ref() == Some(&i.zone));
    there.map(|i| i.span.overlap(told.span)).fold(0.0, f64::max) > WITHIN * told.span.length()
}

/// For each told event the index of its true one, with as many matches as there can be: augmenting paths (Kuhn 1955), better overlaps tried first.
fn most_matches(truths: &[&Truth], told: &[&Told]) -> Vec<Option<usize>> {
    let candidates: Vec<Vec<usize>> = truths
        .iter()
        .map(|truth| {
            let overlap = |i: &usize| truth.span.iou(told[*i].span);
            let fits = |i: &usize| told[*i].zone == truth.zone && overlap(i) >= OVERLAP;
            let mut fitting: Vec<usize> = (0..told.len()).filter(fits).collect();
            fitting.sort_by(|a, b| overlap(b).total_cmp(&overlap(a)));
            fitting
        })
        .collect();
    let mut taken: Vec<Option<usize>> = vec![None; told.len()];
    for truth in 0..truths.len() {
        augment(truth, &candidates, &mut taken, &mut vec![false; told.len()]);
    }
    taken
}

fn augment(truth: usize, candidates: &[Vec<usize>], taken: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for &told in &candidates[truth] {
        if std::mem::replace(&mut tried[told], true) {
            continue;
        }
        let free = match taken[told] {
            None => true,
            Some(other) => augment(other, candidates, taken, tried),
        };
        if free {
            taken[told] = Some(truth);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scene::{Ignored, Span};

    const ZONE: &str = "shelf-1";

    fn truth(start: f64, end: f64, certain: bool) -> Truth {
        Truth { gesture: Gesture::Reach, zone: Some(ZONE.into()), span: Span::new(start, end), certain }
    }

    fn told(start: f64, end: f64) -> Told {
        Told { gesture: Gesture::Reach, zone: Some(ZONE.into()), span: Span::new(start, end) }
    }

    fn reach(truths: &[Truth], told: &[Told]) -> Tally {
        let scene = Scene { truths: truths.to_vec(), ignored: Vec::new() };
        score(&scene, told, &[Gesture::Reach])[&Gesture::Reach]
    }

    fn counts(tally: Tally) -> [u32; 4] {
        [tally.hits, tally.misses, tally.false_alarms, tally.set_aside]
    }

    #[test]
    fn three_tenths_of_overlap_match_and_less_does_not() {
        assert_eq!(counts(reach(&[truth(0.0, 10.0, true)], &[told(0.0, 3.0)])), [1, 0, 0, 0]);
        assert_eq!(counts(reach(&[truth(0.0, 10.0, true)], &[told(0.0, 2.9)])), [0, 1, 1, 0]);
    }

    #[test]
    fn one_true_event_told_twice_is_a_hit_and_a_false_alarm() {
        assert_eq!(counts(reach(&[truth(0.0, 10.0, true)], &[told(0.0, 5.0), told(5.0, 10.0)])), [1, 0, 1, 0]);
    }

    #[test]
    fn another_type_or_another_zone_does_not_match() {
        let elsewhere = Told { zone: Some("shelf-2".into()), ..told(0.0, 1.0) };
        assert_eq!(counts(reach(&[truth(0.0, 1.0, true)], &[elsewhere])), [0, 1, 1, 0]);
        let take = Told { gesture: Gesture::Take, ..told(0.0, 1.0) };
        assert_eq!(counts(reach(&[truth(0.0, 1.0, true)], &[take])), [0, 1, 0, 0]);
    }

    #[test]
    fn a_match_gives_way_when_both_can_be_matched() {
        // The first label fits both told events, and the nearer one best; the second fits only that.
        let truths = [truth(0.0, 10.0, true), truth(6.0, 10.0, true)];
        assert_eq!(counts(reach(&truths, &[told(2.0, 10.0), told(0.0, 4.0)])), [2, 0, 0, 0]);
    }

    #[test]
    fn an_uncertain_label_counts_neither_way() {
        assert_eq!(counts(reach(&[truth(0.0, 1.0, false)], &[])), [0, 0, 0, 0]);
        assert_eq!(counts(reach(&[truth(0.0, 1.0, false)], &[told(0.0, 1.0)])), [0, 0, 0, 1]);
        assert_eq!(counts(reach(&[truth(0.0, 1.0, false)], &[told(5.0, 6.0)])), [0, 0, 1, 0]);
    }

    #[test]
    fn a_certain_label_is_matched_before_an_uncertain_one() {
        let truths = [truth(0.0, 1.0, false), truth(0.2, 1.0, true)];
        assert_eq!(counts(reach(&truths, &[told(0.0, 1.0)])), [1, 0, 0, 0]);
    }

    #[test]
    fn in_an_ignored_span_nothing_is_a_false_alarm_but_a_hit_is_a_hit() {
        let ignored = vec![Ignored { zone: ZONE.into(), span: Span::new(0.0, 10.0) }];
        let scene = Scene { truths: vec![truth(8.0, 9.0, true)], ignored };
        let told = [told(1.0, 2.0), told(8.0, 9.0), told(9.8, 12.0)];
        assert_eq!(counts(score(&scene, &told, &[Gesture::Reach])[&Gesture::Reach]), [1, 0, 1, 1]);
    }

    prop_compose! {
        fn span()(start in 0u32..30, length in 1u32..10) -> (f64, f64) {
            (f64::from(start), f64::from(start + length))
        }
    }

    proptest! {
        #[test]
        fn everything_is_counted_once(
            truths in prop::collection::vec((span(), any::<bool>()), 0..8),
            spans in prop::collection::vec(span(), 0..8),
        ) {
            let truths: Vec<Truth> = truths.iter().map(|((s, e), certain)| truth(*s, *e, *certain)).collect();
            let events: Vec<Told> = spans.iter().map(|(s, e)| told(*s, *e)).collect();
            let tally = reach(&truths, &events);
            prop_assert_eq!(tally.events() as usize, truths.iter().filter(|t| t.certain).count());
            prop_assert_eq!((tally.told() + tally.set_aside) as usize, events.len());
        }

        #[test]
        fn whoever_tells_the_truth_has_no_fault(truths in prop::collection::vec(span(), 0..8)) {
            let events: Vec<Told> = truths.iter().map(|(s, e)| told(*s, *e)).collect();
            let truths: Vec<Truth> = truths.iter().map(|(s, e)| truth(*s, *e, true)).collect();
            prop_assert_eq!(counts(reach(&truths, &events)), [truths.len() as u32, 0, 0, 0]);
        }
    }
}
