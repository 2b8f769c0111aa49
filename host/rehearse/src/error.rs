//! What can keep a rehearsal from being held. What it finds is no error, but in its report.

use std::io;
use std::path::PathBuf;

/// What can keep a rehearsal from being held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the rehearsal cannot be used.
    #[error("cannot {doing} {path}: give the rehearsal another folder, with some 100 MB of room", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A copy of an index could not be looked into.
    #[error("a copy of the vault's index could not be looked into")]
    Copy(#[from] rusqlite::Error),
    /// The vault could not be opened or read where nothing was broken.
    #[error("the vault failed where nothing was broken, on day {day}")]
    Vault {
        /// Which day, from 0.
        day: u32,
        /// Why.
        source: Box<sluis_vault::Error>,
    },
    /// A store failed where nothing was broken.
    #[error("a store failed where nothing was broken")]
    Store(#[from] sluis_store::Error),
    /// The ledger could not be read at all.
    #[error("the ledger could not be read")]
    Ledger(#[from] sluis_ledger::Error),
    /// A partner's keys or documents could not be made.
    #[error("a partner could not be rehearsed")]
    Share(#[from] sluis_share::Error),
    /// Frames are made in one place of a process.
    #[error("this process has a pipeline already that clears frames: rehearse in a process of its own")]
    Doors,
    /// The recorder failed by itself.
    #[error("a recording could not be made")]
    Recorder(#[from] sluis_segment::Error),
    /// There is nothing to rehearse.
    #[error("{0}: rehearse at least one day, with one to eight cameras")]
    Settings(&'static str),
}

// === impl Error ===

impl Error {
    /// For `map_err` on an operation on a file.
    pub(crate) fn file(path: impl Into<PathBuf>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }
}

/// An error with all its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |e| e.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
