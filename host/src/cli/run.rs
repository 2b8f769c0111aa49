//! `sluis run`: the program as it runs around the clock; and the other half of it, which nobody calls by hand.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use miette::IntoDiagnostic;
use sluis_registry::Home;

use super::{Outcome, complain};
use crate::config::Config;
use crate::events::Log;
use crate::service::Program;
use crate::service::keep::Service;
use crate::service::{eye, keep};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration of the shop.
    #[arg(long, value_name = "FILE", default_value = "/etc/sluis/sluis.toml")]
    config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct EyeArguments {
    /// Only makes compiled code of the components.
    #[arg(long, requires = "config")]
    warm: bool,
    #[arg(long)]
    config: Option<PathBuf>,
    /// Only compiles and packs a release of this component, and writes it to standard output.
    #[arg(long, requires = "release", conflicts_with = "warm")]
    pack: Option<String>,
    /// The digest of the release.
    #[arg(long)]
    release: Option<String>,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.config)?;
    let home = home_of(&config, home)?;
    let path = std::env::current_exe().into_diagnostic()?;
    let eye = Program { path, arguments: vec!["eye".to_owned()] };
    let file = std::path::absolute(&arguments.config).into_diagnostic()?;
    let config = Config::from_file_text(&file, config.text())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().into_diagnostic()?;
    runtime.block_on(keep::run(Service { file, config, home, eye, tell: Arc::new(Log) })).into_diagnostic()?;
    Ok(Outcome::Done)
}

/// The process that sees. It has an exit code of its own.
pub(super) fn see(arguments: &EyeArguments, home: Option<PathBuf>) -> ExitCode {
    if let (Some(name), Some(release)) = (&arguments.pack, &arguments.release) {
        let home = super::home(home).map_err(|e| eye::NotPacked::NotNow(e.to_string()));
        let packed = home.and_then(|home| eye::pack(&home, name, release, &mut std::io::stdout().lock()));
        return match packed {
            Err(eye::NotPacked::Refused(why)) => {
                complain(&why);
                ExitCode::from(eye::REFUSED)
            }
            Err(eye::NotPacked::TooSlow(why) | eye::NotPacked::NotNow(why)) => code(Err(why)),
            Ok(()) => code(Ok(())),
        };
    }
    let (true, Some(file)) = (arguments.warm, &arguments.config) else { return eye::run(None) };
    let warmed = Config::read(file).map_err(|e| e.to_string()).and_then(|config| {
        let home = super::home(home).map_err(|e| e.to_string())?;
        eye::warm(&home, &config)
    });
    code(warmed)
}

fn code(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

/// The home that was named on the command line, in the configuration, or the program's own.
fn home_of(config: &Config, named: Option<PathBuf>) -> miette::Result<Home> {
    super::home(named.or_else(|| config.plugins.home.clone()))
}
