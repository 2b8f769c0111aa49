//! `sluis plugin`: build, inspect, and what comes from a registry.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_componentize::{BuildRequest, Built, build};
use sluis_registry::NewComponent;
use sluis_stage::{Engine, EngineSettings, Examined, examine};

use super::{Outcome, complain, install, say, say_json};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Compile plugin crates into checked components.
    ///
    /// The active Rust toolchain is used when it has the target wasm32-unknown-unknown, else Debian's rustc-web; else one command is named that
    /// brings what is missing, and the exit code is 4.
    Build(Build),
    /// Tell what a component is: world, contract, imports, size, digest; and whether this host would load it.
    Inspect(Inspect),
    /// Trust a registry: pin its root.
    Pin(install::Pin),
    /// Install a component from the registry: verified, granted, examined. If one of its name is installed, it becomes the candidate that a running service tries.
    Install(install::Install),
    /// List what is installed, what is tried, what was before, what was refused.
    Ls(install::Look),
    /// Take a component out.
    Remove(install::Remove),
    /// Go back to the version before. The one in force is not tried again.
    Rollback(install::Rollback),
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// Folders of plugin crates. Default: the current folder.
    #[arg(value_name = "DIR", default_value = ".")]
    crates: Vec<PathBuf>,
    /// Where components go, as NAME.wasm.
    #[arg(long, value_name = "DIR", default_value = "target/components")]
    out: PathBuf,
    /// Also install them, for `sluis demo` and `sluis run`.
    #[arg(long)]
    install: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// A component.
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `inspect --json` prints.
#[derive(Debug, Serialize)]
struct Inspected {
    #[serde(flatten)]
    examined: Examined,
    /// Always `true`: what is refused is an error.
    loads: bool,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    match task {
        Task::Build(arguments) => build_all(arguments, home),
        Task::Inspect(arguments) => inspect(arguments),
        Task::Pin(arguments) => install::pin(arguments, home),
        Task::Install(arguments) => install::install(arguments, home),
        Task::Ls(arguments) => install::list(arguments, home),
        Task::Remove(arguments) => install::remove(arguments, home),
        Task::Rollback(arguments) => install::roll_back(arguments, home),
    }
}

fn build_all(arguments: &Build, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let home = if arguments.install { Some(super::home(home)?) } else { None };
    let mut all = Vec::new();
    for folder in &arguments.crates {
        let request = BuildRequest {
            crate_dir: folder.clone(),
            target_dir: arguments.out.join("build"),
            out_dir: arguments.out.clone(),
        };
        let built = match build(&request) {
            Ok(built) => built,
            Err(error @ sluis_componentize::Error::NoToolchain { .. }) => {
                complain(&error.to_string());
                return Ok(Outcome::NoToolchain);
            }
            Err(error) => return Err(error).into_diagnostic(),
        };
        if let Some(home) = &home {
            home.install(new_component(&built)?).into_diagnostic()?;
        }
        if !arguments.json {
            say(&format!(
                "{}  {}  {} bytes  sha256 {}",
                built.path.display(),
                built.world.name(),
                built.size,
                built.sha256
            ));
        }
        all.push(built);
    }
    if arguments.json {
        say_json(&serde_json::json!({ "components": all }))?;
    }
    Ok(Outcome::Done)
}

fn new_component(built: &Built) -> miette::Result<NewComponent> {
    Ok(NewComponent {
        name: built.name.clone(),
        world: built.world.name().to_owned(),
        contract: format!("sluis:stage@{}", built.contract),
        version: built.version.clone(),
        models: built.models.clone(),
        wasm: read(&built.path)?,
    })
}

fn inspect(arguments: &Inspect) -> miette::Result<Outcome> {
    let wasm = read(&arguments.component)?;
    let name = arguments.component.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let examined = examine(&name, &wasm).into_diagnostic()?;
    // The types of its exports show only when it is compiled and made.
    let engine = Engine::new(EngineSettings::default()).into_diagnostic()?;
    engine.load(&name, &wasm).into_diagnostic()?;
    if arguments.json {
        say_json(&Inspected { examined, loads: true })?;
        return Ok(Outcome::Done);
    }
    say(&format!("world     {}", examined.world));
    say(&format!("contract  sluis:stage@{}", examined.contract));
    say(&format!(
        "sees      {}",
        if examined.world.sees_raw() { "raw frames: it answers in closed types only" } else { "masked frames only" }
    ));
    say(&format!("models    {}", if examined.uses_nn { "wasi:nn, by name" } else { "none" }));
    say(&format!("size      {} bytes", examined.size));
    say(&format!("sha256    {}", examined.sha256));
    examined.imports.iter().for_each(|import| say(&format!("imports   {import}")));
    Ok(Outcome::Done)
}

pub(super) fn read(path: &Path) -> miette::Result<Vec<u8>> {
    fs::read(path).into_diagnostic().wrap_err_with(|| format!("could not read {}", path.display()))
}
