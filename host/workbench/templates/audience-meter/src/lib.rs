//! An audience meter: it says of every face in a frame whether it is turned to the screen.
//!
//! This one is to begin with. It takes the heads that the host's floor sees for faces, and those in the middle of the picture for attentive ones. Put a detector of faces in its
//! place. The host links faces into glances, and makes the meter anew often: keep nothing from frame to frame.

use serde::Deserialize;
use sluis_sdk::audience::{AgeClass, Face, SexClass, SizeClass};
use sluis_sdk::{AudienceMeter, Camera, Frame, MOST_ANSWERS, Rect, Size};

/// The meter of one camera.
#[derive(Debug)]
pub struct Meter {
    settings: Settings,
}

/// What an installer may write for it.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// How much of the picture's width counts as before the screen: 0 to 100 percent, about its middle.
    middle: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { middle: 50 }
    }
}

impl AudienceMeter for Meter {
    fn new(_camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = serde_json::from_str(settings).map_err(|e| format!("its settings: {e}"))?;
        Ok(Self { settings })
    }

    fn measure(&mut self, frame: &Frame<'_>) -> Vec<Face> {
        let size = frame.size();
        let heads = frame.people().into_iter().filter_map(|person| person.head.intersect(size.rect()));
        heads.take(MOST_ANSWERS).map(|head| self.face(head, size)).collect()
    }
}

impl Meter {
    fn face(&self, area: Rect, size: Size) -> Face {
        let from_middle = (i64::from(area.x) * 2 + i64::from(area.width) - i64::from(size.width)).unsigned_abs();
        Face {
            area,
            attentive: from_middle * 100 <= u64::from(size.width) * u64::from(self.settings.middle),
            size: match area.height {
                0..32 => SizeClass::Small,
                32..96 => SizeClass::Medium,
                96.. => SizeClass::Large,
            },
            // Classes of people are told only by who has a model for them and was switched on for it.
            age: AgeClass::Unknown,
            sex: SexClass::Undetermined,
        }
    }
}

sluis_sdk::audience_meter!(Meter);
