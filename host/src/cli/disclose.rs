//! `sluis disclose`: what a law demands.

use std::path::PathBuf;

use clap::Args;
use miette::IntoDiagnostic;
use sluis_segment::SegmentId;
use sluis_vault::{Act, Demand};

use super::place::{Asker, Place};
use super::{Outcome, complain, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The segments, as `sluis vault ls` names them: those that are demanded, and no others.
    #[arg(required = true)]
    id: Vec<SegmentId>,
    /// Who demands it: court, prosecutor, authority, and who there.
    #[arg(long, value_name = "TEXT", value_parser = sentence)]
    authority: String,
    /// The legal ground: law, article, file number.
    #[arg(long, value_name = "TEXT", value_parser = sentence)]
    ground: String,
    /// What is demanded: place, time, persons.
    #[arg(long, value_name = "TEXT", value_parser = sentence)]
    scope: String,
    /// The new folder to write: a folder for each segment, sealed, with its key.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Outcome> {
    let Arguments { id: segments, authority, ground, scope, to, place, asker } = arguments;
    let archive = place.visit()?;
    let reason = asker.reason(&archive, Act::HandOut)?;
    // All may be handed out, or none is.
    for segment in segments {
        archive.may_be_disclosed(&archive.entry(*segment).into_diagnostic()?).into_diagnostic()?;
    }
    std::fs::create_dir(to).map_err(|e| miette::miette!("cannot make the new folder {}: {e}", to.display()))?;
    let demand = Demand { authority: authority.clone(), ground: ground.clone(), scope: scope.clone() };
    for segment in segments {
        let folder = to.join(segment.to_string());
        archive.disclose(*segment, &folder, &demand, &reason).into_diagnostic()?;
        say(&folder.display().to_string());
    }
    complain(
        "this is in the ledger now, with authority, ground and scope; whoever has a keyset and its segment can see it",
    );
    Ok(Outcome::Done)
}

/// A text that says something: 3 to 500 characters.
fn sentence(text: &str) -> Result<String, String> {
    let text = text.trim();
    let good = (3..=500).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if good { Ok(text.to_owned()) } else { Err("write 3 to 500 characters, without control characters".to_owned()) }
}
