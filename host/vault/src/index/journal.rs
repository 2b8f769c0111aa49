//! What is written down about segments: openings and receipts.

use rusqlite::params;
use sluis_segment::SegmentId;

use super::Index;
use super::entry::{Opening, Receipt};
use crate::error::Error;

// === impl Index ===

impl Index {
    /// Logs an opening. It is on disk when this returns.
    pub(crate) fn log_opening(&self, opening: &Opening) -> Result<(), Error> {
        let Opening { segment, at, who, how, reason } = opening;
        self.lock()
            .execute(
                "INSERT INTO openings (segment, at, who, how, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![segment.as_bytes(), at.as_nanos(), who, how, reason],
            )
            .map_err(self.failed("log an opening"))?;
        Ok(())
    }

    /// All openings of a segment, the first first; of all segments when `segment` is `None`.
    pub(crate) fn openings(&self, segment: Option<SegmentId>) -> Result<Vec<Opening>, Error> {
        let sql = format!("SELECT {} FROM openings WHERE ?1 IS NULL OR segment = ?1 ORDER BY number", Opening::COLUMNS);
        let connection = self.lock();
        let id = segment.map(|s| s.as_bytes().to_vec());
        let read = connection
            .prepare(&sql)
            .and_then(|mut statement| statement.query_map([id], Opening::read)?.collect::<Result<_, _>>());
        read.map_err(self.failed("list openings"))
    }

    /// All receipts, in the order in which keys were destroyed.
    pub(crate) fn receipts(&self) -> Result<Vec<Receipt>, Error> {
        let sql = format!("SELECT {} FROM receipts ORDER BY key_destroyed, segment", Receipt::COLUMNS);
        let read = || {
            let connection = self.lock();
            let mut statement = connection.prepare(&sql)?;
            statement.query_map([], Receipt::read)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut receipts = read().map_err(self.failed("list receipts"))?;
        for receipt in &mut receipts {
            receipt.openings = self.openings(Some(receipt.segment))?;
        }
        Ok(receipts)
    }
}
