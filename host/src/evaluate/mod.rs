//! Measures what is installed, on footage whose truth is known: through the whole pipeline, on what would be recorded.
//!
//! - [`gestures`]: what the gesture detector tells, against labels and against the truth of synthetic shops.
//! - [`privacy`]: what of labelled heads can be seen in the pictures that were recorded.

pub mod gestures;
pub mod privacy;

use std::path::Path;
use std::sync::Arc;

use sluis_camera::{Driver, Pace, file};
use sluis_frame::{CameraId, Size, SystemClock};

use crate::{assembly, pipeline};

/// It could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Labels cannot be read.
    #[error(transparent)]
    Labels(#[from] sluis_evaluate::Error),
    /// A clip cannot be read.
    #[error(transparent)]
    Camera(#[from] sluis_camera::Error),
    /// The pipeline cannot be put together.
    #[error(transparent)]
    Assembly(#[from] assembly::Error),
    /// The pipeline failed.
    #[error(transparent)]
    Pipeline(#[from] pipeline::Error),
    /// What was recorded cannot be kept or opened.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// What was recorded cannot be read.
    #[error(transparent)]
    Segment(#[from] sluis_segment::Error),
    /// A clip is not what its labels say.
    #[error("{clip} is {found}, and its labels are for {expected}: they belong to another version of it")]
    AnotherClip {
        /// Which, as its labels name it.
        clip: String,
        /// The size of its pictures.
        found: Size,
        /// What the labels say.
        expected: Size,
    },
    /// A clip has fewer frames than its labels.
    #[error("{clip} has {found} frames, and {expected} are labelled: they belong to another version of it")]
    ShorterClip {
        /// Which.
        clip: String,
        /// How many of its frames were recorded.
        found: u64,
        /// What the labels say.
        expected: u64,
    },
    /// A clip was asked for that has no labels.
    #[error("no labels for the clip `{name}`; there are: {known}")]
    NoLabels {
        /// What was asked for.
        name: String,
        /// The clips that have some.
        known: String,
    },
    /// There are no labels at all.
    #[error("no labels in {}: name the folder that holds a `*.json` file for each clip", folder.display())]
    NoneLabelled {
        /// The folder that was named.
        folder: std::path::PathBuf,
    },
    /// There is no room for what is recorded meanwhile.
    #[error("could not make a temporary folder for what is recorded: {0}; set TMPDIR to a folder with room")]
    Temporary(std::io::Error),
    /// A picture of the report cannot be made.
    #[error("could not draw a frame of the report: {0}")]
    Picture(#[from] image::ImageError),
    /// A thread did not come back.
    #[error("a thread of the program ended by a fault of the program")]
    Panicked,
}

/// A labelled clip as a camera. Its pictures must be of the size that its labels are for.
fn open(footage: &Path, clip: &Path, expected: Size) -> Result<Box<dyn Driver>, Error> {
    let camera = CameraId::new("clip").expect("the name has the right alphabet");
    let driver = file::open(&footage.join(clip), camera, Pace::AsFastAsPossible, Arc::new(SystemClock))?;
    let found = driver.description().size;
    if found == expected {
        Ok(driver)
    } else {
        Err(Error::AnotherClip { clip: clip.display().to_string(), found, expected })
    }
}
