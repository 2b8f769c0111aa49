//! What can be wrong with a label file.

use std::io;
use std::path::PathBuf;

/// What can be wrong with a label file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the labels in {path}: {source}; name the folder that holds the `*.json` files of labels")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no label file.
    #[error("{path}, at `{at}`: {why}; the format is described beside the labels")]
    Format {
        /// The file.
        path: PathBuf,
        /// The place within it, as `events[2].zone`.
        at: String,
        /// Why.
        why: String,
    },
}
