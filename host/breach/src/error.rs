//! What can go wrong at the register.

use std::io;
use std::path::{Path, PathBuf};

use crate::number::BreachNumber;

/// What can go wrong at the register. Every message names the file or the breach, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the register.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The book did not take a step, so the step was not taken. Or it could not be read.
    #[error("the breach register cannot {doing} the ledger")]
    Book {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such breach.
    #[error("there is no breach {number}: `sluis breach ls` prints all numbers")]
    Unknown {
        /// The number that was asked for.
        number: BreachNumber,
    },
    /// How the breach was entered is missing or damaged.
    #[error(
        "the first step of breach {number} cannot be read, and without it nothing can be done with it: `sluis breach ls` says what is wrong. Put {path} back from a copy, or enter the breach anew",
        path = path.display()
    )]
    Headless {
        /// Which.
        number: BreachNumber,
        /// The file of that step.
        path: PathBuf,
    },
    /// A breach cannot be entered so.
    #[error("the breach cannot be entered: {why}")]
    NotEntered {
        /// Why, and what to do.
        why: String,
    },
    /// This cannot be done with a breach now.
    #[error("breach {number} cannot be {what}: {why}")]
    NotNow {
        /// Which.
        number: BreachNumber,
        /// What was to be done.
        what: &'static str,
        /// Why not, and what to do instead.
        why: String,
    },
    /// Words that say nothing.
    #[error("{what} must be said in 3 to 4000 characters, without control characters: it is what the authority reads")]
    Words {
        /// What was to be said.
        what: &'static str,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness, and without it no step can be written: look at the kernel's log")]
    Random,
}

// === impl Error ===

impl Error {
    /// For `map_err` on what is done with a file.
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, doing, source }
    }

    /// For `map_err` on what is done with a book.
    pub(crate) fn book(doing: &'static str) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |source| Self::Book { doing, source }
    }
}
