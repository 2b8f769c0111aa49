//! What `eye` and `keep` say to each other.
//!
//! `eye` holds the cameras and writes segments; `keep` holds the keys and the disk. They speak this message set and nothing else, for each camera over a line
//! of its own: a bounded channel within one process ([`pair`]), or a Unix socket between two ([`EyeEnd::over`], [`KeepEnd::over`]). In both the sender
//! waits while the other is behind: that is the back-pressure of the disk.
//!
//! For each segment: [`ToKeep::Open`] → [`ToEye::Opened`] (the key is stored, wrapped, before it is handed out) → [`ToKeep::Bytes`]… in order, without
//! gaps → [`ToKeep::Close`] or [`ToKeep::Abandon`].
//!
//! - [`packets`]: the socket.

pub mod packets;

use std::sync::mpsc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
use zeroize::Zeroizing;

use self::packets::Packets;
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
pub struct EyeEnd(Line<ToKeep, ToEye>);

/// The end that the vault holds.
#[derive(Debug)]
pub struct KeepEnd(Line<ToEye, ToKeep>);

/// What goes there, and what comes back.
#[derive(Debug)]
enum Line<There, Back> {
    Channel(mpsc::SyncSender<There>, mpsc::Receiver<Back>),
    Socket(Packets),
}

/// A message that can go in a packet.
trait Packed: Sized {
    fn pack(&self) -> Vec<u8>;
    /// `None` when it is none of ours.
    fn unpack(packet: &[u8]) -> Option<Self>;
}

/// The first byte of a packet: what the rest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    /// A message as JSON.
    Json = 0,
    /// [`ToKeep::Bytes`]: 16 bytes of the segment's name, 8 of the offset (little-endian), and the bytes.
    Bytes = 1,
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

/// Answers that may wait for `eye`: it asks for one at a time.
const ANSWERS: usize = 4;

/// A hand-over within this process. At most `capacity` messages wait for `keep`.
pub fn pair(capacity: usize) -> (EyeEnd, KeepEnd) {
    let (to_keep, from_eye) = mpsc::sync_channel(capacity);
    let (to_eye, from_keep) = mpsc::sync_channel(ANSWERS);
    (EyeEnd(Line::Channel(to_keep, from_keep)), KeepEnd(Line::Channel(to_eye, from_eye)))
}

// === impl EyeEnd ===

impl EyeEnd {
    /// The end in this process of a hand-over to another.
    pub fn over(socket: Packets) -> Self {
        Self(Line::Socket(socket))
    }

    /// Sends, waiting while `keep` is behind.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when `keep` is gone.
    pub fn send(&self, message: ToKeep) -> Result<(), Lost> {
        self.0.send(message)
    }

    /// Waits for an answer.
    ///
    /// # Errors
    ///
    /// [`Lost`] when `keep` is gone or says nothing for `patience`.
    pub fn receive(&self, patience: Duration) -> Result<ToEye, Lost> {
        self.0.receive(Some(patience))
    }
}

// === impl KeepEnd ===

impl KeepEnd {
    /// The end in this process of a hand-over from another.
    pub fn over(socket: Packets) -> Self {
        Self(Line::Socket(socket))
    }

    /// Waits for the next message; `None` when `eye` has ended, or has sent something that is no message.
    pub fn receive(&self) -> Option<ToKeep> {
        self.0.receive(None).ok()
    }

    /// Answers.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when `eye` is gone.
    pub fn send(&self, message: ToEye) -> Result<(), Lost> {
        self.0.send(message)
    }
}

// === impl Line ===

impl<There: Packed, Back: Packed> Line<There, Back> {
    fn send(&self, message: There) -> Result<(), Lost> {
        match self {
            Self::Channel(there, _) => there.send(message).map_err(|_| Lost::Ended),
            // The key of a segment goes this way.
            Self::Socket(socket) => socket.send(&Zeroizing::new(message.pack()), None),
        }
    }

    fn receive(&self, patience: Option<Duration>) -> Result<Back, Lost> {
        match (self, patience) {
            (Self::Channel(_, back), None) => back.recv().map_err(|_| Lost::Ended),
            (Self::Channel(_, back), Some(patience)) => back.recv_timeout(patience).map_err(|e| match e {
                mpsc::RecvTimeoutError::Timeout => Lost::Silent(patience),
                mpsc::RecvTimeoutError::Disconnected => Lost::Ended,
            }),
            (Self::Socket(socket), patience) => {
                let packet = Zeroizing::new(socket.receive(patience)?.0);
                Back::unpack(&packet).ok_or(Lost::Ended)
            }
        }
    }
}

// === impl ToKeep ===

impl Packed for ToKeep {
    fn pack(&self) -> Vec<u8> {
        match self {
            Self::Bytes { segment, offset, bytes } => {
                let mut packet = vec![Kind::Bytes as u8];
                packet.extend(segment.as_bytes());
                packet.extend(offset.to_le_bytes());
                packet.extend(bytes);
                packet
            }
            other => pack_json(other),
        }
    }

    fn unpack(packet: &[u8]) -> Option<Self> {
        let (&kind, rest) = packet.split_first()?;
        if kind != Kind::Bytes as u8 {
            return unpack_json(packet);
        }
        let (segment, rest) = rest.split_first_chunk::<16>()?;
        let (offset, bytes) = rest.split_first_chunk::<8>()?;
        let (segment, offset) = (SegmentId::from_bytes(*segment), u64::from_le_bytes(*offset));
        Some(Self::Bytes { segment, offset, bytes: bytes.to_vec() })
    }
}

// === impl ToEye ===

impl Packed for ToEye {
    fn pack(&self) -> Vec<u8> {
        pack_json(self)
    }

    fn unpack(packet: &[u8]) -> Option<Self> {
        unpack_json(packet)
    }
}

fn pack_json(message: &impl Serialize) -> Vec<u8> {
    let mut packet = vec![Kind::Json as u8];
    serde_json::to_writer(&mut packet, message).expect("a message has text keys only");
    packet
}

fn unpack_json<T: DeserializeOwned>(packet: &[u8]) -> Option<T> {
    let (kind, json) = packet.split_first()?;
    (*kind == Kind::Json as u8).then(|| serde_json::from_slice(json).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SegmentKey;

    #[test]
    fn messages_arrive_over_a_socket_as_they_were_sent() {
        let (eye, keep) = Packets::pair().unwrap();
        let (eye, keep) = (EyeEnd::over(eye), KeepEnd::over(keep));
        let segment = SegmentId::from_bytes([9; 16]);
        let camera = CameraId::new("till").unwrap();
        eye.send(ToKeep::Open { camera: camera.clone(), started: Timestamp::from_nanos(5) }).unwrap();
        eye.send(ToKeep::Bytes { segment, offset: 1 << 40, bytes: vec![3; 65_536] }).unwrap();
        assert!(matches!(keep.receive(), Some(ToKeep::Open { camera: c, .. }) if c == camera));
        assert!(matches!(keep.receive(), Some(ToKeep::Bytes { segment: s, offset, bytes })
            if s == segment && offset == 1 << 40 && bytes == vec![3; 65_536]));
        let key = SegmentKey::from_bytes([7; 32]);
        keep.send(ToEye::Opened { segment, key, deadline: Timestamp::from_nanos(7) }).unwrap();
        let answer = eye.receive(Duration::from_secs(5)).unwrap();
        assert!(matches!(answer, ToEye::Opened { key, .. } if key.expose() == &[7; 32]));
    }

    #[test]
    fn what_is_no_message_ends_the_hand_over() {
        for packet in [&b"\x00{}"[..], b"\x00{\"open\":1}", b"\x01short", b"\x07", b"\xff\xff\xff"] {
            let (eye, keep) = Packets::pair().unwrap();
            eye.send(packet, None).unwrap();
            assert!(KeepEnd::over(keep).receive().is_none(), "{packet:?} was taken for a message");
        }
    }
}
