//! `sluis check`: does the configuration hold, and is everything there?

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use miette::IntoDiagnostic;
use sluis_componentize::Toolchain;
use sluis_frame::SystemClock;
use sluis_registry::independent_publishers;
use sluis_stage::World;

use super::{Outcome, say};
use crate::assembly::Choice;
use crate::cameras;
use crate::config::Config;
use crate::notice::{self, State};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A configuration to check as well.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let mut complete = true;
    let mut line = |name: &str, state: Result<String, String>, needed: bool| {
        complete &= state.is_ok() || !needed;
        let (mark, text) = match state {
            Ok(text) => ("ok", text),
            Err(text) if needed => ("missing", text),
            Err(text) => ("without", text),
        };
        say(&format!("{name:14} {mark:8} {text}"));
    };
    let config = arguments.config.as_deref().map(Config::read).transpose()?;
    if let (Some(path), Some(config)) = (&arguments.config, &config) {
        line("configuration", Ok(format!("{}: {} cameras", path.display(), config.cameras.len())), true);
        for camera in &config.cameras {
            let opened = cameras::open_here(config, camera, Arc::new(SystemClock)).map_err(|e| e.to_string());
            let state = opened.and_then(|driver| {
                let description = driver.description();
                config.check_zones(camera, description.size).map_err(|e| e.to_string())?;
                Ok(format!("{}, {}, {} zones", description.size, description.rate, camera.zones.len()))
            });
            line(camera.id().as_str(), state, true);
        }
        let state = match notice::state(config) {
            Ok(State::NotNeeded) => Err("none, and no camera films for real".to_owned()),
            Ok(State::Published(version)) => Ok(format!("version {} is in force", version.number)),
            Ok(State::NotPublished { current }) => {
                let instead =
                    current.map(|number| format!("; version {number} says something else")).unwrap_or_default();
                Err(format!("not published{instead}: nothing is recorded until `sluis notice publish`"))
            }
            Err(error) => Err(error.to_string()),
        };
        line("notice", state, config.notice.is_some());
    }
    let home = super::home(home.or_else(|| config.as_ref()?.plugins.home.clone()))?;
    line("home", Ok(home.folder().display().to_string()), true);
    let choice = config.as_ref().map(Choice::of).unwrap_or_default();
    let component = |world: World, name: Option<&str>| {
        let component = home.component(world.name(), name)?;
        home.read_release(&home.release(&component)?)?;
        Ok::<_, sluis_registry::Error>(component)
    };
    let filter = component(World::PrivacyFilter, choice.filter.as_deref());
    let audit = component(World::AnonymisationAudit, choice.audit.as_deref());
    let alone = match (&filter, &audit) {
        (Ok(filter), Ok(audit)) => independent_publishers(filter, audit).err(),
        _ => None,
    };
    // Those that are not chosen are not needed.
    let gestures = choice.gestures.as_deref().map(|name| component(World::GestureDetector, Some(name)));
    let audience = choice.audience.as_deref().map(|name| component(World::AudienceMeter, Some(name)));
    let all = [(World::PrivacyFilter, Some(filter)), (World::AnonymisationAudit, Some(audit))];
    for (world, found) in all.into_iter().chain([(World::GestureDetector, gestures), (World::AudienceMeter, audience)])
    {
        let Some(found) = found else { continue };
        let found = found.map(|component| {
            let detector = component.detector(|model| home.has_model(model)).map_or("none", |d| &d.family);
            format!("{} {}, detector {detector}", component.name, component.version)
        });
        line(world.name(), found.map_err(|e| e.to_string()), true);
    }
    if let Some(error) = alone {
        line("publishers", Err(error.to_string()), true);
    }
    let manifest = home.manifest().into_diagnostic()?;
    for name in config.iter().flat_map(|config| config.plugins.grants.keys()) {
        if manifest.component(name).is_none() {
            line("grant", Err(format!("`[plugins.grants.{name}]` is for a component that is not installed")), false);
        }
    }
    for model in manifest.models {
        let state = if home.has_model(&model.name) {
            home.read_model(&model).map(|_| "installed".to_owned()).map_err(|e| e.to_string())
        } else {
            Err(format!("not installed: `sluis model add {} --from FILE` ({})", model.name, model.origin))
        };
        line(&model.name, state, false);
    }
    let toolchain = Toolchain::find().map(|t| t.to_string()).map_err(|e| e.to_string());
    line("toolchain", toolchain, false);
    Ok(if complete { Outcome::Done } else { Outcome::NotAsItShouldBe })
}
