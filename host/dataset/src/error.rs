//! What can go wrong with an export.

use std::io;
use std::path::{Path, PathBuf};

use sluis_segment::SegmentId;

/// An export that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the export cannot be used.
    #[error("cannot {doing} {}; when that is mended, ask for the same export again: it goes on where it was", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{} holds files, and no `export.json`: name a new or empty folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds an export of something else.
    #[error("{} holds another export (`export.json` says of what): name another folder", path.display())]
    OtherExport {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds no export.
    #[error("{} is no exported folder: it has no `export.json`", path.display())]
    NoExport {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the export is not what this program writes.
    #[error("{} cannot be read; if nobody has changed it, it is of a newer sluis", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Nothing to export.
    #[error("no segment that may be handed out is in the selection: `sluis vault ls` lists what there is")]
    Nothing,
    /// A kind of export that is none.
    #[error("`{0}` is no form of training data: use mcap, activitynet, coco or webdataset")]
    Form(String),
    /// Segments that were asked for by name may not be handed out.
    #[error("{} of the segments that were named may not be exported, and nothing was: {}", refused.len(), list(refused))]
    Refused {
        /// Which, and why.
        refused: Vec<(SegmentId, sluis_vault::Error)>,
    },
    /// The vault failed as a whole.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// A clip could not be made.
    #[error("a clip of segment {segment} cannot be encoded")]
    Clip {
        /// Of which segment.
        segment: SegmentId,
        /// Why.
        #[source]
        source: sluis_segment::Error,
    },
    /// A picture could not be encoded.
    #[error("a picture of segment {segment} cannot be encoded as JPEG")]
    Picture {
        /// Of which segment.
        segment: SegmentId,
        /// Why.
        #[source]
        source: image::ImageError,
    },
}

// === impl Error ===

impl Error {
    /// For `map_err` on what the file system does.
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), doing, source }
    }
}

fn list(refused: &[(SegmentId, sluis_vault::Error)]) -> String {
    refused.iter().map(|(_, why)| why.to_string()).collect::<Vec<_>>().join("; ")
}
