//! Updates of components while cameras run, in the process that keeps.
//!
//! A candidate of the home is compiled by a process of its own, handed to the process that sees, and tried there beside the version in force, on one camera. What was seen of
//! it comes back every second and is judged here ([`super::trial`]). A version that is no worse is put in force between two frames, and watched; one that does
//! harm there is taken back. One candidate is tried at a time. Whatever is decided is in the home before it is done: whenever this process or the other ends, the next begins with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_frame::{Clock, SystemClock};
use sluis_registry::{Home, Release, Sha256, Standing};
use sluis_stage::World;

use super::control::ToEye;
use super::eye::NotPacked;
use super::keep::{Keeper, News, write_down_components};
use super::trial::{Count, Setback, Verdict, WATCHED, judge, watch};
use crate::events::Event;
use crate::pipeline::{Station, Trial};

/// Everything about updates that the process that keeps remembers.
#[derive(Debug, Default)]
pub(super) struct Rollout {
    trial: Option<OnTrial>,
    watched: Vec<Watched>,
    /// Versions that wait for somebody, as the registry was last asked.
    pub(super) waiting: Vec<Waiting>,
    /// What the process that sees works with, by the names of components.
    at_work: BTreeMap<String, Sha256>,
    /// What is being compiled and packed, if something is.
    packing: Option<Sha256>,
    /// When that is tried again that could not be packed.
    again: Option<Instant>,
    /// Whether the process that sees was ended for something that a version was blamed for.
    blamed: bool,
    /// What is being put in its place.
    putting: Option<Putting>,
    looked: Option<Instant>,
    written: Option<(Instant, Status)>,
    /// When the registry is to be asked again.
    pub(super) ask: Option<Instant>,
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
    /// What was counted before it came.
    before: Count,
    /// What was counted of it in runs of the service that are over.
    carried: Count,
    /// What was counted in this run when it came.
    #[serde(skip)]
    base: Count,
    #[serde(default)]
    crashes: u32,
}

/// A version that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waiting {
    /// Its component.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it waits for.
    pub why: String,
}

/// How updates stand, as the service has last written it down: `rollout.json` in the home's folder of updates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Status {
    /// The candidate that is tried.
    pub trial: Option<TrialStatus>,
    /// Versions in force that are watched.
    pub watched: Vec<Watched>,
    /// Versions that wait for somebody.
    pub waiting: Vec<Waiting>,
}

/// How a trial stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrialStatus {
    /// Which component.
    pub name: String,
    /// Which version.
    pub version: String,
    /// Since when, in seconds since 1970, UTC.
    pub since: u64,
    /// Frames with people that are wanted.
    pub people_wanted: u64,
    /// What was seen so far.
    pub seen: Trial,
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

/// How often it is written down how things stand, when nothing but numbers has changed.
const WRITE: Duration = Duration::from_secs(10);

/// How long putting a version in its place may take: the chambers of all cameras are made.
const PUTTING: Duration = Duration::from_secs(300);

/// When that is tried again for which the machine had no room or time.
const AGAIN: Duration = Duration::from_secs(60);

/// How often the process that sees may end by itself while a version is tried, or soon after it was put in force.
const CRASHES: u32 = 2;
const SOON: u64 = 3600;

impl Keeper {
    /// Looks whether there is something to try, to put in force or to take back.
    pub(super) fn roll(&mut self) {
        let recently = self.rollout.looked.is_some_and(|at| at.elapsed() < LOOK);
        if recently || self.is_stopping() || !self.eye.as_ref().is_some_and(|eye| eye.going && !eye.ending) {
            return;
        }
        self.rollout.looked = Some(Instant::now());
        let standings = match self.home.standings() {
            Ok(standings) => standings,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "it cannot be read which updates there are");
                return;
            }
        };
        self.ask_registry();
        self.end_stale_trial(&standings);
        if self.rollout.putting.as_ref().is_some_and(|putting| putting.begun.elapsed() > PUTTING) {
            // What runs there is not known any more: the next one begins with what is in force.
            self.rollout.putting = None;
            if let Some(eye) = &mut self.eye {
                eye.kill();
            }
            return;
        }
        let rests = self.rollout.again.is_some_and(|at| at > Instant::now());
        if self.rollout.packing.is_none() && self.rollout.putting.is_none() && !rests {
            let used = self.used();
            let stands = |name: &String| standings.get(name).filter(|s| **s != Standing::default());
            let stale = used.iter().filter(|name| stands(name).is_some()).find_map(|name| {
                let release = self.in_force(name)?;
                (*self.rollout.at_work.get(name)? != release.digest()).then(|| (name.clone(), release))
            });
            let candidate = || {
                let mut candidates =
                    used.iter().filter_map(|name| Some((name.clone(), stands(name)?.candidate.clone()?)));
                candidates.next().filter(|_| self.rollout.trial.is_none())
            };
            if let Some((name, release)) = stale.or_else(candidate) {
                self.pack(name, release);
            }
        }
        self.send_trial();
        self.watch_all();
        self.write_status();
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
        let component = self.home.manifest().ok()?.component(name).cloned()?;
        self.home.release(&component).ok()
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
        let watched = Status::read(&self.home).map(|status| status.watched).unwrap_or_default();
        let is_in_force = |watched: &Watched| {
            let release = self.in_force(&watched.name);
            release.is_some_and(|release| release.digest() == watched.release)
        };
        self.rollout.watched = watched.into_iter().filter(is_in_force).collect();
    }

    /// Has a release compiled and packed, by a process of its own.
    fn pack(&mut self, name: String, release: Release) {
        self.rollout.packing = Some(release.digest());
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
        self.rollout.packing = None;
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
                self.decline(&name, world, Setback::Load, &why);
            }
            Err(NotPacked::Refused(why) | NotPacked::NotNow(why)) => {
                tracing::error!(component = name, why, "a version cannot be loaded now; it is tried again");
                self.rollout.again = Some(Instant::now() + AGAIN);
            }
        }
    }

    /// Hands the candidate to the process that sees, if it does not have it.
    fn send_trial(&mut self) {
        let share = self.config.plugins.update.share_percent.get();
        let Some(trial) = self.rollout.trial.as_mut().filter(|trial| !trial.sent) else { return };
        let Some(eye) = self.eye.as_mut().filter(|eye| eye.going && !eye.ending) else { return };
        let Ok(file) = trial.bundle.try_clone() else { return };
        (trial.sent, trial.seen) = (true, Trial::default());
        let release = trial.release.digest();
        eye.say(&ToEye::Try { release, share_percent: share }, Some(&OwnedFd::from(file)));
        let (component, version) = (trial.world, trial.release.component.version.clone());
        tracing::info!(component = trial.release.component.name, version, "a new version is tried");
        self.rollout.written = None;
        self.tell(&Event::TrialBegan { component });
    }

    /// Ends a trial whose candidate is none any more.
    fn end_stale_trial(&mut self, standings: &BTreeMap<String, Standing>) {
        let used = self.used();
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
        self.decline(&trial.release.component.name, trial.world, setback, &setback.to_string());
    }

    fn decline(&mut self, name: &str, component: World, setback: Setback, why: &str) {
        if let Err(error) = self.home.refuse(name, why) {
            tracing::error!(
                component = name,
                error = &error as &dyn std::error::Error,
                "it could not be written down that a version is refused"
            );
        }
        self.tell(&Event::CandidateRefused { component, setback });
        self.rollout.written = None;
    }

    /// The candidate is put in force.
    fn promote(&mut self) {
        let Some(trial) = self.rollout.trial.take() else { return };
        let OnTrial { release, world, bundle, .. } = trial;
        let name = release.component.name.clone();
        if let Err(error) = self.home.promote(&name) {
            tracing::error!(
                component = name,
                error = &error as &dyn std::error::Error,
                "a new version is no worse, and could not be put in force; it is tried again later"
            );
            self.say_to_eye(&ToEye::EndTrial);
            return;
        }
        let base = self.counted(world);
        let earlier = self.rollout.watched.iter().find(|watched| watched.name == name);
        // What was counted since the version before it came, or since the service was started.
        let before = earlier.map_or(base, |watched| {
            let since = watched.counted(base);
            if since.is_enough() { since } else { since.plus(watched.before) }
        });
        self.rollout.watched.retain(|watched| watched.name != name);
        self.rollout.watched.push(Watched {
            version: release.component.version.clone(),
            since: now(),
            release: release.digest(),
            world,
            before,
            carried: Count::default(),
            base,
            crashes: 0,
            name: name.clone(),
        });
        self.write_status();
        self.put_in(name, &release, &bundle);
        write_down_components(&self.vault, &self.home);
    }

    /// Has a release put in the place of the one that the process that sees works with.
    fn put_in(&mut self, name: String, release: &Release, bundle: &File) {
        let Ok(file) = bundle.try_clone() else { return };
        let (release, begun) = (release.digest(), Instant::now());
        self.rollout.putting = Some(Putting { name, release, begun });
        if let Some(eye) = &mut self.eye {
            eye.say(&ToEye::PutIn { release }, Some(&OwnedFd::from(file)));
        }
        self.rollout.written = None;
    }

    /// The process that sees works with it.
    pub(super) fn is_put_in(&mut self, release: Sha256, component: World) {
        let putting = self.rollout.putting.take_if(|putting| putting.release == release);
        let Some(Putting { name, release, begun }) = putting else { return };
        self.rollout.at_work.insert(name, release);
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
        self.rollout.at_work.insert(name.clone(), release);
        self.take_back(&name, setback);
    }

    /// Takes the version in force of a component back.
    fn take_back(&mut self, name: &str, setback: Setback) {
        self.rollout.watched.retain(|watched| watched.name != name);
        match self.home.roll_back(name, &setback.to_string()) {
            // The process that sees is told when the home is looked at next.
            Ok(release) => {
                self.rollout.looked = None;
                if let Some(component) = world_of(&release) {
                    self.tell(&Event::RolledBack { component, setback });
                }
                write_down_components(&self.vault, &self.home);
            }
            Err(error) => tracing::error!(
                component = name,
                error = &error as &dyn std::error::Error,
                "a version does harm and could not be taken back"
            ),
        }
        self.rollout.written = None;
    }

    /// Takes back what does harm, and lets go of what has been watched for long enough.
    fn watch_all(&mut self) {
        let harm = |watched: &Watched| {
            let setback = watch(watched.world, &watched.before, &watched.counted(self.counted(watched.world)))?;
            Some((watched.name.clone(), setback))
        };
        let harmful: Vec<_> = self.rollout.watched.iter().filter_map(harm).collect();
        for (name, setback) in harmful {
            self.take_back(&name, setback);
        }
        self.rollout.watched.retain(|watched| now().saturating_sub(watched.since) < WATCHED.as_secs());
    }

    /// The process that sees got stuck at this station.
    pub(super) fn stuck_at(&mut self, station: Option<Station>) {
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
        let watched = self.rollout.watched.iter().find(|watched| watched.world == world);
        if let Some(name) = watched.map(|watched| watched.name.clone()) {
            self.rollout.blamed = true;
            self.take_back(&name, Setback::Crash);
        }
    }

    /// The process that sees has ended by itself.
    pub(super) fn crashed(&mut self) {
        if std::mem::take(&mut self.rollout.blamed) {
            return;
        }
        if let Some(trial) = &mut self.rollout.trial {
            trial.crashes += 1;
            if trial.crashes >= CRASHES {
                self.refuse(Setback::Crash);
            }
        }
        let soon = |watched: &&mut Watched| now().saturating_sub(watched.since) < SOON;
        let mut harmful = Vec::new();
        for watched in self.rollout.watched.iter_mut().filter(soon) {
            watched.crashes += 1;
            if watched.crashes >= CRASHES {
                harmful.push(watched.name.clone());
            }
        }
        for name in harmful {
            self.take_back(&name, Setback::Crash);
        }
    }

    /// What was counted of the components of a world since the service was started.
    fn counted(&self, world: World) -> Count {
        Count::of(world, &self.tally().total())
    }

    fn say_to_eye(&mut self, message: &ToEye) {
        if let Some(eye) = &mut self.eye {
            eye.say(message, None);
        }
    }

    fn write_status(&mut self) {
        let people_wanted = u64::from(self.config.plugins.update.people_frames.get());
        let trial = self.rollout.trial.as_ref().map(|trial| TrialStatus {
            name: trial.release.component.name.clone(),
            version: trial.release.component.version.clone(),
            since: trial.since,
            people_wanted,
            seen: trial.seen,
        });
        let watched = self
            .rollout
            .watched
            .iter()
            .map(|watched| Watched { carried: watched.counted(self.counted(watched.world)), ..watched.clone() });
        let status = Status { trial, watched: watched.collect(), waiting: self.rollout.waiting.clone() };
        let due = |(at, before): &(Instant, Status)| *before != status && at.elapsed() >= WRITE;
        if self.rollout.written.as_ref().is_none_or(due) {
            if let Err(error) = status.write(&self.home) {
                tracing::warn!(%error, "it cannot be written down how updates stand");
            }
            self.rollout.written = Some((Instant::now(), status));
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

// === impl Watched ===

impl Watched {
    /// What was counted since it was put in force, when so much was counted in this run of the service.
    fn counted(&self, total: Count) -> Count {
        self.carried.plus(total.since(self.base))
    }
}

// === impl Status ===

impl Status {
    const FILE: &'static str = "rollout.json";

    /// What the service has last written down; `None` when there is nothing, or it cannot be read.
    pub fn read(home: &Home) -> Option<Self> {
        let text = fs::read(home.updates_folder().join(Self::FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn write(&self, home: &Home) -> std::io::Result<()> {
        let folder = home.make_updates_folder().map_err(std::io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.persist(folder.join(Self::FILE)).map_err(|error| error.error)?;
        Ok(())
    }
}

fn world_of(release: &Release) -> Option<World> {
    World::ALL.into_iter().find(|world| world.name() == release.component.world)
}

/// Seconds since 1970, UTC.
fn now() -> u64 {
    u64::try_from(SystemClock.now().as_secs()).unwrap_or_default()
}
