//! `sluis study`: what a shop wants from a study.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use sluis_frame::CameraId;
use sluis_study::{Format, MinGroup, Settings};
use sluis_vault::Act;

use super::place::{Asker, Place};
use super::{Outcome, complain, progress, say, when};
use crate::config::ZoneKind;
use crate::study::{self, Selection};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Reaches, takes and put-backs by zone, day and hour; stays, queues and waiting times; where people are.
    ///
    /// Reads what is in the vault and within its deadline, without decoding a picture. Every opening is logged with its reason. Figures about fewer persons than
    /// --min-group are merged with others, so that none can be computed by subtraction.
    Report(Report),
}

#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    place: Place,
    /// Only this camera; can be given more than once.
    #[arg(long, value_name = "ID")]
    camera: Vec<CameraId>,
    /// From this day or time on, by the shop's clock: 2026-06-28, or 2026-06-28T09:30.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to this day or time, which is not part of it.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The shop's time zone, such as Europe/Amsterdam. Default: this machine's.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The least number of persons that a figure is about, unless it is about nobody.
    #[arg(long, value_name = "PERSONS", default_value_t = MinGroup::DEFAULT)]
    min_group: MinGroup,
    /// A zone where people pay; can be given more than once. Default: zones of the kind `counter` in --config; without it, zones named counter or checkout.
    #[arg(long, value_name = "ZONE")]
    counter: Vec<String>,
    /// table, csv, json or html.
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
    /// The file to write. Default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    asker: Asker,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    let Task::Report(arguments) = task;
    let time_zone = when::zone(arguments.time_zone.as_deref())?;
    let moment = |text: &Option<String>| {
        text.as_deref().map(|text| when::moment(text, &time_zone)).transpose().into_diagnostic()
    };
    let selection =
        Selection { cameras: arguments.camera.clone(), from: moment(&arguments.from)?, to: moment(&arguments.to)? };
    let counters = counters(arguments)?;
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Report)?;
    let settings = Settings { time_zone, min_group: arguments.min_group, counters };
    let bar = progress::segments(false);
    let report = study::report(&archive, &selection, settings, &reason, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let report = report.into_diagnostic()?;
    let text = arguments.format.render(&report);
    match &arguments.out {
        None => say(text.trim_end()),
        Some(path) => {
            fs::write(path, text).into_diagnostic().wrap_err_with(|| format!("could not write {}", path.display()))?;
            say(&format!("{}: {} days of {} cameras", path.display(), report.days.len(), cameras(&report)));
        }
    }
    for left in &report.left_out {
        complain(&format!("left out: segment {}: {}", left.segment, left.why));
    }
    Ok(if report.left_out.is_empty() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

fn cameras(report: &sluis_study::Report) -> usize {
    report.recorded.iter().map(|r| &r.camera).collect::<BTreeSet<_>>().len()
}

fn counters(arguments: &Report) -> miette::Result<BTreeSet<String>> {
    let mut counters: BTreeSet<String> = arguments.counter.iter().cloned().collect();
    if counters.is_empty()
        && let Some(config) = arguments.place.config()?
    {
        let zones = config.cameras.iter().flat_map(|camera| &camera.zones);
        counters.extend(zones.filter(|zone| zone.kind == ZoneKind::Counter).map(|zone| zone.id().to_owned()));
    }
    Ok(counters)
}
