//! A RealSense recording, through librealsense: the small one that `realsense/make-bag.py` makes.
#![cfg(feature = "realsense")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sluis_camera::realsense::{self, Settings, Source};
use sluis_camera::{Driver, Error, Fault, Pace, Rate};
use sluis_frame::{Calibration, CameraId, Frame, Raw, Size};
use support::{NOW, Still, play};

// What make-bag.py says.
const SIZE: Size = Size { width: 96, height: 64 };
const FRAMES: usize = 3;

/// The small recording.
fn bag() -> PathBuf {
    made("3-frames.bag")
}

fn made(name: &str) -> PathBuf {
    let folder = std::env::var_os("SLUIS_REALSENSE")
        .expect("there are no recordings. Run: eval \"$(host/camera/realsense/prepare.sh)\"");
    Path::new(&folder).join(name)
}

fn settings(file: &Path) -> Settings {
    Settings::new(Source::Recording { file: file.to_owned(), pace: Pace::AsFastAsPossible })
}

fn open(settings: &Settings) -> Result<Box<dyn Driver>, Error> {
    realsense::open(settings, CameraId::new("shelf-1").unwrap(), Arc::new(Still))
}

fn frames() -> Vec<Frame<Raw>> {
    frames_of(&bag())
}

fn frames_of(file: &Path) -> Vec<Frame<Raw>> {
    let (frames, error) = play(&mut *open(&settings(file)).unwrap());
    assert!(error.is_none(), "{error:?}");
    frames
}

fn refused(settings: &Settings) -> Error {
    open(settings).err().expect("it was opened")
}

#[test]
fn a_recording_says_what_its_camera_was() {
    let mut driver = open(&settings(&bag())).unwrap();
    let description = driver.description().clone();
    assert_eq!((description.size, description.rate), (SIZE, Rate::THIRTY));
    assert_eq!(description.depth_unit, Some(0.001));
    assert_eq!(description.calibration, Some(Calibration { fx: 70.0, fy: 71.0, cx: 47.5, cy: 31.5 }));
    assert!(!driver.is_live());
    assert!(driver.next().unwrap().is_some());
}

#[test]
fn colours_and_depths_are_those_that_were_recorded() {
    let frames = frames();
    assert_eq!(frames.len(), FRAMES);
    for (number, frame) in frames.iter().enumerate() {
        let depth = frame.depth().unwrap();
        assert_eq!(depth.unit(), 0.001);
        for (at, (pixel, value)) in frame.picture().pixels().chunks_exact(3).zip(depth.values()).enumerate() {
            let (x, y) = (at % SIZE.width as usize, at / SIZE.width as usize);
            assert_eq!(
                pixel,
                [x * 2, y * 3, 40 + number * 60].map(|level| level as u8),
                "colour at {x}, {y} of {number}"
            );
            // No reading in the corner, and depth of the very edges may be moved out of the picture.
            let inside = (1..SIZE.width as usize - 1).contains(&x) && (1..SIZE.height as usize - 1).contains(&y);
            let expected = 1000 + 10 * x + y + 100 * number;
            assert!(
                !inside || usize::from(*value) == expected,
                "depth at {x}, {y} of {number}: {value} instead of {expected}"
            );
        }
        assert_eq!(depth.values()[0], 0, "a reading where there is none");
    }
}

#[test]
fn frames_are_as_far_apart_as_they_were_taken() {
    let times: Vec<Duration> = frames().iter().map(|frame| frame.header().captured.since(NOW)).collect();
    assert_eq!(times[0], Duration::ZERO);
    for (number, time) in times.iter().enumerate() {
        let expected = number as f64 / 30.0;
        assert!((time.as_secs_f64() - expected).abs() < 1e-6, "frame {number} after {time:?}");
    }
}

#[test]
fn every_run_gives_the_same_frames() {
    let all = || {
        let plain = |frame: &Frame<Raw>| {
            (frame.header().clone(), frame.picture().pixels().to_vec(), frame.depth().unwrap().values().to_vec())
        };
        frames().iter().map(plain).collect::<Vec<_>>()
    };
    let first = all();
    assert_eq!(first.len(), FRAMES);
    for run in 1..10 {
        assert!(all() == first, "run {run} differs");
    }
}

#[test]
fn a_recording_at_its_own_speed_takes_its_time() {
    let source = Source::Recording { file: bag(), pace: Pace::RealTime };
    let mut driver = open(&Settings::new(source)).unwrap();
    assert!(driver.is_live());
    driver.next().unwrap().unwrap();
    let begun = std::time::Instant::now();
    let (rest, error) = (std::iter::from_fn(|| driver.next().unwrap()).count(), driver.next());
    assert!(rest == FRAMES - 1 && matches!(error, Ok(None)));
    // Two thirtieths of a second, less what passed before the first came out.
    assert!(begun.elapsed() >= Duration::from_millis(60), "{:?}", begun.elapsed());
}

#[test]
fn a_size_or_rate_that_was_not_recorded_is_unsupported() {
    let other_size = Settings { size: Some(Size::new(640, 480)), ..settings(&bag()) };
    let error = refused(&other_size);
    assert_eq!(error.fault(), Fault::Unsupported, "{error}");
    assert!(error.to_string().contains("640x480"), "{error}");
    let crooked = Settings { rate: Rate::new(29.97).ok(), ..settings(&bag()) };
    assert_eq!(refused(&crooked).fault(), Fault::Unsupported);
    let same = Settings { size: Some(SIZE), rate: Some(Rate::THIRTY), ..settings(&bag()) };
    assert!(open(&same).is_ok());
}

#[test]
fn what_is_no_recording_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bag");
    assert_eq!(refused(&settings(&file)).fault(), Fault::Missing);
    for (bytes, part) in
        [(&b""[..], "is empty"), (b"#ROS", "does not begin"), (b"not a recording at all", "does not begin")]
    {
        std::fs::write(&file, bytes).unwrap();
        let error = refused(&settings(&file));
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(error.fault(), Fault::Unsupported);
    }
    assert!(refused(&settings(folder.path())).to_string().contains("not a file"));
}

#[test]
fn a_recording_cut_off_anywhere_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bag");
    let bytes = std::fs::read(bag()).unwrap();
    for part in 1..8 {
        std::fs::write(&file, &bytes[..bytes.len() * part / 8]).unwrap();
        let error = refused(&settings(&file));
        assert!(matches!(error, Error::Damaged { .. }), "{part} of 8 parts: {error}");
        assert!(error.to_string().contains("a.bag"), "{error}");
    }
}

#[test]
fn a_recording_damaged_within_gives_what_comes_before_and_then_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bag");
    let whole = std::fs::read(made("60-frames.bag")).unwrap();
    let sound = frames_of(&made("60-frames.bag"));
    assert_eq!(sound.len(), 60);
    // Pictures lie in chunks of 768 KB before they are compressed: the damage is in the second, and the third ends the file.
    let mut bytes = whole.clone();
    let at = bytes.len() / 2;
    bytes[at..at + 64].fill(0xa5);
    std::fs::write(&file, &bytes).unwrap();
    let (frames, error) = play(&mut *open(&settings(&file)).unwrap());
    let error = error.expect("the damage was passed over");
    assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains("cannot be read from"), "{error}");
    assert!((1..60).contains(&frames.len()), "{} frames", frames.len());
    for (frame, sound) in frames.iter().zip(&sound) {
        assert!(frame.picture().pixels() == sound.picture().pixels(), "frame {} differs", frame.header().number);
    }
}

#[test]
fn a_camera_that_is_not_there_is_missing_at_once() {
    let begun = std::time::Instant::now();
    let error = refused(&Settings::new(Source::Camera { serial: "000000000000".to_owned() }));
    assert_eq!(error.fault(), Fault::Missing, "{error}");
    assert!(error.to_string().contains("000000000000"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn the_list_of_cameras_can_be_had() {
    for camera in realsense::list().unwrap() {
        assert!(!camera.serial.is_empty(), "{camera:?}");
    }
}
