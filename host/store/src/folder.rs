//! Objects as files in one folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::{ByteRange, Error, ObjectInfo, ObjectName, ObjectStore, ObjectWriter, Resumed};

/// Objects as files of mode 0600 in a folder of mode 0700. A partial object is the file `NAME.part`; committing writes it to disk, renames it and
/// writes the folder to disk.
#[derive(Debug)]
pub struct FolderStore {
    folder: PathBuf,
}

/// A partial object: its file.
#[derive(Debug)]
struct Part {
    folder: PathBuf,
    name: ObjectName,
    file: File,
}

const PART: &str = ".part";

// === impl FolderStore ===

impl FolderStore {
    /// The store in `folder`, which is made when it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when it cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(Error::file(&folder, "make the store's folder"))?;
        Ok(Self { folder })
    }

    fn whole(&self, name: &ObjectName) -> PathBuf {
        self.folder.join(name.as_str())
    }

    fn part(&self, name: &ObjectName) -> PathBuf {
        part(&self.folder, name)
    }

    /// The files whose names end with `suffix`, and without it are names of objects.
    fn files(&self, suffix: &str) -> Result<Vec<ObjectInfo>, Error> {
        let failed = || Error::file(&self.folder, "list the store's folder");
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name();
            let Some(name) = name.to_str().and_then(|n| n.strip_suffix(suffix)) else { continue };
            let Ok(name) = ObjectName::new(name) else { continue };
            match entry.metadata() {
                Ok(facts) if facts.is_file() => found.push(ObjectInfo { name, size: facts.len() }),
                Ok(_) => {}
                // Deleted or renamed since the folder was read: it is not in the store.
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(failed()(e)),
            }
        }
        found.sort();
        Ok(found)
    }
}

impl ObjectStore for FolderStore {
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error> {
        let taken = || Error::ObjectExists { object: name.clone() };
        if self.size(name)?.is_some() {
            return Err(taken());
        }
        let path = self.part(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => taken(),
            _ => store(name, "begin")(e),
        })?;
        // Another writer may have committed in between, and let go of the partial object. From here on none can.
        if self.size(name)?.is_some() {
            self.discard(name)?;
            return Err(taken());
        }
        sync_folder(&self.folder).map_err(store(name, "begin"))?;
        Ok(Box::new(Part { folder: self.folder.clone(), name: name.clone(), file }))
    }

    fn resume(&self, name: &ObjectName) -> Result<Resumed, Error> {
        let file = OpenOptions::new().append(true).open(self.part(name)).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::ObjectMissing { object: name.clone() },
            _ => store(name, "go on with")(e),
        })?;
        // What is told to be there must be on disk.
        file.sync_all().map_err(store(name, "go on with"))?;
        let offset = file.metadata().map_err(store(name, "go on with"))?.len();
        Ok(Resumed { writer: Box::new(Part { folder: self.folder.clone(), name: name.clone(), file }), offset })
    }

    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error> {
        let mut file = open(name, &self.whole(name))?;
        file.seek(SeekFrom::Start(range.from)).map_err(store(name, "read"))?;
        Ok(match range.length {
            Some(length) => Box::new(file.take(length)),
            None => Box::new(file),
        })
    }

    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error> {
        match fs::metadata(self.whole(name)) {
            Ok(facts) => Ok(Some(facts.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(store(name, "look for")(e)),
        }
    }

    fn list(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.files("")
    }

    fn delete(&self, name: &ObjectName) -> Result<(), Error> {
        remove(name, &self.whole(name))
    }

    fn partials(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.files(PART)
    }

    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error> {
        Ok(Box::new(open(name, &self.part(name))?))
    }

    fn discard(&self, name: &ObjectName) -> Result<(), Error> {
        remove(name, &self.part(name))
    }

    fn settle(&self) -> Result<(), Error> {
        sync_folder(&self.folder).map_err(Error::Settle)
    }
}

// === impl Part ===

impl ObjectWriter for Part {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(store(&self.name, "write"))
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.file.sync_data().map_err(store(&self.name, "write to disk"))
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.file.sync_all().map_err(store(&self.name, "write to disk"))?;
        let (from, to) = (part(&self.folder, &self.name), self.folder.join(self.name.as_str()));
        // Nothing is replaced: `create` has seen that no whole object had this name while it held the partial one, and it is held ever since.
        fs::rename(from, to).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::ObjectMissing { object: self.name.clone() },
            _ => store(&self.name, "commit")(e),
        })?;
        sync_folder(&self.folder).map_err(store(&self.name, "commit"))
    }
}

fn part(folder: &Path, name: &ObjectName) -> PathBuf {
    folder.join(format!("{name}{PART}"))
}

fn remove(name: &ObjectName, path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(store(name, "delete")(e)),
        _ => Ok(()),
    }
}

fn open(name: &ObjectName, path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => Error::ObjectMissing { object: name.clone() },
        _ => store(name, "open")(e),
    })
}

/// A file's name is in its folder: it is on disk when the folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// For `map_err` on an operation on an object.
fn store(name: &ObjectName, doing: &'static str) -> impl FnOnce(io::Error) -> Error {
    let object = name.clone();
    move |source| Error::Store { object, doing, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use super::*;
    use crate::contract::{self, Promises};

    #[test]
    fn a_folder_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        contract::check(&|| Arc::new(FolderStore::open(folder.path().join("store")).unwrap()), &Promises::ALL);
    }

    #[test]
    fn only_the_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = FolderStore::open(&path).unwrap();
        store.create(&ObjectName::new("a").unwrap()).unwrap().commit().unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("a"))), (0o700, 0o600));
    }

    #[test]
    fn foreign_files_are_neither_listed_nor_touched() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path()).unwrap();
        fs::write(folder.path().join("Notes.txt"), "keep").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        assert_eq!((store.list().unwrap(), store.partials().unwrap()), (vec![], vec![]));
    }
}
