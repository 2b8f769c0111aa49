//! A killed program loses at most what was not yet sealed, and says what.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use sluis_tests::home;
use sluis_tests::program::{count, json, sluis};

fn list(vault: &Path) -> Vec<Value> {
    let output = sluis(&home::without_models()).args(["vault", "ls", "--json", "--vault"]).arg(vault).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    answer["segments"].as_array().cloned().unwrap_or_default()
}

fn in_state(segments: &[Value], state: &str) -> usize {
    segments.iter().filter(|s| s["state"] == state).count()
}

#[test]
fn after_kill_9_sealed_segments_verify_and_the_open_one_is_recovered_or_recorded_as_lost() {
    let out = tempfile::tempdir().unwrap();
    let vault = out.path().join("vault");
    let mut running = sluis(&home::without_models())
        .args(["demo", "--real-time", "--segment-seconds", "2", "--seconds", "30", "--out"])
        .arg(out.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    // Two sealed, a third being written, and some of it on disk.
    let patience = Instant::now() + Duration::from_secs(120);
    loop {
        let segments = list(&vault);
        if in_state(&segments, "sealed") >= 2 && in_state(&segments, "writing") == 1 {
            break;
        }
        assert!(Instant::now() < patience, "no segment was sealed: {segments:?}");
        assert!(running.try_wait().unwrap().is_none(), "the run ended early: {segments:?}");
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_millis(1200));
    running.kill().unwrap(); // SIGKILL
    running.wait().unwrap();

    let before = list(&vault);
    let sealed = in_state(&before, "sealed");
    assert_eq!(in_state(&before, "writing"), 1, "{before:?}");

    // The next start recovers; the run itself seals one more.
    json(sluis(&home::without_models()).args(["demo", "--json", "--seconds", "1", "--out"]).arg(out.path()));
    let after = list(&vault);
    assert_eq!(in_state(&after, "writing"), 0, "{after:?}");
    assert_eq!(in_state(&after, "sealed"), sealed + 1, "{after:?}");
    assert_eq!(in_state(&after, "recovered") + in_state(&after, "lost"), 1, "{after:?}");

    let answer = json(sluis(&home::without_models()).args(["vault", "verify", "--json", "--vault"]).arg(&vault));
    let [segments, ok, lost] = ["segments", "ok", "lost"].map(|f| count(&answer, f));
    assert_eq!((ok + lost, lost), (segments, in_state(&after, "lost") as u64), "{answer}");
}
