//! What can go wrong in a store.

use std::io;
use std::path::PathBuf;

use crate::ObjectName;

/// What can go wrong in a store. Every message names the object, folder or bucket, and never a secret.
///
/// [`is_worth_a_retry`](Error::is_worth_a_retry) tells what may pass by itself. A store in the cloud has tried several times already when it returns such
/// an error, so the caller's next try belongs seconds or minutes later.
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
    #[error("the store cannot confirm that what it removed stays removed; the next sweep tries again")]
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
    /// The partial object is there, and the store gives none of it back.
    #[error(
        "{object} is only partly in {place}, which gives nothing back before it is whole: go on with it, or discard it and write it again"
    )]
    PartialClosed {
        /// Which.
        object: ObjectName,
        /// The store.
        place: String,
    },
    /// Somebody else is changing the same object at this moment.
    #[error(
        "{object} in {place} is being changed by somebody else at this moment: try again; if it stays so, stop the other writer"
    )]
    Conflict {
        /// Which.
        object: ObjectName,
        /// The store.
        place: String,
    },
    /// The store does not let us.
    #[error("{place} does not let us {doing}: {why}")]
    Denied {
        /// The store: address, bucket, beginning of the names.
        place: String,
        /// What was tried, on what.
        doing: String,
        /// What it answered, and what to check.
        why: String,
    },
    /// The bucket is not there.
    #[error("there is no bucket {bucket} at {endpoint}: make it there, or correct its name or the address")]
    NoBucket {
        /// Which.
        bucket: String,
        /// The server.
        endpoint: String,
    },
    /// The store was asked several times and did not answer, or said that it cannot now.
    #[error(
        "{place} could not be brought to {doing}, after several tries; check the network and the address if it stays so"
    )]
    Unavailable {
        /// The store.
        place: String,
        /// What was tried, on what.
        doing: String,
        /// How the last try failed.
        source: io::Error,
    },
    /// The store answered with a refusal that no other variant names, or with nonsense.
    #[error("{place} refused to {doing}: {why}")]
    Refused {
        /// The store.
        place: String,
        /// What was tried, on what.
        doing: String,
        /// What it answered, and what to do.
        why: String,
    },
}

// === impl Error ===

impl Error {
    /// Whether the same call may succeed later without anybody doing anything: the disk or the network failed, the server was busy, or another writer was
    /// in the way. The other errors stay until somebody changes something.
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::File { .. }
            | Self::Store { .. }
            | Self::Settle(_)
            | Self::Conflict { .. }
            | Self::Unavailable { .. } => true,
            Self::ObjectName(_)
            | Self::ObjectMissing { .. }
            | Self::ObjectExists { .. }
            | Self::PartialClosed { .. }
            | Self::Denied { .. }
            | Self::NoBucket { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// For `map_err` on an operation on a file.
    pub(crate) fn file(path: impl Into<PathBuf>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }
}
