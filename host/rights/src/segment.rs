//! Names of segments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a segment of the vault, as `sluis_segment::SegmentId` writes it: 16 bytes, 32 hexadecimal digits.
///
/// A type of its own, so that a desk needs neither codecs nor a vault to be built.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SegmentName([u8; 16]);

/// Text that names no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a segment: a segment's name is 32 hexadecimal digits, as `sluis vault ls` prints it")]
pub struct InvalidSegmentName(String);

// === impl SegmentName ===

impl SegmentName {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for SegmentName {
    type Err = InvalidSegmentName;

    fn from_str(text: &str) -> Result<Self, InvalidSegmentName> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidSegmentName(text.to_owned()))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for SegmentName {
    type Error = InvalidSegmentName;

    fn try_from(text: String) -> Result<Self, InvalidSegmentName> {
        text.parse()
    }
}

impl From<SegmentName> for String {
    fn from(name: SegmentName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SegmentName({self})")
    }
}
