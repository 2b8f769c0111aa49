//! `sluis evaluate privacy`.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use miette::{Context, IntoDiagnostic};
use sluis_evaluate::privacy::{ClipReport, HeadLabels, page};

use super::super::mode::ModeName;
use super::super::{Outcome, say, say_json};
use crate::assembly::{Assembly, Choice};
use crate::digests;
use crate::evaluate::Error;
use crate::evaluate::privacy::Evaluation;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The folder of footage: labels name their clips relative to it.
    #[arg(long, value_name = "DIR")]
    footage: PathBuf,
    /// The folder of labels of heads, one JSON file for each clip.
    #[arg(long, value_name = "DIR")]
    labels: PathBuf,
    /// Only this clip, by the name of its file, with or without ending. May be given several times. Default: all that have labels.
    #[arg(long = "clip", value_name = "NAME")]
    clips: Vec<String>,
    /// What is masked, at least. Without a network model for the filter it is never less than `persons`.
    #[arg(long, value_enum, default_value_t = ModeName::Heads)]
    mode: ModeName,
    /// Look at one frame in so many, as on a machine that is too slow.
    #[arg(long, value_name = "N", default_value = "1")]
    one_in: NonZeroU32,
    /// The installed privacy filter. Default: the first.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// The installed audit. Default: the first.
    #[arg(long, value_name = "NAME")]
    audit: Option<String>,
    /// Also write an HTML page with the worst frames, as they were recorded. It shows the faces that can be seen.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let home = super::super::home(home)?;
    let clips = chosen(&arguments.labels, &arguments.clips).into_diagnostic()?;
    let choice = Choice { filter: arguments.filter.clone(), audit: arguments.audit.clone(), ..Choice::default() };
    let components = digests::measured(&home, &choice).into_diagnostic()?;
    let (assembly, door) = Assembly::new(&home, &choice).into_diagnostic()?;
    let evaluation = Evaluation {
        assembly: &assembly,
        components: &components,
        door: &door,
        footage: &arguments.footage,
        mode: arguments.mode.into(),
        one_in: arguments.one_in,
    };
    let bar = super::progress(arguments.json);
    let (report, worst) = evaluation
        .run(&clips, |clip| {
            bar.set_message(clip.name.clone());
            bar.inc(1);
        })
        .into_diagnostic()?;
    bar.finish_and_clear();
    if let Some(path) = &arguments.html {
        std::fs::write(path, page::render(&report, &worst))
            .into_diagnostic()
            .wrap_err_with(|| format!("could not write {}", path.display()))?;
    }
    if arguments.json {
        say_json(&report)?;
        return Ok(Outcome::Done);
    }
    let independent = if report.independent { "independent" } else { "not independent of each other" };
    say(&format!("filter {}, audit {} ({independent}), mode {}\n", report.filter, report.audit, report.mode));
    say(&heading());
    report.clips.iter().chain([&report.total]).for_each(|clip| say(&row(clip)));
    let times: Vec<String> =
        report.total.milliseconds.iter().filter(|(_, ms)| **ms > 0.0).map(|(s, ms)| format!("{s} {ms:.1}")).collect();
    say(&format!("\nmilliseconds a frame: {}", times.join(", ")));
    if let Some(path) = &arguments.html {
        say(&format!("the worst frames: {}", path.display()));
    }
    Ok(Outcome::Done)
}

/// The labels of the clips that were asked for; of all, when none were. A folder of several kinds of labels has those of heads in `heads`.
fn chosen(folder: &Path, names: &[String]) -> Result<Vec<HeadLabels>, Error> {
    let mut all = HeadLabels::read_all(folder)?;
    let below = folder.join("heads");
    if all.is_empty() && below.is_dir() {
        all = HeadLabels::read_all(&below)?;
    }
    let known = all.iter().map(HeadLabels::name).collect::<Vec<_>>().join(", ");
    if all.is_empty() {
        return Err(Error::NoneLabelled { folder: folder.to_owned() });
    }
    let is_named = |labels: &HeadLabels, name: &String| {
        labels.name() == *name || (!name.is_empty() && labels.clip.ends_with(name))
    };
    if let Some(name) = names.iter().find(|name| !all.iter().any(|labels| is_named(labels, name))) {
        return Err(Error::NoLabels { name: name.clone(), known });
    }
    all.retain(|labels| names.is_empty() || names.iter().any(|name| is_named(labels, name)));
    Ok(all)
}

fn heading() -> String {
    format!(
        "{:26} {:>12} {:>4} {:>12} {:>12} {:>7} {:>6} {:>6} {:>6} {:>5} {:>6} {:>6} {:>6}",
        "",
        "exposed",
        "run",
        "from behind",
        "that move",
        "masked",
        "heads",
        "quar.",
        "blank",
        "drop",
        "missed",
        "false",
        "fps"
    )
}

fn row(clip: &ClipReport) -> String {
    let c = &clip.counts;
    let of = |part: u64, all: u64| format!("{part} of {all}");
    format!(
        "{:26} {:>12} {:>4} {:>12} {:>12} {:>6.1}% {:>5.1}% {:>6} {:>6} {:>5} {:>6} {:>6} {:>6.1}",
        clip.name,
        of(c.exposed, c.faces),
        c.longest_exposed_run,
        of(c.heads_behind_exposed, c.heads_behind),
        of(c.heads_behind_moving_exposed, c.heads_behind_moving),
        100.0 * c.mask_share.value(),
        100.0 * c.head_share.value(),
        c.quarantined,
        c.blanked,
        clip.dropped,
        c.audit_misses,
        c.audit_false_alarms,
        clip.fps,
    )
}
