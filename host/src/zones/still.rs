//! A cleared still of a camera: its pipeline, run for a moment and recording nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use image::RgbImage;
use sluis_camera::Driver;
use sluis_frame::{Calibration, Cleared, Event, Fate, Frame};

use crate::assembly::{self, Assembly, Treatment};
use crate::config::Keep;
use crate::pipeline::{self, Stop, Watch, WatchError};

/// A picture that passed the audit, and how the camera maps directions to pixels.
#[derive(Debug, Clone)]
pub struct Still {
    /// The picture, with its masks.
    pub picture: RgbImage,
    /// The camera's own word on its lens, if it has one.
    pub calibration: Option<Calibration>,
}

/// No still could be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline cannot be put together.
    #[error(transparent)]
    Assembly(#[from] assembly::Error),
    /// The pipeline failed.
    #[error(transparent)]
    Pipeline(#[from] pipeline::Error),
    /// Nothing passed the audit.
    #[error("in {} seconds, no picture of the camera passed the audit: look at its light and lens, and try again", LOOKS_FOR.as_secs())]
    NothingPassed,
}

/// How long the camera is looked at: long enough for the floor to learn what stands still.
const LOOKS_FOR: Duration = Duration::from_secs(5);

struct Latest(Arc<Mutex<Option<RgbImage>>>);

// === impl Still ===

impl Still {
    /// The latest picture that passes the audit within the first five seconds of the camera. Nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn take(assembly: &Assembly, driver: Box<dyn Driver>, treatment: &Treatment) -> Result<Self, Error> {
        let calibration = driver.description().calibration;
        let latest = Arc::new(Mutex::new(None));
        // Nothing is recorded, so this holds for a camera that keeps counts only as well.
        let treatment = Treatment { limit: Some(LOOKS_FOR), keep: Keep::Pictures, audience: None, ..treatment.clone() };
        let parts = assembly.pipeline(driver, &treatment, None, Box::new(Latest(Arc::clone(&latest))))?;
        pipeline::run(parts, &Stop::default())?;
        let picture = latest.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Error::NothingPassed)?;
        Ok(Self { picture, calibration })
    }
}

impl Watch for Latest {
    fn see(&mut self, frame: &Frame<Cleared>, _: &[Event]) -> Result<(), WatchError> {
        if frame.fate() != Fate::Blanked {
            let size = frame.size();
            let picture = RgbImage::from_raw(size.width, size.height, frame.picture().pixels().to_vec());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = picture;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), WatchError> {
        Ok(())
    }
}
