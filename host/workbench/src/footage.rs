//! What is shown to a plugin: the synthetic shop, or a recording.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sluis_camera::synthetic::{self, Preset, Shop};
use sluis_camera::{Driver, Pace, file};
use sluis_frame::{CameraId, Clock, Timestamp};

use crate::camera::Camera;
use crate::error::Error;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Footage {
    /// A drawn shop, in colour and depth: the same seed gives the same pictures, byte for byte.
    Synthetic {
        /// Everything that is left to chance follows from it.
        seed: u64,
        /// Where the camera hangs.
        view: View,
        /// How many frames, fifteen a second.
        frames: u64,
    },
    /// A recording, as `sluis demo --input` takes it.
    Recording {
        /// Where it lies; relative to the plugin's folder.
        path: PathBuf,
        /// How many frames of it at most.
        frames: u64,
    },
}

/// Where the camera hangs in the synthetic shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// High, looking along the shelf.
    Oblique,
    /// Straight down.
    Overhead,
    /// On top of the advertising screen.
    Screen,
}

/// Footage, opened.
pub(crate) struct Opened {
    pub(crate) driver: Box<dyn Driver>,
    /// What is known of the camera.
    pub(crate) camera: Camera,
    /// The zones that a gesture detector is told, in its settings.
    pub(crate) zones: Map<String, Value>,
}

/// All times are counted from the beginning of the footage.
#[derive(Debug)]
struct Beginning;

// === impl Footage ===

impl Footage {
    /// How many frames are shown at most, unless something else is said: twenty seconds of the synthetic shop.
    pub const FRAMES: u64 = 300;

    /// The shop that is shown when nothing else is named.
    pub const fn usual(view: View) -> Self {
        Self::Synthetic { seed: 1, view, frames: Self::FRAMES }
    }

    /// How many frames at most.
    pub const fn frames(&self) -> u64 {
        match self {
            Self::Synthetic { frames, .. } | Self::Recording { frames, .. } => *frames,
        }
    }

    /// The name of the file of its golden answers, without the ending.
    pub fn name(&self) -> String {
        match self {
            Self::Synthetic { seed, view, .. } => format!("synthetic-{view}-{seed}"),
            Self::Recording { path, .. } => {
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
                stem.chars().map(plain).collect()
            }
        }
    }

    /// Opens it. Paths are relative to `folder`.
    pub(crate) fn open(&self, folder: &Path) -> Result<Opened, Error> {
        let id = CameraId::new("workbench").expect("the name has the right alphabet");
        match self {
            Self::Synthetic { seed, view, frames } => {
                let usual = synthetic::Settings::seeded(*seed);
                let length = Duration::from_secs_f64(*frames as f64 / usual.rate.per_second());
                let settings = synthetic::Settings { preset: (*view).into(), length: Some(length), ..usual };
                let shop = Shop::new(settings)?;
                let driver = Box::new(shop.open(id, Pace::AsFastAsPossible, &Beginning));
                let camera = Camera { pose: Some(shop.pose()), lens: Some(shop.lens()) };
                Ok(Opened { driver, camera, zones: zones(&shop) })
            }
            Self::Recording { path, .. } => {
                let driver = file::open(&folder.join(path), id, Pace::AsFastAsPossible, Arc::new(Beginning))?;
                Ok(Opened { driver, camera: Camera::default(), zones: Map::new() })
            }
        }
    }
}

impl fmt::Display for Footage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synthetic { seed, view, .. } => write!(f, "the synthetic shop, seed {seed}, view {view}"),
            Self::Recording { path, .. } => write!(f, "{}", path.display()),
        }
    }
}

/// The shop's zones, as a gesture detector is told them.
fn zones(shop: &Shop) -> Map<String, Value> {
    let zone = |zone: &synthetic::Zone| json!({ "id": zone.id, "kind": zone.kind.name(), "box": { "min": zone.min, "max": zone.max } });
    let zones: Vec<Value> = shop.zones().iter().map(zone).collect();
    Map::from_iter([("zones".to_owned(), Value::from(zones))])
}

// === impl View ===

impl From<View> for Preset {
    fn from(view: View) -> Self {
        match view {
            View::Oblique => Self::Oblique,
            View::Overhead => Self::Overhead,
            View::Screen => Self::Screen,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Oblique => "oblique",
            Self::Overhead => "overhead",
            Self::Screen => "screen",
        })
    }
}

// === impl Beginning ===

impl Clock for Beginning {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footage_is_written_as_a_partner_would_write_it() {
        let usual = serde_json::to_value(Footage::usual(View::Oblique)).unwrap();
        assert_eq!(usual, json!({ "synthetic": { "seed": 1, "view": "oblique", "frames": 300 } }));
        assert!(serde_json::from_value::<Footage>(json!({ "synthetic": { "seed": 1 } })).is_err());
    }

    #[test]
    fn a_recording_names_its_golden_file() {
        let clip = Footage::Recording { path: "footage/aisle 3.mp4".into(), frames: 10 };
        assert_eq!((clip.name(), Footage::usual(View::Screen).name()), ("aisle-3".into(), "synthetic-screen-1".into()));
    }
}
