//! The machine of a shop: its disk, its vault, its cloud.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_frame::Clock;
use sluis_store::{FolderStore, ObjectStore};
use sluis_vault::{Error as VaultError, Free, Reserve, Retention, RootSecret, TimeCheck, Uptime, Vault, VaultSettings};

use crate::error::Error;
use crate::fate::{DISK, Fate, Faulty, IMAGE, Place};
use crate::folder;
use crate::world::World;

/// The machine of a shop.
#[derive(Debug)]
pub(crate) struct Shop {
    home: PathBuf,
    world: Arc<World>,
    fate: Arc<Fate>,
    retention: Retention,
    /// `None` while the machine or the program is off.
    vault: Option<Arc<Vault>>,
}

/// The shop's name.
pub(crate) const SHOP: &str = "a rehearsed bakery";

const MAKE_ROOM_BELOW: u64 = 2 << 30;
const STOP_BELOW: u64 = 1 << 30;

// === impl Shop ===

impl Shop {
    pub(crate) fn new(home: &Path, world: &Arc<World>, retention: Retention) -> Self {
        let fate = Arc::new(Fate::new(home.to_owned()));
        Self { home: home.to_owned(), world: Arc::clone(world), fate, retention, vault: None }
    }

    pub(crate) fn fate(&self) -> &Arc<Fate> {
        &self.fate
    }

    /// The vault, while it is kept.
    pub(crate) fn vault(&self) -> Option<&Arc<Vault>> {
        self.vault.as_ref()
    }

    /// The vault's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.home.join("vault")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.home.join("ledger")
    }

    /// A folder for what does not belong to the machine.
    pub(crate) fn elsewhere(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// What lies here, without faults: as somebody sees it who looks at the disk.
    pub(crate) fn here(&self) -> Result<FolderStore, Error> {
        Ok(FolderStore::open(self.folder().join("segments"))?)
    }

    /// What lies in the cloud, without faults: as others see it.
    pub(crate) fn cloud(&self) -> Result<FolderStore, Error> {
        Ok(FolderStore::open(self.home.join("cloud"))?)
    }

    pub(crate) fn root() -> RootSecret {
        RootSecret::new([42; 32])
    }

    /// The program is started.
    pub(crate) fn open(&mut self) -> Result<Result<(), VaultError>, Error> {
        let faulty = |store, place| Arc::new(Faulty::new(store, place, Arc::clone(&self.fate))) as Arc<dyn ObjectStore>;
        let (here, cloud) = (faulty(self.here()?, Place::Here), faulty(self.cloud()?, Place::Cloud));
        let world = &self.world;
        let settings = VaultSettings {
            ledger: self.ledger(),
            time: Some(TimeCheck {
                uptime: Arc::clone(world) as Arc<dyn Uptime>,
                sources: vec![Arc::clone(world) as _],
            }),
            cloud: Some(cloud),
            reserve: Some(Reserve {
                disk: Arc::clone(world) as Arc<dyn Free>,
                make_room_below: MAKE_ROOM_BELOW,
                stop_below: STOP_BELOW,
            }),
            ..VaultSettings::new(self.folder(), SHOP, self.retention)
        };
        Ok(match Vault::open(settings, Arc::clone(world) as Arc<dyn Clock>, here, &Self::root()) {
            Ok(vault) => {
                self.vault = Some(Arc::new(vault));
                Ok(())
            }
            Err(error) => Err(error),
        })
    }

    /// The program ends in order.
    pub(crate) fn close(&mut self) {
        self.vault = None;
    }

    /// The disk is as it was when the process was killed.
    pub(crate) fn roll_back(&mut self) -> Result<(), Error> {
        self.close();
        let image = self.home.join(IMAGE);
        for name in DISK {
            folder::replace(&image.join(name), &self.home.join(name))?;
        }
        self.fate.revive();
        Ok(())
    }

    /// What a power cut leaves of a line that was just being written.
    pub(crate) fn tear_ledger(&self, bytes: usize) -> Result<(), Error> {
        let path = self.ledger().join("ledger.jsonl");
        let text = fs::read(&path).map_err(Error::file(&path, "read"))?;
        // The beginning of some other line: it looks as a torn one does.
        let torn: Vec<_> = text.iter().copied().take_while(|byte| *byte != b'\n').take(bytes).collect();
        let file = OpenOptions::new().append(true).open(&path);
        file.and_then(|mut file| file.write_all(&torn)).map_err(Error::file(&path, "tear"))
    }
}
