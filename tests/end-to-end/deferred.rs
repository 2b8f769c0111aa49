//! What a slow machine does: frames wait, sealed, and none is lost. And what a camera may not see.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::PathBuf;

use sluis_tests::home;
use sluis_tests::program::{errors, sluis};
use sluis_tests::service::{Service, signal};

/// More pictures than any machine here can look at as they come.
fn too_many(seconds: u32) -> String {
    let camera = |id| {
        format!(
            "[[camera]]\nid = \"{id}\"\ndriver = \"synthetic\"\nsynthetic = {{ seconds = {seconds} }}\nmode = \"persons\"\n"
        )
    };
    format!("[deferred]\nhours = 1\n[segment]\nseconds = 5\n{}{}{}", camera("one"), camera("two"), camera("three"))
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
    let mut service = Service::start(&home::without_models(), folder.path(), &too_many(12));
    service.wait("camera-opened");
    service.until("frames wait", |s| s.metric("sluis_deferred_frames", "") >= 30.0);
    let files = unnamed_files(service.keep());
    assert_eq!(files.len(), 3, "a file for each camera: {files:?}");
    let waiting = files.iter().map(|file| fs::read(file).unwrap()).max_by_key(Vec::len).unwrap();
    assert!(waiting.len() > 100_000, "{} bytes", waiting.len());
    assert!(!waiting.windows(4).any(|bytes| bytes == b"JFIF"), "a picture lies on the disk");
    service.until("the cameras are over", |s| s.told("stopped"));
    assert!(service.ended().success());
    for camera in ["one", "two", "three"] {
        let (entered, fates) = service.totals(camera);
        // 15 pictures a second.
        assert_eq!((entered, fates.iter().sum()), (180, 180_u64), "{camera}: {fates:?}");
        assert_eq!(fates[3], 0, "{camera}: {fates:?}");
    }
}

#[test]
fn what_waits_is_lost_with_the_process_that_sees_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), &too_many(600));
    service.wait("camera-opened");
    service.until("frames wait", |s| s.metric("sluis_deferred_frames", "one") >= 20.0);
    signal(service.eye(), "KILL");
    service.wait("eye-ended");
    let lost = service.wait_for("frames-lost", |event| event["camera"] == "one");
    let count =
        lost["message"].as_str().unwrap().split(|c: char| !c.is_ascii_digit()).find_map(|n| n.parse::<u64>().ok());
    assert!(count.is_some_and(|frames| frames >= 20), "{lost}");
    service.wait("camera-opened");
    // At the end nobody will come back for what waits: it is dropped, and counted.
    service.until("frames wait again", |s| s.metric("sluis_deferred_frames", "one") >= 10.0);
    assert!(service.stop().success());
    for camera in ["one", "two", "three"] {
        let (entered, fates) = service.totals(camera);
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
