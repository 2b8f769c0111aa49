//! What can go wrong.

use std::io;
use std::path::{Path, PathBuf};

/// A notice that cannot be kept, read or drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder of published notices cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A published notice is not as it was written.
    #[error("{}: {why}. A published notice is never changed: put the file back from where it was copied to, or publish the notice again", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such version.
    #[error("version {number} of the notice was never published: `sluis notice ls` lists those that were")]
    NoVersion {
        /// Which.
        number: u64,
    },
    /// What is to be published is in force already.
    #[error("version {number} of the notice says the same and is in force: there is nothing to publish")]
    Same {
        /// The version in force.
        number: u64,
    },
    /// Somebody else has published at the same moment.
    #[error(
        "version {number} of the notice was published by somebody else just now: look at it with `sluis notice show`, and publish again"
    )]
    Overtaken {
        /// The version.
        number: u64,
    },
    /// A sign says more than fits on it.
    #[error(
        "the sign `{sign}` does not fit on a page: write shorter `purposes` and a shorter name of the controller under `[notice]`"
    )]
    TooLong {
        /// Which.
        sign: String,
    },
    /// A sign has a letter that its typeface lacks.
    #[error(
        "the sign `{sign}` has the letter `{letter}`, which Helvetica of a PDF without fonts of its own lacks: write it in letters of Western Europe"
    )]
    Letter {
        /// Which.
        sign: String,
        /// The letter.
        letter: char,
    },
    /// The address of the notice is too long for a QR code.
    #[error(
        "the address of the notice has {length} bytes, too many for a QR code that is read from a wall: write a shorter `url` under `[notice]`, of at most {most}"
    )]
    Address {
        /// Its length, in bytes.
        length: usize,
        /// The most.
        most: usize,
    },
}

impl Error {
    /// Of a file.
    pub(crate) fn file(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, action, source }
    }
}
