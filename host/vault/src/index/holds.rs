//! Segments that are kept for longer than their class, because somebody has a right to that.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use super::Index;
use super::entry::Entry;
use super::segments::StoredKey;
use crate::error::Error;
use crate::record::Record;
use crate::retention::Deadline;

/// That somebody has a segment kept for longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Which.
    pub segment: SegmentId,
    /// When it was asked for.
    pub at: Timestamp,
    /// Until when.
    pub until: Deadline,
    /// Why.
    pub reason: String,
}

/// A key that is to be wrapped anew, because a hold began or ended.
#[derive(Debug)]
pub(crate) struct ToWrap {
    pub(crate) number: i64,
    pub(crate) segment: SegmentId,
    pub(crate) wish: Wish,
}

/// What a hold asks for.
#[derive(Debug)]
pub(crate) enum Wish {
    /// It begins.
    Keep { until: Deadline, reason: String },
    /// It has ended: the deadline has gone back already.
    LetGo,
}

/// Holds that count.
const IN_FORCE: &str = "released IS NULL AND until > ?2";

// === impl Index ===

impl Index {
    /// Whether somebody keeps a segment beyond its class, or has asked for it.
    pub(crate) fn is_held(&self, segment: SegmentId) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM holds JOIN segments ON id = segment
            WHERE segment = ?1 AND released IS NULL AND (applied IS NULL OR until = deadline)";
        Ok(!self.rows("look for holds", sql, [segment.as_bytes()], |_| Ok(()))?.is_empty())
    }

    /// The holds of a segment that count at `now`, the first first.
    pub(crate) fn holds(&self, segment: SegmentId, now: Timestamp) -> Result<Vec<Hold>, Error> {
        let sql = format!("SELECT at, until, reason FROM holds WHERE segment = ?1 AND {IN_FORCE} ORDER BY number");
        self.rows("look for holds", &sql, params![segment.as_bytes(), now.as_nanos()], |row| {
            Ok(Hold {
                segment,
                at: Timestamp::from_nanos(row.get(0)?),
                until: Deadline::at(Timestamp::from_nanos(row.get(1)?)),
                reason: row.get(2)?,
            })
        })
    }

    /// Asks that a segment be held, if it can still be: it is readable, nobody has it erased, and its deadline has not passed at `now`. From then on no sweep destroys it.
    pub(crate) fn ask_to_hold(
        &self,
        segment: SegmentId,
        until: Deadline,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.transaction(ASKING, |transaction| {
            let Entry { state, deadline, .. } = self.entry(transaction, segment)?;
            if !state.is_readable() {
                return Err(Error::NotReadable { segment, state });
            }
            if deadline.has_passed(now) {
                return Err(Error::PastDeadline { segment, deadline });
            }
            self.hold_row(transaction, segment, until, reason)
        })
    }

    /// The same for an older copy of the vault whose ledger says that it was held: also past the deadline that it had.
    pub(crate) fn hold_again(&self, segment: SegmentId, until: Deadline, reason: &str) -> Result<(), Error> {
        self.transaction(ASKING, |transaction| self.hold_row(transaction, segment, until, reason))
    }

    fn hold_row(
        &self,
        transaction: &Transaction<'_>,
        segment: SegmentId,
        until: Deadline,
        reason: &str,
    ) -> Result<(), Error> {
        let row = "INSERT INTO holds (segment, at, until, reason) VALUES (?1, ?2, ?3, ?4)";
        let values = params![segment.as_bytes(), self.last_seen().as_nanos(), until.time().as_nanos(), reason];
        self.run(transaction, ASKING, row, values).map(drop)
    }

    /// What is to be wrapped anew, in the order in which it was asked for.
    pub(crate) fn holds_to_apply(&self) -> Result<Vec<ToWrap>, Error> {
        let sql = "SELECT number, segment, until, reason, released FROM holds WHERE applied IS NULL ORDER BY number";
        self.rows("look for holds", sql, [], |row| {
            let wish = match row.get::<_, Option<i64>>(4)? {
                Some(_) => Wish::LetGo,
                None => Wish::Keep { until: Deadline::at(Timestamp::from_nanos(row.get(2)?)), reason: row.get(3)? },
            };
            Ok(ToWrap { number: row.get(0)?, segment: SegmentId::from_bytes(row.get(1)?), wish })
        })
    }

    /// It is done, or came too late. A hold that was released meanwhile is still to be undone.
    pub(crate) fn hold_applied(&self, done: &ToWrap) -> Result<(), Error> {
        let doing = "note a hold";
        self.transaction(doing, |transaction| {
            let put = "UPDATE holds SET applied = ?1 WHERE number = ?2 AND (released IS NOT NULL) = ?3";
            let released = matches!(done.wish, Wish::LetGo);
            let values = params![self.last_seen().as_nanos(), done.number, released];
            self.run(transaction, doing, put, values).map(drop)
        })
    }

    /// Keeps a readable segment until `until`: its key is wrapped anew, under the key of that class, in the place of the old one. One whose deadline was brought forward is refused, and so is
    /// a hold that was released meanwhile.
    pub(crate) fn hold(
        &self,
        number: i64,
        entry: &Entry,
        until: Deadline,
        key: &StoredKey,
        reason: &str,
    ) -> Result<(), Error> {
        let doing = "hold a segment";
        self.transaction(doing, |transaction| {
            let segment = entry.segment;
            let state = self.is_same(transaction, entry)?;
            // Whoever had it erased, or the hold released, after it was asked for has the last word.
            let later = "UPDATE segments SET deadline = ?1 WHERE id = ?2 AND early IS NULL
                AND EXISTS (SELECT 1 FROM holds WHERE number = ?3 AND released IS NULL)";
            let values = params![until.time().as_nanos(), segment.as_bytes(), number];
            if self.run(transaction, doing, later, values)? == 0 {
                return Err(Error::NotReadable { segment, state });
            }
            self.wrap_anew(transaction, entry, key)?;
            self.tell(transaction, &Record::Held { segment, until, reason })
        })
    }

    /// Ends holds of a readable segment: all of them, or those that were taken for the reason `taken`. The deadline goes back to what it was when the segment was recorded, or to
    /// the end of the longest hold that is left; the next sweep wraps the key anew. Says the deadline.
    pub(crate) fn release_holds(
        &self,
        segment: SegmentId,
        taken: Option<&str>,
        reason: &str,
        now: Timestamp,
    ) -> Result<Deadline, Error> {
        self.transaction(RELEASING, |transaction| {
            let entry = self.entry(transaction, segment)?;
            if !entry.state.is_readable() {
                return Err(Error::NotReadable { segment, state: entry.state });
            }
            let release = format!(
                "UPDATE holds SET released = ?2, applied = NULL WHERE segment = ?1 AND {IN_FORCE} AND (?3 IS NULL OR reason = ?3)"
            );
            let values = params![segment.as_bytes(), now.as_nanos(), taken];
            if self.run(transaction, RELEASING, &release, values)? == 0 {
                return Err(Error::NotHeld { segment });
            }
            let due = self.due(transaction, &entry)?;
            self.go_back(transaction, &entry, due, reason)
        })
    }

    /// The same for an older copy of the vault whose ledger says that the deadline went back to `deadline`.
    pub(crate) fn release_again(&self, segment: SegmentId, deadline: Deadline, reason: &str) -> Result<(), Error> {
        self.transaction(RELEASING, |transaction| {
            let entry = self.entry(transaction, segment)?;
            if !entry.state.is_readable() {
                return Ok(());
            }
            let release =
                "UPDATE holds SET released = ?1, applied = NULL WHERE segment = ?2 AND released IS NULL AND until > ?3";
            let values = params![self.last_seen().as_nanos(), segment.as_bytes(), deadline.time().as_nanos()];
            self.run(transaction, RELEASING, release, values)?;
            self.go_back(transaction, &entry, deadline, reason).map(drop)
        })
    }

    /// When a segment is due without the holds that were released.
    fn due(&self, transaction: &Transaction<'_>, entry: &Entry) -> Result<Deadline, Error> {
        let sql = "SELECT max(due, coalesce((SELECT max(until) FROM holds WHERE segment = id AND released IS NULL AND applied IS NOT NULL), due))
            FROM segments WHERE id = ?1";
        let due: Option<i64> = transaction
            .query_row(sql, [entry.segment.as_bytes()], |row| row.get(0))
            .optional()
            .map_err(self.failed(RELEASING))?
            .flatten();
        let unknown = || Error::HeldByOlder { segment: entry.segment, deadline: entry.deadline };
        due.map(|due| Deadline::at(Timestamp::from_nanos(due))).ok_or_else(unknown)
    }

    /// Never later than it is: somebody may have had it brought forward.
    fn go_back(
        &self,
        transaction: &Transaction<'_>,
        entry: &Entry,
        due: Deadline,
        reason: &str,
    ) -> Result<Deadline, Error> {
        let deadline = due.min(entry.deadline);
        let put = "UPDATE segments SET deadline = ?1 WHERE id = ?2";
        self.run(transaction, RELEASING, put, params![deadline.time().as_nanos(), entry.segment.as_bytes()])?;
        self.tell(transaction, &Record::HoldReleased { segment: entry.segment, deadline, reason })?;
        Ok(deadline)
    }

    /// Wraps the key of a readable segment anew whose deadline has gone back to that of `entry`.
    pub(crate) fn let_go(&self, entry: &Entry, key: &StoredKey) -> Result<(), Error> {
        self.transaction("wrap a key anew", |transaction| {
            self.is_same(transaction, entry)?;
            self.wrap_anew(transaction, entry, key)
        })
    }

    /// Whether a segment is still readable, and the same object; says its state.
    fn is_same(&self, transaction: &Transaction<'_>, entry: &Entry) -> Result<super::State, Error> {
        let now = self.entry(transaction, entry.segment)?;
        if !now.state.is_readable() || now.generation != entry.generation {
            return Err(Error::NotReadable { segment: entry.segment, state: now.state });
        }
        Ok(now.state)
    }

    fn wrap_anew(&self, transaction: &Transaction<'_>, entry: &Entry, key: &StoredKey) -> Result<(), Error> {
        let wrap = "UPDATE keys SET wrapped = ?1, day = ?2, hours = ?3 WHERE segment = ?4 AND generation = ?5";
        let (day, hours) = (key.day.map(|d| d.day), key.day.map(|d| d.hours));
        let values = params![key.wrapped.as_bytes(), day, hours, entry.segment.as_bytes(), entry.generation];
        self.run(transaction, "wrap a key anew", wrap, values).map(drop)
    }
}

const ASKING: &str = "ask for a hold";
const RELEASING: &str = "release a hold";
