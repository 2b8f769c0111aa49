//! People's rights in a shop: the desk ([`sluis_rights`]), the vault, the notice and the copy without others ([`sluis_subject`]), put together.
//!
//! - [`office`]: [`Office`], the desk of a configuration, with what its letters need to know.
//! - [`window`]: what was recorded in a window, held and read.
//! - [`stills`]: what the officer chooses from.
//! - [`copy`]: the copy for the person (Art. 15(3)).
//! - [`erasure`]: every copy that Sluis knows of, and what became of it (Art. 17, Art. 19).
//!
//! Articles without the name of a law are of the General Data Protection Regulation (EU) 2016/679.

pub mod copy;
pub mod erasure;
pub mod office;
pub mod stills;
pub mod window;

use std::path::PathBuf;

pub use office::Office;
use sluis_rights::RequestNumber;

/// Something that the desk was asked for cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody could be named who answers.
    #[error(
        "the configuration has no `[notice]`: letters name who is responsible and where to complain. `examples/sluis.toml` shows every key"
    )]
    NoNotice,
    /// The desk.
    #[error(transparent)]
    Desk(#[from] sluis_rights::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// The published notices.
    #[error(transparent)]
    Notice(#[from] sluis_notice::Error),
    /// Where the vault is.
    #[error(transparent)]
    Place(#[from] crate::keep::PlaceError),
    /// The recordings, or the copy.
    #[error(transparent)]
    Subject(#[from] sluis_subject::Error),
    /// A request of which nobody has said which time and cameras are meant.
    #[error(
        "request {number} names no time and place yet: say them with `sluis rights narrow {number} --camera ID --from TIME --to TIME`"
    )]
    NotNarrowed {
        /// Which.
        number: RequestNumber,
    },
    /// Nothing of the window is held.
    #[error(
        "nothing is held for request {number}: `sluis rights hold {number}`; if there is nothing, decide `--nothing-found`"
    )]
    NothingHeld {
        /// Which.
        number: RequestNumber,
    },
    /// No such candidate.
    #[error("the stills in {} have no silhouette {which}: name it as on the sheet, such as `shelf-1:3`", folder.display())]
    NoCandidate {
        /// What was asked for.
        which: String,
        /// Where the stills are.
        folder: PathBuf,
    },
    /// The stills are of another request.
    #[error("the stills in {} are of request {found}, not of {number}", folder.display())]
    OtherRequest {
        /// Where they are.
        folder: PathBuf,
        /// Whose they are.
        found: RequestNumber,
        /// Whose they should be.
        number: RequestNumber,
    },
    /// A file.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was to be done with it.
        doing: &'static str,
        /// Why it cannot.
        source: std::io::Error,
    },
}

impl Error {
    fn file(path: &std::path::Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), doing, source }
    }
}
