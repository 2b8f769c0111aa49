//! `sluis staff`: who may open what here.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::IntoDiagnostic;
use sluis_vault::{Role, Staff, StaffKey};

use super::place::{Asker, Look, Place, Removal};
use super::{Outcome, complain, say, say_json};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Add a member of staff, by a key of their own. The first is a privacy officer, who adds the others.
    Add(Add),
    /// List all staff.
    Ls(Look),
    /// Remove a member of staff.
    Remove(Removal),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Their name, as the ledger will have it.
    name: String,
    /// operator: sees what there is, runs reports about groups, opens nothing. privacy-officer: opens, hands out, grants, erases, decides. group-company: opens what its company was granted.
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// Of a group company: the partner that it is.
    #[arg(long, value_name = "PARTNER")]
    company: Option<String>,
    /// The file of their key. It is made, mode 0600, where there is none; who has it acts in their name.
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Add(arguments) => add(arguments),
        Task::Ls(arguments) => list(arguments),
        Task::Remove(Removal { name, place, asker }) => {
            place.visit()?.remove_staff(name, asker.key()?.as_ref()).into_diagnostic()?;
            say(&format!("{name} is no member of staff any more"));
            Ok(Outcome::Done)
        }
    }
}

fn add(arguments: &Add) -> miette::Result<Outcome> {
    let Add { name, role, company, key: path, place, asker } = arguments;
    let archive = place.visit()?;
    let made = !path.exists();
    let key = if made { StaffKey::create(path) } else { StaffKey::read(path) }.into_diagnostic()?;
    let staff = Staff { name: name.clone(), role: *role, key: key.public(), company: company.clone() };
    let added = archive.add_staff(&staff, asker.key()?.as_ref());
    if added.is_err() && made {
        // Nobody has it yet.
        let _ = std::fs::remove_file(path);
    }
    added.into_diagnostic()?;
    say(&format!("{name} is {role}, with the key {}", path.display()));
    if made {
        complain("the key file was made: give it to its owner, and let nobody else have it");
    }
    Ok(Outcome::Done)
}

fn list(arguments: &Look) -> miette::Result<Outcome> {
    let staff = arguments.place.visit()?.staff().into_diagnostic()?;
    if arguments.json {
        say_json(&serde_json::json!({ "staff": staff }))?;
        return Ok(Outcome::Done);
    }
    if staff.is_empty() {
        say(
            "No staff: nobody opens anything. `sluis staff add NAME --role privacy-officer --key FILE` adds the first.",
        );
    }
    for Staff { name, role, key, company } in &staff {
        let company = company.as_deref().map(|company| format!("  of {company}")).unwrap_or_default();
        say(&format!("{name}  {role}  key {}{company}", hex::encode(&key[..8])));
    }
    Ok(Outcome::Done)
}
