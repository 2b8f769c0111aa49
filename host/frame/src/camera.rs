//! Who took a picture, and which one it is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a camera in the configuration: 1 to 48 characters of `a-z`, `0-9`, `-` and `_`, starting with a letter or digit.
///
/// It appears in file names, in metrics and in the data that a sealed segment is bound to, hence the narrow alphabet.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CameraId(Arc<str>);

/// A name that no camera can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a camera: use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit")]
pub struct InvalidCameraId(String);

/// Which picture of a camera: counts from 0 since the camera was opened, without gaps, dropped pictures included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameNumber(pub u64);

// === impl CameraId ===

impl CameraId {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`InvalidCameraId`] when the name has another length or alphabet.
    pub fn new(name: &str) -> Result<Self, InvalidCameraId> {
        let alphabet = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if starts_well && name.len() <= 48 && name.chars().all(alphabet) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidCameraId(name.to_owned()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CameraId {
    type Err = InvalidCameraId;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl TryFrom<String> for CameraId {
    type Error = InvalidCameraId;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

impl From<CameraId> for String {
    fn from(id: CameraId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for CameraId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CameraId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// === impl FrameNumber ===

impl FrameNumber {
    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in ["", "../x", "a/b", "A", "-a", "kassa 1", &"x".repeat(49)] {
            assert!(CameraId::new(name).is_err(), "{name:?} was accepted");
        }
        assert_eq!(CameraId::new("shelf-1_left").unwrap().as_str(), "shelf-1_left");
    }
}
