//! `sluis notice`: what guests are told, its versions, its signs, and the papers of the same facts.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_frame::{Clock, Doors, SystemClock};
use sluis_notice::{
    Change, Document, Facts, Language, Standing, Store, Version, changes, html, notice as pages, papers, sign, text,
};
use sluis_vault::{Act, Record};
use tokio::signal::unix::{SignalKind, signal};

use super::place::Asker;
use super::{Outcome, complain, say, say_json};
use crate::bounded::Bounded;
use crate::config::{Config, Keep};
use crate::page::{Page, Stills};
use crate::{keep, notice};

/// The public notice. Without a task it is shown.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    show: Show,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// The notice of a configuration, or a version that was published. What is new in it is marked.
    Show(Show),
    /// What is new in the configuration's notice since the version in force. Exit code 3 when there is something: it is not published.
    Diff(Look),
    /// Publish the configuration's notice. It is in force from then on; a running service begins by itself.
    Publish(Publish),
    /// List all versions.
    Ls(Look),
    /// Serve the notice as a page, with what the cameras do now and a still of what each keeps. Read-only; without cookies and scripts.
    Serve(Serve),
    /// Write the signs for the entrance and for each screen, as SVG and PDF (A4).
    Sign(Signs),
    /// The record of processing activities (GDPR, Art. 30).
    Record(Paper),
    /// Input for the data protection impact assessment (GDPR, Art. 35).
    Dpia(Paper),
    /// Input for a works council (WOR, Art. 27; BetrVG, section 87).
    WorksCouncil(Paper),
}

/// Which configuration's.
#[derive(Debug, Args)]
struct Of {
    /// The configuration of the shop.
    #[arg(long, value_name = "FILE", default_value = "/etc/sluis/sluis.toml")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    paper: Paper,
    /// A version that was published, instead of what the configuration says now.
    #[arg(long, value_name = "VERSION")]
    number: Option<u64>,
}

#[derive(Debug, Args)]
struct Look {
    #[command(flatten)]
    of: Of,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Publish {
    #[command(flatten)]
    of: Of,
    /// Write the pages of all languages into this folder as well, for the web server: nl.html, nl.txt, and so on.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    of: Of,
    /// Where. Whoever names another address than one of this machine's own decides who may read it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9466")]
    listen: SocketAddr,
    /// Without stills. With them the vault is opened: each still that is made is logged.
    #[arg(long)]
    no_stills: bool,
}

#[derive(Debug, Args)]
struct Signs {
    #[command(flatten)]
    of: Of,
    /// The language of the signs; all when nothing is said.
    #[arg(long, value_name = "nl|de|en")]
    lang: Option<Language>,
    /// The folder to write them into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Paper {
    #[command(flatten)]
    of: Of,
    /// The language.
    #[arg(long, value_name = "nl|de|en", default_value = "nl")]
    lang: Language,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// The file to write. Default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page that needs nothing else.
    Html,
    /// Plain text.
    Text,
}

/// What `diff --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Difference {
    published: Option<u64>,
    changes: std::collections::BTreeMap<String, Change>,
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Outcome> {
    let paper = |arguments: &Paper, of: fn(&Facts, Language) -> Document| {
        let facts = facts(&Config::read(&arguments.of.config)?)?;
        write(arguments, &of(&facts, arguments.lang))
    };
    match &arguments.task {
        None => show(&arguments.show),
        Some(Task::Show(arguments)) => show(arguments),
        Some(Task::Diff(arguments)) => diff(arguments),
        Some(Task::Publish(arguments)) => publish(arguments),
        Some(Task::Ls(arguments)) => list(arguments),
        Some(Task::Serve(arguments)) => serve(arguments),
        Some(Task::Sign(arguments)) => signs(arguments),
        Some(Task::Record(arguments)) => paper(arguments, papers::record),
        Some(Task::Dpia(arguments)) => paper(arguments, papers::assessment),
        Some(Task::WorksCouncil(arguments)) => paper(arguments, papers::works_council),
    }
}

fn serve(arguments: &Serve) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.of.config)?;
    if config.notice.is_none() {
        miette::bail!("{} has no `[notice]`: `examples/sluis.toml` shows every key", arguments.of.config.display());
    }
    let zone = config.shop.time_zone.as_ref().map_or_else(TimeZone::system, |zone| zone.zone().clone());
    let stills = if arguments.no_stills {
        None
    } else {
        let archive = keep::visit_configured(&config).into_diagnostic()?;
        let door = Doors::mint().ok_or_else(|| miette::miette!("recordings are being read already"))?.reader;
        let pictures = config.cameras.iter().filter(|camera| camera.keep == Keep::Pictures);
        Some(Stills::new(archive, door, pictures.map(|camera| camera.id().clone()).collect()))
    };
    let page = Page::new(notice::store(&config), zone, Arc::new(SystemClock), stills);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().into_diagnostic()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(arguments.listen)
            .await
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot serve at {}", arguments.listen))?;
        let address = listener.local_addr().into_diagnostic()?;
        say(&format!("http://{address}/"));
        let stop = async {
            let terminated = signal(SignalKind::terminate());
            let interrupted = tokio::signal::ctrl_c();
            match terminated {
                Ok(mut terminated) => tokio::select! { _ = terminated.recv() => {}, _ = interrupted => {} },
                Err(_) => drop(interrupted.await),
            }
        };
        axum::serve(Bounded::new(listener), page.router()).with_graceful_shutdown(stop).await.into_diagnostic()
    })?;
    Ok(Outcome::Done)
}

/// What the notice of a configuration tells, with the partners of its vault. A vault that is not there yet has none.
pub(super) fn facts(config: &Config) -> miette::Result<Facts> {
    let recipients = if config.vault.dir.join("index.sqlite").is_file() {
        let partners = keep::visit_configured(config).into_diagnostic()?.partners().into_diagnostic()?;
        partners.iter().map(notice::recipient).collect::<Result<_, _>>().into_diagnostic()?
    } else {
        Vec::new()
    };
    notice::facts(config, recipients).ok_or_else(|| {
        miette::miette!(
            help = "`examples/sluis.toml` shows every key of it",
            "the configuration has no table `[notice]`: there is nothing to tell"
        )
    })
}

fn show(arguments: &Show) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.paper.of.config)?;
    let (store, lang) = (notice::store(&config), arguments.paper.lang);
    if let Some(number) = arguments.number {
        let version = store.version(number).into_diagnostic()?;
        return write(&arguments.paper, &pages::document(&version.facts, lang, &Standing::Published(&version)));
    }
    let (facts, current) = (facts(&config)?, store.current().into_diagnostic()?);
    let standing = match &current {
        Some(version) if version.tells(&facts) => Standing::Published(version),
        other => Standing::Draft(other.as_ref()),
    };
    write(&arguments.paper, &pages::document(&facts, lang, &standing))
}

fn write(to: &Paper, document: &Document) -> miette::Result<Outcome> {
    let page = page(document, to.format);
    match &to.out {
        None => say(page.trim_end()),
        Some(path) => put(path, page.as_bytes())?,
    }
    Ok(Outcome::Done)
}

fn page(document: &Document, format: Format) -> String {
    match format {
        Format::Html => html::page(document),
        Format::Text => text::page(document),
    }
}

fn put(path: &Path, bytes: &[u8]) -> miette::Result<()> {
    fs::write(path, bytes).into_diagnostic().wrap_err_with(|| format!("cannot write {}", path.display()))
}

fn diff(arguments: &Look) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.of.config)?;
    let (facts, current) = (facts(&config)?, notice::store(&config).current().into_diagnostic()?);
    let published = current.as_ref().map(|version| version.number);
    let changes = current.as_ref().map(|version| changes(&version.facts, &facts)).unwrap_or_default();
    let same = current.is_some_and(|version| version.tells(&facts));
    if arguments.json {
        say_json(&Difference { published, changes })?;
    } else if let Some(number) = published {
        if same {
            say(&format!("version {number} is in force and says the same"));
        }
        for (key, change) in changes {
            say(&format!("{:8} {key}", word(change)));
        }
    } else {
        say("nothing was published: all of it is new");
    }
    Ok(if same { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

const fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Update => "update",
        Change::Removed => "removed",
    }
}

fn publish(arguments: &Publish) -> miette::Result<Outcome> {
    let Publish { of, out, asker } = arguments;
    let config = Config::read(&of.config)?;
    let (store, facts) = (notice::store(&config), facts(&config)?);
    let archive = keep::visit_configured(&config).into_diagnostic()?;
    let now = jiff::Timestamp::from_nanosecond(SystemClock.now().as_nanos().into()).into_diagnostic()?;
    let version = store.draft(&facts, now).into_diagnostic()?;
    let (number, sha256) = (version.number.to_string(), version.sha256.to_string());
    asker.reason_of(&archive, Act::Decide, &format!("notice {number}"))?;
    // First, so that no notice is in force of which the ledger knows nothing.
    archive.note(&Record::Notice { version: &number, sha256: &sha256 }).into_diagnostic()?;
    store.put(&version).into_diagnostic()?;
    say(&format!("version {number} is in force"));
    if let Some(folder) = out {
        web(folder, &version)?;
    }
    complain(&format!("put it at {}, and hang new signs where they have changed: `sluis notice sign`", facts.url));
    Ok(Outcome::Done)
}

/// Writes the pages of all languages into a folder.
fn web(folder: &Path, version: &Version) -> miette::Result<()> {
    make(folder)?;
    let told = |language| pages::document(&version.facts, language, &Standing::Published(version));
    notice::in_all_languages(told).iter().try_for_each(|(name, page)| put(&folder.join(name), page.as_bytes()))
}

fn make(folder: &Path) -> miette::Result<()> {
    fs::create_dir_all(folder).into_diagnostic().wrap_err_with(|| format!("cannot make {}", folder.display()))
}

fn list(arguments: &Look) -> miette::Result<Outcome> {
    let store: Store = notice::store(&Config::read(&arguments.of.config)?);
    let numbers = store.numbers().into_diagnostic()?;
    let all = numbers.into_iter().map(|number| store.version(number));
    let all: Vec<Version> = all.collect::<Result<_, _>>().into_diagnostic()?;
    if arguments.json {
        say_json(&serde_json::json!({ "versions": all }))?;
        return Ok(Outcome::Done);
    }
    if all.is_empty() {
        say("Nothing was published. `sluis notice publish` publishes what the configuration says.");
    }
    for Version { number, published, sha256, changes, .. } in &all {
        let of = |wanted| changes.values().filter(|change| **change == wanted).count();
        let (new, update, removed) = (of(Change::New), of(Change::Update), of(Change::Removed));
        let sha256 = sha256.to_string();
        say(&format!(
            "{number}  {}  {}  {new} new, {update} update, {removed} removed",
            published.strftime("%Y-%m-%dT%H:%M:%SZ"),
            &sha256[..16]
        ));
    }
    Ok(Outcome::Done)
}

fn signs(arguments: &Signs) -> miette::Result<Outcome> {
    let facts = facts(&Config::read(&arguments.of.config)?)?;
    make(&arguments.out)?;
    for language in arguments.lang.map_or_else(|| Language::ALL.to_vec(), |language| vec![language]) {
        for sign in sign::signs(&facts, language).into_diagnostic()? {
            let file = |end: &str| arguments.out.join(format!("{}.{language}.{end}", sign.name));
            put(&file("svg"), sign.svg().as_bytes())?;
            put(&file("pdf"), &sign.pdf().into_diagnostic()?)?;
            say(&file("pdf").display().to_string());
        }
    }
    Ok(Outcome::Done)
}
