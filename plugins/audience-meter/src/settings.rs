//! What an installer may set.

use serde::Deserialize;

use crate::attention::{PITCH, Pose, Towards, YAW};

/// The settings, as JSON:
///
/// ```json
/// {"network-long-side": 640, "yaw-degrees": 28, "pitch-degrees": 30, "screen-yaw-degrees": 0, "screen-pitch-degrees": 0}
/// ```
///
/// `demographics` is written by the host, and only when the demographic switch is on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The longest side of the picture that the detector is shown, in pixels, 64 to 1920.
    pub network_long_side: u32,
    /// How far to either side a head may be turned from the screen, 5 to 60 degrees.
    pub yaw_degrees: f32,
    /// How far up or down, 5 to 60 degrees.
    pub pitch_degrees: f32,
    /// Where the screen is beside the camera, as the people see it: degrees that a head turns from the camera to the screen, positive to the right of the camera's picture.
    /// -60 to 60.
    pub screen_yaw_degrees: f32,
    /// Likewise below the camera: positive when the screen is lower. -60 to 60.
    pub screen_pitch_degrees: f32,
    /// The model for classes of age and sex.
    pub demographics: Option<Named>,
}

/// A model for classes of age and sex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Named {
    /// Its name in the registry.
    pub model: String,
    /// The side of its input in pixels, 32 to 256.
    #[serde(default = "Named::input")]
    pub input: u32,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self {
            network_long_side: 640,
            yaw_degrees: YAW,
            pitch_degrees: PITCH,
            screen_yaw_degrees: 0.0,
            screen_pitch_degrees: 0.0,
            demographics: None,
        }
    }
}

impl Settings {
    /// Reads and checks the JSON object that the installer wrote.
    ///
    /// # Errors
    ///
    /// A sentence for the installer, when it is no such object or a number is out of its range.
    pub fn read(json: &str) -> Result<Self, String> {
        let wrong = |e: serde_json::Error| format!("the settings of audience-meter: {e}");
        let settings: Self = serde_json::from_str(json).map_err(wrong)?;
        let side = settings.demographics.as_ref().map(|named| named.input as f32);
        for (name, value, least, most) in [
            ("network-long-side", settings.network_long_side as f32, 64.0, 1920.0),
            ("yaw-degrees", settings.yaw_degrees, 5.0, 60.0),
            ("pitch-degrees", settings.pitch_degrees, 5.0, 60.0),
            ("screen-yaw-degrees", settings.screen_yaw_degrees, -60.0, 60.0),
            ("screen-pitch-degrees", settings.screen_pitch_degrees, -60.0, 60.0),
            ("demographics.input", side.unwrap_or(32.0), 32.0, 256.0),
        ] {
            if !(least..=most).contains(&value) {
                return Err(format!("the settings of audience-meter: `{name}` is {value}; use {least} to {most}"));
            }
        }
        Ok(settings)
    }

    /// Which directions count as towards the screen.
    pub fn towards(&self) -> Towards {
        Towards {
            screen: Pose { yaw: self.screen_yaw_degrees, pitch: self.screen_pitch_degrees },
            yaw: self.yaw_degrees,
            pitch: self.pitch_degrees,
        }
    }
}

// === impl Named ===

impl Named {
    const fn input() -> u32 {
        96
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_is_a_camera_on_the_screen_without_demographics() {
        let settings = Settings::read("{}").unwrap();
        assert_eq!((settings.towards(), settings.demographics), (Towards::default(), None));
    }

    #[test]
    fn what_is_misspelt_or_out_of_range_is_refused_by_name() {
        for (json, named) in [
            (r#"{"yaw": 20}"#, "unknown field `yaw`"),
            (r#"{"yaw-degrees": 90}"#, "`yaw-degrees` is 90; use 5 to 60"),
            (r#"{"screen-pitch-degrees": -61}"#, "screen-pitch-degrees"),
            (r#"{"demographics": {"input": 96}}"#, "missing field `model`"),
            (r#"{"demographics": {"model": "a", "input": 512}}"#, "demographics.input"),
            ("", "audience-meter"),
        ] {
            let error = Settings::read(json).unwrap_err();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
