//! The receipt of an erasure: every copy that Sluis knew of, and what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};

use crate::number::RequestNumber;
use crate::segment::SegmentName;

/// What an erasure found, and what became of each copy (Art. 17(1), Art. 19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ErasureReceipt {
    /// For which request.
    pub request: RequestNumber,
    /// As things stood then.
    pub as_of: Timestamp,
    /// Segment by segment.
    pub segments: Vec<ErasedSegment>,
}

/// A segment that was erased, with all its copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ErasedSegment {
    /// Its name.
    pub segment: SegmentName,
    /// The camera.
    pub camera: CameraId,
    /// When its recording began.
    pub started: Timestamp,
    /// The recording in the vault.
    pub vault: VaultCopy,
    /// Its copy in the cloud; `None` where there never was one.
    pub cloud: Option<CloudCopy>,
    /// Copies that were written out of the vault.
    pub exports: Vec<ExportedCopy>,
    /// Grants that it was part of, opened or not.
    pub grants: Vec<GrantedCopy>,
}

/// The recording in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VaultCopy {
    /// Bytes of the sealed object.
    pub bytes: u64,
    /// When its key was destroyed: from then on nobody could read it, here or in the cloud. `None` until then; nobody opens it meanwhile.
    pub key_destroyed: Option<Timestamp>,
    /// When its bytes were gone; `None` until then.
    pub bytes_destroyed: Option<Timestamp>,
}

/// A copy in the cloud. Ciphertext only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CloudCopy {
    /// The object's name.
    pub object: String,
    /// Where: server and region, or folder.
    pub place: String,
    /// When a listing no longer had it; `None` until then.
    pub gone: Option<Timestamp>,
}

/// A copy that was written out of the vault, into a folder of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExportedCopy {
    /// Where it went: a folder or a file, as it was then.
    pub destination: String,
    /// In which form: `sealed`, `dataset`, `subject-copy`, `plain`.
    pub form: String,
    /// Who took it. For the officer: no letter tells it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// When it was taken out of that folder, as the desk knows; `None` where somebody must still do so.
    pub removed: Option<Timestamp>,
}

/// A grant that the segment was part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct GrantedCopy {
    /// The grant: 32 hexadecimal digits.
    pub grant: String,
    /// To whom.
    pub partner: String,
    /// When the partner opened it; empty: never, and now it cannot.
    pub opened: Vec<Timestamp>,
}

/// What one partner had opened, and must be told to erase (Art. 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Opened<'a> {
    /// Under which grant.
    pub grant: &'a str,
    /// Which segment.
    pub segment: SegmentName,
    /// When.
    pub at: Timestamp,
}

/// Something that is not gone yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left<'a> {
    /// Its bytes are still in the vault, without their key; the next sweep removes them.
    Vault(SegmentName),
    /// An object is still in the cloud, without its key; the next reconciliation removes it.
    Cloud(SegmentName, &'a CloudCopy),
    /// A copy that was written out: somebody must delete it.
    Export(SegmentName, &'a ExportedCopy),
}

// === impl ErasureReceipt ===

impl ErasureReceipt {
    /// The partners who had opened something and must be told (Art. 19), each with what they opened, the oldest first.
    pub fn partners_to_tell(&self) -> BTreeMap<&str, Vec<Opened<'_>>> {
        partners_to_tell(&self.segments)
    }

    /// Whether all keys are destroyed: nobody can read any of it, wherever its bytes still are.
    pub fn is_unreadable(&self) -> bool {
        self.segments.iter().all(|segment| segment.vault.key_destroyed.is_some())
    }

    /// What is not gone yet. Empty when the erasure is complete, as far as Sluis reaches.
    pub fn left(&self) -> Vec<Left<'_>> {
        let mut left = Vec::new();
        for segment in &self.segments {
            if segment.vault.bytes_destroyed.is_none() {
                left.push(Left::Vault(segment.segment));
            }
            if let Some(cloud) = segment.cloud.as_ref().filter(|cloud| cloud.gone.is_none()) {
                left.push(Left::Cloud(segment.segment, cloud));
            }
            let exports = segment.exports.iter().filter(|export| export.removed.is_none());
            left.extend(exports.map(|export| Left::Export(segment.segment, export)));
        }
        left
    }
}

/// The partners who had opened one of these segments, each with what they opened, the oldest first.
pub fn partners_to_tell<'a>(
    segments: impl IntoIterator<Item = &'a ErasedSegment>,
) -> BTreeMap<&'a str, Vec<Opened<'a>>> {
    let mut told: BTreeMap<&str, Vec<Opened<'_>>> = BTreeMap::new();
    for segment in segments {
        for grant in segment.grants.iter().filter(|grant| !grant.opened.is_empty()) {
            let opened = grant.opened.iter();
            told.entry(&grant.partner).or_default().extend(opened.map(|at| Opened {
                grant: &grant.grant,
                segment: segment.segment,
                at: *at,
            }));
        }
    }
    told.values_mut().for_each(|opened| opened.sort_by_key(|opened| (opened.at, opened.segment)));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> ErasureReceipt {
        let grant = |partner: &str, opened: &[i64]| GrantedCopy {
            grant: "ab".repeat(16),
            partner: partner.to_owned(),
            opened: opened.iter().map(|at| Timestamp::from_secs(*at)).collect(),
        };
        let segment = |id: u8, grants| ErasedSegment {
            segment: SegmentName::from_bytes([id; 16]),
            camera: CameraId::new("shelf").unwrap(),
            started: Timestamp::from_secs(0),
            vault: VaultCopy { bytes: 7, key_destroyed: Some(Timestamp::from_secs(9)), bytes_destroyed: None },
            cloud: Some(CloudCopy { object: "o".into(), place: "nl-ams".into(), gone: None }),
            exports: vec![ExportedCopy {
                destination: "/srv/out".into(),
                form: "dataset".into(),
                who: "P. Jansen".into(),
                at: Timestamp::from_secs(3),
                removed: None,
            }],
            grants,
        };
        ErasureReceipt {
            request: "2026-0001".parse().unwrap(),
            as_of: Timestamp::from_secs(10),
            segments: vec![
                segment(2, vec![grant("Models BV", &[8, 4]), grant("Idle GmbH", &[])]),
                segment(1, vec![grant("Models BV", &[5])]),
            ],
        }
    }

    #[test]
    fn only_partners_who_opened_something_must_be_told() {
        let receipt = receipt();
        let told = receipt.partners_to_tell();
        assert_eq!(told.keys().copied().collect::<Vec<_>>(), ["Models BV"]);
        let seconds: Vec<_> = told["Models BV"].iter().map(|o| (o.at.as_secs(), o.segment.as_bytes()[0])).collect();
        assert_eq!(seconds, [(4, 2), (5, 1), (8, 2)]);
    }

    #[test]
    fn an_erasure_is_complete_when_every_copy_is_gone() {
        let mut receipt = receipt();
        assert_eq!(receipt.left().len(), 6);
        for segment in &mut receipt.segments {
            segment.vault.bytes_destroyed = Some(Timestamp::from_secs(10));
            segment.cloud.as_mut().unwrap().gone = Some(Timestamp::from_secs(10));
        }
        assert!(matches!(receipt.left()[..], [Left::Export(..), Left::Export(..)]));
        receipt.segments.iter_mut().for_each(|s| s.exports[0].removed = Some(Timestamp::from_secs(10)));
        assert!(receipt.left().is_empty());
    }
}
