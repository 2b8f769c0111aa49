use proptest::prelude::*;
use sluis_frame::{AgeClass, DurationClass, Rect, SexClass, SizeClass};

use super::*;

fn linker(demographics: bool) -> Linker {
    Linker::new(LinkSettings { screen: ScreenId::new("checkout-3").unwrap(), demographics })
}

/// Frame `n` of a camera with 10 frames a second.
fn at(n: i64) -> Timestamp {
    Timestamp::from_secs(1000) + Duration::from_millis(n as u64 * 100)
}

fn face(x: i32, attentive: bool) -> Face {
    let area = Rect::new(x, 80, 40, 48).snap_outward(8);
    Face { area, attentive, size: SizeClass::Medium, age: AgeClass::From60, sex: SexClass::Male }
}

/// Everything that is told of frames, each the faces that are in it.
fn visits(linker: &mut Linker, frames: impl IntoIterator<Item = Vec<Face>>) -> Vec<Visit> {
    let mut visits = Vec::new();
    for (n, faces) in (0..).zip(frames) {
        visits.extend(linker.observe(at(n), &faces));
    }
    visits.extend(linker.finish());
    visits
}

#[test]
fn one_person_looking_twice_is_one_person_with_two_glances() {
    let looks = |n: i64| (10..30).contains(&n) || (50..65).contains(&n);
    let visits = visits(&mut linker(false), (0..90).map(|n| vec![face(100, looks(n))]));
    assert_eq!(visits.len(), 1);
    let glances: Vec<_> = visits[0].glances().iter().map(|g| (g.start.as_secs(), g.length)).collect();
    assert_eq!(glances, [(1001, DurationClass::From1S), (1005, DurationClass::From1S)]);
    assert_eq!((visits[0].since().as_secs(), visits[0].stay()), (1000, DurationClass::From5S));
}

#[test]
fn who_never_turns_to_the_screen_was_present_and_did_not_look() {
    let visits = visits(&mut linker(false), (0..20).map(|_| vec![face(100, false)]));
    assert_eq!((visits.len(), visits[0].glances().len()), (1, 0));
}

#[test]
fn somebody_walking_across_is_one_person() {
    // 1.4 m/s at 0.17 m a face of 40 pixels: 33 pixels a frame.
    let visits = visits(&mut linker(false), (0..15).map(|n| vec![face(33 * n, true)]));
    assert_eq!(visits.len(), 1);
}

#[test]
fn two_who_pass_each_other_are_two() {
    let frames =
        (0..30).map(|n| vec![face(20 * n, true), Face { area: Rect::new(600 - 20 * n, 96, 40, 48), ..face(0, false) }]);
    let visits = visits(&mut linker(false), frames);
    assert_eq!(visits.len(), 2);
    // They met in the middle, and went on.
    assert_eq!(visits.iter().map(|v| v.glances().len()).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_turn_of_the_head_is_bridged_and_a_longer_absence_is_not() {
    let seen =
        |hidden: std::ops::Range<i64>| move |n: i64| if hidden.contains(&n) { vec![] } else { vec![face(100, true)] };
    assert_eq!(visits(&mut linker(false), (0..60).map(seen(20..38))).len(), 1);
    assert_eq!(visits(&mut linker(false), (0..60).map(seen(20..42))).len(), 2);
}

#[test]
fn a_flicker_of_the_detector_is_nobody() {
    assert_eq!(visits(&mut linker(false), (0..40).map(|n| if n < 2 { vec![face(100, true)] } else { vec![] })), []);
}

#[test]
fn nothing_about_the_person_is_kept_while_the_switch_is_off() {
    let frames = || (0..20).map(|_| vec![face(100, true)]);
    let off = &visits(&mut linker(false), frames())[0];
    assert_eq!((off.age(), off.sex()), (AgeClass::Unknown, SexClass::Undetermined));
    let on = &visits(&mut linker(true), frames())[0];
    assert_eq!((on.age(), on.sex()), (AgeClass::From60, SexClass::Male));
}

#[test]
fn a_person_of_whom_the_model_was_mostly_unsure_stays_unknown() {
    let unsure = Face { age: AgeClass::Unknown, sex: SexClass::Undetermined, ..face(100, true) };
    let frames = (0..20).map(|n| vec![if n % 2 == 0 { unsure } else { face(100, true) }]);
    let visit = &visits(&mut linker(true), frames)[0];
    assert_eq!((visit.age(), visit.sex()), (AgeClass::Unknown, SexClass::Undetermined));
}

#[test]
fn who_stays_for_hours_is_told_every_ten_minutes() {
    let mut linker = linker(false);
    let visits = visits(&mut linker, (0..15_000).map(|_| vec![face(100, false)]));
    assert_eq!(visits.len(), 3);
    assert!(visits.iter().all(|v| v.stay() == DurationClass::From120S));
}

#[test]
fn a_clock_that_is_set_back_does_no_harm() {
    let mut linker = linker(false);
    for n in (0..20).chain(5..40) {
        assert_eq!(linker.observe(at(n), &[face(100, true)]), []);
    }
    assert_eq!(linker.finish().len(), 1);
}

proptest! {
    #[test]
    fn whatever_the_meter_answers_nobody_is_counted_twice_and_memory_is_bounded(
        frames in prop::collection::vec(prop::collection::vec((0i32..600, 0i32..400, 8u32..200, any::<bool>()), 0..8), 1..60)
    ) {
        let mut linker = linker(true);
        let sightings: usize = frames.iter().map(Vec::len).sum();
        let mut visits = 0;
        for (n, faces) in (0..).zip(frames) {
            let faces: Vec<Face> = faces.into_iter().map(|(x, y, side, attentive)| Face { area: Rect::new(x, y, side, side), ..face(0, attentive) }).collect();
            visits += linker.observe(at(n), &faces).len();
            prop_assert!(linker.present() <= MOST);
        }
        visits += linker.finish().len();
        // Every visit took three sightings, and no sighting belongs to two.
        prop_assert!(visits * 3 <= sightings);
        prop_assert_eq!(linker.present(), 0);
    }
}
