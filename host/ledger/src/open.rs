//! Where a ledger ends, found without reading all of it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::str;

use crate::checkpoint::{CHECKPOINT_MAX, Checkpoint, SIGNATURE};
use crate::entry::EntryId;
use crate::error::Error;
use crate::head::Head;
use crate::key::PublicKey;
use crate::line::Line;
use crate::lines::{Lines, start_of_last};

/// The end of a ledger.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) head: Head,
    /// Bytes up to and with the last newline.
    pub(crate) bytes: u64,
    /// The last entries, the latest last: as many as were asked for, or more.
    pub(crate) ids: VecDeque<EntryId>,
}

/// Reads from the last checkpoint on, or from `remember` lines before the end where that is earlier, and checks that each line follows the one before it
/// and that the checkpoint fits. What stands before is not read: verifying does that.
pub(crate) fn end(mut file: &File, path: &Path, last: Option<&Checkpoint>, remember: u64) -> Result<End, Error> {
    let reading = || Error::file(path, "read");
    let length = file.metadata().map_err(reading())?.len();
    let (signed, bytes) = last.map_or((Head::EMPTY, 0), |last| (last.head(), last.bytes()));
    if length < bytes {
        return Err(Error::Shorter { path: path.to_owned(), entries: signed.entries, bytes, found: length });
    }
    let from = start_of_last(file, length, remember).map_err(reading())?.min(bytes);
    file.seek(SeekFrom::Start(from)).map_err(reading())?;
    let mut lines = Lines::new(file.take(length - from), from);

    let mut ids = VecDeque::new();
    // What the line at `at` must follow; `None` where only that line itself tells.
    let (mut at, mut before) = (from, (from == 0).then_some(Head::EMPTY));
    let mut fits = false;
    loop {
        if at == bytes {
            fits = before.is_none_or(|before| before == signed);
            before = Some(signed);
        }
        if at >= bytes && !fits {
            return Err(Error::Unfit { path: path.to_owned(), entries: signed.entries });
        }
        let Some(raw) = lines.next_line().map_err(reading())? else { break };
        let wrong = |why: String| Error::Line { path: path.to_owned(), offset: raw.offset, why };
        if !raw.ended {
            break;
        }
        let line = Line::parse(raw.bytes).map_err(|why| wrong(why.into_owned()))?;
        if let Some(before) = &before {
            line.follows(before).map_err(|why| wrong(why.into_owned()))?;
        }
        ids.push_back(line.id());
        before = Some(line.head(raw.bytes));
        at += raw.length;
    }
    match before {
        Some(head) if fits => Ok(End { head, bytes: at, ids }),
        _ => Err(Error::Unfit { path: path.to_owned(), entries: signed.entries }),
    }
}

/// The last checkpoint of a file, and the length of the file up to its end. What comes after is a checkpoint that a power cut tore: nobody has it.
pub(crate) fn last_checkpoint(file: &File, path: &Path, key: &PublicKey) -> Result<(Option<Checkpoint>, u64), Error> {
    let wrong = |why| Error::LastCheckpoint { path: path.to_owned(), why };
    let length = file.metadata().map_err(Error::file(path, "inspect"))?.len();
    // Room for the last one, a torn one behind it, and the end of the one before.
    let from = length.saturating_sub(3 * CHECKPOINT_MAX as u64);
    let mut tail = vec![0; (length - from) as usize];
    file.read_exact_at(&mut tail, from).map_err(Error::file(path, "read"))?;

    let mut ends = Vec::new();
    let mut at = 0;
    for line in tail.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.starts_with(SIGNATURE.as_bytes()) && line.ends_with(b"\n") {
            ends.push(at);
        }
    }
    let end = ends.pop();
    if tail.len() - end.unwrap_or(0) > CHECKPOINT_MAX {
        return Err(wrong("what follows it is too long for one that was not finished"));
    }
    let Some(end) = end else { return Ok((None, 0)) };
    let start = match ends.pop() {
        Some(start) => start,
        None if from == 0 => 0,
        None => return Err(wrong("it is too long")),
    };
    let text = str::from_utf8(&tail[start..end]).map_err(|_| wrong("it is not UTF-8"))?;
    let last: Checkpoint = text.parse().map_err(|_| wrong("its lines are not those of a checkpoint"))?;
    if !last.is_signed_by(key) {
        return Err(wrong("it was signed by another key or for another origin, or changed"));
    }
    Ok((Some(last), from + end as u64))
}
