//! Which recordings a breach concerns, and who had them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
/// A recording with all its copies, as the rights desk knows them: vault, cloud, exports, grants.
pub use sluis_rights::receipt::ErasedSegment as Copies;
use sluis_rights::receipt::{ExportedCopy, Opened, partners_to_tell};

/// What a breach concerns, as far as the vault knows. The number of people is not here: the program knows nobody, so it cannot count them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Affected {
    /// As things stood then.
    pub as_of: Timestamp,
    /// Segment by segment, the oldest first.
    pub segments: Vec<AffectedSegment>,
}

/// A recording that a breach concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AffectedSegment {
    /// Its copies.
    pub copies: Copies,
    /// When its recording ended, or would have at the latest.
    pub ended: Timestamp,
    /// Until when it may be kept.
    pub deadline: Timestamp,
    /// What is left of it in the vault.
    pub standing: Standing,
    /// Who opened it here, the first first.
    pub openings: Vec<Opening>,
}

/// What is left of a recording in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is still being recorded.
    Writing,
    /// It has its key.
    Readable,
    /// Its key is destroyed: nobody can read it in the vault or in the cloud.
    Destroyed,
    /// It was lost before its deadline.
    Lost,
}

/// That somebody opened a recording here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Opening {
    /// Who, as the vault's log has it. For the officer and the authority.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// `open` or `export`.
    pub how: String,
    /// Why, as was said then.
    pub reason: String,
}

// === impl Affected ===

impl Affected {
    /// The cameras.
    pub fn cameras(&self) -> BTreeSet<&CameraId> {
        self.segments.iter().map(|segment| &segment.copies.camera).collect()
    }

    /// How many minutes were recorded, all cameras together, rounded up.
    pub fn minutes(&self) -> u64 {
        let seconds: u64 = self.segments.iter().map(|s| s.ended.since(s.copies.started).as_secs()).sum();
        seconds.div_ceil(60)
    }

    /// From when until when, if there is anything.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let from = self.segments.iter().map(|segment| segment.copies.started).min()?;
        Some((from, self.segments.iter().map(|segment| segment.ended).max()?))
    }

    /// How many of them stand so.
    pub fn standing(&self, standing: Standing) -> usize {
        self.segments.iter().filter(|segment| segment.standing == standing).count()
    }

    /// How many have a copy in the cloud, without its key.
    pub fn in_cloud(&self) -> usize {
        let there = |s: &&AffectedSegment| s.copies.cloud.as_ref().is_some_and(|cloud| cloud.gone.is_none());
        self.segments.iter().filter(there).count()
    }

    /// Who opened any of them here: each with how often.
    pub fn openers(&self) -> BTreeMap<&str, usize> {
        let mut openers = BTreeMap::new();
        for opening in self.segments.iter().flat_map(|segment| &segment.openings) {
            *openers.entry(opening.who.as_str()).or_default() += 1;
        }
        openers
    }

    /// Partners that hold, or held, a grant to any of them, opened or not: each with how many of them.
    pub fn granted(&self) -> BTreeMap<&str, usize> {
        let mut partners: BTreeMap<&str, usize> = BTreeMap::new();
        for segment in &self.segments {
            let of: BTreeSet<&str> = segment.copies.grants.iter().map(|grant| grant.partner.as_str()).collect();
            of.into_iter().for_each(|partner| *partners.entry(partner).or_default() += 1);
        }
        partners
    }

    /// Partners that opened any of them: each with what they opened.
    pub fn opened(&self) -> BTreeMap<&str, Vec<Opened<'_>>> {
        partners_to_tell(self.segments.iter().map(|segment| &segment.copies))
    }

    /// Copies that were written out of the vault, and are not known to be deleted. They are not encrypted for who has them.
    pub fn exports(&self) -> Vec<&ExportedCopy> {
        let exports = self.segments.iter().flat_map(|segment| &segment.copies.exports);
        exports.filter(|export| export.removed.is_none()).collect()
    }

    /// Whether any of them was in hands for which it was not encrypted (Art. 34(3)(a)): an export, or what a partner opened.
    pub fn was_in_the_clear(&self) -> bool {
        !self.exports().is_empty() || !self.opened().is_empty()
    }
}
