//! What a slow machine does: frames wait, sealed, and none is lost. And what a camera may not see.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sluis_tests::home;
use sluis_tests::program::{errors, sluis, sluis_by};
use sluis_tests::service::{Service, signal};

/// Three drawn cameras of 15 pictures a second with depth, without end or for so many seconds.
fn three(seconds: Option<u32>) -> String {
    let seconds = seconds.map(|seconds| format!(", seconds = {seconds}")).unwrap_or_default();
    let camera = |seed| {
        format!("[[camera]]\nid = \"c{seed}\"\ndriver = \"synthetic\"\nsynthetic = {{ seed = {seed}{seconds} }}\n")
    };
    format!(
        "[deferred]\nhours = 1\ngib-per-camera = 1\n[segment]\nseconds = 5\n{}",
        (0..3).map(camera).collect::<String>()
    )
}

/// The service on one processor, the first or the last that there is: too slow for three cameras.
fn slow(folder: &Path, tables: &str, last: bool) -> Service {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    let mut processors = allowed.split([',', '-']);
    let processor = if last { processors.next_back() } else { processors.next() }.unwrap();
    let mut slow = Command::new("taskset");
    slow.args(["--cpu-list", processor]);
    Service::start_by(sluis_by(slow, &home::without_models()), folder, tables)
}

/// Files of a process that are open and have no name.
fn unnamed_files(process: u32) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).unwrap().filter_map(Result::ok);
    let is_unnamed = |entry: &fs::DirEntry| {
        let to = fs::read_link(entry.path()).unwrap_or_default();
        to.to_string_lossy().ends_with("(deleted)") && !to.starts_with("/memfd:")
    };
    entries.filter(is_unnamed).map(|entry| entry.path()).collect()
}

#[test]
fn a_slow_machine_loses_no_frame_and_what_waits_is_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = slow(folder.path(), &three(Some(4)), false);
    service.wait("camera-opened");
    service.until("frames wait", |s| s.metric("sluis_deferred_frames", "") >= 40.0);
    let files = unnamed_files(service.keep());
    assert!((1..=3).contains(&files.len()), "{files:?}");
    let waiting = files.iter().map(|file| fs::read(file).unwrap()).max_by_key(Vec::len).unwrap();
    assert!(waiting.len() > 100_000, "{} bytes", waiting.len());
    assert!(!waiting.windows(4).any(|bytes| bytes == b"JFIF"), "a picture lies on the disk");
    assert!(service.ended().success());
    for camera in 0..3 {
        let (entered, fates) = service.totals(&format!("c{camera}"));
        assert_eq!((entered, fates.iter().sum()), (60, 60_u64), "{camera}: {fates:?}");
        assert_eq!(fates[3], 0, "{camera}: {fates:?}");
    }
}

#[test]
fn what_waits_is_lost_with_the_process_that_sees_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let tables = three(None);
    let mut service = slow(folder.path(), &tables, true);
    service.wait("camera-opened");
    service.until("frames wait", |s| s.metric("sluis_deferred_frames", "c1") >= 20.0);
    signal(service.eye(), "KILL");
    service.wait("eye-ended");
    let lost = |service: &Service| {
        let of = |event: &&Value| event["event"] == "frames-lost" && event["camera"] == "c1";
        let message = service.heard.iter().find(of)?["message"].as_str()?.to_owned();
        message.split(|c: char| !c.is_ascii_digit()).find_map(|number| number.parse::<u64>().ok())
    };
    service.until("what was lost is told", |s| lost(s).is_some());
    assert!(lost(&service) >= Some(20), "{:#?}", service.heard);
    service.until("frames wait again", |s| s.metric("sluis_deferred_frames", "c1") >= 20.0);
    // Switched off, nobody will come back for what waits: it is dropped, and counted.
    service.reload(&tables.replace("[deferred]\nhours = 1\ngib-per-camera = 1\n", ""));
    service.wait("reloaded");
    service.until("nothing waits", |s| s.metric("sluis_deferred_frames", "") == 0.0);
    assert!(service.stop().success());
    for camera in 0..3 {
        let (entered, fates) = service.totals(&format!("c{camera}"));
        assert_eq!(entered, fates.iter().sum::<u64>(), "{camera}: {fates:?}");
    }
}

#[test]
fn what_is_excluded_is_black() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("sluis.toml"), folder.path().join("view.png"));
    let text = "[shop]\nid = \"test\"\nname = \"Test\"\n[vault]\ndir = \"vault\"\n\
        [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\npace = \"as-fast-as-possible\"\n\
        [[camera.exclusion]]\npolygon = [[400, 0], [640, 0], [640, 480], [400, 480]]\nwhat = \"the staff door\"\n";
    fs::write(&file, text).unwrap();
    let mut view = sluis(&home::without_models());
    let output = view.args(["camera", "view", "one", "--config"]).arg(&file).arg("--out").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let picture = image::open(&out).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (640, 480));
    let black = |from: u32, to: u32| {
        picture.enumerate_pixels().filter(|(x, _, pixel)| (from..to).contains(x) && pixel.0 == [0; 3]).count() as u32
    };
    assert_eq!(black(400, 640), 240 * 480);
    assert!(black(0, 400) < 400 * 480 / 2, "the rest is seen");
    // Outside the picture it cannot be.
    fs::write(&file, text.replace("640, 480", "641, 480")).unwrap();
    let output =
        sluis(&home::without_models()).args(["camera", "view", "one", "--config"]).arg(&file).output().unwrap();
    let said = errors(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("exclusion: corner 3 (641,") && said.contains("outside the picture of 640x480"), "{said}");
}
