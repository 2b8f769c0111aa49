//! A frame and its three states.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::camera::{CameraId, FrameNumber};
use crate::clock::Timestamp;
use crate::geometry::Size;
use crate::mask::Mask;
use crate::picture::{Depth, Picture};
use crate::verdict::Verdict;

/// Where and when a frame was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Which camera.
    pub camera: CameraId,
    /// Which of its frames.
    pub number: FrameNumber,
    /// When the light fell on the sensor, as far as the driver knows.
    pub captured: Timestamp,
}

/// How a frame that entered ends: exactly one of these, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Passed the audit the first time.
    Recorded,
    /// Passed the audit after stricter masking.
    Quarantined,
    /// Recorded as a blank with its time.
    Blanked,
    /// Never processed, because the machine was too busy. No frame carries this fate; it is counted.
    Dropped,
}

/// The picture as the camera gave it. Lives in memory only.
pub struct Raw(());

/// What must not be seen has been destroyed by [`paint`](crate::paint); nobody has checked it yet.
pub struct Redacted {
    pub(crate) masks: Arc<[Mask]>,
}

/// May be kept: it passed the audit, is blank, or comes from a sealed segment.
pub struct Cleared {
    pub(crate) masks: Arc<[Mask]>,
    pub(crate) fate: Fate,
    pub(crate) verdict: Option<Verdict>,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Raw {}
    impl Sealed for super::Redacted {}
    impl Sealed for super::Cleared {}
}

/// The three states. Nobody else can add one.
pub trait State: sealed::Sealed {
    /// Its name, for `Debug`.
    const NAME: &'static str;

    /// What was masked.
    fn masks(&self) -> &[Mask];
}

impl State for Raw {
    const NAME: &'static str = "Raw";

    fn masks(&self) -> &[Mask] {
        &[]
    }
}

impl State for Redacted {
    const NAME: &'static str = "Redacted";

    fn masks(&self) -> &[Mask] {
        &self.masks
    }
}

impl State for Cleared {
    const NAME: &'static str = "Cleared";

    fn masks(&self) -> &[Mask] {
        &self.masks
    }
}

/// One picture, with its depth if the camera has any, in one of three states.
///
/// It is not `Clone` and not `Serialize` in any state, and `Debug` shows no pixels.
///
/// ```compile_fail
/// fn keep(frame: &sluis_frame::Frame<sluis_frame::Cleared>) {}
/// fn leak(raw: sluis_frame::Frame<sluis_frame::Raw>) {
///     keep(&raw); // expected `Frame<Cleared>`, found `Frame<Raw>`
/// }
/// ```
pub struct Frame<S: State> {
    pub(crate) header: Header,
    pub(crate) picture: Picture,
    pub(crate) depth: Option<Depth>,
    pub(crate) state: S,
}

/// Colour and depth that do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("depth of {depth} does not lie on a picture of {picture}: the driver must register depth to colour")]
pub struct Mismatch {
    /// Size of the colour picture.
    pub picture: Size,
    /// Size of the depth picture.
    pub depth: Size,
}

impl<S: State> Frame<S> {
    /// Where and when it was taken.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its colour picture.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Its depth, registered to the colour picture and of the same size.
    pub fn depth(&self) -> Option<&Depth> {
        self.depth.as_ref()
    }

    /// The size of the picture.
    pub fn size(&self) -> Size {
        self.picture.size()
    }

    /// What was masked: nothing on a raw frame, and nothing on a blank.
    pub fn masks(&self) -> &[Mask] {
        self.state.masks()
    }
}

impl Frame<Raw> {
    /// What a camera driver has captured.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] when the depth picture is not of the colour picture's size.
    pub fn capture(header: Header, picture: Picture, depth: Option<Depth>) -> Result<Self, Mismatch> {
        match &depth {
            Some(depth) if depth.size() != picture.size() => {
                Err(Mismatch { picture: picture.size(), depth: depth.size() })
            }
            _ => Ok(Self { header, picture, depth, state: Raw(()) }),
        }
    }

    /// The same pictures with another header: of a recording that is played as if it were taken now.
    #[must_use]
    pub fn captured_as(self, header: Header) -> Self {
        Self { header, ..self }
    }
}

impl Frame<Cleared> {
    /// How it ended: never [`Fate::Dropped`].
    pub fn fate(&self) -> Fate {
        self.state.fate
    }

    /// What the audit said; `None` for a blank.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.state.verdict.as_ref()
    }
}

impl<S: State> fmt::Debug for Frame<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("Frame<{}>", S::NAME))
            .field("camera", &self.header.camera)
            .field("number", &self.header.number.0)
            .field("size", &self.size())
            .field("depth", &self.depth.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded",
            Self::Quarantined => "quarantined",
            Self::Blanked => "blanked",
            Self::Dropped => "dropped",
        })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted({} masks)", self.masks.len())
    }
}

impl fmt::Debug for Cleared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cleared({})", self.fate)
    }
}
