//! What can go wrong with a copy.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use sluis_frame::{CameraId, FrameNumber, Point, Timestamp};

/// A copy that could not be made. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to look at.
    #[error("nothing was recorded in the window: choose one in which segments are kept (`sluis vault ls`)")]
    Nothing,
    /// The window is too long.
    #[error("the window is longer than {} minutes: make several copies", longest.as_secs() / 60)]
    Window {
        /// The longest that can be.
        longest: Duration,
    },
    /// A segment could not be opened.
    #[error("segment {segment} of the window could not be opened")]
    Open {
        /// Which of those that were given, from 0.
        segment: usize,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A segment could not be read, or the copy not be encoded.
    #[error("the recording of the window could not be read, or the copy not be encoded")]
    Segment(#[from] sluis_segment::Error),
    /// Segments that do not belong together.
    #[error(
        "segment {segment} is of another camera, of another picture size, or earlier than the one before it: \
         give the segments of one camera in order, and make a copy for each camera and size"
    )]
    Mixed {
        /// Which of those that were given, from 0.
        segment: usize,
    },
    /// The same recordings gave other frames when they were read again.
    #[error(
        "camera {camera}: the recordings changed at frame {frame} since they were looked at, perhaps because their deadline passed; make the copy again"
    )]
    Changed {
        /// Which camera.
        camera: CameraId,
        /// The first frame that is gone, or another.
        frame: FrameNumber,
    },
    /// Nobody is told apart where the officer chose.
    #[error(
        "camera {camera}: at {at} there is no single silhouette at {}, {}: choose a number of the contact sheet, or another moment",
        place.x, place.y
    )]
    Nobody {
        /// Which camera.
        camera: CameraId,
        /// When.
        at: jiff::Timestamp,
        /// Where: the point that was chosen, or the middle of the region.
        place: Point,
    },
    /// Two choices say that two silhouettes in one frame are the same person.
    #[error(
        "camera {camera}: the choices name two people who are in the picture at {at} together: look at the contact sheet again, and leave one out"
    )]
    Two {
        /// Which camera.
        camera: CameraId,
        /// When.
        at: jiff::Timestamp,
    },
    /// A file of the copy could not be written.
    #[error("{} could not be written", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The copy showed what it must not.
    #[error("camera {camera}: the copy does not pass its check at frame {frame}, and was removed: {why}")]
    Check {
        /// Which camera.
        camera: CameraId,
        /// At which frame.
        frame: FrameNumber,
        /// What shows.
        why: String,
    },
}

/// A moment, for people.
pub(crate) fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(at.as_nanos().into())
        .expect("nanoseconds in 64 bits lie within the years that jiff knows")
}
