//! What every camera has.

use std::fmt;
use std::time::Duration;

use sluis_frame::{Calibration, CameraId, Frame, Raw, Size};

use crate::error::Error;

/// A camera, opened.
///
/// One thread owns it. The program reads [`description`](Self::description) once, before the first frame, and then calls [`next`](Self::next) or
/// [`poll`](Self::poll) until there is no more, or an error. Dropping the driver closes the camera.
pub trait Driver: Send {
    /// What the camera is. It does not change while the camera is open.
    fn description(&self) -> &Description;

    /// The next frame, in order of capture; waits for it. Frames are numbered from 0 without gaps and all have the size of the description.
    /// `None` when the camera has no more. A driver must not drop frames: overload is counted where frames are processed.
    ///
    /// # Errors
    ///
    /// What is wrong with the camera or its file. Every whole frame from before the damage has come out by then. After an error there is nothing
    /// more: the next call gives `None`.
    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error>;

    /// The next frame as [`next`](Self::next) gives it, if it comes within about `patience`: so that whoever waits for a camera can be told to stop. A recording
    /// may take until its next frame is due.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    fn poll(&mut self, patience: Duration) -> Result<Polled, Error> {
        let _ = patience;
        Ok(self.next()?.map_or(Polled::End, Polled::Frame))
    }

    /// Whether frames come whether or not anybody is ready for them: a real camera, or a recording played at its own speed. What is not live waits.
    fn is_live(&self) -> bool;
}

/// What a camera is.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Its name in the configuration.
    pub camera: CameraId,
    /// The size of its pictures, and of its depth if it has any.
    pub size: Size,
    /// How often it takes a picture, on average.
    pub rate: Rate,
    /// Metres per count of its depth; `None` when it has no depth.
    pub depth_unit: Option<f32>,
    /// How it maps directions to pixels, when known.
    pub calibration: Option<Calibration>,
    /// How many frames it will give, when known beforehand.
    pub frames: Option<u64>,
}

/// What a camera gave within the time that it had.
#[derive(Debug)]
pub enum Polled {
    /// A frame.
    Frame(Frame<Raw>),
    /// Nothing yet: ask again.
    Waiting,
    /// There is no more.
    End,
}

/// Pictures per second: above 0 and at most [`Rate::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// A rate that no camera can have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} pictures per second cannot be: a rate is above 0 and at most {max}", max = Rate::MAX)]
pub struct InvalidRate(f64);

// === impl Rate ===

impl Rate {
    /// The highest rate, in pictures per second. High-speed cameras of this kind end at about 1000.
    pub const MAX: f64 = 1000.0;

    /// Ten pictures per second: enough to follow hands, and what a folder of pictures has unless something else is said.
    pub const TEN: Self = Self(10.0);

    /// Fifteen pictures per second: a usual rate of depth cameras.
    pub const FIFTEEN: Self = Self(15.0);

    /// Thirty pictures per second: what most cameras do.
    pub const THIRTY: Self = Self(30.0);

    /// Checks a rate, in pictures per second.
    ///
    /// # Errors
    ///
    /// [`InvalidRate`] unless it is above 0 and at most [`MAX`](Self::MAX).
    pub fn new(per_second: f64) -> Result<Self, InvalidRate> {
        if per_second > 0.0 && per_second <= Self::MAX { Ok(Self(per_second)) } else { Err(InvalidRate(per_second)) }
    }

    /// Pictures per second.
    pub const fn per_second(self) -> f64 {
        self.0
    }

    /// The time from the first picture to picture `number`, which counts from 0. Saturates.
    pub fn time_of(self, number: u64) -> Duration {
        Duration::try_from_secs_f64(number as f64 / self.0).unwrap_or(Duration::MAX)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}/s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_no_camera_has_is_refused() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1000.1] {
            assert!(Rate::new(wrong).is_err(), "{wrong} was accepted");
        }
        assert_eq!(Rate::new(25.0).unwrap().time_of(50), Duration::from_secs(2));
    }

    #[test]
    fn the_time_of_a_picture_saturates() {
        assert_eq!(Rate::new(1e-300).unwrap().time_of(u64::MAX), Duration::MAX);
    }
}
