//! Segments that are only stored, because somebody has a right to that (Art. 18 GDPR).

use std::fmt;

use rusqlite::{Transaction, params};
use serde::Serialize;
use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use super::Index;
use super::entry::{Entry, Opening};
use crate::error::Error;
use crate::record::Record;

/// That somebody has a segment only stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restriction {
    /// Which.
    pub segment: SegmentId,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What allows reading a restricted segment all the same: Art. 18(2) GDPR, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exemption {
    /// The person it is about agrees: who asks for a copy (Art. 15 GDPR), for example.
    Consent,
    /// A legal claim is to be established, exercised or defended.
    LegalClaim,
    /// Somebody else's rights are to be protected.
    RightsOfOthers,
    /// An important public interest of the Union or of a member state.
    PublicInterest,
}

const RESTRICTING: &str = "restrict a segment";

// === impl Exemption ===

impl Exemption {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Consent, Self::LegalClaim, Self::RightsOfOthers, Self::PublicInterest];

    /// Its name, as the command line and the ledger have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::LegalClaim => "legal-claim",
            Self::RightsOfOthers => "rights-of-others",
            Self::PublicInterest => "public-interest",
        }
    }
}

impl fmt::Display for Exemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Index ===

impl Index {
    /// Restricts a segment that is not gone and whose deadline has not passed at `now`.
    pub(crate) fn restrict(&self, segment: SegmentId, reason: &str, now: Timestamp) -> Result<(), Error> {
        self.transaction(RESTRICTING, |transaction| {
            let Entry { state, deadline, .. } = self.entry(transaction, segment)?;
            if !state.is_readable() {
                return Err(Error::NotReadable { segment, state });
            }
            if deadline.has_passed(now) {
                return Err(Error::PastDeadline { segment, deadline });
            }
            self.restriction_row(transaction, segment, reason)
        })
    }

    /// The same for an older copy of the vault whose ledger says that it was restricted: whatever has become of it.
    pub(crate) fn restrict_again(&self, segment: SegmentId, reason: &str) -> Result<(), Error> {
        self.transaction(RESTRICTING, |transaction| self.restriction_row(transaction, segment, reason))
    }

    fn restriction_row(&self, transaction: &Transaction<'_>, segment: SegmentId, reason: &str) -> Result<(), Error> {
        let row = "INSERT INTO restrictions (segment, at, reason) VALUES (?1, ?2, ?3)";
        let values = params![segment.as_bytes(), self.last_seen().as_nanos(), reason];
        self.run(transaction, RESTRICTING, row, values)?;
        self.tell(transaction, &Record::Restricted { segment, reason })
    }

    /// Lifts restrictions of a segment: all of them, or those that were taken for the reason `taken`. Says whether it is free now.
    pub(crate) fn lift_restrictions(
        &self,
        segment: SegmentId,
        taken: Option<&str>,
        reason: &str,
    ) -> Result<bool, Error> {
        let doing = "lift a restriction";
        self.transaction(doing, |transaction| {
            let lift = "UPDATE restrictions SET lifted = ?1 WHERE segment = ?2 AND lifted IS NULL AND (?3 IS NULL OR reason = ?3)";
            let values = params![self.last_seen().as_nanos(), segment.as_bytes(), taken];
            if self.run(transaction, doing, lift, values)? == 0 {
                return Err(Error::NotRestricted { segment });
            }
            let free = self.entry(transaction, segment)?.restricted.is_none();
            self.tell(transaction, &Record::RestrictionLifted { segment, taken, free, reason })?;
            Ok(free)
        })
    }

    /// The restrictions of a segment that are in force, the first first; of all segments when `segment` is `None`.
    pub(crate) fn restrictions(&self, segment: Option<SegmentId>) -> Result<Vec<Restriction>, Error> {
        let sql = "SELECT segment, at, reason FROM restrictions WHERE lifted IS NULL AND (?1 IS NULL OR segment = ?1)
            ORDER BY number";
        self.rows("list restrictions", sql, [segment.map(|s| s.as_bytes().to_vec())], |row| {
            let segment = SegmentId::from_bytes(row.get(0)?);
            Ok(Restriction { segment, at: Timestamp::from_nanos(row.get(1)?), reason: row.get(2)? })
        })
    }

    /// Segments of which something may lie released in the cloud that is to be withdrawn.
    pub(crate) fn to_withdraw(&self) -> Result<Vec<SegmentId>, Error> {
        let sql = "SELECT DISTINCT segment FROM restrictions WHERE lifted IS NULL AND withdrawn IS NULL";
        self.rows("look for what is to be withdrawn", sql, [], |row| Ok(SegmentId::from_bytes(row.get(0)?)))
    }

    /// It is withdrawn.
    pub(crate) fn withdrawn(&self, segment: SegmentId) -> Result<(), Error> {
        let doing = "note what is withdrawn";
        self.transaction(doing, |transaction| {
            let put = "UPDATE restrictions SET withdrawn = ?1 WHERE segment = ?2 AND withdrawn IS NULL";
            self.run(transaction, doing, put, params![self.last_seen().as_nanos(), segment.as_bytes()]).map(drop)
        })
    }

    /// Refuses a segment that is restricted: asked in the transaction that would write down what is done with it.
    pub(super) fn is_free(&self, transaction: &Transaction<'_>, segment: SegmentId) -> Result<(), Error> {
        match self.entry(transaction, segment)?.restricted {
            Some(since) => Err(Error::Restricted { segment, since }),
            None => Ok(()),
        }
    }

    /// Logs an opening of a restricted segment, with what allows it. It is on disk when this returns. One that is not restricted any more is opened as any other.
    pub(crate) fn log_exempted(&self, opening: &Opening, exemption: Exemption) -> Result<(), Error> {
        self.transaction("log an opening", |transaction| {
            self.opening_row(transaction, opening)?;
            self.tell_exempted(transaction, opening, exemption)
        })
    }

    /// That a restricted segment is opened, and what allows it.
    pub(super) fn tell_exempted(
        &self,
        transaction: &Transaction<'_>,
        opening: &Opening,
        exemption: Exemption,
    ) -> Result<(), Error> {
        let Opening { segment, who, reason, .. } = opening;
        self.tell(transaction, &Record::OpenedRestricted { segment: *segment, who, exemption, reason })
    }
}
