//! `sluis rollout`: how updates of components stand.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use miette::IntoDiagnostic;
use serde::Serialize;
use sluis_registry::{Home, Refusal};

use super::{Outcome, say, say_json};
use crate::config::Config;
use crate::pipeline::Trial;
use crate::service::rollout::{Status, TrialStatus, Waiting};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// What is tried, what is watched, what waits, what was refused.
    ///
    /// A running service tries a new version beside the one in force, on one camera and without any effect. It puts it in force between two frames if it is no
    /// worse, and takes it back when it does harm there.
    Status(Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration of the shop, for its home of components.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Shown {
    components: Vec<Component>,
    #[serde(flatten)]
    status: Status,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Component {
    name: String,
    world: String,
    in_force: String,
    candidate: Option<String>,
    previous: Option<String>,
    refused: Vec<Refusal>,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Task::Status(Arguments { config, json }) = task;
    let configured = config.as_deref().map(Config::read).transpose()?.and_then(|config| config.plugins.home);
    let home = super::home(home.or(configured))?;
    let shown = look(&home).into_diagnostic()?;
    if *json {
        say_json(&shown)?;
    } else {
        print(&shown);
    }
    Ok(Outcome::Done)
}

fn look(home: &Home) -> Result<Shown, sluis_registry::Error> {
    let mut standings = home.standings()?;
    let components = home.manifest()?.components.into_iter().map(|component| {
        let standing = standings.remove(&component.name).unwrap_or_default();
        let version = |release: Option<sluis_registry::Release>| release.map(|release| release.label());
        let in_force = standing.release(&component).label();
        Component {
            name: component.name,
            world: component.world,
            in_force,
            candidate: version(standing.candidate),
            previous: version(standing.previous),
            refused: standing.refused,
        }
    });
    let components = components.collect();
    Ok(Shown { components, status: Status::read(home).unwrap_or_default() })
}

fn print(shown: &Shown) {
    let Shown { components, status } = shown;
    let Status { trial, watched, waiting, .. } = status;
    if components.is_empty() {
        say("No components are installed.");
    }
    for Component { name, world, in_force, candidate, previous, refused } in components {
        say(&format!("{name}  {world}  in force: {in_force}{}", previous_of(previous.as_deref())));
        if let Some(version) = candidate {
            let tried = trial.as_ref().filter(|trial| trial.name == *name && trial.version == *version);
            match tried {
                Some(trial) => {
                    print_trial(trial);
                    if let Some(silent) = status.silent_for() {
                        let minutes = silent.as_secs() / 60;
                        say(&format!(
                            "    no service has told anything for {minutes} minutes: the next one that runs begins anew"
                        ));
                    }
                }
                None => say(&format!("  candidate: {version}; the next service that runs tries it")),
            }
        }
        for watched in watched.iter().filter(|watched| watched.name == *name) {
            say(&format!("  watched: {} since {}", watched.version, time(watched.since)));
        }
        for Waiting { version, why, .. } in waiting.iter().filter(|waiting| waiting.name == *name) {
            say(&format!("  waits: {version}: {why}"));
        }
        for Refusal { version, why, at, .. } in refused {
            say(&format!("  refused: {version} ({}): {why}", time(*at)));
        }
    }
}

fn previous_of(version: Option<&str>) -> String {
    version.map(|version| format!("; before: {version}")).unwrap_or_default()
}

fn print_trial(trial: &TrialStatus) {
    let TrialStatus { version, since, people_wanted, seen, .. } = trial;
    let Trial { shown, compared, people, passed_over, working, candidate } = seen;
    say(&format!("  candidate: {version}, tried since {}", time(*since)));
    say(&format!(
        "    {people} of {people_wanted} frames with people; {compared} compared, {shown} shown, {passed_over} passed over"
    ));
    say("                   in force   candidate");
    let row =
        |what: &str, working: String, candidate: String| say(&format!("    {what:<10} {working:>12}{candidate:>12}"));
    row("found", working.found.to_string(), candidate.found.to_string());
    row("  sure", working.sure.to_string(), candidate.sure.to_string());
    row("missed", working.missed.to_string(), candidate.missed.to_string());
    row("  sure", working.missed_sure.to_string(), candidate.missed_sure.to_string());
    row("failures", working.failures.to_string(), candidate.failures.to_string());
    let per_frame = |micros: u64| format!("{:.1} ms", micros as f64 / 1000.0 / (*compared).max(1) as f64);
    row("a frame", per_frame(working.micros), per_frame(candidate.micros));
}

fn time(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| seconds.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
