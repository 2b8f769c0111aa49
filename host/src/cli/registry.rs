//! `sluis registry`: a registry of components, as its owner and its publishers keep it.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::RangedI64ValueParser;
use clap::{Args, Subcommand, value_parser};
use jiff::{SignedDuration, Timestamp};
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_registry::repository::{
    Added, Addition, Beginning, Delegation, Entry, LeftOut, Publication, Role, Signatures, Tally, Validity,
};
use sluis_registry::{Error, Manifest, Place, PublicKey, Repository, SigningKey};
use sluis_stage::{Engine, EngineSettings, examine};

use super::{Outcome, complain, say, say_json};
use crate::config::Config;
use crate::keep;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make a signing key: an Ed25519 key in PKCS#8, readable by its owner only. Prints its public half.
    Key {
        /// A new file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Make none: print the public half of the key in this file.
        #[arg(long)]
        public: bool,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Begin a registry: drafts of its root and targets, to be signed and published.
    Init(Init),
    /// Let a publisher publish under its own path, and nowhere else.
    Delegate(Delegate),
    /// Add components and models to what a publisher publishes.
    Add(Add),
    /// Take components and models out of what a publisher publishes: shops are not offered them any more, and running services let go of candidates.
    Withdraw(Withdraw),
    /// Sign all drafts that a key may sign.
    Sign(Sign),
    /// Publish all drafts that have their signatures, with a new snapshot and timestamp. Drafts that wait are told and kept; what is published holds for longer whatever waits.
    Publish(Publish),
    /// Replace keys of a role or publisher.
    Rotate(Rotate),
    /// Let root, list of publishers, or what a publisher signed hold for longer, and change nothing else.
    Renew(Renew),
    /// Take a publisher out: shops are offered nothing of theirs any more. It takes none of their keys.
    Revoke(Revoke),
    /// Put what is published into the bucket of a configuration's `[plugins.registry.bucket]`.
    Upload {
        /// The registry's folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// What each role has signed, until when it holds, by which keys, and which drafts wait for whom; and which publishers there are.
    Ls(Look),
    /// Print the JSON Schema of a publisher's registry.json.
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A public key of the root, as `sluis registry key` prints it, or a file with it. Several times: kept by different people, offline.
    #[arg(long, value_name = "PUBLIC", required = true)]
    root_key: Vec<PublicKeyOrFile>,
    /// How many of the root's keys must sign.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: u64,
    /// A public key of who says which publishers there are. Kept offline.
    #[arg(long, value_name = "PUBLIC", required = true)]
    targets_key: Vec<PublicKeyOrFile>,
    /// A public key of the machine that publishes: it signs snapshots and timestamps, and can add nothing.
    #[arg(long, value_name = "PUBLIC", required = true)]
    online_key: Vec<PublicKeyOrFile>,
    #[command(flatten)]
    signing: Signing,
    /// Days that root and targets hold, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Delegate {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The publisher: 1 to 32 characters of a-z, 0-9 and -. Its path is this and a slash.
    #[arg(long, value_name = "NAME")]
    publisher: String,
    /// A public key of the publisher. Several times, if they have several.
    #[arg(long, value_name = "PUBLIC", required = true)]
    publisher_key: Vec<PublicKeyOrFile>,
    /// How many of the publisher's keys must sign.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: u64,
    #[command(flatten)]
    signing: Signing,
    /// Days that the list of publishers holds, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The registry's folder, or a copy of it.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The publisher.
    #[arg(long, value_name = "NAME")]
    publisher: String,
    /// The manifest that describes what is added, such as the registry.json of its source.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// A component that the manifest lists, and its built file.
    #[arg(long, value_name = "NAME=FILE", required_unless_present = "model")]
    component: Vec<Named>,
    /// A model that the manifest lists, and its ONNX file.
    #[arg(long, value_name = "NAME=FILE")]
    model: Vec<Named>,
    #[command(flatten)]
    signing: Signing,
    /// Days that what the publisher signs holds, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 180, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// The registry's folder, or a copy of it.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The publisher.
    #[arg(long, value_name = "NAME")]
    publisher: String,
    /// A component that is not offered any more.
    #[arg(long, value_name = "NAME", required_unless_present = "model")]
    component: Vec<String>,
    /// A model that is not offered any more.
    #[arg(long, value_name = "NAME")]
    model: Vec<String>,
    #[command(flatten)]
    signing: Signing,
    /// Days that what the publisher signs holds, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 180, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A file with a key.
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Publish {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A file with an online key. Several times when `snapshot` and `timestamp` have different keys: one of each is needed.
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// Days that what is published holds, 1 to 90: an old state can be passed off as new for so long.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = value_parser!(u32).range(1..=90))]
    days: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// root, targets, snapshot, timestamp, or a publisher. Several times, if one key has several duties.
    #[arg(long, value_name = "ROLE", required = true)]
    role: Vec<String>,
    /// A public key that does not count any more.
    #[arg(long, value_name = "PUBLIC")]
    out: Vec<PublicKeyOrFile>,
    /// A public key that counts from now on.
    #[arg(long, value_name = "PUBLIC")]
    new: Vec<PublicKeyOrFile>,
    /// How many keys must sign from now on. As before when nothing is said.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    #[command(flatten)]
    signing: Signing,
    /// Days that the new root, or the list of publishers, holds, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Renew {
    /// The registry's folder, or a copy of it.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// root or targets.
    #[arg(long, value_name = "ROLE", value_parser = ["root", "targets"], required_unless_present = "publisher")]
    role: Vec<String>,
    /// A publisher.
    #[arg(long, value_name = "NAME")]
    publisher: Vec<String>,
    #[command(flatten)]
    signing: Signing,
    /// Days that it holds from now on, 1 to 3650: 365 for root and targets and 180 for publishers, when nothing is said.
    #[arg(long, value_name = "N", value_parser = days())]
    days: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The publisher.
    #[arg(long, value_name = "NAME")]
    publisher: String,
    #[command(flatten)]
    signing: Signing,
    /// Days that the list of publishers holds, 1 to 3650.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Look {
    /// The registry's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Signs at once what is drafted, and how the outcome is printed.
#[derive(Debug, Args)]
struct Signing {
    /// A file with a key that signs the drafts at once. Without it, and for other keys: `sluis registry sign`.
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `add --json` prints.
#[derive(Debug, Serialize)]
struct AdditionAndRoles {
    #[serde(flatten)]
    addition: Addition,
    roles: Vec<Signatures>,
}

/// A public key, or a file with one.
#[derive(Debug, Clone)]
struct PublicKeyOrFile(PublicKey);

/// `NAME=FILE`.
#[derive(Debug, Clone)]
struct Named(String, PathBuf);

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Key { file, public, json } => key(file, *public, *json)?,
        Task::Init(init) => begin(init)?,
        Task::Delegate(Delegate { folder, publisher, publisher_key, threshold, signing, days }) => {
            let repository = Repository::at(folder);
            let role = Role { keys: keys(publisher_key), threshold: *threshold };
            repository.delegate(publisher, &role, after(*days)).into_diagnostic()?;
            signing.sign(&repository)?;
        }
        Task::Add(arguments) => add(arguments)?,
        Task::Withdraw(Withdraw { folder, publisher, component, model, signing, days }) => {
            let repository = Repository::at(folder);
            repository.withdraw(publisher, component, model, after(*days)).into_diagnostic()?;
            signing.sign(&repository)?;
        }
        Task::Sign(Sign { folder, key, json }) => {
            let state = Repository::at(folder).sign(&read(key)?).into_diagnostic()?;
            print(&state, *json)?;
        }
        Task::Publish(Publish { folder, key, days, json }) => {
            let published = Repository::at(folder).publish(&read(key)?, after(*days)).into_diagnostic()?;
            print_publication(&published, *json)?;
        }
        Task::Rotate(Rotate { folder, role, out, new, threshold, signing, days }) => {
            let repository = Repository::at(folder);
            for role in role {
                repository.rotate(role, &keys(out), &keys(new), *threshold, after(*days)).into_diagnostic()?;
            }
            signing.sign(&repository)?;
        }
        Task::Renew(Renew { folder, role, publisher, signing, days }) => {
            let repository = Repository::at(folder);
            for role in role {
                repository.renew(role, after(days.unwrap_or(365))).into_diagnostic()?;
            }
            for publisher in publisher {
                repository.renew(publisher, after(days.unwrap_or(180))).into_diagnostic()?;
            }
            signing.sign(&repository)?;
        }
        Task::Revoke(Revoke { folder, publisher, signing, days }) => {
            let repository = Repository::at(folder);
            repository.revoke(publisher, after(*days)).into_diagnostic()?;
            signing.sign(&repository)?;
        }
        Task::Upload { folder, config } => upload(folder, config)?,
        Task::Ls(Look { folder, json }) => list(&Repository::at(folder), *json)?,
        Task::Schema => say_json(&Manifest::schema())?,
    }
    Ok(Outcome::Done)
}

fn key(file: &Path, only_public: bool, json: bool) -> miette::Result<()> {
    let key = if only_public { SigningKey::read(file) } else { SigningKey::create(file) };
    let public = key.into_diagnostic()?.public();
    let id = public.short_id();
    if json {
        return say_json(&serde_json::json!({ "public": public.to_string(), "id": id, "file": file }));
    }
    say(&public.to_string());
    if only_public {
        complain(&format!("{} has the id {id}, by which `sluis registry ls` names it", file.display()));
    } else {
        complain(&format!(
            "{} is the key, with the id {id}: whoever has it signs in its owner's name. Keep a copy where it cannot be stolen",
            file.display()
        ));
    }
    Ok(())
}

fn begin(init: &Init) -> miette::Result<()> {
    let repository = Repository::at(&init.folder);
    let online = Role { keys: keys(&init.online_key), threshold: 1 };
    let beginning = Beginning {
        root: Role { keys: keys(&init.root_key), threshold: init.threshold },
        targets: Role { keys: keys(&init.targets_key), threshold: 1 },
        snapshot: online.clone(),
        timestamp: online,
        root_expires: after(init.days),
        targets_expires: after(init.days),
    };
    repository.begin(&beginning).into_diagnostic()?;
    init.signing.sign(&repository)
}

fn add(arguments: &Add) -> miette::Result<()> {
    let repository = Repository::at(&arguments.folder);
    let source = Manifest::read(&arguments.manifest).into_diagnostic()?;
    // What no host would load is not published.
    let engine = Engine::new(EngineSettings::default()).into_diagnostic()?;
    for Named(name, file) in &arguments.component {
        let wasm = fs::read(file).into_diagnostic().wrap_err_with(|| format!("could not read {}", file.display()))?;
        let examined = examine(name, &wasm).into_diagnostic()?;
        engine.load(name, &wasm).into_diagnostic()?;
        // A component that the manifest does not list is refused below.
        let Some(entry) = source.component(name) else { continue };
        if entry.world != examined.world.name() {
            miette::bail!("{} is a {}, and the manifest says {}", file.display(), examined.world, entry.world);
        }
        let contract = format!("sluis:stage@{}", examined.contract);
        if entry.contract != contract {
            miette::bail!(
                "{} is built against {contract}, and the manifest says {}: write `\"contract\": \"{contract}\"`, or build it against the other",
                file.display(),
                entry.contract
            );
        }
    }
    let pairs = |named: &[Named]| named.iter().map(|Named(name, file)| (name.clone(), file.clone())).collect();
    let entry = Entry {
        manifest: arguments.manifest.clone(),
        components: pairs(&arguments.component),
        models: pairs(&arguments.model),
    };
    let addition = repository.add(&arguments.publisher, &entry, after(arguments.days)).into_diagnostic()?;
    addition.warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    let roles = arguments.signing.signed(&repository)?;
    if arguments.signing.json {
        return say_json(&AdditionAndRoles { addition, roles });
    }
    for Added { name, version, size, sha256 } in &addition.added {
        let version = version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        say(&format!("added {name}{version}, {size} bytes, sha256 {sha256}"));
    }
    for name in &addition.not_added {
        say(&format!("not added: {name}, its file was not named"));
    }
    print(&roles, false)
}

fn upload(folder: &Path, config: &Path) -> miette::Result<()> {
    let config = Config::read(config)?;
    let Some(Place::Store(store)) = keep::registry(&config).into_diagnostic()?.map(|settings| settings.place) else {
        miette::bail!("the configuration names no bucket: add `[plugins.registry.bucket]`");
    };
    let files = Repository::at(folder).upload(&*store).into_diagnostic()?;
    say(&format!("{files} files are in the bucket"));
    Ok(())
}

/// How long what is signed offline may hold: ten years at the most.
fn days() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=3650)
}

/// So many days from now.
fn after(days: u32) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24 * i64::from(days))
}

fn keys(named: &[PublicKeyOrFile]) -> Vec<PublicKey> {
    named.iter().map(|key| key.0.clone()).collect()
}

fn read(files: &[PathBuf]) -> miette::Result<Vec<SigningKey>> {
    files.iter().map(|file| SigningKey::read(file).into_diagnostic()).collect()
}

fn print(state: &[Signatures], json: bool) -> miette::Result<()> {
    if json {
        return say_json(&serde_json::json!({ "roles": state }));
    }
    state.iter().for_each(|role| say(&line(role)));
    Ok(())
}

fn list(repository: &Repository, json: bool) -> miette::Result<()> {
    let (roles, publishers) = (repository.state().into_diagnostic()?, repository.delegations().into_diagnostic()?);
    if json {
        return say_json(&serde_json::json!({ "roles": roles, "publishers": publishers }));
    }
    for role in &roles {
        let Tally { keys, need, .. } = &role.tally;
        say(&line(role));
        say(&format!("            {}", signers(*need, keys)));
    }
    if publishers.is_empty() {
        say("no publishers: `sluis registry delegate` lets one in");
    }
    for Delegation { publisher, keys, threshold, has_signed } in &publishers {
        let nothing = if *has_signed { "" } else { "; has signed nothing yet" };
        say(&format!("publisher {publisher}: {}{nothing}", signers(*threshold, keys)));
    }
    Ok(())
}

/// How many of which keys must sign.
fn signers(threshold: u64, keys: &[String]) -> String {
    match keys {
        [key] => format!("signed by {key}"),
        keys => format!("signed by {threshold} of {}", keys.join(", ")),
    }
}

/// One role, for people.
fn line(role: &Signatures) -> String {
    let draft = match (role.draft, role.is_signed()) {
        (false, _) => String::new(),
        (true, true) => "  draft, signed".to_owned(),
        (true, false) => format!("  draft, {}", missing(role)),
    };
    let validity = match role.validity {
        Validity::Valid => None,
        Validity::ExpiresSoon => Some("expires within 30 days"),
        Validity::Expired => Some("has expired"),
    };
    let replaced = role.draft && role.published_until.is_some();
    let whose = if replaced { "what is published " } else { "" };
    let validity = validity.map(|validity| format!("  {whose}{validity}")).unwrap_or_default();
    let until = role.expires.strftime("%F %H:%M UTC");
    format!("{:10}  version {}  until {until}{validity}{draft}", role.role, role.version)
}

/// How many signatures a draft has of those that it needs, and who may add one.
fn missing(role: &Signatures) -> String {
    let Tally { have, need, .. } = role.tally;
    let before = role.before.as_ref();
    let before = before.map(|Tally { have, need, .. }| format!(", and {have} of {need} of the root before it"));
    let keys = role.to_sign().join(", ");
    format!("{have} of {need} signatures{}; may still sign: {keys}", before.unwrap_or_default())
}

/// What waits is told aloud: a timer publishes, and nobody looks for what it says unless it complains.
fn print_publication(published: &Publication, json: bool) -> miette::Result<()> {
    for LeftOut { role, version, why } in &published.left_out {
        complain(&format!("the draft of `{role}` version {version} was left out and waits: {why}"));
    }
    if json {
        return say_json(published);
    }
    print(&published.roles, false)
}

// === impl Signing ===

impl Signing {
    fn sign(&self, repository: &Repository) -> miette::Result<()> {
        print(&self.signed(repository)?, self.json)
    }

    /// How far each role is when these keys have signed.
    fn signed(&self, repository: &Repository) -> miette::Result<Vec<Signatures>> {
        let state = if self.key.is_empty() { repository.state() } else { repository.sign(&read(&self.key)?) };
        state.into_diagnostic()
    }
}

// === impl PublicKeyOrFile ===

impl FromStr for PublicKeyOrFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(key) = text.parse() {
            return Ok(Self(key));
        }
        PublicKey::read(Path::new(text)).map(Self).map_err(|error| match error {
            Error::Io { source, .. } => format!("it is no public key, and no file with one: {source}"),
            other => other.to_string(),
        })
    }
}

// === impl Named ===

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
        named.map(|(name, file)| Self(name.to_owned(), file.into())).ok_or_else(|| "write NAME=FILE".to_owned())
    }
}
