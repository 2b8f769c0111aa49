//! Segments and their keys: each change of state is one transaction.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Transaction, params};
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::{Binding, SegmentId, Summary};

use super::Index;
use super::entry::{Entry, Kept};
use super::state::{Ending, State};
use crate::error::Error;
use crate::keyring::DayClass;
use crate::record::Record;
use crate::retention::Deadline;
use crate::wrap::WrappedKey;

/// What recovery has made of a segment.
#[derive(Debug)]
pub(crate) struct Restored<'a> {
    /// The key and object that are valid from now on.
    pub(crate) generation: u32,
    /// Bytes of the new object.
    pub(crate) bytes: u64,
    /// What is in it.
    pub(crate) summary: &'a Summary,
    /// For people.
    pub(crate) note: &'a str,
}

/// A wrapped key, and under whose key it is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredKey {
    /// The day and class whose key wraps it; `None` is the root secret, as older versions had it.
    pub(crate) day: Option<DayClass>,
    pub(crate) wrapped: WrappedKey,
}

/// What every query for entries begins with.
pub(super) const SELECT: &str =
    "SELECT id, shop, camera, started, deadline, state, bytes, summary, note, generation, here,
        (SELECT min(at) FROM restrictions WHERE segment = id AND lifted IS NULL) FROM segments";

const SHREDDING: &str = "destroy keys";

// === impl Index ===

impl Index {
    /// A new segment and its wrapped key, in state [`State::Writing`]. The key is on disk when this returns.
    pub(crate) fn begin(
        &self,
        binding: &Binding,
        started: Timestamp,
        deadline: Deadline,
        key: &StoredKey,
    ) -> Result<(), Error> {
        let doing = "begin a segment";
        self.transaction(doing, |transaction| {
            let new = "INSERT INTO segments (id, shop, camera, started, deadline, due, state, generation, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'writing', 0, 0)";
            let Binding { segment, shop, camera } = binding;
            let (from, to) = (started.as_nanos(), deadline.time().as_nanos());
            self.run(transaction, doing, new, params![segment.as_bytes(), shop, camera.as_str(), from, to])?;
            self.insert_key(transaction, *segment, 0, key)?;
            self.tell(transaction, &Record::Begun { segment: *segment, camera, started, deadline })
        })
    }

    /// `Writing` → `Sealed`.
    pub(crate) fn seal(&self, segment: SegmentId, bytes: u64, summary: &Summary) -> Result<(), Error> {
        let doing = "record a sealed segment";
        self.transaction(doing, |transaction| {
            self.enter(transaction, segment, State::Sealed)?;
            self.describe(transaction, segment, bytes, summary)?;
            self.tell(transaction, &Record::Sealed { segment, bytes })
        })
    }

    /// Destroys all keys of a segment that is being recovered but the one that it was recorded under: what an earlier, broken recovery left.
    /// Then stores a key for the next attempt: it is on disk when this returns. `wrap` is told which generation it is for.
    pub(crate) fn add_key(
        &self,
        segment: SegmentId,
        wrap: impl FnOnce(u32) -> Result<StoredKey, Error>,
    ) -> Result<u32, Error> {
        let doing = "store a key for a recovered segment";
        self.transaction(doing, |transaction| {
            let entry = self.entry(transaction, segment)?;
            if entry.state != State::Writing {
                return Err(Error::Transition { segment, from: entry.state, to: State::Recovered });
            }
            let wipe = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2 AND generation <> ?3";
            let none = WrappedKey::DESTROYED;
            self.run(transaction, doing, wipe, params![none.as_bytes(), segment.as_bytes(), entry.generation])?;
            let last = "SELECT max(generation) FROM keys WHERE segment = ?1";
            let last: u32 =
                transaction.query_row(last, [segment.as_bytes()], |row| row.get(0)).map_err(self.failed(doing))?;
            let generation = last + 1;
            self.insert_key(transaction, segment, generation, &wrap(generation)?)?;
            Ok(generation)
        })
    }

    /// `Writing` → `Recovered`: the new generation counts, the key of the old one is destroyed.
    pub(crate) fn recover(&self, segment: SegmentId, restored: &Restored<'_>) -> Result<(), Error> {
        let doing = "record a recovered segment";
        self.transaction(doing, |transaction| {
            self.enter(transaction, segment, State::Recovered)?;
            self.describe(transaction, segment, restored.bytes, restored.summary)?;
            let valid = "UPDATE segments SET generation = ?1, note = ?2 WHERE id = ?3";
            let id = segment.as_bytes();
            self.run(transaction, doing, valid, params![restored.generation, restored.note, id])?;
            let wipe = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2 AND generation <> ?3";
            let none = WrappedKey::DESTROYED;
            self.run(transaction, doing, wipe, params![none.as_bytes(), id, restored.generation])?;
            self.tell(transaction, &Record::Recovered { segment, bytes: restored.bytes })
        })
    }

    /// Any live state → `Shredded`: destroys all keys of these segments and begins their receipts. Only [`Index::checkpoint`] takes the keys out of
    /// the files too.
    pub(crate) fn shred(
        &self,
        segments: &[SegmentId],
        ending: Ending,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.transaction(SHREDDING, |transaction| {
            segments.iter().try_for_each(|segment| self.shred_one(transaction, *segment, ending, reason, at))
        })
    }

    /// The same for at most `limit` segments whose deadline has passed at `now`, the earliest first. Says how many there were. One that somebody has asked to hold for longer, and that
    /// no sweep has wrapped anew yet, is not among them: it is looked for in the same transaction.
    pub(crate) fn shred_due(&self, now: Timestamp, limit: u32, reason: &str) -> Result<usize, Error> {
        self.transaction(SHREDDING, |transaction| {
            let due = "SELECT id FROM segments WHERE state IN ('writing', 'sealed', 'recovered') AND deadline <= ?1
                AND NOT EXISTS (SELECT 1 FROM holds WHERE segment = id AND applied IS NULL AND released IS NULL AND until > ?1)
                ORDER BY deadline, id LIMIT ?2";
            let read = |row: &rusqlite::Row<'_>| Ok(SegmentId::from_bytes(row.get(0)?));
            let due: Vec<_> = transaction
                .prepare_cached(due)
                .and_then(|mut due| due.query_map(params![now.as_nanos(), limit], read)?.collect())
                .map_err(self.failed(SHREDDING))?;
            due.iter().try_for_each(|segment| {
                self.shred_one(transaction, *segment, Ending::Destroyed, reason, now)
            })?;
            Ok(due.len())
        })
    }

    fn shred_one(
        &self,
        transaction: &Transaction<'_>,
        segment: SegmentId,
        ending: Ending,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        let id = segment.as_bytes();
        self.enter(transaction, segment, State::Shredded)?;
        let wipe = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2";
        self.run(transaction, SHREDDING, wipe, params![WrappedKey::DESTROYED.as_bytes(), id])?;
        // Why a deadline was brought forward says more than that it has come.
        let receipt = "INSERT INTO receipts SELECT id, ?1, coalesce(early, ?2), bytes, ?3, NULL FROM segments WHERE id = ?4 RETURNING reason";
        let reason: String = transaction
            .prepare_cached(receipt)
            .and_then(|mut statement| {
                let values = params![ending.state().as_str(), reason, at.as_nanos(), id];
                statement.query_row(values, |row| row.get(0))
            })
            .map_err(self.failed(SHREDDING))?;
        self.tell(transaction, &Record::KeysDestroyed { segment, ending, reason: &reason })
    }

    /// `Shredded` → the end that [`Index::shred`] named, and completes the receipts with the bytes that were found. Called when these are gone.
    pub(crate) fn bury(&self, segments: &[(SegmentId, u64)], at: Timestamp) -> Result<(), Error> {
        let doing = "complete receipts";
        self.transaction(doing, |transaction| {
            for (segment, bytes) in segments {
                let id = segment.as_bytes();
                let ending: String = transaction
                    .query_row("SELECT ending FROM receipts WHERE segment = ?1", [id], |row| row.get(0))
                    .optional()
                    .map_err(self.failed(doing))?
                    .ok_or(Error::Unknown { segment: *segment })?;
                let ending: Ending = ending
                    .parse()
                    .map_err(|e| Error::Damaged { path: self.path.clone(), what: format!("{segment}: {e}") })?;
                self.enter(transaction, *segment, ending.state())?;
                // After a kill the bytes may be gone already: then what the receipt says stays.
                let complete = "UPDATE receipts SET bytes_destroyed = ?1, bytes = max(bytes, ?2) WHERE segment = ?3";
                let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
                self.run(transaction, doing, complete, params![at.as_nanos(), bytes, id])?;
                self.run(transaction, doing, "DELETE FROM copies WHERE segment = ?1", [id])?;
                let count = "SELECT bytes, (SELECT count(*) FROM openings WHERE segment = ?1) + (SELECT count(*) FROM releases WHERE segment = ?1)
                    FROM receipts WHERE segment = ?1";
                let (bytes, openings): (i64, i64) = transaction
                    .prepare_cached(count)
                    .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))))
                    .map_err(self.failed(doing))?;
                let (bytes, openings) = (bytes.cast_unsigned(), openings.cast_unsigned());
                self.tell(transaction, &Record::Destroyed { segment: *segment, bytes, openings })?;
            }
            Ok(())
        })
    }

    /// One segment.
    pub(crate) fn get(&self, segment: SegmentId) -> Result<Entry, Error> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(self.failed("read a segment"))?;
        self.entry(&transaction, segment)
    }

    /// All segments, the oldest recording first.
    pub(crate) fn list(&self) -> Result<Vec<Entry>, Error> {
        self.entries(&format!("{SELECT} ORDER BY started, id"), [])
    }

    /// The latest readable and unrestricted segments of a camera that are not due at `now`, the latest first.
    pub(crate) fn latest(&self, camera: &CameraId, now: Timestamp, most: usize) -> Result<Vec<Entry>, Error> {
        let sql = format!(
            "{SELECT} WHERE camera = ?1 AND state IN ('sealed', 'recovered') AND deadline > ?2 ORDER BY started DESC LIMIT ?3"
        );
        let entries = self.entries(&sql, params![camera.as_str(), now.as_nanos(), most as u32])?;
        Ok(entries.into_iter().filter(|entry| entry.restricted.is_none()).collect())
    }

    /// How much is readable and not due at `now`.
    pub(crate) fn kept(&self, now: Timestamp) -> Result<Kept, Error> {
        let sql = "SELECT count(*), min(started), min(deadline) FROM segments WHERE state IN ('sealed', 'recovered') AND deadline > ?1";
        let time = |nanos: Option<i64>| nanos.map(Timestamp::from_nanos);
        let read = self.lock().query_row(sql, [now.as_nanos()], |row| {
            let (segments, oldest, next) = (row.get::<_, u32>(0)?, time(row.get(1)?), time(row.get(2)?));
            Ok(Kept { segments: segments.into(), oldest, next_deletion: next })
        });
        read.map_err(self.failed("count segments"))
    }

    /// All segments in one state, the earliest deadline first.
    pub(crate) fn in_state(&self, state: State) -> Result<Vec<Entry>, Error> {
        self.entries(&format!("{SELECT} WHERE state = ?1 ORDER BY deadline, id"), [state.as_str()])
    }

    /// The wrapped key of a segment's valid generation; `None` when it is destroyed.
    pub(crate) fn key(&self, entry: &Entry) -> Result<Option<StoredKey>, Error> {
        let sql = "SELECT wrapped, day, hours FROM keys WHERE segment = ?1 AND generation = ?2";
        let read = |row: &rusqlite::Row<'_>| {
            let (day, hours): (Option<i32>, Option<u32>) = (row.get(1)?, row.get(2)?);
            let day = day.zip(hours).map(|(day, hours)| DayClass { day, hours });
            Ok(StoredKey { day, wrapped: WrappedKey::from_bytes(row.get(0)?) })
        };
        let key = self
            .lock()
            .query_row(sql, params![entry.segment.as_bytes(), entry.generation], read)
            .optional()
            .map_err(self.failed("read a key"))?;
        Ok(key.filter(|key| key.wrapped != WrappedKey::DESTROYED))
    }

    /// Days under whose keys a key that still opens is wrapped.
    pub(crate) fn days_in_use(&self) -> Result<BTreeSet<DayClass>, Error> {
        // As the index `keys_in_use` has it, word for word: else it is not used.
        let destroyed = hex::encode(WrappedKey::DESTROYED.as_bytes());
        let sql = format!("SELECT DISTINCT day, hours FROM keys WHERE day IS NOT NULL AND wrapped <> x'{destroyed}'");
        let read = |row: &rusqlite::Row<'_>| Ok(DayClass { day: row.get(0)?, hours: row.get(1)? });
        Ok(self.rows("list days", &sql, [], read)?.into_iter().collect())
    }

    /// Brings the deadline of a segment forward to `at`; the next sweep destroys it. What is gone already stays gone. Says whether anything was changed.
    pub(crate) fn bring_forward(&self, segment: SegmentId, at: Timestamp, reason: &str) -> Result<bool, Error> {
        let doing = "bring a deadline forward";
        self.transaction(doing, |transaction| {
            if self.entry(transaction, segment)?.state.may_become(State::Shredded) {
                self.is_free(transaction, segment)?;
            }
            // What was asked to be held before has no say any more.
            let drop_holds = "UPDATE holds SET applied = ?1 WHERE segment = ?2 AND applied IS NULL";
            self.run(transaction, doing, drop_holds, params![at.as_nanos(), segment.as_bytes()])?;
            let forward = "UPDATE segments SET deadline = min(deadline, ?1), early = ?2
                WHERE id = ?3 AND early IS NULL AND state IN ('writing', 'sealed', 'recovered')";
            let changed =
                self.run(transaction, doing, forward, params![at.as_nanos(), reason, segment.as_bytes()])? > 0;
            if changed {
                self.tell(transaction, &Record::Erased { segment, reason })?;
            }
            Ok(changed)
        })
    }

    /// The last generation for which a key was ever made.
    pub(crate) fn last_generation(&self, segment: SegmentId) -> Result<u32, Error> {
        let sql = "SELECT coalesce(max(generation), 0) FROM keys WHERE segment = ?1";
        let last = self.lock().query_row(sql, [segment.as_bytes()], |row| row.get(0));
        last.map_err(self.failed("read a segment"))
    }

    fn entries(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>, Error> {
        self.rows("list segments", sql, params, Entry::read)
    }

    pub(super) fn entry(&self, transaction: &Transaction<'_>, segment: SegmentId) -> Result<Entry, Error> {
        transaction
            .prepare_cached(&format!("{SELECT} WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([segment.as_bytes()], Entry::read).optional())
            .map_err(self.failed("read a segment"))?
            .ok_or(Error::Unknown { segment })
    }

    /// The one place where a state changes.
    fn enter(&self, transaction: &Transaction<'_>, segment: SegmentId, to: State) -> Result<(), Error> {
        let from = self.entry(transaction, segment)?.state;
        if !from.may_become(to) {
            return Err(Error::Transition { segment, from, to });
        }
        let put = "UPDATE segments SET state = ?1 WHERE id = ?2";
        self.run(transaction, "change a segment's state", put, params![to.as_str(), segment.as_bytes()])?;
        Ok(())
    }

    fn describe(
        &self,
        transaction: &Transaction<'_>,
        segment: SegmentId,
        bytes: u64,
        summary: &Summary,
    ) -> Result<(), Error> {
        let json = serde_json::to_string(summary).expect("a summary is plain data");
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let put = "UPDATE segments SET bytes = ?1, summary = ?2 WHERE id = ?3";
        self.run(transaction, "describe a segment", put, params![bytes, json, segment.as_bytes()])?;
        Ok(())
    }

    fn insert_key(
        &self,
        transaction: &Transaction<'_>,
        segment: SegmentId,
        generation: u32,
        key: &StoredKey,
    ) -> Result<(), Error> {
        let insert = "INSERT INTO keys (segment, generation, wrapped, day, hours) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (day, hours) = (key.day.map(|d| d.day), key.day.map(|d| d.hours));
        let values = params![segment.as_bytes(), generation, key.wrapped.as_bytes(), day, hours];
        self.run(transaction, "store a key", insert, values)?;
        Ok(())
    }
}
