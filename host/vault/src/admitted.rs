//! A segment that may be handed out: as training data, or as the copy for a person who is in it.

use std::path::Path;
use std::sync::Arc;

use sluis_segment::{SegmentId, SegmentKey};

use crate::archive::{Archive, is_whole};
use crate::error::Error;
use crate::index::{Entry, Exemption, ExportForm};
use crate::opened::Opened;
use crate::reason::Reason;

/// A segment whose export has been checked and logged: it can be read, more than once, for that one purpose.
#[derive(Debug)]
pub struct Admitted<'a> {
    archive: &'a Archive,
    entry: Entry,
    key: SegmentKey,
    exempt: Option<Exemption>,
}

// === impl Archive ===

impl Archive {
    /// Checks that a segment may be handed out as training data now, and logs who does it, why, and where `to`: before the first byte is read. The copy is out of
    /// the vault's reach; [`exports`](Self::exports) finds it again.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::PastDeadline`], [`Error::NotReadable`] also for what may be read and not handed out, [`Error::Restricted`], [`Error::Key`], [`Error::Index`].
    pub fn admit_to_dataset(&self, segment: SegmentId, to: &Path, reason: &Reason) -> Result<Admitted<'_>, Error> {
        let (entry, key) = self.admit_export(segment, ExportForm::Dataset, to, reason)?;
        Ok(Admitted { archive: self, entry, key, exempt: None })
    }

    /// As [`admit_to_dataset`](Self::admit_to_dataset), for the copy of a person who is in it (Art. 15(3) GDPR). Also of a restricted segment: the person agrees to it (Art. 18(2)), and that is told in the
    /// ledger.
    ///
    /// # Errors
    ///
    /// As there, but for [`Error::Restricted`].
    pub fn admit_to_copy(&self, segment: SegmentId, to: &Path, reason: &Reason) -> Result<Admitted<'_>, Error> {
        let (now, entry) = self.readable(segment)?;
        is_whole(&entry, now)?;
        let exempt = entry.restricted.map(|_| Exemption::Consent);
        let (entry, key) = self.hand_out(entry, now, ExportForm::SubjectCopy, to, exempt, reason)?;
        Ok(Admitted { archive: self, entry, key, exempt })
    }
}

// === impl Admitted ===

impl Admitted<'_> {
    /// What the index knows of the segment.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The recording, from its beginning.
    ///
    /// # Errors
    ///
    /// [`Error::Restricted`] when somebody had it restricted meanwhile; [`Error::Store`], [`Error::Damage`]. Damage shows while reading: see [`Opened`].
    pub fn read(&self) -> Result<Opened, Error> {
        let entry = self.archive.entry(self.entry.segment)?;
        match self.exempt {
            None => self.archive.may_leave(&entry)?,
            Some(_) => is_whole(&entry, self.archive.time()?)?,
        }
        let unsealed = self.archive.unseal(&self.entry, &self.key)?;
        Ok(Opened::new(unsealed, self.entry.clone(), Arc::clone(&self.archive.clock)))
    }
}
