//! The folder of a ledger.

use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Where the files of a ledger are.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) ledger: PathBuf,
    pub(crate) checkpoints: PathBuf,
}

// === impl Folder ===

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), ledger: path.join("ledger.jsonl"), checkpoints: path.join("checkpoints") }
    }

    /// Makes the folder where it is not there, and refuses one that others may use.
    pub(crate) fn make(&self) -> Result<(), Error> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.path);
        made.map_err(Error::file(&self.path, "make the folder"))?;
        let facts = fs::metadata(&self.path).map_err(Error::file(&self.path, "inspect the folder"))?;
        let mode = facts.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Error::Exposed { folder: self.path.clone(), mode });
        }
        let parent = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        sync(parent)
    }

    /// Brings the names of new files to disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        sync(&self.path)
    }

    /// The ledger's file, for reading.
    pub(crate) fn open_ledger(&self) -> Result<File, Error> {
        File::open(&self.ledger).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::NoLedger { folder: self.path.clone() },
            _ => Error::file(&self.ledger, "open")(e),
        })
    }
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file(folder, "write to disk the folder"))
}
