//! Pauses: a camera, or a zone of one, does not see for a while. They are stored here and obeyed by the process that sees.
//!
//! A pause is in force from the moment that it is stored until somebody ends it, or the first sweep after its time. It outlives restarts. Whoever obeys pauses and cannot read them
//! must close all cameras.

use sluis_frame::{CameraId, Timestamp};

use crate::archive::Archive;
use crate::error::Error;
use crate::index::Pause;
use crate::reason::Reason;

// === impl Archive ===

impl Archive {
    /// Pauses a camera, or one zone of it, until `until` or until somebody ends that. Whether there is such a camera is for the caller to know.
    ///
    /// # Errors
    ///
    /// [`Error::PauseOver`]; [`Error::ZoneName`]; [`Error::Index`].
    pub fn pause(
        &self,
        camera: &CameraId,
        zone: Option<&str>,
        until: Option<Timestamp>,
        reason: &Reason,
    ) -> Result<Pause, Error> {
        let at = self.time()?;
        if let Some(zone) = zone.filter(|zone| !(1..=48).contains(&zone.chars().count())) {
            return Err(Error::ZoneName { zone: zone.to_owned() });
        }
        if let Some(until) = until.filter(|until| *until <= at) {
            return Err(Error::PauseOver { until });
        }
        let (camera, zone, reason) = (camera.clone(), zone.map(str::to_owned), reason.as_str().to_owned());
        let pause = Pause { camera, zone, at, until, reason };
        self.index.pause(&pause)?;
        self.tell_ledger_soon();
        Ok(pause)
    }

    /// Ends all pauses of exactly this camera, or of exactly this zone of it. Says how many there were.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn resume(&self, camera: &CameraId, zone: Option<&str>, reason: &Reason) -> Result<u64, Error> {
        self.observe()?;
        let ended = self.index.resume(camera, zone, reason.as_str())?;
        self.tell_ledger_soon();
        Ok(ended)
    }

    /// The pauses in force, the first first. It reads one small table and asks no clock: it may be called every second.
    ///
    /// # Errors
    ///
    /// [`Error::Index`]: then nobody may see anything.
    pub fn pauses(&self) -> Result<Vec<Pause>, Error> {
        self.index.pauses()
    }
}
