//! Why nothing comes from a registry, in words for who runs a shop.

use std::error::Error as _;
use std::path::PathBuf;

use tough::error::Error as TufError;
use tough::schema::{Error as SchemaError, RoleType};
use tough::{TransportError, TransportErrorKind};

use crate::check::shown;

/// Why nothing comes from a registry. Each message says what was found, what it can mean, and that what is installed is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No root is pinned.
    #[error("no registry is pinned in {}: `sluis plugin pin --registry URL --root FILE`, with the root that its owner gave you by a way you trust", home.display())]
    NotPinned {
        /// The home that was looked at.
        home: PathBuf,
    },
    /// A root that is none.
    #[error(
        "the pinned root is no root of a registry ({why}): pin the file that its owner gave you, `sluis plugin pin --registry URL --root FILE`"
    )]
    NoRoot {
        /// Why not.
        why: String,
    },
    /// Another root is pinned.
    #[error(
        "the root {old} is pinned in {} already, of the registry {place}, and this one is {new}. A newer root of that registry is found without pinning it; to trust another registry from now on, say `--replace`: what was seen of the one before is forgotten then", home.display()
    )]
    OtherPinned {
        /// The home that was looked at.
        home: PathBuf,
        /// Where the other's registry is.
        place: String,
        /// The fingerprint of the one that is pinned.
        old: String,
        /// The fingerprint of this one.
        new: String,
    },
    /// It cannot be had.
    #[error("the registry cannot be read: {file}: {why}; {LEFT}")]
    Unreachable {
        /// Which file.
        file: String,
        /// Why not.
        why: String,
    },
    /// It takes too long.
    #[error(
        "the registry did not send {what} within {seconds} seconds: it is too slow, or somebody keeps this machine waiting; {LEFT}"
    )]
    Slow {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// More data than announced or allowed.
    #[error(
        "{file} of the registry is longer than the {limit} bytes that it may have: somebody sends data without end; {LEFT}"
    )]
    TooLong {
        /// Which file.
        file: String,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// Signatures that do not count.
    #[error(
        "{role} of the registry has {have} of the {need} signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; {LEFT}"
    )]
    Signature {
        /// Which role.
        role: String,
        /// Signatures that count.
        have: u64,
        /// Signatures that are needed.
        need: u64,
    },
    /// Too old.
    #[error(
        "{role} of the registry has expired: its owner has published nothing for too long, or somebody holds back what is new; {LEFT}; ask the owner, and look at this machine's clock"
    )]
    Expired {
        /// Which role.
        role: String,
    },
    /// Too old, in one publisher's part.
    #[error(
        "what `{publisher}` signed for the registry has expired, and no part of the registry is read until they have signed it again or its owner has taken them out; {LEFT}; ask the owner, and look at this machine's clock"
    )]
    PublisherExpired {
        /// Who.
        publisher: String,
    },
    /// Older than what was seen.
    #[error(
        "the registry goes back: {what}; somebody shows an old state, in which faults are open that were repaired; {LEFT}"
    )]
    RolledBack {
        /// What went back, and from where to where.
        what: String,
    },
    /// Files that do not belong together.
    #[error(
        "{file} of the registry is not the one that belongs to the rest: somebody has mixed files of several states, or changed it; {LEFT}"
    )]
    Mixed {
        /// Which file.
        file: String,
    },
    /// Another file than the one that was signed.
    #[error("{file} is not the file that its publisher signed: somebody has put another in its place; {LEFT}")]
    Altered {
        /// Which target.
        file: String,
    },
    /// A publisher beyond its path.
    #[error(
        "a publisher has signed `{target}`, which is not under its own path; no part of the registry is read until its owner has taken that out; {LEFT}"
    )]
    BeyondPath {
        /// Which target.
        target: String,
    },
    /// A delegation that this host does not follow.
    #[error(
        "the registry lets `{publisher}` publish elsewhere than under its own path: what it publishes is not used; {LEFT}"
    )]
    Delegation {
        /// Who.
        publisher: String,
    },
    /// Not there (any more).
    #[error("the registry has no `{target}` signed by its publisher; {LEFT}")]
    NotSigned {
        /// Which target.
        target: String,
    },
    /// Another offer than the one that was looked at.
    #[error("`{component}` is not offered any more as it was a moment ago: look again, `sluis plugin ls --available`")]
    Changed {
        /// Which component.
        component: String,
    },
    /// The clock went back.
    #[error(
        "this machine's clock shows a time before that of the last look into the registry, so nothing can be told to be new: set it right; {LEFT}"
    )]
    Clock,
    /// Metadata that cannot be understood.
    #[error("the registry cannot be understood: {why}; {LEFT}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
}

/// What every refusal leaves alone.
const LEFT: &str = "nothing is updated, and what is installed keeps running";

// === impl RemoteError ===

impl RemoteError {
    /// From what `tough` found, while it read `target` or, where that is `None`, metadata.
    pub(crate) fn from_tuf(error: TufError, target: Option<&str>) -> Self {
        match error {
            TufError::ParseTrustedMetadata { source, .. } => Self::NoRoot { why: source.to_string() },
            TufError::VerifyTrustedMetadata { source, .. } => Self::NoRoot { why: source.to_string() },
            TufError::VerifyMetadata {
                role, source: SchemaError::SignatureThreshold { threshold, valid, .. }, ..
            } => Self::Signature { role: role.to_string(), have: valid, need: threshold },
            TufError::ExpiredMetadata { role, .. } => Self::Expired { role: role.to_string() },
            TufError::OlderMetadata { role, current_version, new_version, .. } => {
                Self::RolledBack { what: format!("{role} has version {new_version}, after {current_version}") }
            }
            TufError::OlderSnapshotInTimestamp { snapshot_new, snapshot_old, .. } => {
                Self::RolledBack { what: format!("snapshot has version {snapshot_new}, after {snapshot_old}") }
            }
            TufError::SnapshotRoleRollback { role, old_role_version, new_role_version, .. } => Self::RolledBack {
                what: format!("{} has version {new_role_version}, after {old_role_version}", shown(&role)),
            },
            TufError::SnapshotRoleMissing { role, .. } => {
                Self::RolledBack { what: format!("{} is gone", shown(&role)) }
            }
            TufError::VersionMismatch { role, .. } => Self::Mixed { file: format!("{role}.json") },
            TufError::InvalidPath { source: SchemaError::TargetNotFound { name, .. }, .. } => {
                Self::BeyondPath { target: shown(name.raw()) }
            }
            TufError::SystemTimeSteppedBackward { .. } => Self::Clock,
            TufError::Transport { url, source, .. } => {
                let file = url.path().rsplit('/').next().unwrap_or_default();
                Self::from_transport(target.unwrap_or(file), &source, target.is_some())
            }
            other => Self::Malformed { why: shown(&other.to_string()) },
        }
    }

    /// From what `tough` found while it read metadata, of which `file` came last: it looks at each before it asks for the next, and does not say whose it was.
    pub(crate) fn from_metadata(error: TufError, file: &str) -> Self {
        match (&error, publisher_of(file)) {
            (TufError::ExpiredMetadata { role: RoleType::Targets, .. }, Some(publisher)) => {
                Self::PublisherExpired { publisher: shown(publisher) }
            }
            _ => Self::from_tuf(error, None),
        }
    }

    fn from_transport(file: &str, error: &TransportError, target: bool) -> Self {
        let file = file.to_owned();
        let cause = error.source();
        match cause.and_then(|cause| cause.downcast_ref::<TufError>()) {
            Some(TufError::MaxSizeExceeded { max_size, .. }) => return Self::TooLong { file, limit: *max_size },
            Some(TufError::HashMismatch { .. }) if target => return Self::Altered { file },
            Some(TufError::HashMismatch { .. }) => return Self::Mixed { file },
            _ => {}
        }
        let why = match (error.kind(), cause) {
            (_, Some(cause)) => cause.to_string(),
            (TransportErrorKind::FileNotFound, None) => "it is not there".to_owned(),
            (kind, None) => kind.to_string(),
        };
        Self::Unreachable { file, why }
    }
}

/// Who has signed a file such as `7.acme.json`; `None` for what the registry's owner has signed.
fn publisher_of(file: &str) -> Option<&str> {
    let (_, role) = file.strip_suffix(".json")?.split_once('.')?;
    Some(role).filter(|role| !["root", "targets", "snapshot"].contains(role))
}
