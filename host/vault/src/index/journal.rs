//! What is written down about segments: openings, exports and receipts.

use rusqlite::{Transaction, params};
use sluis_segment::SegmentId;

use super::Index;
use super::entry::{Export, Opening, Receipt};
use crate::error::Error;

// === impl Index ===

impl Index {
    /// Logs an opening. It is on disk when this returns.
    pub(crate) fn log_opening(&self, opening: &Opening) -> Result<(), Error> {
        let doing = "log an opening";
        self.transaction(doing, |transaction| insert(transaction, opening).map_err(self.failed(doing)))
    }

    /// Logs an opening that leaves a copy outside the vault. Likewise on disk.
    pub(crate) fn log_export(&self, export: &Export) -> Result<(), Error> {
        let doing = "log an export";
        self.transaction(doing, |transaction| {
            let log = || {
                insert(transaction, &export.opening)?;
                let new = "INSERT INTO exports (opening, form, destination) VALUES (?1, ?2, ?3)";
                let opening = transaction.last_insert_rowid();
                transaction.execute(new, params![opening, export.form.as_str(), export.destination]).map(drop)
            };
            log().map_err(self.failed(doing))
        })
    }

    /// All exports of a segment, the first first; of all segments when `segment` is `None`.
    pub(crate) fn exports(&self, segment: Option<SegmentId>) -> Result<Vec<Export>, Error> {
        let sql = format!(
            "SELECT {}, form, destination FROM openings JOIN exports ON opening = number WHERE ?1 IS NULL OR segment = ?1 ORDER BY number",
            Opening::COLUMNS
        );
        let connection = self.lock();
        let id = segment.map(|s| s.as_bytes().to_vec());
        let read = connection
            .prepare(&sql)
            .and_then(|mut statement| statement.query_map([id], Export::read)?.collect::<Result<_, _>>());
        read.map_err(self.failed("list exports"))
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
            receipt.exports = self.exports(Some(receipt.segment))?;
        }
        Ok(receipts)
    }
}

fn insert(transaction: &Transaction<'_>, opening: &Opening) -> rusqlite::Result<()> {
    let Opening { segment, at, who, how, reason } = opening;
    let new = "INSERT INTO openings (segment, at, who, how, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.execute(new, params![segment.as_bytes(), at.as_nanos(), who, how, reason]).map(drop)
}
