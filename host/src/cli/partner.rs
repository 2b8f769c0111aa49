//! `sluis partner`: to whom segments may be granted.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, WrapErr};
use sluis_share::{Country, Name, Partner, PartnerKey, Sentence, TransferGround};
use sluis_vault::Act;

use super::place::{Asker, Look, Place, Removal};
use super::{Outcome, complain, say, say_json};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Add a partner: without key, country, contract and purpose, and outside the EEA a ground for the transfer, nothing can be granted.
    Add(Add),
    /// List all partners.
    Ls(Look),
    /// Remove a partner. Its open grants are revoked.
    Remove(Removal),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Its name.
    name: Name,
    /// The file of its public keys, as `read_granted.py keygen` writes it. Compare the fingerprint with the partner, by telephone.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where it handles the data: two letters (ISO 3166-1), such as NL.
    #[arg(long, value_name = "COUNTRY")]
    country: Country,
    /// The contract that binds it: number, title, date.
    #[arg(long, value_name = "TEXT")]
    contract: Sentence,
    /// What it may use recordings for.
    #[arg(long, value_name = "TEXT")]
    purpose: Sentence,
    /// What allows the transfer out of the European Economic Area (GDPR, Art. 44 to 49).
    #[arg(long, value_enum)]
    ground: Option<Ground>,
    /// Of a derogation: which exception of Art. 49, and why it holds.
    #[arg(long, value_name = "TEXT", required_if_eq("ground", "derogation"))]
    derogation: Option<Sentence>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ground {
    /// The European Commission has decided that the country protects data adequately (Art. 45).
    AdequacyDecision,
    /// The contract holds the Commission's standard clauses (Art. 46(2)(c)).
    StandardContractualClauses,
    /// Rules of the group that an authority has approved (Art. 46(2)(b) and 47).
    BindingCorporateRules,
    /// An exception for a single case (Art. 49).
    Derogation,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Add(arguments) => add(arguments),
        Task::Ls(arguments) => list(arguments),
        Task::Remove(Removal { name, place, asker }) => {
            let archive = place.visit()?;
            asker.reason(&archive, Act::Decide)?;
            archive.remove_partner(name).into_diagnostic()?;
            say(&format!("{name} is removed; nothing more is released to it"));
            Ok(Outcome::Done)
        }
    }
}

fn add(arguments: &Add) -> miette::Result<Outcome> {
    let Add { name, key: path, country, contract, purpose, ground, derogation, place, asker } = arguments;
    let archive = place.visit()?;
    asker.reason(&archive, Act::Decide)?;
    let text =
        fs::read_to_string(path).into_diagnostic().wrap_err_with(|| format!("cannot read {}", path.display()))?;
    let key: PartnerKey = text.parse().into_diagnostic().wrap_err_with(|| path.display().to_string())?;
    let ground = ground.map(|ground| match (ground, derogation) {
        (Ground::AdequacyDecision, _) => TransferGround::AdequacyDecision,
        (Ground::StandardContractualClauses, _) => TransferGround::StandardContractualClauses,
        (Ground::BindingCorporateRules, _) => TransferGround::BindingCorporateRules,
        (Ground::Derogation, Some(which)) => TransferGround::Derogation(which.clone()),
        (Ground::Derogation, None) => unreachable!("the command line asks for it"),
    });
    let (name, contract, purpose) = (name.clone(), contract.clone(), purpose.clone());
    let partner = Partner { name, key, country: *country, contract, ground, purpose };
    archive.add_partner(&partner).into_diagnostic()?;
    say(&format!("{} is a partner; its key is {}", partner.name, key.fingerprint().short()));
    complain("compare that with the partner by another way than the one the key came by");
    Ok(Outcome::Done)
}

fn list(arguments: &Look) -> miette::Result<Outcome> {
    let partners = arguments.place.visit()?.partners().into_diagnostic()?;
    if arguments.json {
        say_json(&serde_json::json!({ "partners": partners }))?;
        return Ok(Outcome::Done);
    }
    if partners.is_empty() {
        say("No partners.");
    }
    for partner in &partners {
        let ground = partner.transfer_ground().map_or_else(|error| error.to_string(), |ground| ground.to_string());
        let Partner { name, key, country, contract, purpose, .. } = partner;
        let key = key.fingerprint().short();
        say(&format!("{name}  {country}  key {key}  contract: {contract}  transfer: {ground}  purpose: {purpose}"));
    }
    Ok(Outcome::Done)
}
