//! What may not be seen now, as both processes know it.
//!
//! `keep` reads it from the vault every second and tells `eye` when it changes. Whoever does not know what is paused takes everything to be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
use sluis_vault::Pause;

/// What is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pauses {
    /// It is not known: no camera may see.
    #[default]
    Unknown,
    /// These cameras.
    Known(BTreeMap<CameraId, Paused>),
}

/// What of a camera is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// All that it sees.
    pub all: bool,
    /// Zones, by name.
    pub zones: BTreeSet<String>,
    /// When the latest of its pauses began.
    pub since: Option<Timestamp>,
}

// === impl Pauses ===

impl Pauses {
    /// What of a camera is paused; `None` when nothing is.
    pub fn of(&self, camera: &CameraId) -> Option<Paused> {
        match self {
            Self::Unknown => Some(Paused { all: true, ..Paused::default() }),
            Self::Known(cameras) => cameras.get(camera).cloned(),
        }
    }
}

impl From<Vec<Pause>> for Pauses {
    fn from(pauses: Vec<Pause>) -> Self {
        let mut cameras = BTreeMap::<CameraId, Paused>::new();
        for Pause { camera, zone, at, .. } in pauses {
            let paused = cameras.entry(camera).or_default();
            paused.since = paused.since.max(Some(at));
            match zone {
                Some(zone) => drop(paused.zones.insert(zone)),
                None => paused.all = true,
            }
        }
        Self::Known(cameras)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(camera: &str, zone: Option<&str>, at: i64) -> Pause {
        Pause {
            camera: CameraId::new(camera).unwrap(),
            zone: zone.map(str::to_owned),
            at: Timestamp::from_secs(at),
            until: None,
            reason: "a guest objects".to_owned(),
        }
    }

    #[test]
    fn what_is_not_known_is_paused() {
        let till = CameraId::new("till").unwrap();
        assert!(Pauses::default().of(&till).unwrap().all);
        assert_eq!(Pauses::from(vec![]).of(&till), None);
    }

    #[test]
    fn pauses_of_a_camera_add_up() {
        let pauses = Pauses::from(vec![
            pause("till", Some("queue"), 1),
            pause("till", Some("shelf"), 3),
            pause("till", Some("queue"), 2),
            pause("door", None, 4),
        ]);
        let till = pauses.of(&CameraId::new("till").unwrap()).unwrap();
        assert_eq!((till.all, till.zones.len(), till.since), (false, 2, Some(Timestamp::from_secs(3))));
        assert!(pauses.of(&CameraId::new("door").unwrap()).unwrap().all);
        let text = serde_json::to_string(&pauses).unwrap();
        assert_eq!(serde_json::from_str::<Pauses>(&text).unwrap(), pauses);
    }
}
