//! Copies in the cloud: sealed bytes, a manifest for each, and a tombstone for what is gone. Nothing else goes up.
//!
//! What must be gone first goes up first. An upload that breaks off is gone on with, also by the next process and after days; what is destroyed meanwhile does not stay there. A copy
//! is removed with its segment, and the receipt waits until it is.

use std::io::Read;
use std::sync::atomic::Ordering;

use ring::hmac;
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::SegmentId;
use sluis_store::{ByteRange, Error as StoreError, ObjectName, ObjectStore, Resumed};

use crate::error::Error;
use crate::index::entry::object;
use crate::index::{Backlog, Entry};
use crate::retention::Deadline;
use crate::vault::Vault;

/// What lies beside a sealed object in the cloud: `manifest-SEGMENT.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// Which segment.
    pub segment: SegmentId,
    /// The shop.
    pub shop: String,
    /// The camera.
    pub camera: CameraId,
    /// When its recording began.
    pub started: Timestamp,
    /// When it must be gone.
    pub deadline: Deadline,
    /// The sealed object.
    pub object: String,
    /// Bytes of it.
    pub bytes: u64,
}

/// That a segment is gone, for a vault that was put back from a copy: `gone-SEGMENT.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tombstone {
    /// Which segment.
    pub segment: SegmentId,
    /// When it must have been gone at the latest.
    pub deadline: Deadline,
    /// HMAC-SHA-256 of the two under the vault's own key: who can write into the bucket can order nothing destroyed.
    #[serde(with = "hex")]
    pub mac: [u8; 32],
}

/// Whose copies lie here: `owner.json`, made at the first use. It also shows that a folder is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Owner {
    /// Tells one vault from another, and nothing about it.
    #[serde(with = "hex")]
    vault: [u8; 32],
}

/// What an upload came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// There is nothing to upload.
    Idle,
    /// The cloud has this segment now.
    Done {
        /// Which.
        segment: SegmentId,
        /// Bytes that went up just now.
        bytes: u64,
    },
    /// It was told to stop in the middle, or somebody had the segment restricted. The next call goes on, if it may.
    Stopped,
    /// The segment was destroyed meanwhile; so is its copy.
    Gone {
        /// Which.
        segment: SegmentId,
    },
}

/// Told before each piece how many bytes it has; blocks for as long as the line is to be spared; `false` stops the upload.
pub type Pace<'a> = &'a mut dyn FnMut(usize) -> bool;

/// Bytes that are read and sent at once.
const PIECE: usize = 256 << 10;

// === impl Vault ===

impl Vault {
    /// Copies the one segment to the cloud that has no copy there and whose deadline comes first; not one of `skip`, which failed just now. Blocks; one caller at a time.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] names the segment. Without a cloud there is nothing to do.
    pub fn upload_next(&self, skip: &[SegmentId], pace: Pace<'_>) -> Result<Upload, Error> {
        let Some(cloud) = &self.archive().cloud else { return Ok(Upload::Idle) };
        let Some(entry) = self.index().next_to_upload(skip)? else { return Ok(Upload::Idle) };
        let segment = entry.segment;
        let failed = |source: Error| Error::Upload { segment, source: Box::new(source) };
        self.is_ours(cloud.as_ref()).map_err(failed)?;
        match self.index().upload_begins(&entry) {
            Ok(true) => {}
            Ok(false) => return Ok(Upload::Gone { segment }),
            Err(Error::Restricted { .. }) => return Ok(Upload::Stopped),
            Err(error) => return Err(error),
        }
        let Some(bytes) = self.copy_up(cloud.as_ref(), &entry, pace).map_err(failed)? else {
            return Ok(Upload::Stopped);
        };
        match self.index().uploaded(&entry, self.archive().now()?) {
            Ok(()) => {
                self.archive().tell_ledger_soon();
                Ok(Upload::Done { segment, bytes })
            }
            Err(Error::NotReadable { .. }) => {
                // A sweep has come first, and may have looked before the copy was whole.
                self.remove_from(cloud.as_ref(), &entry).map_err(failed)?;
                Ok(Upload::Gone { segment })
            }
            Err(error) => Err(error),
        }
    }

    /// What the cloud does not have yet; `None` without a cloud.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn backlog(&self) -> Result<Option<Backlog>, Error> {
        self.archive().cloud.as_ref().map(|_| self.index().backlog()).transpose()
    }

    /// Says how many bytes went up; `None` when it was told to stop.
    fn copy_up(&self, cloud: &dyn ObjectStore, entry: &Entry, pace: Pace<'_>) -> Result<Option<u64>, Error> {
        let name = entry.object();
        let Resumed { mut writer, offset } = match begin(cloud, &name)? {
            Some(begun) => begun,
            None if self.is_same(cloud, entry)? => return self.describe(cloud, entry).map(|()| Some(0)),
            None => {
                // Not what is here: of a recovery that was thrown away, or of a vault that was put back from a copy.
                cloud.delete(&name)?;
                Resumed { writer: cloud.create(&name)?, offset: 0 }
            }
        };
        let mut from = self.store().open(&name, ByteRange { from: offset, length: None })?;
        let mut piece = vec![0; PIECE];
        let mut sent = 0;
        loop {
            let read = fill(&mut *from, &mut piece).map_err(|e| Error::reading(entry.segment, name.clone(), e))?;
            if read == 0 {
                break;
            }
            // What is only stored from now on (Art. 18 GDPR) goes no further, either.
            if !pace(read) || self.index().get(entry.segment)?.restricted.is_some() {
                writer.sync()?;
                return Ok(None);
            }
            writer.append(&piece[..read])?;
            sent += read as u64;
        }
        if offset + sent != entry.bytes {
            drop(writer);
            cloud.discard(&name)?;
            return Err(Error::Length { segment: entry.segment, expected: entry.bytes, found: offset + sent });
        }
        writer.commit()?;
        // What an earlier process left may have been damaged by what ended it.
        if offset > 0 && !self.is_same(cloud, entry)? {
            cloud.delete(&name)?;
            return Err(Error::CopyDiffers { segment: entry.segment });
        }
        self.describe(cloud, entry)?;
        Ok(Some(sent))
    }

    fn describe(&self, cloud: &dyn ObjectStore, entry: &Entry) -> Result<(), Error> {
        let manifest = Manifest {
            segment: entry.segment,
            shop: entry.shop.clone(),
            camera: entry.camera.clone(),
            started: entry.started,
            deadline: entry.deadline,
            object: entry.object().as_str().to_owned(),
            bytes: entry.bytes,
        };
        let json = serde_json::to_vec(&manifest).expect("a manifest is plain data");
        let name = manifest_of(entry.segment);
        match put(cloud, &name, &json) {
            // Of the segment before its deadline was moved.
            Err(StoreError::ObjectExists { .. }) => {
                cloud.delete(&name)?;
                Ok(put(cloud, &name, &json)?)
            }
            other => Ok(other?),
        }
    }

    /// Whether what the cloud has is what is here.
    fn is_same(&self, cloud: &dyn ObjectStore, entry: &Entry) -> Result<bool, Error> {
        let name = entry.object();
        if cloud.size(&name)? != Some(entry.bytes) {
            return Ok(false);
        }
        let (mut here, mut there) = (self.store().open(&name, ByteRange::ALL)?, cloud.open(&name, ByteRange::ALL)?);
        let (mut ours, mut theirs) = (vec![0; PIECE], vec![0; PIECE]);
        let failed = |e| Error::reading(entry.segment, name.clone(), e);
        loop {
            let read = fill(&mut *here, &mut ours).map_err(failed)?;
            if fill(&mut *there, &mut theirs).map_err(failed)? != read || ours[..read] != theirs[..read] {
                return Ok(false);
            }
            if read == 0 {
                return Ok(true);
            }
        }
    }

    /// Removes everything that the cloud may have of a segment whose key is destroyed, and leaves its tombstone.
    pub(crate) fn remove_copy(&self, entry: &Entry) -> Result<(), Error> {
        let Some(cloud) = &self.archive().cloud else {
            return match self.index().copy(entry.segment)? {
                None => Ok(()),
                Some(_) => Err(Error::NoCloud { segment: entry.segment }),
            };
        };
        self.is_ours(cloud.as_ref())?;
        // Also of a segment that the index says has no copy: it may have been put back from before there was one. And what is gone before its time needs a tombstone in any case.
        self.remove_from(cloud.as_ref(), entry)?;
        // No receipt while the cloud may hold keys under grants that this index never knew.
        if self.cloud_unseen.load(Ordering::SeqCst) {
            self.clear_exchange(cloud.as_ref(), &cloud.list()?)?;
            self.clear_exchange(cloud.as_ref(), &cloud.partials()?)?;
            self.cloud_unseen.store(false, Ordering::SeqCst);
        }
        self.archive().withdraw_releases(cloud.as_ref(), entry.segment)?;
        Ok(())
    }

    /// Whether a tombstone is this vault's own.
    pub(crate) fn is_true(&self, tombstone: &Tombstone) -> bool {
        let Tombstone { segment, deadline, mac } = tombstone;
        hmac::verify(&self.tombstone_key(), &dead(*segment, *deadline), mac).is_ok()
    }

    fn mac(&self, segment: SegmentId, deadline: Deadline) -> hmac::Tag {
        hmac::sign(&self.tombstone_key(), &dead(segment, deadline))
    }

    fn tombstone_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.archive().root.derive("tombstones").as_ref())
    }

    /// Looks that the cloud is this vault's, and makes it so at the first use: in another's, or in a folder that is not mounted, nothing may be removed or missed.
    ///
    /// # Errors
    ///
    /// [`Error::NotOurs`]; [`Error::Store`].
    pub(crate) fn is_ours(&self, cloud: &dyn ObjectStore) -> Result<(), Error> {
        if self.ours.load(Ordering::SeqCst) {
            return Ok(());
        }
        let name = ObjectName::new(OWNER).expect("letters and a dot make a name");
        let owner = Owner { vault: *self.archive().root.derive("owner of the cloud") };
        let json = serde_json::to_vec(&owner).expect("an owner is plain data");
        match read_small(cloud, &name, 4096) {
            Ok(bytes) => {
                if serde_json::from_slice::<Owner>(&bytes).ok() != Some(owner) {
                    return Err(Error::NotOurs { what: "`owner.json` there names another vault" });
                }
            }
            Err(StoreError::ObjectMissing { .. }) if self.index().claimed()? => {
                return Err(Error::NotOurs { what: "`owner.json`, which this vault had put there, is gone" });
            }
            Err(StoreError::ObjectMissing { .. }) => put(cloud, &name, &json)?,
            Err(error) => return Err(error.into()),
        }
        self.index().claim()?;
        self.ours.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn remove_from(&self, cloud: &dyn ObjectStore, entry: &Entry) -> Result<(), Error> {
        for generation in 0..=self.index().last_generation(entry.segment)? {
            let name = object(entry.segment, generation);
            cloud.delete(&name)?;
            cloud.discard(&name)?;
            // An upload that was just ending has moved it from one to the other in between; now it cannot any more.
            cloud.delete(&name)?;
        }
        remove(cloud, &manifest_of(entry.segment))?;
        let (segment, deadline) = (entry.segment, entry.deadline);
        let mac = self.mac(segment, deadline).as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes");
        let tombstone = Tombstone { segment, deadline, mac };
        let json = serde_json::to_vec(&tombstone).expect("a tombstone is plain data");
        match put(cloud, &tombstone_of(entry.segment), &json) {
            Err(StoreError::ObjectExists { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A writer, and from which byte on; `None` when there is a whole object of this name.
fn begin(cloud: &dyn ObjectStore, name: &ObjectName) -> Result<Option<Resumed>, Error> {
    match cloud.resume(name) {
        Ok(resumed) => return Ok(Some(resumed)),
        Err(StoreError::ObjectMissing { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    match cloud.create(name) {
        Ok(writer) => Ok(Some(Resumed { writer, offset: 0 })),
        Err(StoreError::ObjectExists { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Stores a small object, also where an earlier process was killed in the middle of that: what it left would be in the way for ever.
pub(crate) fn put(cloud: &dyn ObjectStore, name: &ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
    match cloud.put(name, bytes) {
        Err(StoreError::ObjectExists { .. }) if cloud.size(name)?.is_none() => {
            cloud.discard(name)?;
            cloud.put(name, bytes)
        }
        other => other,
    }
}

/// The first `most` bytes of a small object: whoever has put it there, it is read no further.
pub(crate) fn read_small(cloud: &dyn ObjectStore, name: &ObjectName, most: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let from = cloud.open(name, ByteRange { from: 0, length: Some(most) })?;
    let failed = |source| StoreError::Store { object: name.clone(), doing: "read", source };
    from.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Removes a small object, and what a kill left of it.
pub(crate) fn remove(cloud: &dyn ObjectStore, name: &ObjectName) -> Result<(), StoreError> {
    cloud.delete(name)?;
    cloud.discard(name)
}

/// Reads until the piece is full or the end has come.
fn fill(from: &mut dyn Read, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut read = 0;
    while read < piece.len() {
        match from.read(&mut piece[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(read)
}

/// What a tombstone's HMAC is of.
fn dead(segment: SegmentId, deadline: Deadline) -> Vec<u8> {
    [segment.as_bytes().as_slice(), &deadline.time().as_nanos().to_be_bytes()].concat()
}

const OWNER: &str = "owner.json";
pub(crate) const MANIFEST: &str = "manifest-";
pub(crate) const TOMBSTONE: &str = "gone-";

fn manifest_of(segment: SegmentId) -> ObjectName {
    ObjectName::new(format!("{MANIFEST}{segment}.json")).expect("digits and a dash make a name")
}

fn tombstone_of(segment: SegmentId) -> ObjectName {
    ObjectName::new(format!("{TOMBSTONE}{segment}.json")).expect("digits and a dash make a name")
}

/// Whose manifest or tombstone a name is.
pub(crate) fn described(prefix: &str, name: &ObjectName) -> Option<SegmentId> {
    name.as_str().strip_prefix(prefix)?.strip_suffix(".json")?.parse().ok()
}
