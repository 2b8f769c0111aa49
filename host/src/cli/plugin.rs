//! `sluis plugin`: build, inspect. What authors do before that is in `workbench`, what comes from a registry in `install`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_componentize::{BuildRequest, Built, build};
use sluis_registry::NewComponent;
use sluis_stage::{Engine, EngineSettings, Examined, Limits, examine};

use super::{Outcome, complain, install, say, say_json, workbench};

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
    /// Write a new plugin crate that builds and passes its tests.
    New(workbench::New),
    /// Run a plugin in the sandbox on footage, and hold its answers against the golden ones in tests/golden.
    ///
    /// Without --footage, --seed and --view: on everything that there are golden answers on; without any, on twenty seconds of a drawn shop. The exit code is 3 when an answer
    /// differs, a call fails, or there is nothing to hold the answers against.
    Test(workbench::Test),
    /// Measure a plugin's time and memory, against the same crate compiled natively, on the same frames in one run.
    ///
    /// The exit code is 3 when the two do not answer the same.
    Bench(workbench::Bench),
    /// Build and test a plugin again at every change, until Ctrl-C.
    Watch(workbench::Watch),
    /// Try a component on cleared segments of a vault. Only figures come back: no picture, and no text of the component.
    ///
    /// For whoever decides on grants. Every segment is opened under the name and the reason given, and logged with the component's digest. The exit code is 3 when a segment was left
    /// out, or a call failed.
    Try(Box<workbench::Try>),
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// Folders of plugin crates. Default: the current folder.
    #[arg(value_name = "DIR", default_value = ".")]
    crates: Vec<PathBuf>,
    /// Where components go, as NAME.wasm. Default: target/components. What is compiled on the way is kept where $SLUIS_BUILD_DIR says, else in `build` there;
    /// without this, in the user's cache.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
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
    /// What a chamber of it may take, unless its manifest says otherwise.
    limits: Allowed,
}

/// What a chamber may take.
#[derive(Debug, Serialize)]
struct Allowed {
    call_ms: u128,
    create_ms: u128,
    memory_bytes: usize,
    tensor_bytes: usize,
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
        Task::New(arguments) => workbench::new(arguments),
        Task::Test(arguments) => workbench::test(arguments, home),
        Task::Bench(arguments) => workbench::bench(arguments, home),
        Task::Watch(arguments) => workbench::watch(arguments, home),
        Task::Try(arguments) => workbench::try_out(arguments, home),
    }
}

fn build_all(arguments: &Build, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let home = if arguments.install { Some(super::home(home)?) } else { None };
    let mut all = Vec::new();
    for folder in &arguments.crates {
        let request = BuildRequest {
            crate_dir: folder.clone(),
            target_dir: workbench::named_build_folder()
                .or_else(|| Some(arguments.out.as_ref()?.join("build")))
                .unwrap_or_else(|| workbench::build_folder(folder)),
            out_dir: arguments.out.clone().unwrap_or_else(|| PathBuf::from("target/components")),
        };
        workbench::tell_of_first_build(&request.target_dir);
        let built = match build(&request) {
            Ok(built) => built,
            Err(error @ sluis_componentize::Error::NoToolchain { .. }) => {
                complain(&error.to_string());
                return Ok(Outcome::NoToolchain);
            }
            Err(error) => return Err(error).into_diagnostic(),
        };
        if let Some(home) = &home {
            let before = home.manifest().into_diagnostic()?.component(&built.name).cloned();
            if let Some(theirs) = before.filter(|before| before.publisher.is_some()) {
                complain(&format!(
                    "it takes the place of {} {}, which came from a registry: no grant holds it any more, and no update comes for it. `sluis plugin remove {}` and `install` bring that back",
                    theirs.full_name(),
                    theirs.version,
                    theirs.name
                ));
            }
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
        say_json(&Inspected { examined, loads: true, limits: Allowed::usual() })?;
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
    let Allowed { call_ms, create_ms, memory_bytes, tensor_bytes } = Allowed::usual();
    let mib = |bytes: usize| bytes >> 20;
    say(&format!(
        "limits    {call_ms} ms a call, {create_ms} ms to be made, {} MiB of memory, {} MiB of tensors; less where its manifest says so",
        mib(memory_bytes),
        mib(tensor_bytes)
    ));
    examined.imports.iter().for_each(|import| say(&format!("imports   {import}")));
    Ok(Outcome::Done)
}

// === impl Allowed ===

impl Allowed {
    fn usual() -> Self {
        let Limits { call, create, memory, tensors } = Limits::default();
        let (call_ms, create_ms) = (call.as_millis(), create.as_millis());
        Self { call_ms, create_ms, memory_bytes: memory, tensor_bytes: tensors }
    }
}

pub(super) fn read(path: &Path) -> miette::Result<Vec<u8>> {
    fs::read(path).into_diagnostic().wrap_err_with(|| format!("could not read {}", path.display()))
}
