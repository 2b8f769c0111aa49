//! Camera drivers: where frames come from.
//!
//! Every camera is a [`Driver`]: it says once what it is ([`Description`]) and then gives [`Frame<Raw>`](sluis_frame::Frame) after frame, in order of
//! capture. What it gives lives in memory only; what may happen to it is the business of the crates above.
//!
//! - [`driver`]: [`Driver`], [`Description`] and [`Rate`], what every camera has.
//! - [`pace`]: [`Pace`], whether a recording is played at its own speed or as fast as the machine can.
//! - [`file`](mod@file): a recording as a camera: an MP4 file with H.264, a folder of pictures with or without depth, or one picture.
//! - [`rtsp`]: a network camera that speaks RTSP and sends H.264.
//! - [`backoff`]: [`Backoff`], how long to wait before a camera that was lost is opened again.
//! - `h264` (private): H.264 to pictures.
//! - `colour` (private): how the numbers of a video become red, green and blue.
//! - [`synthetic`]: a drawn shop with depth and with the truth about it, for a first run without a camera, for tests and for measurements.
//! - [`v4l2`]: USB and built-in cameras. Opening one needs the feature `v4l2`.
//! - [`realsense`]: RealSense depth cameras, and their recordings. Opening one needs the feature `realsense`.
//! - `live` (private): what all cameras on a cable have in common: patience, silence, numbers, time.
//! - `jpeg` (private): JPEG as cameras send it.
//! - `stamps` (private): the headers of a camera's frames.
//! - `mapping` (private): the time of a camera's own clock, in ours.
//! - [`error`]: [`Error`], everything that can go wrong, for the reader.
//!
//! ```no_run
//! use std::sync::Arc;
//! use sluis_camera::{Pace, file};
//! use sluis_frame::{CameraId, SystemClock};
//!
//! let camera = CameraId::new("shelf-1")?;
//! let mut driver = file::open("aisle.mp4".as_ref(), camera, Pace::AsFastAsPossible, Arc::new(SystemClock))?;
//! while let Some(frame) = driver.next()? {
//!     println!("{frame:?}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod backoff;
mod colour;
pub mod driver;
pub mod error;
pub mod file;
mod h264;
mod jpeg;
mod live;
mod mapping;
pub mod pace;
pub mod realsense;
pub mod rtsp;
mod stamps;
pub mod synthetic;
pub mod v4l2;

pub use backoff::Backoff;
pub use driver::{Description, Driver, Polled, Rate};
pub use error::{Error, Fault};
pub use pace::Pace;
