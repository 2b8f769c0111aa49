//! `sluis plugin pin`, `install`, `ls`, `remove`, `rollback`: components from a registry.

use std::path::{Path, PathBuf};

use clap::Args;
use miette::IntoDiagnostic;
use serde::Serialize;
use sluis_registry::pin::fingerprint;
use sluis_registry::{
    Component, Error, Fetched, Home, Listing, Offer, Place, RegistrySettings, Remote, RemoteError, Standing, admit,
};
use sluis_stage::{Engine, EngineSettings};

use super::{Outcome, complain, say, say_json, some};
use crate::assembly::of_its_world;
use crate::config::{Config, Plugins};
use crate::keep;

#[derive(Debug, Args)]
pub(super) struct Pin {
    /// Where the registry is: `https://…` or `http://…`, without a password or query, or a folder. What comes is believed only as far as it is signed, over `http://` too;
    /// there, who listens sees what you ask for.
    #[arg(long, value_name = "URL")]
    registry: Place,
    /// Its root, which its owner gave you by a way you trust.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// Trust it in place of another root that is pinned already, and forget what was seen of that one's registry.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    shop: Shop,
}

#[derive(Debug, Args)]
pub(super) struct Install {
    /// The component, or PUBLISHER/NAME where several publish one of that name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Install this version or none, also when it is older than what is installed. A registry offers one version of a component at a time.
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Install it though this very release was refused or taken back before: it is tried once more.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    shop: Shop,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Look {
    /// Also look into the registry for what can be had.
    #[arg(long)]
    available: bool,
    #[command(flatten)]
    shop: Shop,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The component.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    shop: Shop,
}

#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// The component.
    #[arg(value_name = "NAME")]
    name: String,
    /// Why: it is kept with the version, which is not tried again.
    #[arg(long, value_name = "TEXT", default_value = "taken back by hand")]
    why: String,
    #[command(flatten)]
    shop: Shop,
}

/// Which shop is meant.
#[derive(Debug, Args)]
struct Shop {
    /// The configuration of the shop, for its home, its registry and what is granted.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What `ls --json` prints.
#[derive(Debug, Serialize)]
struct Shown {
    installed: Vec<Installed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<Vec<Offer>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Installed {
    name: String,
    publisher: Option<String>,
    world: String,
    /// Its version, and which models came with it.
    version: String,
    /// Candidate, version before, and what was refused.
    #[serde(flatten)]
    standing: Standing,
}

pub(super) fn pin(arguments: &Pin, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Pin { registry, root, replace, shop } = arguments;
    let (home, _) = shop.open(home)?;
    let registry = &match registry {
        // It is remembered, and asked from elsewhere.
        Place::Folder(folder) => Place::Folder(std::path::absolute(folder).into_diagnostic()?),
        other => other.clone(),
    };
    if let Place::Folder(folder) = registry
        && !folder.is_dir()
    {
        miette::bail!(
            "there is no folder {}: name the folder that has `metadata` and `targets`, or write `https://` and an address",
            folder.display()
        );
    }
    let root = super::plugin::read(root)?;
    let before = home.pinned_root().into_diagnostic()?.filter(|before| *before != root);
    let pinned = match &before {
        None => format!("root {} is pinned", fingerprint(&root)),
        Some(before) if *replace => {
            format!("root {} is pinned in place of {}", fingerprint(&root), fingerprint(before))
        }
        Some(before) => {
            let place = home.pinned_place().into_diagnostic()?.unwrap_or_default();
            let (old, new) = (fingerprint(before), fingerprint(&root));
            let error = RemoteError::OtherPinned { home: home.folder().to_owned(), place, old, new };
            return Err(Error::from(error)).into_diagnostic();
        }
    };
    // On trial, so that a wrong root is not pinned. Without a line it is pinned unseen, and shows later.
    let folder = tempfile::tempdir().into_diagnostic()?;
    let trial = Home::at(folder.path());
    trial.pin(registry, &root).into_diagnostic()?;
    let seen = Remote::new(&trial, &RegistrySettings::at(registry.clone())).and_then(|remote| remote.listing());
    match seen {
        Ok(Listing { offers, faults }) => {
            home.pin(registry, &root).into_diagnostic()?;
            say(&format!("{pinned}; the registry offers {}", some(offers.len(), "component")));
            faults.iter().for_each(|fault| complain(&fault.to_string()));
        }
        Err(error @ Error::Remote(RemoteError::Unreachable { .. } | RemoteError::Slow { .. }))
            if matches!(registry, Place::Web(_)) =>
        {
            home.pin(registry, &root).into_diagnostic()?;
            say(&format!("{pinned}, and not tried"));
            complain(&error.to_string());
        }
        Err(error) => return Err(error).into_diagnostic(),
    }
    Ok(Outcome::Done)
}

pub(super) fn install(arguments: &Install, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let (home, config) = arguments.shop.open(home)?;
    let remote = remote(&home, config.as_ref())?;
    let Listing { offers, faults } = remote.listing().into_diagnostic()?;
    let offer = match chosen(&offers, &arguments.name, arguments.version.as_deref()) {
        Ok(offer) => offer,
        // That nothing is offered is no news beside why nothing of it can be read.
        Err(_) if offers.is_empty() && !faults.is_empty() => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            miette::bail!("{}", faults.join("\n"));
        }
        Err(error) => {
            faults.iter().for_each(|fault| complain(&fault.to_string()));
            return Err(error);
        }
    };
    let component = &offer.component;
    let is_configured = config.is_some();
    let plugins = config.map(|config| config.plugins).unwrap_or_default();
    let Plugins { filter, audit, .. } = &plugins;
    match admit(&home, component, plugins.grant(&component.name).as_ref(), filter, audit) {
        Err(error @ Error::NotGranted { .. }) if !is_configured => {
            return Err(miette::miette!(
                help = "no configuration was read, so nothing is granted: name it with `--config FILE`",
                "{error}"
            ));
        }
        admitted => admitted.into_diagnostic()?,
    }

    let release = offer.release();
    let manifest = home.manifest().into_diagnostic()?;
    let in_force = manifest.component(&component.name);
    let current = in_force.map(|component| home.release(component)).transpose().into_diagnostic()?;
    let known = current.is_some_and(|current| current.digest() == release.digest());
    let state = if known {
        "in-force"
    } else {
        if arguments.version.is_none() {
            home.check_not_older(&release).into_diagnostic()?;
        }
        let fetched = remote.fetch(offer).into_diagnostic()?;
        try_out(&fetched)?;
        if arguments.again
            && let Some(refusal) = home.readmit(&release).into_diagnostic()?
            && !arguments.json
        {
            say(&format!("{} was refused before: {}. That is lifted", refusal.version, refusal.why));
        }
        let models: Vec<_> = fetched.models.iter().map(|(m, bytes)| (m.name.as_str(), bytes.as_slice())).collect();
        if in_force.is_some() {
            home.propose(&release, &fetched.wasm, &models).into_diagnostic()?;
            "candidate"
        } else {
            home.put_in_force(&release, &fetched.wasm, &models).into_diagnostic()?;
            "in-force"
        }
    };
    let (name, version) = (component.full_name(), release.label());
    if arguments.json {
        say_json(&serde_json::json!({ "component": name, "version": version, "state": state }))?;
    } else if state == "candidate" {
        say(&format!(
            "{name} {version} is the candidate: a running service tries it beside the one in force. `sluis plugin ls` tells what came of it"
        ));
    } else if known {
        say(&format!("{name} {version} is in force already: the registry offers nothing newer"));
    } else {
        say(&format!("{name} {version} is in force"));
    }
    Ok(Outcome::Done)
}

pub(super) fn list(arguments: &Look, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let (home, config) = arguments.shop.open(home)?;
    let mut standings = home.standings().into_diagnostic()?;
    let components = home.manifest().into_diagnostic()?.components;
    let installed = components.into_iter().map(|component| {
        let standing = standings.remove(&component.name).unwrap_or_default();
        let label = standing.release(&component).label();
        let Component { name, publisher, world, .. } = component;
        Installed { name, publisher, world, version: label, standing }
    });
    let mut shown = Shown { installed: installed.collect(), available: None, faults: Vec::new() };
    if arguments.available {
        let Listing { offers, faults } = remote(&home, config.as_ref())?.listing().into_diagnostic()?;
        shown.available = Some(offers);
        shown.faults = faults.iter().map(ToString::to_string).collect();
    }
    if arguments.json {
        say_json(&shown)?;
        return Ok(Outcome::Done);
    }
    if shown.installed.is_empty() {
        say("No components are installed.");
    }
    for Installed { name, publisher, world, version, standing } in &shown.installed {
        let by = publisher.as_ref().map(|publisher| format!("  by {publisher}")).unwrap_or_default();
        say(&format!("{name}  {version}  {world}{by}"));
        standing.candidate.iter().for_each(|release| say(&format!("  candidate: {}", release.label())));
        standing.previous.iter().for_each(|release| say(&format!("  before: {}", release.label())));
        standing.refused.iter().for_each(|refused| say(&format!("  refused: {}: {}", refused.version, refused.why)));
    }
    for Offer { component, models, .. } in shown.available.iter().flatten() {
        let models: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        let models = if models.is_empty() { String::new() } else { format!("  models {}", models.join(", ")) };
        say(&format!(
            "available: {}  {}  {}  sees {} frames, {} MiB, {} ms a call{models}  {}",
            component.full_name(),
            component.version,
            component.world,
            component.sees,
            component.limits.memory_mib,
            component.limits.call_ms,
            component.licence
        ));
        component.changelog.iter().flat_map(|text| text.lines()).for_each(|line| say(&format!("  {line}")));
    }
    shown.faults.iter().for_each(|fault| complain(fault));
    Ok(Outcome::Done)
}

pub(super) fn remove(arguments: &Remove, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let (home, _) = arguments.shop.open(home)?;
    let name = &arguments.name;
    match home.remove(name).into_diagnostic()? {
        Some(component) => say(&format!("{name} {} came with the package, and is in force", component.version)),
        None => say(&format!(
            "{name} is not installed any more. A service that works with it goes on with it until it ends, and cannot begin again before another is installed or named under `[plugins]`"
        )),
    }
    Ok(Outcome::Done)
}

pub(super) fn roll_back(arguments: &Rollback, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let (home, _) = arguments.shop.open(home)?;
    let release = home.roll_back(&arguments.name, &arguments.why).into_diagnostic()?;
    say(&format!("{} {} is in force", arguments.name, release.label()));
    Ok(Outcome::Done)
}

/// The registry of a configuration, or the one that was named when the root was pinned.
fn remote(home: &Home, config: Option<&Config>) -> miette::Result<Remote> {
    let configured = config.map(keep::registry).transpose().into_diagnostic()?.flatten();
    let settings = match configured {
        Some(settings) => settings,
        None => {
            let pinned = home.pinned_place().into_diagnostic()?;
            let none = || Error::from(RemoteError::NotPinned { home: home.folder().to_owned() });
            RegistrySettings::at(pinned.ok_or_else(none).into_diagnostic()?.parse().into_diagnostic()?)
        }
    };
    Remote::new(home, &settings).into_diagnostic()
}

/// The one offer that is meant.
fn chosen<'o>(offers: &'o [Offer], name: &str, version: Option<&str>) -> miette::Result<&'o Offer> {
    let called = |offer: &&Offer| offer.component.name == name || offer.component.full_name() == name;
    let found: Vec<&Offer> = offers.iter().filter(called).collect();
    match found.as_slice() {
        [] => miette::bail!("the registry offers no `{name}`; it offers: {}", names(offers.iter())),
        [offer] if version.is_none_or(|version| offer.component.version == version) => Ok(offer),
        [offer] => miette::bail!(
            "the registry offers {} {}, and not {}",
            offer.component.full_name(),
            offer.component.version,
            version.unwrap_or_default()
        ),
        several => {
            miette::bail!("several publish a component `{name}`: say which, {}", names(several.iter().copied()))
        }
    }
}

fn names<'o>(offers: impl Iterator<Item = &'o Offer>) -> String {
    let names: Vec<String> = offers.map(|offer| offer.component.full_name()).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// What the engine makes of it: its world is the one that it is published for, and it can be made.
fn try_out(fetched: &Fetched) -> miette::Result<()> {
    let Fetched { component, wasm, .. } = fetched;
    let engine = Engine::new(EngineSettings::default()).into_diagnostic()?;
    let plugin = engine.load(&component.name, wasm).into_diagnostic()?;
    of_its_world(&plugin, component).into_diagnostic()
}

// === impl Shop ===

impl Shop {
    /// The home, and the configuration if one was named.
    fn open(&self, home: Option<PathBuf>) -> miette::Result<(Home, Option<Config>)> {
        let config = self.config.as_deref().map(Path::new).map(Config::read).transpose()?;
        let configured = config.as_ref().and_then(|config| config.plugins.home.clone());
        Ok((super::home(home.or(configured))?, config))
    }
}
