//! `sluis config`: the schema of `sluis.toml`.

use clap::Subcommand;

use super::{Outcome, say_json};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Print the JSON Schema of sluis.toml, for editors and checkers.
    Schema,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Schema => say_json(&Config::schema())?,
    }
    Ok(Outcome::Done)
}
