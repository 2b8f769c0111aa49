//! Pictures that no camera should give: each works, or is refused in words, and what was good before is kept.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use image::{ImageBuffer, Luma, Rgb, RgbImage};
use sluis_tests::home;
use sluis_tests::program::{count, errors, json, sluis};

fn demo(input: &Path, out: &Path) -> Command {
    let mut command = sluis(&home::without_models());
    command.args(["demo", "--json", "--input"]).arg(input).arg("--out").arg(out);
    command
}

fn plain(width: u32, height: u32, value: u8) -> RgbImage {
    ImageBuffer::from_pixel(width, height, Rgb([value; 3]))
}

#[test]
fn black_white_and_a_single_pixel_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    for (name, picture) in [("black", plain(640, 480, 0)), ("white", plain(640, 480, 255)), ("one", plain(1, 1, 90))] {
        let file = folder.path().join(format!("{name}.png"));
        picture.save(&file).unwrap();
        let answer = json(&mut demo(&file, &folder.path().join(name)));
        assert_eq!([count(&answer, "frames_in"), count(&answer, "frames_recorded")], [1, 1], "{name}: {answer}");
    }
}

#[test]
fn a_picture_larger_than_video_can_be_is_refused_with_the_largest_size() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("huge.png");
    plain(7680, 4320, 90).save(&file).unwrap();
    let output = demo(&file, &folder.path().join("out")).output().unwrap();
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("7680x4320") && said.contains("3840x2160"), "{said}");
}

#[test]
fn another_size_in_mid_stream_ends_the_camera_and_what_was_before_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    for (number, width) in [64, 64, 64, 128].into_iter().enumerate() {
        plain(width, 48, 90).save(pictures.join(format!("{number}.png"))).unwrap();
    }
    let out = folder.path().join("out");
    let output = demo(&pictures, &out).output().unwrap();
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("3.png") && said.contains("128x48") && said.contains("64x48"), "{said}");
    let mut list = sluis(&home::without_models());
    let list = json(list.args(["vault", "ls", "--json", "--vault"]).arg(out.join("vault")));
    let [segment] = &list["segments"].as_array().unwrap()[..] else { panic!("one segment: {list}") };
    assert_eq!(count(segment, "frames"), 3, "{list}");
    // And the segment carries what the audit said.
    assert_eq!(count(&segment["audit"], "passed"), 3, "{list}");
    assert_eq!(segment["components"].as_array().unwrap().len(), 2, "{list}");
}

#[test]
fn depth_without_colour_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let depth: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_pixel(64, 48, Luma([1000]));
    depth.save(folder.path().join("0000_depth.png")).unwrap();
    let output = demo(folder.path(), &folder.path().join("out")).output().unwrap();
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("0000_depth.png") && said.contains("no colour"), "{said}");
}
