//! The command line: what can be asked for, how answers are printed, and what the exit code says.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | failed: the message says what, where, and what to do |
//! | 2 | the command line is wrong |
//! | 3 | it ran, and what it looked at is not as it should be (`vault verify`, `ledger verify`, `evidence pack`, `evidence check`, `rehearse`, `check`, `notice diff`, `breach signs`, `breach ls`, `study report`, `dataset export`, `model ls --installed`, `plugin test`, `bench`, `try`) |
//! | 4 | no toolchain for components (`plugin build`, `test`, `bench`, `watch`) |

mod audience;
mod breach;
mod camera;
mod check;
mod config;
mod dataset;
mod demo;
mod disclose;
mod evaluate;
mod evidence;
mod grant;
mod install;
mod ledger;
mod letters;
mod mode;
mod model;
mod notice;
mod partner;
mod pause;
mod place;
mod plugin;
mod progress;
mod registry;
mod rehearse;
mod rights;
mod rollout;
mod run;
mod staff;
mod study;
mod vault;
mod when;
mod workbench;
mod zones;

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use miette::IntoDiagnostic;
use serde::Serialize;
use sluis_registry::Home;
use sluis_vault::{Act, Archive, Reason, StaffKey};

/// Lets shops learn from cameras without recognising anyone.
///
/// Cameras, encryption and storage belong to this program. Sandboxed WebAssembly components find faces, check the result and detect gestures; only
/// redacted, audited, encrypted data is kept, and all of it is gone at its deadline.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, after_help = EXIT_CODES, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// Where components, models and compiled code are installed.
    ///
    /// Default: `sluis` or `share/sluis` beside the folder of the program, else `~/.local/share/sluis`. Of a home in `/usr/share`,
    /// models are in `/usr/local/share`, and compiled code in the user's cache.
    #[arg(long, global = true, value_name = "DIR", env = "SLUIS_HOME")]
    home: Option<PathBuf>,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 something that was looked at is not as it should be; \
                          4 no toolchain for components.\nStart with `sluis demo`.";

#[derive(Debug, Subcommand)]
enum Task {
    /// Run footage through the whole way, from camera file to sealed segment, and show what was kept.
    Demo(demo::Arguments),
    /// Run a shop around the clock: cameras in, sealed segments into the vault, deadlines kept.
    Run(run::Arguments),
    /// The process of `run` that sees pictures; not for use by hand.
    #[command(hide = true)]
    Eye(run::EyeArguments),
    /// Look at cameras: what is connected, what it gives, what of it would be kept.
    #[command(subcommand)]
    Camera(camera::Task),
    /// Measure what is installed on footage whose truth is known.
    #[command(subcommand)]
    Evaluate(evaluate::Task),
    /// Look into a vault: list, verify, open, export, erase, hold, restrict.
    #[command(subcommand)]
    Vault(vault::Task),
    /// Who may open what here, by named key.
    #[command(subcommand)]
    Staff(staff::Task),
    /// To whom segments may be granted.
    #[command(subcommand)]
    Partner(partner::Task),
    /// What partners may open.
    #[command(subcommand)]
    Grant(grant::Task),
    /// Hand out segments because a law demands it.
    Disclose(disclose::Arguments),
    /// Have a camera, or a zone of one, see nothing for a while: at once, also over restarts.
    Pause(pause::Pausing),
    /// Let a camera, or a zone of one, be seen again.
    Resume(pause::Resuming),
    /// What guests are told: the public notice, its versions and signs, and papers of the same facts.
    Notice(notice::Arguments),
    /// What people who were filmed ask for: from letter to receipt.
    #[command(subcommand)]
    Rights(rights::Task),
    /// Breaches of personal data: the register, its clock, whom to tell, and signs of one.
    #[command(subcommand)]
    Breach(breach::Task),
    /// What happened, and whether that was changed.
    #[command(subcommand)]
    Ledger(ledger::Task),
    /// What a certifier is shown: configuration, digests, notice, rehearsal and ledger, tied together.
    #[command(subcommand)]
    Evidence(evidence::Task),
    /// Run a whole study against the real vault, in seconds and with faults.
    Rehearse(rehearse::Arguments),
    /// What a shop wants from a study: counts, waiting times, where people are.
    #[command(subcommand)]
    Study(study::Task),
    /// Training data out of a vault.
    #[command(subcommand)]
    Dataset(dataset::Task),
    /// Write, test, measure, build, inspect, install and remove components.
    #[command(subcommand)]
    Plugin(plugin::Task),
    /// How updates of components stand.
    #[command(subcommand)]
    Rollout(rollout::Task),
    /// Keep a registry of components: keys, publishers, publishing.
    #[command(subcommand)]
    Registry(registry::Task),
    /// Bring and list the models that components may use.
    #[command(subcommand)]
    Model(model::Task),
    /// Set the parts of the shop that gestures are told of.
    #[command(subcommand)]
    Zones(zones::Task),
    /// Report who looked at advertising screens, in groups of at least five.
    #[command(subcommand)]
    Audience(audience::Task),
    /// Check a configuration and what is installed.
    Check(check::Arguments),
    /// The configuration file's schema.
    #[command(subcommand)]
    Config(config::Task),
}

/// What a task that ran through says to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    NotAsItShouldBe,
    NoToolchain,
}

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    let Arguments { task, home } = Arguments::parse();
    // What a message says to type is not broken into lines: it is copied.
    let _ = miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())));
    no_core_dumps();
    // What goes wrong in a rehearsal is meant to, and is told at its end.
    if !matches!(task, Task::Rehearse(_) | Task::Evidence(evidence::Task::Pack(_)))
        || std::env::var_os("SLUIS_LOG").is_some()
    {
        log_to_stderr(matches!(task, Task::Run(_)));
    }
    let outcome = match task {
        Task::Demo(arguments) => demo::run(&arguments, home),
        Task::Run(arguments) => run::run(&arguments, home),
        Task::Eye(arguments) => return run::see(&arguments, home),
        Task::Camera(task) => camera::run(&task, home),
        Task::Evaluate(task) => evaluate::run(&task, home),
        Task::Vault(task) => vault::run(&task),
        Task::Staff(task) => staff::run(&task),
        Task::Partner(task) => partner::run(&task),
        Task::Grant(task) => grant::run(&task),
        Task::Disclose(arguments) => disclose::run(&arguments),
        Task::Pause(arguments) => pause::pause(&arguments),
        Task::Resume(arguments) => pause::resume(&arguments),
        Task::Notice(arguments) => notice::run(&arguments),
        Task::Rights(task) => rights::run(&task),
        Task::Breach(task) => breach::run(&task, home),
        Task::Ledger(task) => ledger::run(&task),
        Task::Evidence(task) => evidence::run(&task, home),
        Task::Rehearse(arguments) => rehearse::run(&arguments),
        Task::Study(task) => study::run(&task),
        Task::Dataset(task) => dataset::run(&task),
        Task::Plugin(task) => plugin::run(&task, home),
        Task::Rollout(task) => rollout::run(&task, home),
        Task::Registry(task) => registry::run(&task),
        Task::Model(task) => model::run(&task, home),
        Task::Zones(task) => zones::run(&task, home),
        Task::Audience(task) => audience::run(&task),
        Task::Check(arguments) => check::run(&arguments, home),
        Task::Config(task) => config::run(&task),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotAsItShouldBe) => ExitCode::from(3),
        Ok(Outcome::NoToolchain) => ExitCode::from(4),
        Err(report) => {
            complain(&format!("{report:?}"));
            ExitCode::FAILURE
        }
    }
}

/// A core file would hold keys. One byte is too little for a file, and keeps the kernel from piping one to a program, which zero would not.
fn no_core_dumps() {
    let limit = rustix::process::Rlimit { current: Some(1), maximum: Some(1) };
    // A lower limit than that is as good.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, limit);
}

/// Warnings and above, or what `SLUIS_LOG` names (`error`, `warn`, `info`, `debug`), on standard error. A service tells more, and to whoever is no terminal as
/// JSON, one object a line.
fn log_to_stderr(service: bool) {
    let usual = if service { tracing::Level::INFO } else { tracing::Level::WARN };
    let level = std::env::var("SLUIS_LOG").ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    let _ = if service && !terminal {
        log.json().flatten_event(true).try_init()
    } else {
        log.with_ansi(terminal).try_init()
    };
}

/// The home that was named, or the one of this program.
fn home(named: Option<PathBuf>) -> miette::Result<Home> {
    named.map_or_else(|| Home::of_this_program().into_diagnostic(), |folder| Ok(Home::at(folder)))
}

/// The privacy officer whose key this is, by name: for what only they decide.
fn officer(archive: &Archive, key: &StaffKey, reason: Reason) -> miette::Result<String> {
    archive.authorise(key, Act::Decide, reason).into_diagnostic()?;
    let public = key.public();
    let staff = archive.staff().into_diagnostic()?.into_iter().find(|staff| staff.key == public);
    staff.map(|staff| staff.name).ok_or(sluis_vault::Error::NotStaff).into_diagnostic()
}

/// Prints for people. Whoever stops reading (`| head`) has read enough.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// So many of a thing that takes an `s`.
fn some<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    let s = if count == N::from(1) { "" } else { "s" };
    format!("{count} {thing}{s}")
}

/// Prints what went wrong.
#[allow(clippy::print_stderr, reason = "the command line is where the program prints")]
fn complain(text: &str) {
    eprintln!("{text}");
}

/// Prints one JSON object for programs.
fn say_json(value: &impl Serialize) -> miette::Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| miette::miette!("the answer cannot be written as JSON: {e}"))?;
    say(&text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
