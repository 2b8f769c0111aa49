//! What the cameras do now, for the page of the notice: written beside the published notices every few seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sluis_frame::{Clock, SystemClock};
use sluis_notice::now::{Camera, Component, Does, Lately, Now};

use super::keep::Keeper;
use super::tally::{CameraState, CameraTally, Tally};

/// What is remembered for it.
#[derive(Debug, Default)]
pub(super) struct Shown {
    written: Option<Instant>,
    /// What was counted at each full minute of the last hour, the oldest first.
    minutes: VecDeque<(Instant, Lately)>,
    /// Whether it could not be written: that is told once.
    failed: bool,
}

/// How often it is written.
const EVERY: Duration = Duration::from_secs(5);

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Keeper {
    /// Writes what the cameras do now, where a notice is published.
    pub(super) fn show_now(&mut self) {
        let recently = self.shown.written.is_some_and(|at| at.elapsed() < EVERY);
        let store = crate::notice::store(&self.config);
        if recently || self.config.notice.is_none() || !store.folder().is_dir() {
            return;
        }
        self.shown.written = Some(Instant::now());
        let total = counted(&self.tally());
        let lately = self.shown.lately(total);
        let written = self.now(lately).and_then(|now| Ok(now.write(store.folder())?));
        match written {
            Ok(()) => self.shown.failed = false,
            Err(error) if !std::mem::replace(&mut self.shown.failed, true) => {
                tracing::error!(error = &*error, "what the cameras do now cannot be written for the notice's page");
            }
            Err(_) => {}
        }
    }

    fn now(&self, lately: Lately) -> Result<Now, Box<dyn std::error::Error>> {
        let archive = self.vault.archive();
        let (kept, pauses) = (archive.kept()?, archive.pauses()?);
        let manifest = self.home.manifest()?;
        let used = self.used();
        let components = used.iter().filter_map(|name| manifest.component(name)).map(|component| Component {
            role: component.world.clone(),
            name: component.name.clone(),
            version: component.version.clone(),
        });
        let tally = self.tally();
        let cameras = tally.cameras.iter().map(|(id, camera)| Camera {
            id: id.to_string(),
            does: match camera.state {
                CameraState::Paused => Does::Paused,
                CameraState::Ended => Does::Over,
                _ if tally.notice_missing => Does::WaitsForNotice,
                CameraState::Up => Does::Films,
                CameraState::Resting => Does::Rests,
                CameraState::Failed => Does::Fails,
                CameraState::Starting => Does::Begins,
            },
            paused: pauses.iter().filter(|pause| pause.camera == *id).filter_map(|pause| pause.zone.clone()).collect(),
        });
        let time = |at: sluis_frame::Timestamp| Timestamp::from_nanosecond(at.as_nanos().into());
        Ok(Now {
            at: time(SystemClock.now())?,
            cameras: cameras.collect(),
            components: components.collect(),
            lately,
            recordings: kept.segments,
            oldest: kept.oldest.map(time).transpose()?,
            next_deletion: kept.next_deletion.map(time).transpose()?,
        })
    }
}

/// What was counted since the service began.
fn counted(tally: &Tally) -> Lately {
    let findings = tally.total().back.findings;
    tally.cameras.values().map(CameraTally::fates).fold(Lately { findings, ..Lately::default() }, |sum, fates| Lately {
        recorded: sum.recorded + fates.recorded,
        stricter: sum.stricter + fates.quarantined,
        blank: sum.blank + fates.blanked,
        dropped: sum.dropped + fates.dropped,
        ..sum
    })
}

// === impl Shown ===

impl Shown {
    /// What was counted in the last hour, or since the service began, when `total` was counted in all.
    fn lately(&mut self, total: Lately) -> Lately {
        let now = Instant::now();
        if self.minutes.back().is_none_or(|(at, _)| now.duration_since(*at) >= MINUTE) {
            self.minutes.push_back((now, total));
        }
        while self.minutes.len() > 1 && now.duration_since(self.minutes[0].0) > HOUR {
            self.minutes.pop_front();
        }
        let (at, before) = self.minutes[0];
        // Cameras that were taken out of the configuration take their counts with them.
        Lately {
            minutes: (now.duration_since(at).as_secs() / 60) as u32,
            recorded: total.recorded.saturating_sub(before.recorded),
            stricter: total.stricter.saturating_sub(before.stricter),
            blank: total.blank.saturating_sub(before.blank),
            dropped: total.dropped.saturating_sub(before.dropped),
            findings: total.findings.saturating_sub(before.findings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_counted_from_what_there_was_before_it() {
        let mut shown = Shown::default();
        let total = |recorded| Lately { recorded, ..Lately::default() };
        assert_eq!(shown.lately(total(10)).recorded, 0);
        assert_eq!(shown.lately(total(15)).recorded, 5);
        let long_ago =
            |minutes| Instant::now().checked_sub(MINUTE * minutes).expect("the machine has run for that long");
        shown.minutes = [(long_ago(70), total(0)), (long_ago(59), total(6)), (long_ago(1), total(14))].into();
        assert_eq!(shown.lately(total(15)), Lately { minutes: 59, ..total(9) });
    }
}
