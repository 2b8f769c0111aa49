//! What a person saw in a clip.
//!
//! A label file is JSON. Fields that are not named here are comments of whoever labelled, and are passed over; values that are named must be right.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sluis_frame::Gesture;

use crate::error::Error;
use crate::file::{self, Checked, Wrong};
use crate::scene::{Ignored, Scene, Span, Truth};

/// The labels of one clip.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Labels {
    /// The clip, relative to the folder of footage.
    pub clip: PathBuf,
    /// Width of its pictures in pixels.
    pub width: u32,
    /// Their height.
    pub height: u32,
    /// Pictures per second.
    pub fps: f64,
    /// How many pictures it has.
    pub frames: u64,
    /// Its zones.
    pub zones: Vec<LabelledZone>,
    /// What happens in it.
    pub events: Vec<LabelledEvent>,
    /// Where reaches happen that could not be labelled.
    #[serde(default)]
    pub ignore: Vec<LabelledIgnore>,
}

/// A zone of a clip.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledZone {
    /// Its name.
    pub id: String,
    /// Its corners in order, in pixels of the clip.
    pub polygon: Vec<[f64; 2]>,
}

/// An event of a clip. Frames count from 0, and both ends belong to it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledEvent {
    /// Its number within the clip.
    pub id: u32,
    /// What.
    #[serde(rename = "type")]
    pub gesture: Gesture,
    /// In which zone.
    pub zone: String,
    /// Its first frame.
    pub start_frame: u64,
    /// Its last frame.
    pub end_frame: u64,
    /// Whether it is sure.
    pub certain: bool,
    /// It began before the clip.
    #[serde(default)]
    pub start_cut: bool,
    /// It goes on after the clip.
    #[serde(default)]
    pub end_cut: bool,
    /// The reach that it is part of.
    #[serde(default)]
    pub in_reach: Option<u32>,
}

/// A stretch of a clip that is not scored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledIgnore {
    /// In which zone.
    pub zone: String,
    /// Its first frame.
    pub start_frame: u64,
    /// Its last frame.
    pub end_frame: u64,
}

// === impl Labels ===

impl Labels {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], or [`Error::Format`] with the place of what is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        file::read(path)
    }

    /// Reads all `*.json` files of a folder, in the order of their names.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, Error> {
        file::read_all(folder)
    }

    /// Reads a file from its text; `path` is for the message.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] with the place of what is wrong.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        file::parse(text, path)
    }

    /// What happened, for the score.
    pub fn scene(&self) -> Scene {
        let truths = self.events.iter().map(|event| Truth {
            gesture: event.gesture,
            zone: Some(event.zone.clone()),
            span: Span::of_frames(event.start_frame, event.end_frame, self.fps),
            certain: event.certain,
        });
        let ignored = self.ignore.iter().map(|ignore| Ignored {
            zone: ignore.zone.clone(),
            span: Span::of_frames(ignore.start_frame, ignore.end_frame, self.fps),
        });
        Scene { truths: truths.collect(), ignored: ignored.collect() }
    }

    fn check_span(&self, at: &str, zones: &BTreeSet<&str>, zone: &str, first: u64, last: u64) -> Result<(), Wrong> {
        if !zones.contains(zone) {
            return Err((format!("{at}.zone"), format!("no zone `{zone}` is listed under `zones`")));
        }
        if last < first {
            return Err((format!("{at}.end_frame"), format!("frame {last} is before its first frame, {first}")));
        }
        if last >= self.frames {
            return Err((format!("{at}.end_frame"), format!("frame {last} is beyond the {} of the clip", self.frames)));
        }
        Ok(())
    }
}

impl Checked for Labels {
    fn check(&self) -> Result<(), Wrong> {
        file::check_clip(self.width, self.height, self.frames, self.fps)?;
        let mut zones = BTreeSet::new();
        for (i, zone) in self.zones.iter().enumerate() {
            if !zones.insert(zone.id.as_str()) {
                return Err((format!("zones[{i}].id"), format!("`{}` is listed twice", zone.id)));
            }
            if zone.polygon.len() < 3 {
                return Err((format!("zones[{i}].polygon"), "a polygon has at least 3 corners".into()));
            }
        }
        let mut ids = BTreeSet::new();
        for (i, event) in self.events.iter().enumerate() {
            if !ids.insert(event.id) {
                return Err((format!("events[{i}].id"), format!("{} is listed twice", event.id)));
            }
            self.check_span(&format!("events[{i}]"), &zones, &event.zone, event.start_frame, event.end_frame)?;
        }
        for (i, event) in self.events.iter().enumerate() {
            let is_reach = |id| self.events.iter().any(|e| e.id == id && e.gesture == Gesture::Reach);
            if let Some(reach) = event.in_reach
                && !is_reach(reach)
            {
                return Err((format!("events[{i}].in_reach"), format!("event {reach} is no reach of this clip")));
            }
        }
        for (i, ignore) in self.ignore.iter().enumerate() {
            self.check_span(&format!("ignore[{i}]"), &zones, &ignore.zone, ignore.start_frame, ignore.end_frame)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "clip": "clips/shelf.mp4", "sha256": "ab", "width": 640, "height": 480, "fps": 10.0, "frames": 30,
        "zones": [{"id": "shelf-1", "polygon": [[0, 0], [9, 0], [9, 9]], "what": "boxes"}],
        "events": [
            {"id": 1, "type": "reach", "zone": "shelf-1", "start_frame": 2, "end_frame": 20, "person": 1, "certain": true},
            {"id": 2, "type": "put-back", "zone": "shelf-1", "start_frame": 2, "end_frame": 9, "certain": false, "in_reach": 1}
        ],
        "ignore": [{"zone": "shelf-1", "start_frame": 25, "end_frame": 29, "why": "hidden"}],
        "notes": "a note"
    }"#;

    fn parse(text: &str) -> Result<Labels, Error> {
        Labels::parse(text, Path::new("shelf.json"))
    }

    #[test]
    fn a_file_becomes_a_scene() {
        let scene = parse(FILE).unwrap().scene();
        assert_eq!(scene.truths.len(), 2);
        assert_eq!(scene.truths[0].span, Span::new(0.2, 2.1));
        assert_eq!(scene.truths[1].gesture, Gesture::PutBack);
        assert!(!scene.truths[1].certain);
        assert_eq!(scene.ignored[0].span, Span::new(2.5, 3.0));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (from, to, named) in [
            ("\"put-back\"", "\"putback\"", "events[1].type"),
            (
                "\"zone\": \"shelf-1\", \"start_frame\": 2, \"end_frame\": 9",
                "\"zone\": \"shelf-2\", \"start_frame\": 2, \"end_frame\": 9",
                "shelf-2",
            ),
            ("\"end_frame\": 20", "\"end_frame\": 1", "events[0].end_frame"),
            ("\"end_frame\": 20", "\"end_frame\": 30", "beyond the 30"),
            ("\"id\": 2", "\"id\": 1", "events[1].id"),
            ("\"in_reach\": 1", "\"in_reach\": 2", "events[1].in_reach"),
            ("\"fps\": 10.0", "\"fps\": 0", "fps"),
            ("\"end_frame\": 29", "\"end_frame\": 99", "ignore[0].end_frame"),
            ("[[0, 0], [9, 0], [9, 9]]", "[[0, 0], [9, 0]]", "zones[0].polygon"),
        ] {
            assert!(FILE.contains(from), "{from}");
            let error = parse(&FILE.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(named) && error.contains("shelf.json"), "{named}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn a_cut_file_is_an_error(at in 0usize..FILE.len() - 1) {
            proptest::prop_assert!(parse(&FILE[..at]).is_err());
        }
    }
}
