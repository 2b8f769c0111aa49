//! Everything that somebody can try who has the files as they are now, and the root secret: on copies, with a clock that is set back, deadlines that are written over, and all sealed bytes
//! that ever lay anywhere.
//!
//! What only a copy of index *and* keyring from before opens is out of reach of any vault; each of them alone, with the other as it is now, must open nothing that was destroyed since.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};
use sluis_frame::{Clock, Timestamp};
use sluis_segment::SegmentId;
use sluis_store::{
    ByteRange, Error as StoreError, FolderStore, ObjectInfo, ObjectName, ObjectStore, ObjectWriter, Resumed,
};
use sluis_vault::rehearsal::ManualClock;
use sluis_vault::{Archive, Error as VaultError, Reason};

use crate::error::Error;
use crate::recording::{Digest, digest_of};
use crate::shop::Shop;

/// A copy of index and keyring to be tampered with.
#[derive(Debug)]
pub(crate) struct Loot {
    folder: PathBuf,
}

/// A wrapped key that stands in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrapped {
    pub(crate) segment: SegmentId,
    pub(crate) generation: u32,
    pub(crate) bytes: [u8; WRAPPED],
}

/// All sealed bytes that ever lay here or in the cloud, by name.
#[derive(Debug, Default)]
pub(crate) struct Hoard(Mutex<HashMap<ObjectName, Vec<u8>>>);

/// A store that only reads, from wherever something is left.
struct Anywhere {
    places: Vec<FolderStore>,
    hoard: Arc<Hoard>,
}

const WRAPPED: usize = 60;
/// The random part at its beginning, which tells one wrapped key from all others.
const NONCE: usize = 12;
/// How the names of sealed objects end.
const SEALED: &str = ".sealed";

// === impl Loot ===

impl Loot {
    /// Takes index and keyring from `folder`.
    pub(crate) fn take(folder: &Path, to: PathBuf) -> Result<Self, Error> {
        let loot = Self { folder: to };
        crate::folder::remove(&loot.folder)?;
        fs::create_dir_all(&loot.folder).map_err(Error::file(&loot.folder, "make"))?;
        loot.copy(folder, |_| true)?;
        Ok(loot)
    }

    /// Index from one folder, keyring from another, under the name that the index asks for.
    pub(crate) fn mix(index: &Path, keyring: &Path, to: PathBuf) -> Result<Self, Error> {
        let loot = Self::take(index, to)?;
        let names = |folder: &Path| -> Result<Vec<PathBuf>, Error> {
            let listed = fs::read_dir(folder).map_err(Error::file(folder, "list"))?;
            let paths = listed.filter_map(|entry| Some(entry.ok()?.path()));
            Ok(paths.filter(|path| name(path).starts_with("keyring-")).collect())
        };
        for (own, other) in names(&loot.folder)?.iter().zip(names(keyring)?) {
            fs::copy(&other, own).map_err(Error::file(&other, "copy"))?;
        }
        Ok(loot)
    }

    fn copy(&self, from: &Path, which: impl Fn(&str) -> bool) -> Result<(), Error> {
        for entry in fs::read_dir(from).map_err(Error::file(from, "list"))? {
            let path = entry.map_err(Error::file(from, "list"))?.path();
            let name = name(&path);
            let wanted = name == "index.sqlite" || name == "index.sqlite-wal" || name.starts_with("keyring-");
            if wanted && which(&name) {
                fs::copy(&path, self.folder.join(&name)).map_err(Error::file(&path, "copy"))?;
            }
        }
        Ok(())
    }

    fn index(&self) -> Result<Connection, Error> {
        let index = Connection::open(self.folder.join("index.sqlite"))?;
        index.pragma_update(None, "synchronous", "OFF")?;
        Ok(index)
    }

    /// All wrapped keys that are not overwritten.
    pub(crate) fn wrapped(&self) -> Result<Vec<Wrapped>, Error> {
        let index = self.index()?;
        let mut statement = index.prepare(
            "SELECT segment, generation, wrapped FROM keys WHERE wrapped <> zeroblob(60) ORDER BY segment, generation",
        )?;
        let rows = statement.query_map([], |row| {
            let segment = SegmentId::from_bytes(row.get(0)?);
            Ok(Wrapped { segment, generation: row.get(1)?, bytes: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The time that the vault remembers, and all deadlines, are forgotten. States and places stay.
    pub(crate) fn forget_time(&self) -> Result<(), Error> {
        self.index()?.execute_batch(
            "UPDATE vault SET latest = -9223372036854775808, seen = -9223372036854775808;
             UPDATE segments SET deadline = 9223372036854775807;",
        )?;
        Ok(())
    }

    /// These count as whole and as lying here, under these keys.
    pub(crate) fn pretend(&self, keys: &[Wrapped]) -> Result<(), Error> {
        let mut index = self.index()?;
        let transaction = index.transaction()?;
        for key in keys {
            let put = "UPDATE segments SET state = 'sealed', here = 1, generation = ?1 WHERE id = ?2";
            transaction.execute(put, params![key.generation, key.segment.as_bytes()])?;
        }
        Ok(transaction.commit()?)
    }

    /// What can be read of a segment: nothing, or so many bytes. What is read is a copy: the real ledger tells nothing of it.
    pub(crate) fn archive(
        &self,
        here: Arc<dyn ObjectStore>,
        cloud: Option<Arc<dyn ObjectStore>>,
    ) -> Result<Archive, VaultError> {
        let clock = Arc::new(ManualClock::new(Timestamp::from_secs(0))) as Arc<dyn Clock>;
        // No ledger there: what is tried is not told.
        let none = self.folder.join("index.sqlite");
        let archive = Archive::open_with_ledger(&self.folder, Some(&none), clock, here, &Shop::root())?;
        // A file as the ledger's folder: openings of copies are told to nobody, and cost no time.
        Ok(archive.with_cloud(cloud))
    }
}

/// Reads a segment to its end.
pub(crate) fn read(archive: &Archive, segment: SegmentId) -> Result<Digest, String> {
    let text = |error: &dyn std::error::Error| crate::error::chain(error);
    let reason = Reason::new("a rehearsal looks whether it can be read").map_err(|e| text(&e))?;
    let mut opened = archive.open_segment(segment, &reason).map_err(|e| text(&e))?;
    let mut plain = Vec::new();
    opened.read_to_end(&mut plain).map_err(|e| text(&e))?;
    digest_of(&plain).ok_or_else(|| "no digest".to_owned())
}

/// How many bytes of a segment can be read, also of one whose end is missing.
pub(crate) fn steal(archive: &Archive, segment: SegmentId) -> usize {
    let Ok(reason) = Reason::new("theft, in a rehearsal") else { return 0 };
    let Ok(mut opened) = archive.open_segment(segment, &reason) else { return 0 };
    let mut plain = Vec::new();
    // What came before the error was read all the same.
    let _ = opened.read_to_end(&mut plain);
    plain.len()
}

/// Which of these wrapped keys, or keys in the clear, stand in any file of the folder, in whatever corner of it.
pub(crate) fn traces(folder: &Path, keys: &HashMap<[u8; NONCE], SegmentId>) -> Result<HashSet<SegmentId>, Error> {
    let mut first = vec![false; 1 << 16];
    for key in keys.keys() {
        first[usize::from(u16::from_le_bytes([key[0], key[1]]))] = true;
    }
    let mut found = HashSet::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder, "list"))? {
        let path = entry.map_err(Error::file(folder, "list"))?.path();
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(Error::file(&path, "read"))?;
        for window in bytes.windows(NONCE) {
            if first[usize::from(u16::from_le_bytes([window[0], window[1]]))]
                && let Ok(window) = <[u8; NONCE]>::try_from(window)
                && let Some(segment) = keys.get(&window)
            {
                found.insert(*segment);
            }
        }
    }
    Ok(found)
}

/// The beginning of a key, by which it is found.
pub(crate) fn beginning(key: &[u8]) -> Option<[u8; NONCE]> {
    key.get(..NONCE)?.try_into().ok()
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

// === impl Hoard ===

impl Hoard {
    /// Takes what is not in it yet.
    pub(crate) fn gather(&self, places: &[&FolderStore]) -> Result<(), Error> {
        let mut hoard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places {
            for info in place.list()? {
                if info.name.as_str().ends_with(SEALED) && !hoard.contains_key(&info.name) {
                    let mut bytes = Vec::new();
                    let read = place.open(&info.name, ByteRange::ALL)?.read_to_end(&mut bytes);
                    read.map_err(|source| StoreError::Store { object: info.name.clone(), doing: "read", source })?;
                    hoard.insert(info.name, bytes);
                }
            }
        }
        Ok(())
    }

    /// The bytes of an object that lay somewhere once.
    pub(crate) fn get(&self, name: &ObjectName) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

// === impl Anywhere ===

/// A store that gives whatever is left of an object, anywhere.
pub(crate) fn anywhere(places: Vec<FolderStore>, hoard: &Arc<Hoard>) -> Arc<dyn ObjectStore> {
    Arc::new(Anywhere { places, hoard: Arc::clone(hoard) })
}

impl Anywhere {
    fn refuse<T>(name: &ObjectName) -> Result<T, StoreError> {
        Err(StoreError::ObjectMissing { object: name.clone() })
    }
}

impl ObjectStore for Anywhere {
    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, StoreError> {
        if let Some(bytes) = self.hoard.get(name) {
            return Ok(Box::new(Cursor::new(bytes)));
        }
        let whole = self.places.iter().find_map(|place| place.open(name, range).ok());
        let partial = || self.places.iter().find_map(|place| place.open_partial(name).ok());
        whole.or_else(partial).map_or_else(|| Self::refuse(name), Ok)
    }

    fn size(&self, _: &ObjectName) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn list(&self) -> Result<Vec<ObjectInfo>, StoreError> {
        Ok(vec![])
    }

    fn partials(&self) -> Result<Vec<ObjectInfo>, StoreError> {
        Ok(vec![])
    }

    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, StoreError> {
        Self::refuse(name)
    }

    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, StoreError> {
        Self::refuse(name)
    }

    fn resume(&self, name: &ObjectName) -> Result<Resumed, StoreError> {
        Self::refuse(name)
    }

    fn delete(&self, _: &ObjectName) -> Result<(), StoreError> {
        Ok(())
    }

    fn discard(&self, _: &ObjectName) -> Result<(), StoreError> {
        Ok(())
    }

    fn settle(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl fmt::Debug for Anywhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anywhere")
    }
}
