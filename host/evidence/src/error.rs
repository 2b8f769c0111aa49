//! What can go wrong with a pack, beyond what is wrong in it.

use std::io;
use std::path::{Path, PathBuf};

use crate::path::PackPath;

/// What can go wrong with a pack. Every message names the file, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be used.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A file of the pack would be too large to be checked.
    #[error(
        "{path} would have {bytes} bytes, and a file of an evidence pack has {most} at the most: leave it out, or make it smaller"
    )]
    TooLarge {
        /// Which.
        path: PackPath,
        /// How many.
        bytes: u64,
        /// How many it may have.
        most: u64,
    },
    /// A file would hold what was left out of the configuration.
    #[error(
        "{path} holds `{key}` of the configuration, which is a secret: no pack is made. Take the secret out of the configuration, and into a file of `[service] credentials-dir`"
    )]
    Secret {
        /// Which.
        path: PackPath,
        /// The place in the configuration.
        key: String,
    },
    /// The configuration cannot be read once more.
    #[error("the configuration cannot be read: {0}")]
    Configuration(String),
    /// A report is none.
    #[error("{path} is no report of `sluis evaluate gestures --json` or `sluis evaluate privacy --json`: {why}", path = path.display())]
    NoReport {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A report is about something else than what is at work.
    #[error(
        "{path} measured {measured}, and {at_work} is at work: it says nothing about this shop. Measure what is at work, or leave the report out",
        path = path.display()
    )]
    OtherComponents {
        /// The file.
        path: PathBuf,
        /// What was measured.
        measured: String,
        /// What is at work in its place.
        at_work: String,
    },
}

// === impl Error ===

impl Error {
    /// For `map_err`: names the file and what was tried.
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, doing, source }
    }
}
