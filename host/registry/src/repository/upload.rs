//! Puts what is published into a bucket.

use std::fs;
use std::path::Path;

use sluis_store::{Error as StoreError, ObjectStore};

use super::Repository;
use crate::error::Error;
use crate::transport::object_name;

// === impl Repository ===

impl Repository {
    /// Puts all that is published into a store, where [`Place::Store`](crate::Place::Store) reads it: what is new is added, the timestamp replaced at last.
    /// (An object is never written twice, so for a moment there is none, and a host that asks just then asks again later.) Gives how many files there are.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Store`].
    pub fn upload(&self, store: &dyn ObjectStore) -> Result<usize, Error> {
        let mut files = Vec::new();
        walk(&self.targets(), "targets", &mut files)?;
        walk(&self.metadata(), "metadata", &mut files)?;
        files.sort_by_key(|(path, _)| path == "metadata/timestamp.json");
        for (path, bytes) in &files {
            // What this program did not write has no name there.
            let Some(name) = object_name(path) else { continue };
            if path == "metadata/timestamp.json" {
                store.delete(&name)?;
            }
            match store.put(&name, bytes) {
                // Names hold versions or digests: what is there is this, from before.
                Err(StoreError::ObjectExists { .. }) if store.size(&name)? == Some(bytes.len() as u64) => {}
                other => other?,
            }
        }
        Ok(files.len())
    }
}

impl From<StoreError> for Error {
    fn from(source: StoreError) -> Self {
        Self::Store { source }
    }
}

/// All files below a folder, by their paths from `called`.
fn walk(folder: &Path, called: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let called = format!("{called}/{name}");
        if path.is_dir() {
            walk(&path, &called, files)?;
        } else {
            files.push((called, fs::read(&path).map_err(Error::io("read", &path))?));
        }
    }
    Ok(())
}
