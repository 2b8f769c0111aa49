//! Cameras see only while the notice of what they do is published.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use super::keep::Keeper;
use crate::config::Config;
use crate::events::Event;
use crate::notice::{self, State};

/// What the process that keeps remembers of it.
#[derive(Debug, Default)]
pub(super) struct Gate {
    looked: Option<Instant>,
    /// Which version was told to be in force, or that none is.
    told: Option<Option<u64>>,
}

/// How often the published notices are looked at.
const LOOK: Duration = Duration::from_secs(2);

impl Keeper {
    /// Whether cameras may see under this configuration. Tells it when that has changed. What cannot be read is not published.
    pub(super) fn may_see(&mut self, config: &Config) -> bool {
        self.gate.looked = Some(Instant::now());
        let state = notice::state(config).unwrap_or_else(|error| {
            if self.gate.told != Some(None) {
                tracing::error!(error = &error as &dyn std::error::Error, "the published notices cannot be read");
            }
            State::NotPublished { current: None }
        });
        let (may, told) = match state {
            State::NotNeeded => (true, None),
            State::Published(version) => (true, Some(Some(version.number))),
            State::NotPublished { .. } => (false, Some(None)),
        };
        if std::mem::replace(&mut self.gate.told, told) != told {
            match told {
                Some(Some(version)) => self.tell(&Event::NoticeInForce { version }),
                Some(None) => self.tell(&Event::NoticeMissing),
                None => {}
            }
        }
        self.tally().notice_missing = !may;
        may
    }

    /// Looks again whether what the cameras do is what the notice says: lets them begin, or ends what they do.
    pub(super) fn look_at_notice(&mut self) {
        let recently = self.gate.looked.is_some_and(|at| at.elapsed() < LOOK);
        let Some((config, going)) = self
            .eye
            .as_ref()
            .filter(|eye| eye.ready && !eye.ending && !recently)
            .map(|eye| (Arc::clone(&eye.config), eye.going))
        else {
            return;
        };
        if self.is_stopping() {
            return;
        }
        if !going {
            self.go();
        } else if !self.may_see(&config) {
            self.close_cameras();
        }
    }

    /// Ends the process that sees in order: what is on its way is sealed. Another takes its place, which opens no camera until it may.
    pub(super) fn close_cameras(&mut self) {
        if let Some(eye) = &mut self.eye {
            eye.ask_to_end();
        }
        if self.next.is_none() {
            match self.start() {
                Ok(next) => self.next = Some(next),
                // It is started again when the one that runs has ended.
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the process that sees cannot be started"
                    );
                }
            }
        }
    }

    /// Tells systemd, once, that the service is up: cameras see, or wait for their notice.
    pub(super) fn tell_up(&mut self) {
        if !std::mem::replace(&mut self.announced, true) {
            let _ = sd_notify::notify(&[NotifyState::Ready]);
        }
    }
}
