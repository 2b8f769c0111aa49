//! `export.json`: what an exported folder is.

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::SegmentId;

use crate::error::Error;
use crate::place::Place;
use crate::request::Request;

/// The name of its form.
pub const SCHEMA: &str = "sluis.dataset/1";

/// Its name in the folder.
pub const FILE: &str = "export.json";

/// What an exported folder is, of what, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whether all is there. While it is `false`, the same request goes on.
    pub complete: bool,
    /// When the export began: RFC 3339, UTC.
    pub made: String,
    /// Why, as the vault has logged it.
    pub reason: String,
    /// The earliest deadline: from then on something of the folder must be gone. RFC 3339, UTC. `None` when nothing is left in it.
    pub delete_by: Option<String>,
    /// What was asked for.
    pub request: Request,
    /// What is in it.
    pub segments: Vec<Part>,
    /// What was asked for and is not in it.
    pub refused: Vec<Refusal>,
    /// What was in it and has been taken out.
    pub forgotten: Vec<SegmentId>,
    /// All files but this one, by path.
    pub files: Vec<FileFacts>,
}

/// A segment in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which.
    pub segment: SegmentId,
    /// Of which camera.
    pub camera: CameraId,
    /// When its recording began: RFC 3339, UTC.
    pub started: String,
    /// When everything of it must be gone: RFC 3339, UTC.
    pub delete_by: String,
    /// The same for programs: nanoseconds since 1970, UTC.
    pub delete_by_ns: Timestamp,
}

/// A segment that was not exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which.
    pub segment: SegmentId,
    /// Why.
    pub why: String,
}

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Where, from the folder.
    pub path: String,
    /// How long.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Whose pictures or events are in it.
    pub segments: Vec<SegmentId>,
}

// === impl Manifest ===

impl Manifest {
    /// Reads it; `None` when there is none.
    pub(crate) fn read(place: &Place) -> Result<Option<Self>, Error> {
        place.read_json(FILE)
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&mut self, place: &Place) -> Result<(), Error> {
        self.delete_by = self.segments.iter().min_by_key(|part| part.delete_by_ns).map(|part| part.delete_by.clone());
        place.write_json(FILE, self)
    }

    /// Takes a segment out of the list.
    pub(crate) fn refuse(&mut self, segment: SegmentId, why: String) {
        self.segments.retain(|part| part.segment != segment);
        self.refused.push(Refusal { segment, why });
    }
}

/// A moment as the files of an export have it: RFC 3339, UTC, to the second.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_secs())
        .map_or_else(|_| format!("{} s after 1970", at.as_secs()), |t| t.to_string())
}
