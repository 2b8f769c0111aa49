//! Where a person saw heads and faces in a clip.
//!
//! A label file is JSON with key frames; between two of them boxes are interpolated. Fields that are not named here are comments of whoever labelled.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sluis_frame::{Rect, Size};

use crate::error::Error;
use crate::file::{self, Checked, Wrong};

/// The labels of one clip.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct HeadLabels {
    /// The clip, relative to the folder of footage.
    pub clip: PathBuf,
    /// Width of its pictures in pixels.
    pub width: u32,
    /// Their height.
    pub height: u32,
    /// Pictures per second.
    pub fps: f64,
    /// How many pictures are labelled, from the first on.
    pub frames: u64,
    /// The pictures that were looked at, in order.
    pub keyframes: Vec<KeyFrame>,
}

/// A picture that was looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct KeyFrame {
    /// Its number, from 0.
    pub frame: u64,
    /// Everybody who is in the clip somewhere near it.
    pub heads: Vec<KeyHead>,
    /// Where nothing counts, neither as found nor as missed.
    #[serde(default)]
    pub ignore: Vec<Edges>,
}

/// One person in a picture that was looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct KeyHead {
    /// The same through the whole clip.
    pub id: u64,
    /// Not in the picture, or wholly hidden: then nothing below is there.
    #[serde(default)]
    pub out: bool,
    /// How the head is turned.
    #[serde(default)]
    pub view: Option<View>,
    /// The whole visible head.
    #[serde(default)]
    pub head: Option<Edges>,
    /// Chin to hairline, ear to ear, as far as it is seen.
    #[serde(default)]
    pub face: Option<Edges>,
}

/// How a head is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// To the camera.
    Frontal,
    /// Half away.
    ThreeQuarter,
    /// From the side.
    Profile,
    /// From behind.
    Back,
    /// Something hides the face.
    Occluded,
}

/// `[x, y, width, height]` in pixels of the clip.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "[f64; 4]")]
pub struct Edges {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// What there is to see in one picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moment {
    /// Everybody whose place is known.
    pub heads: Vec<Head>,
    /// Where nothing counts.
    pub ignore: Vec<Rect>,
}

/// One person in one picture. Boxes are cut at the edge of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// The same through the whole clip.
    pub id: u64,
    /// How the head is turned.
    pub view: View,
    /// The whole visible head: every pixel that its box touches.
    pub head: Rect,
    /// Its height as labelled, in pixels.
    pub head_height: f64,
    /// The face, if one is surely seen.
    pub face: Option<Rect>,
    /// Its height as labelled, in pixels; 0 when there is none.
    pub face_height: f64,
}

// === impl HeadLabels ===

impl HeadLabels {
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

    /// The size of its pictures.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The clip's name: its file without folder and ending.
    pub fn name(&self) -> String {
        self.clip.file_stem().unwrap_or(self.clip.as_os_str()).to_string_lossy().into_owned()
    }

    /// What there is to see in a picture. Beyond the last key frame it is what was seen there.
    pub fn at(&self, frame: u64) -> Moment {
        let after = self.keyframes.partition_point(|key| key.frame < frame).min(self.keyframes.len() - 1);
        let before = if self.keyframes[after].frame <= frame { after } else { after.saturating_sub(1) };
        let (lo, hi) = (&self.keyframes[before], &self.keyframes[after]);
        let t = match hi.frame - lo.frame {
            0 => 0.0,
            apart => (frame - lo.frame) as f64 / apart as f64,
        };
        let mut moment = Moment::default();
        let mut ignore: Vec<Edges> = lo.ignore.clone();
        if before != after {
            ignore.extend(&hi.ignore);
        }
        let mut ids: Vec<u64> = lo.heads.iter().chain(&hi.heads).map(|head| head.id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let there = |key: &KeyFrame| key.heads.iter().find(|h| h.id == id && !h.out).cloned();
            match (there(lo), there(hi)) {
                (Some(a), Some(b)) => moment.heads.extend(Head::between(&a, &b, t, self.size())),
                // Appears or vanishes in between: nobody counts it.
                (Some(one), None) | (None, Some(one)) => ignore.extend(one.head.map(Edges::grown)),
                (None, None) => {}
            }
        }
        moment.ignore = ignore.iter().filter_map(|edges| edges.cut(self.size())).map(|(rect, _)| rect).collect();
        moment
    }

    /// Whether a head moves: its middle goes at least a quarter of its width within half a second around the picture.
    pub fn moves(&self, head: &Head, frame: u64) -> bool {
        let half = (self.fps / 4.0).ceil() as u64;
        let place = |frame| {
            let there = self.at(frame).heads.into_iter().find(|h| h.id == head.id);
            there.map_or(head.head, |h| h.head).centre()
        };
        let (a, b) = (place(frame.saturating_sub(half)), place((frame + half).min(self.frames - 1)));
        (a.x - b.x).hypot(a.y - b.y) >= head.head.width as f32 / 4.0
    }
}

impl Checked for HeadLabels {
    fn check(&self) -> Result<(), Wrong> {
        file::check_clip(self.width, self.height, self.frames, self.fps)?;
        if self.keyframes.is_empty() {
            return Err(("keyframes".into(), "there is none: nothing is labelled".into()));
        }
        for (i, key) in self.keyframes.iter().enumerate() {
            let at = |what: &str| format!("keyframes[{i}]{what}");
            if key.frame >= self.frames {
                return Err((at(".frame"), format!("{} is beyond the {} of the clip", key.frame, self.frames)));
            }
            if i > 0 && key.frame <= self.keyframes[i - 1].frame {
                return Err((at(".frame"), format!("{} does not come after the one before", key.frame)));
            }
            for (j, head) in key.heads.iter().enumerate() {
                let at = at(&format!(".heads[{j}]"));
                if key.heads[..j].iter().any(|other| other.id == head.id) {
                    return Err((format!("{at}.id"), format!("{} is listed twice", head.id)));
                }
                if !head.out && (head.head.is_none() || head.view.is_none()) {
                    return Err((at, "who is not `out` has a `head` and a `view`".into()));
                }
                if head.head.iter().chain(&head.face).any(|edges| !edges.is_a_box()) {
                    return Err((at, "a box is `[x, y, width, height]`, and neither side is negative".into()));
                }
            }
        }
        Ok(())
    }
}

// === impl Head ===

impl Head {
    fn between(a: &KeyHead, b: &KeyHead, t: f64, picture: Size) -> Option<Self> {
        let (head, head_height) = a.head?.towards(b.head?, t).cut(picture)?;
        let face = a.face.zip(b.face).and_then(|(a, b)| a.towards(b, t).cut(picture));
        let (face, face_height) = face.map_or((None, 0.0), |(face, height)| (Some(face), height));
        let view = if t < 0.5 { a } else { b }.view?;
        Some(Self { id: a.id, view, head, head_height, face, face_height })
    }
}

// === impl Edges ===

impl From<[f64; 4]> for Edges {
    fn from([x, y, width, height]: [f64; 4]) -> Self {
        Self { left: x, top: y, right: x + width, bottom: y + height }
    }
}

impl Edges {
    fn is_a_box(&self) -> bool {
        self.right >= self.left && self.bottom >= self.top
    }

    fn towards(self, other: Self, t: f64) -> Self {
        let step = |from: f64, to: f64| from + (to - from) * t;
        Self {
            left: step(self.left, other.left),
            top: step(self.top, other.top),
            right: step(self.right, other.right),
            bottom: step(self.bottom, other.bottom),
        }
    }

    /// Larger by three tenths of its side on each side.
    fn grown(self) -> Self {
        let (x, y) = ((self.right - self.left) * 0.3, (self.bottom - self.top) * 0.3);
        Self { left: self.left - x, top: self.top - y, right: self.right + x, bottom: self.bottom + y }
    }

    /// Every pixel that it touches, and its height, in the picture; `None` when nothing of it is.
    fn cut(self, picture: Size) -> Option<(Rect, f64)> {
        let height = self.bottom.min(f64::from(picture.height)) - self.top.max(0.0);
        let rect = Rect::from_edges(
            self.left.floor() as i64,
            self.top.floor() as i64,
            self.right.ceil() as i64,
            self.bottom.ceil() as i64,
        );
        Some((rect.clip(picture)?, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "clip": "clips/lobby.mp4", "sha256": "ab", "width": 100, "height": 80, "fps": 10.0, "frames": 21,
        "keyframes": [
            {"frame": 0, "heads": [
                {"id": 1, "view": "frontal", "head": [10, 10, 20, 30], "face": [12, 14, 16, 20]},
                {"id": 2, "view": "back", "head": [90, 10, 20, 30], "face": null},
                {"id": 3, "out": true}
            ], "ignore": [[0, 0, 5, 5]]},
            {"frame": 10, "heads": [
                {"id": 1, "view": "profile", "head": [20, 10, 20, 30], "face": [22, 14, 16, 20]},
                {"id": 2, "view": "three-quarter", "head": [90, 10, 20, 30], "face": [90, 12, 20, 20]},
                {"id": 3, "view": "back", "head": [50, 50, 10, 10]}
            ]}
        ]
    }"#;

    fn parse(text: &str) -> Result<HeadLabels, Error> {
        file::parse(text, Path::new("lobby.json"))
    }

    #[test]
    fn between_key_frames_heads_are_on_their_way() {
        let moment = parse(FILE).unwrap().at(5);
        let [one, two] = moment.heads[..] else { panic!("{moment:?}") };
        assert_eq!((one.head, one.view), (Rect::new(15, 10, 20, 30), View::Profile));
        assert_eq!((one.face, one.face_height), (Some(Rect::new(17, 14, 16, 20)), 20.0));
        // Cut at the edge; seen from behind at one end, so no face is sure.
        assert_eq!((two.head, two.face, two.view), (Rect::new(90, 10, 10, 30), None, View::ThreeQuarter));
        // The third appears in between, and what is ignored holds from either side.
        assert_eq!(moment.ignore, [Rect::new(0, 0, 5, 5), Rect::new(47, 47, 16, 16)]);
    }

    #[test]
    fn at_and_beyond_a_key_frame_it_alone_counts() {
        let labels = parse(FILE).unwrap();
        assert_eq!(labels.at(0).heads.len(), 2);
        assert_eq!(labels.at(10), labels.at(20));
        assert_eq!(labels.at(10).heads.len(), 3);
    }

    #[test]
    fn who_walks_moves_and_who_stands_does_not() {
        let labels = parse(FILE).unwrap();
        let heads = labels.at(5).heads;
        assert!(labels.moves(&heads[0], 5) && !labels.moves(&heads[1], 5));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (from, to, named) in [
            ("\"frame\": 10", "\"frame\": 0", "keyframes[1].frame"),
            ("\"frame\": 10", "\"frame\": 30", "beyond the 21"),
            ("\"id\": 2, \"view\": \"back\"", "\"id\": 1, \"view\": \"back\"", "keyframes[0].heads[1].id"),
            ("\"id\": 3, \"out\": true", "\"id\": 3", "keyframes[0].heads[2]"),
            ("[10, 10, 20, 30]", "[10, 10, -20, 30]", "keyframes[0].heads[0]"),
            ("\"fps\": 10.0", "\"fps\": 0", "fps"),
            ("\"profile\"", "\"sideways\"", "keyframes[1].heads[0].view"),
        ] {
            assert!(FILE.contains(from), "{from}");
            let error = parse(&FILE.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(named) && error.contains("lobby.json"), "{named}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_cut_file_is_an_error(at in 0usize..FILE.len() - 1) {
            proptest::prop_assert!(parse(&FILE[..at]).is_err());
        }

        #[test]
        fn no_box_makes_it_panic(edges: [f64; 4], t in 0.0f64..=1.0) {
            let edges = Edges::from(edges);
            let _ = edges.towards(edges.grown(), t).cut(Size::new(640, 480));
        }
    }
}
