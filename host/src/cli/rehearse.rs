//! `sluis rehearse`: a whole study against the real vault, in seconds and with faults.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;
use miette::IntoDiagnostic;
use sluis_rehearse::{Report, Settings, rehearse};
use sluis_vault::Retention;

use super::{Outcome, say, say_json};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Days of the study.
    #[arg(long, value_name = "N", default_value_t = DAYS, value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// The same number gives the same course of events.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// So many rehearsals, one after the other, with the numbers that follow.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// A configuration to try: its retention, and how many cameras it has (8 at the most).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Segments of each camera on each day. Fewer than in a shop: it is their deadlines that are rehearsed, not their number.
    #[arg(long, value_name = "N", default_value_t = SEGMENTS, value_parser = clap::value_parser!(u32).range(1..=48))]
    segments: u32,
    /// Print one JSON object, or a list of them.
    #[arg(long)]
    json: bool,
}

/// What is rehearsed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'a> {
    /// Whose retention and number of cameras; the usual ones where there is none.
    pub(super) config: Option<&'a Config>,
    pub(super) days: u32,
    /// Segments of each camera on each day.
    pub(super) segments: u32,
    /// Whether nobody is shown how far it is.
    pub(super) hidden: bool,
}

/// Days of a study that is rehearsed, as a rule.
pub(super) const DAYS: u32 = 40;

/// Segments of each camera on each day, as a rule.
pub(super) const SEGMENTS: u32 = 10;

pub(super) fn run(arguments: &Arguments) -> miette::Result<Outcome> {
    let config = arguments.config.as_deref().map(Config::read).transpose()?;
    let Arguments { days, segments, json: hidden, .. } = *arguments;
    let course = Course { config: config.as_ref(), days, segments, hidden };
    let mut reports = Vec::new();
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds.max(1)) {
        let report = course.rehearse(seed)?;
        if !arguments.json {
            tell(&report);
        }
        reports.push(report);
    }
    let clean = reports.iter().all(Report::is_clean);
    if arguments.json {
        match reports.as_slice() {
            [report] => say_json(report)?,
            _ => say_json(&reports)?,
        }
    }
    Ok(if clean { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

// === impl Course ===

impl Course<'_> {
    /// Rehearses it once.
    pub(super) fn rehearse(&self, seed: u64) -> miette::Result<Report> {
        let Self { config, days, segments, hidden } = *self;
        let mut settings = Settings { segments_per_camera_and_day: segments, ..Settings::new(days, seed) };
        if let Some(config) = config {
            settings.retention = Retention::new(config.vault.retention()).into_diagnostic()?;
            settings.cameras = u32::try_from(config.cameras.len()).unwrap_or(u32::MAX).clamp(1, 8);
        }
        let hidden = hidden || !std::io::stderr().is_terminal();
        let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(u64::from(days)) };
        let report = rehearse(&settings, &mut |day| bar.set_position(u64::from(day)));
        bar.finish_and_clear();
        report.into_diagnostic()
    }
}

/// For people: the three figures, what happened, and what went wrong.
fn tell(report: &Report) {
    let verdict = if report.is_clean() { "nothing was found" } else { "SOMETHING IS WRONG" };
    say(&format!("seed {}, {} days: {verdict}", report.seed, report.days));
    for (what, count) in [
        ("readable past their deadline", report.readable_past_deadline),
        ("lost within it", report.lost_within_deadline),
        ("missing in the ledger", report.missing_ledger_entries),
        ("receipts that are not true", report.untrue_receipts),
        ("errors where nothing was broken", report.unexpected_errors),
    ] {
        say(&format!("  {count:>6}  {what}"));
    }
    let Report { segments, destroyed, recovered, uploaded, erased, held, grants, releases, .. } = report;
    say(&format!(
        "  of {segments} segments: {destroyed} destroyed, {recovered} recovered, {uploaded} copied to the cloud, {erased} erased, {held} held; {grants} grants, {releases} openings by partners"
    ));
    let faults: Vec<String> = report.faults.iter().map(|(fault, count)| format!("{count} {fault}")).collect();
    say(&format!("  faults: {}", faults.join(", ")));
    report.failures.iter().for_each(|failure| say(&format!("  {failure}")));
}
