//! How the camera of the footage stands and sees, where somebody says so.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sluis_frame::{Calibration, Pose, Size};
use sluis_guard::Vantage;
use sluis_stage::{CameraFacts, Mount};

/// What is said of a camera, as the configuration of a shop says it. Nothing by default: a component copes with that, too.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Where it stands and looks. Of this, a component is told how high it hangs and how it is tilted; a gesture detector is told all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pose: Option<Pose>,
    /// How directions become pixels, at the size of the footage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<Calibration>,
}

// === impl Camera ===

impl Camera {
    /// What this says, and what it does not, as `other` says it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { pose: self.pose.or(other.pose), lens: self.lens.or(other.lens) }
    }

    /// Whether nothing is said.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// What a chamber is told of it.
    pub(crate) fn facts(self, size: Size, rate: f64, depth: bool) -> CameraFacts {
        CameraFacts { size, rate, depth, mount: self.pose.and_then(|pose| Mount::of(&pose)), lens: self.lens }
    }

    /// From where it sees, if all of that is said.
    pub(crate) fn vantage(self) -> Option<Vantage> {
        self.pose.zip(self.lens).map(|(pose, lens)| Vantage { pose, lens })
    }

    /// Adds to the settings of a gesture detector what a host adds.
    pub(crate) fn tell(self, settings: &mut Map<String, Value>) {
        settings.extend(self.lens.map(|lens| ("lens".to_owned(), json!(lens))));
        settings.extend(self.pose.map(|pose| ("pose".to_owned(), json!(pose))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_in_the_shop_it_stands_is_not_told_to_a_chamber() {
        let pose = Pose { position: [1.0, 2.0, 2.5], pan: 10.0, tilt: 30.0, roll: 5.0 };
        let said = Camera { pose: Some(pose), lens: None };
        let facts = said.facts(Size { width: 640, height: 480 }, 15.0, false);
        assert_eq!((facts.mount, facts.lens), (Some(Mount { height: 2.5, tilt: 30.0, roll: 5.0 }), None));
        assert_eq!(facts.mount_in_thousandths(), Some((2_500, [30_000, 5_000])));
        assert_eq!(Camera::default().facts(Size { width: 640, height: 480 }, 15.0, false).mount, None);
    }

    #[test]
    fn what_is_said_counts_more_and_what_is_not_is_left_out() {
        let lens = |fx| Calibration { fx, fy: 605.0, cx: 320.0, cy: 240.0 };
        let (said, known) =
            (Camera { pose: None, lens: Some(lens(600.0)) }, Camera { pose: None, lens: Some(lens(1.0)) });
        assert_eq!(said.or(known), said);
        assert_eq!(serde_json::to_value(Camera::default()).unwrap(), json!({}));
        let written = json!({ "lens": { "fx": 600.0, "fy": 605.0, "cx": 320.0, "cy": 240.0 } });
        assert_eq!(serde_json::to_value(said).unwrap(), written);
        assert_eq!(serde_json::from_value::<Camera>(written).unwrap(), said);
    }
}
