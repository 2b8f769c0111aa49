//! The entries of a ledger, as they stand there. Also beside the process that appends.
//!
//! Reading checks the shape of each line, not whether anybody has changed it: that is what verifying is for.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use crate::entry::Entry;
use crate::error::Error;
use crate::folder::Folder;
use crate::line::Line;
use crate::lines::{Lines, start_of_last};

/// The entries from some place on, in their order. Ends where the ledger did when reading began; a last line without its newline, which is being written or
/// was torn, is not given. After an error there is nothing more.
#[derive(Debug)]
pub struct Reader {
    lines: Lines<Take<File>>,
    path: PathBuf,
    done: bool,
}

/// All entries of the ledger in `folder`.
///
/// # Errors
///
/// [`Error::NoLedger`]; [`Error::File`].
pub fn read(folder: &Path) -> Result<Reader, Error> {
    Reader::open(folder, None)
}

/// The last `count` entries of the ledger in `folder`, or all where there are fewer. The time it takes depends on `count`, not on the ledger.
///
/// # Errors
///
/// [`Error::NoLedger`]; [`Error::File`].
pub fn read_tail(folder: &Path, count: u64) -> Result<Reader, Error> {
    Reader::open(folder, Some(count))
}

// === impl Reader ===

impl Reader {
    fn open(folder: &Path, last: Option<u64>) -> Result<Self, Error> {
        let folder = Folder::new(folder);
        let mut file = folder.open_ledger()?;
        let path = folder.ledger;
        let length = file.metadata().map_err(Error::file(&path, "inspect"))?.len();
        let from =
            last.map_or(Ok(0), |count| start_of_last(&file, length, count)).map_err(Error::file(&path, "read"))?;
        file.seek(SeekFrom::Start(from)).map_err(Error::file(&path, "read"))?;
        Ok(Self { lines: Lines::new(file.take(length - from), from), path, done: false })
    }

    fn read_next(&mut self) -> Result<Option<Entry>, Error> {
        let raw = match self.lines.next_line().map_err(Error::file(&self.path, "read"))? {
            Some(raw) if raw.ended => raw,
            _ => return Ok(None),
        };
        match Line::parse(raw.bytes) {
            Ok(line) => Ok(Some(line.entry())),
            Err(why) => Err(Error::Line { path: self.path.clone(), offset: raw.offset, why: why.into_owned() }),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.read_next().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}
