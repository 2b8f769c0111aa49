//! Staff, partners, grants, and what was released to whom.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use super::Index;
use super::entry::{Entry, Opening};
use super::state::UnknownState;
use crate::error::Error;
use crate::record::Record;

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staff {
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The public half of their key (Ed25519), as hexadecimal digits.
    #[serde(with = "hex")]
    pub key: [u8; 32],
    /// Of a group company: the partner that it is.
    pub company: Option<String>,
}

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs the machine: sees what there is and whether it is whole, runs reports about groups of people, pauses cameras, and opens nothing.
    Operator,
    /// Answers for the data: opens, exports, grants, erases, restricts, discloses.
    PrivacyOfficer,
    /// Of another company of the group: opens what the company was granted, as any partner does, and nothing else.
    GroupCompany,
}

/// A grant, as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantEntry {
    /// Its name: 32 hexadecimal digits.
    #[serde(with = "hex")]
    pub id: [u8; 16],
    /// To whom.
    pub partner: String,
    /// When.
    pub issued: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// When it ended before that, or was found to have; `None` while it is open.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub how: Option<String>,
    /// What it is for.
    pub segments: Vec<SegmentId>,
    /// As it was signed.
    #[serde(skip)]
    pub(crate) document: String,
    /// The partner's keys when it was made.
    #[serde(skip)]
    pub(crate) key: String,
}

/// A partner opened a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartnerOpening {
    /// The grant.
    #[serde(with = "hex")]
    pub grant: [u8; 16],
    /// Whose it is.
    pub partner: String,
    /// Which segment.
    pub segment: SegmentId,
    /// When its key was released.
    pub at: Timestamp,
    /// Who there, as the partner says.
    pub who: String,
}

/// How a grant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantEnd {
    Expired,
    Revoked,
    Done,
}

/// What a law demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Demand {
    /// Who demands it.
    pub authority: String,
    /// The legal ground: law, article, file number.
    pub ground: String,
    /// What is demanded.
    pub scope: String,
}

// === impl Role ===

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Operator, Self::PrivacyOfficer, Self::GroupCompany];

    /// Its name, as the command line and the ledger have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::PrivacyOfficer => "privacy-officer",
            Self::GroupCompany => "group-company",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| UnknownState::new(name))
    }
}

// === impl GrantEnd ===

impl GrantEnd {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Done => "done",
        }
    }
}

// === impl Index ===

impl Index {
    /// All staff, by name.
    pub(crate) fn staff(&self) -> Result<Vec<Staff>, Error> {
        self.rows("list staff", "SELECT name, role, key, company FROM staff ORDER BY name", [], |row| {
            Ok(Staff {
                name: row.get(0)?,
                role: super::entry::parsed(1, row.get::<_, String>(1)?.parse())?,
                key: row.get(2)?,
                company: row.get(3)?,
            })
        })
    }

    /// Adds a member of staff. Says whether the name was free.
    pub(crate) fn add_staff(&self, staff: &Staff) -> Result<bool, Error> {
        let doing = "add a member of staff";
        self.transaction(doing, |transaction| {
            let new = "INSERT OR IGNORE INTO staff VALUES (?1, ?2, ?3, ?4, ?5)";
            let Staff { name, role, key, company } = staff;
            let at = self.last_seen().as_nanos();
            let added = self.run(transaction, doing, new, params![name, role.as_str(), key, company, at])? > 0;
            if added {
                let fingerprint = hex::encode(&key[..8]);
                self.tell(transaction, &Record::StaffAdded { name, role: role.as_str(), fingerprint: &fingerprint })?;
            }
            Ok(added)
        })
    }

    /// Removes a member of staff. Says whether there was one.
    pub(crate) fn remove_staff(&self, name: &str) -> Result<bool, Error> {
        let doing = "remove a member of staff";
        self.transaction(doing, |transaction| {
            let removed = self.run(transaction, doing, "DELETE FROM staff WHERE name = ?1", [name])? > 0;
            if removed {
                self.tell(transaction, &Record::StaffRemoved { name })?;
            }
            Ok(removed)
        })
    }

    /// The documents of all partners, by name.
    pub(crate) fn partners(&self) -> Result<Vec<String>, Error> {
        self.rows("list partners", "SELECT document FROM partners ORDER BY name", [], |row| row.get(0))
    }

    /// Adds a partner. Says whether the name was free.
    pub(crate) fn add_partner(
        &self,
        name: &str,
        country: &str,
        fingerprint: &str,
        document: &str,
    ) -> Result<bool, Error> {
        let doing = "add a partner";
        self.transaction(doing, |transaction| {
            let new = "INSERT OR IGNORE INTO partners VALUES (?1, ?2, ?3)";
            let at = self.last_seen().as_nanos();
            let added = self.run(transaction, doing, new, params![name, document, at])? > 0;
            if added {
                self.tell(transaction, &Record::PartnerAdded { partner: name, country, fingerprint })?;
            }
            Ok(added)
        })
    }

    /// Removes a partner. Says whether there was one.
    pub(crate) fn remove_partner(&self, name: &str) -> Result<bool, Error> {
        let doing = "remove a partner";
        self.transaction(doing, |transaction| {
            let removed = self.run(transaction, doing, "DELETE FROM partners WHERE name = ?1", [name])? > 0;
            if removed {
                self.tell(transaction, &Record::PartnerRemoved { partner: name })?;
            }
            Ok(removed)
        })
    }

    /// Writes a grant down. Segments that cannot be read any more, or are restricted, make it fail.
    pub(crate) fn grant(&self, grant: &GrantEntry, purpose: &str) -> Result<(), Error> {
        let doing = "write a grant down";
        self.transaction(doing, |transaction| {
            let GrantEntry { id, partner, document, key, issued, expires, segments, .. } = grant;
            let new = "INSERT INTO grants VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL)";
            let values = params![id, partner, document, key, issued.as_nanos(), expires.as_nanos()];
            self.run(transaction, doing, new, values)?;
            for segment in segments {
                let state = self.entry(transaction, *segment)?.state;
                if !state.may_leave() {
                    return Err(Error::NotReadable { segment: *segment, state });
                }
                self.is_free(transaction, *segment)?;
                let row = "INSERT INTO granted VALUES (?1, ?2)";
                self.run(transaction, doing, row, params![id, segment.as_bytes()])?;
            }
            let name = hex::encode(id);
            let record = Record::Granted { grant: &name, partner, purpose, segments, expires: *expires };
            self.tell(transaction, &record)
        })
    }

    /// All grants, the first first.
    pub(crate) fn grants(&self) -> Result<Vec<GrantEntry>, Error> {
        self.grants_where("1")
    }

    /// The grants that have not ended, the first first.
    pub(crate) fn open_grants(&self) -> Result<Vec<GrantEntry>, Error> {
        self.grants_where("ended IS NULL")
    }

    /// Whether a grant has not ended.
    pub(crate) fn is_open(&self, id: [u8; 16]) -> Result<bool, Error> {
        let open =
            self.rows("look at a grant", "SELECT 1 FROM grants WHERE id = ?1 AND ended IS NULL", [id], |_| Ok(()))?;
        Ok(!open.is_empty())
    }

    fn grants_where(&self, condition: &str) -> Result<Vec<GrantEntry>, Error> {
        let sql = format!(
            "SELECT id, partner, issued, expires, ended, how, document, key FROM grants WHERE {condition} ORDER BY issued, id"
        );
        let mut grants = self.rows("list grants", &sql, [], |row| {
            Ok(GrantEntry {
                id: row.get(0)?,
                partner: row.get(1)?,
                issued: Timestamp::from_nanos(row.get(2)?),
                expires: Timestamp::from_nanos(row.get(3)?),
                ended: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_nanos),
                how: row.get(5)?,
                segments: vec![],
                document: row.get(6)?,
                key: row.get(7)?,
            })
        })?;
        let sql = format!(
            "SELECT given, segment FROM granted JOIN grants ON given = id WHERE {condition} ORDER BY granted.rowid"
        );
        let mut segments = BTreeMap::<[u8; 16], Vec<_>>::new();
        for (grant, segment) in
            self.rows("list grants", &sql, [], |row| Ok((row.get(0)?, SegmentId::from_bytes(row.get(1)?))))?
        {
            segments.entry(grant).or_default().push(segment);
        }
        for grant in &mut grants {
            grant.segments = segments.remove(&grant.id).unwrap_or_default();
        }
        Ok(grants)
    }

    /// All grants that a segment ever was in.
    pub(crate) fn grants_of(&self, segment: SegmentId) -> Result<Vec<[u8; 16]>, Error> {
        let sql = "SELECT given FROM granted WHERE segment = ?1";
        self.rows("list grants", sql, [segment.as_bytes()], |row| row.get(0))
    }

    /// Ends a grant. Says whether it was open.
    pub(crate) fn end_grant(&self, id: [u8; 16], end: GrantEnd, at: Timestamp) -> Result<bool, Error> {
        let doing = "end a grant";
        self.transaction(doing, |transaction| {
            let put = "UPDATE grants SET ended = ?1, how = ?2 WHERE id = ?3 AND ended IS NULL";
            let ended = self.run(transaction, doing, put, params![at.as_nanos(), end.as_str(), id])? > 0;
            if ended {
                self.tell(transaction, &Record::GrantEnded { grant: &hex::encode(id), how: end.as_str() })?;
            }
            Ok(ended)
        })
    }

    /// Whether a partner's request, which its nonce names, was answered for this segment before: with an opening that was logged, whatever became of its key.
    pub(crate) fn has_released(&self, grant: [u8; 16], segment: SegmentId, nonce: &[u8]) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM releases WHERE given = ?1 AND segment = ?2 AND nonce = ?3";
        let values = params![grant, segment.as_bytes(), nonce];
        let found = self.rows("look for an opening by a partner", sql, values, |_| Ok(()))?;
        Ok(!found.is_empty())
    }

    /// Logs that a partner opens a segment. It is on disk when this returns. Refused when grant or segment has ended meanwhile, or the segment is restricted.
    pub(crate) fn log_release(
        &self,
        grant: [u8; 16],
        segment: SegmentId,
        nonce: &[u8],
        at: Timestamp,
        who: &str,
    ) -> Result<(), Error> {
        let doing = "log a release";
        self.transaction(doing, |transaction| {
            let open = "SELECT 1 FROM grants WHERE id = ?1 AND ended IS NULL";
            let open: Option<i64> =
                transaction.query_row(open, [grant], |row| row.get(0)).optional().map_err(self.failed(doing))?;
            let Entry { state, deadline, .. } = self.entry(transaction, segment)?;
            if open.is_none() || !state.may_leave() {
                return Err(Error::NotReadable { segment, state });
            }
            if deadline.has_passed(at) {
                return Err(Error::PastDeadline { segment, deadline });
            }
            self.is_free(transaction, segment)?;
            let new = "INSERT INTO releases (given, segment, nonce, at, who) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.run(transaction, doing, new, params![grant, segment.as_bytes(), nonce, at.as_nanos(), who])?;
            self.tell(transaction, &Record::Released { grant: &hex::encode(grant), segment, who })
        })
    }

    /// Which partners opened a segment; of all segments when `segment` is `None`.
    pub(crate) fn releases(&self, segment: Option<SegmentId>) -> Result<Vec<PartnerOpening>, Error> {
        let sql = "SELECT given, partner, segment, at, who FROM releases JOIN grants ON given = id
            WHERE ?1 IS NULL OR segment = ?1 ORDER BY number";
        let id = segment.map(|s| s.as_bytes().to_vec());
        self.rows("list openings by partners", sql, [id], |row| {
            Ok(PartnerOpening {
                grant: row.get(0)?,
                partner: row.get(1)?,
                segment: SegmentId::from_bytes(row.get(2)?),
                at: Timestamp::from_nanos(row.get(3)?),
                who: row.get(4)?,
            })
        })
    }

    /// Logs a disclosure: an export with what demands it.
    pub(crate) fn log_disclosure(&self, opening: &Opening, destination: &str, demand: &Demand) -> Result<(), Error> {
        let doing = "log a disclosure";
        self.transaction(doing, |transaction| {
            let number = self.export_row(transaction, opening, super::ExportForm::Sealed, destination)?;
            let Demand { authority, ground, scope } = demand;
            let new = "INSERT INTO disclosures VALUES (?1, ?2, ?3, ?4)";
            self.run(transaction, doing, new, params![number, authority, ground, scope])?;
            self.tell(transaction, &Record::Disclosed { segment: opening.segment, authority, ground, scope })
        })
    }
}
