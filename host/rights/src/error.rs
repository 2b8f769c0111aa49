//! What can go wrong at the desk.

use std::io;
use std::path::{Path, PathBuf};

use crate::letter::LetterKind;
use crate::number::RequestNumber;

/// What can go wrong at the desk. Every message names the file or the request, and what to do. None tells anything of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be made.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("the rights desk {path} failed while trying to {doing}", path = path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// Something in the file cannot be what it should be.
    #[error(
        "the rights desk {path} is damaged: {what}. Nothing was changed. Answer open requests from their letters, keep the file for whoever repairs it, and put a new one in \
         its place (move this one away)",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The file is of a later version of this program.
    #[error(
        "the rights desk {path} has version {found} and this sluis knows versions up to {known}: use the newer sluis that wrote it",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version that is known here.
        known: i64,
    },
    /// It was sealed under another root secret.
    #[error(
        "the rights desk {path} was made under another root secret: give the one that the vault had then, or put the vault's folder back as a whole",
        path = path.display()
    )]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// Another process reads the file without end.
    #[error(
        "what was forgotten is still in the log of the rights desk {path}, sealed and without its key's place in the file, because another process has been reading it for seconds: end \
         that one; the next sweep tries again",
        path = path.display()
    )]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// There is no such request.
    #[error("there is no request {number}: `sluis rights ls` prints all numbers")]
    Unknown {
        /// The number that was asked for.
        number: RequestNumber,
    },
    /// The request is forgotten.
    #[error(
        "request {number} is forgotten: its time is over, its key is destroyed, and only its number, kind and dates are left"
    )]
    Forgotten {
        /// Which.
        number: RequestNumber,
    },
    /// This cannot be done with a request now.
    #[error("request {number} cannot be {what}: {why}")]
    NotNow {
        /// Which.
        number: RequestNumber,
        /// What was to be done.
        what: &'static str,
        /// Why not, and what to do instead.
        why: String,
    },
    /// A request cannot be entered so.
    #[error("the request cannot be entered: {why}")]
    NotEntered {
        /// Why, and what to do.
        why: String,
    },
    /// A letter lacks something.
    #[error("request {number} has no {letter} letter: {why}")]
    Letter {
        /// Of which request.
        number: RequestNumber,
        /// Which letter.
        letter: LetterKind,
        /// What it lacks, and what to do.
        why: &'static str,
    },
    /// The desk holds no such copy.
    #[error("request {number} has no copy in {folder} that is still to be deleted: `sluis rights show {number}` lists its copies", folder = folder.display())]
    NoCopy {
        /// Of which request.
        number: RequestNumber,
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness, and without it nothing can be sealed: look at the kernel's log")]
    Random,
}

// === impl Error ===

impl Error {
    /// For `map_err` on what is done with a file.
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, doing, source }
    }
}
