//! The vault for those who look: list, verify, open, export.
//!
//! An archive needs no lock, so it works beside the process that records. It writes nothing but
//! the log of openings and the latest time that it has seen.

use std::path::Path;
use std::sync::Arc;

use sluis_frame::{Clock, Timestamp};
use sluis_segment::{Opener, SegmentId, SegmentKey};
use sluis_store::{ByteRange, ObjectStore};

use crate::error::Error;
use crate::index::{Entry, Export, ExportForm, Index, Opening, Receipt};
use crate::opened::{Opened, Unsealed};
use crate::reason::{Reason, Who};
use crate::root::RootSecret;
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
    /// [`Error::Unknown`], [`Error::PastDeadline`], [`Error::NotReadable`], [`Error::Key`], [`Error::Store`],
    /// [`Error::Index`]. Damage shows while reading: see [`Opened`].
    pub fn open_segment(&self, segment: SegmentId, reason: &Reason) -> Result<Opened, Error> {
        let (entry, key) = self.admit(segment, reason)?;
        Ok(Opened::new(self.unseal(&entry, &key)?, entry, Arc::clone(&self.clock)))
    }

    /// Which copies were written out of the vault, when, why, and where to; of all segments when `segment` is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn exports(&self, segment: Option<SegmentId>) -> Result<Vec<Export>, Error> {
        self.index.exports(segment)
    }

    /// Checks that a segment may be read now, and logs that it is.
    pub(crate) fn admit(&self, segment: SegmentId, reason: &Reason) -> Result<(Entry, SegmentKey), Error> {
        let (now, entry) = self.readable(segment)?;
        let key = self.key(&entry)?;
        self.index.log_opening(&opening(segment, now, "open", reason))?;
        Ok((entry, key))
    }

    /// Checks that a copy of a segment may be handed out now, and logs where it goes.
    pub(crate) fn admit_export(
        &self,
        segment: SegmentId,
        form: ExportForm,
        to: &Path,
        reason: &Reason,
    ) -> Result<(Entry, SegmentKey), Error> {
        let (now, entry) = self.readable(segment)?;
        leaves(&entry, now)?;
        let key = self.key(&entry)?;
        let to = std::path::absolute(to).map_err(Error::file(to, "find"))?;
        let opening = opening(segment, now, "export", reason);
        self.index.log_export(&Export { opening, form, destination: to.display().to_string() })?;
        Ok((entry, key))
    }

    /// Whether a copy of a segment may be handed out now; nothing is logged, for nothing is read.
    ///
    /// # Errors
    ///
    /// [`Error::PastDeadline`], [`Error::NotReadable`]; [`Error::Index`].
    pub fn may_leave(&self, entry: &Entry) -> Result<(), Error> {
        leaves(entry, self.now()?)
    }

    /// The time that deadlines are held against: now, or the latest time that this vault has seen, whichever is later.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn time(&self) -> Result<Timestamp, Error> {
        self.now()
    }

    fn readable(&self, segment: SegmentId) -> Result<(Timestamp, Entry), Error> {
        let now = self.now()?;
        let entry = self.index.get(segment)?;
        if entry.deadline.has_passed(now) {
            return Err(Error::PastDeadline { segment, deadline: entry.deadline });
        }
        Ok((now, entry))
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

/// The one place where it is decided whether a copy may be handed out: a state that holds a segment back answers in
/// [`State::may_leave`](crate::State::may_leave).
fn leaves(entry: &Entry, now: Timestamp) -> Result<(), Error> {
    let Entry { segment, state, deadline, .. } = *entry;
    if deadline.has_passed(now) {
        return Err(Error::PastDeadline { segment, deadline });
    }
    if !state.may_leave() {
        return Err(Error::NotReadable { segment, state });
    }
    Ok(())
}

fn opening(segment: SegmentId, at: Timestamp, how: &str, reason: &Reason) -> Opening {
    let who = Who::this_process().to_string();
    Opening { segment, at, who, how: how.to_owned(), reason: reason.as_str().to_owned() }
}
