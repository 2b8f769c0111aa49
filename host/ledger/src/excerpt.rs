//! A few lines of a ledger that show, with a checkpoint and the public key alone, that one entry stands in it.
//!
//! Whoever has the whole ledger [verifies](fn@crate::verify) it. Whoever is to believe one entry only, and is to see nothing else of the ledger, gets three
//! things: the line of that entry and all after it up to a checkpoint, the checkpoint, and the public key from elsewhere.
//!
//! ```text
//! entry n ──► entry n + 1 ──► … ──► entry m      each line names the SHA-256 of the one before
//!                                      │
//!                            checkpoint over m + 1 entries, signed
//! ```
//!
//! The signature covers the last line, and so every line before it. What the excerpt does not show is what came before entry n.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::error::Error;
use crate::folder::Folder;
use crate::head::Head;
use crate::key::PublicKey;
use crate::line::{Line, Why};
use crate::lines::{Lines, start_of_last};

/// Why lines and a checkpoint do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untied {
    /// The checkpoint is another's.
    #[error("the checkpoint was signed by another key or for another ledger, or was changed")]
    Signature,
    /// There are none.
    #[error("there is no entry")]
    Empty,
    /// A line is no entry, or does not follow the one before.
    #[error("line {line} is not the entry that must stand there: {why}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The lines end in something else than what was signed: lines are missing, are too many, or the last was changed.
    #[error(
        "the lines end after {found} entries of the ledger, in another line than the one that the checkpoint, over {signed} entries, was signed over"
    )]
    End {
        /// Entries up to the last line, as it says.
        found: u64,
        /// Entries under the checkpoint.
        signed: u64,
    },
}

/// The lines of the ledger in `folder` from entry `from` up to the last one under `checkpoint`, as they stand there, each with its newline.
///
/// Nothing is checked but that they are as many as they must be: [`trace`] checks.
///
/// # Errors
///
/// [`Error::NoLedger`]; [`Error::File`]; [`Error::Shorter`] where the ledger has fewer bytes than the checkpoint says.
pub fn excerpt(folder: &Path, from: u64, checkpoint: &Checkpoint) -> Result<Vec<u8>, Error> {
    let folder = Folder::new(folder);
    let mut file = folder.open_ledger()?;
    let path = folder.ledger;
    let (entries, bytes) = (checkpoint.head().entries, checkpoint.bytes());
    let found = file.metadata().map_err(Error::file(&path, "inspect"))?.len();
    if found < bytes {
        return Err(Error::Shorter { path, entries, bytes, found });
    }
    let start = start_of_last(&file, bytes, entries.saturating_sub(from)).map_err(Error::file(&path, "read"))?;
    let mut lines = Vec::new();
    let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(bytes - start).read_to_end(&mut lines));
    read.map_err(Error::file(&path, "read"))?;
    Ok(lines)
}

/// Checks that `lines` follow each other and end where `checkpoint` was signed over, by the holder of `key`. Gives the entries: who holds `key` has signed each of them.
///
/// Whether the first is the entry that was asked for is for the caller to say.
///
/// # Errors
///
/// [`Untied`].
pub fn trace(lines: &[u8], checkpoint: &Checkpoint, key: &PublicKey) -> Result<Vec<Entry>, Untied> {
    if !checkpoint.is_signed_by(key) {
        return Err(Untied::Signature);
    }
    let wrong = |line: usize, why: Why| Untied::Line { line: line as u64, why: why.into_owned() };
    let mut reading = Lines::new(lines, 0);
    let (mut entries, mut before) = (Vec::new(), None::<Head>);
    while let Some(raw) = reading.next_line().map_err(|e| wrong(entries.len() + 1, e.to_string().into()))? {
        let number = entries.len() + 1;
        if !raw.ended {
            return Err(wrong(number, "it has no newline: it was cut off".into()));
        }
        let line = Line::parse(raw.bytes).map_err(|why| wrong(number, why))?;
        if let Some(before) = &before {
            line.follows(before).map_err(|why| wrong(number, why))?;
        }
        before = Some(line.head(raw.bytes));
        entries.push(line.entry());
    }
    let signed = checkpoint.head();
    match before {
        None => Err(Untied::Empty),
        Some(end) if end != signed => Err(Untied::End { found: end.entries, signed: signed.entries }),
        Some(_) => Ok(entries),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::entry::{EntryId, New};
    use crate::key::LedgerKey;
    use crate::ledger::Ledger;

    const ORIGIN: &str = "shop.example/ledger";

    struct Made {
        folder: tempfile::TempDir,
        checkpoint: Checkpoint,
        key: PublicKey,
    }

    /// A ledger of five entries with a checkpoint, and two entries after it.
    fn made() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger"), LedgerKey::from_seed([1; 32]), ORIGIN).unwrap();
        let new = |n: u8| New { at: i64::from(n), id: EntryId::from_bytes([n; 16]), what: json!({ "event": n }) };
        ledger.append(&(0..5).map(new).collect::<Vec<_>>()).unwrap();
        let checkpoint = ledger.checkpoint(9).unwrap();
        ledger.append(&[new(5), new(6)]).unwrap();
        let key = ledger.public().clone();
        Made { folder, checkpoint, key }
    }

    impl Made {
        fn lines(&self, from: u64) -> Vec<u8> {
            excerpt(&self.folder.path().join("ledger"), from, &self.checkpoint).unwrap()
        }

        fn trace(&self, lines: &[u8]) -> Result<Vec<Entry>, Untied> {
            trace(lines, &self.checkpoint, &self.key)
        }
    }

    #[test]
    fn an_excerpt_is_the_lines_from_an_entry_to_the_checkpoint_and_no_others() {
        let made = made();
        for from in 0..5 {
            let entries = made.trace(&made.lines(from)).unwrap();
            assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), (from..5).collect::<Vec<_>>());
        }
        assert_eq!(made.trace(&made.lines(5)), Err(Untied::Empty));
    }

    #[test]
    fn an_excerpt_with_any_byte_changed_is_refused() {
        let made = made();
        let good = made.lines(2);
        for place in 0..good.len() {
            let mut lines = good.clone();
            lines[place] ^= 1;
            assert!(made.trace(&lines).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_chain_that_is_cut_or_has_a_line_too_many_or_in_another_place_is_refused() {
        let made = made();
        let lines: Vec<_> = made.lines(1).split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let of = |which: &[usize]| which.iter().flat_map(|line| lines[*line].clone()).collect::<Vec<_>>();
        assert!(made.trace(&of(&[0, 1, 2, 3])).is_ok());
        assert!(matches!(made.trace(&of(&[0, 1, 2])), Err(Untied::End { found: 4, signed: 5 })));
        for which in [&[0, 1, 3][..], &[0, 2, 3], &[1, 0, 2, 3], &[0, 0, 1, 2, 3], &[0, 1, 2, 3, 3]] {
            assert!(matches!(made.trace(&of(which)), Err(Untied::Line { .. })), "{which:?}");
        }
        let whole = of(&[0, 1, 2, 3]);
        assert!(matches!(made.trace(&whole[..whole.len() - 1]), Err(Untied::Line { line: 4, .. })));
        assert_eq!(made.trace(b""), Err(Untied::Empty));
    }

    #[test]
    fn a_checkpoint_of_another_key_or_another_ledger_is_refused() {
        let made = made();
        let lines = made.lines(3);
        let other = LedgerKey::from_seed([2; 32]).public(ORIGIN).unwrap();
        let elsewhere = LedgerKey::from_seed([1; 32]).public("shop.example/other").unwrap();
        for key in [other, elsewhere] {
            assert_eq!(trace(&lines, &made.checkpoint, &key), Err(Untied::Signature));
        }
        // A chain of the same length that somebody made anew does not end in what was signed.
        let anew = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&anew.path().join("ledger"), LedgerKey::from_seed([2; 32]), ORIGIN).unwrap();
        let new = |n: u8| New { at: 0, id: EntryId::from_bytes([n; 16]), what: json!({ "event": "forged" }) };
        ledger.append(&(0..5).map(new).collect::<Vec<_>>()).unwrap();
        let forged = excerpt(&anew.path().join("ledger"), 3, &ledger.checkpoint(9).unwrap()).unwrap();
        assert_eq!(made.trace(&forged), Err(Untied::End { found: 5, signed: 5 }));
    }

    #[test]
    fn a_ledger_shorter_than_the_checkpoint_gives_no_excerpt() {
        let made = made();
        let path = made.folder.path().join("ledger/ledger.jsonl");
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..300]).unwrap();
        assert!(matches!(excerpt(&made.folder.path().join("ledger"), 3, &made.checkpoint), Err(Error::Shorter { .. })));
    }
}
