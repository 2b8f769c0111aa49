//! What the tests of recordings share.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot be set up fails, and one that is skipped says so"
)]

pub(crate) mod camera;
pub(crate) mod clip;
pub(crate) mod coded;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_camera::{Driver, Error, Pace, file};
use sluis_frame::{CameraId, Clock, Frame, Raw, Timestamp};

pub(crate) use clip::clip;

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Still;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

pub(crate) fn open(path: &Path) -> Result<Box<dyn Driver>, Error> {
    file::open(path, CameraId::new("shelf-1").unwrap(), Pace::AsFastAsPossible, Arc::new(Still))
}

/// All frames until the end or the first error, and that error. Checks what every driver promises.
pub(crate) fn play(driver: &mut dyn Driver) -> (Vec<Frame<Raw>>, Option<Error>) {
    let mut frames = Vec::new();
    let error = loop {
        match driver.next() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(matches!(driver.next(), Ok(None)), "something came after the end");
    let size = driver.description().size;
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!((frame.header().number.0, frame.size()), (number as u64, size));
    }
    assert!(frames.is_sorted_by_key(|frame| frame.header().captured), "time ran backwards");
    (frames, error)
}

/// Writes `bytes` as a file and opens it; the folder lives as long as the driver is used.
pub(crate) fn open_bytes(bytes: &[u8]) -> (tempfile::TempDir, Result<Box<dyn Driver>, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    std::fs::write(&path, bytes).unwrap();
    let opened = open(&path);
    (folder, opened)
}

/// The clip with every `from` replaced.
pub(crate) fn patched(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = clip().to_vec();
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "the clip has no {from:?}");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// The folder of real footage; `None`, said plainly, where it is absent.
pub(crate) fn footage() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage");
    let folder = std::env::var_os("SLUIS_FOOTAGE").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: there is no footage at {}; set SLUIS_FOOTAGE", folder.display());
        return None;
    }
    Some(folder)
}
