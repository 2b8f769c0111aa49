//! All four worlds answer, within their bounds.

use sluis_frame::door::Attempt;
use sluis_frame::{Cause, Cleared, Fault, Frame, Gesture, Mask, Person, Raw, Rect, Rgb, Style, Verdict, paint};
use sluis_stage::answer::Nonsense;
use sluis_stage::{AgeClass, Error, SizeClass, World};

use crate::planted::{DOORS, GREY, RED, SIZE, frame, load, settings};

const WHITE: Rgb = Rgb(255, 255, 255);

fn cleared(number: u64) -> Frame<Cleared> {
    let redacted = paint::redact(&frame(number, GREY), Vec::new(), Style::Fill(Rgb::BLACK));
    let verdict = Verdict { findings: Vec::new(), worst_score: 0, independent: true };
    DOORS.audit.pass(redacted, verdict, Attempt::First).unwrap()
}

fn person(x: i32) -> Person {
    Person { body: Rect::new(x, 10, 20, 45), head: Rect::new(x + 5, 10, 10, 12) }
}

#[test]
fn a_filter_reads_the_pixels_and_its_regions_lie_on_the_grid() {
    let mut filter = load("reads-whole").filter(&settings("{}")).unwrap();
    assert!(filter.find(&frame(0, GREY), &[]).unwrap().is_empty());
    let regions = filter.find(&frame(1, WHITE), &[]).unwrap();
    // The pixel 50,30, widened to its cell of 8 by 8.
    assert_eq!(regions[0].area, Rect::new(48, 24, 8, 8));
}

#[test]
fn a_region_over_all_four_edges_is_cut_to_the_picture() {
    let mut filter = load("nonsense-regions").filter(&settings(r#"{"partly": 1}"#)).unwrap();
    assert_eq!(filter.find(&frame(0, GREY), &[]).unwrap()[0].area, Rect::new(0, 0, 104, 64));
}

#[test]
fn a_filter_may_answer_nothing() {
    let mut filter = load("answers-nothing").filter(&settings("{}")).unwrap();
    assert!(filter.find(&frame(0, RED), &[person(3)]).unwrap().is_empty());
}

#[test]
fn a_filter_stays_warm_from_frame_to_frame() {
    let mut filter = load("leaves-fast").filter(&settings("{}")).unwrap();
    let counts: Vec<usize> = (0..7).map(|n| filter.find(&frame(n, GREY), &[]).unwrap().len()).collect();
    assert_eq!(counts, [1, 0, 0, 0, 0, 1, 0]);
}

#[test]
fn a_chamber_serves_frame_after_frame_without_running_out_of_anything() {
    let mut filter = load("reads-whole").filter(&settings("{}")).unwrap();
    for number in 0..20_000 {
        assert!(filter.find(&frame(number, GREY), &[person(3)]).unwrap().is_empty(), "frame {number}");
    }
}

#[test]
fn an_audit_sees_the_redacted_frame_and_its_masks() {
    let mut audit = load("finds-white").audit(&settings("{}")).unwrap();
    let white: Frame<Raw> = frame(0, WHITE);
    let left_half = Mask::rect(Rect::new(0, 0, 50, 60), Cause::Filter);
    let half = audit.inspect(&paint::redact(&white, vec![left_half], Style::Fill(Rgb::BLACK)), &[]).unwrap();
    assert_eq!((half.findings[0].area, half.findings[0].fault), (Rect::new(50, 0, 50, 60), Fault::Face));
    assert_eq!(half.worst_score, 80, "it said 10, but found something with 80");

    let all = Mask::rect(SIZE.rect(), Cause::Mode);
    let nothing = audit.inspect(&paint::redact(&white, vec![all], Style::Fill(WHITE)), &[]).unwrap();
    assert!(nothing.findings.is_empty(), "white under a mask is the mask's colour");
}

#[test]
fn what_a_gesture_detector_tells_is_put_into_the_hosts_time() {
    let mut gestures = load("counts-frames").gestures(&settings("{}")).unwrap();
    let told: Vec<_> = (5..11).flat_map(|n| gestures.observe(&cleared(n), &[]).unwrap()).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].gesture, told[0].zone.as_deref(), told[0].track), (Gesture::Reach, Some("shelf"), 1));
    let captured = |n| cleared(n).header().captured;
    assert_eq!((told[1].start, told[1].end, told[1].contact), (captured(8), captured(10), Some((3, 4))));
}

#[test]
fn what_a_gesture_detector_was_not_sure_of_is_told_at_the_end() {
    let mut gestures = load("counts-frames").gestures(&settings("{}")).unwrap();
    let before: Vec<_> = (0..2).flat_map(|n| gestures.observe(&cleared(n), &[]).unwrap()).collect();
    assert_eq!(before, []);
    let told = gestures.conclude(&cleared(1)).unwrap();
    assert_eq!(told.len(), 1, "its third frame");
    assert_eq!((told[0].end.since(cleared(1).header().captured)), std::time::Duration::from_secs(10));
}

#[test]
fn tracks_of_a_chamber_that_was_made_anew_are_not_those_of_the_one_before() {
    let mut gestures = load("counts-frames").gestures(&settings(r#"{"panics-at-400": 1}"#)).unwrap();
    let told: Vec<_> = (0..8).map(|n| gestures.observe(&cleared(n), &[]).map(|told| told.into_iter().next())).collect();
    assert!(matches!(told[4], Err(Error::Trap { .. })), "{told:?}");
    let tracks: Vec<u32> = told.iter().flatten().flatten().map(|event| event.track).collect();
    assert_eq!(tracks, [1, 3]);
}

#[test]
fn an_event_from_the_future_and_a_long_name_are_malformed() {
    let plugin = load("counts-frames");
    for (asked, expected) in
        [(r#"{"tomorrow": 1}"#, Nonsense::Interval), (r#"{"long-zone": 1}"#, Nonsense::Zone { bytes: 65 })]
    {
        let mut gestures = plugin.gestures(&settings(asked)).unwrap();
        let error = (0..3).find_map(|n| gestures.observe(&cleared(n), &[]).err()).unwrap();
        assert!(matches!(error, Error::Malformed { nonsense, .. } if nonsense == expected), "{error:?}");
    }
}

#[test]
fn an_audience_meter_answers_in_classes_and_forgets_when_told() {
    let mut meter = load("counts-looks").audience(&settings("{}")).unwrap();
    let faces = meter.measure(&frame(0, GREY), &[person(8), person(60)]).unwrap();
    assert_eq!((faces.len(), faces[0].size, faces[0].age), (2, SizeClass::Small, AgeClass::Unknown));
    assert_eq!(faces[0].area, Rect::new(8, 8, 16, 16));
    assert_eq!(meter.measure(&frame(1, GREY), &[person(8)]).unwrap()[0].age, AgeClass::From60);
    meter.forget();
    assert_eq!(meter.measure(&frame(2, GREY), &[person(8)]).unwrap()[0].age, AgeClass::Unknown);
}

#[test]
fn a_component_serves_in_its_own_world_only() {
    let plugin = load("counts-frames");
    assert_eq!(plugin.world(), World::GestureDetector);
    let error = plugin.filter(&settings("{}")).unwrap_err();
    assert!(matches!(error, Error::WrongWorld { found: World::GestureDetector, wanted: World::PrivacyFilter, .. }));
}
