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

use std::fmt;
use std::io::Read;
use std::str::FromStr;

pub use error::Error;
pub use folder::FolderStore;

/// The name of an object: 1 to 100 characters of `a-z`, `0-9`, `-` and `.`, starting with a letter or digit, not ending in `.part`. It is a file name
/// and an S3 key as it stands.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName(String);

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

/// A place for sealed objects. Calls come from several threads at once, for different objects; each call may block on disk or network.
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// Begins an object. Called once for each name in the life of a vault.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectExists`] when the name is taken, by a whole or a partial object; [`Error::Store`].
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error>;

    /// Opens a whole object.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`]; [`Error::Store`].
    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error>;

    /// The size of a whole object in bytes; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error>;

    /// All whole objects, by name. What is in the store but cannot be an object is not listed.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn list(&self) -> Result<Vec<ObjectInfo>, Error>;

    /// Removes a whole object for good. That it is not there is no error: a repeated call does nothing. After [`settle`](Self::settle) a power cut does
    /// not bring it back either.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn delete(&self, name: &ObjectName) -> Result<(), Error>;

    /// What was begun and never committed, by name, with the bytes that have arrived.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn partials(&self) -> Result<Vec<ObjectInfo>, Error>;

    /// Opens a partial object: all bytes up to the last [`sync`](ObjectWriter::sync), and perhaps more. Used to save what a crash left.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`]; [`Error::Store`], also from stores that cannot give back what was not committed.
    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error>;

    /// Removes a partial object, as [`delete`](Self::delete) does a whole one.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn discard(&self, name: &ObjectName) -> Result<(), Error>;

    /// Makes all removals so far durable. Called once after many of them, for it can be slow.
    ///
    /// # Errors
    ///
    /// [`Error::Settle`].
    fn settle(&self) -> Result<(), Error>;
}

/// Writes one object. Dropping it without [`commit`](Self::commit) leaves a partial object.
pub trait ObjectWriter: fmt::Debug + Send {
    /// Adds bytes. After an error the writer is of no further use.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Brings what was added to durable storage, as far as the store can before the object is whole. Called every few seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    fn sync(&mut self) -> Result<(), Error>;

    /// Makes the object whole. When the call returns, a power cut does not take it away.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectMissing`] when the partial object was discarded meanwhile; [`Error::ObjectExists`]; [`Error::Store`].
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

// === impl ObjectName ===

impl ObjectName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectName`] when it has another length or alphabet.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = name.len() <= 100
            && name.starts_with(plain)
            && name.chars().all(|c| plain(c) || c == '-' || c == '.')
            && !name.ends_with(".part");
        if good { Ok(Self(name)) } else { Err(Error::ObjectName(name)) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// === impl ByteRange ===

impl ByteRange {
    /// The whole object.
    pub const ALL: Self = Self { from: 0, length: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in ["", "..", ".hidden", "a/b", "a\\b", "A", "a_b", "a b", "x.part", &"x".repeat(101)] {
            assert!(ObjectName::new(name).is_err(), "{name:?} was accepted");
        }
        assert_eq!(ObjectName::new("00ff-0.sealed").unwrap().as_str(), "00ff-0.sealed");
    }
}
