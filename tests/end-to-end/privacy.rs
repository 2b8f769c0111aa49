//! Promise 1 on real footage, with the built program: `sluis evaluate privacy` on what was recorded. With the shipped filter, and with one that answers nothing.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sluis_tests::program::{count, errors, json, sluis};
use sluis_tests::{footage, home};

fn evaluate(home: &Path, footage: &Path, labels: &Path) -> Command {
    let mut command = sluis(home);
    command.args(["evaluate", "privacy", "--footage"]).arg(footage).arg("--labels").arg(labels);
    command
}

#[test]
fn no_labelled_face_can_be_seen_in_what_was_recorded() {
    let Some(footage) = footage::folder() else { return };
    let out = tempfile::tempdir().unwrap();
    let page = out.path().join("privacy.html");
    let mut command = evaluate(&home::with_models(), &footage, &footage.join("labels/heads"));
    command.args(["--clip", "classroom", "--clip", "face-demographics-walking", "--json", "--html"]).arg(&page);
    let answer = json(&mut command);
    let clips = answer["clips"].as_array().unwrap();
    assert_eq!(
        clips.iter().map(|c| c["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["classroom", "face-demographics-walking"]
    );
    // As many as the labels' own reader counts.
    assert_eq!([0, 1].map(|i| count(&clips[i], "faces")), [180, 70]);
    let total = &answer["total"];
    assert_eq!(count(total, "faces"), 250);
    assert!(count(total, "exposed") <= 1 && count(total, "longest_exposed_run") <= 1, "{total}");
    assert_eq!(count(total, "blanked") + count(total, "dropped"), 0, "{total}");
    assert!(count(total, "audit_false_alarms") <= 2, "{total}");
    let share = |name: &str| total[name].as_f64().unwrap();
    assert!(share("mask_share") > share("head_share") && share("head_share") > 0.01 && share("fps") > 0.0, "{total}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Privacy report") && page.contains("classroom"));
}

#[test]
fn a_head_is_masked_while_it_turns_all_around() {
    let Some(footage) = footage::folder().filter(|f| f.join("rgbd/turning-person").is_dir()) else { return };
    let labels = tempfile::tempdir().unwrap();
    let keyframes: Vec<Value> = (0..100)
        .map(|n| {
            let silhouette = footage.join(format!("rgbd/turning-person/{n:010}_mask.jpg"));
            let silhouette = image::open(silhouette).unwrap().into_luma8();
            let head = head(&silhouette);
            json!({ "frame": n, "heads": [{ "id": 1, "view": "back", "head": head }], "ignore": [] })
        })
        .collect();
    let file = json!({ "clip": "rgbd/turning-person", "width": 640, "height": 480, "fps": 30, "frames": 100, "keyframes": keyframes });
    fs::write(labels.path().join("turning-person.json"), file.to_string()).unwrap();
    let answer = json(evaluate(&home::with_models(), &footage, labels.path()).arg("--json"));
    assert_eq!(count(&answer["total"], "heads_behind"), 100, "{answer}");
    let exposed = count(&answer["total"], "heads_behind_exposed");
    assert!(exposed <= 20, "{exposed} of 100: {answer}");
}

/// `[x, y, width, height]` of the head: the box around the silhouette's top quarter. The person is seen from the waist up, and the quarter ends at the chin.
fn head(silhouette: &image::GrayImage) -> [u32; 4] {
    let filled: Vec<(u32, u32)> =
        silhouette.enumerate_pixels().filter(|(_, _, p)| p[0] > 127).map(|(x, y, _)| (x, y)).collect();
    let (top, bottom) = (filled.iter().map(|p| p.1).min().unwrap(), filled.iter().map(|p| p.1).max().unwrap());
    let chin = top + (bottom - top) / 4;
    let row = |y: u32| filled.iter().filter(move |p| p.1 == y).map(|p| p.0);
    let lefts = (top..chin).filter_map(|y| row(y).min());
    let rights = (top..chin).filter_map(|y| row(y).max());
    let (left, right) = (lefts.min().unwrap(), rights.max().unwrap());
    [left, top, right - left, chin - top]
}

#[test]
fn a_filter_that_finds_nothing_is_made_up_for_by_the_audit() {
    let Some(footage) = footage::folder() else { return };
    let home = home::with_planted("sluis-tests-blind", &["tests/components/answers-nothing"]);
    let mut command = evaluate(&home, &footage, &footage.join("labels/heads"));
    command.args([
        "--filter",
        "answers-nothing",
        "--json",
        "--clip",
        "normal_026_f1",
        "--clip",
        "store-aisle-detection",
    ]);
    let answer = json(&mut command);
    let total = &answer["total"];
    // Two people who sit still, whom the floor cannot see, and three who move: what neither floor nor audit finds is seen.
    assert_eq!(count(total, "faces"), 134, "{answer}");
    assert!(count(total, "exposed") <= 3, "{answer}");
    assert!(count(total, "quarantined") > 0, "{answer}");
}

#[test]
fn a_clip_without_labels_is_named_with_those_that_have_some() {
    let Some(footage) = footage::folder() else { return };
    let mut command = evaluate(&home::with_models(), &footage, &footage.join("labels/heads"));
    let output = command.args(["--clip", "no-such-clip"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = errors(&output);
    assert!(said.contains("no-such-clip") && said.contains("lobby-cctv"), "{said}");
}
