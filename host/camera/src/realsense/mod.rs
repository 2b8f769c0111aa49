//! RealSense depth cameras (D400 and later), and their recordings (`.bag`).
//!
//! The feature `realsense` adds `open` and `list`; it needs librealsense 2.56 to build. What is here is there without it.
//!
//! A camera gives colour, and depth registered to it: librealsense moves the depth to where the colour camera sees it. Live cameras and recordings go the same
//! way, but for their time: a live camera's clock is mapped to ours, and a recording is played from the moment when it was opened, as every recording is.
//!
//! Colour and depth come from two sensors. Where they were not taken together (within half the time from one picture to the next, as librealsense itself pairs
//! them), the picture is dropped and counted: depth of another moment would lie where nobody is.
//!
//! A camera that is unplugged is lost. Whoever opens it again by its serial number, gets it again once it is plugged in.

mod convert;
#[cfg(feature = "realsense")]
mod library;
#[cfg(feature = "realsense")]
mod sensor;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sluis_frame::Size;

use crate::driver::Rate;
use crate::pace::Pace;

#[cfg(feature = "realsense")]
pub use sensor::{list, open};

/// Which camera or recording, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where the pictures come from.
    pub source: Source,
    /// The size of its colour pictures, in pixels; its depth gets the same. The camera's own choice when it is not given.
    pub size: Option<Size>,
    /// How often it takes a picture: a whole number a second, of those that the camera has. The camera's own choice when it is not given.
    pub rate: Option<Rate>,
    /// How long nothing may come before it counts as silent.
    pub silent_after: Duration,
}

/// Where pictures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A camera.
    Camera {
        /// Its serial number, as [`Found`] and the label on it have it. The number of another camera is another camera: there is no "first one".
        serial: String,
    },
    /// What a camera has recorded. It is trusted: librealsense reads it, which is written in C++ and not made for files of strangers.
    Recording {
        /// A `.bag` file with colour as RGB8 and depth as Z16.
        file: PathBuf,
        /// How fast it is played.
        pace: Pace,
    },
}

/// A camera that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its serial number.
    pub serial: String,
    /// What it calls itself.
    pub name: String,
    /// The USB standard that it is connected by, such as `3.2`. At `2.1`, most sizes and rates are missing: try another port or cable.
    pub usb: Option<String>,
    /// The version of its firmware.
    pub firmware: Option<String>,
}

// === impl Settings ===

impl Settings {
    /// Long enough for a camera to start.
    pub const SILENT_AFTER: Duration = Duration::from_secs(5);

    /// The source's own choice of size and rate.
    pub const fn new(source: Source) -> Self {
        Self { source, size: None, rate: None, silent_after: Self::SILENT_AFTER }
    }
}

// === impl Source ===

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Camera { serial } => write!(f, "RealSense {serial}"),
            Self::Recording { file, .. } => write!(f, "{}", file.display()),
        }
    }
}
