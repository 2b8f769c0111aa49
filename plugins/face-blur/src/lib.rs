//! The privacy filter that comes with Sluis: it names the faces of every frame.
//!
//! It uses the network CenterFace when the machine has granted it, else SeetaFace, which is compiled in. The whole picture is searched about once a second, and in between what has
//! changed ([`sluis_detect::scan`]); where the host sees people whose faces would be small, it looks again at full resolution.
//!
//! - [`detector`]: one face detector behind both families.
//! - [`centerface`]: what CenterFace's outputs mean.
//! - [`closer`]: where to look a second time.
//! - [`known`]: faces that were found and are still there.
//! - [`answer`]: from faces to the regions that are masked.
//! - [`search`]: all of it, for one frame.

pub mod answer;
pub mod centerface;
pub mod closer;
pub mod detector;
pub mod known;
pub mod search;

use sluis_detect::Settings;
use sluis_sdk::filter::Region;
use sluis_sdk::nn::{ErrorCode, Model};
use sluis_sdk::{Camera, Frame, PrivacyFilter};

use detector::Detector;
use search::Search;

/// The filter of one camera.
#[derive(Debug)]
pub struct FaceBlur(Search<Model>);

impl PrivacyFilter for FaceBlur {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = Settings::read("face-blur", settings)?;
        // Not granted, or not installed: the machine's manifest says which detector it expects of this component, so the host knows.
        // Anything else is a fault, and no reason to see less in silence.
        let detector = match Model::load(centerface::MODEL) {
            Ok(model) => Detector::CenterFace(model),
            Err(error) if error.code == ErrorCode::NotFound => Detector::seetaface().map_err(|e| e.to_string())?,
            Err(error) => return Err(error.to_string()),
        };
        Search::new(detector, camera.size, settings).map(Self).map_err(|e| e.to_string())
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        match self.0.find(frame) {
            Ok(regions) => regions,
            #[allow(
                clippy::panic,
                reason = "an empty answer would say that nobody is there; a panic makes the host mask more"
            )]
            Err(error) => panic!("{error}"),
        }
    }
}

sluis_sdk::privacy_filter!(FaceBlur);
