//! New versions at the registry, looked at by the process that keeps: fetched, verified, and made candidates, if all that they ask for is granted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_registry::{Fetched, Home, Offer, Release, Remote, admit};

use super::keep::{Keeper, News};
use super::rollout::Waiting;
use crate::config::Config;
use crate::events::Event;

/// What came of looking at the registry.
#[derive(Debug)]
pub(super) struct Asked {
    waiting: Vec<Waiting>,
    /// Why it could not be used.
    failed: Option<String>,
}

impl Keeper {
    /// Looks at the registry, when it is time for it.
    pub(super) fn ask_registry(&mut self) {
        let config = Arc::clone(&self.config);
        let update = config.plugins.update;
        let due = self.rollout.ask.is_none_or(|at| at <= Instant::now());
        if !due || !update.automatic || config.plugins.registry.is_none() {
            return;
        }
        let every = Duration::from_secs(60 * u64::from(update.every_minutes.get()));
        self.rollout.ask = Some(Instant::now() + every);
        let (home, news, used) = (self.home.clone(), self.news.clone(), self.used());
        std::thread::spawn(move || {
            let asked = match ask(&home, &config, &used) {
                Ok(waiting) => Asked { waiting, failed: None },
                Err(why) => Asked { waiting: Vec::new(), failed: Some(why) },
            };
            let _ = news.blocking_send(News::Asked(Box::new(asked)));
        });
    }

    /// The registry was looked at.
    pub(super) fn asked(&mut self, asked: Asked) {
        let Asked { waiting, failed } = asked;
        if let Some(why) = failed {
            tracing::warn!(why, "the registry of components cannot be used");
            return self.tell(&Event::RegistryFailed);
        }
        if waiting != self.rollout.waiting && !waiting.is_empty() {
            self.tell(&Event::UpdatesWait { versions: waiting.len() as u32 });
        }
        self.rollout.waiting = waiting;
        // What was proposed is tried at once.
        self.rollout.look_now();
    }
}

/// Proposes what is newer than what is in force of the components `used`; gives what waits for somebody.
fn ask(home: &Home, config: &Config, used: &[String]) -> Result<Vec<Waiting>, String> {
    let chain = |error: &dyn std::error::Error| super::eye::chain(error);
    let Some(settings) = crate::keep::registry(config).map_err(|e| chain(&e))? else { return Ok(Vec::new()) };
    let remote = Remote::new(home, &settings).map_err(|e| chain(&e))?;
    let mut waiting = Vec::new();
    for offer in remote.offers().map_err(|e| chain(&e))? {
        let name = offer.component.name.clone();
        if !used.contains(&name) || !is_new(home, &offer).map_err(|e| chain(&e))? {
            continue;
        }
        let plugins = &config.plugins;
        let (filter, audit) = (&plugins.filter, &plugins.audit);
        let taken = admit(home, &offer.component, plugins.grant(&name).as_ref(), filter, audit)
            .and_then(|()| take(home, &remote, &offer));
        if let Err(error) = taken {
            waiting.push(Waiting { name, version: offer.component.version, why: chain(&error) });
        }
    }
    Ok(waiting)
}

/// Whether an offer is newer than what is in force, and neither a candidate nor refused already.
fn is_new(home: &Home, offer: &Offer) -> Result<bool, sluis_registry::Error> {
    let (component, models) = (offer.component.clone(), offer.models.clone());
    let release = Release { component, models };
    let Some(component) = home.manifest()?.component(&release.component.name).cloned() else { return Ok(false) };
    let in_force = home.release(&component)?;
    let standing = home.standing(&component.name)?;
    let known = standing.candidate.as_ref().is_some_and(|candidate| candidate.digest() == release.digest())
        || standing.refused.iter().any(|refusal| refusal.release == release.digest());
    Ok(!known && release.digest() != in_force.digest() && !in_force.is_newer_than(&release))
}

fn take(home: &Home, remote: &Remote, offer: &Offer) -> Result<(), sluis_registry::Error> {
    let Fetched { component, wasm, models } = remote.fetch(offer)?;
    let release = Release { component, models: models.iter().map(|(model, _)| model.clone()).collect() };
    let bytes: Vec<(&str, &[u8])> = models.iter().map(|(m, bytes)| (m.name.as_str(), bytes.as_slice())).collect();
    home.propose(&release, &wasm, &bytes)
}
