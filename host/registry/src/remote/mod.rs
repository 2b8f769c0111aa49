//! A registry as a host reads it: verified from a pinned root, or refused.

pub mod error;

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tough::schema::{DelegatedRole, PathSet};
use tough::{ExpirationEnforcement, IntoVec, Limits, RepositoryLoader, Transport};
use url::Url;

use crate::check;
use crate::digest::Sha256;
use crate::error::Error;
use crate::home::Home;
use crate::manifest::{Component, Manifest, Model};
use crate::pin::LONGEST_ROOT;
use crate::repository::entry::{component_target, manifest_target, model_target, name};
use crate::repository::paths;
use crate::standing::Release;
use crate::transport::Place;

pub use error::RemoteError;

/// Where a registry is, and how long it may take.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// Where it is.
    pub place: Place,
    /// How long it may take.
    pub patience: Patience,
}

/// How long a registry may take to send things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// All that says what there is: some ten files.
    pub metadata: Duration,
    /// One component or model.
    pub artefact: Duration,
}

/// The registry that a home has pinned. Calls block, and are for plain threads: not for a thread of a tokio runtime.
pub struct Remote {
    home: Home,
    settings: RegistrySettings,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

/// A component that can be had, and the models that it loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Who publishes it.
    pub publisher: String,
    /// The component.
    pub component: Component,
    /// Its models.
    pub models: Vec<Model>,
}

/// All that can be had, and what of it is not usable.
#[derive(Debug)]
pub struct Listing {
    /// What can be had.
    pub offers: Vec<Offer>,
    /// Why something of a publisher cannot. The other publishers' offers hold.
    pub faults: Vec<Error>,
}

/// What came of an offer: the bytes that were signed.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The component.
    pub component: Component,
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// Its models, and the bytes of each.
    pub models: Vec<(Model, Vec<u8>)>,
}

/// Bytes of the files of a registry, at the most.
const LIMITS: Limits = Limits {
    max_root_size: LONGEST_ROOT,
    max_targets_size: 1 << 20,
    max_timestamp_size: 64 << 10,
    max_snapshot_size: 1 << 20,
    max_root_updates: 256,
};
/// Bytes of a manifest, at the most.
const LONGEST_MANIFEST: u64 = 1 << 20;
/// Bytes of a component, at the most: a detector with its own engine has 21 MB.
const LONGEST_COMPONENT: u64 = 64 << 20;
/// Bytes of a model, at the most.
const LONGEST_MODEL: u64 = 512 << 20;

// === impl Offer ===

impl Offer {
    /// What comes of it when it is taken.
    pub fn release(&self) -> Release {
        Release { component: self.component.clone(), models: self.models.clone() }
    }
}

// === impl Remote ===

impl Remote {
    /// The registry that `home` has pinned. Nothing is asked of it yet.
    ///
    /// # Errors
    ///
    /// [`RemoteError::NotPinned`], [`RemoteError::NoRoot`], [`Error::Io`].
    pub fn new(home: &Home, settings: &RegistrySettings) -> Result<Self, Error> {
        home.trusted_root()?;
        let runtime = runtime()?;
        Ok(Self { home: home.clone(), settings: settings.clone(), runtime: Some(runtime) })
    }

    /// What can be had, and why other things cannot.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] when the registry as a whole cannot be had, or is not to be trusted.
    pub fn listing(&self) -> Result<Listing, Error> {
        let verified = self.load()?;
        let mut listing = Listing { offers: Vec::new(), faults: Vec::new() };
        for publisher in verified.publishers() {
            let manifest = publisher.and_then(|publisher| {
                let manifest = self.within_metadata(verified.manifest(&publisher))?;
                Ok((publisher, manifest))
            });
            match manifest {
                Ok((publisher, manifest)) => {
                    let offers = manifest.components.iter();
                    listing.offers.extend(offers.map(|component| offer(&publisher, component, &manifest)));
                }
                Err(fault) => listing.faults.push(fault),
            }
        }
        Ok(listing)
    }

    /// Brings what was offered. The registry is verified anew: what it does not offer any more is not brought.
    ///
    /// # Errors
    ///
    /// [`RemoteError`], also when the offer has changed since.
    pub fn fetch(&self, offered: &Offer) -> Result<Fetched, Error> {
        let verified = self.load()?;
        let (publisher, component) = (offered.publisher.as_str(), &offered.component);
        verified.publisher(publisher)?;
        let manifest = self.within_metadata(verified.manifest(publisher))?;
        let same = manifest.component(&component.name).is_some_and(|now| offer(publisher, now, &manifest) == *offered);
        if !same {
            return Err(RemoteError::Changed { component: component.full_name() }.into());
        }
        let target = component_target(publisher, &component.name);
        let artefact = component.artefact.map(|artefact| artefact.sha256);
        let wasm = self.within_artefact(&target, verified.read(publisher, &target, LONGEST_COMPONENT, artefact))?;
        let mut models = Vec::new();
        for model in &offered.models {
            let target = model_target(publisher, &model.name);
            let read = verified.read(publisher, &target, LONGEST_MODEL, Some(model.sha256));
            models.push((model.clone(), self.within_artefact(&target, read)?));
        }
        Ok(Fetched { component: component.clone(), wasm, models })
    }

    /// Reads and verifies what the registry says.
    fn load(&self) -> Result<Verified, Error> {
        let _alone = self.home.lock_registry()?;
        let root = self.home.trusted_root()?;
        let seen = self.home.lend_seen()?;
        let loaded = self.within_metadata(load(&self.settings.place, &root, Some(seen.path())));
        self.home.keep_seen(&seen)?;
        self.home.hand_over();
        Ok(Verified { _seen: Some(seen), ..loaded? })
    }

    fn within_metadata<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        within(self.runtime(), self.settings.patience.metadata, "what it offers", work)
    }

    fn within_artefact<T>(&self, what: &str, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        within(self.runtime(), self.settings.patience.artefact, what, work)
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until this is dropped")
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A disk or server that never answers is not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("home", &self.home).field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Reads a registry in a folder as a host would that has pinned this root.
pub(crate) fn check_folder(folder: &Path, root: &[u8]) -> Result<(), Error> {
    let runtime = runtime()?;
    let place = Place::Folder(folder.to_owned());
    let checked = within(&runtime, Patience::default().metadata, "what it offers", async {
        let verified = load(&place, root, None).await?;
        for publisher in verified.publishers() {
            verified.manifest(&publisher?).await?;
        }
        Ok(())
    });
    runtime.shutdown_background();
    checked
}

fn runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::io("start a thread for", PathBuf::from("the registry")))
}

fn within<T>(
    runtime: &Runtime,
    patience: Duration,
    what: &str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let slow = || RemoteError::Slow { what: what.to_owned(), seconds: patience.as_secs() };
    runtime.block_on(async { tokio::time::timeout(patience, work).await }).unwrap_or_else(|_| Err(slow().into()))
}

async fn load(place: &Place, root: &[u8], seen: Option<&Path>) -> Result<Verified, Error> {
    let (transport, base) = place.open().map_err(Error::io("prepare to read", place.to_string()))?;
    let under = |folder: &str| base.join(folder).map_err(|e| RemoteError::Malformed { why: e.to_string() });
    let asked = Asked { transport, last: Arc::default() };
    let mut loader = RepositoryLoader::new(&root, under("metadata/")?, under("targets/")?)
        .transport(asked.clone())
        .limits(LIMITS)
        .expiration_enforcement(ExpirationEnforcement::Safe);
    if let Some(seen) = seen {
        loader = loader.datastore(seen);
    }
    let verified = |repository| Verified { repository, _seen: None };
    loader.load().await.map(verified).map_err(|e| RemoteError::from_metadata(e, &asked.last()).into())
}

/// A transport that was chosen while running, and the file that it was asked for last.
#[derive(Debug, Clone)]
struct Asked {
    transport: Box<dyn Transport + Send + Sync>,
    last: Arc<Mutex<String>>,
}

// === impl Asked ===

impl Asked {
    fn last(&self) -> String {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[tough::async_trait]
impl Transport for Asked {
    async fn fetch(&self, url: Url) -> Result<tough::TransportStream, tough::TransportError> {
        let file = url.path().rsplit('/').next().unwrap_or_default();
        file.clone_into(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner));
        self.transport.fetch(url).await
    }
}

/// What a registry says, verified.
struct Verified {
    repository: tough::Repository,
    /// Where `tough` keeps what it has seen: also while targets are read.
    _seen: Option<TempDir>,
}

// === impl Verified ===

impl Verified {
    /// Who publishes; an error for each that may publish elsewhere than under its own path.
    fn publishers(&self) -> impl Iterator<Item = Result<String, Error>> + '_ {
        let delegations = self.repository.targets().signed.delegations.iter();
        delegations.flat_map(|d| &d.roles).map(|role| {
            if keeps_to_its_path(role) {
                Ok(role.name.clone())
            } else {
                Err(RemoteError::Delegation { publisher: role.name.clone() }.into())
            }
        })
    }

    /// That somebody is a publisher.
    fn publisher(&self, publisher: &str) -> Result<(), Error> {
        for found in self.publishers() {
            if found? == publisher {
                return Ok(());
            }
        }
        Err(RemoteError::NotSigned { target: manifest_target(publisher) }.into())
    }

    async fn manifest(&self, publisher: &str) -> Result<Manifest, Error> {
        let target = manifest_target(publisher);
        let bytes = self.read(publisher, &target, LONGEST_MANIFEST, None).await?;
        let path = Path::new(&target);
        let wrong =
            |e: std::str::Utf8Error| Error::Manifest { path: path.to_owned(), at: ".".into(), why: e.to_string() };
        Manifest::parse_published(std::str::from_utf8(&bytes).map_err(wrong)?, path, publisher)
    }

    /// The bytes of a target that `publisher` itself has signed, and, if known, with the digest that its manifest pins.
    async fn read(&self, publisher: &str, target: &str, most: u64, pinned: Option<Sha256>) -> Result<Vec<u8>, Error> {
        let called = name(target);
        let missing = || RemoteError::NotSigned { target: target.to_owned() };
        let targets = &self.repository.targets().signed;
        let theirs = targets.delegated_targets(publisher).map_err(|_| missing())?;
        let signed = theirs.signed.targets.get(&called).ok_or_else(missing)?;
        // What the registry's owner has put over it is not the publisher's.
        if targets.find_target(&called, false).ok() != Some(signed) {
            return Err(missing().into());
        }
        if pinned.is_some_and(|digest| digest.as_bytes()[..] != signed.hashes.sha256[..]) {
            return Err(RemoteError::Mixed { file: target.to_owned() }.into());
        }
        if signed.length > most {
            return Err(RemoteError::TooLong { file: target.to_owned(), limit: most }.into());
        }
        let refused = |e| Error::from(RemoteError::from_tuf(e, Some(target)));
        let stream = self.repository.read_target(&called).await.map_err(refused)?.ok_or_else(missing)?;
        let bytes = stream.into_vec().await.map_err(refused)?;
        if bytes.len() as u64 != signed.length {
            return Err(RemoteError::Altered { file: target.to_owned() }.into());
        }
        Ok(bytes)
    }
}

/// Whether a delegation is one to a publisher: under its own path, and terminating.
fn keeps_to_its_path(role: &DelegatedRole) -> bool {
    let own = paths(&role.name);
    let within = match &role.paths {
        PathSet::Paths(patterns) => patterns.iter().all(|pattern| own.iter().any(|path| path == pattern.value())),
        PathSet::PathHashPrefixes(_) => false,
    };
    check::is_publisher(&role.name) && within && role.terminating
}

fn offer(publisher: &str, component: &Component, manifest: &Manifest) -> Offer {
    let models = component.models();
    let models = manifest.models.iter().filter(|model| models.contains(&model.name)).cloned().collect();
    Offer { publisher: publisher.to_owned(), component: component.clone(), models }
}

// === impl RegistrySettings ===

impl RegistrySettings {
    /// A registry at this place, with ordinary patience.
    pub fn at(place: Place) -> Self {
        Self { place, patience: Patience::default() }
    }
}

// === impl Patience ===

impl Default for Patience {
    /// A minute; 15 minutes, for a model of 100 MB at 1 Mbit/s.
    fn default() -> Self {
        Self { metadata: Duration::from_secs(60), artefact: Duration::from_secs(900) }
    }
}
