//! Time, as the index remembers it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rusqlite::params;
use sluis_frame::Timestamp;

use super::Index;
use crate::error::Error;
use crate::record::Record;
use crate::time::{Base, Judged, SinceBoot, TimeCheck, Trust, judge};

/// What a look at the clock has given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Observed {
    /// What deadlines are held against when something is destroyed or recorded.
    pub(crate) time: Timestamp,
    /// The latest time that any clock here ever showed: what deadlines are held against when something is read.
    pub(crate) seen: Timestamp,
    /// Whether the clock can be believed.
    pub(crate) sure: bool,
}

struct Remembered {
    latest: Option<Timestamp>,
    seen: Timestamp,
    base: Option<Base>,
    unsure: bool,
}

/// Time that passes is written down this often: a write for every look would cost more than what it is for.
const GRAIN: Duration = Duration::from_secs(1);

// === impl Index ===

impl Index {
    /// Looks at the clock, for the one process that keeps the vault. What it finds is remembered, so that a clock set back does not move it back.
    pub(crate) fn observe(&self, wall: Timestamp, check: Option<&TimeCheck>) -> Result<Observed, Error> {
        loop {
            if let Some(observed) = self.try_observe(wall, check)? {
                return Ok(observed);
            }
        }
    }

    /// `None` when somebody else has written down something else meanwhile: another thread, or a person who says that the clock is right. Asking another clock can take long.
    fn try_observe(&self, wall: Timestamp, check: Option<&TimeCheck>) -> Result<Option<Observed>, Error> {
        let was = self.remembered()?;
        let Judged { time, base, trust } = judge(wall, was.latest, was.base, check);
        let sure = trust != Trust::Unsure;
        let seen = was.seen.max(wall).max(time);
        self.seen.fetch_max(time.as_nanos(), Ordering::SeqCst);
        let observed = Observed { time, seen, sure };
        let changed = was.unsure == sure || base != was.base;
        let passed = was.latest.is_none_or(|latest| time.since(latest) >= GRAIN) || seen.since(was.seen) >= GRAIN;
        if !changed && !passed {
            return Ok(Some(observed));
        }
        let doing = "note the time";
        self.transaction(doing, |transaction| {
            let later = "UPDATE vault SET latest = max(latest, ?1), seen = max(seen, ?2), boot = ?3, elapsed = ?4, base = ?5, base_sure = ?6, unsure = ?7
                WHERE boot IS ?8 AND elapsed IS ?9 AND base IS ?10 AND unsure = ?11";
            let values = params![
                time.as_nanos(),
                seen.as_nanos(),
                base.map(|base| base.since_boot.boot),
                base.map(|base| nanos(base.since_boot.elapsed)),
                base.map(|base| base.time.as_nanos()),
                base.is_some_and(|base| base.sure),
                !sure,
                was.base.map(|base| base.since_boot.boot),
                was.base.map(|base| nanos(base.since_boot.elapsed)),
                was.base.map(|base| base.time.as_nanos()),
                was.unsure
            ];
            if self.run(transaction, doing, later, values)? == 0 {
                return Ok(None);
            }
            match &trust {
                Trust::Confirmed(by) => self.tell(transaction, &Record::ClockConfirmed { clock: wall, by })?,
                Trust::Unsure if !was.unsure => {
                    self.tell(transaction, &Record::ClockUnsure { clock: wall, counted: time })?;
                }
                Trust::Agrees if was.unsure => {
                    self.tell(transaction, &Record::ClockConfirmed { clock: wall, by: "the count" })?;
                }
                _ => {}
            }
            Ok(Some(observed))
        })
    }

    /// Looks at the clock, for those who only read. Nothing is destroyed by what they see.
    pub(crate) fn look(&self, wall: Timestamp) -> Result<Observed, Error> {
        let was = self.remembered()?;
        let seen = was.seen.max(wall);
        self.seen.fetch_max(wall.as_nanos(), Ordering::SeqCst);
        if seen.since(was.seen) >= GRAIN || seen > was.seen && was.latest.is_none() {
            let later = "UPDATE vault SET seen = max(seen, ?1)";
            self.lock().execute(later, [seen.as_nanos()]).map_err(self.failed("note the time"))?;
        }
        Ok(Observed { time: was.latest.unwrap_or(wall), seen, sure: !was.unsure })
    }

    /// Somebody has looked at another clock: this one is right. From here it is counted on. What was seen of a clock that ran ahead counts no more.
    pub(crate) fn trust_time(&self, wall: Timestamp, since_boot: Option<SinceBoot>, by: &str) -> Result<(), Error> {
        let doing = "note that the clock is right";
        self.transaction(doing, |transaction| {
            let put = "UPDATE vault SET latest = max(latest, ?1), seen = max(latest, ?1), boot = ?2, elapsed = ?3, base = ?1, base_sure = 1, unsure = 0";
            let elapsed = since_boot.map(|now| nanos(now.elapsed));
            let boot = since_boot.map(|now| now.boot);
            transaction.execute(put, params![wall.as_nanos(), boot, elapsed]).map_err(self.failed(doing))?;
            self.tell(transaction, &Record::ClockConfirmed { clock: wall, by })
        })
    }

    /// The time at which records are written down: that of the last look.
    pub(super) fn last_seen(&self) -> Timestamp {
        Timestamp::from_nanos(self.seen.load(Ordering::SeqCst))
    }

    fn remembered(&self) -> Result<Remembered, Error> {
        let read = |row: &rusqlite::Row<'_>| {
            let latest: i64 = row.get(0)?;
            let boot: Option<[u8; 16]> = row.get(2)?;
            let elapsed: Option<i64> = row.get(3)?;
            let base: Option<i64> = row.get(4)?;
            let sure: Option<bool> = row.get(6)?;
            let base = boot.zip(elapsed).zip(base).map(|((boot, elapsed), time)| Base {
                since_boot: SinceBoot { boot, elapsed: Duration::from_nanos(elapsed.max(0).cast_unsigned()) },
                time: Timestamp::from_nanos(time),
                sure: sure.unwrap_or(false),
            });
            Ok(Remembered {
                latest: (latest != i64::MIN).then(|| Timestamp::from_nanos(latest)),
                seen: Timestamp::from_nanos(row.get(1)?),
                base,
                unsure: row.get(5)?,
            })
        };
        let connection = self.lock();
        let mut statement = connection
            .prepare_cached("SELECT latest, seen, boot, elapsed, base, unsure, base_sure FROM vault")
            .map_err(self.failed("read the time"))?;
        statement.query_row([], read).map_err(self.failed("read the time"))
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}
