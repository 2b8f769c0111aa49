//! `sluis ledger`: what happened, and whether that was changed.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use sluis_frame::Timestamp;
use sluis_ledger::{Checkpoint, PublicKey};

use super::place::Place;
use super::{Outcome, complain, say, say_json, when};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List the last records.
    Ls(Ls),
    /// Check every record, every link of the chain and every checkpoint. Exit code 3 when something is wrong.
    ///
    /// A ledger whose end was cut off, or that was put back to an older copy, is found only with a checkpoint that was kept elsewhere: name it with --checkpoint. Those in the cloud are
    /// fetched.
    Verify(Verify),
    /// Sign the ledger as it is now, and print that. Keep it where who can write the ledger cannot.
    Checkpoint(Place),
    /// The public key that checks checkpoints, in the form of a signed note's verifier key.
    Key(Place),
}

#[derive(Debug, Args)]
pub(super) struct Ls {
    #[command(flatten)]
    place: Place,
    /// So many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    last: u64,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// A checkpoint that was kept elsewhere; can be given more than once.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The public key to check with, as `sluis ledger key` has printed it at the beginning. Default: the vault's own, which says nothing if the vault was made anew.
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Ls(arguments) => list(arguments),
        Task::Verify(arguments) => verify(arguments),
        Task::Checkpoint(place) => {
            say(place.visit()?.checkpoint().into_diagnostic()?.to_string().trim_end());
            Ok(Outcome::Done)
        }
        Task::Key(place) => {
            say(&place.visit()?.ledger_public_key().into_diagnostic()?.to_string());
            Ok(Outcome::Done)
        }
    }
}

fn list(arguments: &Ls) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    archive.tell_ledger().into_diagnostic()?;
    for entry in sluis_ledger::read_tail(archive.ledger_folder(), arguments.last).into_diagnostic()? {
        let entry = entry.into_diagnostic()?;
        if arguments.json {
            say(&serde_json::to_string(&entry).into_diagnostic()?);
            continue;
        }
        let mut what = entry.what.clone();
        let event = what.as_object_mut().and_then(|what| what.remove("event"));
        let event = event.as_ref().and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
        let at = when::utc(Timestamp::from_nanos(entry.at));
        say(&format!("{:>8}  {at}  {event:20}  {what}", entry.number));
    }
    Ok(Outcome::Done)
}

fn verify(arguments: &Verify) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let key = match &arguments.key {
        Some(key) => key.clone(),
        None => archive.ledger_public_key().into_diagnostic()?,
    };
    let mut outside = archive.checkpoints_in_cloud().into_diagnostic()?;
    for file in &arguments.checkpoint {
        let text =
            fs::read_to_string(file).into_diagnostic().wrap_err_with(|| format!("cannot read {}", file.display()))?;
        outside.push(text.parse::<Checkpoint>().into_diagnostic().wrap_err_with(|| file.display().to_string())?);
    }
    let verified = sluis_ledger::verify(archive.ledger_folder(), &key, &outside).into_diagnostic()?;
    if arguments.json {
        say_json(&verified)?;
    } else {
        say(&format!(
            "{} records, {} checkpoints, {} kept elsewhere; {} records since the last",
            verified.entries,
            verified.checkpoints,
            outside.len(),
            verified.unsigned_tail
        ));
        verified.problems.iter().for_each(|problem| say(&format!("problem: {problem}")));
        if outside.is_empty() {
            complain(
                "no checkpoint from elsewhere was named: a ledger that was cut or put back as a whole is not found without one",
            );
        }
    }
    Ok(if verified.problems.is_empty() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}
