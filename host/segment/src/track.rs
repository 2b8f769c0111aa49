//! The channels of a segment.
//!
//! | topic | message | in |
//! |---|---|---|
//! | `/CAMERA/calibration` | `foxglove.CameraCalibration`, once, if the camera is calibrated | protobuf |
//! | `/CAMERA/masks` | what is masked, and how the frame ended ([`MasksMessage`](crate::message::MasksMessage)) | JSON |
//! | `/CAMERA/verdicts` | what the audit said ([`VerdictMessage`](crate::message::VerdictMessage)) | JSON |
//! | `/CAMERA/depth` | `foxglove.CompressedImage` in [our lossless codec](crate::depth); `foxglove.RawImage`, 16UC1, once opened | protobuf |
//! | `/CAMERA/video` | `foxglove.CompressedVideo`, H.264 | protobuf |
//! | `/CAMERA/events` | what people did ([`EventMessage`](crate::message::EventMessage)) | JSON |
//! | `/CAMERA/audience` | who was before a screen ([`VisitMessage`](crate::message::VisitMessage)) | JSON |
//!
//! Each frame is written in this order: masks, verdict, depth if there is any, video, then events and visits if there are any; all at the log time of its capture.

use std::borrow::Cow;

use foxglove::messages::{CameraCalibration, CompressedImage, CompressedVideo, RawImage};
use foxglove::{Encode, Schema};
use sluis_frame::CameraId;

/// A channel of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Track {
    /// How the camera maps directions to pixels.
    Calibration,
    /// What is masked.
    Masks,
    /// What the audit said.
    Verdicts,
    /// Depth in our codec: as recorded.
    Depth,
    /// Depth as plain numbers: as opened.
    PlainDepth,
    /// The pictures.
    Video,
    /// What people did.
    Events,
    /// Who was before a screen.
    Audience,
}

// === impl Track ===

impl Track {
    /// All channels.
    pub const ALL: [Self; 8] = [
        Self::Calibration,
        Self::Masks,
        Self::Verdicts,
        Self::Depth,
        Self::PlainDepth,
        Self::Video,
        Self::Events,
        Self::Audience,
    ];

    /// Its topic for `camera`.
    pub fn topic(self, camera: &CameraId) -> String {
        let name = match self {
            Self::Calibration => "calibration",
            Self::Masks => "masks",
            Self::Verdicts => "verdicts",
            Self::Depth | Self::PlainDepth => "depth",
            Self::Video => "video",
            Self::Events => "events",
            Self::Audience => "audience",
        };
        format!("/{camera}/{name}")
    }

    /// The schema of its messages.
    pub fn schema(self) -> Schema {
        let ours = |name: &str, text: &'static str| Schema::new(name, "jsonschema", Cow::Borrowed(text.as_bytes()));
        let foxglove = |schema: Option<Schema>| schema.expect("every Foxglove message has a schema");
        match self {
            Self::Calibration => foxglove(CameraCalibration::get_schema()),
            Self::Depth => foxglove(CompressedImage::get_schema()),
            Self::PlainDepth => foxglove(RawImage::get_schema()),
            Self::Video => foxglove(CompressedVideo::get_schema()),
            Self::Masks => ours("sluis.Masks", include_str!("schema/masks.json")),
            Self::Verdicts => ours("sluis.Verdict", include_str!("schema/verdict.json")),
            Self::Events => ours("sluis.Event", include_str!("schema/event.json")),
            Self::Audience => ours("sluis.Visit", include_str!("schema/visit.json")),
        }
    }

    /// The encoding of its messages.
    pub const fn encoding(self) -> &'static str {
        match self {
            Self::Calibration | Self::Depth | Self::PlainDepth | Self::Video => "protobuf",
            Self::Masks | Self::Verdicts | Self::Events | Self::Audience => "json",
        }
    }
}
