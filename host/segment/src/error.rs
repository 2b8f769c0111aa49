//! What can go wrong with a segment.

use std::io;

use sluis_frame::{CameraId, FrameNumber, Size};

use crate::handover::Lost;
use crate::id::SegmentId;

/// A segment that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gave no random bytes.
    #[error("the system gives no random bytes, so nothing can be sealed: check /dev/urandom and the kernel's log")]
    Random,
    /// Reading or writing failed.
    #[error("could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },

    /// The sealed stream is no sealed stream.
    #[error("this is not a sealed segment: it does not begin with the 40 bytes of a seal's header")]
    NotSealed,
    /// A chunk is not authentic.
    #[error(
        "chunk {chunk} of the sealed segment is not authentic: it was changed or cut, or the key, shop, camera or segment is another one; \
         restore the file from a copy, or check which segment it is"
    )]
    NotAuthentic {
        /// Which chunk of 4096 bytes, from 0.
        chunk: u64,
    },
    /// All chunks are authentic, but the last is missing.
    #[error(
        "the sealed segment is cut after chunk {chunk}: what is left can be salvaged, `sluis vault` does so when it starts"
    )]
    Truncated {
        /// The last chunk that is there, from 0.
        chunk: u64,
    },
    /// More chunks than the seal can count.
    #[error("the sealed stream is full at 16 TiB: record shorter segments")]
    SealFull,
    /// The sealer has failed before.
    #[error("the sealed stream failed earlier and cannot go on")]
    SealFailed,

    /// The other side of the hand-over is gone or silent.
    #[error("camera {camera}: nothing can be recorded")]
    Handover {
        /// Which camera.
        camera: CameraId,
        /// Why.
        #[source]
        source: Lost,
    },
    /// The vault said no.
    #[error("camera {camera}: the vault refused to keep a segment: {reason}")]
    Refused {
        /// Which camera.
        camera: CameraId,
        /// What the vault said.
        reason: String,
    },
    /// The vault answered another question.
    #[error(
        "camera {camera}: the vault's answer does not belong to the segment that is being written; restart the program"
    )]
    OutOfStep {
        /// Which camera.
        camera: CameraId,
    },

    /// A frame that does not belong to this recording.
    #[error("camera {camera}, frame {frame}: {what}")]
    Frame {
        /// Which camera.
        camera: CameraId,
        /// Which frame.
        frame: FrameNumber,
        /// What is wrong with it.
        what: String,
    },
    /// The codec cannot take a picture of this size.
    #[error(
        "H.264 here takes at most 3840x2160 pixels, or 2160x3840; the picture has {0}: set a smaller size on the camera"
    )]
    VideoSize(Size),
    /// The video codec failed.
    #[error("H.264 {doing} failed")]
    Video {
        /// `encoding` or `decoding`.
        doing: &'static str,
        /// What the codec says.
        #[source]
        source: openh264::Error,
    },
    /// Encoded depth that cannot be decoded.
    #[error("encoded depth is broken: {0}")]
    Depth(String),

    /// The container is broken.
    #[error("the MCAP stream is broken")]
    Container(#[from] mcap::McapError),
    /// The container does not hold what a segment holds.
    #[error("this MCAP stream is no segment of Sluis: {0}")]
    NotASegment(String),

    /// The gate found something that must not be kept.
    #[error("the gate stopped a segment of camera {camera} at frame {frame}: {why}; the segment is destroyed")]
    Gate {
        /// Which camera.
        camera: CameraId,
        /// At which frame.
        frame: FrameNumber,
        /// What it found.
        why: String,
    },
    /// The segment was abandoned.
    #[error("segment {segment} of camera {camera} was abandoned")]
    Abandoned {
        /// Which camera.
        camera: CameraId,
        /// Which segment.
        segment: SegmentId,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// An MP4 file could not be written.
    #[error("could not write the MP4 file: {0}")]
    Mp4(String),
}

// === impl Error ===

impl Error {
    /// An [`Error::Io`], or the error of this crate that travels inside `source`.
    pub(crate) fn io(doing: &'static str, source: io::Error) -> Self {
        match source.downcast::<Self>() {
            Ok(ours) => ours,
            Err(source) => Self::Io { doing, source },
        }
    }
}

/// So that a reader or writer of this crate can be used wherever `std::io` is; `Error::io` unpacks it.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { source, .. } => source,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}
