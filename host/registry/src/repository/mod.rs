//! A registry as its owner and its publishers keep it: a folder of static files.
//!
//! ```text
//! metadata/   1.root.json, 2.targets.json, 5.acme.json, 9.snapshot.json, …, timestamp.json     served
//! targets/    DIGEST.acme/registry.json, DIGEST.acme/components/face-blur.wasm, …              served
//! draft/      root.json, targets.json, acme.json, files/acme/…                                 what waits for signatures
//! ```
//!
//! Whatever is changed makes a draft. Key holders sign drafts, each on a machine of their own if they want; publishing takes only the two online keys, and only
//! drafts that have all their signatures.
//!
//! - [`roles`]: who may sign what: begin, delegate, rotate, renew, revoke.
//! - [`entry`]: what a publisher adds and withdraws.
//! - [`publish`]: signing drafts, and publishing them.
//! - [`selection`]: which drafts are published, and which wait.
//! - [`upload`]: into a bucket.
//! - [`error`]: what can go wrong.

pub mod entry;
pub mod error;
pub mod publish;
pub mod roles;
pub mod selection;
pub mod upload;

use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::{DelegatedRole, Delegations, RoleType, Root, Signed, Targets};

use crate::check;
use crate::digest::write_whole;
use crate::error::Error;
use crate::home::listed;
use crate::key::short;

pub use entry::{Added, Addition, Entry};
pub use error::RepositoryError;
pub use publish::{Publication, Signatures, Tally, Validity};
pub use roles::{Beginning, Role};
pub use selection::LeftOut;

/// A registry in a folder.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
}

/// A publisher, and by whom what it publishes is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delegation {
    /// Who.
    pub publisher: String,
    /// Its keys, by the beginnings of their ids.
    pub keys: Vec<String>,
    /// How many of them must sign.
    pub threshold: u64,
    /// Whether it has signed anything yet.
    pub has_signed: bool,
}

/// The version of The Update Framework's file format.
pub(crate) const SPEC: &str = "1.0.0";

// === impl Repository ===

impl Repository {
    /// The registry in this folder. It need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of all publishers, drafts counted.
    ///
    /// # Errors
    ///
    /// [`Error`] when there is no registry.
    pub fn publishers(&self) -> Result<Vec<String>, Error> {
        let top = self.top()?.signed;
        Ok(top.delegations.iter().flat_map(|d| &d.roles).map(|role| role.name.clone()).collect())
    }

    /// All publishers and their keys, drafts counted.
    ///
    /// # Errors
    ///
    /// As [`publishers`](Self::publishers).
    pub fn delegations(&self) -> Result<Vec<Delegation>, Error> {
        let top = self.top()?.signed;
        let roles = top.delegations.iter().flat_map(|delegations| &delegations.roles);
        let delegation = |role: &DelegatedRole| {
            Ok(Delegation {
                publisher: role.name.clone(),
                keys: role.keyids.iter().map(short).collect(),
                threshold: role.threshold.get(),
                has_signed: self.latest::<Targets>(&role.name)?.is_some(),
            })
        };
        roles.map(delegation).collect()
    }

    pub(crate) fn metadata(&self) -> PathBuf {
        self.folder.join("metadata")
    }

    pub(crate) fn targets(&self) -> PathBuf {
        self.folder.join("targets")
    }

    pub(crate) fn draft(&self) -> PathBuf {
        self.folder.join("draft")
    }

    fn draft_path(&self, role: &str) -> PathBuf {
        self.draft().join(format!("{role}.json"))
    }

    /// A file that a publisher has added and that is not published yet.
    pub(crate) fn draft_file(&self, target: &str) -> PathBuf {
        self.draft().join("files").join(target)
    }

    /// The newest published version of a role; `None` before the first.
    pub(crate) fn version(&self, role: &str) -> Result<Option<NonZeroU64>, Error> {
        let folder = self.metadata();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io("read", folder)(e)),
        };
        let end = format!(".{role}.json");
        let number = |name: String| name.strip_suffix(&end)?.parse::<NonZeroU64>().ok();
        Ok(entries.filter_map(|entry| number(entry.ok()?.file_name().into_string().ok()?)).max())
    }

    /// Where a version of a role is published.
    pub(crate) fn published_path(&self, role: &str, version: NonZeroU64) -> PathBuf {
        self.metadata().join(format!("{version}.{role}.json"))
    }

    /// The newest published form of a role.
    pub(crate) fn published<T: DeserializeOwned>(&self, role: &str) -> Result<Option<Signed<T>>, Error> {
        let Some(version) = self.version(role)? else { return Ok(None) };
        read(&self.published_path(role, version))
    }

    /// The draft of a role.
    pub(crate) fn drafted<T: DeserializeOwned>(&self, role: &str) -> Result<Option<Signed<T>>, Error> {
        read(&self.draft_path(role))
    }

    /// The draft of a role, or what is published of it.
    pub(crate) fn latest<T: DeserializeOwned>(&self, role: &str) -> Result<Option<Signed<T>>, Error> {
        Ok(match self.drafted(role)? {
            Some(draft) => Some(draft),
            None => self.published(role)?,
        })
    }

    pub(crate) fn write_draft<T: Serialize>(&self, role: &str, document: &Signed<T>) -> Result<(), Error> {
        write_whole(&self.draft_path(role), &to_bytes(document))
    }

    /// The root that counts from the next publishing on.
    pub(crate) fn root(&self) -> Result<Signed<Root>, Error> {
        let root = self.latest("root")?;
        root.ok_or_else(|| RepositoryError::Missing { folder: self.folder.clone() }.into())
    }

    /// The top-level targets that count from the next publishing on: who may publish where.
    pub(crate) fn top(&self) -> Result<Signed<Targets>, Error> {
        let top = self.latest("targets")?;
        top.ok_or_else(|| RepositoryError::Missing { folder: self.folder.clone() }.into())
    }

    /// Changes the targets of a role in a draft, which loses its signatures. What is published already goes on with the next version.
    pub(crate) fn edit(
        &self,
        role: &str,
        expires: Timestamp,
        change: impl FnOnce(&mut Targets) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut targets = match (self.drafted::<Targets>(role)?, self.published::<Targets>(role)?) {
            (Some(draft), _) => draft.signed,
            (None, Some(published)) => Targets { version: next(published.signed.version), ..published.signed },
            (None, None) => Targets::new(SPEC.to_owned(), NonZeroU64::MIN, expires),
        };
        targets.expires = expires;
        change(&mut targets)?;
        self.write_draft(role, &Signed { signed: targets, signatures: Vec::new() })
    }
}

/// The version after this one.
pub(crate) fn next(version: NonZeroU64) -> NonZeroU64 {
    version.saturating_add(1)
}

/// Metadata as they are written.
pub(crate) fn to_bytes<T: Serialize>(document: &Signed<T>) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).expect("metadata are plain JSON");
    bytes.push(b'\n');
    bytes
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<Signed<T>>, Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path)(e)),
    };
    parse(&bytes, path).map(Some)
}

/// Metadata out of the bytes of a file.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<Signed<T>, Error> {
    let parsed = serde_json::from_slice(bytes);
    parsed.map_err(|e| RepositoryError::Metadata { path: path.to_owned(), why: e.to_string() }.into())
}

/// The keys of a publisher, and how many must sign.
pub(crate) fn delegated<'d>(
    delegations: Option<&'d Delegations>,
    publisher: &str,
) -> Result<(&'d [Decoded<Hex>], u64), Error> {
    let roles = delegations.map_or(&[][..], |d| d.roles.as_slice());
    let role = roles.iter().find(|role| role.name == publisher);
    role.map(|role| (role.keyids.as_slice(), role.threshold.get())).ok_or_else(|| {
        let known = listed(roles.iter().map(|role| role.name.clone()));
        RepositoryError::NoPublisher { name: publisher.to_owned(), known }.into()
    })
}

/// The keys of a role of the root, and how many must sign.
pub(crate) fn keys_of(root: &Root, role: RoleType) -> (&[Decoded<Hex>], u64) {
    root.roles.get(&role).map_or((&[], 1), |keys| (keys.keyids.as_slice(), keys.threshold.get()))
}

/// A publisher's name, checked.
pub(crate) fn publisher_name(name: &str) -> Result<(), Error> {
    if check::is_publisher(name) {
        return Ok(());
    }
    Err(RepositoryError::Publisher { name: name.to_owned(), why: check::WRONG_PUBLISHER }.into())
}

/// The parts of a registry that a publisher may write. A wildcard of `tough` reaches over slashes, that of others does not: these mean the same to both.
pub(crate) fn paths(publisher: &str) -> [String; 3] {
    [format!("{publisher}/registry.json"), format!("{publisher}/components/*"), format!("{publisher}/models/*")]
}
