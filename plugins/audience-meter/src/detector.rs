//! One face detector behind both families.

use sluis_detect::candidate::{suppress, suppress_by};
use sluis_detect::network::{self, Network};
use sluis_detect::seetaface::{BrokenModel, Care, SeetaFace};
use sluis_detect::yunet::{self, Landmarks};
use sluis_detect::{Area, Candidate, View};
use sluis_sdk::{Frame, PixelFormat, Size};

/// YuNet's cells of at least this score are faces: the same as for the audit, where it is measured. A false face is a person who never was.
pub const THRESHOLD: f32 = 0.7;

/// SeetaFace for a count: its authors' middle threshold.
const CARE: Care = Care { threshold: 2.8, pyramid: 0.8 };

/// Finds faces in what a view shows.
#[derive(Debug)]
pub enum Detector<N> {
    /// The network, run by the host.
    YuNet(N),
    /// The cascade, compiled in.
    SeetaFace(SeetaFace),
}

/// A face, in camera pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Where, and how sure.
    pub candidate: Candidate,
    /// Its five points, where the detector knows them.
    pub landmarks: Option<Landmarks>,
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

    /// Lets the runtime prepare for inputs of this size, which takes it longer than a frame may.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn warm(&mut self, input: Size) -> Result<(), network::Error> {
        match self {
            Self::YuNet(network) => {
                let outputs = network.run(yunet::INPUT, &vec![0; input.pixels() * 3], input)?;
                yunet::decode_faces(&outputs, input, THRESHOLD).map(drop)
            }
            Self::SeetaFace(_) => Ok(()),
        }
    }

    /// The faces that the view shows, in camera pixels, the surest first, at most `most`.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn look(&mut self, frame: &Frame<'_>, view: &View, most: usize) -> Result<Vec<Found>, network::Error> {
        match self {
            Self::YuNet(network) => {
                let outputs = network.run(yunet::INPUT, &view.read(frame, PixelFormat::Bgr8), view.input)?;
                let found = yunet::decode_faces(&outputs, view.input, THRESHOLD)?;
                let found = suppress_by(found, |(candidate, _)| *candidate, yunet::ONE_FACE, most);
                let point = |(x, y): (f32, f32)| {
                    let area = view.to_camera(Area { left: x, top: y, right: x, bottom: y });
                    (area.left, area.top)
                };
                let in_camera = |(candidate, landmarks): (Candidate, Landmarks)| Found {
                    candidate: Candidate { area: view.to_camera(candidate.area), ..candidate },
                    landmarks: Some(landmarks.map(point)),
                };
                Ok(found.into_iter().map(in_camera).collect())
            }
            Self::SeetaFace(cascade) => {
                let found = cascade.detect(&view.read(frame, PixelFormat::Luma8), view.input);
                let in_camera = |candidate: Candidate| Found {
                    candidate: Candidate { area: view.to_camera(candidate.area), ..candidate },
                    landmarks: None,
                };
                Ok(suppress(found, yunet::ONE_FACE, most).into_iter().map(in_camera).collect())
            }
        }
    }
}
