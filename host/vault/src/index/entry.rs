//! Rows of the index.

use std::fmt;
use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::{Binding, SegmentId, Summary};
use sluis_store::ObjectName;

use super::sharing::PartnerOpening;
use super::state::{Ending, State, UnknownState};
use crate::retention::Deadline;

/// A segment, as the index knows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its name.
    pub segment: SegmentId,
    /// The shop.
    pub shop: String,
    /// The camera.
    pub camera: CameraId,
    /// When its recording began.
    pub started: Timestamp,
    /// When it must be gone.
    pub deadline: Deadline,
    /// Its state.
    pub state: State,
    /// Bytes of its sealed object; 0 while it is written.
    pub bytes: u64,
    /// What is in it, once it is sealed or recovered.
    pub summary: Option<Summary>,
    /// What recovery found.
    pub note: Option<String>,
    /// Which of its keys and objects is the valid one: 0 as recorded, more after recoveries.
    pub generation: u32,
    /// Whether its bytes lie here; else only the copy in the cloud is left.
    pub here: bool,
    /// Since when it is only stored (Art. 18 GDPR); `None` when nobody restricts it. A segment that was destroyed under a restriction keeps the mark.
    pub restricted: Option<Timestamp>,
}

/// How much is kept, and can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Segments.
    pub segments: u64,
    /// When the oldest of them began.
    pub oldest: Option<Timestamp>,
    /// When the first of them is destroyed.
    pub next_deletion: Option<Timestamp>,
}

/// That somebody opened a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// Which.
    pub segment: SegmentId,
    /// When.
    pub at: Timestamp,
    /// The user of the operating system.
    pub who: String,
    /// `open` or `export`.
    pub how: String,
    /// The reason that was given.
    pub reason: String,
}

/// That a copy of a segment was written out of the vault, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Which segment, when, by whom, and why.
    pub opening: Opening,
    /// In which form.
    pub form: ExportForm,
    /// Where it went: a folder of this machine, as it was then.
    pub destination: String,
}

/// In which form a segment left the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportForm {
    /// Sealed, with its key.
    Sealed,
    /// As training data, in the clear.
    Dataset,
    /// As the copy for a person who is in it (Art. 15(3) GDPR), others filled.
    SubjectCopy,
    /// As a plain recording in one file, in the clear.
    Plain,
}

/// That a segment was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Which.
    pub segment: SegmentId,
    /// As what it ends.
    pub ending: Ending,
    /// Why, in words.
    pub reason: String,
    /// Bytes of the object that was destroyed, as far as known.
    pub bytes: u64,
    /// When its key was destroyed: from then on nobody could read it.
    pub key_destroyed: Timestamp,
    /// When its bytes were gone from the store and its key from the index's files; `None` until then.
    pub bytes_destroyed: Option<Timestamp>,
    /// All openings that there ever were.
    pub openings: Vec<Opening>,
    /// Of these, the ones that left a copy outside the vault.
    pub exports: Vec<Export>,
    /// What partners opened under their grants.
    pub releases: Vec<PartnerOpening>,
}

// === impl Entry ===

impl Entry {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let summary: Option<String> = row.get(7)?;
        Ok(Self {
            segment: SegmentId::from_bytes(row.get(0)?),
            shop: row.get(1)?,
            camera: parsed(2, CameraId::new(&row.get::<_, String>(2)?))?,
            started: Timestamp::from_nanos(row.get(3)?),
            deadline: Deadline::at(Timestamp::from_nanos(row.get(4)?)),
            state: parsed(5, row.get::<_, String>(5)?.parse())?,
            bytes: count(row, 6)?,
            summary: summary.map(|json| parsed(7, serde_json::from_str(&json))).transpose()?,
            note: row.get(8)?,
            generation: row.get(9)?,
            here: row.get(10)?,
            restricted: row.get::<_, Option<i64>>(11)?.map(Timestamp::from_nanos),
        })
    }

    /// What its seal and its wrapped key are bound to.
    pub(crate) fn binding(&self) -> Binding {
        Binding { shop: self.shop.clone(), camera: self.camera.clone(), segment: self.segment }
    }

    /// The name of its object in the store.
    pub fn object(&self) -> ObjectName {
        object(self.segment, self.generation)
    }
}

// === impl Opening ===

impl Opening {
    pub(super) const COLUMNS: &'static str = "segment, at, who, how, reason";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            segment: SegmentId::from_bytes(row.get(0)?),
            at: Timestamp::from_nanos(row.get(1)?),
            who: row.get(2)?,
            how: row.get(3)?,
            reason: row.get(4)?,
        })
    }
}

// === impl Export ===

impl Export {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            opening: Opening::read(row)?,
            form: parsed(5, row.get::<_, String>(5)?.parse())?,
            destination: row.get(6)?,
        })
    }
}

// === impl ExportForm ===

impl ExportForm {
    /// Its name, as the index and `--json` have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Dataset => "dataset",
            Self::SubjectCopy => "subject-copy",
            Self::Plain => "plain",
        }
    }
}

impl FromStr for ExportForm {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        [Self::Sealed, Self::Dataset, Self::SubjectCopy, Self::Plain]
            .into_iter()
            .find(|form| form.as_str() == name)
            .ok_or_else(|| UnknownState::new(name))
    }
}

impl fmt::Display for ExportForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Receipt ===

impl Receipt {
    pub(super) const COLUMNS: &'static str = "segment, ending, reason, bytes, key_destroyed, bytes_destroyed";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            segment: SegmentId::from_bytes(row.get(0)?),
            ending: parsed(1, row.get::<_, String>(1)?.parse())?,
            reason: row.get(2)?,
            bytes: count(row, 3)?,
            key_destroyed: Timestamp::from_nanos(row.get(4)?),
            bytes_destroyed: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_nanos),
            openings: Vec::new(),
            exports: Vec::new(),
            releases: Vec::new(),
        })
    }
}

/// The name of the object of a segment's generation.
pub(crate) fn object(segment: SegmentId, generation: u32) -> ObjectName {
    ObjectName::new(format!("{segment}-{generation}.sealed")).expect("digits, a dash and a dot make a name")
}

/// Which segment's object a name is; `None` for objects that are no segments.
pub(crate) fn segment_of(object: &ObjectName) -> Option<(SegmentId, u32)> {
    let (segment, generation) = object.as_str().strip_suffix(".sealed")?.split_once('-')?;
    Some((segment.parse().ok()?, generation.parse().ok()?))
}

/// SQLite's integers have a sign.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    parsed(column, u64::try_from(row.get::<_, i64>(column)?))
}

pub(super) fn parsed<T, E>(column: usize, result: Result<T, E>) -> rusqlite::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    result.map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(e)))
}
