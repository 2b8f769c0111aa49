//! Promise 2, the sandbox's part: a failing chamber gives a typed error that names plugin, camera and frame; and the
//! next frame works.

use std::time::{Duration, Instant};

use sluis_stage::answer::Nonsense;
use sluis_stage::limits::Exceeded;
use sluis_stage::{Error, Limits};

use crate::planted::{GREY, RED, SIZE, frame, load, settings, sized};

/// Shows a grey, a red and a grey frame to a filter that fails on red, and gives the error of the red one.
fn fails_on_red(name: &'static str) -> Error {
    let mut filter = load(name).filter(&settings(r#"{"when-red": true}"#)).unwrap();
    assert!(filter.find(&frame(0, GREY), &[]).unwrap().is_empty());
    let error = filter.find(&frame(1, RED), &[]).unwrap_err();
    assert!(filter.find(&frame(2, GREY), &[]).unwrap().is_empty(), "the next frame works");
    error
}

#[test]
fn a_panic_is_a_trap_that_names_plugin_camera_frame_and_function() {
    let error = fails_on_red("panics");
    let Error::Trap { at, kind, functions } = &error else { panic!("{error:?}") };
    assert_eq!(at.to_string(), "plugin `panics`, camera `till-1`, frame 1");
    assert_eq!(*kind, "panic or abort");
    assert!(functions[0].ends_with("look_closely"), "{functions:?}");
    assert!(functions.len() <= 4);
}

#[test]
fn what_a_panic_says_about_the_picture_is_not_told() {
    let error = fails_on_red("panics");
    let told = format!("{error} {error:?}");
    assert!(!told.contains("255"), "the panic message holds the pixel, {told:?} must not");
}

#[test]
fn an_endless_loop_is_a_timeout_and_ends_on_time() {
    let started = Instant::now();
    let error = fails_on_red("endless-loop");
    assert!(matches!(error, Error::Timeout { allowed, .. } if allowed == Duration::from_millis(500)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn four_gigabytes_are_refused_by_the_memory_limit() {
    let error = fails_on_red("hungry");
    let Error::Memory { exceeded: Exceeded::Memory { asked, allowed }, .. } = error else { panic!("{error:?}") };
    assert_eq!(allowed, Limits::default().memory);
    assert!(asked > allowed);
}

#[test]
fn nonsense_rectangles_are_malformed_answers() {
    let plugin = load("nonsense-regions");
    for (asked, expected) in [
        ("{}", Nonsense::Area),
        (r#"{"outside": 1}"#, Nonsense::Area),
        (r#"{"overflowing": 1}"#, Nonsense::Area),
        (r#"{"unsure": 1}"#, Nonsense::Percent { value: 101 }),
    ] {
        let mut filter = plugin.filter(&settings(asked)).unwrap();
        let error = filter.find(&frame(0, GREY), &[]).unwrap_err();
        assert!(matches!(error, Error::Malformed { nonsense, .. } if nonsense == expected), "{asked}: {error:?}");
    }
}

#[test]
fn a_million_regions_are_one_malformed_answer() {
    let mut filter = load("million-regions").filter(&settings("{}")).unwrap();
    for number in 0..3 {
        let error = filter.find(&frame(number, GREY), &[]).unwrap_err();
        assert!(matches!(error, Error::Malformed { nonsense: Nonsense::TooLong, .. }), "{error:?}");
    }
}

#[test]
fn sixty_five_regions_are_one_too_many() {
    let plugin = load("million-regions");
    let mut enough = plugin.filter(&settings("64")).unwrap();
    assert_eq!(enough.find(&frame(0, GREY), &[]).unwrap().len(), 64);
    let mut many = plugin.filter(&settings("65")).unwrap();
    let error = many.find(&frame(0, GREY), &[]).unwrap_err();
    assert!(matches!(error, Error::Malformed { nonsense: Nonsense::TooMany { count: 65 }, .. }), "{error:?}");
}

#[test]
fn a_chamber_that_hangs_as_it_is_made_is_a_timeout() {
    let mut given = settings(r#"{"at-start": true}"#);
    given.limits.create = Duration::from_millis(200);
    let error = load("endless-loop").filter(&given).unwrap_err();
    assert!(matches!(&error, Error::Timeout { at, .. } if at.frame.is_none()), "{error:?}");
    assert!(error.to_string().contains("while its chamber was made"), "{error}");
}

#[test]
fn a_chamber_that_panics_as_it_is_made_is_a_trap() {
    let error = load("panics").filter(&settings(r#"{"at-start": true}"#)).unwrap_err();
    assert!(matches!(error, Error::Trap { .. }), "{error:?}");
}

#[test]
fn a_refusal_is_shown_to_the_installer_short_and_plain() {
    let error = load("panics").filter(&settings(r#"{"refused": true}"#)).unwrap_err();
    let Error::Refused { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.starts_with("the setting `refused` is not known !"), "{reason}");
    assert_eq!(reason.len(), 1024);
}

#[test]
fn a_picture_of_another_size_is_not_shown() {
    let mut filter = load("panics").filter(&settings("{}")).unwrap();
    let error = filter.find(&sized(0, GREY, sluis_frame::Size::new(8, 8)), &[]).unwrap_err();
    assert!(matches!(error, Error::WrongSize { expected: SIZE, .. }), "{error:?}");
}

#[test]
fn a_thousand_failures_leave_nothing_behind() {
    let mut filter = load("panics").filter(&settings(r#"{"when-red": true}"#)).unwrap();
    let before = resident_kib();
    for number in 0..1000 {
        assert!(matches!(filter.find(&frame(2 * number, RED), &[]), Err(Error::Trap { .. })));
        // Else it would rest.
        assert!(filter.find(&frame(2 * number + 1, GREY), &[]).is_ok());
    }
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB more than before");
}

#[test]
fn one_that_fails_at_call_after_call_rests_in_between() {
    let mut filter = load("panics").filter(&settings(r#"{"when-red": true}"#)).unwrap();
    let mut resting = 0;
    for number in 0..30 {
        match filter.find(&frame(number, RED), &[]) {
            Err(Error::Trap { .. }) => {}
            Err(Error::Resting { .. }) => resting += 1,
            other => panic!("{other:?}"),
        }
    }
    // Eight calls in a row may fail; after each further one it rests for 1, 3, 7 … calls.
    assert_eq!(resting, 30 - 12);
    while matches!(filter.find(&frame(40, GREY), &[]), Err(Error::Resting { .. })) {}
    assert!(filter.find(&frame(41, GREY), &[]).is_ok(), "it works again at once when it works");
    assert!(matches!(filter.find(&frame(42, RED), &[]), Err(Error::Trap { .. })));
    assert!(filter.find(&frame(43, GREY), &[]).is_ok());
}

/// Memory of this process, in KiB; 0 where the system does not tell.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
