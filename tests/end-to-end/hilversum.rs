//! The study of `examples/hilversum`, rehearsed as its page says.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::process::Command;

use sluis_tests::program::{build_folder, errors, sluis};
use sluis_tests::{footage, home};

#[test]
fn the_rehearsal_films_reports_hands_out_and_deletes() {
    let folder = tempfile::tempdir().unwrap();
    let script = footage::checkout().join("examples/hilversum/rehearse.sh");
    let mut rehearsal = Command::new(script);
    rehearsal.arg("45").env("SLUIS", build_folder().join("sluis")).env("SLUIS_REHEARSAL", folder.path());
    rehearsal.env("SLUIS_HOME", home::without_models()).env("NO_COLOR", "1");
    let output = rehearsal.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", errors(&output));
    let made = folder.path().join("rehearsal");
    let view = image::open(made.join("shelves-zones.png")).unwrap().into_rgb8();
    // The bakehouse's door is excluded: nothing but grid and letters is there.
    let dark = view.enumerate_pixels().filter(|(x, y, p)| *x >= 562 && *y <= 145 && p.0 == [0; 3]).count();
    assert!(dark > 78 * 145 * 8 / 10, "{dark} of {} pixels", 78 * 145);
    assert!(std::fs::read_to_string(made.join("report.html")).unwrap().contains("bread"), "no zone is in the report");
    let handed_out = said.lines().find(|line| line.contains("handed-out: ") && line.contains(" segments in "));
    assert!(handed_out.is_some_and(|line| !line.contains(": 0 segments")), "{said}");
    assert!(!made.join("handed-out").exists());
}

#[test]
fn the_configuration_of_the_shop_is_whole() {
    let config = footage::checkout().join("examples/hilversum/sluis.toml");
    let output = sluis(&home::without_models()).args(["check", "--config"]).arg(config).output().unwrap();
    // Its cameras are not here, and are named as missing. What is written is right all the same.
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with("configuration")).unwrap_or_default();
    assert!(line.contains("ok") && line.ends_with("4 cameras"), "{said}{}", errors(&output));
    assert!(["shelves", "queue", "bread-front", "pastry-front"].iter().all(|camera| said.contains(camera)), "{said}");
}
