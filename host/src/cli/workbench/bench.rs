//! `sluis plugin bench`.

use std::path::PathBuf;

use clap::Args;
use miette::IntoDiagnostic;
use sluis_stage::Limits;
use sluis_workbench::Workbench;
use sluis_workbench::bench::Bench as Run;
use sluis_workbench::native::Runner;

use super::{Subject, build_folder, built, loaded, progress};
use crate::cli::{Outcome, say, say_json};

#[derive(Debug, Args)]
pub(in crate::cli) struct Bench {
    #[command(flatten)]
    subject: Subject,
    /// Measure the component alone.
    #[arg(long)]
    no_native: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Bench, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let subject = &arguments.subject;
    let folder = &subject.folder;
    let bench = Workbench::new().into_diagnostic()?;
    let built = match built(folder)? {
        Ok(built) => built,
        Err(outcome) => return Ok(outcome),
    };
    let (models, granted) = subject.given.models(Some(&built.models), home)?;
    let plugin = loaded(&built.name, &built.path, models)?;
    let native = if arguments.no_native {
        Err("it was not asked for".to_owned())
    } else if !granted.is_empty() {
        Err("the plugin uses models, which the host runs natively either way, and which a native build does not have"
            .to_owned())
    } else {
        Ok(Runner::build(&built.name, folder, &build_folder(folder)).into_diagnostic()?)
    };
    let footage = subject.or_usual(plugin.world())?;
    let bar = progress(arguments.json, footage.frames());
    let settings = subject.given.settings()?.unwrap_or_default();
    let (camera, limits) = (subject.given.camera(), Limits::default());
    let run = Run { plugin: &plugin, folder, footage, camera, settings, models: granted, limits, native };
    let report = run.run(&bench, &mut |frame| bar.set_position(frame));
    bar.finish_and_clear();
    let report = report.into_diagnostic()?;
    if arguments.json {
        say_json(&report)?;
    } else {
        say(&report.table());
    }
    Ok(if report.same_answers == Some(false) { Outcome::NotAsItShouldBe } else { Outcome::Done })
}
