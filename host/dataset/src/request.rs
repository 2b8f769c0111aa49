//! What is asked for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Gesture, Timestamp};
use sluis_segment::SegmentId;
use sluis_vault::Entry;

use crate::error::Error;

/// Which segments, and in which forms. An exported folder belongs to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// These segments; empty for all that the rest allows. What is named here and may not be handed out is an error; what is merely in the selection is left out.
    pub segments: BTreeSet<SegmentId>,
    /// Of these cameras; empty for all.
    pub cameras: BTreeSet<CameraId>,
    /// Begun at or after this time.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub to: Option<Timestamp>,
    /// These kinds of events; empty for all.
    pub events: BTreeSet<Gesture>,
    /// In these forms.
    pub forms: BTreeSet<Form>,
    /// Clips in which nothing happens too, labelled [`NOTHING`](crate::clip::NOTHING): as many as there are events in a segment.
    pub with_nothing: bool,
    /// A shard ends when it has this many bytes; one clip can make it longer.
    pub shard_bytes: u64,
}

/// A form of training data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Recordings.
    Mcap,
    /// Events.
    ActivityNet,
    /// Boxes of masks, on pictures.
    Coco,
    /// Clips of events.
    WebDataset,
}

// === impl Request ===

impl Request {
    /// 256 MB: large enough to be read in a stream, small enough to be copied again.
    pub const SHARD_BYTES: u64 = 256_000_000;

    /// Everything, in all forms.
    pub fn everything() -> Self {
        Self {
            segments: BTreeSet::new(),
            cameras: BTreeSet::new(),
            from: None,
            to: None,
            events: BTreeSet::new(),
            forms: Form::ALL.into(),
            with_nothing: false,
            shard_bytes: Self::SHARD_BYTES,
        }
    }

    /// Whether a segment is asked for, whatever its state.
    pub fn selects(&self, entry: &Entry) -> bool {
        (self.segments.is_empty() || self.segments.contains(&entry.segment))
            && (self.cameras.is_empty() || self.cameras.contains(&entry.camera))
            && self.from.is_none_or(|from| entry.started >= from)
            && self.to.is_none_or(|to| entry.started < to)
    }

    /// Whether events of this kind are asked for.
    pub fn wants(&self, gesture: Gesture) -> bool {
        self.events.is_empty() || self.events.contains(&gesture)
    }

    pub(crate) fn has(&self, form: Form) -> bool {
        self.forms.contains(&form)
    }
}

// === impl Form ===

impl Form {
    /// All forms.
    pub const ALL: [Self; 4] = [Self::Mcap, Self::ActivityNet, Self::Coco, Self::WebDataset];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mcap => "mcap",
            Self::ActivityNet => "activitynet",
            Self::Coco => "coco",
            Self::WebDataset => "webdataset",
        }
    }
}

impl FromStr for Form {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|form| form.as_str() == name).ok_or_else(|| Error::Form(name.to_owned()))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
