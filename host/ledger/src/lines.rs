//! A file, line by line, with bounded memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

use crate::entry::LINE_MAX;

/// Reads lines. The part of a line beyond [`LINE_MAX`] + 1 bytes is skipped, not kept.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    from: BufReader<R>,
    line: Vec<u8>,
    /// Where the next line begins, in bytes.
    offset: u64,
}

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'a> {
    /// Its bytes, without the newline; at most [`LINE_MAX`] + 1, so that a longer line is seen to be too long.
    pub(crate) bytes: &'a [u8],
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// Its length in the file, with the newline.
    pub(crate) length: u64,
    /// Whether the newline was there. Only the last line can lack it.
    pub(crate) ended: bool,
}

// === impl Lines ===

impl<R: Read> Lines<R> {
    /// Reads on from where `from` stands, which is byte `offset` of the file.
    pub(crate) fn new(from: R, offset: u64) -> Self {
        Self { from: BufReader::with_capacity(256 << 10, from), line: Vec::new(), offset }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Raw<'_>>> {
        self.line.clear();
        let limit = LINE_MAX as u64 + 1;
        let mut length = (&mut self.from).take(limit).read_until(b'\n', &mut self.line)? as u64;
        if length == 0 {
            return Ok(None);
        }
        let mut ended = self.line.ends_with(b"\n");
        if ended {
            self.line.pop();
        } else if length == limit {
            let skipped = self.from.skip_until(b'\n')? as u64;
            // With a newline or at the end of the file: too long either way, so it does not matter which.
            ended = skipped > 0;
            length += skipped;
        }
        let offset = self.offset;
        self.offset += length;
        Ok(Some(Raw { bytes: &self.line, offset, length, ended }))
    }
}

/// Where the last `count` lines of the first `end` bytes begin. A line without its newline is not one.
pub(crate) fn start_of_last(file: &File, end: u64, count: u64) -> io::Result<u64> {
    let mut piece = vec![0; 64 << 10];
    let (mut at, mut newlines) = (end, 0);
    while at > 0 {
        let length = at.min(piece.len() as u64);
        let piece = &mut piece[..length as usize];
        at -= length;
        file.read_exact_at(piece, at)?;
        for (place, _) in piece.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            // The first one met ends the last line; the one before the wanted lines comes after `count` of them.
            if newlines == count {
                return Ok(at + place as u64 + 1);
            }
            newlines += 1;
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_line_beyond_the_limit_is_skipped_and_the_next_is_found() {
        let mut text = vec![b'x'; LINE_MAX + 5];
        text.extend(b"\nnext\ntorn");
        let mut lines = Lines::new(text.as_slice(), 0);
        let long = lines.next_line().unwrap().unwrap();
        assert_eq!((long.bytes.len(), long.length), (LINE_MAX + 1, LINE_MAX as u64 + 6));
        let next = lines.next_line().unwrap().unwrap();
        assert_eq!((next.bytes, next.offset, next.ended), (&b"next"[..], LINE_MAX as u64 + 6, true));
        let torn = lines.next_line().unwrap().unwrap();
        assert_eq!((torn.bytes, torn.ended), (&b"torn"[..], false));
        assert!(lines.next_line().unwrap().is_none());
    }

    #[test]
    fn the_last_lines_are_found_from_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        // Longer than one piece.
        let text: String = (0..20_000).map(|i| format!("line {i}\n")).collect();
        fs::write(&path, format!("{text}torn")).unwrap();
        let file = File::open(&path).unwrap();
        let end = file.metadata().unwrap().len();
        let full = format!("{text}torn");
        for count in [0, 1, 2, 9_000, 19_999, 20_000, 20_001] {
            let from = start_of_last(&file, end, count).unwrap() as usize;
            assert_eq!(full[from..].lines().count() as u64, count.min(20_000) + 1, "{count}");
            assert!(from == 0 || full[..from].ends_with('\n'));
        }
        assert_eq!(start_of_last(&file, 0, 3).unwrap(), 0);
    }
}
