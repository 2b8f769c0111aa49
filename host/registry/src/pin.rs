//! Which registry a home trusts: the root that was pinned, and what was seen of it since.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tough::schema::{Root, Signed};

use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::Home;
use crate::lock::lock;
use crate::remote::RemoteError;
use crate::transport::Place;

/// Bytes of a root, at the most.
pub(crate) const LONGEST_ROOT: u64 = 256 << 10;

// === impl Home ===

impl Home {
    /// Pins a registry: trusts this root, and those that follow from it, and remembers the place. What was seen of a registry with another root is forgotten;
    /// the same root again forgets nothing, whatever the place, so that a mirror cannot show an old state.
    ///
    /// # Errors
    ///
    /// [`RemoteError::NoRoot`] when the bytes are no root that its own keys have signed; [`Error::Io`].
    pub fn pin(&self, place: &Place, root: &[u8]) -> Result<(), Error> {
        let parsed = parse(root)?;
        let folder = self.registry_folder();
        let _alone = self.lock_registry()?;
        if self.pinned_root()?.as_deref() != Some(root) {
            let seen = self.seen();
            match fs::remove_dir_all(&seen) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io("remove", seen)(e)),
                _ => {}
            }
        }
        write_whole(&folder.join("place"), format!("{place}\n").as_bytes())?;
        write_whole(&folder.join("root.json"), root)?;
        self.hand_over();
        tracing::info!(version = parsed.signed.version.get(), "root pinned");
        Ok(())
    }

    /// The place that was named when the root was pinned.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn pinned_place(&self) -> Result<Option<String>, Error> {
        let path = self.registry_folder().join("place");
        Ok(existing(fs::read_to_string(&path), &path)?.map(|text| text.trim().to_owned()))
    }

    /// The root that is trusted now: the newest that was seen, each signed by the one before it, or the pinned one.
    pub(crate) fn trusted_root(&self) -> Result<Vec<u8>, Error> {
        let pinned = self.pinned_root()?.ok_or_else(|| RemoteError::NotPinned { home: self.folder().to_owned() })?;
        let version = parse(&pinned)?.signed.version;
        let path = self.seen().join("root.json");
        let seen = existing(fs::read(&path), &path)?;
        // What was cut while it was written is none.
        let newer = |bytes: &Vec<u8>| parse(bytes).is_ok_and(|seen| seen.signed.version >= version);
        Ok(seen.filter(newer).unwrap_or(pinned))
    }

    /// The root that was pinned.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn pinned_root(&self) -> Result<Option<Vec<u8>>, Error> {
        let path = self.registry_folder().join("root.json");
        existing(fs::read(&path), &path)
    }

    /// Where `tough` keeps what it has seen, so that nothing goes back.
    pub(crate) fn seen(&self) -> PathBuf {
        self.registry_folder().join("seen")
    }

    /// What was seen, in a folder of this process alone: `tough` writes there, and follows symbolic links, with which another user whose folder this is would have an administrator
    /// write elsewhere. [`keep_seen`](Self::keep_seen) puts back what came of it.
    pub(crate) fn lend_seen(&self) -> Result<TempDir, Error> {
        let lent = tempfile::tempdir().map_err(Error::io("make a folder in", std::env::temp_dir()))?;
        for name in seen_in(&self.seen())? {
            let (from, to) = (self.seen().join(&name), lent.path().join(&name));
            if fs::symlink_metadata(&from).map_err(Error::io("read", &from))?.is_symlink() {
                return Err(Error::Link { path: from });
            }
            fs::copy(&from, &to).map_err(Error::io("read", &from))?;
        }
        Ok(lent)
    }

    /// Keeps what was seen, whatever came of looking: also what did not hold is remembered, so that nothing goes back.
    pub(crate) fn keep_seen(&self, lent: &TempDir) -> Result<(), Error> {
        let (seen, now) = (self.seen(), seen_in(lent.path())?);
        for name in &now {
            let path = lent.path().join(name);
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            let kept = seen.join(name);
            if existing(fs::read(&kept), &kept)?.as_ref() != Some(&bytes) {
                write_whole(&kept, &bytes)?;
            }
        }
        // With other keys the old state does not count any more.
        for gone in seen_in(&seen)?.into_iter().filter(|name| !now.contains(name)) {
            let path = seen.join(gone);
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
        Ok(())
    }

    /// Gives what is known of the registry to whoever the updates belong to: an administrator pins and installs, and the service goes on from there.
    pub(crate) fn hand_over(&self) {
        let Ok(owner) = fs::metadata(self.updates_folder()) else { return };
        let (folder, seen) = (self.registry_folder(), self.seen());
        let within = [&folder, &seen].into_iter().flat_map(fs::read_dir).flatten().flatten().map(|entry| entry.path());
        for path in within.chain([folder.clone()]) {
            if fs::symlink_metadata(&path).is_ok_and(|facts| facts.uid() != owner.uid()) {
                // Whoever may not give it away is its owner.
                let _ = lchown(&path, Some(owner.uid()), Some(owner.gid()));
            }
        }
    }

    /// One process at a time looks into the registry.
    pub(crate) fn lock_registry(&self) -> Result<File, Error> {
        let (folder, seen) = (self.registry_folder(), self.seen());
        self.make_updates_folder()?;
        fs::create_dir_all(&seen).map_err(Error::io("create", &folder))?;
        for path in [&folder, &seen] {
            if fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
                return Err(Error::Link { path: path.clone() });
            }
        }
        lock(&folder)
    }
}

/// The files of what was seen that are read again. Those of publishers, as `7.acme.json`, are not: that nothing of theirs goes back, the snapshot says.
fn seen_in(folder: &Path) -> Result<Vec<OsString>, Error> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
    let names: Vec<OsString> = read.map_err(Error::io("read", folder))?;
    Ok(names.into_iter().filter(|name| !name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)).collect())
}

/// By which people tell one root from another: the beginning of the SHA-256 of its file.
pub fn fingerprint(root: &[u8]) -> String {
    hex::encode(&Sha256::of(root).as_bytes()[..8])
}

/// A root that is signed by its own keys.
fn parse(bytes: &[u8]) -> Result<Signed<Root>, Error> {
    let wrong = |why: String| Error::from(RemoteError::NoRoot { why });
    let root: Signed<Root> = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
    root.signed.verify_role(&root).map_err(|e| wrong(e.to_string()))?;
    Ok(root)
}

fn existing<T>(read: std::io::Result<T>, path: &Path) -> Result<Option<T>, Error> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path)(e)),
    }
}
