//! The vault for those who look: list, verify, open, export.
//!
//! An archive needs no lock, so it works beside the process that records. It writes the log of openings, what staff and partners may do, and the latest time that it has seen;
//! it destroys nothing.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_frame::{CameraId, Clock, Timestamp};
use sluis_segment::{Opener, SegmentId, SegmentKey};
use sluis_store::{ByteRange, ObjectStore};

use crate::error::Error;
use crate::index::observe::Observed;
use crate::index::segments::StoredKey;
use crate::index::{Entry, Exemption, Export, ExportForm, Index, Kept, Opening, PartnerOpening, Receipt};
use crate::keyring::Keyring;
use crate::opened::{Opened, Unsealed};
use crate::reason::{Reason, Who};
use crate::record::Record;
use crate::root::RootSecret;
use crate::time::{TimeCheck, Uptime};
use crate::wrap::Wrapping;

/// A vault, read.
#[derive(Debug)]
pub struct Archive {
    pub(crate) index: Index,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) root: RootSecret,
    pub(crate) keyring: Keyring,
    /// Where copies lie, and what partners may fetch.
    pub(crate) cloud: Option<Arc<dyn ObjectStore>>,
    /// The ledger's folder.
    pub(crate) ledger: PathBuf,
    pub(crate) watch: Watch,
}

/// How the clock is looked at.
#[derive(Debug)]
pub(crate) enum Watch {
    /// By one who only reads: nothing is destroyed by what it says.
    Look,
    /// By the process that keeps the vault. Without a check the clock is believed.
    Keep(Option<TimeCheck>),
}

// === impl Archive ===

impl Archive {
    /// Opens the vault in `folder` for reading, also while another process keeps it. What a crash left is not touched: [`Vault::open`](crate::Vault::open)
    /// recovers it.
    ///
    /// # Errors
    ///
    /// [`Error::NoVault`] when there is none, [`Error::WrongRoot`], [`Error::NewerIndex`], [`Error::Index`]; [`Error::PutBack`] when the folder is older than its ledger.
    pub fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        store: Arc<dyn ObjectStore>,
        root: &RootSecret,
    ) -> Result<Self, Error> {
        Self::open_with_ledger(folder, None, clock, store, root)
    }

    /// As [`open`](Self::open), with the ledger in another folder than the recorder was told last: of a vault that was moved.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with_ledger(
        folder: &Path,
        ledger: Option<&Path>,
        clock: Arc<dyn Clock>,
        store: Arc<dyn ObjectStore>,
        root: &RootSecret,
    ) -> Result<Self, Error> {
        let index = Index::visit(folder, &root.derive("fingerprint in the index"))?;
        // As the recorder was told: records that wait must get into no other ledger.
        let told = index.ledger_folder()?.filter(|told| told.is_dir()).unwrap_or_else(|| ledger_beside(folder));
        let ledger = ledger.map_or(told, Path::to_owned);
        let archive = Self {
            index,
            store,
            clock,
            root: root.duplicate(),
            keyring: Keyring::new(folder, root),
            cloud: None,
            ledger,
            watch: Watch::Look,
        };
        archive.refuse_older_than_ledger()?;
        Ok(archive)
    }

    /// The same, with the cloud that it has copies in.
    #[must_use]
    pub fn with_cloud(self, cloud: Option<Arc<dyn ObjectStore>>) -> Self {
        Self { cloud, ..self }
    }

    /// Whether it has a cloud to look into.
    pub const fn has_cloud(&self) -> bool {
        self.cloud.is_some()
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

    /// The latest segments of a camera that can be opened, the latest first.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn latest(&self, camera: &CameraId, most: usize) -> Result<Vec<Entry>, Error> {
        self.index.latest(camera, self.time()?, most)
    }

    /// How much can be opened, since when, and when the first of it is destroyed.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn kept(&self) -> Result<Kept, Error> {
        self.index.kept(self.time()?)
    }

    /// Opens a segment for reading. The opening is logged, with the user of the operating system, before the first byte is read.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::PastDeadline`], [`Error::NotReadable`], [`Error::Restricted`], [`Error::Key`], [`Error::Store`],
    /// [`Error::Index`]. Damage shows while reading: see [`Opened`].
    pub fn open_segment(&self, segment: SegmentId, reason: &Reason) -> Result<Opened, Error> {
        let (entry, key) = self.admit(segment, reason)?;
        Ok(Opened::new(self.unseal(&entry, &key)?, entry, Arc::clone(&self.clock)))
    }

    /// As [`open_segment`](Self::open_segment), to write it to a file in the clear: [`exports`](Self::exports) finds that again. A restricted segment only for what `exempt` says (Art. 18(2) GDPR).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_to(
        &self,
        segment: SegmentId,
        to: &Path,
        exempt: Option<Exemption>,
        reason: &Reason,
    ) -> Result<Opened, Error> {
        let (now, entry) = self.readable(segment)?;
        if exempt.is_some() {
            is_whole(&entry, now)?;
        }
        let (entry, key) = self.hand_out(entry, now, ExportForm::Plain, to, exempt, reason)?;
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

    /// Somebody has looked at another clock, and says that this one is right: time is counted on from it, also where the process that keeps the vault was unsure.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn trust_time(&self, uptime: &dyn Uptime, reason: &Reason) -> Result<Timestamp, Error> {
        self.observe()?;
        let now = self.clock.now();
        let by = reason.who(&Who::this_process());
        self.index.trust_time(now, uptime.since_boot(), &format!("{by}: {}", reason.as_str()))?;
        self.tell_ledger_soon();
        Ok(now)
    }

    /// Writes something into the ledger that changes nothing in the vault.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn note(&self, record: &Record<'_>) -> Result<(), Error> {
        self.observe()?;
        self.index.note(record)?;
        self.tell_ledger_soon();
        Ok(())
    }

    /// Whether the process that keeps the vault believes its clock.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn is_sure_of_time(&self) -> Result<bool, Error> {
        Ok(self.observe()?.sure)
    }

    /// Whether the cloud has a whole copy of a segment.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn is_uploaded(&self, segment: SegmentId) -> Result<bool, Error> {
        Ok(self.index.copy(segment)? == Some(true))
    }

    /// What partners opened under their grants; of all segments when `segment` is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn releases(&self, segment: Option<SegmentId>) -> Result<Vec<PartnerOpening>, Error> {
        self.index.releases(segment)
    }

    /// Checks that a segment may be read now, and logs that it is.
    pub(crate) fn admit(&self, segment: SegmentId, reason: &Reason) -> Result<(Entry, SegmentKey), Error> {
        let (now, entry) = self.readable(segment)?;
        let key = self.key(&entry)?;
        self.index.log_opening(&opening(segment, now, "open", reason))?;
        self.tell_ledger_soon();
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
        self.hand_out(entry, now, form, to, None, reason)
    }

    /// The same, of a segment that has been checked; restricted or not where `exempt` says what allows it.
    pub(crate) fn hand_out(
        &self,
        entry: Entry,
        now: Timestamp,
        form: ExportForm,
        to: &Path,
        exempt: Option<Exemption>,
        reason: &Reason,
    ) -> Result<(Entry, SegmentKey), Error> {
        let segment = entry.segment;
        let key = self.key(&entry)?;
        let to = std::path::absolute(to).map_err(Error::file(to, "find"))?;
        let how = if form == ExportForm::Plain { "open" } else { "export" };
        let opening = opening(segment, now, how, reason);
        self.index.log_export(&Export { opening, form, destination: to.display().to_string() }, exempt)?;
        self.tell_ledger_soon();
        Ok((entry, key))
    }

    /// Whether a copy of a segment may be handed out now; nothing is logged, for nothing is read.
    ///
    /// # Errors
    ///
    /// [`Error::PastDeadline`], [`Error::NotReadable`], [`Error::Restricted`]; [`Error::Index`].
    pub fn may_leave(&self, entry: &Entry) -> Result<(), Error> {
        leaves(entry, self.time()?)
    }

    /// The time that readers are held to: now, or the latest time that any clock of this vault ever showed, whichever is later.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn time(&self) -> Result<Timestamp, Error> {
        Ok(self.observe()?.seen)
    }

    /// A segment whose deadline has not come. Whether it is restricted is another question.
    pub(crate) fn readable(&self, segment: SegmentId) -> Result<(Timestamp, Entry), Error> {
        let now = self.time()?;
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
        let stored = self.index.key(entry)?.ok_or_else(unreadable)?;
        self.unwrap(entry, &stored)
    }

    /// Opens a wrapped key of a segment.
    pub(crate) fn unwrap(&self, entry: &Entry, stored: &StoredKey) -> Result<SegmentKey, Error> {
        let wrapping = match stored.day {
            Some(day) => {
                let key = self.keyring.get(&self.index, day)?.ok_or(Error::Key { segment: entry.segment })?;
                Wrapping::under(&key)
            }
            None => Wrapping::under_root(&self.root),
        };
        wrapping.unwrap(&entry.binding(), entry.generation, &stored.wrapped)
    }

    /// A reader of the plaintext of a whole object.
    pub(crate) fn unseal(&self, entry: &Entry, key: &SegmentKey) -> Result<Unsealed, Error> {
        let sealed = self.sealed(entry)?;
        Opener::new(sealed, key, &entry.binding().associated_data())
            .map_err(|source| Error::Damage { segment: entry.segment, source: Box::new(source) })
    }

    /// The sealed bytes of a segment: from here, or from the cloud when they have made room here.
    pub(crate) fn sealed(&self, entry: &Entry) -> Result<Box<dyn Read + Send>, Error> {
        match (entry.here, &self.cloud) {
            (true, _) => Ok(self.store.open(&entry.object(), ByteRange::ALL)?),
            (false, Some(cloud)) => Ok(cloud.open(&entry.object(), ByteRange::ALL)?),
            (false, None) => Err(Error::InTheCloud { segment: entry.segment }),
        }
    }

    /// The time that is counted on when something is recorded or destroyed.
    pub(crate) fn now(&self) -> Result<Timestamp, Error> {
        Ok(self.observe()?.time)
    }

    pub(crate) fn observe(&self) -> Result<Observed, Error> {
        let wall = self.clock.now();
        match &self.watch {
            Watch::Look => self.index.look(wall),
            Watch::Keep(check) => self.index.observe(wall, check.as_ref()),
        }
    }
}

/// The one place where it is decided whether a copy may be handed out: a state that holds a segment back answers in
/// [`State::may_leave`](crate::State::may_leave). A restriction is looked at once more in the transaction that writes the copy down.
fn leaves(entry: &Entry, now: Timestamp) -> Result<(), Error> {
    is_whole(entry, now)?;
    entry.restricted.map_or(Ok(()), |since| Err(Error::Restricted { segment: entry.segment, since }))
}

/// The same, but for restrictions.
pub(crate) fn is_whole(entry: &Entry, now: Timestamp) -> Result<(), Error> {
    let Entry { segment, state, deadline, .. } = *entry;
    if deadline.has_passed(now) {
        return Err(Error::PastDeadline { segment, deadline });
    }
    if !state.may_leave() {
        return Err(Error::NotReadable { segment, state });
    }
    Ok(())
}

/// Where the ledger of a vault lies when nothing else is said: beside its folder, so that a copy of the folder that is put back does not take the ledger back with it.
pub fn ledger_beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or("vault".as_ref()).to_owned();
    name.push(".ledger");
    folder.with_file_name(name)
}

pub(crate) fn opening(segment: SegmentId, at: Timestamp, how: &str, reason: &Reason) -> Opening {
    let who = reason.who(&Who::this_process());
    Opening { segment, at, who, how: how.to_owned(), reason: reason.as_str().to_owned() }
}
