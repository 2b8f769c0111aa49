//! What the guard and the judge promise, whatever floor, filter, audit and clock do.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use sluis_frame::{
    Cleared, Coverage, Doors, Fate, Fault, Finding, Frame, Person, Picture, Rect, Rgb, Size, Style, Verdict,
};
use sluis_guard::delay::Bounds;
use sluis_guard::{
    Decision, Detection, Fates, Found, Guard, GuardSettings, Judge, Leaving, Mode, Sight, SteppedUp, Why,
};

#[allow(unreachable_pub, dead_code, reason = "shared by several crates of tests, each of which uses a part")]
mod scene;
use scene::raw;

const SIZE: Size = Size::new(64, 48);
const EXTEND: Duration = Duration::from_millis(500);
const FILL: Style = Style::Fill(Rgb(255, 0, 255));

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let doors = Doors::mint().expect("minted once in this process");
    Judge::new(doors.audit, doors.blank)
});

/// What the audit of a frame will say: the first and the second time.
#[derive(Debug, Clone, Copy)]
enum Audit {
    Passes,
    FindsOnce,
    FindsTwice,
    Fails,
    FailsAfterFinding,
}

#[derive(Debug, Clone)]
struct Step {
    /// Milliseconds since the frame before; negative when somebody sets the clock back.
    later: i64,
    found: Option<Vec<Rect>>,
    heads: Vec<Rect>,
    upheaval: bool,
    audit: Audit,
}

fn any_rect() -> impl Strategy<Value = Rect> {
    (-20i32..70, -20i32..60, 1u32..30, 1u32..30).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
}

fn any_step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![8 => 20i64..300, 1 => Just(3_000), 1 => Just(0), 1 => Just(-5_000)];
    let found = prop_oneof![5 => prop::collection::vec(any_rect(), 0..4).prop_map(Some), 1 => Just(None)];
    let audit = prop_oneof![
        6 => Just(Audit::Passes),
        1 => Just(Audit::FindsOnce),
        1 => Just(Audit::FindsTwice),
        1 => Just(Audit::Fails),
        1 => Just(Audit::FailsAfterFinding),
    ];
    (later, found, prop::collection::vec(any_rect(), 0..3), prop::bool::weighted(0.1), audit)
        .prop_map(|(later, found, heads, upheaval, audit)| Step { later, found, heads, upheaval, audit })
}

fn any_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Heads), Just(Mode::Persons), Just(Mode::EverythingThatMoves)]
}

fn picture() -> Picture {
    Picture::plain(SIZE, Rgb(90, 90, 90)).expect("a small picture")
}

fn found(areas: &[Rect]) -> Found {
    Found::Detections(areas.iter().map(|area| Detection { area: *area, head_like: true }).collect())
}

/// For each frame of four seconds whether all of an area is masked that the filter, or the floor, saw on some of them.
fn masked(area: Rect, rate: u32, seen: std::ops::RangeInclusive<u32>, floor: bool) -> Vec<bool> {
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, SIZE)).expect("the ordinary settings");
    let mut masked = Vec::new();
    let mut note =
        |leaving: Leaving| masked.push(Coverage::of(&leaving.masks(Mode::Heads), SIZE).share_of(area) == 1.0);
    for number in 0..rate * 4 {
        let here: &[Rect] = if seen.contains(&number) { &[area] } else { &[] };
        let (named, own) = if floor { (&[][..], here) } else { (here, &[][..]) };
        let at = Duration::from_secs(1) / rate * number;
        guard.enter(raw(u64::from(number), at, picture()), sight(own, false), found(named));
        while let Some(leaving) = guard.leave() {
            note(leaving);
        }
    }
    while let Some(leaving) = guard.flush() {
        note(leaving);
    }
    masked
}

fn sight(heads: &[Rect], upheaval: bool) -> Sight {
    let people = heads.iter().map(|head| Person { body: head.grow(2.0), head: *head }).collect();
    Sight { people, limbs: Vec::new(), moving: heads.to_vec(), upheaval, camera_moves: false }
}

fn verdict(findings: Vec<Finding>) -> Verdict {
    Verdict { worst_score: findings.first().map_or(0, |f| f.score), findings, independent: true }
}

fn judge(leaving: Leaving, audit: Audit) -> Decision<&'static str> {
    let mut calls = 0;
    JUDGE.decide(leaving, FILL, |_| {
        calls += 1;
        let finding = Finding { area: Rect::new(10, 10, 6, 6), fault: Fault::Face, score: 80 };
        match (audit, calls) {
            (Audit::Passes, _) | (Audit::FindsOnce, 2) => Ok(verdict(vec![])),
            (Audit::FindsOnce, 1) | (Audit::FindsTwice, 1 | 2) | (Audit::FailsAfterFinding, 1) => {
                Ok(verdict(vec![finding]))
            }
            (Audit::Fails, 1) | (Audit::FailsAfterFinding, 2) => Err("the auditor trapped"),
            _ => unreachable!("the audit was called {calls} times"),
        }
    })
}

/// Whether every pixel of the area that is in the picture is destroyed: filled, or blank.
fn is_gone(frame: &Frame<Cleared>, area: Rect) -> bool {
    frame.fate() == Fate::Blanked || Coverage::of(frame.masks(), frame.size()).share_of(area) == 1.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_frame_leaves_once_in_order_and_what_was_named_in_it_is_gone(
        steps in prop::collection::vec(any_step(), 1..40),
        mode in any_mode(),
        most in prop_oneof![Just(256usize), Just(3)],
    ) {
        let bounds = Bounds { frames: most, ..Bounds::default() };
        let mut guard = Guard::new(GuardSettings { bounds, ..GuardSettings::new(mode, SIZE) }).unwrap();
        let mut fates = Fates::default();
        let mut decisions = Vec::new();
        let mut clock = 100_000i64;
        for (number, step) in steps.iter().enumerate() {
            clock += step.later;
            let frame = raw(number as u64, Duration::from_millis(clock as u64), picture());
            fates.enter();
            let answer = step.found.as_deref().map_or(Found::FilterFailed, found);
            guard.enter(frame, sight(&step.heads, step.upheaval), answer);
            while let Some(leaving) = guard.leave() {
                decisions.push(judge(leaving, steps[decisions.len()].audit));
            }
            prop_assert!(guard.in_flight() <= most);
            prop_assert_eq!(guard.bytes_held(), guard.in_flight() * SIZE.pixels() * 3);
        }
        while let Some(leaving) = guard.flush() {
            decisions.push(judge(leaving, steps[decisions.len()].audit));
        }
        prop_assert_eq!(guard.in_flight(), 0);
        prop_assert_eq!(decisions.len(), steps.len());
        for (number, (decision, step)) in decisions.iter().zip(&steps).enumerate() {
            let frame = &decision.frame;
            fates.end(frame.fate());
            prop_assert_eq!(frame.header().number.0, number as u64);
            prop_assert!(decision.mode >= mode);
            prop_assert_eq!(decision.why.is_none(), frame.fate() == Fate::Recorded);
            for area in step.found.iter().flatten() {
                prop_assert!(is_gone(frame, area.grow(1.3)), "frame {}: {} is bare", number, area);
            }
            for head in &step.heads {
                prop_assert!(is_gone(frame, *head), "frame {}: the floor's {} is bare", number, head);
            }
            if step.found.is_none() || step.upheaval {
                prop_assert!(decision.mode > mode || mode == Mode::EverythingThatMoves);
            }
            if step.found.is_none() {
                prop_assert!(frame.fate() != Fate::Recorded);
            }
        }
        prop_assert!(fates.add_up(), "{:?}", fates);
    }

    #[test]
    fn a_single_detection_and_what_the_floor_saw_twice_is_masked_half_a_second_both_ways(
        area in any_rect(),
        rate in 5u32..40,
        floor in any::<bool>(),
    ) {
        let at = |number: u32| Duration::from_secs(1) / rate * number;
        let last = if floor { rate * 2 + 1 } else { rate * 2 };
        let seen = rate * 2..=last;
        let masked = masked(area, rate, seen.clone(), floor);
        if area.clip(SIZE).is_some() {
            for (number, masked) in masked.iter().enumerate() {
                let away = seen.clone().map(|seen| at(seen).abs_diff(at(number as u32))).min().unwrap();
                prop_assert_eq!(*masked, away <= EXTEND, "{:?} away", away);
            }
        }
    }

    #[test]
    fn what_the_floor_saw_once_is_masked_there_and_nowhere_else(area in any_rect(), rate in 5u32..40) {
        let masked = masked(area, rate, rate * 2..=rate * 2, true);
        if area.clip(SIZE).is_some() {
            for (number, masked) in masked.iter().enumerate() {
                prop_assert_eq!(*masked, number as u32 == rate * 2);
            }
        }
    }

    #[test]
    fn a_face_that_sat_still_is_masked_for_seconds_after_it_was_found_last(area in any_rect(), rate in 5u32..40) {
        let masked = masked(area, rate, rate..=rate * 2, false);
        if area.clip(SIZE).is_some() {
            prop_assert!(masked[rate as usize..].iter().all(|masked| *masked));
        }
    }

    #[test]
    fn who_is_seen_in_the_first_second_was_there_from_the_first_frame(area in any_rect(), rate in 5u32..40) {
        let masked = masked(area, rate, rate * 9 / 10..=rate * 9 / 10, false);
        if area.clip(SIZE).is_some() {
            prop_assert!(masked[..(rate * 9 / 10) as usize].iter().all(|masked| *masked));
        }
    }

    #[test]
    fn what_the_audit_found_in_one_frame_is_masked_in_those_after_it(area in any_rect(), at in 0u64..10) {
        let mut guard = Guard::new(GuardSettings::new(Mode::Heads, SIZE)).unwrap();
        let mut learned = false;
        for number in 0..40u64 {
            guard.enter(raw(number, Duration::from_millis(100) * number as u32, picture()), Sight::default(), found(&[]));
            while let Some(leaving) = guard.leave() {
                let left = leaving.header().number.0;
                let share = Coverage::of(&leaving.masks(Mode::Heads), SIZE).share_of(area);
                prop_assert_eq!(share == 1.0, learned || area.clip(SIZE).is_none(), "frame {}", left);
                if left == at {
                    guard.learn(leaving.ticket(), [area]);
                    learned = true;
                }
            }
        }
    }

    #[test]
    fn a_head_that_moves_is_masked_where_the_detector_missed_it(
        speed in (-40f32..40.0, -10f32..10.0),
        missed in prop::collection::vec(0u32..4, 4..12),
    ) {
        // 20 pixels wide, up to two widths a second, seen in some frames of ten a second.
        let size = Size::new(640, 480);
        let place = |number: u32| {
            let s = number as f32 / 10.0;
            Rect::new((300.0 + speed.0 * s) as i32, (200.0 + speed.1 * s) as i32, 20, 26)
        };
        let mut seen = vec![8];
        missed.iter().for_each(|gap| seen.push(seen[seen.len() - 1] + 1 + gap));
        let last = seen[seen.len() - 1];
        let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size)).unwrap();
        let mut number_out = 0;
        for number in 0..last + 20 {
            let here = if seen.contains(&number) { vec![place(number)] } else { vec![] };
            let frame = raw(u64::from(number), Duration::from_millis(100) * number, Picture::plain(size, Rgb::BLACK).unwrap());
            guard.enter(frame, Sight::default(), found(&here));
            while let Some(leaving) = guard.leave() {
                if (seen[0] - 5..=last + 5).contains(&number_out) {
                    let share = Coverage::of(&leaving.masks(Mode::Heads), size).share_of(place(number_out));
                    prop_assert!(share > 0.95, "frame {}, seen in {:?}: {} masked", number_out, seen, share);
                }
                number_out += 1;
            }
        }
        prop_assert!(number_out > last + 5);
    }

    #[test]
    fn a_stricter_mode_masks_all_that_the_milder_one_does(heads in prop::collection::vec(any_rect(), 0..4), named in prop::collection::vec(any_rect(), 0..4), upheaval in any::<bool>()) {
        let leaving = only(Mode::Heads, sight(&heads, upheaval), found(&named));
        let modes = [Mode::Heads, Mode::Persons, Mode::EverythingThatMoves].map(|m| Coverage::of(&leaving.masks(m), SIZE));
        for pair in modes.windows(2) {
            prop_assert!(pair[0].as_slice().iter().zip(pair[1].as_slice()).all(|(mild, strict)| *strict || !*mild));
        }
        if upheaval {
            prop_assert_eq!(modes[2].count(), SIZE.pixels());
        }
    }
}

/// The only frame of a film, as it leaves.
fn only(mode: Mode, sight: Sight, found: Found) -> Leaving {
    let mut guard = Guard::new(GuardSettings::new(mode, SIZE)).expect("the ordinary settings");
    guard.enter(raw(0, Duration::ZERO, picture()), sight, found);
    guard.flush().expect("one frame entered")
}

fn one_head() -> Sight {
    sight(&[Rect::new(20, 10, 8, 8)], false)
}

#[test]
fn a_frame_that_passes_is_recorded_in_the_cameras_mode() {
    let decision = judge(only(Mode::Heads, one_head(), found(&[])), Audit::Passes);
    assert_eq!((decision.frame.fate(), decision.mode, decision.why), (Fate::Recorded, Mode::Heads, None));
}

#[test]
fn a_finding_is_masked_more_strictly_where_it_was_found_and_quarantined() {
    let decision = judge(only(Mode::Heads, one_head(), found(&[])), Audit::FindsOnce);
    assert_eq!(
        (decision.frame.fate(), decision.mode, decision.why),
        (Fate::Quarantined, Mode::Persons, Some(Why::Finding))
    );
    assert!(is_gone(&decision.frame, Rect::new(10, 10, 6, 6)));
    assert_eq!(decision.rejections.len(), 1);
}

#[test]
fn a_frame_that_fails_twice_is_blanked() {
    let decision = judge(only(Mode::Heads, one_head(), found(&[])), Audit::FindsTwice);
    assert_eq!((decision.frame.fate(), decision.why), (Fate::Blanked, Some(Why::Finding)));
    assert_eq!(decision.rejections.len(), 2);
}

#[test]
fn a_frame_whose_audit_fails_is_blanked_and_the_error_kept() {
    let decision = judge(only(Mode::Heads, one_head(), found(&[])), Audit::Fails);
    assert_eq!((decision.frame.fate(), decision.why), (Fate::Blanked, Some(Why::AuditFailed)));
    assert_eq!(decision.audit_error, Some("the auditor trapped"));
    assert!(decision.frame.picture().pixels().iter().all(|p| *p == 0));
}

#[test]
fn a_frame_whose_filter_traps_is_masked_more_strictly_even_if_the_audit_would_pass_it() {
    let decision = judge(only(Mode::Heads, one_head(), Found::FilterFailed), Audit::Passes);
    assert_eq!(
        (decision.frame.fate(), decision.mode, decision.why),
        (Fate::Quarantined, Mode::Persons, Some(Why::FilterFailed))
    );
}

#[test]
fn a_failed_filter_in_the_strictest_mode_leaves_only_a_blank() {
    let decision = judge(only(Mode::EverythingThatMoves, one_head(), Found::FilterFailed), Audit::Passes);
    assert_eq!((decision.frame.fate(), decision.why), (Fate::Blanked, Some(Why::FilterFailed)));
}

#[test]
fn masks_that_leave_nothing_are_said_to_be_a_blank() {
    let decision = judge(only(Mode::Heads, sight(&[SIZE.rect()], false), found(&[])), Audit::Passes);
    assert_eq!((decision.frame.fate(), decision.why), (Fate::Blanked, Some(Why::AllMasked)));
}

#[test]
fn a_frame_of_another_size_becomes_a_blank_of_the_cameras_size() {
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, SIZE)).unwrap();
    let other = Picture::plain(Size::new(10, 10), Rgb(1, 2, 3)).unwrap();
    guard.enter(raw(0, Duration::ZERO, other), Sight::default(), found(&[]));
    let decision = judge(guard.flush().unwrap(), Audit::Passes);
    assert_eq!(
        (decision.frame.fate(), decision.why, decision.frame.size()),
        (Fate::Blanked, Some(Why::WrongSize), SIZE)
    );
}

#[test]
fn an_upheaval_steps_the_mode_up_and_says_so() {
    let leaving = only(Mode::Heads, sight(&[], true), found(&[]));
    assert_eq!((leaving.mode(), leaving.stepped_up()), (Mode::Persons, Some(SteppedUp::Upheaval)));
}

#[test]
fn a_camera_that_moves_steps_the_mode_up_and_says_so() {
    let leaving = only(Mode::Heads, Sight { camera_moves: true, ..Sight::default() }, found(&[]));
    assert_eq!((leaving.mode(), leaving.stepped_up()), (Mode::Persons, Some(SteppedUp::CameraMoves)));
}

#[test]
fn a_frame_forced_out_by_a_full_line_is_masked_more_strictly() {
    let bounds = Bounds { frames: 2, ..Bounds::default() };
    let mut guard = Guard::new(GuardSettings { bounds, ..GuardSettings::new(Mode::Heads, SIZE) }).unwrap();
    for number in 0..3u32 {
        guard.enter(
            raw(u64::from(number), Duration::from_millis(33) * number, picture()),
            Sight::default(),
            found(&[]),
        );
    }
    let leaving = guard.leave().unwrap();
    assert_eq!((leaving.mode(), leaving.stepped_up()), (Mode::Persons, Some(SteppedUp::LeftEarly)));
    assert!(guard.leave().is_none());
}

#[test]
fn frames_far_apart_are_masked_more_strictly_on_both_sides_of_the_gap() {
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, SIZE)).unwrap();
    for (number, at) in [0, 100, 200, 500, 600, 700].into_iter().enumerate() {
        guard.enter(raw(number as u64, Duration::from_millis(at), picture()), Sight::default(), found(&[]));
    }
    let stepped_up: Vec<_> = std::iter::from_fn(|| guard.flush()).map(|leaving| leaving.stepped_up()).collect();
    let far_apart = Some(SteppedUp::FarApart);
    assert_eq!(stepped_up, [None, None, far_apart, far_apart, None, None]);
}

#[test]
fn settings_that_cannot_be_kept_are_refused() {
    let ordinary = || GuardSettings::new(Mode::Heads, SIZE);
    let bad = [
        GuardSettings { extend: Duration::from_secs(2), ..ordinary() },
        GuardSettings { grow: 0.9, ..ordinary() },
        GuardSettings { grow: f32::NAN, ..ordinary() },
        GuardSettings { size: Size::new(0, 48), ..ordinary() },
        GuardSettings { bounds: Bounds { frames: 0, bytes: 1 }, ..ordinary() },
    ];
    for settings in bad {
        assert!(Guard::new(settings.clone()).is_err(), "{settings:?} was accepted");
    }
}
