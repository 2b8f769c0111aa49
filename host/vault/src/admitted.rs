//! A segment that may be handed out as training data.

use std::path::Path;
use std::sync::Arc;

use sluis_segment::{SegmentId, SegmentKey};

use crate::archive::Archive;
use crate::error::Error;
use crate::index::{Entry, ExportForm};
use crate::opened::Opened;
use crate::reason::Reason;

/// A segment whose export has been checked and logged: it can be read, more than once, for that one purpose.
#[derive(Debug)]
pub struct Admitted<'a> {
    archive: &'a Archive,
    entry: Entry,
    key: SegmentKey,
}

// === impl Archive ===

impl Archive {
    /// Checks that a segment may be handed out as training data now, and logs who does it, why, and where `to`: before the first byte is read. The copy is out of
    /// the vault's reach; [`exports`](Self::exports) finds it again.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::PastDeadline`], [`Error::NotReadable`] also for what may be read and not handed out, [`Error::Key`], [`Error::Index`].
    pub fn admit_to_dataset(&self, segment: SegmentId, to: &Path, reason: &Reason) -> Result<Admitted<'_>, Error> {
        let (entry, key) = self.admit_export(segment, ExportForm::Dataset, to, reason)?;
        Ok(Admitted { archive: self, entry, key })
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
    /// [`Error::Store`], [`Error::Damage`]. Damage shows while reading: see [`Opened`].
    pub fn read(&self) -> Result<Opened, Error> {
        let unsealed = self.archive.unseal(&self.entry, &self.key)?;
        Ok(Opened::new(unsealed, self.entry.clone(), Arc::clone(&self.archive.clock)))
    }
}
