//! How updates stand, for people who look.

use std::fs;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_registry::digest::write_whole;
use sluis_registry::{Error, Home};

use super::{Watched, now};
use crate::events::Event;
use crate::pipeline::Trial;
use crate::service::keep::Keeper;

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
    /// When it was written, in seconds since 1970, UTC. While something is tried: at least every minute.
    pub at: u64,
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

/// How often it is written down how things stand, when nothing but numbers has changed.
const WRITE: Duration = Duration::from_secs(10);

/// How often it is written down when nothing has changed, while something is tried: so that it shows whether a service is there.
const ALIVE: Duration = Duration::from_secs(60);

impl Keeper {
    /// Tells what has changed, once it is written down: whoever hears it and looks finds it.
    pub(super) fn announce(&mut self, event: &Event) {
        self.rollout.written = None;
        self.write_status();
        self.tell(event);
    }

    /// Writes down how things stand: at once when `written` says nothing, else when it is time.
    pub(super) fn write_status(&mut self) {
        let people_wanted = u64::from(self.config.plugins.update.people_frames.get());
        let trial = self.rollout.trial.as_ref().map(|trial| TrialStatus {
            name: trial.release.component.name.clone(),
            version: trial.release.label(),
            since: trial.since,
            people_wanted,
            seen: trial.seen,
        });
        let status = Status { at: 0, trial, watched: self.watched(), waiting: self.rollout.waiting.clone() };
        let due = |(at, before): &(Instant, Status)| {
            at.elapsed() >= WRITE && *before != status || at.elapsed() >= ALIVE && status.trial.is_some()
        };
        if self.rollout.written.as_ref().is_none_or(due) {
            if let Err(error) = (Status { at: now(), ..status.clone() }).write(&self.home) {
                tracing::warn!(error = &error as &dyn std::error::Error, "it cannot be written down how updates stand");
            }
            self.rollout.written = Some((Instant::now(), status));
        }
    }
}

// === impl Status ===

impl Status {
    const FILE: &'static str = "rollout.json";

    /// How long ago a service last wrote it while something is tried, when that is so long ago that none runs.
    pub fn silent_for(&self) -> Option<Duration> {
        let silent = Duration::from_secs(now().saturating_sub(self.at));
        Some(silent).filter(|silent| self.trial.is_some() && *silent > 2 * ALIVE)
    }

    /// What the service has last written down; `None` when there is nothing, or it cannot be read.
    pub fn read(home: &Home) -> Option<Self> {
        let text = fs::read(home.updates_folder().join(Self::FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn write(&self, home: &Home) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).expect("a status is plain JSON");
        write_whole(&home.make_updates_folder()?.join(Self::FILE), &text)
    }
}
