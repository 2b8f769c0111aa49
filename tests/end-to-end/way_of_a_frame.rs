//! The way of a frame: footage in, sealed segments out.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sluis_tests::program::{count, json, sluis};
use sluis_tests::{footage, home};

fn demo(home: &Path, out: &Path, inputs: &[&Path]) -> Command {
    let mut command = sluis(home);
    command.args(["demo", "--json", "--out"]).arg(out);
    for input in inputs {
        command.arg("--input").arg(input);
    }
    command
}

fn fates(answer: &Value) -> [u64; 5] {
    ["frames_in", "frames_recorded", "frames_quarantined", "frames_blanked", "frames_dropped"].map(|f| count(answer, f))
}

#[test]
fn every_frame_of_a_clip_ends_in_exactly_one_fate() {
    let Some(footage) = footage::folder() else { return };
    for (clip, frames) in [("face-demographics-walking", 35), ("classroom", 45), ("store-aisle-detection", 67)] {
        let out = tempfile::tempdir().unwrap();
        let input = footage.join(format!("clips/{clip}.mp4"));
        let answer = json(&mut demo(&home::with_models(), out.path(), &[&input]));
        let [entered, recorded, quarantined, blanked, dropped] = fates(&answer);
        assert_eq!(entered, frames, "{clip}: {answer}");
        assert_eq!(recorded + quarantined + blanked + dropped, entered, "{clip}: {answer}");
        assert_eq!(dropped, 0, "{clip}: a file is never too quick: {answer}");
        assert!(count(&answer, "masks") > 0, "{clip}: people are in it: {answer}");
    }
}

#[test]
fn colour_and_depth_go_the_same_way() {
    let Some(footage) = footage::folder() else { return };
    let out = tempfile::tempdir().unwrap();
    let input = footage.join("rgbd/turning-person");
    let answer = json(demo(&home::with_models(), out.path(), &[&input]).args(["--seconds", "2"]));
    let [entered, rest @ ..] = fates(&answer);
    assert!(entered > 0 && rest.iter().sum::<u64>() == entered, "{answer}");
    let id = segments(out.path())[0].clone();
    let plain = out.path().join("plain.mcap");
    open(out.path(), &id, &plain);
    let content = std::fs::read(&plain).unwrap();
    let summary = mcap::Summary::read(&content).unwrap().unwrap();
    let topics: Vec<&str> = summary.channels.values().map(|c| c.topic.as_str()).collect();
    assert!(topics.iter().any(|t| t.ends_with("/depth")) && topics.iter().any(|t| t.ends_with("/video")), "{topics:?}");
}

#[test]
fn without_input_a_synthetic_shop_is_shown() {
    let out = tempfile::tempdir().unwrap();
    let answer = json(demo(&home::without_models(), out.path(), &[]).args(["--seconds", "2"]));
    let [entered, rest @ ..] = fates(&answer);
    assert!(entered >= 10 && rest.iter().sum::<u64>() == entered, "{answer}");
    assert!(out.path().join("contact-sheet.png").is_file());
}

#[test]
fn without_a_network_model_whole_silhouettes_are_masked_and_the_verdict_says_so() {
    let Some(footage) = footage::folder() else { return };
    let out = tempfile::tempdir().unwrap();
    let input = footage.join("clips/face-demographics-walking.mp4");
    let answer = json(&mut demo(&home::without_models(), out.path(), &[&input]));
    assert_eq!(answer["mode"], "persons", "{answer}");
    assert_eq!(answer["cameras"][0]["independent"], false, "{answer}");
}

#[test]
fn the_video_has_one_picture_for_each_frame() {
    let Some(footage) = footage::folder() else { return };
    let out = tempfile::tempdir().unwrap();
    let (input, video) = (footage.join("clips/classroom.mp4"), out.path().join("cleared.mp4"));
    let mut command = demo(&home::with_models(), out.path(), &[&input]);
    let answer = json(command.arg("--video").arg(&video).args(["--fill", "00ff00"]));
    let file = std::fs::File::open(&video).unwrap();
    let length = file.metadata().unwrap().len();
    let mp4 = re_mp4::Mp4::read(file, length).unwrap();
    let pictures = mp4.tracks().values().next().unwrap().samples.len();
    assert_eq!(pictures as u64, count(&answer, "frames_in"));
}

#[test]
fn a_second_run_adds_to_the_vault() {
    let out = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        json(demo(&home::without_models(), out.path(), &[]).args(["--seconds", "1"]));
    }
    assert_eq!(segments(out.path()).len(), 2);
    let answer = json(
        sluis(&home::without_models()).args(["vault", "verify", "--json", "--vault"]).arg(out.path().join("vault")),
    );
    assert_eq!(["segments", "ok", "lost"].map(|f| count(&answer, f)), [2, 2, 0], "{answer}");
}

#[test]
fn an_input_that_cannot_be_read_is_named() {
    let out = tempfile::tempdir().unwrap();
    let broken = out.path().join("broken.mp4");
    std::fs::write(&broken, b"this is no video").unwrap();
    let output = demo(&home::without_models(), out.path(), &[&broken]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("broken.mp4"), "{said}");
}

fn segments(out: &Path) -> Vec<String> {
    let answer = json(sluis(&home::without_models()).args(["vault", "ls", "--json", "--vault"]).arg(out.join("vault")));
    let listed = answer["segments"].as_array().expect("a list of segments");
    listed.iter().map(|s| s["id"].as_str().expect("an id").to_owned()).collect()
}

fn open(out: &Path, id: &str, to: &Path) {
    let mut command = sluis(&home::without_models());
    command
        .args(["vault", "open", id, "--reason", "a test looks inside", "--vault"])
        .arg(out.join("vault"))
        .arg("--as")
        .arg(out.join("staff.key"))
        .arg("--to")
        .arg(to);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_a_gesture_detector_tells_is_recorded() {
    let home = home::with_planted("sluis-tests-gestures", &["tests/components/counts-frames"]);
    let out = tempfile::tempdir().unwrap();
    let answer = json(demo(&home, out.path(), &[]).args(["--seconds", "2", "--gestures", "counts-frames"]));
    assert!(count(&answer, "gestures") > 0, "{answer}");
    let plain = out.path().join("plain.mcap");
    open(out.path(), &segments(out.path())[0], &plain);
    let content = std::fs::read(&plain).unwrap();
    let events = mcap::MessageStream::new(&content)
        .unwrap()
        .map(Result::unwrap)
        .filter(|m| m.channel.topic.ends_with("/events"));
    assert_eq!(events.count() as u64, count(&answer, "gestures"), "{answer}");
}
