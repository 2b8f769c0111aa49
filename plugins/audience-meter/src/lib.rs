//! The audience meter that comes with Sluis: of each face before a screen, whether it is turned towards it.
//!
//! It answers closed classes and nothing else, and keeps nothing from one frame to the next: the host links the faces into glances, with hysteresis, and remakes this component
//! often. It finds faces with the network YuNet when the machine has granted it, and reads from the network's five landmarks which way the head is turned ([`attention`]).
//! Without it SeetaFace, which is compiled in, finds frontal faces only and has no landmarks: then every face that is found counts as turned towards the screen, and who does not
//! face the camera is not seen at all. So *how many looked* can be counted without the network, *which share looked* cannot.
//!
//! Age and sex are estimated only where the settings name a model for it, which the host gives only when the demographic switch is on ([`demographics`]). No such model comes with
//! Sluis.
//!
//! - [`settings`]: what an installer may set.
//! - [`detector`]: faces, with landmarks where there are any.
//! - [`attention`]: which way a face is turned.
//! - [`demographics`]: classes of age and sex, if that is switched on.
//! - [`meter`]: all of it, for one frame.

pub mod attention;
pub mod demographics;
pub mod detector;
pub mod meter;
pub mod settings;

use sluis_detect::yunet;
use sluis_sdk::audience::Face;
use sluis_sdk::nn::{ErrorCode, Model};
use sluis_sdk::{AudienceMeter, Camera, Frame};

use demographics::Demographics;
use detector::Detector;
use meter::Meter;
use settings::Settings;

/// The meter of one camera.
#[derive(Debug)]
pub struct Audience(Meter<Model>);

impl AudienceMeter for Audience {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = Settings::read(settings)?;
        let detector = match Model::load(yunet::MODEL) {
            Ok(model) => Detector::YuNet(model),
            Err(error) if error.code == ErrorCode::NotFound => Detector::seetaface().map_err(|e| e.to_string())?,
            Err(error) => return Err(error.to_string()),
        };
        // A model that is named and not there is an error: a report without classes would look as if nobody could be told.
        let demographics = settings.demographics.as_ref().map(|named| {
            let model = Model::load(&named.model).map_err(|error| error.to_string())?;
            Demographics::new(model, named.input).map_err(|error| format!("the model `{}`: {error}", named.model))
        });
        let demographics = demographics.transpose()?;
        Meter::new(detector, demographics, camera.size, &settings).map(Self).map_err(|e| e.to_string())
    }

    fn measure(&mut self, frame: &Frame<'_>) -> Vec<Face> {
        match self.0.measure(frame) {
            Ok(faces) => faces,
            #[allow(
                clippy::panic,
                reason = "an empty answer would say that nobody is there; after a panic the frame counts neither way"
            )]
            Err(error) => panic!("{error}"),
        }
    }
}

sluis_sdk::audience_meter!(Audience);
