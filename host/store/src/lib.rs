//! Where sealed bytes lie.
//!
//! An object is written once, front to back, and is whole or not there: until it is committed it is *partial*, and neither [`list`](ObjectStore::list)
//! nor [`open`](ObjectStore::open) shows it. Nothing in a store is secret: the vault puts ciphertext there and nothing else.
//!
//! - [`folder`]: [`FolderStore`], files in a folder.
//! - [`contract`]: what every store must do, as a suite that any store can be put through.
//! - [`error`]: what can go wrong.

pub mod contract;
pub mod error;
pub mod folder;
mod name;

use std::fmt;
use std::io::Read;

pub use error::Error;
pub use folder::FolderStore;
pub use name::ObjectName;

/// An object and how long it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectInfo {
    /// Its name.
    pub name: ObjectName,
    /// Bytes.
    pub size: u64,
}

/// Which bytes of an object are wanted. A range that reaches past the end gives what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub from: u64,
    /// How many; `None`: to the end.
    pub length: Option<u64>,
}

/// A partial object that is gone on with.
#[derive(Debug)]
pub struct Resumed {
    /// Goes on at [`offset`](Self::offset).
    pub writer: Box<dyn ObjectWriter>,
    /// How many bytes the store has, counted from the first. The caller appends what comes after them.
    pub offset: u64,
}

/// A place for sealed objects. Calls come from several threads at once, for different objects; each call may block on disk or network, so none belongs on
/// a reactor's thread.
///
/// Every method can also fail with [`Error::Store`], [`Error::File`] or [`Error::Unavailable`], which are worth another try of the same call, and with
/// [`Error::Denied`], [`Error::NoBucket`] or [`Error::Refused`], which are not: somebody has to change something first. *Retry* below says what a second
/// call means when it is not known whether the first was done.
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// Begins an object. Called once for each name in the life of a vault.
    ///
    /// Retry: an [`Error::ObjectExists`] may then be the first call's own partial object; [`discard`](Self::discard) it, or [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// [`Error::ObjectExists`] when the name is taken, by a whole or a partial object.
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error>;

    /// Goes on with a partial object that an earlier process left. Only one writer may hold it: the caller knows that the earlier one is gone. What was
    /// written after the last [`sync`](ObjectWriter::sync) can be damaged by a power cut, as on any disk; who cares compares it first.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`] when there is no partial object of this name.
    fn resume(&self, name: &ObjectName) -> Result<Resumed, Error>;

    /// Stores a small object in one go; nothing of it is there unless all of it is. It never replaces: if the name is taken by the same bytes nothing
    /// happens, if by others it fails.
    ///
    /// Retry: safe, for a repeated put of the same bytes does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectExists`] when the name is taken by other bytes. A store may count a partial object as such; that one is to be discarded first.
    /// [`Error::Conflict`] when another writer of the same name was in the way: worth a retry.
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<(), Error> {
        let refused = match self.create(name) {
            Ok(mut writer) => {
                let written = writer.append(bytes).and_then(|()| writer.commit());
                if let Err(failed) = written {
                    // Or the next try would find it in its way. What fails here too is found among the partials.
                    let _ = self.discard(name);
                    return Err(failed);
                }
                return Ok(());
            }
            Err(refused) => refused,
        };
        let Error::ObjectExists { object } = refused else { return Err(refused) };
        match self.open(name, ByteRange::ALL) {
            Ok(stored) => match same(stored, bytes) {
                Ok(true) => Ok(()),
                Ok(false) => Err(Error::ObjectExists { object }),
                Err(source) => Err(Error::Store { object, doing: "compare", source }),
            },
            Err(Error::ObjectMissing { .. }) => Err(Error::ObjectExists { object }),
            Err(other) => Err(other),
        }
    }

    /// Opens a whole object. Reading can fail as opening can.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`].
    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error>;

    /// The size of a whole object in bytes; `None` when it is not there.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error>;

    /// All whole objects, by name. What is in the store but cannot be an object is not listed.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn list(&self) -> Result<Vec<ObjectInfo>, Error>;

    /// The whole objects whose names begin with `prefix`, by name. A store that can asks its server for these only.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn list_prefix(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Error> {
        let mut found = self.list()?;
        found.retain(|object| object.name.as_str().starts_with(prefix));
        Ok(found)
    }

    /// Removes a whole object for good, with every older version that the store keeps of it. That it is not there is no error: a repeated call does
    /// nothing. After [`settle`](Self::settle) a power cut does not bring it back either.
    ///
    /// Retry: safe, and to be done until it succeeds.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn delete(&self, name: &ObjectName) -> Result<(), Error>;

    /// What was begun and never committed, by name, with the bytes that have arrived.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn partials(&self) -> Result<Vec<ObjectInfo>, Error>;

    /// Opens a partial object: all bytes up to the last [`sync`](ObjectWriter::sync), and perhaps more. Used to save what a crash left.
    ///
    /// Retry: safe.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`]; [`Error::PartialClosed`] from stores that cannot give back what was not committed.
    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error>;

    /// Removes a partial object, as [`delete`](Self::delete) does a whole one.
    ///
    /// Retry: safe, and to be done until it succeeds.
    ///
    /// # Errors
    ///
    /// Those of every method.
    fn discard(&self, name: &ObjectName) -> Result<(), Error>;

    /// Makes all removals so far durable, and looks once more that what was deleted is gone. Called once after many of them, for it can be slow.
    ///
    /// Retry: safe, and to be done until it succeeds.
    ///
    /// # Errors
    ///
    /// [`Error::Settle`] when a removal is not certain.
    fn settle(&self) -> Result<(), Error>;

    /// What time it is by the clock of the store's server: what its last answer said, and the time that has passed since; nanoseconds since 1970.
    /// Exact to a second or so. A second source of time beside the machine's own; no better than the server is. `None` from stores without a server, and
    /// before the first answer.
    fn server_time(&self) -> Option<i64> {
        None
    }
}

/// Writes one object. Dropping it without [`commit`](Self::commit) leaves a partial object.
pub trait ObjectWriter: fmt::Debug + Send {
    /// Adds bytes.
    ///
    /// Retry: never; after an error the writer is of no further use. [`ObjectStore::resume`] tells how much has arrived.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`] when the partial object was discarded meanwhile, and the store notices; those of every method of the store.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Brings what was added to durable storage, as far as the store can before the object is whole. Called every few seconds.
    ///
    /// Retry: as for [`append`](Self::append).
    ///
    /// # Errors
    ///
    /// As for [`append`](Self::append).
    fn sync(&mut self) -> Result<(), Error>;

    /// Makes the object whole. When the call returns, a power cut does not take it away.
    ///
    /// Retry: it takes the writer, so by [`ObjectStore::size`] (perhaps it is whole already) and [`ObjectStore::resume`].
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`] when the partial object was discarded meanwhile; [`Error::ObjectExists`] when another writer was quicker;
    /// [`Error::Conflict`]; those of every method of the store.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// Whether a reader gives just these bytes.
fn same(mut stored: impl Read, bytes: &[u8]) -> std::io::Result<bool> {
    let (mut rest, mut chunk) = (bytes, [0; 8192]);
    loop {
        match stored.read(&mut chunk) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(n) if rest.starts_with(&chunk[..n]) => rest = &rest[n..],
            Ok(_) => return Ok(false),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

// === impl ByteRange ===

impl ByteRange {
    /// The whole object.
    pub const ALL: Self = Self { from: 0, length: None };
}
