//! Names of segments, and what a sealed segment is bound to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluis_frame::CameraId;

/// The name of a segment: 16 random bytes, written as 32 hexadecimal digits. It says nothing of time or place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SegmentId([u8; 16]);

/// Text that names no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a segment: a segment's name is 32 hexadecimal digits, as `sluis vault ls` prints it")]
pub struct InvalidSegmentId(String);

/// What a sealed segment is bound to: opened under any other binding it fails, so no file can be passed off as another camera's or another shop's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The shop.
    pub shop: String,
    /// The camera.
    pub camera: CameraId,
    /// The segment.
    pub segment: SegmentId,
}

// === impl SegmentId ===

impl SegmentId {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for SegmentId {
    type Err = InvalidSegmentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidSegmentId(text.to_owned()))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for SegmentId {
    type Error = InvalidSegmentId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SegmentId> for String {
    fn from(id: SegmentId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// === impl Binding ===

impl Binding {
    /// The associated data of the seal: `sluis-segment-v1`, shop, camera and segment, each ended by a zero byte. No shop or camera holds a zero byte.
    pub fn associated_data(&self) -> Vec<u8> {
        format!("sluis-segment-v1\0{}\0{}\0{}\0", self.shop, self.camera, self.segment).into_bytes()
    }
}
