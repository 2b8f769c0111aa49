//! `sluis evidence`: what a certifier is shown, and whether it is as it was made.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::IntoDiagnostic;
use sluis_evidence::{Checked, check};
use sluis_frame::{Clock, SystemClock, Timestamp};
use sluis_ledger::PublicKey;
use sluis_notice::Language;
use sluis_vault::Act;

use super::place::Asker;
use super::rehearse::{self, Course};
use super::{Outcome, complain, notice, say, say_json, when};
use crate::config::Config;
use crate::evidence::{Given, Made, refuse_existing, refuse_other_reports};
use crate::keep;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make an evidence pack: a folder with what is configured and installed, what guests are told, a rehearsal, reports of evaluations, and the state of the ledger, which has an entry of it.
    ///
    /// What is not as it should be is said at the top of its index, counted in the ledger, and the exit code is 3. What would mislead is refused.
    Pack(Pack),
    /// Check an evidence pack: every file, the manifest, its entry in the ledger, the chain and the signature. Exit code 3 when something is not as it should be, in the pack or by its own word.
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Pack {
    /// The configuration of the shop.
    #[arg(long, value_name = "FILE", default_value = "/etc/sluis/sluis.toml")]
    config: PathBuf,
    /// The folder to make. It must not be there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The language of the index. The notice and its papers are in all.
    #[arg(long, value_name = "nl|de|en", default_value = "nl")]
    lang: Language,
    /// A report that `sluis evaluate privacy --json` or `sluis evaluate gestures --json` has printed; can be given more than once. It must be about the components that are at work.
    #[arg(long, value_name = "FILE")]
    evaluation: Vec<PathBuf>,
    /// So many rehearsals of 40 days, with the retention of the configuration.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rehearsals: u64,
    #[command(flatten)]
    asker: Asker,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The folder of the pack.
    #[arg(value_name = "DIR")]
    pack: PathBuf,
    /// The public key of the ledger, as the shop has given it by another way than this pack (`sluis ledger key`). Default: the one in the pack, with which it shows only that it agrees with
    /// itself.
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    match task {
        Task::Pack(arguments) => pack(arguments, home),
        Task::Check(arguments) => look(arguments),
    }
}

fn pack(arguments: &Pack, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Pack { out, lang: language, evaluation: evaluations, json, .. } = arguments;
    refuse_existing(out).into_diagnostic()?;
    let config = Config::read(&arguments.config)?;
    let home = super::home(home.or_else(|| config.plugins.home.clone()))?;
    let archive = keep::visit_configured(&config).into_diagnostic()?;
    // Before the work: who may not, need not wait.
    arguments.asker.reason_of(&archive, Act::Decide, "evidence pack")?;
    refuse_other_reports(evaluations, &home, &config).into_diagnostic()?;
    let course = Course { config: Some(&config), days: rehearse::DAYS, segments: rehearse::SEGMENTS, hidden: *json };
    let rehearsals =
        (1..=arguments.rehearsals).map(|seed| course.rehearse(seed)).collect::<miette::Result<Vec<_>>>()?;
    let facts = config.notice.is_some().then(|| notice::facts(&config)).transpose()?;
    let now = jiff::Timestamp::from_nanosecond(SystemClock.now().as_nanos().into()).into_diagnostic()?;
    let given = Given {
        config: &config,
        home: &home,
        archive: &archive,
        facts: facts.as_ref(),
        rehearsals: &rehearsals,
        evaluations,
        language: *language,
        now,
    };
    let made = given.make(out).into_diagnostic()?;
    let Made { sha256, key, shortcomings } = &made;
    if *json {
        say_json(&made)?;
    } else {
        say(&format!("{}  sha256 of its manifest {sha256}", out.display()));
        shortcomings.iter().for_each(|short| say(&format!("not as it should be: {}", short.told(Language::En))));
        if evaluations.is_empty() {
            complain("no report of an evaluation is in it: `--evaluation FILE`, of `sluis evaluate privacy --json`");
        }
        complain(&format!("give the certifier the public key by another way than the pack: {key}"));
    }
    Ok(if shortcomings.is_empty() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

fn look(arguments: &Check) -> miette::Result<Outcome> {
    let checked = check(&arguments.pack, arguments.key.as_ref()).into_diagnostic()?;
    if arguments.json {
        say_json(&checked)?;
    } else {
        tell(&checked);
    }
    Ok(if checked.is_as_it_should_be() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

/// For people. What the pack itself says is shown without what could steer a terminal.
fn tell(checked: &Checked) {
    let Checked { shop, made, files, key, key_from_outside, entry, problems, shortcomings } = checked;
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    if let (Some(shop), Some(made)) = (shop, made) {
        say(&format!("{}, made at {made}: {files} files are as the manifest says", plain(shop)));
    }
    if let Some(entry) = entry {
        let at = when::utc(Timestamp::from_nanos(entry.at));
        say(&format!(
            "entry {} of the ledger, of {at}, names it; {} entries are signed",
            entry.number, entry.signed_entries
        ));
    }
    problems.iter().for_each(|problem| say(&format!("problem: {}: {}", plain(&problem.file), plain(&problem.why))));
    let told = shortcomings.iter().map(|short| plain(&short.told(Language::En)));
    told.for_each(|short| say(&format!("the pack says itself: {short}")));
    if !key_from_outside {
        let key = key.as_deref().unwrap_or("none");
        complain(&format!(
            "checked with the key in the pack ({}): that shows only that it agrees with itself. Name the shop's with --key",
            plain(key)
        ));
    }
}
