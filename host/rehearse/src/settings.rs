//! What is rehearsed.

use std::path::PathBuf;

use sluis_vault::Retention;

/// What is rehearsed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Days of the study.
    pub days: u32,
    /// The same seed gives the same course of events.
    pub seed: u64,
    /// Cameras: 1 to 8.
    pub cameras: u32,
    /// How long segments are kept.
    pub retention: Retention,
    /// Segments of each camera on each day: 1 to 48.
    pub segments_per_camera_and_day: u32,
    /// What goes wrong.
    pub faults: Faults,
    /// Where it is rehearsed: a folder of its own is made in it, and removed afterwards. `None`: in memory (`/dev/shm`) where the machine has that, else where temporary files lie.
    pub dir: Option<PathBuf>,
    /// A promise that is broken on purpose, to see that it is found. `None` in every rehearsal that is to say something about the vault.
    pub planted: Option<Planted>,
}

/// What goes wrong. People's wishes are no faults: erasing, holding, opening, granting and revoking are always rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// The cloud cannot be reached, for hours to days.
    pub cloud_outage: bool,
    /// The cloud fails in the middle of something.
    pub cloud_failure: bool,
    /// The local store fails in the middle of something.
    pub store_failure: bool,
    /// The process is killed in the middle of something.
    pub kill: bool,
    /// The machine has no power for hours, after an orderly end or without.
    pub power: bool,
    /// The machine's clock is set ahead by minutes, hours or 40 days, or set back; the time server does not answer.
    pub clock: bool,
    /// The disk is full for hours.
    pub disk_full: bool,
    /// The last line of the ledger is torn when the machine goes down.
    pub torn_ledger: bool,
    /// An older copy of the vault's folder is put back.
    pub restored_backup: bool,
}

/// A promise that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// The stores say that they delete, and do not.
    IgnoredDeletes,
    /// Nobody ever sweeps.
    NoSweep,
    /// A line is cut out of the ledger.
    LedgerLineRemoved,
    /// The last lines of the ledger are cut off.
    LedgerCut,
    /// The bytes of a segment vanish, here and in the cloud.
    BytesVanish,
    /// Somebody changes a byte of a sealed object.
    ByteChanged,
    /// Somebody with the root secret and the folder writes the wrapped keys of destroyed segments back into the index.
    KeysPutBack,
}

// === impl Settings ===

impl Settings {
    /// A study of so many days with all faults: two cameras, ten segments of each a day, 72 hours.
    pub fn new(days: u32, seed: u64) -> Self {
        Self {
            days,
            seed,
            cameras: 2,
            retention: Retention::DEFAULT,
            segments_per_camera_and_day: 10,
            faults: Faults::ALL,
            dir: None,
            planted: None,
        }
    }
}

// === impl Faults ===

impl Faults {
    /// Everything goes wrong.
    pub const ALL: Self = Self {
        cloud_outage: true,
        cloud_failure: true,
        store_failure: true,
        kill: true,
        power: true,
        clock: true,
        disk_full: true,
        torn_ledger: true,
        restored_backup: true,
    };

    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        cloud_outage: false,
        cloud_failure: false,
        store_failure: false,
        kill: false,
        power: false,
        clock: false,
        disk_full: false,
        torn_ledger: false,
        restored_backup: false,
    };
}

impl Default for Faults {
    fn default() -> Self {
        Self::ALL
    }
}
