//! Promise 2: a failing chamber closes. Planted components at the place of the privacy filter, in the built program.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use sluis_tests::program::{count, json, sluis};
use sluis_tests::{footage, home};

const PLANTED: [&str; 6] =
    ["endless-loop", "hungry", "panics", "nonsense-regions", "million-regions", "answers-nothing"];

/// Built once: all tests of this program use it.
static HOME: LazyLock<PathBuf> = LazyLock::new(|| {
    let folders = PLANTED.map(|name| format!("tests/components/{name}"));
    home::with_planted("sluis-tests-planted", &folders.each_ref().map(String::as_str))
});

/// The demonstration with a planted filter, on people who walk towards the camera.
fn demo_with(filter: &str) -> Option<Value> {
    let footage = footage::folder()?;
    let out = tempfile::tempdir().unwrap();
    let mut command = sluis(&HOME);
    command.args(["demo", "--json", "--seconds", "2", "--filter", filter, "--out"]).arg(out.path());
    command.arg("--input").arg(footage.join("clips/face-demographics-walking.mp4"));
    Some(json(&mut command))
}

/// Every call fails, so no frame may pass as it was: each is masked more strictly, or blanked.
fn no_frame_is_simply_recorded(filter: &str) {
    let Some(answer) = demo_with(filter) else { return };
    let [entered, recorded, quarantined, blanked] =
        ["frames_in", "frames_recorded", "frames_quarantined", "frames_blanked"].map(|f| count(&answer, f));
    assert!(entered > 10, "{answer}");
    assert_eq!(recorded, 0, "{filter}: {answer}");
    assert_eq!(quarantined + blanked, entered, "{filter}: {answer}");
    let failures = answer["cameras"][0]["failures"].as_u64().unwrap();
    assert!(failures >= entered, "{filter}: each failed call is counted: {answer}");
}

#[test]
fn a_filter_that_never_returns_closes() {
    no_frame_is_simply_recorded("endless-loop");
}

#[test]
fn a_filter_that_takes_all_memory_closes() {
    no_frame_is_simply_recorded("hungry");
}

#[test]
fn a_filter_that_panics_closes() {
    no_frame_is_simply_recorded("panics");
}

#[test]
fn a_filter_that_answers_nonsense_closes() {
    no_frame_is_simply_recorded("nonsense-regions");
}

#[test]
fn a_filter_that_answers_a_million_regions_closes() {
    no_frame_is_simply_recorded("million-regions");
}

#[test]
fn a_filter_that_finds_nothing_leaves_the_floor_and_the_audit() {
    let Some(answer) = demo_with("answers-nothing") else { return };
    let entered = count(&answer, "frames_in");
    assert!(count(&answer, "masks") >= entered, "the floor masks the people who walk: {answer}");
}
