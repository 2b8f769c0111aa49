//! Folders that one process at a time may change.

use std::fs::File;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::error::Error;

/// Holds off all others who would change what is in `folder`, until what comes back is dropped. A symbolic link is not followed: the folder may be another user's, who would have an
/// administrator write elsewhere.
pub(crate) fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(".lock");
    let open =
        |how: OFlags| rustix::fs::open(&path, how | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::from_raw_mode(0o666));
    // It may be another user's: to lock it, it is enough to read it.
    let opened = open(OFlags::RDONLY).or_else(|_| open(OFlags::WRONLY | OFlags::CREATE));
    let lock = opened.map(File::from).map_err(|error| match error {
        Errno::LOOP => Error::Link { path: path.clone() },
        error => Error::io("write in", folder)(error.into()),
    })?;
    lock.lock().map_err(Error::io("lock", folder))?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_in_the_place_of_a_lock_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        drop(lock(folder.path()).unwrap());
        let (file, elsewhere) = (folder.path().join(".lock"), folder.path().join("elsewhere"));
        for content in [Some("theirs"), None] {
            let _ = fs::remove_file(&elsewhere);
            content.iter().for_each(|content| fs::write(&elsewhere, content).unwrap());
            fs::remove_file(&file).unwrap();
            symlink(&elsewhere, &file).unwrap();
            let error = lock(folder.path()).unwrap_err().to_string();
            assert!(error.contains(".lock is a symbolic link"), "{error}");
            assert_eq!(fs::read_to_string(&elsewhere).ok().as_deref(), content);
        }
    }
}
