//! What is written down about segments: openings, exports and receipts.

use rusqlite::{Transaction, params};
use sluis_segment::SegmentId;

use super::Index;
use super::entry::{Export, ExportForm, Opening, Receipt};
use super::restrictions::Exemption;
use crate::error::Error;
use crate::record::{Copy, Record};

// === impl Index ===

impl Index {
    /// Logs an opening. It is on disk when this returns. A restricted segment is refused.
    pub(crate) fn log_opening(&self, opening: &Opening) -> Result<(), Error> {
        self.transaction("log an opening", |transaction| {
            self.is_free(transaction, opening.segment)?;
            self.opening_row(transaction, opening)?;
            self.tell(transaction, &told(opening, None))
        })
    }

    /// Logs an opening that leaves a copy outside the vault. Likewise on disk, and likewise refused.
    /// What is restricted is not written out, but for what `exempt` says: that is told as well.
    pub(crate) fn log_export(&self, export: &Export, exempt: Option<Exemption>) -> Result<(), Error> {
        self.transaction("log an export", |transaction| {
            let Export { opening, form, destination } = export;
            match exempt {
                None => self.is_free(transaction, opening.segment)?,
                Some(exemption) => self.tell_exempted(transaction, opening, exemption)?,
            }
            self.export_row(transaction, opening, *form, destination)?;
            self.tell(transaction, &told(opening, Some(Copy { form: *form, destination })))
        })
    }

    /// The rows of an export. Says the number of its opening.
    pub(super) fn export_row(
        &self,
        transaction: &Transaction<'_>,
        opening: &Opening,
        form: ExportForm,
        destination: &str,
    ) -> Result<i64, Error> {
        self.opening_row(transaction, opening)?;
        let number = transaction.last_insert_rowid();
        let new = "INSERT INTO exports (opening, form, destination) VALUES (?1, ?2, ?3)";
        self.run(transaction, "log an export", new, params![number, form.as_str(), destination])?;
        Ok(number)
    }

    pub(super) fn opening_row(&self, transaction: &Transaction<'_>, opening: &Opening) -> Result<(), Error> {
        let Opening { segment, at, who, how, reason } = opening;
        let new = "INSERT INTO openings (segment, at, who, how, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![segment.as_bytes(), at.as_nanos(), who, how, reason];
        self.run(transaction, "log an opening", new, values).map(drop)
    }

    /// All exports of a segment, the first first; of all segments when `segment` is `None`.
    pub(crate) fn exports(&self, segment: Option<SegmentId>) -> Result<Vec<Export>, Error> {
        let sql = format!(
            "SELECT {}, form, destination FROM openings JOIN exports ON opening = number WHERE ?1 IS NULL OR segment = ?1 ORDER BY number",
            Opening::COLUMNS
        );
        self.rows("list exports", &sql, [segment.map(|s| s.as_bytes().to_vec())], Export::read)
    }

    /// All openings of a segment, the first first; of all segments when `segment` is `None`.
    pub(crate) fn openings(&self, segment: Option<SegmentId>) -> Result<Vec<Opening>, Error> {
        let sql = format!("SELECT {} FROM openings WHERE ?1 IS NULL OR segment = ?1 ORDER BY number", Opening::COLUMNS);
        self.rows("list openings", &sql, [segment.map(|s| s.as_bytes().to_vec())], Opening::read)
    }

    /// All receipts, in the order in which keys were destroyed.
    pub(crate) fn receipts(&self) -> Result<Vec<Receipt>, Error> {
        let sql = format!("SELECT {} FROM receipts ORDER BY key_destroyed, segment", Receipt::COLUMNS);
        let mut receipts = self.rows("list receipts", &sql, [], Receipt::read)?;
        for receipt in &mut receipts {
            receipt.openings = self.openings(Some(receipt.segment))?;
            receipt.exports = self.exports(Some(receipt.segment))?;
            receipt.releases = self.releases(Some(receipt.segment))?;
        }
        Ok(receipts)
    }
}

fn told<'a>(opening: &'a Opening, copy: Option<Copy<'a>>) -> Record<'a> {
    let Opening { segment, who, how, reason, .. } = opening;
    Record::Opened { segment: *segment, who, how, reason, copy }
}
