//! What may not be seen for a while.

use rusqlite::params;
use serde::Serialize;
use sluis_frame::{CameraId, Timestamp};

use super::Index;
use super::entry::parsed;
use crate::error::Error;
use crate::record::Record;

/// That a camera, or a zone of one, may not see for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Which camera.
    pub camera: CameraId,
    /// Which of its zones; `None` is all that it sees.
    pub zone: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` is until somebody says so.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

const PAUSING: &str = "pause a camera";
const RESUMING: &str = "end a pause";

// === impl Index ===

impl Index {
    /// A pause begins. It is on disk when this returns.
    pub(crate) fn pause(&self, pause: &Pause) -> Result<(), Error> {
        self.transaction(PAUSING, |transaction| {
            let Pause { camera, zone, at, until, reason } = pause;
            let row = "INSERT INTO pauses (camera, zone, at, until, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
            let values = params![camera.as_str(), zone, at.as_nanos(), until.map(Timestamp::as_nanos), reason];
            self.run(transaction, PAUSING, row, values)?;
            self.tell(transaction, &Record::Paused { camera, zone: zone.as_deref(), until: *until, reason })
        })
    }

    /// All pauses of exactly this camera or zone end. Says how many there were.
    pub(crate) fn resume(&self, camera: &CameraId, zone: Option<&str>, reason: &str) -> Result<u64, Error> {
        self.transaction(RESUMING, |transaction| {
            let put = "UPDATE pauses SET ended = ?1 WHERE camera = ?2 AND zone IS ?3 AND ended IS NULL";
            let values = params![self.last_seen().as_nanos(), camera.as_str(), zone];
            let ended = self.run(transaction, RESUMING, put, values)?;
            if ended > 0 {
                self.tell(transaction, &Record::Resumed { camera, zone, free: true, reason })?;
            }
            Ok(ended as u64)
        })
    }

    /// Pauses whose time is over at `now` end.
    pub(crate) fn end_pauses(&self, now: Timestamp) -> Result<(), Error> {
        let over = self.pauses_where("until <= ?1", params![now.as_nanos()])?;
        if over.is_empty() {
            return Ok(());
        }
        self.transaction(RESUMING, |transaction| {
            let put = "UPDATE pauses SET ended = ?1 WHERE ended IS NULL AND until <= ?1 AND camera = ?2 AND zone IS ?3";
            for Pause { camera, zone, .. } in &over {
                if self.run(transaction, RESUMING, put, params![now.as_nanos(), camera.as_str(), zone])? > 0 {
                    let left = "SELECT 1 FROM pauses WHERE camera = ?1 AND zone IS ?2 AND ended IS NULL";
                    let free = !transaction
                        .prepare_cached(left)
                        .and_then(|mut left| left.exists(params![camera.as_str(), zone]))
                        .map_err(self.failed(RESUMING))?;
                    let record = Record::Resumed { camera, zone: zone.as_deref(), free, reason: "its time is over" };
                    self.tell(transaction, &record)?;
                }
            }
            Ok(())
        })
    }

    /// The pauses that have not ended, the first first.
    pub(crate) fn pauses(&self) -> Result<Vec<Pause>, Error> {
        self.pauses_where("1", [])
    }

    fn pauses_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Pause>, Error> {
        let sql = format!(
            "SELECT camera, zone, at, until, reason FROM pauses WHERE ended IS NULL AND {condition} ORDER BY number"
        );
        self.rows("look for pauses", &sql, values, |row| {
            Ok(Pause {
                camera: parsed(0, CameraId::new(&row.get::<_, String>(0)?))?,
                zone: row.get(1)?,
                at: Timestamp::from_nanos(row.get(2)?),
                until: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_nanos),
                reason: row.get(4)?,
            })
        })
    }
}
