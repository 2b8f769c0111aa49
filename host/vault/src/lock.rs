//! One keeper per vault.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::Error;

/// Held while a process keeps a vault. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

// === impl Lock ===

impl Lock {
    /// Takes the lock of the vault in `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] when another process has it; [`Error::File`].
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(Error::file(&path, "open the lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(e)) => Err(Error::file(&path, "lock")(e)),
        }
    }
}
