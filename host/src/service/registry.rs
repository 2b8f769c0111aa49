//! New versions at the registry, looked at by the process that keeps: fetched, verified, and made candidates, if all that they ask for is granted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_registry::{Fetched, Home, Listing, Offer, Release, Remote, admit};

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
        if !due || self.rollout.asking || !update.automatic || config.plugins.registry.is_none() {
            return;
        }
        self.rollout.asking = true;
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
        // From its end: one that takes long is not asked twice at a time.
        let every = Duration::from_secs(60 * u64::from(self.config.plugins.update.every_minutes.get()));
        (self.rollout.ask, self.rollout.asking) = (Some(Instant::now() + every), false);
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
    let Listing { offers, faults } = remote.listing().map_err(|e| chain(&e))?;
    faults.iter().for_each(|fault| tracing::warn!(%fault, "an offer of the registry cannot be used"));
    let mut waiting = Vec::new();
    // While something cannot be used, it is not known to be withdrawn.
    if faults.is_empty() {
        waiting = withdrawn(home, &offers, used).map_err(|e| chain(&e))?;
    }
    for offer in offers {
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

/// Lets go of candidates that their publishers do not offer any more; gives what is in force and is not offered any more in any version: somebody has to decide.
fn withdrawn(home: &Home, offers: &[Offer], used: &[String]) -> Result<Vec<Waiting>, sluis_registry::Error> {
    let standings = home.standings()?;
    let mut waiting = Vec::new();
    for (name, standing) in standings.into_iter().filter(|(name, _)| used.contains(name)) {
        if let Some(candidate) = standing.candidate.filter(|candidate| candidate.component.publisher.is_some())
            && !offers.iter().any(|offer| offer.release().digest() == candidate.digest())
            && home.let_go(&candidate)?
        {
            let version = candidate.component.version;
            tracing::warn!(component = name, version, "a candidate is not offered any more: it is not tried");
        }
        if let Some(current) = standing.current.filter(|current| current.component.publisher.is_some())
            && !offers.iter().any(|offer| offer.component.full_name() == current.component.full_name())
        {
            let why = format!(
                "it is in force, and its publisher offers it in no version any more: ask why, and take it back with `sluis plugin rollback {name}` if it does harm"
            );
            waiting.push(Waiting { name, version: current.component.version, why });
        }
    }
    Ok(waiting)
}

/// Whether an offer is newer than what is in force, and neither a candidate nor refused already.
fn is_new(home: &Home, offer: &Offer) -> Result<bool, sluis_registry::Error> {
    let release = offer.release();
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
