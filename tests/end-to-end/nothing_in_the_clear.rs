//! Promise 1: nothing that a run wrote holds picture data in the clear.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use sluis_camera::{Pace, file};
use sluis_frame::{CameraId, SystemClock};
use sluis_tests::leak::{Searcher, files_below};
use sluis_tests::program::sluis;
use sluis_tests::{footage, home};

/// The pictures of a clip as the camera driver gives them.
fn pictures(clip: &Path) -> Vec<(usize, Vec<u8>)> {
    let camera = CameraId::new("clip").unwrap();
    let mut driver = file::open(clip, camera, Pace::AsFastAsPossible, Arc::new(SystemClock)).unwrap();
    let mut pictures = Vec::new();
    while let Some(frame) = driver.next().unwrap() {
        pictures.push((frame.size().width as usize, frame.picture().pixels().to_vec()));
    }
    pictures
}

/// Runs the demonstration with all of its world in one folder: output, temporary files, home, working folder, logs.
fn run_in(world: &Path, clip: &Path) {
    for folder in ["tmp", "home", "work", "out"] {
        fs::create_dir(world.join(folder)).unwrap();
    }
    let status = sluis(&home::with_models())
        .args(["demo", "--out"])
        .arg(world.join("out"))
        .arg("--input")
        .arg(clip)
        .env("TMPDIR", world.join("tmp"))
        .env("HOME", world.join("home"))
        .env("SLUIS_LOG", "trace")
        .current_dir(world.join("work"))
        .stdout(File::create(world.join("stdout.log")).unwrap())
        .stderr(File::create(world.join("stderr.log")).unwrap())
        .status()
        .unwrap();
    assert!(status.success(), "{}", fs::read_to_string(world.join("stderr.log")).unwrap());
    // The contact sheet is what the user asked to see: cleared frames, as a picture.
    fs::remove_file(world.join("out/contact-sheet.png")).unwrap();
}

#[test]
fn nothing_that_a_run_wrote_holds_picture_data() {
    let Some(footage) = footage::folder() else { return };
    let clip = footage.join("clips/face-demographics-walking.mp4");
    let world = tempfile::tempdir().unwrap();
    run_in(world.path(), &clip);
    let pictures = pictures(&clip);
    let searcher = Searcher::new(pictures.iter().map(|(width, rgb)| (*width, &rgb[..])));
    assert_eq!(searcher.search(world.path()), []);

    let sealed: u64 = files_below(&world.path().join("out/vault")).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert!(sealed > 50_000, "something was recorded: {sealed} bytes");

    // The search would find it: one row of one raw picture, appended to a sealed segment.
    let (width, rgb) = &pictures[20];
    let row = rgb.chunks_exact(width * 3).nth(130).unwrap();
    let files = files_below(&world.path().join("out/vault"));
    let largest = files.iter().max_by_key(|f| f.metadata().unwrap().len()).unwrap();
    let mut content = fs::read(largest).unwrap();
    content.extend_from_slice(row);
    fs::write(largest, content).unwrap();
    assert!(!searcher.search(world.path()).is_empty(), "the planted leak was not found");
}

#[test]
fn a_sealed_segment_looks_like_noise() {
    let out = tempfile::tempdir().unwrap();
    let status = sluis(&home::without_models())
        .args(["demo", "--json", "--seconds", "2", "--out"])
        .arg(out.path())
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    for file in files_below(&out.path().join("vault/segments")) {
        let content = fs::read(&file).unwrap();
        let mut counts = [0f64; 256];
        content.iter().for_each(|b| counts[usize::from(*b)] += 1.0);
        let expected = content.len() as f64 / 256.0;
        // Chi-square with 255 degrees of freedom: above 400 once in 10^8 files of noise; plain video is in the thousands.
        let chi: f64 = counts.iter().map(|c| (c - expected).powi(2) / expected).sum();
        assert!(content.len() > 5_000 && chi < 400.0, "{}: {} bytes, chi-square {chi}", file.display(), content.len());
    }
}
