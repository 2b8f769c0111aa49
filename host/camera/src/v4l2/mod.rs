//! USB and built-in cameras, through Video4Linux (V4L2).
//!
//! The feature `v4l2` adds `open` and `list`; it needs libclang to build (Debian: `libclang-dev`). What is here is there without it.
//!
//! Two codings are read, which nearly every camera has:
//!
//! - YUYV (YUY2), uncompressed: the better picture. Through USB 2 it fits up to about 640x480 at 30 pictures a second.
//! - Motion JPEG, for what does not fit uncompressed.
//!
//! A camera is asked for the size and rate of the [`Settings`], and among the codings in which it has them, for YUYV. Without a size it is the largest up to
//! 1280x720; without a rate the highest up to 30 a second. A rate that a camera does not have becomes the nearest that it has; a size that it does not have is an
//! error that names those that it has.

#[cfg(feature = "v4l2")]
mod device;
#[cfg(feature = "v4l2")]
mod ioctl;
mod modes;
mod picture;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sluis_frame::Size;

use crate::driver::Rate;
use crate::error::Error;

#[cfg(feature = "v4l2")]
pub use device::{list, open};

/// Which camera, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Its device file. `/dev/video0` can be another camera after the next start; the names below `/dev/v4l/by-id` and `/dev/v4l/by-path` stay.
    pub device: PathBuf,
    /// The size of its pictures, in pixels.
    pub size: Option<Size>,
    /// How often it takes a picture.
    pub rate: Option<Rate>,
    /// How long nothing may come before it counts as silent.
    pub silent_after: Duration,
}

/// A camera that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its device file: the stable name below `/dev/v4l/by-id` where it has one.
    pub device: PathBuf,
    /// What it calls itself.
    pub name: String,
    /// Where it is plugged in, as the kernel says.
    pub bus: String,
    /// What it can do of what is read here.
    pub modes: Vec<Mode>,
}

/// One size that a camera has in one coding.
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// How pictures are coded.
    pub coding: Coding,
    /// In pixels.
    pub size: Size,
    /// How often pictures come at this size, at most; in no order. Empty when the camera does not say.
    pub rates: Vec<Rate>,
}

/// How a camera codes its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Uncompressed, 4:2:2.
    Yuyv,
    /// One JPEG after the other.
    Mjpeg,
}

// === impl Settings ===

impl Settings {
    /// Long enough for a slow camera to start.
    pub const SILENT_AFTER: Duration = Duration::from_secs(5);

    /// The camera's own choice of size and rate.
    pub fn new(device: impl Into<PathBuf>) -> Self {
        Self { device: device.into(), size: None, rate: None, silent_after: Self::SILENT_AFTER }
    }
}

// === impl Mode ===

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.coding, self.size)?;
        match self.rates.iter().copied().max_by(|a, b| a.per_second().total_cmp(&b.per_second())) {
            Some(highest) => write!(f, " up to {highest}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yuyv => "YUYV",
            Self::Mjpeg => "MJPEG",
        })
    }
}

/// What the system says when a camera is opened or set, in our words. Numbers are those of `errno`(3), the same on every Linux machine that Rust knows but MIPS.
#[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`; tested always"))]
fn refusal(path: &Path, error: &io::Error) -> Error {
    const ENXIO: i32 = 6;
    const ENODEV: i32 = 19;
    const ENOTTY: i32 = 25;
    let device = path.display().to_string();
    match (error.kind(), error.raw_os_error()) {
        // No number: the name cannot even be asked for.
        (io::ErrorKind::NotFound, _) | (io::ErrorKind::InvalidInput, None) | (_, Some(ENXIO | ENODEV)) => {
            Error::DeviceMissing { device, reason: error.to_string() }
        }
        (io::ErrorKind::PermissionDenied, _) => Error::DeviceDenied {
            device,
            reason: format!("{error}. Add this user to the group `video` (usermod -aG video USER), and log in again"),
        },
        (io::ErrorKind::ResourceBusy, _) => Error::DeviceDenied {
            device,
            reason: format!("{error}. Another program uses it: `fuser -v {}` says which", path.display()),
        },
        (io::ErrorKind::StorageFull, _) => Error::DeviceDenied {
            device,
            reason: "its USB bus has no room for it. Set a smaller size or rate, or plug it into another bus"
                .to_owned(),
        },
        (_, Some(ENOTTY)) => Error::DeviceUnsupported {
            device,
            wanted: "pictures".to_owned(),
            found: "nothing that a camera has: it is another kind of device".to_owned(),
        },
        (io::ErrorKind::InvalidInput, _) => Error::DeviceUnsupported {
            device,
            wanted: "way to be streamed as other cameras are".to_owned(),
            found: format!("a driver that says: {error}"),
        },
        _ => Error::DeviceLost { device, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn what_the_system_says_is_told_by_class_and_with_advice() {
        // errno(3): ENOENT, ENXIO, ENODEV, EACCES, EBUSY, ENOSPC, ENOTTY, EINVAL, EIO.
        for (number, fault, advice) in [
            (2, Fault::Missing, "Check its cable"),
            (6, Fault::Missing, "Check its cable"),
            (19, Fault::Missing, "Check its cable"),
            (13, Fault::Denied, "group `video`"),
            (16, Fault::Denied, "fuser -v /dev/video7"),
            (28, Fault::Denied, "USB bus"),
            (25, Fault::Unsupported, "another kind of device"),
            (22, Fault::Unsupported, "a driver that says"),
            (5, Fault::Lost, "Check its cable"),
        ] {
            let error = refusal("/dev/video7".as_ref(), &io::Error::from_raw_os_error(number));
            assert_eq!(error.fault(), fault, "{error}");
            assert!(error.to_string().contains(advice), "{error}");
            assert!(error.to_string().contains("/dev/video7"), "{error}");
        }
    }
}
