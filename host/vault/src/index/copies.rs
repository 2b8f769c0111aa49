//! Copies in the cloud, and what lies here.

use rusqlite::params;
use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use super::Index;
use super::entry::Entry;
use super::segments::SELECT;
use crate::error::Error;
use crate::record::Record;

/// How far the cloud is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Backlog {
    /// Segments that wait.
    pub segments: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// When the first of them must be gone.
    pub first_deadline: Option<Timestamp>,
}

/// What is noted of a segment whose bytes are missing.
pub(crate) const MISSING: &str = "its bytes are missing";

/// Not restricted: what is only stored does not go up.
const FREE: &str = "id NOT IN (SELECT segment FROM restrictions WHERE lifted IS NULL)";

// === impl Index ===

impl Index {
    /// The readable segment without a copy, and not restricted, whose deadline comes first, after those that are named.
    pub(crate) fn next_to_upload(&self, but: &[SegmentId]) -> Result<Option<Entry>, Error> {
        let sql = format!(
            "{SELECT} WHERE state IN ('sealed', 'recovered') AND here = 1 AND note IS NOT '{MISSING}' AND id NOT IN (SELECT segment FROM copies WHERE uploaded IS NOT NULL) AND {FREE} ORDER BY deadline, id LIMIT ?1"
        );
        let entries = self.rows("look for what to upload", &sql, [but.len() as u32 + 1], Entry::read)?;
        Ok(entries.into_iter().find(|entry| !but.contains(&entry.segment)))
    }

    /// A copy is begun: from now on something of it may lie in the cloud.
    /// Says whether it may be: the segment is readable, and this is its object. A restricted one is refused.
    pub(crate) fn upload_begins(&self, entry: &Entry) -> Result<bool, Error> {
        let doing = "note an upload";
        self.transaction(doing, |transaction| {
            let now = self.entry(transaction, entry.segment)?;
            if !now.state.is_readable() || now.generation != entry.generation {
                return Ok(false);
            }
            self.is_free(transaction, entry.segment)?;
            let put = "INSERT OR IGNORE INTO copies VALUES (?1, 0, NULL)";
            self.run(transaction, doing, put, [entry.segment.as_bytes()]).map(|_| true)
        })
    }

    /// Whether the cloud was made this vault's.
    pub(crate) fn claimed(&self) -> Result<bool, Error> {
        let read = self.lock().query_row("SELECT cloud FROM vault", [], |row| row.get(0));
        read.map_err(self.failed("read whose the cloud is"))
    }

    /// It is now.
    pub(crate) fn claim(&self) -> Result<(), Error> {
        let put = "UPDATE vault SET cloud = 1 WHERE cloud = 0";
        self.lock().execute(put, []).map(drop).map_err(self.failed("note whose the cloud is"))
    }

    /// The cloud has a whole copy.
    pub(crate) fn uploaded(&self, entry: &Entry, at: Timestamp) -> Result<(), Error> {
        let doing = "note an upload";
        self.transaction(doing, |transaction| {
            let segment = entry.segment;
            let now = self.entry(transaction, segment)?;
            if !now.state.is_readable() || now.generation != entry.generation {
                return Err(Error::NotReadable { segment, state: now.state });
            }
            let bytes = i64::try_from(entry.bytes).unwrap_or(i64::MAX);
            let put =
                "INSERT INTO copies VALUES (?1, ?2, ?3) ON CONFLICT (segment) DO UPDATE SET bytes = ?2, uploaded = ?3";
            self.run(transaction, doing, put, params![segment.as_bytes(), bytes, at.as_nanos()])?;
            self.tell(transaction, &Record::Uploaded { segment, bytes: entry.bytes })
        })
    }

    /// Whether the cloud has a whole copy; `None` when it has nothing of the segment.
    pub(crate) fn copy(&self, segment: SegmentId) -> Result<Option<bool>, Error> {
        let sql = "SELECT uploaded IS NOT NULL FROM copies WHERE segment = ?1";
        Ok(self.rows("look for a copy", sql, [segment.as_bytes()], |row| row.get(0))?.pop())
    }

    /// All segments of which the cloud has a whole copy.
    pub(crate) fn copies(&self) -> Result<Vec<SegmentId>, Error> {
        let sql = "SELECT segment FROM copies WHERE uploaded IS NOT NULL";
        self.rows("list copies", sql, [], |row| Ok(SegmentId::from_bytes(row.get(0)?)))
    }

    /// The copy in the cloud is not there any more.
    pub(crate) fn copy_lost(&self, segment: SegmentId) -> Result<(), Error> {
        let doing = "note that a copy is missing";
        self.transaction(doing, |transaction| {
            let put = "UPDATE copies SET uploaded = NULL WHERE segment = ?1";
            self.run(transaction, doing, put, [segment.as_bytes()]).map(drop)
        })
    }

    /// The bytes of a segment are missing. Written down once: says whether this is the first time.
    pub(crate) fn miss(&self, segment: SegmentId) -> Result<bool, Error> {
        let doing = "note that bytes are missing";
        self.transaction(doing, |transaction| {
            let put = "UPDATE segments SET note = ?1 WHERE id = ?2 AND note IS NOT ?1";
            let first = self.run(transaction, doing, put, params![MISSING, segment.as_bytes()])? > 0;
            if first {
                self.tell(transaction, &Record::BytesMissing { segment })?;
            }
            Ok(first)
        })
    }

    /// Bytes that were missed are there again.
    pub(crate) fn found_again(&self, segment: SegmentId) -> Result<(), Error> {
        let doing = "note that bytes are there again";
        self.transaction(doing, |transaction| {
            let put = "UPDATE segments SET note = NULL WHERE id = ?1 AND note = ?2";
            self.run(transaction, doing, put, params![segment.as_bytes(), MISSING]).map(drop)
        })
    }

    /// What the cloud does not have yet.
    pub(crate) fn backlog(&self) -> Result<Backlog, Error> {
        let sql = "SELECT count(*), coalesce(sum(bytes), 0), min(deadline) FROM segments
            WHERE state IN ('sealed', 'recovered') AND id NOT IN (SELECT segment FROM copies WHERE uploaded IS NOT NULL) AND "
            .to_owned()
            + FREE;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Backlog {
                segments: row.get::<_, i64>(0)?.cast_unsigned(),
                bytes: row.get::<_, i64>(1)?.cast_unsigned(),
                first_deadline: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_nanos),
            })
        };
        Ok(self.rows("count what waits for the cloud", &sql, [], read)?.pop().unwrap_or_default())
    }

    /// At most `limit` segments that lie here and in the cloud, the oldest recordings first.
    pub(crate) fn may_make_room(&self, limit: u32) -> Result<Vec<Entry>, Error> {
        let sql = format!(
            "{SELECT} WHERE state IN ('sealed', 'recovered') AND here = 1 AND id IN (SELECT segment FROM copies WHERE uploaded IS NOT NULL) ORDER BY started, id LIMIT ?1"
        );
        self.rows("look for what may go", &sql, [limit], Entry::read)
    }

    /// The local copy goes. Written down before it does: what is not there is then not missed.
    pub(crate) fn not_here(&self, segment: SegmentId) -> Result<(), Error> {
        let doing = "note that a copy goes";
        self.transaction(doing, |transaction| {
            let put = "UPDATE segments SET here = 0 WHERE id = ?1 AND id IN (SELECT segment FROM copies WHERE uploaded IS NOT NULL)";
            if self.run(transaction, doing, put, [segment.as_bytes()])? == 0 {
                return Err(Error::Unknown { segment });
            }
            self.tell(transaction, &Record::MadeRoom { segment })
        })
    }
}
