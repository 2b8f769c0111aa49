//! Segments and their keys: each change of state is one transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use sluis_frame::Timestamp;
use sluis_segment::{Binding, SegmentId, Summary};

use super::Index;
use super::entry::Entry;
use super::state::{Ending, State};
use crate::error::Error;
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

// === impl Index ===

impl Index {
    /// A new segment and its wrapped key, in state [`State::Writing`]. The key is on disk when this returns.
    pub(crate) fn begin(
        &self,
        binding: &Binding,
        started: Timestamp,
        deadline: Deadline,
        wrapped: &WrappedKey,
    ) -> Result<(), Error> {
        let doing = "begin a segment";
        self.transaction(doing, |transaction| {
            let new = "INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, 'writing', 0, 0, NULL, NULL)";
            let id = binding.segment.as_bytes();
            let (started, deadline) = (started.as_nanos(), deadline.time().as_nanos());
            transaction
                .execute(new, params![id, binding.shop, binding.camera.as_str(), started, deadline])
                .map_err(self.failed(doing))?;
            self.insert_key(transaction, binding.segment, 0, wrapped)
        })
    }

    /// `Writing` → `Sealed`.
    pub(crate) fn seal(&self, segment: SegmentId, bytes: u64, summary: &Summary) -> Result<(), Error> {
        let doing = "record a sealed segment";
        self.transaction(doing, |transaction| {
            self.enter(transaction, segment, State::Sealed)?;
            self.describe(transaction, segment, bytes, summary)
        })
    }

    /// Destroys all keys of a segment that is being recovered but the one that it was recorded under: what an earlier, broken recovery left.
    /// Then stores a key for the next attempt: it is on disk when this returns. `wrap` is told which generation it is for.
    pub(crate) fn add_key(
        &self,
        segment: SegmentId,
        wrap: impl FnOnce(u32) -> Result<WrappedKey, Error>,
    ) -> Result<u32, Error> {
        let doing = "store a key for a recovered segment";
        self.transaction(doing, |transaction| {
            let entry = self.entry(transaction, segment)?;
            if entry.state != State::Writing {
                return Err(Error::Transition { segment, from: entry.state, to: State::Recovered });
            }
            let wipe = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2 AND generation <> ?3";
            let none = WrappedKey::DESTROYED;
            transaction
                .execute(wipe, params![none.as_bytes(), segment.as_bytes(), entry.generation])
                .map_err(self.failed(doing))?;
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
            transaction.execute(valid, params![restored.generation, restored.note, id]).map_err(self.failed(doing))?;
            let wipe = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2 AND generation <> ?3";
            let none = WrappedKey::DESTROYED;
            transaction.execute(wipe, params![none.as_bytes(), id, restored.generation]).map_err(self.failed(doing))?;
            Ok(())
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
        let doing = "destroy keys";
        self.transaction(doing, |transaction| {
            for segment in segments {
                let id = segment.as_bytes();
                self.enter(transaction, *segment, State::Shredded)?;
                transaction
                    .execute(
                        "UPDATE keys SET wrapped = ?1 WHERE segment = ?2",
                        params![WrappedKey::DESTROYED.as_bytes(), id],
                    )
                    .map_err(self.failed(doing))?;
                let receipt = "INSERT INTO receipts SELECT id, ?1, ?2, bytes, ?3, NULL FROM segments WHERE id = ?4";
                transaction
                    .execute(receipt, params![ending.state().as_str(), reason, at.as_nanos(), id])
                    .map_err(self.failed(doing))?;
            }
            Ok(())
        })
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
                transaction.execute(complete, params![at.as_nanos(), bytes, id]).map_err(self.failed(doing))?;
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
        let sql = format!("SELECT {} FROM segments ORDER BY started, id", Entry::COLUMNS);
        self.entries(&sql, [])
    }

    /// All segments in one state, the earliest deadline first.
    pub(crate) fn in_state(&self, state: State) -> Result<Vec<Entry>, Error> {
        let sql = format!("SELECT {} FROM segments WHERE state = ?1 ORDER BY deadline, id", Entry::COLUMNS);
        self.entries(&sql, [state.as_str()])
    }

    /// At most `limit` segments that have a key and a deadline that has passed at `now`, the earliest first.
    pub(crate) fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Entry>, Error> {
        let sql = format!(
            "SELECT {} FROM segments WHERE state IN ('writing', 'sealed', 'recovered') AND deadline <= ?1 ORDER BY deadline, id LIMIT ?2",
            Entry::COLUMNS
        );
        self.entries(&sql, params![now.as_nanos(), limit])
    }

    /// The wrapped key of a segment's valid generation; `None` when it is destroyed.
    pub(crate) fn key(&self, entry: &Entry) -> Result<Option<WrappedKey>, Error> {
        let sql = "SELECT wrapped FROM keys WHERE segment = ?1 AND generation = ?2";
        let wrapped = self
            .lock()
            .query_row(sql, params![entry.segment.as_bytes(), entry.generation], |row| row.get(0))
            .optional()
            .map_err(self.failed("read a key"))?;
        Ok(wrapped.map(WrappedKey::from_bytes).filter(|wrapped| *wrapped != WrappedKey::DESTROYED))
    }

    /// The last generation for which a key was ever made.
    pub(crate) fn last_generation(&self, segment: SegmentId) -> Result<u32, Error> {
        let sql = "SELECT coalesce(max(generation), 0) FROM keys WHERE segment = ?1";
        let last = self.lock().query_row(sql, [segment.as_bytes()], |row| row.get(0));
        last.map_err(self.failed("read a segment"))
    }

    fn entries(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>, Error> {
        let connection = self.lock();
        let read = connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, Entry::read)?.collect::<Result<_, _>>());
        read.map_err(self.failed("list segments"))
    }

    fn entry(&self, transaction: &Transaction<'_>, segment: SegmentId) -> Result<Entry, Error> {
        let sql = format!("SELECT {} FROM segments WHERE id = ?1", Entry::COLUMNS);
        transaction
            .query_row(&sql, [segment.as_bytes()], Entry::read)
            .optional()
            .map_err(self.failed("read a segment"))?
            .ok_or(Error::Unknown { segment })
    }

    /// The one place where a state changes.
    fn enter(&self, transaction: &Transaction<'_>, segment: SegmentId, to: State) -> Result<(), Error> {
        let from = self.entry(transaction, segment)?.state;
        if !from.may_become(to) {
            return Err(Error::Transition { segment, from, to });
        }
        transaction
            .execute("UPDATE segments SET state = ?1 WHERE id = ?2", params![to.as_str(), segment.as_bytes()])
            .map_err(self.failed("change a segment's state"))?;
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
        transaction
            .execute(
                "UPDATE segments SET bytes = ?1, summary = ?2 WHERE id = ?3",
                params![bytes, json, segment.as_bytes()],
            )
            .map_err(self.failed("describe a segment"))?;
        Ok(())
    }

    fn insert_key(
        &self,
        transaction: &Transaction<'_>,
        segment: SegmentId,
        generation: u32,
        wrapped: &WrappedKey,
    ) -> Result<(), Error> {
        let insert = "INSERT INTO keys (segment, generation, wrapped) VALUES (?1, ?2, ?3)";
        transaction
            .execute(insert, params![segment.as_bytes(), generation, wrapped.as_bytes()])
            .map_err(self.failed("store a key"))?;
        Ok(())
    }
}
