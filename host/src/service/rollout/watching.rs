//! Versions in force that are watched, and taken back when they do harm.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluis_registry::{Error, Release, Sha256};
use sluis_stage::World;

use super::{InHome, now, world_of};
use crate::events::Event;
use crate::pipeline::Station;
use crate::service::keep::{Keeper, write_down_components};
use crate::service::trial::{Count, Setback, WATCHED, watch};

/// A version in force that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Watched {
    /// Its component.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When it was put in force, in seconds since 1970, UTC.
    pub since: u64,
    release: Sha256,
    world: World,
    /// What it is held to: what was counted before it came.
    before: Count,
    /// What was counted of it in runs of the service that are over.
    carried: Count,
    /// What was counted in this run when it came.
    #[serde(skip)]
    base: Count,
    #[serde(default)]
    crashes: u32,
    /// Why it is to be taken back, when that could not be written down yet.
    #[serde(skip)]
    condemned: Option<Setback>,
}

/// All that are watched, one of each component, and what those are held to that come next.
#[derive(Debug, Default)]
pub(super) struct Watchlist {
    watched: Vec<Watched>,
    restored: BTreeMap<String, Restored>,
}

/// A version that is back after the one that came after it was taken back.
#[derive(Debug, Clone, Copy, Default)]
struct Restored {
    /// What was counted before the other came.
    before: Count,
    /// What was counted in this run of the service when it was back.
    base: Count,
}

/// How often the process that sees may end by itself while a version is tried, or soon after it was put in force: within so many seconds.
const CRASHES: u32 = 2;
const SOON: u64 = 3600;

impl Keeper {
    /// Watches a version that is put in force, from now on, and over a restart of the service.
    pub(super) fn begin_to_watch(&mut self, release: &Release, world: World) {
        let total = self.counted(world);
        self.rollout.watchlist.add(release, world, now(), total);
        self.count_findings_anew(world);
        self.rollout.written = None;
        self.write_status();
    }

    fn count_findings_anew(&mut self, changed: World) {
        let totals = World::ALL.map(|world| (world, self.counted(world)));
        let total = |world| totals.iter().find(|(of, _)| *of == world).map(|(_, total)| *total).unwrap_or_default();
        self.rollout.watchlist.count_findings_anew(changed, total);
    }

    /// What is watched, with all that was counted of it.
    pub(super) fn watched(&self) -> Vec<Watched> {
        let watched = self.rollout.watchlist.watched.iter();
        watched.map(|w| Watched { carried: w.counted(self.counted(w.world)), ..w.clone() }).collect()
    }

    /// Takes a version of a component back that was put in force.
    pub(super) fn take_back(&mut self, name: &str, release: Sha256, setback: Setback) {
        match self.home.take_back(name, release, &setback.to_string()) {
            // The process that sees is told when the home is looked at next.
            Ok(release) => {
                self.let_go(name);
                self.rollout.look_now();
                if let Some(component) = world_of(&release) {
                    self.count_findings_anew(component);
                    self.announce(&Event::RolledBack { component, setback });
                }
                write_down_components(&self.vault, &self.home);
            }
            Err(error) => {
                tracing::error!(
                    component = name,
                    error = &error as &dyn std::error::Error,
                    "a version does harm and could not be taken back"
                );
                match error {
                    // There is nothing to go back to, or somebody was quicker.
                    Error::NoVersion { .. } | Error::Packaged { .. } => self.let_go(name),
                    _ => self.rollout.watchlist.condemn(name, setback),
                }
            }
        }
    }

    /// Takes back what does harm, and lets go of what is in force no more, and of what has been watched for long enough.
    pub(super) fn watch_all(&mut self) {
        let (watched, home) = (&self.rollout.watchlist.watched, &self.rollout.home);
        let gone = watched.iter().filter(|w| !home.is_in_force(&w.name, w.release));
        let gone: Vec<String> = gone.map(|w| w.name.clone()).collect();
        gone.iter().for_each(|name| self.let_go(name));
        let harm = |watched: &Watched| {
            let judged = || watch(watched.world, &watched.before, &watched.counted(self.counted(watched.world)));
            let setback = watched.condemned.or_else(judged)?;
            Some((watched.name.clone(), watched.release, setback))
        };
        let harmful: Vec<_> = self.rollout.watchlist.watched.iter().filter_map(harm).collect();
        for (name, release, setback) in harmful {
            self.take_back(&name, release, setback);
        }
        self.rollout.watchlist.watched.retain(|watched| watched.age() < WATCHED.as_secs());
    }

    /// The process that sees got stuck at this station.
    pub(in crate::service) fn stuck_at(&mut self, station: Option<Station>) {
        let world = match station {
            Some(Station::Filter) => World::PrivacyFilter,
            Some(Station::Audit) => World::AnonymisationAudit,
            Some(Station::Gestures) => World::GestureDetector,
            Some(Station::Audience) => World::AudienceMeter,
            _ => return,
        };
        if self.rollout.trial.as_ref().is_some_and(|trial| trial.world == world) {
            self.rollout.blamed = true;
            return self.refuse(Setback::Crash);
        }
        let watched = self.rollout.watchlist.watched.iter().find(|watched| watched.world == world);
        if let Some((name, release)) = watched.map(|watched| (watched.name.clone(), watched.release)) {
            self.rollout.blamed = true;
            self.take_back(&name, release, Setback::Crash);
        }
    }

    /// The process that sees has ended by itself.
    pub(in crate::service) fn crashed(&mut self) {
        if std::mem::take(&mut self.rollout.blamed) {
            return;
        }
        if let Some(trial) = &mut self.rollout.trial {
            trial.crashes += 1;
            if trial.crashes >= CRASHES {
                self.refuse(Setback::Crash);
            }
        }
        let mut harmful = Vec::new();
        for watched in self.rollout.watchlist.watched.iter_mut().filter(|watched| watched.age() < SOON) {
            watched.crashes += 1;
            if watched.crashes >= CRASHES {
                harmful.push((watched.name.clone(), watched.release));
            }
        }
        for (name, release) in harmful {
            self.take_back(&name, release, Setback::Crash);
        }
    }

    /// What was counted of the components of a world since the service was started.
    pub(super) fn counted(&self, world: World) -> Count {
        Count::of(world, &self.tally().total())
    }

    /// Lets go of a version that does not stay in force.
    fn let_go(&mut self, name: &str) {
        let watched = self.rollout.watchlist.watched.iter().find(|watched| watched.name == name);
        if let Some(world) = watched.map(|watched| watched.world) {
            let total = self.counted(world);
            self.rollout.watchlist.let_go(name, total);
            self.rollout.written = None;
        }
    }
}

// === impl Watchlist ===

impl Watchlist {
    /// With what a run of the service before this one was watching, as far as it is in force.
    pub(super) fn resume(mut watched: Vec<Watched>, home: &InHome) -> Self {
        watched.retain(|watched| home.is_in_force(&watched.name, watched.release));
        Self { watched, ..Self::default() }
    }

    /// Watches a version from now on, in place of the one before it. `total`, here and below, is what was counted of its world in this run of the service.
    fn add(&mut self, release: &Release, world: World, since: u64, total: Count) {
        let (name, version) = (release.component.name.clone(), release.label());
        let before = self.before(&name, total);
        self.watched.retain(|watched| watched.name != name);
        let (release, carried, base, crashes) = (release.digest(), Count::default(), total, 0);
        let condemned = None;
        self.watched.push(Watched { name, version, since, release, world, before, carried, base, crashes, condemned });
    }

    /// Whether this release is watched.
    pub(super) fn is_watched(&self, name: &str, release: Sha256) -> bool {
        self.watched.iter().any(|watched| watched.name == name && watched.release == release)
    }

    /// Has a version taken back as soon as that can be written down.
    fn condemn(&mut self, name: &str, setback: Setback) {
        if let Some(watched) = self.watched.iter_mut().find(|watched| watched.name == name) {
            watched.condemned = Some(setback);
        }
    }

    /// Another auditor finds other things under the same filter, and another filter leaves other things to find: what was counted of the findings before does not judge
    /// those who stay.
    fn count_findings_anew(&mut self, changed: World, total: impl Fn(World) -> Count) {
        let other = match changed {
            World::PrivacyFilter => World::AnonymisationAudit,
            World::AnonymisationAudit => World::PrivacyFilter,
            World::GestureDetector | World::AudienceMeter => return,
        };
        for watched in self.watched.iter_mut().filter(|watched| watched.world == other) {
            (watched.before, watched.carried) = (Count::default(), Count::default());
            watched.base = total(other);
        }
    }

    /// What a version is held to that comes now: what was counted since the one before it came, or since the service was started; with what was counted before, when that is little. Of a
    /// version that was taken back nothing counts.
    fn before(&self, name: &str, total: Count) -> Count {
        match self.watched.iter().find(|watched| watched.name == name) {
            Some(watched) => {
                let since = watched.counted(total);
                if since.is_enough() { since } else { since.plus(watched.before) }
            }
            None => {
                let Restored { before, base } = self.restored.get(name).copied().unwrap_or_default();
                before.plus(total.since(base))
            }
        }
    }

    /// Lets go of a version that does not stay in force.
    fn let_go(&mut self, name: &str, total: Count) {
        if let Some(at) = self.watched.iter().position(|watched| watched.name == name) {
            let Watched { name, before, .. } = self.watched.remove(at);
            self.restored.insert(name, Restored { before, base: total });
        }
    }

    /// A version of a component is at work. Until then a harmful one may have been.
    pub(super) fn is_at_work(&mut self, name: &str, total: Count) {
        let comes_back = self.watched.iter().all(|watched| watched.name != name);
        if let Some(restored) = self.restored.get_mut(name).filter(|_| comes_back) {
            restored.base = total;
        }
    }
}

// === impl Watched ===

impl Watched {
    /// What was counted since it was put in force, when so much was counted in this run of the service.
    fn counted(&self, total: Count) -> Count {
        self.carried.plus(total.since(self.base))
    }

    /// For how long it has been in force, in seconds.
    fn age(&self) -> u64 {
        now().saturating_sub(self.since)
    }
}

#[cfg(test)]
mod tests {
    use sluis_registry::{Component, Manifest};

    use super::*;

    const WORLD: World = World::PrivacyFilter;

    fn count(frames: u64, failures: u64, findings: u64) -> Count {
        Count { frames, failures, findings }
    }

    fn release(version: &str) -> Release {
        let component = Manifest::shipped().components[0].clone();
        Release { component: Component { version: version.to_owned(), ..component }, models: Vec::new() }
    }

    #[test]
    fn a_version_is_held_to_the_one_before_it_and_to_more_when_that_is_little() {
        let (mut list, name) = (Watchlist::default(), release("0.2.0").component.name);
        list.add(&release("0.2.0"), WORLD, 0, count(5_000, 1, 50));
        assert_eq!(list.before(&name, count(5_500, 1, 51)), count(5_500, 1, 51), "500 frames are little");
        assert_eq!(list.before(&name, count(7_000, 3, 55)), count(2_000, 2, 5));
    }

    #[test]
    fn nothing_counts_of_a_version_that_was_taken_back() {
        let (mut list, name) = (Watchlist::default(), release("0.2.0").component.name);
        list.add(&release("0.2.0"), WORLD, 0, count(10_000, 0, 100));
        list.let_go(&name, count(10_300, 300, 250));
        // It is at work for some seconds yet.
        list.is_at_work(&name, count(10_350, 350, 300));
        assert_eq!(list.before(&name, count(11_350, 351, 310)), count(11_000, 1, 110));
        // Another one that does harm.
        list.add(&release("0.3.0"), WORLD, 0, count(11_350, 351, 310));
        list.is_at_work(&name, count(11_351, 351, 310));
        list.let_go(&name, count(11_400, 400, 310));
        list.is_at_work(&name, count(11_400, 400, 310));
        assert_eq!(list.before(&name, count(12_400, 401, 320)), count(12_000, 2, 120));
    }
}
