//! What can go wrong with a ledger.

use std::io;
use std::path::{Path, PathBuf};

use crate::entry::{EntryId, LINE_MAX};

/// What can go wrong with a ledger. Every message names the file or the entry, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the ledger cannot be used.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process appends to this ledger, or another part of this one.
    #[error("the ledger {folder} is being written by another process: stop that one, or only read and verify", folder = folder.display())]
    InUse {
        /// The ledger's folder.
        folder: PathBuf,
    },
    /// There is no ledger.
    #[error("{folder} holds no ledger (no ledger.jsonl): name the folder of a ledger", folder = folder.display())]
    NoLedger {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// Others than the owner may use the folder.
    #[error("others may use the folder of the ledger {folder} (mode {mode:o}): `chmod 700` it", folder = folder.display())]
    Exposed {
        /// The ledger's folder.
        folder: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A name that a signed note cannot carry.
    #[error(
        "{0:?} cannot be the origin of a ledger: give 1 to 200 bytes without white space, control characters and `+`, like `shop.example/ledger`"
    )]
    Origin(String),
    /// No public key of a ledger.
    #[error("this is not the public key of a ledger: {why}; give it as `name+hash+key`, in one piece")]
    PublicKey {
        /// What is wrong.
        why: &'static str,
    },
    /// No checkpoint.
    #[error("this is not a checkpoint of a ledger: {why}; give its whole text, as it was written")]
    Checkpoint {
        /// What is wrong.
        why: &'static str,
    },
    /// Something that no entry can hold.
    #[error("entry {id} was not appended, for its content {why}: nothing of the batch was")]
    What {
        /// The entry.
        id: EntryId,
        /// What is wrong.
        why: String,
    },
    /// More than an entry can hold.
    #[error(
        "entry {id} was not appended, for its line would have {bytes} bytes and {LINE_MAX} are the most: nothing of the batch was"
    )]
    TooLong {
        /// The entry.
        id: EntryId,
        /// The length of its line.
        bytes: usize,
    },
    /// The ledger lacks what its last checkpoint says that it had.
    #[error(
        "{path} has {found} bytes, and its last checkpoint says {bytes} bytes for {entries} entries: it was cut or replaced. Keep this folder as it \
         is for whoever looks into it, and put the ledger back from a copy",
        path = path.display()
    )]
    Shorter {
        /// The ledger's file.
        path: PathBuf,
        /// Entries under the checkpoint.
        entries: u64,
        /// Bytes under the checkpoint.
        bytes: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// The ledger is not the one that its last checkpoint was signed over.
    #[error(
        "{path} is not what its last checkpoint, over {entries} entries, was signed over: it was changed. Keep this folder as it is for whoever looks \
         into it, and put the ledger back from a copy",
        path = path.display()
    )]
    Unfit {
        /// The ledger's file.
        path: PathBuf,
        /// Entries under the checkpoint.
        entries: u64,
    },
    /// A line that is no entry, or does not follow the line before it.
    #[error("the line at byte {offset} of {path} is not the entry that must stand there: {why}. Verifying the ledger tells more", path = path.display())]
    Line {
        /// The ledger's file.
        path: PathBuf,
        /// Where the line begins, in bytes.
        offset: u64,
        /// What is wrong.
        why: String,
    },
    /// The file of checkpoints does not end in one.
    #[error(
        "the last checkpoint in {path} cannot be used: {why}. Keep this folder as it is for whoever looks into it, and put the file back from a copy",
        path = path.display()
    )]
    LastCheckpoint {
        /// The file of checkpoints.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// An earlier write failed, and what it left could not be taken back.
    #[error("an earlier write to {path} failed and could not be taken back: open the ledger anew once the disk is well", path = path.display())]
    Broken {
        /// The file.
        path: PathBuf,
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
