//! Versions of the contract side by side: a component that was built against 0.1.0 runs unchanged beside those of 0.2.0. Each is built here, from the kept text of
//! its version, and has a twin that was built with the SDK of today.

use sluis_frame::door::Attempt;
use sluis_frame::picture::Depth;
use sluis_frame::{
    Calibration, Cause, Cleared, Frame, Mask, Person, Picture, Pose, Raw, Rect, Rgb, Style, Verdict, paint,
};
use sluis_stage::{ChamberSettings, Error, LoadError, Mount, examine};

use crate::loading::hollow;
use crate::planted::{DOORS, ENGINE, GREY, RED, SIZE, component, frame, load, settings};

const WHITE: Rgb = Rgb(255, 255, 255);

fn people() -> [Person; 2] {
    let person = |x, height| Person { body: Rect::new(x, 10, 20, 45), head: Rect::new(x + 5, 10, 10, height) };
    [person(8, 12), person(60, 40)]
}

/// A frame in which every pixel and every depth is another.
fn patterned(number: u64) -> Frame<Raw> {
    let plain = frame(number, GREY);
    let rgb: Vec<u8> = (0..SIZE.pixels() as u64 * 3).map(|i| (i * 7 + number * 31) as u8).collect();
    let depth: Vec<u16> = (0..SIZE.pixels() as u64).map(|i| (i * 3 + number) as u16).collect();
    let picture = Picture::new(SIZE, rgb).unwrap();
    Frame::capture(plain.header().clone(), picture, Some(Depth::new(SIZE, 0.001, depth).unwrap())).unwrap()
}

fn versions_of(twins: [&'static str; 2]) -> [String; 2] {
    twins.map(|name| examine(name, &component(name)).unwrap().contract.to_string())
}

#[test]
fn a_filter_of_0_1_reads_and_answers_as_its_twin_does() {
    let twins = ["reads-all-of-0-1", "reads-all"];
    assert_eq!(versions_of(twins), ["0.1.0", "0.2.0"]);
    let mut filters = twins.map(|name| load(name).filter(&settings("{}")).unwrap());
    let mut told = Vec::new();
    for number in 0..4 {
        let shown = patterned(number);
        let [old, new] =
            filters.each_mut().map(|filter| filter.find(&shown, &people()[..number as usize / 2]).unwrap());
        assert_eq!(old, new, "frame {number}");
        told.push(new);
    }
    told.dedup();
    assert_eq!(told.len(), 4, "they answer the same whatever they are shown: this test shows nothing");
}

#[test]
fn an_auditor_of_0_1_answers_as_its_twin_does() {
    let twins = ["finds-white-of-0-1", "finds-white"];
    assert_eq!(versions_of(twins), ["0.1.0", "0.2.0"]);
    let mut audits = twins.map(|name| load(name).audit(&settings("{}")).unwrap());
    for (masked, findings) in [(Rect::new(0, 0, 50, 60), 1), (SIZE.rect(), 0)] {
        let redacted =
            paint::redact(&frame(0, WHITE), vec![Mask::rect(masked, Cause::Filter)], Style::Fill(Rgb::BLACK));
        let [old, new] = audits.each_mut().map(|audit| audit.inspect(&redacted, &people()).unwrap());
        assert_eq!(old, new);
        assert_eq!(new.findings.len(), findings);
    }
}

#[test]
fn a_gesture_detector_of_0_1_answers_as_its_twin_does() {
    let twins = ["counts-frames-of-0-1", "counts-frames"];
    assert_eq!(versions_of(twins), ["0.1.0", "0.2.0"]);
    let cleared = |number| -> Frame<Cleared> {
        let redacted = paint::redact(&frame(number, GREY), Vec::new(), Style::Fill(Rgb::BLACK));
        let verdict = Verdict { findings: Vec::new(), worst_score: 0, independent: true };
        DOORS.audit.pass(redacted, verdict, Attempt::First).unwrap()
    };
    let told = twins.map(|name| {
        let mut gestures = load(name).gestures(&settings("{}")).unwrap();
        (3..10).flat_map(|number| gestures.observe(&cleared(number), &[]).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1].len(), 2);
}

#[test]
fn an_audience_meter_of_0_1_answers_as_its_twin_does() {
    let twins = ["counts-looks-of-0-1", "counts-looks"];
    assert_eq!(versions_of(twins), ["0.1.0", "0.2.0"]);
    let faces = twins.map(|name| {
        let mut meter = load(name).audience(&settings("{}")).unwrap();
        (0..2).flat_map(|number| meter.measure(&frame(number, RED), &people()).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(faces[0], faces[1]);
    assert_eq!(faces[1].len(), 4);
}

/// What a component says that it was told of its camera.
fn told(component: &'static str, given: &ChamberSettings) -> String {
    match load(component).filter(given).unwrap_err() {
        Error::Refused { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn a_component_of_0_2_is_told_how_its_camera_hangs_and_sees_and_one_of_0_1_is_not() {
    let mut given = settings(r#"{"tell": 1}"#);
    let before = "Camera { size: Size { width: 100, height: 60 }, millihertz: 10000, depth: false";
    assert_eq!(told("reads-all", &given), format!("{before}, mount: None, lens: None }}"));

    given.facts.mount = Mount::of(&Pose { position: [4.0, -7.0, 2.4], pan: 120.0, tilt: 32.5, roll: -0.25 });
    given.facts.lens = Some(Calibration { fx: 90.5, fy: 91.0, cx: 49.5, cy: -2.0 });
    let mount = "Mount { height-mm: 2400, tilt-millidegrees: 32500, roll-millidegrees: -250 }";
    let lens = "Lens { fx: 90500, fy: 91000, cx: 49500, cy: -2000 }";
    assert_eq!(told("reads-all", &given), format!("{before}, mount: Some({mount}), lens: Some({lens}) }}"));
    assert_eq!(told("reads-all-of-0-1", &given), format!("{before} }}"));
}

#[test]
fn a_camera_below_the_floor_tells_nothing_of_how_it_hangs() {
    assert_eq!(Mount::of(&Pose { position: [0.0, 0.0, -1.0], pan: 0.0, tilt: 10.0, roll: 0.0 }), None);
}

#[test]
fn a_component_of_a_version_that_is_not_spoken_here_is_refused_by_name() {
    let frames = "sluis:stage/frames@0.3.0";
    for (imports, exports) in [
        (&[frames, "sluis:stage/seasons@0.3.0"][..], "sluis:stage/filter@0.3.0"),
        (&[frames][..], "sluis:stage/filter@0.2.0"),
        (&[][..], "sluis:stage/filter@0.3.0"),
    ] {
        let error = ENGINE.load("early", &hollow(imports, &[exports])).unwrap_err();
        assert!(matches!(error, LoadError::UnknownContract { .. }), "{error:?}");
        let text = "plugin `early` is built against sluis:stage@0.3.0; this host speaks 0.1 and 0.2.";
        assert!(error.to_string().starts_with(text), "{error}");
    }
}

#[test]
fn a_component_that_mixes_versions_is_refused() {
    let wasm = hollow(&["sluis:stage/frames@0.1.0", "sluis:stage/types@0.2.0"], &["sluis:stage/filter@0.2.0"]);
    let error = ENGINE.load("mixed", &wasm).unwrap_err();
    let LoadError::MixedContracts { names, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*names, ["sluis:stage/frames@0.1.0", "sluis:stage/filter@0.2.0"]);
}
