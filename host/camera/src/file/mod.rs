//! A recording as a camera.
//!
//! [`open`] looks at what the path holds, not at its name:
//!
//! - an MP4 file with H.264 video, 8 bits, 4:2:0, not interlaced, not fragmented; sound is passed over;
//! - a folder of PNG and JPEG pictures of one size, in natural order (`2.jpg` before `10.jpg`); names that begin with a dot or end in `_mask`
//!   are passed over;
//! - a folder with depth: beside each `NAME.jpg` or `NAME.png` lies `NAME_depth.png`, 16 bits grey, in millimetres, 0 where there is no reading,
//!   registered to the colour picture. A `camera.xml` as OpenCV writes it gives the calibration;
//! - one PNG or JPEG picture.
//!
//! Frames are decoded as they are asked for; a recording is never in memory as a whole.

mod calibration;
mod folder;
mod kind;
mod mp4;
mod picture;
mod repeat;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sluis_frame::{CameraId, Clock};

use crate::driver::{Driver, Rate};
use crate::error::Error;
use crate::pace::Pace;
use crate::stamps::Stamps;
use kind::Kind;

/// Opens a recording as a camera. Pictures in a folder count as ten a second ([`Rate::TEN`]); [`open_at`] sets another rate.
///
/// A frame's time of capture is the time of `clock` at this call plus the frame's time within the recording, at either pace.
///
/// # Errors
///
/// [`Error`] names the file, what is wrong with it, and what to do.
pub fn open(path: &Path, camera: CameraId, pace: Pace, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, Error> {
    open_at(path, camera, Rate::TEN, pace, clock)
}

/// Opens a recording as [`open`] does. `stills` is the rate of pictures in a folder; a video has its own.
///
/// # Errors
///
/// As in [`open`].
pub fn open_at(
    path: &Path,
    camera: CameraId,
    stills: Rate,
    pace: Pace,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Driver>, Error> {
    let cannot_read = |source| Error::Read { file: path.to_owned(), source };
    let stamps = Stamps::new(camera, pace, &*clock);
    let about = fs::metadata(path).map_err(cannot_read)?;
    if about.is_dir() {
        return Ok(Box::new(folder::Folder::open(path, stills, stamps)?));
    }
    let not_a_recording = |found: &str| Error::NotARecording { file: path.to_owned(), found: found.to_owned() };
    if !about.is_file() {
        return Err(not_a_recording("it is neither a file nor a folder"));
    }
    if about.len() == 0 {
        return Err(Error::Empty { file: path.to_owned(), expected: "a recording has at least one picture" });
    }
    let mut file = File::open(path).map_err(cannot_read)?;
    let mut start = Vec::new();
    file.by_ref().take(kind::START).read_to_end(&mut start).map_err(cannot_read)?;
    match kind::of(&start) {
        Kind::Mp4 => Ok(Box::new(mp4::Mp4::open(path, file, stamps)?)),
        Kind::Picture => Ok(Box::new(folder::Folder::single(path, stills, stamps)?)),
        Kind::Other(found) => Err(not_a_recording(found)),
    }
}

/// Opens a recording as [`open_at`] does, and begins again whenever it is over, without end.
///
/// # Errors
///
/// As in [`open`].
pub fn open_repeating(
    path: &Path,
    camera: CameraId,
    stills: Rate,
    pace: Pace,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Driver>, Error> {
    let stamps = Stamps::new(camera.clone(), pace, &*clock);
    let path = path.to_owned();
    let pass = move || open_at(&path, camera.clone(), stills, Pace::AsFastAsPossible, Arc::clone(&clock));
    Ok(Box::new(repeat::Repeat::new(Box::new(pass), stamps)?))
}
