//! A segment with its key, for somebody who opens it without Sluis.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sluis_segment::{SegmentId, SegmentKey};

use crate::archive::Archive;
use crate::error::Error;
use crate::index::{Entry, ExportForm};
use crate::reason::Reason;

/// What an export has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The segment as it lies in the store: Tink streaming AEAD, `AES256_GCM_HKDF_4KB`.
    pub sealed: PathBuf,
    /// Its key, in the clear, as a JSON keyset of Tink. Whoever has this file can read the segment, also after its deadline.
    pub keyset: PathBuf,
    /// The associated data of its seal, in hexadecimal digits.
    pub associated_data: PathBuf,
}

// === impl Exported ===

impl Exported {
    pub(crate) fn in_folder(to: &Path) -> Self {
        Self {
            sealed: to.join("segment.sealed"),
            keyset: to.join("keyset.json"),
            associated_data: to.join("associated-data.txt"),
        }
    }
}

// === impl Archive ===

impl Archive {
    /// Writes a segment and its key into the new folder `to`, as `examples/read-a-segment` reads them. Logged like an opening, with `to`.
    ///
    /// What was exported is out of the vault's reach: its deadline binds by contract only.
    ///
    /// # Errors
    ///
    /// As [`open_segment`](Self::open_segment); [`Error::File`] when `to` exists or cannot be written.
    pub fn export(&self, segment: SegmentId, to: &Path, reason: &Reason) -> Result<Exported, Error> {
        // Made first: a folder that is there already is the likeliest mistake, and nothing was opened yet.
        DirBuilder::new().mode(0o700).create(to).map_err(Error::file(to, "make the new folder"))?;
        let (entry, key) = self.admit_export(segment, ExportForm::Sealed, to, reason).inspect_err(|_| {
            // It is empty; if it cannot be removed, nothing is lost by its staying.
            let _ = fs::remove_dir(to);
        })?;
        let exported = Exported::in_folder(to);
        self.write_export(&entry, &key, &exported)?;
        Ok(exported)
    }

    pub(crate) fn write_export(&self, entry: &Entry, key: &SegmentKey, exported: &Exported) -> Result<(), Error> {
        let mut sealed = self.sealed(entry)?;
        write(&exported.sealed, |file| io::copy(&mut sealed, file).map(drop))?;
        write(&exported.keyset, |file| file.write_all(key.tink_keyset_json().as_bytes()))?;
        let binding = hex::encode(entry.binding().associated_data());
        write(&exported.associated_data, |file| writeln!(file, "{binding}"))
    }
}

fn write(path: &Path, content: impl FnOnce(&mut fs::File) -> io::Result<()>) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| content(&mut file)).map_err(Error::file(path, "write"))
}
