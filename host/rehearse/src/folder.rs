//! Copies of folders.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::error::Error;

/// Copies a folder and all below it, as it lies on disk now. Memory that processes share (`-shm`) is no part of a disk's content.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(Error::file(to, "make"))?;
    for entry in fs::read_dir(from).map_err(Error::file(from, "list"))? {
        let path = entry.map_err(Error::file(from, "list"))?.path();
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if path.is_dir() {
            copy(&path, &target)?;
        } else if !name.to_string_lossy().ends_with("-shm") {
            fs::copy(&path, &target).map_err(Error::file(&path, "copy"))?;
        }
    }
    Ok(())
}

/// Puts the folder `from` in the place of `to`.
pub(crate) fn replace(from: &Path, to: &Path) -> Result<(), Error> {
    remove(to)?;
    fs::rename(from, to).map_err(Error::file(to, "put a copy in the place of"))
}

/// Removes a folder that may not be there.
pub(crate) fn remove(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::file(folder, "remove"))?;
    }
    Ok(())
}
