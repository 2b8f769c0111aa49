//! Erasing for somebody's right to that (Art. 17): every copy that Sluis knows of, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use sluis_frame::Timestamp;
use sluis_rights::receipt::{CloudCopy, ErasedSegment, ExportedCopy, GrantedCopy, VaultCopy};
use sluis_rights::{ErasureReceipt, RequestNumber, SegmentName};
use sluis_segment::SegmentId;
use sluis_vault::{Archive, Entry, Reason, Receipt};

use super::{Error, window};

/// What is to be erased, with every copy that there is of it now: what is destroyed is no copy any more. It is kept with the decision, so that whatever comes between, [`carry_out`] knows what to do.
///
/// # Errors
///
/// [`Error::Vault`].
pub fn plan(
    archive: &Archive,
    number: RequestNumber,
    segments: &BTreeSet<SegmentName>,
    cloud: &str,
) -> Result<ErasureReceipt, Error> {
    let held = |name: &SegmentName| held(archive, &archive.entry(window::segment(*name))?, cloud);
    let segments = segments.iter().map(held).collect::<Result<_, Error>>()?;
    look(archive, &ErasureReceipt { request: number, as_of: archive.time()?, segments })
}

/// Brings the deadlines of what is not destroyed yet forward to now: from here on nobody opens it, and the recorder's next sweep destroys its keys. Again does no harm.
///
/// # Errors
///
/// [`Error::Vault`]: [`sluis_vault::Error::Restricted`] for one that somebody has a right to. All others are erased all the same.
pub fn carry_out(archive: &Archive, planned: &ErasureReceipt, reason: &Reason) -> Result<(), Error> {
    let left = planned.segments.iter().filter(|erased| erased.vault.key_destroyed.is_none());
    let tried: Vec<_> = left.map(|erased| archive.erase(window::segment(erased.segment), reason)).collect();
    Ok(tried.into_iter().try_for_each(|erased| erased.map(drop))?)
}

/// What Sluis itself holds of a segment. What others have is looked for by [`copies`].
///
/// # Errors
///
/// [`Error::Vault`].
pub fn held(archive: &Archive, entry: &Entry, cloud: &str) -> Result<ErasedSegment, Error> {
    let copied = archive.is_uploaded(entry.segment)?;
    Ok(ErasedSegment {
        segment: window::name(entry.segment),
        camera: entry.camera.clone(),
        started: entry.started,
        vault: VaultCopy { bytes: entry.bytes, key_destroyed: None, bytes_destroyed: None },
        cloud: copied.then(|| CloudCopy { object: entry.object().to_string(), place: cloud.to_owned(), gone: None }),
        exports: Vec::new(),
        grants: Vec::new(),
    })
}

/// The receipt as things stand now.
///
/// # Errors
///
/// [`Error::Vault`].
pub fn look(archive: &Archive, receipt: &ErasureReceipt) -> Result<ErasureReceipt, Error> {
    let segments = copies(archive, &receipt.segments)?;
    Ok(ErasureReceipt { as_of: archive.time()?, segments, ..receipt.clone() })
}

/// All copies of segments as things stand now: vault, cloud, exports, grants.
///
/// # Errors
///
/// [`Error::Vault`].
pub fn copies(archive: &Archive, known: &[ErasedSegment]) -> Result<Vec<ErasedSegment>, Error> {
    let receipts: BTreeMap<SegmentId, Receipt> = archive.receipts()?.into_iter().map(|r| (r.segment, r)).collect();
    let grants = archive.grants()?;
    let mut segments = Vec::with_capacity(known.len());
    for erased in known {
        let segment = window::segment(erased.segment);
        let destroyed = receipts.get(&segment);
        let gone = destroyed.and_then(|destroyed| destroyed.bytes_destroyed);
        let removed = |destination: &str, at: Timestamp| {
            let known = erased.exports.iter().find(|e| e.destination == destination && e.at == at);
            known.and_then(|export| export.removed)
        };
        let exports = archive.exports(Some(segment))?.into_iter().map(|export| ExportedCopy {
            removed: removed(&export.destination, export.opening.at),
            destination: export.destination,
            form: export.form.as_str().to_owned(),
            who: export.opening.who,
            at: export.opening.at,
        });
        let releases = archive.releases(Some(segment))?;
        let granted = grants.iter().filter(|grant| grant.segments.contains(&segment)).map(|grant| GrantedCopy {
            grant: hex::encode(grant.id),
            partner: grant.partner.clone(),
            opened: releases.iter().filter(|release| release.grant == grant.id).map(|release| release.at).collect(),
        });
        segments.push(ErasedSegment {
            vault: VaultCopy {
                key_destroyed: destroyed.map(|destroyed| destroyed.key_destroyed),
                bytes_destroyed: gone,
                ..erased.vault.clone()
            },
            // The vault's receipt is there when a listing of the cloud has it no longer.
            cloud: erased.cloud.clone().map(|cloud| CloudCopy { gone, ..cloud }),
            exports: exports.collect(),
            grants: granted.collect(),
            ..erased.clone()
        });
    }
    Ok(segments)
}

/// Notes that somebody has deleted what was written out into a folder.
pub fn export_removed(receipt: &mut ErasureReceipt, destination: &str, now: Timestamp) -> usize {
    let exports = receipt.segments.iter_mut().flat_map(|segment| &mut segment.exports);
    let here = exports.filter(|export| export.destination == destination && export.removed.is_none());
    here.map(|export| export.removed = Some(now)).count()
}
