//! Appending.

use std::collections::{HashSet, VecDeque};
use std::fs::TryLockError;
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::durable::Durable;
use crate::entry::{EntryId, LINE_MAX, New};
use crate::error::Error;
use crate::folder::Folder;
use crate::head::Head;
use crate::key::{LedgerKey, PublicKey};
use crate::line::{self, Line};
use crate::open;

/// How many of the last entries a ledger knows by name, so that a repeated one is skipped: far more than a caller has under way at once, in 500 kB.
pub const REMEMBERED: usize = 10_000;

/// A ledger to append to. One process has it at a time: the system lets go of it when that process ends, however it ends.
#[derive(Debug)]
pub struct Ledger {
    ledger: Durable,
    checkpoints: Durable,
    key: LedgerKey,
    public: PublicKey,
    head: Head,
    remembered: Remembered,
    opened: Opened,
}

/// What was found when a ledger was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// How far the ledger had come.
    pub head: Head,
    /// The last checkpoint in its folder. `None` for a ledger without one, so also where somebody has removed the file: a checkpoint kept outside tells.
    pub checkpoint: Option<Checkpoint>,
    /// Bytes of an entry that a power cut or a kill tore, and that were cut off: they were never acknowledged.
    pub torn: u64,
    /// The same of a checkpoint.
    pub torn_checkpoint: u64,
}

/// The names of the last entries.
#[derive(Debug)]
struct Remembered {
    order: VecDeque<EntryId>,
    names: HashSet<EntryId>,
}

// === impl Ledger ===

impl Ledger {
    /// Opens the ledger in `folder`, and makes what is not there. `origin` names the ledger in its checkpoints, as `shop.example/ledger` does; it stays the
    /// same for the life of a ledger.
    ///
    /// The last checkpoint is checked, and that the entries after it follow; what is before it is not read. A torn last line is cut off.
    ///
    /// # Errors
    ///
    /// [`Error::Origin`]; [`Error::Exposed`]; [`Error::InUse`]; [`Error::File`]. [`Error::Shorter`], [`Error::Unfit`], [`Error::Line`] and
    /// [`Error::LastCheckpoint`] when the files are not as they were left: they stay as they are then (an empty one is made where one is missing), and nothing can be appended.
    pub fn open(folder: &Path, key: LedgerKey, origin: &str) -> Result<Self, Error> {
        let public = key.public(origin)?;
        let folder = Folder::new(folder);
        folder.make()?;
        let mut ledger = Durable::open(&folder.ledger)?;
        match ledger.file().try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { folder: folder.path }),
            Err(TryLockError::Error(e)) => return Err(Error::file(&folder.ledger, "lock")(e)),
        }
        let mut checkpoints = Durable::open(&folder.checkpoints)?;
        folder.sync()?;
        let (checkpoint, signed) = open::last_checkpoint(checkpoints.file(), checkpoints.path(), &public)?;
        // The lock is ours, so the length is now what the process before has left.
        let end = open::end(ledger.file(), ledger.path(), checkpoint.as_ref(), REMEMBERED as u64)?;
        let length =
            |of: &Durable| of.file().metadata().map(|facts| facts.len()).map_err(Error::file(of.path(), "inspect"));
        let (torn, torn_checkpoint) = (length(&ledger)? - end.bytes, length(&checkpoints)? - signed);
        if torn + torn_checkpoint > 0 {
            tracing::warn!(folder = %folder.path.display(), torn, torn_checkpoint, "the end of the ledger was torn and is cut off");
        }
        ledger.settle(end.bytes)?;
        checkpoints.settle(signed)?;
        let opened = Opened { head: end.head, checkpoint, torn, torn_checkpoint };
        Ok(Self { ledger, checkpoints, key, public, head: end.head, remembered: Remembered::new(end.ids), opened })
    }

    /// What was found when it was opened.
    pub fn start(&self) -> &Opened {
        &self.opened
    }

    /// How far it has come.
    pub fn head(&self) -> Head {
        self.head
    }

    /// What others need to check its checkpoints.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Appends entries in one write and one sync. When it returns they are on disk, in this order, and the head counts them.
    ///
    /// An entry whose name is among the last [`REMEMBERED`] ones, or earlier in the same batch, is skipped: a caller that does not know whether a batch was
    /// appended repeats it as it was.
    ///
    /// # Errors
    ///
    /// [`Error::What`] and [`Error::TooLong`] for what no entry can hold; [`Error::File`] when the disk fails or is full; [`Error::Broken`] after a failure
    /// that could not be taken back. In each case nothing of the batch is in the ledger as this process knows it. After [`Error::File`] from a sync, or a
    /// kill in the middle, the next [`open`](Self::open) may find entries of the batch: so repeat it with the same names.
    pub fn append(&mut self, entries: &[New]) -> Result<Head, Error> {
        let mut bytes = Vec::new();
        let mut head = self.head;
        let mut fresh = Vec::new();
        let mut names = HashSet::new();
        for new in entries {
            if self.remembered.names.contains(&new.id) || !names.insert(new.id) {
                continue;
            }
            let from = bytes.len();
            line::write(&mut bytes, new, &head);
            let line = &bytes[from..bytes.len() - 1];
            if line.len() > LINE_MAX {
                return Err(Error::TooLong { id: new.id, bytes: line.len() });
            }
            // What could not be read again is not written.
            let parsed = Line::parse(line).map_err(|why| Error::What { id: new.id, why: why.into_owned() })?;
            head = parsed.head(line);
            fresh.push(new.id);
        }
        if !fresh.is_empty() {
            self.ledger.append(&bytes)?;
            self.head = head;
            self.remembered.extend(fresh);
        }
        Ok(self.head)
    }

    /// Signs the head, with the time `at` in nanoseconds since 1970 UTC. When it returns the checkpoint is on disk, in `checkpoints`; its text is to be kept
    /// outside too.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::Broken`].
    pub fn checkpoint(&mut self, at: i64) -> Result<Checkpoint, Error> {
        let made = Checkpoint::sign(&self.key, &self.public, self.head, at, self.ledger.length());
        self.checkpoints.append(made.to_string().as_bytes())?;
        Ok(made)
    }
}

// === impl Remembered ===

impl Remembered {
    fn new(ids: VecDeque<EntryId>) -> Self {
        let mut made = Self { order: VecDeque::new(), names: HashSet::new() };
        made.extend(ids);
        made
    }

    fn extend(&mut self, ids: impl IntoIterator<Item = EntryId>) {
        for id in ids {
            if self.names.insert(id) {
                self.order.push_back(id);
            }
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.names.remove(&oldest);
            }
        }
    }
}
