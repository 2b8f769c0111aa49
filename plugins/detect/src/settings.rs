//! What an installer may set for one camera, in every component that has a detector.

use serde::Deserialize;

/// The settings, as JSON: `{"network-long-side": 640}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The longest side of the picture that the detector is shown, in pixels, 64 to 1920. Pictures that are smaller are not enlarged. Time grows with
    /// its square; the smallest face that is found grows as it shrinks.
    pub network_long_side: u32,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self { network_long_side: 640 }
    }
}

impl Settings {
    /// Reads and checks the JSON object that the installer wrote for `component`.
    ///
    /// # Errors
    ///
    /// A sentence for the installer, when it is no such object or a number is out of its range.
    pub fn read(component: &str, json: &str) -> Result<Self, String> {
        let settings: Self = serde_json::from_str(json).map_err(|e| format!("the settings of {component}: {e}"))?;
        let side = settings.network_long_side;
        if !(64..=1920).contains(&side) {
            return Err(format!("the settings of {component}: `network-long-side` is {side}; use 64 to 1920"));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_is_640() {
        assert_eq!(Settings::read("face-blur", "{}"), Ok(Settings { network_long_side: 640 }));
    }

    #[test]
    fn what_is_misspelt_or_out_of_range_is_refused_by_name() {
        for (json, named) in [
            (r#"{"network-long-sid": 640}"#, "network-long-sid"),
            (r#"{"network-long-side": 63}"#, "network-long-side"),
            (r#"{"network-long-side": 1e9}"#, "face-blur"),
            ("", "face-blur"),
        ] {
            let error = Settings::read("face-blur", json).unwrap_err();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
