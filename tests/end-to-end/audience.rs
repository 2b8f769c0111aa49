//! The audience of a screen, from footage to report, with the built program.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::Path;

use serde_json::Value;
use sluis_tests::leak::files_below;
use sluis_tests::program::{count, errors, json, sluis};
use sluis_tests::{footage, home};

/// Runs clips through the program with the meter at work.
fn demo(out: &Path, keep: &str, clips: &[&str]) -> Option<Value> {
    let footage = footage::folder()?;
    let mut command = sluis(&home::with_models());
    command.args(["demo", "--json", "--audience", "audience-meter", "--keep", keep, "--out"]).arg(out);
    for clip in clips {
        command.arg("--input").arg(footage.join(format!("clips/{clip}.mp4")));
    }
    Some(json(&mut command))
}

fn report(out: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = sluis(&home::with_models());
    command.args(["audience", "report", "--reason", "test of the report", "--vault"]).arg(out.join("vault"));
    command.arg("--as").arg(out.join("staff.key")).args(arguments).output().unwrap()
}

fn text(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", errors(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn openings(out: &Path) -> usize {
    let archive = sluis::keep::visit(&out.join("vault")).unwrap();
    archive.openings(None).unwrap().len()
}

#[test]
fn who_comes_towards_a_camera_is_counted_and_the_report_keeps_small_groups_to_itself() {
    let out = tempfile::tempdir().unwrap();
    let Some(answer) = demo(out.path(), "pictures", &["street-approach-1080p", "face-demographics-walking"]) else {
        return;
    };
    let (visits, glances) = (count(&answer, "visits"), count(&answer, "glances"));
    assert!(visits >= 5 && glances >= 3, "people walk towards both cameras: {answer}");
    assert_eq!(count(&answer, "frames_in"), 140);
    // Of this day, which is not over, nothing is told unless asked for.
    let cautious = report(out.path(), &["--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&text(&cautious)).unwrap()["rows"], serde_json::json!([]));
    assert!(errors(&cautious).contains("is not over"), "{}", errors(&cautious));
    let rows = text(&report(out.path(), &["--format", "json", "--unfinished"]));
    let rows: Value = serde_json::from_str(&rows).unwrap();
    for row in rows["rows"].as_array().unwrap() {
        let (present, looked) = (row["present"].as_u64().unwrap(), row["looked"].as_u64());
        assert!(
            present >= 5
                && looked.is_none_or(|n| n == 0 || n >= 5)
                && looked.is_none_or(|n| n == present || present - n >= 5),
            "{row}"
        );
    }
    assert!(openings(out.path()) >= 4, "every opening is logged");
}

#[test]
fn a_camera_that_keeps_counts_only_keeps_no_picture() {
    let out = tempfile::tempdir().unwrap();
    let Some(answer) = demo(out.path(), "counts", &["face-demographics-walking"]) else { return };
    let [entered, blanked] = ["frames_in", "frames_blanked"].map(|name| count(&answer, name));
    assert_eq!(
        (entered, blanked, count(&answer, "frames_recorded"), count(&answer, "masks")),
        (35, 35, 0, 0),
        "{answer}"
    );
    assert!(count(&answer, "visits") > 0, "{answer}");
    // Opened, the recording is black, and holds the visits.
    let id = segments(out.path())[0].clone();
    let plain = out.path().join("plain.mcap");
    let mut open = sluis(&home::with_models());
    open.args(["vault", "open", &id, "--reason", "test", "--vault"])
        .arg(out.path().join("vault"))
        .arg("--as")
        .arg(out.path().join("staff.key"))
        .arg("--to")
        .arg(&plain);
    assert!(open.output().unwrap().status.success());
    let content = std::fs::read(&plain).unwrap();
    let mut visits = 0;
    for message in mcap::MessageStream::new(&content).unwrap().map(Result::unwrap) {
        if message.channel.topic.ends_with("/audience") {
            let told: Value = serde_json::from_slice(&message.data).unwrap();
            assert_eq!((&told["visit"]["age"], &told["visit"]["sex"]), (&"unknown".into(), &"undetermined".into()));
            visits += 1;
        }
        if message.channel.topic.ends_with("/masks") {
            assert_eq!(serde_json::from_slice::<Value>(&message.data).unwrap()["fate"], "blanked");
        }
    }
    assert_eq!(visits, count(&answer, "visits"));
}

#[test]
fn visits_are_sealed_as_everything_else_is() {
    let out = tempfile::tempdir().unwrap();
    let Some(answer) = demo(out.path(), "counts", &["street-approach-1080p"]) else { return };
    assert!(count(&answer, "visits") > 0, "{answer}");
    for file in files_below(&out.path().join("vault")) {
        let content = std::fs::read(&file).unwrap();
        let words = ["\"glances\"", "\"since\"", "undetermined"];
        let found = words.iter().find(|word| content.windows(word.len()).any(|w| w == word.as_bytes()));
        assert_eq!(found, None, "{}", file.display());
    }
}

#[test]
fn what_the_meter_answers_is_linked_by_the_host_and_costs_no_frame() {
    let Some(footage) = footage::folder() else { return };
    let home = home::with_planted("sluis-tests-counts-looks", &["tests/components/counts-looks"]);
    let out = tempfile::tempdir().unwrap();
    let mut command = sluis(&home);
    command.args(["demo", "--json", "--audience", "counts-looks", "--out"]).arg(out.path());
    let input = footage.join("clips/face-demographics-walking.mp4");
    let answer = json(command.arg("--input").arg(input));
    // Everybody whom the floor sees looks, says this one: so glances are what the host makes of it.
    assert!(count(&answer, "glances") > 0, "{answer}");
    assert_eq!(count(&answer, "frames_dropped"), 0);
}

#[test]
fn a_meter_that_fails_costs_counts_and_never_the_frame() {
    let Some(footage) = footage::folder() else { return };
    let home = home::with_planted("sluis-tests-faints", &["tests/components/faints"]);
    let out = tempfile::tempdir().unwrap();
    let mut command = sluis(&home);
    command.args(["demo", "--json", "--audience", "faints", "--out"]).arg(out.path());
    let input = footage.join("clips/face-demographics-walking.mp4");
    let answer = json(command.arg("--input").arg(input));
    assert_eq!((count(&answer, "visits"), count(&answer, "frames_dropped"), count(&answer, "frames_in")), (0, 0, 35));
    assert!(answer["cameras"][0]["failures"].as_u64().unwrap() >= 35, "{answer}");
    assert!(count(&answer, "frames_recorded") > 0, "{answer}");
}

#[test]
fn a_playlist_that_is_not_understood_costs_no_opening() {
    let out = tempfile::tempdir().unwrap();
    let Some(_) = demo(out.path(), "counts", &["face-demographics-walking"]) else { return };
    let playlist = out.path().join("list.csv");
    std::fs::write(&playlist, "screen,advert,start,end\na,coffee,yesterday,2026-06-28T09:00:00Z\n").unwrap();
    let output = report(out.path(), &["--playlist", playlist.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains("list.csv:2:10") && errors(&output).contains("yesterday"), "{}", errors(&output));
    assert_eq!(openings(out.path()), 0);
    assert_eq!(report(out.path(), &["--min-group", "2"]).status.code(), Some(2), "groups of two are no groups");
}

fn segments(out: &Path) -> Vec<String> {
    let listed = json(sluis(&home::with_models()).args(["vault", "ls", "--json", "--vault"]).arg(out.join("vault")));
    let ids = listed["segments"].as_array().unwrap().iter();
    ids.map(|segment| segment["id"].as_str().unwrap().to_owned()).collect()
}
