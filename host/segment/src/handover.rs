//! What `eye` and `keep` say to each other.
//!
//! `eye` holds the cameras and writes segments; `keep` holds the keys and the disk. They speak this message set and nothing else: today over a bounded
//! channel within one process, later over a Unix socket between two. Every message is `serde`, so the wire needs no other types.
//!
//! For each segment: [`ToKeep::Open`] → [`ToEye::Opened`] (the key is stored, wrapped, before it is handed out) → [`ToKeep::Bytes`]… in order, without
//! gaps → [`ToKeep::Close`] or [`ToKeep::Abandon`].

use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};

use crate::id::SegmentId;
use crate::key::SegmentKey;
use crate::summary::Summary;

/// From the side that sees pictures to the side that keeps them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ToKeep {
    /// A camera wants to write a segment. Answered by [`ToEye::Opened`] or [`ToEye::Refused`].
    Open {
        /// Whose.
        camera: CameraId,
        /// Capture of its first frame: its deadline counts from here.
        started: Timestamp,
    },
    /// The next sealed bytes. There is no answer.
    Bytes {
        /// Of which segment.
        segment: SegmentId,
        /// Where they belong: the number of bytes before them.
        offset: u64,
        /// Ciphertext.
        bytes: Vec<u8>,
    },
    /// All bytes are there and the gate has passed. Answered by [`ToEye::Closed`] once it is on disk, or [`ToEye::Refused`].
    Close {
        /// Which segment.
        segment: SegmentId,
        /// What is in it.
        summary: Box<Summary>,
    },
    /// The segment must not be kept: its key is destroyed, then its bytes. Answered by [`ToEye::Closed`].
    Abandon {
        /// Which segment.
        segment: SegmentId,
        /// Why: for the operator, never with picture data.
        reason: String,
    },
}

/// From the side that keeps to the side that sees.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ToEye {
    /// Write under this key.
    Opened {
        /// The new segment.
        segment: SegmentId,
        /// Its key, for as long as it is open.
        key: SegmentKey,
        /// When it will be destroyed.
        deadline: Timestamp,
    },
    /// It is on disk, or destroyed, as asked.
    Closed {
        /// Which segment.
        segment: SegmentId,
    },
    /// No: and why. Nothing may be recorded on this segment.
    Refused {
        /// For the operator.
        reason: String,
    },
}

/// The end of the hand-over that a camera's recorder holds.
#[derive(Debug)]
pub struct EyeEnd {
    to_keep: mpsc::SyncSender<ToKeep>,
    from_keep: mpsc::Receiver<ToEye>,
}

/// The end that the vault holds.
#[derive(Debug)]
pub struct KeepEnd {
    to_eye: mpsc::Sender<ToEye>,
    from_eye: mpsc::Receiver<ToKeep>,
}

/// The other side is gone or silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Lost {
    /// It has ended.
    #[error("the other side of the hand-over has ended")]
    Ended,
    /// It has not answered in time.
    #[error("the other side of the hand-over has not answered for {0:?}")]
    Silent(Duration),
}

/// A hand-over within this process. At most `capacity` messages wait for `keep`; then `eye` waits: that is the back-pressure of the disk.
pub fn pair(capacity: usize) -> (EyeEnd, KeepEnd) {
    let (to_keep, from_eye) = mpsc::sync_channel(capacity);
    let (to_eye, from_keep) = mpsc::channel();
    (EyeEnd { to_keep, from_keep }, KeepEnd { to_eye, from_eye })
}

// === impl EyeEnd ===

impl EyeEnd {
    /// Sends, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when `keep` is gone.
    pub fn send(&self, message: ToKeep) -> Result<(), Lost> {
        self.to_keep.send(message).map_err(|_| Lost::Ended)
    }

    /// Waits for an answer.
    ///
    /// # Errors
    ///
    /// [`Lost`] when `keep` is gone or says nothing for `patience`.
    pub fn receive(&self, patience: Duration) -> Result<ToEye, Lost> {
        self.from_keep.recv_timeout(patience).map_err(|e| match e {
            mpsc::RecvTimeoutError::Timeout => Lost::Silent(patience),
            mpsc::RecvTimeoutError::Disconnected => Lost::Ended,
        })
    }
}

// === impl KeepEnd ===

impl KeepEnd {
    /// Waits for the next message; `None` when `eye` has ended.
    pub fn receive(&self) -> Option<ToKeep> {
        self.from_eye.recv().ok()
    }

    /// Answers.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when `eye` is gone.
    pub fn send(&self, message: ToEye) -> Result<(), Lost> {
        self.to_eye.send(message).map_err(|_| Lost::Ended)
    }
}
