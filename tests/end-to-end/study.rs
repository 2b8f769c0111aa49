//! What a study is for: a report that tells nothing of few, and training data that can be found again.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use sluis_tests::home;
use sluis_tests::program::{count, errors, json, sluis};

/// A vault of the test scene with events of a detector that tells them steadily, at `OUT/vault`.
fn recorded(out: &Path) {
    let home = home::with_planted("sluis-tests-gestures", &["tests/components/counts-frames"]);
    let mut demo = sluis(&home);
    demo.args(["demo", "--json", "--seconds", "3", "--gestures", "counts-frames", "--out"]).arg(out);
    assert!(count(&json(&mut demo), "gestures") > 0);
}

fn report(out: &Path, more: &[&str]) -> Command {
    let mut command = sluis(&home::without_models());
    command.args(["study", "report", "--time-zone", "Europe/Amsterdam", "--reason", "a test", "--vault"]);
    command.arg(out.join("vault")).arg("--as").arg(out.join("staff.key")).args(more);
    command
}

fn export(out: &Path, to: &Path, more: &[&str]) -> Command {
    let mut command = sluis(&home::without_models());
    command.args(["dataset", "export", "--reason", "training of a test", "--vault"]).arg(out.join("vault"));
    command.arg("--as").arg(out.join("staff.key"));
    command.arg("--out").arg(to).args(more);
    command
}

#[test]
fn a_report_of_a_vault_counts_recorded_time_and_keeps_back_what_is_about_few() {
    let out = tempfile::tempdir().unwrap();
    recorded(out.path());
    let answer = json(&mut report(out.path(), &["--format", "json"]));
    assert_eq!(answer["schema"], "sluis.study-report/1");
    assert!(answer["recorded"][0]["minutes"].as_u64().unwrap() >= 1, "{answer}");
    assert_eq!(answer["left_out"].as_array().unwrap().len(), 0);
    for counts in answer["counts"].as_array().unwrap() {
        let total = &counts["total"];
        assert!(total.is_null() || *total == 0 || total.as_u64() >= Some(5), "{counts}");
    }
    let page = out.path().join("report.html");
    let written = report(out.path(), &["--format", "html", "--out", page.to_str().unwrap()]).output().unwrap();
    assert!(written.status.success(), "{}", errors(&written));
    assert!(fs::read_to_string(&page).unwrap().ends_with("</html>\n"));
    let none = report(out.path(), &["--from", "2000-01-01", "--to", "2000-01-02"]).output().unwrap();
    assert!(String::from_utf8_lossy(&none.stdout).contains("Nothing was recorded in this time."));
    let wrong = report(out.path(), &["--min-group", "1"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{}", errors(&wrong));
}

#[test]
fn an_export_is_complete_logged_and_taken_out_again() {
    let out = tempfile::tempdir().unwrap();
    recorded(out.path());
    let to = out.path().join("data");
    let answer = json(&mut export(out.path(), &to, &["--json", "--with-nothing"]));
    assert_eq!(count(&answer, "segments"), 1, "{answer}");
    for name in ["export.json", "README.md", "activitynet.json", "coco.json", "shards/shard-000000.tar"] {
        assert!(to.join(name).is_file(), "{name} is missing");
    }
    let again = json(&mut export(out.path(), &to, &["--json", "--with-nothing"]));
    assert_eq!((count(&again, "read"), &again["was_complete"]), (0, &true.into()));
    let vault = out.path().join("vault");
    let listed = json(sluis(&home::without_models()).args(["dataset", "ls", "--json", "--vault"]).arg(&vault));
    let exports = listed["exports"].as_array().unwrap();
    assert_eq!(exports.len(), 1, "{listed}");
    assert_eq!(exports[0]["destination"].as_str().unwrap(), to.to_str().unwrap());
    let segment = exports[0]["opening"]["segment"].as_str().unwrap();
    let erase = sluis(&home::without_models())
        .args(["dataset", "erase", "--segment", segment, "--out"])
        .arg(&to)
        .output()
        .unwrap();
    assert!(erase.status.success(), "{}", errors(&erase));
    assert!(!to.join("mcap").join(format!("{segment}.mcap")).exists());
    assert!(!to.join("shards/shard-000000.tar").exists());
}
