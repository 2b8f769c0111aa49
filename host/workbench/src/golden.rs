//! Golden answers: what a plugin answered once, and is to answer again.
//!
//! A file holds footage, what the plugin was told, and the answers to every frame that had one, a frame a line, so that a change reads well in a review. Components run
//! deterministically, so the same component gives the same answers on every machine. (A model runs natively: another processor may round otherwise.)

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_stage::World;

use crate::camera::Camera;
use crate::error::Error;
use crate::footage::Footage;

/// What a file of golden answers says it is.
const SCHEMA: &str = "sluis.golden/1";

/// Where they lie, in the plugin's folder.
pub const FOLDER: &str = "tests/golden";

/// Golden answers on one footage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    schema: String,
    /// The plugin's world.
    pub world: World,
    /// What it was shown.
    pub footage: Footage,
    /// What was said of its camera.
    #[serde(default, skip_serializing_if = "Camera::is_unknown")]
    pub camera: Camera,
    /// What the installer would have written for it.
    pub settings: Map<String, Value>,
    /// How many frames it was shown.
    pub frames: u64,
    /// Every frame with an answer, in order.
    pub answers: Vec<Answered>,
}

/// The answer to one frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The number of the frame, from 0. What a gesture detector tells at the end has the number after the last.
    pub frame: u64,
    /// When the frame was taken, in milliseconds since the first.
    pub at_ms: u64,
    /// One line each.
    pub answer: Vec<String>,
}

/// A frame that was answered otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which.
    pub frame: u64,
    /// When it was taken, in milliseconds since the first.
    pub at_ms: u64,
    /// Lines that were expected and did not come.
    pub expected: Vec<String>,
    /// Lines that came and were not expected.
    pub came: Vec<String>,
}

// === impl Golden ===

impl Golden {
    /// What came of this footage.
    pub fn new(
        world: World,
        footage: Footage,
        camera: Camera,
        settings: Map<String, Value>,
        frames: u64,
        answers: Vec<Answered>,
    ) -> Self {
        Self { schema: SCHEMA.to_owned(), world, footage, camera, settings, frames, answers }
    }

    /// Where the answers on this footage lie in a plugin's folder.
    pub fn path(folder: &Path, footage: &Footage) -> PathBuf {
        folder.join(FOLDER).join(format!("{}.json", footage.name()))
    }

    /// All files of golden answers of a plugin's folder, by name.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when the folder is there and cannot be read.
    pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let folder = folder.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::file("read", &folder))?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(Error::file("read", &folder)));
        let mut files = paths.collect::<Result<Vec<_>, _>>()?;
        files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        Ok(files)
    }

    /// Reads a file; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`], [`Error::File`].
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(Error::file("read", path))?,
        };
        let wrong = |reason: String| Error::Golden { path: path.to_owned(), reason };
        let golden: Self = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if golden.schema != SCHEMA {
            return Err(wrong(format!("it is `{}`, and this program knows `{SCHEMA}`", golden.schema)));
        }
        Ok(Some(golden))
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        }
        fs::write(path, self.text()).map_err(Error::file("write", path))
    }

    /// As JSON, a frame a line.
    fn text(&self) -> String {
        let known = !self.camera.is_unknown();
        let camera = if known { format!("  \"camera\": {},\n", json(&self.camera)) } else { String::new() };
        let mut text = format!(
            "{{\n  \"schema\": {},\n  \"world\": {},\n  \"footage\": {},\n{camera}  \"settings\": {},\n  \"frames\": {},\n  \"answers\": [",
            json(&self.schema),
            json(&self.world),
            json(&self.footage),
            json(&self.settings),
            self.frames,
        );
        for (number, answered) in self.answers.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\n    {}", json(answered));
        }
        text.push_str(if self.answers.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }

    /// Of what `new` has other answers than this: the keys that differ, but for the answers. Empty when it is what came of the same again.
    pub fn others(&self, new: &Self) -> Vec<&'static str> {
        let keys = [
            ("world", self.world == new.world),
            ("footage", self.footage == new.footage),
            ("camera", self.camera == new.camera),
            ("settings", self.settings == new.settings),
            ("frames", self.frames == new.frames),
        ];
        keys.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }

    /// The answers to so many frames at the beginning. What a gesture detector tells at the end is about another end, and left out.
    #[must_use]
    pub fn beginning(&self, frames: u64) -> Self {
        Self { frames, answers: beginning(&self.answers, frames), ..self.clone() }
    }

    /// Where `came` differs from this, in the order of frames.
    pub fn differences(&self, came: &[Answered]) -> Vec<Difference> {
        let mut frames: BTreeMap<u64, (u64, &[String], &[String])> = BTreeMap::new();
        for answered in &self.answers {
            frames.insert(answered.frame, (answered.at_ms, &answered.answer, &[]));
        }
        for answered in came {
            frames.entry(answered.frame).or_insert((answered.at_ms, &[], &[])).2 = &answered.answer;
        }
        let different = frames.into_iter().filter(|(_, (_, expected, came))| expected != came);
        different
            .map(|(frame, (at_ms, expected, came))| {
                let without = |all: &[String], others: &[String]| {
                    all.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>()
                };
                let (gone, new) = (without(expected, came), without(came, expected));
                // The same lines in another order, or another number of times: then all of them are the difference.
                let all = gone.is_empty() && new.is_empty();
                let pick = |part: Vec<String>, whole: &[String]| if all { whole.to_vec() } else { part };
                Difference { frame, at_ms, expected: pick(gone, expected), came: pick(new, came) }
            })
            .collect()
    }
}

/// The answers to so many frames at the beginning.
pub(crate) fn beginning(answers: &[Answered], frames: u64) -> Vec<Answered> {
    answers.iter().filter(|answered| answered.frame < frames).cloned().collect()
}

/// On one line.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data is JSON")
}

// === impl Difference ===

impl fmt::Display for Difference {
    /// Three lines or more: the frame, then what was expected (`-`) and what came (`+`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {} at {} ms", self.frame, self.at_ms)?;
        let lines = |sign: char, lines: &[String]| -> Vec<String> {
            if lines.is_empty() {
                return vec![format!("{sign} nothing")];
            }
            lines.iter().map(|line| format!("{sign} {line}")).collect()
        };
        let expected = lines('-', &self.expected).into_iter();
        expected.chain(lines('+', &self.came)).try_for_each(|line| write!(f, "\n    {line}"))
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::Calibration;

    use super::*;
    use crate::footage::View;

    fn answered(frame: u64, lines: &[&str]) -> Answered {
        Answered { frame, at_ms: frame * 100, answer: lines.iter().map(ToString::to_string).collect() }
    }

    fn golden(answers: Vec<Answered>) -> Golden {
        let settings = Map::from_iter([("least".to_owned(), 3.into())]);
        Golden::new(World::PrivacyFilter, Footage::usual(View::Oblique), Camera::default(), settings, 300, answers)
    }

    #[test]
    fn what_is_written_is_read_again_and_has_a_frame_a_line() {
        let folder = tempfile::tempdir().unwrap();
        for answers in [vec![], vec![answered(3, &["head 8x8+0+0 sure 5"]), answered(4, &["a", "b"])]] {
            let (golden, path) = (golden(answers), folder.path().join("deep/a.json"));
            golden.write(&path).unwrap();
            assert_eq!(Golden::read(&path).unwrap().unwrap(), golden);
            assert_eq!(fs::read_to_string(&path).unwrap().matches("{\"frame\":").count(), golden.answers.len());
            let lens = Calibration { fx: 605.0, fy: 605.5, cx: 320.0, cy: 240.0 };
            let golden = Golden { camera: Camera { pose: None, lens: Some(lens) }, ..golden };
            golden.write(&path).unwrap();
            assert_eq!(Golden::read(&path).unwrap().unwrap(), golden);
        }
        assert_eq!(Golden::read(&folder.path().join("none.json")).unwrap(), None);
    }

    #[test]
    fn other_answers_of_the_same_are_told_from_answers_of_something_else() {
        let old = golden(vec![answered(1, &["a"])]);
        assert_eq!(old.others(&golden(vec![])), Vec::<&str>::new());
        let shorter = Footage::Synthetic { seed: 1, view: View::Oblique, frames: 60 };
        let new = Golden { footage: shorter, frames: 60, settings: Map::new(), ..old.clone() };
        assert_eq!(old.others(&new), ["footage", "settings", "frames"]);
    }

    #[test]
    fn a_file_of_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let newer = golden(vec![]).text().replace("golden/1", "golden/2");
        for (text, word) in [("{}".to_owned(), "schema"), (newer, "golden/2")] {
            fs::write(&path, text).unwrap();
            let error = Golden::read(&path).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("a.json"), "{error}");
        }
    }

    #[test]
    fn a_difference_says_frame_expectation_and_answer() {
        let golden = golden(vec![answered(1, &["a", "b"]), answered(2, &["c"]), answered(5, &["d"])]);
        assert_eq!(golden.differences(&golden.answers), []);
        let differences = golden.differences(&[answered(1, &["a", "x"]), answered(2, &["c"]), answered(7, &["e"])]);
        let shown: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "frame 1 at 100 ms\n    - b\n    + x",
                "frame 5 at 500 ms\n    - d\n    + nothing",
                "frame 7 at 700 ms\n    - nothing\n    + e",
            ]
        );
    }

    #[test]
    fn another_order_is_a_difference() {
        let golden = golden(vec![answered(1, &["a", "b"])]);
        assert_eq!(golden.differences(&[answered(1, &["b", "a"])])[0].came, ["b", "a"]);
    }
}
