//! What an installer may set.

use serde::Deserialize;
use sluis_sdk::Size;
use sluis_sdk::layout::{Layout, Lens, Pose, Zone};

/// The settings of one camera, as JSON: `{"dwell-ms": 3000}`. The host adds `zones`, and `lens` and `pose` when they are known.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The shortest reach that is told, in milliseconds, 0 to 2000.
    pub reach_ms: u64,
    /// How long somebody stays at a zone before it is a dwell, in milliseconds, 500 to 600000.
    pub dwell_ms: u64,
    /// How long somebody stands in a queue before it is a wait, in milliseconds, 500 to 600000.
    pub wait_ms: u64,
    /// How near somebody is when they are at a zone, in millimetres on the floor, 100 to 5000: where lens and pose are known.
    pub near_mm: u32,
    /// Without lens and pose: the same, in hundredths of the silhouette's height, 0 to 300.
    pub near_percent: u32,
    /// With depth, but without lens and pose: how far before the shelf's front a hand counts as in it, in millimetres, 50 to 1000.
    pub front_mm: u32,
    /// The host's.
    zones: Vec<Zone>,
    /// The host's.
    lens: Option<Lens>,
    /// The host's.
    pose: Option<Pose>,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self {
            reach_ms: 250,
            dwell_ms: 2_000,
            wait_ms: 3_000,
            near_mm: 800,
            near_percent: 25,
            front_mm: 350,
            zones: Vec::new(),
            lens: None,
            pose: None,
        }
    }
}

impl Settings {
    /// Reads and checks the JSON object for pictures of a size.
    ///
    /// # Errors
    ///
    /// A sentence for the installer that names the value or the zone.
    pub fn read(json: &str, size: Size) -> Result<(Self, Layout), String> {
        let wrong = |why: String| format!("the settings of gesture-detector: {why}");
        let mut settings: Self = serde_json::from_str(json).map_err(|e| wrong(e.to_string()))?;
        for (name, value, least, most) in [
            ("reach-ms", settings.reach_ms, 0, 2_000),
            ("dwell-ms", settings.dwell_ms, 500, 600_000),
            ("wait-ms", settings.wait_ms, 500, 600_000),
            ("near-mm", u64::from(settings.near_mm), 100, 5_000),
            ("near-percent", u64::from(settings.near_percent), 0, 300),
            ("front-mm", u64::from(settings.front_mm), 50, 1_000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(wrong(format!("`{name}` is {value}; use {least} to {most}")));
            }
        }
        let zones = std::mem::take(&mut settings.zones);
        let layout =
            Layout::new(zones, settings.lens.take(), settings.pose.take(), size).map_err(|e| wrong(e.to_string()))?;
        Ok((settings, layout))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(640, 480);

    #[test]
    fn nothing_set_is_no_zones_and_the_defaults() {
        let (settings, layout) = Settings::read("{}", SIZE).unwrap();
        assert_eq!(settings, Settings::default());
        assert!(layout.zones().is_empty());
    }

    #[test]
    fn what_is_wrong_is_refused_by_name() {
        for (json, named) in [
            (r#"{"dwel-ms": 3000}"#, "dwel-ms"),
            (r#"{"dwell-ms": 3}"#, "500 to 600000"),
            (r#"{"zones": [{"id": "bread", "kind": "shelf", "polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}]}"#, "bread"),
            (r#"{"zones": [{"id": "bread", "kind": "shelf", "polygon": [[0, 0], [700, 0], [9, 9]]}]}"#, "640x480"),
            ("", "gesture-detector"),
        ] {
            let error = Settings::read(json, SIZE).unwrap_err();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
