//! The component in the real sandbox, on footage, held against golden answers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use sluis_frame::{CameraId, Timestamp};
use sluis_stage::{ChamberSettings, Limits, Plugin};

use crate::Workbench;
use crate::camera::Camera;
use crate::error::Error;
use crate::footage::Footage;
use crate::golden::{Answered, Difference, Golden, beginning};
use crate::showing::{Show, Showing};
use crate::subject::{Call, Subject};
use crate::times::{Times, shown};

/// What is tested, and how.
#[derive(Debug)]
pub struct Test<'a> {
    /// The component.
    pub plugin: &'a Plugin,
    /// The plugin's folder: golden answers lie in it, and paths of recordings are relative to it.
    pub folder: &'a Path,
    /// The models that it may load.
    pub models: Vec<String>,
    /// What it may take.
    pub limits: Limits,
    /// Write what comes as the golden answers, also in the place of others to the same.
    pub bless: bool,
}

/// One footage, with what the plugin is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What is shown.
    pub footage: Footage,
    /// What is said of its camera.
    pub camera: Camera,
    /// What the installer would have written for the plugin.
    pub settings: Map<String, Value>,
    /// Where its golden answers lie, or will.
    pub file: PathBuf,
}

/// What came of a case.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The name of its golden answers.
    pub name: String,
    /// What was shown.
    pub footage: Footage,
    /// How many frames.
    pub frames: u64,
    /// How many of them had an answer.
    pub answered: usize,
    /// Lines of answer in all.
    pub lines: usize,
    /// The answers. Left out of what is printed, unless somebody wants to see them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// Calls that failed: the frame, and how.
    pub failures: Vec<Failure>,
    /// How the answers are.
    pub verdict: Verdict,
    /// How long calls took.
    pub times: Times,
    /// The most memory that the component had, in bytes.
    pub memory: usize,
}

/// A call that failed.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// At which frame.
    pub frame: u64,
    /// How.
    pub how: String,
}

/// How the answers are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The golden ones.
    Same,
    /// The golden ones, as far as frames were shown: of how many they are.
    SameSoFar(u64),
    /// Others: where.
    Different(Vec<Difference>),
    /// Other frames were shown than the golden answers are of: how many were expected.
    OtherFrames(u64),
    /// Written as the golden ones.
    Blessed,
    /// There are no golden ones.
    NoGolden,
    /// Calls failed: no answer counts.
    Failed,
}

/// Differences that are shown; more are counted.
const SHOWN: usize = 10;

// === impl Test ===

impl Test<'_> {
    /// The cases of the plugin's folder: all golden answers there.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`], [`Error::OtherWorld`], [`Error::File`].
    pub fn cases(&self) -> Result<Vec<Case>, Error> {
        let mut cases = Vec::new();
        for file in Golden::files(self.folder)? {
            if let Some(Golden { footage, camera, settings, .. }) = self.golden(&file)? {
                cases.push(Case { footage, camera, settings, file });
            }
        }
        Ok(cases)
    }

    fn golden(&self, file: &Path) -> Result<Option<Golden>, Error> {
        let golden = Golden::read(file)?;
        if let Some(other) = golden.as_ref().filter(|golden| golden.world != self.plugin.world()) {
            let (golden, plugin) = (other.world, self.plugin.world());
            return Err(Error::OtherWorld { path: file.to_owned(), golden, plugin });
        }
        Ok(golden)
    }

    /// Shows a case to a new chamber and holds the answers against the golden ones. `seen` is told of each frame and its answer.
    ///
    /// # Errors
    ///
    /// [`Error`] when there is nothing to look at: the footage cannot be read, or the chamber not be made. A call that fails is part of the report. [`Error::OtherAnswers`] when
    /// something else than was shown would lose its golden answers.
    pub fn run(
        &self,
        bench: &Workbench,
        case: &Case,
        seen: &mut dyn FnMut(&Showing, &[String]),
    ) -> Result<Report, Error> {
        let golden = self.golden(&case.file)?;
        let mut show = Show::open(bench, &case.footage, case.camera, self.folder, self.plugin.world())?;
        let mut subject = Subject::new(self.plugin, &self.chamber(&show, &case.settings))?;
        let mut heard = Heard::default();
        let mut last = None;
        while let Some(showing) = show.next_shown()? {
            let first = *heard.first.get_or_insert(showing.header().captured);
            let call = subject.show(&showing, first);
            seen(&showing, call.answer.as_deref().unwrap_or_default());
            heard.take(&showing, heard.frames, first, call);
            heard.memory = heard.memory.max(subject.memory());
            heard.frames += 1;
            last = Some((showing, first));
        }
        let Some((last, first)) = last else { return Err(Error::TooShort { shown: 0 }) };
        if let Some(call) = subject.conclude(&last, first) {
            heard.take(&last, heard.frames, first, call);
        }
        let verdict = self.judge(case, golden.as_ref(), &heard)?;
        Ok(Report {
            name: case.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
            footage: case.footage.clone(),
            frames: heard.frames,
            answered: heard.answers.len(),
            lines: heard.answers.iter().map(|answered| answered.answer.len()).sum(),
            answers: heard.answers,
            failures: heard.failures,
            verdict,
            times: Times::of(heard.took),
            memory: heard.memory,
        })
    }

    fn chamber(&self, show: &Show<'_>, settings: &Map<String, Value>) -> ChamberSettings {
        ChamberSettings {
            camera: CameraId::new("workbench").expect("the name has the right alphabet"),
            facts: show.facts(),
            settings: show.settings(settings),
            limits: self.limits,
            models: self.models.clone(),
        }
    }

    fn judge(&self, case: &Case, golden: Option<&Golden>, heard: &Heard) -> Result<Verdict, Error> {
        if !heard.failures.is_empty() {
            return Ok(Verdict::Failed);
        }
        if self.bless {
            let Case { footage, camera, settings, file } = case.clone();
            let world = self.plugin.world();
            let new = Golden::new(world, footage, camera, settings, heard.frames, heard.answers.clone());
            let others = golden.map(|old| old.others(&new)).unwrap_or_default();
            if !others.is_empty() {
                return Err(Error::OtherAnswers { path: file, others: others.join(", ") });
            }
            new.write(&file)?;
            return Ok(Verdict::Blessed);
        }
        let Some(golden) = golden else { return Ok(Verdict::NoGolden) };
        // Fewer were wanted, and so many came: what there is of them is held against the beginning of the golden ones.
        let fewer = heard.frames < golden.frames && case.footage.frames() == heard.frames;
        if golden.frames != heard.frames && !fewer {
            return Ok(Verdict::OtherFrames(golden.frames));
        }
        let differences = if fewer {
            golden.beginning(heard.frames).differences(&beginning(&heard.answers, heard.frames))
        } else {
            golden.differences(&heard.answers)
        };
        Ok(match differences.is_empty() {
            true if fewer => Verdict::SameSoFar(golden.frames),
            true => Verdict::Same,
            false => Verdict::Different(differences),
        })
    }
}

/// What came so far.
#[derive(Default)]
struct Heard {
    first: Option<Timestamp>,
    frames: u64,
    answers: Vec<Answered>,
    failures: Vec<Failure>,
    took: Vec<Duration>,
    memory: usize,
}

impl Heard {
    fn take(&mut self, showing: &Showing, frame: u64, first: Timestamp, call: Call) {
        self.took.push(call.took);
        match call.answer {
            Ok(answer) if answer.is_empty() => {}
            Ok(answer) => {
                let at_ms = u64::try_from(showing.header().captured.since(first).as_millis()).unwrap_or(u64::MAX);
                self.answers.push(Answered { frame, at_ms, answer });
            }
            Err(error) => self.failures.push(Failure { frame, how: error.to_string() }),
        }
    }
}

// === impl Report ===

impl Report {
    /// Whether all is as it should be.
    pub fn passed(&self) -> bool {
        matches!(self.verdict, Verdict::Same | Verdict::SameSoFar(_) | Verdict::Blessed)
    }

    /// For people: one line, and below it what is not as it should be.
    pub fn lines(&self) -> String {
        let mut text = format!(
            "{:6} {:24} {:>4} frames  {:>4} answers on {:>3}  p50 {:>8}  max {:>8}  {:>5.1} MiB",
            if self.passed() { "ok" } else { "FAILED" },
            self.name,
            self.frames,
            self.lines,
            self.answered,
            shown(self.times.p50),
            shown(self.times.max),
            self.memory as f64 / f64::from(1 << 20),
        );
        match &self.verdict {
            Verdict::Same => {}
            Verdict::SameSoFar(of) => {
                let _ = write!(text, "  of {of} with golden answers");
            }
            Verdict::Blessed => text.push_str("  blessed"),
            Verdict::NoGolden => text.push_str(
                "\n  there are no golden answers to hold this against: look at what comes (`--show`, `--sheet FILE.png`), and `sluis plugin test --bless` writes them",
            ),
            Verdict::OtherFrames(expected) => {
                let _ = write!(
                    text,
                    "\n  the golden answers are of {expected} frames: another version of the footage, or another --frames"
                );
            }
            Verdict::Failed => {
                // One that fails mostly fails again and again in the same way.
                let mut ways: Vec<(&str, usize)> = Vec::new();
                for Failure { how, .. } in &self.failures {
                    match ways.iter_mut().find(|(way, _)| way == how) {
                        Some((_, times)) => *times += 1,
                        None => ways.push((how, 1)),
                    }
                }
                for (how, times) in ways.iter().take(SHOWN) {
                    let _ = write!(text, "\n  {how}");
                    if *times > 1 {
                        let _ = write!(text, " ({times} times)");
                    }
                }
                more(&mut text, ways.len(), "ways in which calls failed");
                text.push_str("\n  In the sandbox a panic has no text: `sluis plugin bench` runs the same crate natively, and tells it");
            }
            Verdict::Different(differences) => {
                for difference in differences.iter().take(SHOWN) {
                    let _ = write!(text, "\n  {difference}");
                }
                more(&mut text, differences.len(), "frames");
                text.push_str("\n  (- expected, + came). If that is what you want: `sluis plugin test --bless`");
            }
        }
        text
    }
}

fn more(text: &mut String, all: usize, of: &str) {
    if all > SHOWN {
        let _ = write!(text, "\n  … and {} more {of}", all - SHOWN);
    }
}
