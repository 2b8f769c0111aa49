//! The vault for the one process that keeps it.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use ring::rand::SystemRandom;
use sluis_frame::Clock;
use sluis_segment::SegmentId;
use sluis_store::ObjectStore;

use crate::archive::{Archive, Watch, ledger_beside};
use crate::error::{Error, chain};
use crate::export::Exported;
use crate::index::entry::segment_of;
use crate::index::{Entry, FILE, Index};
use crate::keyring::Keyring;
use crate::lock::Lock;
use crate::opened::Opened;
use crate::reason::Reason;
use crate::reconcile::Reconciled;
use crate::record::Record;
use crate::recovery::Recovery;
use crate::retention::Retention;
use crate::room::Reserve;
use crate::root::RootSecret;
use crate::sweep::Swept;
use crate::time::TimeCheck;
use crate::verify::Verified;

/// What a vault is told by the configuration.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    /// The folder of index and lock; made when it is not there.
    pub dir: PathBuf,
    /// The name of the shop: every segment and key is bound to it. 1 to 64 characters.
    pub shop: String,
    /// How long segments are kept.
    pub retention: Retention,
    /// The ledger's folder.
    pub ledger: PathBuf,
    /// What the clock is held against. `None` believes it: for demonstrations and for machines without anything else.
    pub time: Option<TimeCheck>,
    /// Where copies go.
    pub cloud: Option<Arc<dyn ObjectStore>>,
    /// Free bytes on the disk of the vault below which nothing more is recorded.
    pub reserve: Option<Reserve>,
}

/// The vault, kept: it takes in segments, recovers what broke off, and destroys what must go. One process at a time; its threads share it.
#[derive(Debug)]
pub struct Vault {
    archive: Archive,
    pub(crate) shop: String,
    pub(crate) retention: Retention,
    pub(crate) random: SystemRandom,
    /// Held by the one thread that destroys: two would write the same receipt.
    pub(crate) destroying: Mutex<()>,
    /// Held between taking a day's key and storing what is wrapped under it, and while it is looked which days are still needed.
    pub(crate) wrapping: Mutex<()>,
    pub(crate) reserve: Option<Reserve>,
    /// The cloud was not looked at since the start: it may hold documents of grants that this index does not know, because a copy of the folder was put back.
    pub(crate) cloud_unseen: AtomicBool,
    start: Start,
    ended: AtomicBool,
    /// On which day, since 1970, there was a sweep.
    pub(crate) swept_on: AtomicI64,
    /// Whether the cloud was found to be this vault's.
    pub(crate) ours: AtomicBool,
    _lock: Lock,
}

/// What opening a vault has found and done.
#[derive(Debug, Default)]
pub struct Start {
    /// What the first sweep destroyed: deadlines that came while nobody kept the vault.
    pub swept: Swept,
    /// What broke off and was recovered or lost.
    pub recovery: Recovery,
    /// What did not agree between index, disk, cloud and ledger.
    pub reconciled: Reconciled,
}

// === impl VaultSettings ===

impl VaultSettings {
    /// A vault in `dir` with its ledger beside it, that believes its clock and has no cloud.
    pub fn new(dir: impl Into<PathBuf>, shop: impl Into<String>, retention: Retention) -> Self {
        let dir = dir.into();
        let ledger = ledger_beside(&dir);
        Self { dir, shop: shop.into(), retention, ledger, time: None, cloud: None, reserve: None }
    }
}

// === impl Vault ===

impl Vault {
    /// Opens the vault, or makes it. Before it returns, what is past its deadline is destroyed, what a crash left is recovered or recorded as lost, and
    /// objects that belong to no segment are removed.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] when another process keeps it, [`Error::WrongRoot`], [`Error::NewerIndex`], [`Error::IndexMissing`], [`Error::Shop`],
    /// [`Error::File`], [`Error::Index`], [`Error::Store`].
    pub fn open(
        settings: VaultSettings,
        clock: Arc<dyn Clock>,
        store: Arc<dyn ObjectStore>,
        root: &RootSecret,
    ) -> Result<Self, Error> {
        let VaultSettings { dir: folder, shop, retention, ledger, time, cloud, reserve } = settings;
        if !(1..=64).contains(&shop.chars().count()) || shop.chars().any(char::is_control) {
            return Err(Error::Shop(shop));
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(Error::file(&folder, "make the vault's folder"))?;
        let lock = Lock::take(&folder)?;
        refuse_without_index(&folder, store.as_ref())?;
        let index = Index::keep(&folder, &root.derive("fingerprint in the index"))?;
        let keyring = Keyring::new(&folder, root);
        index.set_shop(&shop)?;
        index.set_ledger_folder(&std::path::absolute(&ledger).map_err(Error::file(&ledger, "find"))?)?;
        let (root, watch) = (root.duplicate(), Watch::Keep(time));
        let archive = Archive { index, store, clock, root, keyring, cloud, ledger, watch };
        let mut vault = Self {
            archive,
            shop,
            retention,
            random: SystemRandom::new(),
            destroying: Mutex::new(()),
            wrapping: Mutex::new(()),
            reserve,
            cloud_unseen: AtomicBool::new(true),
            start: Start::default(),
            // Until all that opening does is done, nothing of it is told: a failed start must leave the ledger as it was.
            ended: AtomicBool::new(true),
            swept_on: AtomicI64::new(i64::MIN),
            ours: AtomicBool::new(false),
            _lock: lock,
        };
        vault.archive.observe()?;
        // What the ledger knows to be destroyed is destroyed, whatever a copy of the folder says that was put back.
        let restored = match vault.hold_against_ledger() {
            Ok(restored) => restored,
            Err(error @ Error::Ledger(_)) => {
                // Nobody records without a ledger; but what is due is due.
                vault.sweep()?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        vault.index().note(&Record::Started { version: env!("CARGO_PKG_VERSION") })?;
        // Deadlines first: what is past its own is not recovered.
        let swept = vault.sweep()?;
        let recovery = vault.recover_all()?;
        let reconciled = vault.reconcile()?;
        vault.archive.keyring.tidy(vault.index())?;
        vault.archive.tell_ledger()?;
        vault.ended.store(false, Ordering::SeqCst);
        vault.start = Start { swept, recovery, reconciled: Reconciled { restored, ..reconciled } };
        Ok(vault)
    }

    /// What opening it has found and done.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The same vault, for reading.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// See [`Archive::list`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        self.archive.list()
    }

    /// See [`Archive::verify`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn verify(&self) -> Result<Verified, Error> {
        self.archive.verify()
    }

    /// See [`Archive::open_segment`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_segment(&self, segment: SegmentId, reason: &Reason) -> Result<Opened, Error> {
        self.archive.open_segment(segment, reason)
    }

    /// See [`Archive::export`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn export(&self, segment: SegmentId, to: &Path, reason: &Reason) -> Result<Exported, Error> {
        self.archive.export(segment, to, reason)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.archive.index
    }

    pub(crate) fn store(&self) -> &dyn ObjectStore {
        self.archive.store.as_ref()
    }
}

impl Vault {
    /// Writes down that it ends. It is done when the vault is dropped, too; this is for where somebody may hold it for longer.
    pub fn stop(&self) {
        if self.ended.swap(true, Ordering::SeqCst) {
            return;
        }
        let told = self.index().note(&Record::Stopped).and_then(|()| self.archive.tell_ledger());
        if let Err(error) = told {
            let error = chain(&error);
            tracing::warn!(error, "the ledger does not have everything yet; the next start brings it there");
        }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A new index beside old segments would make orphans of them all, and they would be removed: more likely somebody has lost the index, or named the
/// wrong folder.
fn refuse_without_index(folder: &Path, store: &dyn ObjectStore) -> Result<(), Error> {
    let path = folder.join(FILE);
    match fs::metadata(&path) {
        Ok(facts) if facts.len() > 0 => return Ok(()),
        Ok(_) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(Error::file(&path, "look for the index")(e)),
    }
    let objects = store.list()?.iter().filter(|o| segment_of(&o.name).is_some()).count();
    if objects > 0 { Err(Error::IndexMissing { folder: folder.to_owned(), objects }) } else { Ok(()) }
}
