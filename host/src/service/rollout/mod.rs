//! Updates of components while cameras run, in the process that keeps.
//!
//! A candidate of the home is compiled by a process of its own, handed to the process that sees, and tried there beside the version in force, on one camera at a time. What was seen of
//! it comes back every second and is judged here ([`super::trial`]). A version that is no worse is put in force between two frames, and watched; one that does
//! harm there is taken back. One candidate is tried at a time. Whatever is decided is in the home before it is done: whenever this process or the other ends, the next begins with it.
//!
//! - `watching`: [`Watched`], versions in force. `status`: [`Status`], how all of it stands, for people who look.

mod status;
mod watching;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use sluis_frame::{Clock, SystemClock};
use sluis_registry::{Home, Release, Sha256, Stamp, Standing, may_be_in_force};
use sluis_stage::{CodeCache, Digest, World};

use super::control::ToEye;
use super::eye::NotPacked;
use super::keep::{Keeper, News, write_down_components};
use super::trial::{Setback, Verdict, judge};
use crate::events::Event;
use crate::pipeline::Trial;

pub use status::{Status, TrialStatus, Waiting};
pub use watching::Watched;
use watching::Watchlist;

/// Everything about updates that the process that keeps remembers.
#[derive(Debug, Default)]
pub(super) struct Rollout {
    home: InHome,
    trial: Option<OnTrial>,
    watchlist: Watchlist,
    /// Versions that wait for somebody, as the registry was last asked.
    pub(super) waiting: Vec<Waiting>,
    /// What the process that sees works with, by the names of components.
    at_work: BTreeMap<String, Sha256>,
    /// What is being compiled and packed.
    packing: HashSet<Sha256>,
    /// When those are tried again that could not be packed.
    resting: HashMap<Sha256, Instant>,
    /// Those that took too long to compile, once.
    slow: HashSet<Sha256>,
    /// Whether the process that sees was ended for something that a version was blamed for.
    blamed: bool,
    /// What is being put in its place.
    putting: Option<Putting>,
    looked: Option<Instant>,
    written: Option<(Instant, Status)>,
    /// When the registry is to be asked again.
    pub(super) ask: Option<Instant>,
    /// Whether it is being asked.
    pub(super) asking: bool,
}

/// What the home has, as it was last read.
#[derive(Debug, Default)]
struct InHome {
    stamp: Option<Stamp>,
    standings: BTreeMap<String, Standing>,
    in_force: BTreeMap<String, Release>,
    /// Components that had a standing at some time in this run of the service: when another release of one is in force, it is put in. Others are loaded at the next start.
    updated: BTreeSet<String>,
}

/// A candidate on trial.
#[derive(Debug)]
struct OnTrial {
    release: Release,
    world: World,
    bundle: File,
    since: u64,
    seen: Trial,
    /// How often the process that sees has ended meanwhile.
    crashes: u32,
    /// Whether the process that sees has it.
    sent: bool,
}

#[derive(Debug)]
struct Putting {
    name: String,
    release: Sha256,
    begun: Instant,
}

/// What was packed, and what for.
#[derive(Debug)]
pub(super) struct Packed {
    name: String,
    release: Release,
    bundle: Result<File, NotPacked>,
}

/// How often the home is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How long putting a version in its place may take: the chambers of all cameras are made.
const PUTTING: Duration = Duration::from_secs(300);

/// When that is tried again for which the machine had no room or time.
const AGAIN: Duration = Duration::from_secs(60);

impl Keeper {
    /// Looks whether there is something to try, to put in force or to take back.
    pub(super) fn roll(&mut self) {
        let recently = self.rollout.looked.is_some_and(|at| at.elapsed() < LOOK);
        if recently || self.is_stopping() || !self.eye.as_ref().is_some_and(|eye| eye.going && !eye.ending) {
            return;
        }
        self.rollout.looked = Some(Instant::now());
        if let Err(error) = self.rollout.home.refresh(&self.home) {
            tracing::error!(error = &error as &dyn std::error::Error, "it cannot be read which updates there are");
            // What does harm is found out all the same.
            return self.watch_all();
        }
        self.ask_registry();
        self.end_stale_trial();
        if self.rollout.putting.as_ref().is_some_and(|putting| putting.begun.elapsed() > PUTTING) {
            // What runs there is not known any more: the next one begins with what is in force.
            self.rollout.putting = None;
            if let Some(eye) = &mut self.eye {
                eye.kill();
            }
            return;
        }
        if self.rollout.putting.is_none()
            && let Some((name, release)) = self.next_to_pack()
        {
            self.pack(name, release);
        }
        self.send_trial();
        self.watch_all();
        self.write_status();
    }

    /// What is in force and not at work, whatever else is being packed; else a candidate.
    fn next_to_pack(&self) -> Option<(String, Release)> {
        let Rollout { home, trial, at_work, packing, resting, .. } = &self.rollout;
        let used = self.used();
        let is_free = |release: &Release| {
            let digest = release.digest();
            !packing.contains(&digest) && resting.get(&digest).is_none_or(|until| *until <= Instant::now())
        };
        let stale = used.iter().filter(|name| home.updated.contains(*name)).find_map(|name| {
            let (at_work, release) = (at_work.get(name)?, home.in_force.get(name)?);
            (*at_work != release.digest() && is_free(release)).then_some((name, release))
        });
        let candidate = || {
            let candidate = |name| home.standings.get(name)?.candidate.as_ref().filter(|release| is_free(release));
            used.iter().find_map(|name| Some((name, candidate(name)?)))
        };
        let is_idle = trial.is_none() && packing.is_empty();
        let (name, release) = stale.or_else(|| candidate().filter(|_| is_idle))?;
        Some((name.clone(), release.clone()))
    }

    /// The components that the configuration names.
    pub(super) fn used(&self) -> Vec<String> {
        let plugins = &self.config.plugins;
        let audience = self.config.audience.as_ref().map(|_| plugins.audience().to_owned());
        let [filter, audit] = [&plugins.filter, &plugins.audit].map(Clone::clone);
        [filter, audit].into_iter().chain(plugins.gestures.clone()).chain(audience).collect()
    }

    /// What is in force of a component, as the home has it.
    fn in_force(&self, name: &str) -> Option<Release> {
        self.home.in_force().ok()?.remove(name)
    }

    /// A process that sees has loaded what is in force.
    pub(super) fn note_at_work(&mut self, loaded: Vec<(String, Sha256)>) {
        self.rollout.at_work = loaded.into_iter().collect();
        (self.rollout.putting, self.rollout.blamed) = (None, false);
        if let Some(trial) = &mut self.rollout.trial {
            trial.sent = false;
        }
    }

    /// Takes up what a run of the service before this one was watching.
    pub(super) fn resume_rollout(&mut self) {
        // A home that cannot be read shows when it is looked at.
        let _ = self.rollout.home.refresh(&self.home);
        let watched = Status::read(&self.home).map(|status| status.watched).unwrap_or_default();
        self.rollout.watchlist = Watchlist::resume(watched, &self.rollout.home);
        tidy_code(&self.home);
    }

    /// Has a release compiled and packed, by a process of its own.
    fn pack(&mut self, name: String, release: Release) {
        self.rollout.packing.insert(release.digest());
        let (program, home, news) = (self.program.clone(), self.home.clone(), self.news.clone());
        let folder = self.config.vault.dir.clone();
        std::thread::spawn(move || {
            let bundle = program.pack(&home, &release, &folder);
            let _ = news.blocking_send(News::Packed(Box::new(Packed { name, release, bundle })));
        });
    }

    /// A release is packed, or was refused when it was compiled.
    pub(super) fn packed(&mut self, packed: Packed) {
        let Packed { name, release, bundle } = packed;
        let digest = release.digest();
        self.rollout.packing.remove(&digest);
        let Some(world) = world_of(&release) else { return };
        let is_candidate = self.home.standing(&name).is_ok_and(|s| s.candidate.as_ref() == Some(&release));
        match bundle {
            Ok(bundle) if is_candidate => {
                let since = now();
                let (seen, crashes) = (Trial::default(), 0);
                self.rollout.trial = Some(OnTrial { release, world, bundle, since, seen, crashes, sent: false });
                self.send_trial();
            }
            Ok(bundle) if self.in_force(&name).as_ref() == Some(&release) => self.put_in(name, &release, &bundle),
            // Meanwhile it was withdrawn.
            Ok(_) => {}
            Err(NotPacked::Refused(why)) if is_candidate => {
                tracing::error!(component = name, why, "a new version is refused");
                self.decline(&release, world, Setback::Load, &why);
            }
            Err(NotPacked::TooSlow(why)) if is_candidate && !self.rollout.slow.insert(digest) => {
                tracing::error!(component = name, why, "a new version is refused: it was so twice");
                self.decline(&release, world, Setback::Load, &why);
            }
            Err(NotPacked::Refused(why) | NotPacked::TooSlow(why) | NotPacked::NotNow(why)) => {
                tracing::error!(component = name, why, "a version cannot be loaded now; it is tried again");
                self.rollout.resting.retain(|_, until| *until > Instant::now());
                self.rollout.resting.insert(digest, Instant::now() + AGAIN);
            }
        }
    }

    /// Hands the candidate to the process that sees, if it does not have it.
    fn send_trial(&mut self) {
        if self.rollout.putting.is_some() {
            return;
        }
        let share = self.config.plugins.update.share_percent.get();
        let Some(trial) = self.rollout.trial.as_mut().filter(|trial| !trial.sent) else { return };
        let Some(eye) = self.eye.as_mut().filter(|eye| eye.going && !eye.ending) else { return };
        let Ok(file) = trial.bundle.try_clone() else { return };
        (trial.sent, trial.seen) = (true, Trial::default());
        let release = trial.release.digest();
        eye.say(&ToEye::Try { release, share_percent: share }, Some(&OwnedFd::from(file)));
        let (component, version) = (trial.world, trial.release.component.version.clone());
        tracing::info!(component = trial.release.component.name, version, "a new version is tried");
        self.announce(&Event::TrialBegan { component });
    }

    /// Ends a trial whose candidate is none any more.
    fn end_stale_trial(&mut self) {
        let (used, standings) = (self.used(), &self.rollout.home.standings);
        let stale = self.rollout.trial.take_if(|trial| {
            let name = &trial.release.component.name;
            let candidate = standings.get(name).and_then(|standing| standing.candidate.as_ref());
            candidate != Some(&trial.release) || !used.contains(name)
        });
        if stale.is_some() {
            self.say_to_eye(&ToEye::EndTrial);
        }
    }

    /// What has been seen of the candidate so far.
    pub(super) fn tried(&mut self, release: Sha256, seen: Trial) {
        let people = u64::from(self.config.plugins.update.people_frames.get());
        let is_it = |trial: &&mut OnTrial| trial.sent && trial.release.digest() == release;
        let Some(trial) = self.rollout.trial.as_mut().filter(is_it) else { return };
        trial.seen = seen;
        match judge(trial.world, &seen, people) {
            Verdict::Wait => {}
            Verdict::Refuse(setback) => self.refuse(setback),
            Verdict::Promote => self.promote(),
        }
    }

    /// The candidate is refused.
    pub(super) fn refuse(&mut self, setback: Setback) {
        let Some(trial) = self.rollout.trial.take() else { return };
        self.say_to_eye(&ToEye::EndTrial);
        self.decline(&trial.release, trial.world, setback, &setback.to_string());
    }

    fn decline(&mut self, release: &Release, component: World, setback: Setback, why: &str) {
        if let Err(error) = self.home.refuse(release, why) {
            tracing::error!(
                component = release.component.name,
                error = &error as &dyn std::error::Error,
                "it could not be written down that a version is refused"
            );
        }
        self.announce(&Event::CandidateRefused { component, setback });
    }

    /// The candidate is put in force.
    fn promote(&mut self) {
        let Some(trial) = self.rollout.trial.take() else { return };
        let OnTrial { release, world, bundle, .. } = trial;
        let name = release.component.name.clone();
        // A grant may have been taken back since it came, or another version put in force beside it.
        let plugins = &self.config.plugins;
        let grant = plugins.grant(&name);
        let allowed = may_be_in_force(&self.home, &release.component, grant.as_ref(), &plugins.filter, &plugins.audit);
        if let Err(error) = allowed {
            tracing::error!(
                component = name,
                error = &error as &dyn std::error::Error,
                "a new version is no worse, and may not be put in force any more: it is no candidate from now on"
            );
            if let Err(error) = self.home.let_go(&release) {
                tracing::error!(
                    component = name,
                    error = &error as &dyn std::error::Error,
                    "it could not be written down"
                );
            }
            return self.say_to_eye(&ToEye::EndTrial);
        }
        if let Err(error) = self.home.promote(&release) {
            tracing::error!(
                component = name,
                error = &error as &dyn std::error::Error,
                "a new version is no worse, and could not be put in force; it is tried again later"
            );
            self.say_to_eye(&ToEye::EndTrial);
            return;
        }
        self.begin_to_watch(&release, world);
        self.put_in(name, &release, &bundle);
        write_down_components(&self.vault, &self.home);
    }

    /// Has a release put in the place of the one that the process that sees works with.
    fn put_in(&mut self, name: String, release: &Release, bundle: &File) {
        let Ok(file) = bundle.try_clone() else { return };
        // What is tried was held to another version: it begins anew, beside this one.
        let beside = |trial: &&mut OnTrial| trial.sent && trial.release.component.name == name;
        if let Some(trial) = self.rollout.trial.as_mut().filter(beside) {
            trial.sent = false;
            self.say_to_eye(&ToEye::EndTrial);
        }
        let (release, begun) = (release.digest(), Instant::now());
        self.rollout.putting = Some(Putting { name, release, begun });
        if let Some(eye) = &mut self.eye {
            eye.say(&ToEye::PutIn { release }, Some(&OwnedFd::from(file)));
        }
    }

    /// The process that sees works with it.
    pub(super) fn is_put_in(&mut self, release: Sha256, component: World) {
        let putting = self.rollout.putting.take_if(|putting| putting.release == release);
        let Some(Putting { name, release, begun }) = putting else { return };
        let total = self.counted(component);
        self.rollout.watchlist.is_at_work(&name, total);
        self.rollout.at_work.insert(name, release);
        tidy_code(&self.home);
        self.tell(&Event::ComponentChanged { component, ms: begun.elapsed().as_millis() as u64 });
    }

    /// The process that sees cannot do what it was handed a component for.
    pub(super) fn cannot(&mut self, release: Sha256, setback: Setback) {
        let Some(Putting { name, release, .. }) = self.rollout.putting.take_if(|putting| putting.release == release)
        else {
            if self.rollout.trial.as_ref().is_some_and(|trial| trial.release.digest() == release) {
                self.refuse(setback);
            }
            return;
        };
        // It works on with what it had.
        if self.rollout.watchlist.is_watched(&name, release) {
            return self.take_back(&name, release, setback);
        }
        // What was gone back to cannot always take the other's place while cameras run: it may need a stricter mode. The next process begins with it.
        tracing::warn!(component = name, why = %setback, "cameras are closed for a moment: what is in force can only be begun with");
        if let Some(eye) = &mut self.eye {
            eye.ask_to_end();
        }
    }

    fn say_to_eye(&mut self, message: &ToEye) {
        if let Some(eye) = &mut self.eye {
            eye.say(message, None);
        }
    }
}

// === impl Rollout ===

impl Rollout {
    /// Has the home looked at the next time there is time for it.
    pub(super) const fn look_now(&mut self) {
        self.looked = None;
    }
}

// === impl InHome ===

impl InHome {
    /// Reads it again, if it has changed.
    fn refresh(&mut self, home: &Home) -> Result<(), sluis_registry::Error> {
        let stamp = home.stamp();
        if self.stamp != Some(stamp) {
            (self.standings, self.in_force) = (home.standings()?, home.in_force()?);
            self.updated.extend(self.standings.keys().cloned());
            self.stamp = Some(stamp);
        }
        Ok(())
    }

    /// Whether this release of a component is in force.
    fn is_in_force(&self, name: &str, release: Sha256) -> bool {
        self.in_force.get(name).is_some_and(|now| now.digest() == release)
    }
}

/// Removes compiled code that is not needed any more. While the home cannot be read, that is not known.
fn tidy_code(home: &Home) {
    if let Ok(loadable) = home.loadable() {
        let used = |component: Digest| loadable.iter().any(|sha256| sha256.as_bytes() == component.as_bytes());
        CodeCache::tidy(&home.code_folder(), used);
    }
}

fn world_of(release: &Release) -> Option<World> {
    World::ALL.into_iter().find(|world| world.name() == release.component.world)
}

/// Seconds since 1970, UTC.
fn now() -> u64 {
    u64::try_from(SystemClock.now().as_secs()).unwrap_or_default()
}
