//! Real recordings, and one that is made here.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod support;

use std::path::PathBuf;

use sluis_camera::{Driver, Error};
use sluis_frame::{Calibration, Size};
use support::clip::{PER_SECOND, SIZE, encode};
use support::{NOW, footage, open, open_bytes, play};

fn clips() -> Vec<PathBuf> {
    let Some(footage) = footage() else { return Vec::new() };
    let of = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = of(footage.join("clips")).chain(of(footage.join("clips/table")));
    all.filter(|path| path.extension().is_some_and(|e| e == "mp4")).collect()
}

/// Plays without keeping the frames: clips are long.
fn count(driver: &mut dyn Driver) -> u64 {
    let mut count = 0;
    let mut last = NOW;
    while let Some(frame) = driver.next().unwrap() {
        assert_eq!((frame.header().number.0, frame.size()), (count, driver.description().size));
        assert!(count == 0 || frame.header().captured > last, "frame {count} is not later than the one before");
        last = frame.header().captured;
        count += 1;
    }
    count
}

#[test]
fn every_picture_that_a_container_counts_comes_out_in_order() {
    for clip in clips() {
        let mut driver = open(&clip).unwrap();
        let counted = driver.description().frames.unwrap();
        assert_eq!(count(&mut *driver), counted, "{}", clip.display());
    }
}

#[test]
fn a_clip_with_reordered_pictures_gives_those_before_the_damage_and_then_says_so() {
    let Some(footage) = footage() else { return };
    let mut bytes = std::fs::read(footage.join("clips/table/normal_004_f1.mp4")).unwrap();
    let at = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    let (index, pictures) = (at(b"moov"), at(b"mdat"));
    let end = if index > pictures { index - 4 } else { bytes.len() };
    bytes[(pictures + end) / 2..end].fill(0xff);
    let (_folder, opened) = open_bytes(&bytes);
    let (frames, error) = play(&mut *opened.unwrap());
    let error = error.unwrap();
    assert!((5..30).contains(&frames.len()), "{} pictures", frames.len());
    // The picture in which the damage begins may be lost before the decoder notices.
    let named = frames.len() as u64..=frames.len() as u64 + 1;
    assert!(matches!(error, Error::Decode { number, .. } if named.contains(&number)), "{}: {error}", frames.len());
}

#[test]
fn colour_and_depth_of_a_real_sensor_come_together() {
    let Some(footage) = footage() else { return };
    let mut driver = open(&footage.join("rgbd/turning-person")).unwrap();
    let description = driver.description().clone();
    assert_eq!((description.size, description.frames), (Size::new(640, 480), Some(100)));
    assert_eq!(description.calibration, Some(Calibration { fx: 525.0, fy: 525.0, cx: 320.0, cy: 240.0 }));
    let (frames, error) = play(&mut *driver);
    assert!(error.is_none() && frames.len() == 100);
    for frame in &frames {
        let depth = frame.depth().unwrap().values();
        let mut read: Vec<u16> = depth.iter().copied().filter(|v| *v > 0).collect();
        read.sort_unstable();
        // The footage's notes: about a quarter has no reading; a room is a few metres deep.
        assert!(read.len() > depth.len() / 2, "{} readings", read.len());
        assert!((500..8000).contains(&read[read.len() / 2]), "median depth {} mm", read[read.len() / 2]);
    }
}

#[test]
fn a_recording_that_was_encoded_comes_out_with_its_length_size_and_rate() {
    let (_folder, opened) = open_bytes(&encode(0, 2));
    let mut driver = opened.unwrap();
    let description = driver.description().clone();
    assert_eq!((description.size, description.frames), (SIZE, Some(u64::from(2 * PER_SECOND))));
    assert!((description.rate.per_second() - f64::from(PER_SECOND)).abs() < 0.01, "{}", description.rate);
    assert_eq!(count(&mut *driver), u64::from(2 * PER_SECOND));
}
