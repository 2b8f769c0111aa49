//! One face detector behind both families.

use sluis_detect::network::{self, Network};
use sluis_detect::seetaface::{BrokenModel, Care, SeetaFace};
use sluis_detect::{Candidate, View, yunet};
use sluis_sdk::{Frame, PixelFormat, Size};

/// YuNet's cells below this score are not looked at, not even for the verdict's worst score.
const FAINT: f32 = 0.3;

/// SeetaFace for an audit: its authors' middle threshold.
const CARE: Care = Care { threshold: 2.8, pyramid: 0.8 };

/// Finds faces in what a view shows.
#[derive(Debug)]
pub enum Detector<N> {
    /// The network, run by the host.
    YuNet(N),
    /// The cascade, compiled in.
    SeetaFace(SeetaFace),
}

// === impl Detector ===

impl<N: Network> Detector<N> {
    /// The detector that is always there.
    ///
    /// # Errors
    ///
    /// [`BrokenModel`] when the component was built wrongly.
    pub fn seetaface() -> Result<Self, BrokenModel> {
        SeetaFace::new(CARE).map(Self::SeetaFace)
    }

    /// From this score on (0 to 1), a face that is not masked is a finding.
    ///
    /// For YuNet, on the photographs of `tests/wider_interview.rs`: at 0.6 it finds 245 of 263 bare faces of at least 24 pixels in its input, and something in 7 of
    /// 142 pictures with all marked faces masked; at 0.75 it finds 234 and 2, at 0.9 154 and 0. In clips, where people are fewer, an alarm is rarer: and a filter that finds nothing leaves 36 of 180 face-frames
    /// of the clip `classroom` bare at 0.75, and 5 at 0.6.
    pub fn threshold(&self) -> f32 {
        match self {
            Self::YuNet(_) => 0.6,
            // Everything that the cascade lets through: it has its own threshold.
            Self::SeetaFace(_) => 0.0,
        }
    }

    /// Lets the runtime prepare for inputs of this size, which takes it longer than a frame may.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn warm(&mut self, input: Size) -> Result<(), network::Error> {
        match self {
            Self::YuNet(network) => {
                let outputs = network.run(yunet::INPUT, &vec![0; input.pixels() * 3], input)?;
                yunet::decode(&outputs, input, FAINT).map(drop)
            }
            Self::SeetaFace(_) => Ok(()),
        }
    }

    /// The faces that the view shows, in camera pixels, faint ones too; one face may be told several times.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn look(&mut self, frame: &Frame<'_>, view: &View) -> Result<Vec<Candidate>, network::Error> {
        let mut found = match self {
            Self::YuNet(network) => {
                let outputs = network.run(yunet::INPUT, &view.read(frame, PixelFormat::Bgr8), view.input)?;
                yunet::decode(&outputs, view.input, FAINT)?
            }
            Self::SeetaFace(cascade) => cascade.detect(&view.read(frame, PixelFormat::Luma8), view.input),
        };
        for candidate in &mut found {
            candidate.area = view.to_camera(candidate.area);
        }
        Ok(found)
    }
}
