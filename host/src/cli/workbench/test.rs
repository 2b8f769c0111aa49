//! `sluis plugin test` and `watch`.

use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_frame::Rect;
use sluis_stage::Limits;
use sluis_workbench::Workbench;
use sluis_workbench::golden::{Answered, Golden};
use sluis_workbench::test::{Case, Report, Test as Run};
use sluis_workbench::watch::{EVERY, Files};

use super::{Subject, built, loaded, progress};
use crate::cli::{Outcome, complain, say, say_json};
use crate::demo::contact_sheet::{self, Strip};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sluis plugin test\n  sluis plugin test --footage aisle.mp4 --bless\n  sluis plugin test --model centerface=centerface-2.onnx"
)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    subject: Subject,
    /// Print every answer: the frame, and what was told of it.
    #[arg(long)]
    show: bool,
    /// Write frames with an answer, spread evenly, and the outline of what was found in them, to a PNG. On footage of people it shows people.
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// Write what comes as the golden answers. Answers of other footage, settings, pose or lens, or to another number of frames, are not written over.
    #[arg(long)]
    bless: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Watch {
    #[command(flatten)]
    subject: Subject,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Told {
    plugin: String,
    version: String,
    world: String,
    sha256: String,
    passed: bool,
    cases: Vec<Report>,
}

/// What is tested each time.
struct Job<'a> {
    subject: &'a Subject,
    show: bool,
    sheet: Option<&'a Path>,
    bless: bool,
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Test, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Test { subject, show, sheet, bless, json } = arguments;
    let bench = Workbench::new().into_diagnostic()?;
    Job { subject, show: *show, sheet: sheet.as_deref(), bless: *bless, json: *json }.run(&bench, home)
}

/// Tests again at every change, until it is ended.
pub(in crate::cli) fn watch(arguments: &Watch, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Watch { subject } = arguments;
    let bench = Workbench::new().into_diagnostic()?;
    let (folder, job) = (&subject.folder, Job { subject, show: false, sheet: None, bless: false, json: false });
    loop {
        // What changes while it is tested is tested again.
        let before = Files::of(folder);
        match job.run(&bench, home.clone()) {
            Ok(Outcome::NoToolchain) => return Ok(Outcome::NoToolchain),
            Ok(_) => {}
            Err(report) => complain(&format!("{report:?}")),
        }
        say(&format!("\nwatching {}; Ctrl-C ends it", folder.display()));
        let changed = loop {
            thread::sleep(EVERY);
            let changed = before.changed(&Files::of(folder));
            if !changed.is_empty() {
                break changed;
            }
        };
        let names: Vec<String> = changed.iter().map(|path| path.display().to_string()).collect();
        say(&format!("changed: {}\n", names.join(", ")));
    }
}

/// Where an answer is: the first area that its line names, as `72x56+96+48`.
fn area_of(line: &str) -> Option<Rect> {
    line.split(' ').find_map(|word| {
        let (width, rest) = word.split_once('x')?;
        let (height, place) = rest.split_once('+')?;
        let (x, y) = place.split_once('+')?;
        Some(Rect::new(x.parse().ok()?, y.parse().ok()?, width.parse().ok()?, height.parse().ok()?))
    })
}

impl Job<'_> {
    fn run(&self, bench: &Workbench, home: Option<PathBuf>) -> miette::Result<Outcome> {
        let Subject { folder, given, .. } = self.subject;
        let built = match built(folder)? {
            Ok(built) => built,
            Err(outcome) => return Ok(outcome),
        };
        let (models, granted) = given.models(Some(&built.models), home)?;
        let plugin = loaded(&built.name, &built.path, models)?;
        let limits = Limits::default();
        let test = Run { plugin: &plugin, folder, models: granted, limits, bless: self.bless };
        if !self.json {
            say(&format!(
                "{} {}, {}: {} bytes, sha256 {}",
                built.name, built.version, built.world, built.size, built.sha256
            ));
        }
        let (mut reports, mut strips) = (Vec::new(), Vec::new());
        for case in self.cases(&test)? {
            let bar = progress(self.json, case.footage.frames());
            let mut strip = Strip::new();
            let report = test.run(bench, &case, &mut |showing, answer| {
                bar.inc(1);
                if self.sheet.is_some() && !answer.is_empty() {
                    let areas: Vec<Rect> = answer.iter().filter_map(|line| area_of(line)).collect();
                    strip.see_found(showing.picture(), &areas);
                }
            });
            bar.finish_and_clear();
            let mut report = report.into_diagnostic()?;
            if self.show && !self.json {
                for Answered { frame, at_ms, answer } in &report.answers {
                    say(&format!("frame {frame} at {at_ms} ms"));
                    answer.iter().for_each(|line| say(&format!("    {line}")));
                }
            }
            if !self.json {
                say(&report.lines());
            }
            if !self.show {
                report.answers.clear();
            }
            reports.push(report);
            strips.push(strip);
        }
        if let Some(sheet) = self.sheet {
            contact_sheet::write(&strips, sheet)
                .into_diagnostic()
                .wrap_err_with(|| format!("could not write {}", sheet.display()))?;
            if !self.json {
                say(&format!("wrote  {}", sheet.display()));
            }
        }
        let passed = reports.iter().all(Report::passed);
        if self.json {
            say_json(&Told {
                plugin: built.name,
                version: built.version,
                world: built.world.to_string(),
                sha256: built.sha256.to_string(),
                passed,
                cases: reports,
            })?;
        }
        Ok(if passed { Outcome::Done } else { Outcome::NotAsItShouldBe })
    }

    /// The footage that was named; else all that there are golden answers on; else the drawn shop.
    fn cases(&self, test: &Run<'_>) -> miette::Result<Vec<Case>> {
        let world = test.plugin.world();
        let (given, said) = (self.subject.given.settings()?, self.subject.given.camera());
        let case = |footage| -> miette::Result<Case> {
            let file = Golden::path(test.folder, &footage);
            let golden = Golden::read(&file).into_diagnostic()?;
            let (settings, camera) = golden.map(|golden| (golden.settings, golden.camera)).unwrap_or_default();
            Ok(Case { footage, camera: said.or(camera), settings: given.clone().unwrap_or(settings), file })
        };
        if let Some(footage) = self.subject.named(world)? {
            return Ok(vec![case(footage)?]);
        }
        let mut cases = test.cases().into_diagnostic()?;
        for case in &mut cases {
            case.camera = said.or(case.camera);
            if let Some(settings) = &given {
                case.settings = settings.clone();
            }
        }
        if cases.is_empty() {
            cases.push(case(self.subject.or_usual(world)?)?);
        }
        Ok(cases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_read_from_an_answer() {
        assert_eq!(area_of("head 72x56+96+48 sure 50"), Some(Rect::new(96, 48, 72, 56)));
        assert_eq!(area_of("worst score 3"), None);
        assert_eq!(area_of("reach by 1 in shelf 0 to 90 ms sure 50"), None);
    }
}
