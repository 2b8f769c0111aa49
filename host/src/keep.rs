//! Where a vault lies on this machine: its folder, its store, its root secret.

use std::path::Path;
use std::sync::Arc;

use sluis_frame::SystemClock;
use sluis_vault::{Archive, Error, FolderStore, ObjectStore, RootSecret};

/// Sealed messages of one camera that may wait for the disk.
pub const HANDOVER_CAPACITY: usize = 64;

/// The store and the root secret of the vault in `folder`; both are made where there are none.
///
/// The root secret lies beside the sealed segments, in a file that only its owner may read (`root.key`). Who copies the whole folder can read it: keep it on an
/// encrypted disk.
///
/// # Errors
///
/// [`Error`] when the folder cannot be used, or others may read the secret.
pub fn open(folder: &Path) -> Result<(Arc<dyn ObjectStore>, RootSecret), Error> {
    let store = FolderStore::open(folder.join("segments"))?;
    Ok((Arc::new(store), RootSecret::from_file(&folder.join("root.key"))?))
}

/// The vault in `folder`, for reading; it must be there.
///
/// # Errors
///
/// [`Error`] when there is none, or it cannot be read.
pub fn visit(folder: &Path) -> Result<Archive, Error> {
    if !folder.join("root.key").is_file() {
        return Err(Error::NoVault { folder: folder.to_owned() });
    }
    let (store, root) = open(folder)?;
    Archive::open(folder, Arc::new(SystemClock), store, &root)
}
