//! The messages of a segment.
//!
//! Reading is strict: a message must be exactly what writing its content again would give, so there is no room in it for anything else.

use foxglove::messages::{self, CameraCalibration, CompressedImage, CompressedVideo, RawImage};
use prost::Message;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluis_frame::{Calibration, CameraId, Depth, Event, Fate, FrameNumber, Mask, Timestamp, Verdict, Visit};

use crate::depth;
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::track::Track;

/// The masks of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MasksMessage {
    /// Which frame.
    pub frame: FrameNumber,
    /// How it ended.
    pub fate: Fate,
    /// What is masked; empty for a blank.
    pub masks: Vec<Mask>,
}

/// The verdict on a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictMessage {
    /// Which frame.
    pub frame: FrameNumber,
    /// What the audit said; `None` for a blank.
    pub verdict: Option<Verdict>,
}

/// An event, told at a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMessage {
    /// Which frame.
    pub frame: FrameNumber,
    /// What happened.
    pub event: Event,
}

/// A visit to a screen, told at a frame: when it was over, so its times are earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitMessage {
    /// Which frame.
    pub frame: FrameNumber,
    /// Who was there, in closed classes.
    pub visit: Visit,
}

/// What `CompressedVideo.format` says.
const H264: &str = "h264";

/// What `RawImage.encoding` says: 16 bits, one channel.
const DEPTH16: &str = "16UC1";

pub(crate) fn to_json<T: Serialize>(message: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(message).map_err(|e| Error::NotASegment(format!("a message cannot be written: {e}")))
}

pub(crate) fn from_json<T: DeserializeOwned + Serialize>(track: Track, data: &[u8]) -> Result<T, Error> {
    let unreadable = |e| Error::NotASegment(format!("a message on {track:?} cannot be read: {e}"));
    let value: T = serde_json::from_slice(data).map_err(unreadable)?;
    exactly(track, value, data, to_json)
}

/// `image` encoded with H.264.
pub(crate) fn video(camera: &CameraId, at: Timestamp, image: Vec<u8>) -> Result<Vec<u8>, Error> {
    let message = CompressedVideo {
        timestamp: Some(timestamp(at)?),
        frame_id: camera.to_string(),
        data: image.into(),
        format: H264.to_owned(),
    };
    Ok(message.encode_to_vec())
}

/// The H.264 in a message of [`Track::Video`].
pub(crate) fn read_video(camera: &CameraId, at: Timestamp, data: &[u8]) -> Result<Vec<u8>, Error> {
    let message: CompressedVideo = from_protobuf(Track::Video, data)?;
    let image = message.data.to_vec();
    exactly(Track::Video, image, data, |image| video(camera, at, image.clone()))
}

/// Depth in our codec.
pub(crate) fn compressed_depth(camera: &CameraId, at: Timestamp, depth: &Depth) -> Result<Vec<u8>, Error> {
    compressed(camera, at, depth::encode(depth)?)
}

/// Depth as plain numbers.
pub(crate) fn plain_depth(camera: &CameraId, at: Timestamp, depth: &Depth) -> Result<Vec<u8>, Error> {
    let message = RawImage {
        timestamp: Some(timestamp(at)?),
        frame_id: camera.to_string(),
        width: depth.size().width,
        height: depth.size().height,
        encoding: DEPTH16.to_owned(),
        step: depth.size().width * 2,
        data: depth.values().iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>().into(),
    };
    Ok(message.encode_to_vec())
}

/// The depth in a message of [`Track::Depth`] or [`Track::PlainDepth`].
pub(crate) fn read_depth(track: Track, header: &SegmentHeader, at: Timestamp, data: &[u8]) -> Result<Depth, Error> {
    let camera = &header.camera;
    let unit = header.depth_unit.ok_or_else(|| Error::NotASegment("it has depth, and no unit of depth".to_owned()))?;
    if track == Track::PlainDepth {
        let message: RawImage = from_protobuf(track, data)?;
        let values: Vec<u16> = message.data.chunks_exact(2).map(|v| u16::from_le_bytes([v[0], v[1]])).collect();
        let depth = Depth::new(header.size, unit, values).map_err(|e| Error::Depth(e.to_string()))?;
        return exactly(track, depth, data, |depth| plain_depth(camera, at, depth));
    }
    let message: CompressedImage = from_protobuf(track, data)?;
    let image = exactly(track, message.data.to_vec(), data, |image| compressed(camera, at, image.clone()))?;
    depth::decode(&image, header.size, unit)
}

/// How the camera maps directions to pixels.
pub(crate) fn calibration(header: &SegmentHeader, calibration: &Calibration) -> Result<Vec<u8>, Error> {
    let Calibration { fx, fy, cx, cy } = *calibration;
    let message = CameraCalibration {
        timestamp: Some(timestamp(header.started)?),
        frame_id: header.camera.to_string(),
        width: header.size.width,
        height: header.size.height,
        distortion_model: String::new(),
        d: Vec::new(),
        k: vec![fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
        r: vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p: vec![fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    };
    Ok(message.encode_to_vec())
}

/// The content of a message of [`Track::Calibration`].
pub(crate) fn read_calibration(header: &SegmentHeader, data: &[u8]) -> Result<Calibration, Error> {
    let message: CameraCalibration = from_protobuf(Track::Calibration, data)?;
    let [fx, _, cx, _, fy, cy, ..] = message.k[..] else {
        return Err(Error::NotASegment("its calibration has no matrix".to_owned()));
    };
    exactly(Track::Calibration, Calibration { fx, fy, cx, cy }, data, |c| calibration(header, c))
}

fn compressed(camera: &CameraId, at: Timestamp, image: Vec<u8>) -> Result<Vec<u8>, Error> {
    let message = CompressedImage {
        timestamp: Some(timestamp(at)?),
        frame_id: camera.to_string(),
        data: image.into(),
        format: depth::FORMAT.to_owned(),
    };
    Ok(message.encode_to_vec())
}

fn from_protobuf<T: Message + Default>(track: Track, data: &[u8]) -> Result<T, Error> {
    T::decode(data).map_err(|e| Error::NotASegment(format!("a message on {track:?} cannot be read: {e}")))
}

/// `value`, if writing it gives `data`.
fn exactly<T>(track: Track, value: T, data: &[u8], write: impl Fn(&T) -> Result<Vec<u8>, Error>) -> Result<T, Error> {
    if write(&value)? == data {
        Ok(value)
    } else {
        Err(Error::NotASegment(format!("a message on {track:?} holds something else than it should")))
    }
}

/// A moment as Foxglove writes it: 1970 to 2106.
fn timestamp(at: Timestamp) -> Result<messages::Timestamp, Error> {
    let nanos = at.as_nanos().rem_euclid(1_000_000_000) as u32;
    let secs = u32::try_from(at.as_secs()).map_err(|_| {
        Error::NotASegment("a frame was captured before 1970 or after 2106: set the machine's clock".to_owned())
    })?;
    Ok(messages::Timestamp::new(secs, nanos))
}
