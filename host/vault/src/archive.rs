//! The vault for those who look: list, verify, open, export.
//!
//! An archive needs no lock, so it works beside the process that records. It writes nothing but
//! the log of openings and the latest time that it has seen.

use std::path::Path;
use std::sync::Arc;

use sluis_frame::{Clock, Timestamp};
use sluis_segment::{Opener, SegmentId, SegmentKey};

use crate::error::Error;
use crate::index::{Entry, Index, Opening, Receipt};
use crate::opened::{Opened, Unsealed};
use crate::reason::{Reason, Who};
use crate::root::RootSecret;
use crate::store::{ByteRange, ObjectStore};
use crate::wrap::Wrapping;

/// A vault, read.
#[derive(Debug)]
pub struct Archive {
    pub(crate) index: Index,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) wrapping: Wrapping,
}

// === impl Archive ===

impl Archive {
    /// Opens the vault in `folder` for reading, also while another process keeps it. What a crash left is not touched: [`Vault::open`](crate::Vault::open)
    /// recovers it.
    ///
    /// # Errors
    ///
    /// [`Error::NoVault`] when there is none, [`Error::WrongRoot`], [`Error::NewerIndex`], [`Error::Index`].
    pub fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        store: Arc<dyn ObjectStore>,
        root: &RootSecret,
    ) -> Result<Self, Error> {
        let index = Index::visit(folder, &root.derive("fingerprint in the index"))?;
        Ok(Self { index, store, clock, wrapping: Wrapping::new(root) })
    }

    /// All segments there ever were, the oldest recording first.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        self.index.list()
    }

    /// One segment.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::Index`].
    pub fn entry(&self, segment: SegmentId) -> Result<Entry, Error> {
        self.index.get(segment)
    }

    /// Who opened a segment, when, and why; of all segments when `segment` is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn openings(&self, segment: Option<SegmentId>) -> Result<Vec<Opening>, Error> {
        self.index.openings(segment)
    }

    /// What was destroyed, with all its openings.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn receipts(&self) -> Result<Vec<Receipt>, Error> {
        self.index.receipts()
    }

    /// Opens a segment for reading. The opening is logged, with the user of the operating system, before the first byte is read.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::PastDeadline`], [`Error::NotReadable`], [`Error::Key`], [`Error::ObjectMissing`], [`Error::Store`],
    /// [`Error::Index`]. Damage shows while reading: see [`Opened`].
    pub fn open_segment(&self, segment: SegmentId, reason: &Reason) -> Result<Opened, Error> {
        let (entry, key) = self.admit(segment, "open", reason)?;
        Ok(Opened::new(self.unseal(&entry, &key)?, entry, Arc::clone(&self.clock)))
    }

    /// Checks that a segment may be read now, and logs that it is.
    pub(crate) fn admit(
        &self,
        segment: SegmentId,
        how: &'static str,
        reason: &Reason,
    ) -> Result<(Entry, SegmentKey), Error> {
        let now = self.now()?;
        let entry = self.index.get(segment)?;
        if entry.deadline.has_passed(now) {
            return Err(Error::PastDeadline { segment, deadline: entry.deadline });
        }
        let key = self.key(&entry)?;
        self.index.log_opening(&Opening {
            segment,
            at: now,
            who: Who::this_process().to_string(),
            how: how.to_owned(),
            reason: reason.as_str().to_owned(),
        })?;
        Ok((entry, key))
    }

    /// The key of a segment that can be read.
    pub(crate) fn key(&self, entry: &Entry) -> Result<SegmentKey, Error> {
        let unreadable = || Error::NotReadable { segment: entry.segment, state: entry.state };
        if !entry.state.is_readable() {
            return Err(unreadable());
        }
        let wrapped = self.index.key(entry)?.ok_or_else(unreadable)?;
        self.wrapping.unwrap(&entry.binding(), entry.generation, &wrapped)
    }

    /// A reader of the plaintext of a whole object.
    pub(crate) fn unseal(&self, entry: &Entry, key: &SegmentKey) -> Result<Unsealed, Error> {
        let sealed = self.store.open(&entry.object(), ByteRange::ALL)?;
        Opener::new(sealed, key, &entry.binding().associated_data())
            .map_err(|source| Error::Damage { segment: entry.segment, source: Box::new(source) })
    }

    /// The time now, or the latest time that this vault has seen, whichever is later.
    pub(crate) fn now(&self) -> Result<Timestamp, Error> {
        self.index.observe(self.clock.now())
    }
}
