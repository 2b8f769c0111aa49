//! The published notices: a folder with a file for each version, `NUMBER.json`.
//!
//! A version is written whole or not at all, and never written again. The one with the highest number is in force. Files can be read by anybody: what is in them is public.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::Error;
use crate::facts::Facts;
use crate::version::{Digest, Version};

/// The folder of published notices. It need not exist until something is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// The folder of notices that belongs to a vault: beside it, not in it. A copy of the vault's folder that is put back must not take the notice back.
pub fn notice_beside(vault: &Path) -> PathBuf {
    let mut name = vault.file_name().unwrap_or("vault".as_ref()).to_owned();
    name.push(".notice");
    vault.with_file_name(name)
}

// === impl Store ===

impl Store {
    /// In this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The numbers of all versions, in order.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when the folder cannot be read; [`Error::Damaged`] when a version is missing between others.
    pub fn numbers(&self) -> Result<Vec<u64>, Error> {
        let read = Error::file(&self.folder, "read");
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(read(error)),
        };
        let names: Vec<_> = files.map(|file| Ok(file?.file_name())).collect::<io::Result<_>>().map_err(read)?;
        let number = |name: &std::ffi::OsString| {
            let digits = name.to_str()?.strip_suffix(".json")?;
            digits.parse().ok().filter(|number: &u64| number.to_string() == digits)
        };
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        match (1..).zip(&numbers).find(|(expected, found)| expected != *found) {
            None => Ok(numbers),
            Some((number, _)) => Err(Error::Damaged {
                path: self.path(number),
                why: "the version is missing, and later ones are there".to_owned(),
            }),
        }
    }

    /// The version in force, if anything was published.
    ///
    /// # Errors
    ///
    /// As [`numbers`](Self::numbers) and [`version`](Self::version).
    pub fn current(&self) -> Result<Option<Version>, Error> {
        self.numbers()?.last().map(|number| self.version(*number)).transpose()
    }

    /// The version with this number.
    ///
    /// # Errors
    ///
    /// [`Error::NoVersion`]; [`Error::Damaged`] when it does not say what it said when it was published; [`Error::File`].
    pub fn version(&self, number: u64) -> Result<Version, Error> {
        let path = self.path(number);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::NoVersion { number }),
            Err(error) => return Err(Error::file(&path, "read")(error)),
        };
        let damaged = |why: String| Error::Damaged { path: path.clone(), why };
        let version: Version = serde_json::from_slice(&text).map_err(|e| damaged(format!("it cannot be read: {e}")))?;
        if version.number != number {
            return Err(damaged(format!("it says that it is version {}", version.number)));
        }
        if version.sha256 != Digest::of(&version.facts) {
            return Err(damaged("its facts are not those of its digest: it was changed".to_owned()));
        }
        Ok(version)
    }

    /// Whether the version in force tells these facts.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn is_published(&self, facts: &Facts) -> Result<bool, Error> {
        Ok(self.current()?.is_some_and(|version| version.tells(facts)))
    }

    /// The version that publishing these facts would make.
    ///
    /// # Errors
    ///
    /// [`Error::Same`] when the version in force tells them already; as [`current`](Self::current).
    pub fn draft(&self, facts: &Facts, now: Timestamp) -> Result<Version, Error> {
        let current = self.current()?;
        match &current {
            Some(version) if version.tells(facts) => Err(Error::Same { number: version.number }),
            _ => Ok(Version::after(current.as_ref(), facts, now)),
        }
    }

    /// Publishes facts: they are in force when this returns.
    ///
    /// # Errors
    ///
    /// As [`draft`](Self::draft) and [`put`](Self::put).
    pub fn publish(&self, facts: &Facts, now: Timestamp) -> Result<Version, Error> {
        let version = self.draft(facts, now)?;
        self.put(&version)?;
        Ok(version)
    }

    /// Makes the folder, if it is not there. It is its who owns the folder it lies in: the service writes there too, also when root was the first to publish.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn make(&self) -> Result<(), Error> {
        let folder = &self.folder;
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(Error::file(folder, "make"))?;
        fs::set_permissions(folder, Permissions::from_mode(0o755)).map_err(Error::file(folder, "open"))?;
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let owner = |of: &Path| of.metadata().map(|of| (of.uid(), of.gid())).map_err(Error::file(of, "look at"));
        let ((uid, gid), ours) = (owner(above)?, owner(folder)?);
        // Only root can give it away; others write into a folder of their own.
        if (uid, gid) != ours && ours.0 == 0 {
            chown(folder, Some(uid), Some(gid)).map_err(Error::file(folder, "give away"))?;
        }
        sync(above)
    }

    /// Publishes a version: it is in force when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::Overtaken`] when there is one of its number; [`Error::File`].
    pub fn put(&self, version: &Version) -> Result<(), Error> {
        let (folder, path) = (&self.folder, self.path(version.number));
        self.make()?;
        let mut text = serde_json::to_vec_pretty(version).expect("a version is texts and numbers");
        text.push(b'\n');
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)
            .map_err(Error::file(folder, "write into"))?;
        let written = file.write_all(&text).and_then(|()| {
            // Not what the mask of this process makes of it.
            file.as_file().set_permissions(Permissions::from_mode(0o644))?;
            file.as_file().sync_all()
        });
        written.map_err(Error::file(&path, "write"))?;
        file.persist_noclobber(&path).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => Error::Overtaken { number: version.number },
            _ => Error::file(&path, "write")(error.error),
        })?;
        sync(folder)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number}.json"))
    }
}

/// Makes sure that the names in a folder are on the disk.
fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file(folder, "write"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::sample;

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn what_was_published_is_in_force_until_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(notice_beside(&folder.path().join("vault")));
        assert!(store.folder().ends_with("vault.notice"));
        let (first, mut second) = (sample(), sample());
        assert_eq!(store.current().unwrap(), None);
        assert!(!store.is_published(&first).unwrap());
        assert_eq!(store.publish(&first, THEN).unwrap().number, 1);
        assert!(store.is_published(&first).unwrap());
        assert!(matches!(store.publish(&first, THEN), Err(Error::Same { number: 1 })));
        second.retention.hours = 24;
        let published = store.publish(&second, THEN).unwrap();
        assert!(!store.is_published(&first).unwrap() && store.is_published(&second).unwrap());
        assert_eq!(store.current().unwrap(), Some(published.clone()));
        assert!(matches!(store.put(&published), Err(Error::Overtaken { number: 2 })));
        assert_eq!(store.version(1).unwrap().facts, first);
        assert!(matches!(store.version(3), Err(Error::NoVersion { number: 3 })));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(store.folder()), mode(&store.path(1))), (0o755, 0o644));
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 2, "nothing else is left there");
    }

    #[test]
    fn what_was_changed_or_is_missing_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        store.publish(&sample(), THEN).unwrap();
        let text = fs::read_to_string(store.path(1)).unwrap();
        fs::write(store.path(1), text.replace("\"hours\": 720", "\"hours\": 700")).unwrap();
        let error = store.is_published(&sample()).unwrap_err().to_string();
        assert!(error.contains("it was changed") && error.contains("1.json"), "{error}");
        fs::write(store.path(1), &text[..text.len() / 2]).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
        fs::write(store.path(3), text.replace("\"number\": 1", "\"number\": 3")).unwrap();
        fs::write(store.path(1), text).unwrap();
        assert!(store.current().unwrap_err().to_string().contains("2.json: the version is missing"));
        assert!(store.version(3).is_ok());
    }

    #[test]
    fn other_files_are_no_versions() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["01.json", "x.json", "1.json.bak", "README"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(Store::at(folder.path()).numbers().unwrap(), Vec::<u64>::new());
    }
}
