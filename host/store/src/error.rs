//! What can go wrong in a store.

use std::io;
use std::path::PathBuf;

use crate::ObjectName;

/// What can go wrong in a store. Every message names the object or folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store's folder cannot be used.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A name that no object can have.
    #[error(
        "`{0}` cannot name an object: use 1 to 100 characters of a-z, 0-9, `-` and `.`, starting with a letter or digit, not ending in `.part`"
    )]
    ObjectName(String),
    /// The store failed.
    #[error("the store cannot {doing} {object}")]
    Store {
        /// Which object.
        object: ObjectName,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The store cannot say that what it removed stays removed.
    #[error("the store cannot bring its removals to disk; the next sweep tries again")]
    Settle(#[source] io::Error),
    /// No such object.
    #[error("{object} is not in the store")]
    ObjectMissing {
        /// Which.
        object: ObjectName,
    },
    /// An object, whole or partial, has this name already.
    #[error("{object} is in the store already, and no object is ever written twice")]
    ObjectExists {
        /// Which.
        object: ObjectName,
    },
}

impl Error {
    /// For `map_err` on an operation on a file.
    pub(crate) fn file(path: impl Into<PathBuf>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }
}
