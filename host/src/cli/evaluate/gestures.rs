//! `sluis evaluate gestures`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use miette::{IntoDiagnostic, miette};
use serde::Serialize;
use sluis_camera::synthetic::Preset;
use sluis_evaluate::{Interval, Measured, Tally};
use sluis_stage::World;

use super::super::{Outcome, say, say_json};
use crate::assembly::{Assembly, Choice, ComponentSettings};
use crate::digests;
use crate::evaluate::gestures::{self, Source};
use crate::pipeline::{Account, Station};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The folder of footage: labels name their clips relative to it.
    #[arg(long, value_name = "DIR", requires = "labels")]
    footage: Option<PathBuf>,
    /// The folder of gesture labels, one JSON file for each clip.
    #[arg(long, value_name = "DIR", requires = "footage")]
    labels: Option<PathBuf>,
    /// Also watch the synthetic shops with the seeds 1 to SEEDS, two minutes each.
    #[arg(long, value_name = "SEEDS")]
    synthetic: Option<u64>,
    /// Where the camera hangs in synthetic shops.
    #[arg(long, value_enum, default_value_t = View::Oblique)]
    view: View,
    /// The installed gesture detector. Default: the first.
    #[arg(long, value_name = "NAME")]
    gestures: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum View {
    /// High, looking along the shelf.
    Oblique,
    /// Straight down.
    Overhead,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    detector: String,
    filter: String,
    audit: String,
    /// The same by their digests: the report is about these, whatever else has their names.
    components: Vec<Measured>,
    /// All clips together, and all shops together.
    total: Vec<Source>,
    /// One by one.
    sources: Vec<Source>,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>) -> miette::Result<Outcome> {
    if arguments.footage.is_none() && arguments.synthetic.is_none() {
        return Err(miette!(
            help = "add `--footage DIR --labels DIR`, or `--synthetic SEEDS`",
            "there is nothing to evaluate on"
        ));
    }
    let home = super::super::home(home)?;
    let detector = home.component(World::GestureDetector.name(), arguments.gestures.as_deref()).into_diagnostic()?;
    let choice = Choice { gestures: Some(detector.name.clone()), ..Choice::default() };
    let components = digests::measured(&home, &choice).into_diagnostic()?;
    let (assembly, _reader) = Assembly::new(&home, &choice).into_diagnostic()?;
    let settings = ComponentSettings::default();

    let bar = super::progress(arguments.json);
    let mut frames = (0, 0.0);
    let mut done = |source: &Source, account: &Account| {
        bar.set_message(source.name.clone());
        bar.inc(1);
        frames.0 += account.fates.entered;
        frames.1 += account.times.at(Station::Gestures).as_secs_f64();
    };
    let mut total = Vec::new();
    let mut sources = Vec::new();
    if let (Some(footage), Some(labels)) = (&arguments.footage, &arguments.labels) {
        let clips = gestures::clips(&assembly, &settings, footage, labels, &mut done).into_diagnostic()?;
        total.push(gestures::together("clips", &clips));
        sources.extend(clips);
    }
    if let Some(seeds) = arguments.synthetic {
        let preset = match arguments.view {
            View::Oblique => Preset::Oblique,
            View::Overhead => Preset::Overhead,
        };
        let shops = gestures::shops(&assembly, &settings, preset, seeds, &mut done).into_diagnostic()?;
        total.push(gestures::together("synthetic", &shops));
        sources.extend(shops);
    }
    bar.finish_and_clear();

    let (filter, audit) = (assembly.filter_name(), assembly.audit_name());
    let detector = format!("{} {}", detector.name, detector.version);
    if arguments.json {
        say_json(&Report { detector, filter, audit, components, total, sources })?;
        return Ok(Outcome::Done);
    }
    say(&format!("detector {detector}, after {filter} and {audit}\n"));
    say(&format!("{:34} {:9} {:>6}  {:22} {:22} {:22}", "", "", "events", "precision", "recall", "F1"));
    for source in sources.iter().chain(&total) {
        source.scores.iter().filter(|(_, tally)| tally.events() + tally.told() > 0).for_each(|(gesture, tally)| {
            say(&row(&source.name, &gesture.to_string(), *tally));
        });
    }
    say(&format!("\n{} frames, {:.2} ms each in the detector", frames.0, 1e3 * frames.1 / frames.0.max(1) as f64));
    Ok(Outcome::Done)
}

fn row(source: &str, gesture: &str, tally: Tally) -> String {
    let rate = |value: Option<f64>, interval: Option<Interval>| match (value, interval) {
        (Some(value), Some(Interval { low, high, .. })) => format!("{value:.2} ({low:.2} to {high:.2})"),
        (Some(value), None) => format!("{value:.2}"),
        (None, _) => "-".to_owned(),
    };
    format!(
        "{source:34} {gesture:9} {:>6}  {:22} {:22} {:22}",
        tally.events(),
        rate(tally.precision(), tally.precision_interval()),
        rate(tally.recall(), tally.recall_interval()),
        rate(tally.f1(), tally.f1_interval()),
    )
}
