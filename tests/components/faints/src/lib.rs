//! An audience meter that panics at every frame.

use sluis_sdk::audience::Face;
use sluis_sdk::{AudienceMeter, Camera, Frame};

struct Faints;

impl AudienceMeter for Faints {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn measure(&mut self, _: &Frame<'_>) -> Vec<Face> {
        panic!("it cannot look at people");
    }
}

sluis_sdk::audience_meter!(Faints);
