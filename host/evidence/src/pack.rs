//! Making a pack.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use sluis_ledger::{Checkpoint, Hash};

use crate::check::{FILE_MAX, MANIFEST_MAX};
use crate::error::Error;
use crate::manifest::{CHECKPOINT, CONFIGURATION, Configuration, ENTRY, FileFact, MANIFEST, Manifest, VERSION};
use crate::path::PackPath;
use crate::redact::{Redacted, Secret, redact};
use crate::shortcoming::Shortcoming;

/// A pack that is being made, in a folder that nobody else writes to. What is put into it is written at once.
#[derive(Debug)]
pub struct Pack {
    folder: PathBuf,
    files: BTreeMap<PackPath, FileFact>,
    configuration: Configuration,
    secrets: Vec<Secret>,
}

/// A pack whose manifest is written. It is tied to the ledger by an entry that names [`sha256`](Self::sha256).
#[derive(Debug)]
#[must_use = "a pack without its entry in the ledger shows nothing"]
pub struct Closed {
    folder: PathBuf,
    /// SHA-256 of the manifest.
    pub sha256: Hash,
}

// === impl Pack ===

impl Pack {
    /// Begins a pack of this configuration in an empty folder. Its text goes in, without what may be a secret.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`]; [`Error::File`].
    pub fn begin(folder: &Path, configuration: &str) -> Result<Self, Error> {
        let Redacted { text, left_out, secrets } = redact(configuration)?;
        let configuration = Configuration { sha256: Hash::of(configuration.as_bytes()), left_out };
        let mut pack = Self { folder: folder.to_owned(), files: BTreeMap::new(), configuration, secrets };
        pack.put(CONFIGURATION, text.as_bytes())?;
        Ok(pack)
    }

    /// The configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The files that are in it.
    pub fn paths(&self) -> impl Iterator<Item = &PackPath> {
        self.files.keys()
    }

    /// Puts a file into it.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`]; [`Error::Secret`] when it holds what was left out of the configuration; [`Error::File`], also when it is there already.
    ///
    /// # Panics
    ///
    /// When `path` is none that a pack can have.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let path: PackPath = path.parse().expect("the program names files as packs have them");
        let length = bytes.len() as u64;
        if length > FILE_MAX {
            return Err(Error::TooLarge { path, bytes: length, most: FILE_MAX });
        }
        let holds = |secret: &&Secret| bytes.windows(secret.text.len()).any(|part| part == secret.text.as_bytes());
        if let Some(Secret { place, .. }) = self.secrets.iter().find(holds) {
            return Err(Error::Secret { path, key: place.clone() });
        }
        write(&self.folder, path.as_str(), bytes)?;
        self.files.insert(path.clone(), FileFact { path, bytes: length, sha256: Hash::of(bytes) });
        Ok(())
    }

    /// Puts JSON into it.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    ///
    /// # Panics
    ///
    /// As there; when the value cannot be JSON.
    pub fn put_json(&mut self, path: &str, value: &impl Serialize) -> Result<(), Error> {
        self.put(path, &json(value))
    }

    /// Writes the manifest: nothing can be put into it any more.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::TooLarge`].
    ///
    /// # Panics
    ///
    /// Never: a manifest can be JSON.
    pub fn close(self, shop: &str, made: Timestamp, shortcomings: &[Shortcoming]) -> Result<Closed, Error> {
        let manifest = Manifest {
            version: VERSION,
            shop: shop.to_owned(),
            made,
            configuration: self.configuration,
            shortcomings: shortcomings.to_vec(),
            files: self.files.into_values().collect(),
        };
        let text = json(&manifest);
        let bytes = text.len() as u64;
        if bytes > MANIFEST_MAX {
            let path = MANIFEST.parse().expect("its name is one of a pack");
            return Err(Error::TooLarge { path, bytes, most: MANIFEST_MAX });
        }
        write(&self.folder, MANIFEST, &text)?;
        Ok(Closed { folder: self.folder, sha256: Hash::of(&text) })
    }
}

// === impl Closed ===

impl Closed {
    /// Adds what ties it to the ledger, and brings all of it to disk. The folder can then be given its name.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn tie(self, lines: &[u8], checkpoint: &Checkpoint) -> Result<(), Error> {
        write(&self.folder, ENTRY, lines)?;
        write(&self.folder, CHECKPOINT, checkpoint.to_string().as_bytes())?;
        sync(&self.folder)
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("what goes into a pack can be JSON");
    text.push(b'\n');
    text
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(path);
    let above = path.parent().unwrap_or(folder);
    fs::create_dir_all(above).map_err(Error::file(above, "make the folder"))?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path).map_err(Error::file(&path, "make"))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::file(&path, "write"))
}

/// Brings the names of all files below a folder to disk.
fn sync(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file(folder, "read the folder"))? {
        let path = entry.map_err(Error::file(folder, "read the folder"))?.path();
        if path.is_dir() {
            sync(&path)?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file(folder, "write to disk the folder"))
}
