//! Whether a ledger is as it was written.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::str;

use serde::Serialize;

use crate::checkpoint::{CHECKPOINT_MAX, Checkpoint, SIGNATURE};
use crate::error::Error;
use crate::folder::Folder;
use crate::head::{Hash, Head};
use crate::key::PublicKey;
use crate::line::Line;
use crate::lines::{Lines, Raw};
use crate::problem::{Kept, Problem};

/// How many problems are listed. A file that is garbage from end to end has millions, and they say nothing more.
const LISTED: usize = 1000;

/// What verifying has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Whole lines that are there.
    pub entries: u64,
    /// Where they end. To be trusted only where there are no problems.
    pub head: Head,
    /// Checkpoints in the folder that are signed and fit.
    pub checkpoints: u64,
    /// Entries after the last checkpoint that is signed and fits, wherever it was kept. Who can write the file could have changed them unseen.
    pub unsigned_tail: u64,
    /// What is not as it should be: at most 1000 of it.
    pub problems: Vec<Problem>,
    /// How many problems more there are.
    pub unlisted: u64,
}

/// Verifying, under way.
struct Check<'a> {
    key: &'a PublicKey,
    /// Checkpoints that are signed and not met yet, by their number of entries.
    awaited: VecDeque<(Kept, Checkpoint)>,
    /// Entries under the last checkpoint that fits.
    signed: u64,
    found: Verified,
}

/// Reads the ledger in `folder` once, from its first byte to where it ended when reading began, and checks every number, every link of the chain, the shape
/// of every line, and every checkpoint: those in the folder, and those `outside`, which were kept elsewhere. Works beside the process that appends.
///
/// Without a checkpoint from outside, a folder that was put back whole to an older copy looks as it did when it was copied.
///
/// # Errors
///
/// [`Error::NoLedger`]; [`Error::File`] when a file cannot be read. What is wrong with the ledger is no error but in the result.
pub fn verify(folder: &Path, key: &PublicKey, outside: &[Checkpoint]) -> Result<Verified, Error> {
    let folder = Folder::new(folder);
    let found =
        Verified { entries: 0, head: Head::EMPTY, checkpoints: 0, unsigned_tail: 0, problems: Vec::new(), unlisted: 0 };
    let mut check = Check { key, awaited: VecDeque::new(), signed: 0, found };
    // Before the ledger: whatever is signed by now is in the ledger by then.
    let beside = check.read_checkpoints(&folder.checkpoints)?;
    for checkpoint in outside {
        let signed = check.admit(Kept::Outside, checkpoint.clone());
        if signed && !beside.contains(checkpoint) {
            check.tell(Problem::CheckpointMissing { checkpoint: checkpoint.head().entries });
        }
    }
    check.awaited.make_contiguous().sort_by_key(|(_, checkpoint)| checkpoint.head().entries);

    let file = folder.open_ledger()?;
    let length = file.metadata().map_err(Error::file(&folder.ledger, "inspect"))?.len();
    check.read_ledger(file.take(length), &folder.ledger)?;
    Ok(check.found)
}

// === impl Verified ===

impl Verified {
    /// Whether nothing is wrong but, at most, an end that a power cut tore or that is just being written.
    pub fn is_whole(&self) -> bool {
        self.unlisted == 0 && self.problems.iter().all(Problem::is_torn)
    }
}

// === impl Check ===

impl Check<'_> {
    fn tell(&mut self, problem: Problem) {
        if self.found.problems.len() < LISTED {
            self.found.problems.push(problem);
        } else {
            self.found.unlisted += 1;
        }
    }

    /// Whether the checkpoint is signed; it is then awaited in the ledger.
    fn admit(&mut self, kept: Kept, checkpoint: Checkpoint) -> bool {
        let signed = checkpoint.is_signed_by(self.key);
        if signed {
            self.awaited.push_back((kept, checkpoint));
        } else {
            self.tell(Problem::Signature { kept, checkpoint: checkpoint.head().entries });
        }
        signed
    }

    /// The checkpoints of the folder, signed or not.
    fn read_checkpoints(&mut self, path: &Path) -> Result<HashSet<Checkpoint>, Error> {
        let mut all = HashSet::new();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(all),
            Err(e) => return Err(Error::file(path, "open")(e)),
        };
        let mut lines = Lines::new(file, 0);
        let (mut text, mut offset, mut bytes) = (Vec::new(), 0, 0);
        while let Some(line) = lines.next_line().map_err(Error::file(path, "read"))? {
            bytes += line.length;
            // More than fits is not kept: it is garbage, however long.
            if text.len() <= CHECKPOINT_MAX {
                text.extend_from_slice(line.bytes);
                text.extend(line.ended.then_some(b'\n'));
            }
            if line.ended && line.bytes.starts_with(SIGNATURE.as_bytes()) {
                match str::from_utf8(&text).ok().and_then(|text| text.parse::<Checkpoint>().ok()) {
                    Some(checkpoint) => {
                        self.admit(Kept::Beside, checkpoint.clone());
                        all.insert(checkpoint);
                    }
                    None => self.tell(Problem::CheckpointGarbage { offset }),
                }
                offset += bytes;
                bytes = 0;
                text.clear();
            }
        }
        match bytes {
            0 => (),
            _ if bytes <= CHECKPOINT_MAX as u64 => self.tell(Problem::TornCheckpoint { offset, bytes }),
            _ => self.tell(Problem::CheckpointGarbage { offset }),
        }
        Ok(all)
    }

    fn read_ledger(&mut self, file: impl Read, path: &Path) -> Result<(), Error> {
        let mut lines = Lines::new(file, 0);
        // Where the line before begins; `None` where it was garbage, about which nothing more is to be said.
        let mut last = Some(0);
        let mut before = Head::EMPTY;
        let mut torn = None;
        self.meet(0, Hash::ZERO, 0);
        while let Some(raw) = lines.next_line().map_err(Error::file(path, "read"))? {
            if !raw.ended {
                torn = Some(Problem::TornEnd { offset: raw.offset, bytes: raw.length });
                break;
            }
            (before, last) = self.line(&raw, &before, last);
            self.found.entries += 1;
            self.meet(self.found.entries, before.hash, raw.offset + raw.length);
        }
        self.found.head = Head { entries: self.found.entries, hash: before.hash };
        self.found.unsigned_tail = self.found.entries - self.signed;
        if self.awaited.is_empty() {
            torn.into_iter().for_each(|torn| self.tell(torn));
        }
        let entries = self.found.entries;
        while let Some((kept, checkpoint)) = self.awaited.pop_front() {
            self.tell(Problem::Shorter { kept, checkpoint: checkpoint.head().entries, entries });
        }
        Ok(())
    }

    /// Checks a line against the one before it, which begins at `last`, and gives both for the next one.
    fn line(&mut self, raw: &Raw<'_>, before: &Head, last: Option<u64>) -> (Head, Option<u64>) {
        let offset = raw.offset;
        let expected = before.entries;
        let line = match Line::parse(raw.bytes) {
            Ok(line) => line,
            Err(why) => {
                self.tell(Problem::Garbage { number: expected, offset, why: why.into_owned() });
                return (Head { entries: expected.saturating_add(1), hash: Hash::of(raw.bytes) }, None);
            }
        };
        if line.number != expected {
            // That the chain is broken there too goes without saying.
            self.tell(Problem::Number { expected, found: line.number, offset });
        } else if let Some(last) = last
            && line.previous != before.hash.to_hex()
        {
            // The first line follows nothing, so that it is itself what was changed.
            let (number, offset) = if expected == 0 { (0, offset) } else { (expected - 1, last) };
            self.tell(Problem::Changed { number, offset });
        }
        (line.head(raw.bytes), Some(offset))
    }

    /// Compares the checkpoints that were signed over `entries` entries.
    fn meet(&mut self, entries: u64, hash: Hash, bytes: u64) {
        while let Some((kept, checkpoint)) = self.awaited.pop_front_if(|(_, next)| next.head().entries == entries) {
            if checkpoint.head().hash == hash && checkpoint.bytes() == bytes {
                self.signed = entries;
                self.found.checkpoints += u64::from(kept == Kept::Beside);
            } else {
                self.tell(Problem::Unfit { kept, checkpoint: entries });
            }
        }
    }
}
