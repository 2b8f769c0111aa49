//! A ledger in a folder, and hands that touch it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use sluis_ledger::{Checkpoint, EntryId, Error, Ledger, LedgerKey, New, PublicKey, Verified, verify};
use tempfile::TempDir;

pub(crate) const ORIGIN: &str = "shop.example/ledger";

/// 2026-01-01 in nanoseconds since 1970 UTC.
pub(crate) const START: i64 = 1_767_225_600_000_000_000;

pub(crate) struct Rig {
    folder: TempDir,
}

pub(crate) fn key() -> LedgerKey {
    LedgerKey::from_seed([7; 32])
}

pub(crate) fn public() -> PublicKey {
    key().public(ORIGIN).unwrap()
}

/// The entry that number `number` gets where all are appended in order.
pub(crate) fn new(number: u64) -> New {
    let id = EntryId::from_bytes(u128::from(number).to_be_bytes());
    New { at: START + number as i64, id, what: json!({"kind": "test", "number": number}) }
}

pub(crate) fn batch(numbers: std::ops::Range<u64>) -> Vec<New> {
    numbers.map(new).collect()
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// In memory where the system offers that: for tests that write thousands of images, and ask nothing of the disk.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self { folder: tempfile::tempdir_in(memory).unwrap() } } else { Self::new() }
    }

    /// With entries 0 to 19, a checkpoint over 10 and one over 20. In memory.
    pub(crate) fn filled() -> (Self, Vec<Checkpoint>) {
        let rig = Self::in_memory();
        let mut ledger = rig.open();
        ledger.append(&batch(0..10)).unwrap();
        let first = ledger.checkpoint(START).unwrap();
        ledger.append(&batch(10..20)).unwrap();
        let second = ledger.checkpoint(START + 1).unwrap();
        (rig, vec![first, second])
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.dir().join("ledger.jsonl")
    }

    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.dir().join("checkpoints")
    }

    pub(crate) fn try_open(&self) -> Result<Ledger, Error> {
        Ledger::open(&self.dir(), key(), ORIGIN)
    }

    pub(crate) fn open(&self) -> Ledger {
        self.try_open().unwrap()
    }

    pub(crate) fn verify(&self, outside: &[Checkpoint]) -> Verified {
        verify(&self.dir(), &public(), outside).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(self.file()).unwrap()
    }

    /// The lines, each with its newline.
    pub(crate) fn lines(&self) -> Vec<Vec<u8>> {
        self.bytes().split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
    }

    pub(crate) fn put_lines(&self, lines: &[Vec<u8>]) {
        fs::write(self.file(), lines.concat()).unwrap();
    }

    /// A rig whose folder is a copy of this one, in memory.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::in_memory();
        copy_folder(&self.dir(), &copy.dir());
        copy
    }

    /// Puts the folder back to how `older` is.
    pub(crate) fn roll_back(&self, older: &Self) {
        fs::remove_dir_all(self.dir()).unwrap();
        copy_folder(&older.dir(), &self.dir());
    }
}

fn copy_folder(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
