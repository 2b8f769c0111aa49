//! The measurement of one frame.

use sluis_detect::View;
use sluis_detect::network::{self, Network};
use sluis_sdk::audience::{AgeClass, Face, SexClass, SizeClass};
use sluis_sdk::{Frame, MOST_ANSWERS, Size};

use crate::attention::{Pose, Towards};
use crate::demographics::{self, Demographics};
use crate::detector::{Detector, Found};
use crate::settings::Settings;

/// At most so many faces of a frame are shown to the demographic model, the surest first: its time is bounded, and the host takes a vote over many frames.
pub const MOST_ESTIMATES: usize = 4;

/// Measures the frames of one camera. It remembers nothing of them.
#[derive(Debug)]
pub struct Meter<N> {
    detector: Detector<N>,
    demographics: Option<Demographics<N>>,
    whole: View,
    towards: Towards,
}

/// Why a frame was not measured.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The detector's network.
    #[error(transparent)]
    Detector(#[from] network::Error),
    /// The demographic model.
    #[error("the demographic model: {0}")]
    Demographics(#[from] demographics::Error),
}

// === impl Meter ===

impl<N: Network> Meter<N> {
    /// For pictures of this size. Warms the network.
    ///
    /// # Errors
    ///
    /// [`Error`] when a network does not run.
    pub fn new(
        mut detector: Detector<N>,
        demographics: Option<Demographics<N>>,
        picture: Size,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let whole = View::whole(picture, settings.network_long_side);
        detector.warm(whole.input)?;
        Ok(Self { detector, demographics, whole, towards: settings.towards() })
    }

    /// The faces of a frame.
    ///
    /// # Errors
    ///
    /// [`Error`] when a network does not run: then nothing is known of this frame.
    pub fn measure(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, Error> {
        let picture = frame.size();
        let mut faces = Vec::new();
        let mut estimates = 0;
        for found in self.detector.look(frame, &self.whole, MOST_ANSWERS)? {
            let Found { candidate, landmarks } = found;
            let Some(area) = candidate.area.pixels(picture) else { continue };
            let attentive = landmarks.as_ref().is_none_or(|points| self.is_towards(points));
            let size = size_class(candidate.area.height());
            let mut classes = (AgeClass::Unknown, SexClass::Undetermined);
            // Only of those who look, and who are near enough for a model to see more than noise.
            if let Some(model) = &mut self.demographics
                && attentive
                && size != SizeClass::Small
                && estimates < MOST_ESTIMATES
            {
                estimates += 1;
                classes = model.estimate(frame, candidate.area)?;
            }
            faces.push(Face { area, attentive, size, age: classes.0, sex: classes.1 });
        }
        Ok(faces)
    }

    fn is_towards(&self, points: &sluis_detect::yunet::Landmarks) -> bool {
        Pose::of(points).is_some_and(|pose| self.towards.includes(pose))
    }
}

/// The class of a face of this height, in camera pixels.
fn size_class(height: f32) -> SizeClass {
    match height {
        ..32.0 => SizeClass::Small,
        ..96.0 => SizeClass::Medium,
        _ => SizeClass::Large,
    }
}
