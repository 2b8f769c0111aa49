//! What verifying can find.

use std::fmt;

use serde::Serialize;

/// Where a checkpoint was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// In the ledger's folder.
    Beside,
    /// Elsewhere, and handed in to be compared.
    Outside,
}

/// Something that is not as it should be. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
#[non_exhaustive]
pub enum Problem {
    /// A line is no entry.
    Garbage {
        /// The number of the entry that must stand there.
        number: u64,
        /// Where the line begins.
        offset: u64,
        /// What is wrong with it.
        why: String,
    },
    /// An entry is not the one that the next entry was written after: it was changed, or the next one was.
    Changed {
        /// The number of the entry.
        number: u64,
        /// Where its line begins.
        offset: u64,
    },
    /// Entries are missing, twice there, or in another order.
    Number {
        /// The number that must stand there.
        expected: u64,
        /// The number that does.
        found: u64,
        /// Where the line begins.
        offset: u64,
    },
    /// The ledger has fewer entries than a checkpoint was signed over: it was cut, or put back to an older copy.
    Shorter {
        /// Where the checkpoint was kept.
        kept: Kept,
        /// Entries under the checkpoint.
        checkpoint: u64,
        /// Whole entries that are there.
        entries: u64,
    },
    /// The ledger is not what a checkpoint was signed over: an entry up to there was changed, or all were written anew.
    Unfit {
        /// Where the checkpoint was kept.
        kept: Kept,
        /// Entries under the checkpoint.
        checkpoint: u64,
    },
    /// A checkpoint was not signed by this key for this ledger, or was changed.
    Signature {
        /// Where the checkpoint was kept.
        kept: Kept,
        /// Entries that it claims.
        checkpoint: u64,
    },
    /// A checkpoint that was kept outside is not in the ledger's folder, where each is put before it is handed out: the file was cut or replaced.
    CheckpointMissing {
        /// Entries under the checkpoint.
        checkpoint: u64,
    },
    /// Lines of the file of checkpoints are no checkpoint.
    CheckpointGarbage {
        /// Where they begin.
        offset: u64,
    },
    /// The last line has no newline. A power cut tore it, or it is just being written; no checkpoint covers it. Opening the ledger cuts it off.
    TornEnd {
        /// Where the line begins.
        offset: u64,
        /// Its bytes.
        bytes: u64,
    },
    /// The same of the last checkpoint.
    TornCheckpoint {
        /// Where it begins.
        offset: u64,
        /// Its bytes.
        bytes: u64,
    },
}

// === impl Kept ===

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Beside => "in the ledger's folder",
            Self::Outside => "that was kept outside",
        })
    }
}

// === impl Problem ===

impl Problem {
    /// Whether a power cut, or reading in the middle of a write, explains it: a torn end. Nothing else does.
    pub fn is_torn(&self) -> bool {
        matches!(self, Self::TornEnd { .. } | Self::TornCheckpoint { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage { number, offset, why } => {
                write!(f, "the line at byte {offset}, where entry {number} must stand, is no entry: {why}")
            }
            Self::Changed { number, offset } => {
                write!(
                    f,
                    "entry {number} at byte {offset} is not the one that the next was written after: one of them was changed"
                )
            }
            Self::Number { expected, found, offset } => {
                write!(
                    f,
                    "entry {found} stands at byte {offset} where entry {expected} must: entries were removed, repeated or moved"
                )
            }
            Self::Shorter { kept, checkpoint, entries } => write!(
                f,
                "the ledger has {entries} entries, and a checkpoint {kept} was signed over {checkpoint}: it was cut, or put back to an older copy"
            ),
            Self::Unfit { kept, checkpoint } => {
                write!(
                    f,
                    "the ledger is not what a checkpoint {kept} was signed over: something in its first {checkpoint} entries was changed"
                )
            }
            Self::Signature { kept, checkpoint } => {
                write!(
                    f,
                    "a checkpoint {kept}, over {checkpoint} entries, was signed by another key or for another ledger, or was changed"
                )
            }
            Self::CheckpointMissing { checkpoint } => write!(
                f,
                "a checkpoint that was kept outside, over {checkpoint} entries, is not in the ledger's folder: the file of checkpoints was cut or replaced"
            ),
            Self::CheckpointGarbage { offset } => {
                write!(f, "the lines at byte {offset} of the file of checkpoints are no checkpoint")
            }
            Self::TornEnd { offset, bytes } => {
                write!(
                    f,
                    "the last {bytes} bytes, from byte {offset}, are not a whole line: torn by a power cut, or just being written"
                )
            }
            Self::TornCheckpoint { offset, bytes } => write!(
                f,
                "the last {bytes} bytes of the file of checkpoints, from byte {offset}, are not whole: torn by a power cut, or just being written"
            ),
        }
    }
}
