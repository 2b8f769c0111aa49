//! Reads the container from a reader.

use std::fmt;
use std::io::Read;

use super::{Assembler, Entry, Parser, Part};
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::track::Track;

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// Whether a stream may break off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It must be whole.
    Whole,
    /// It may be cut anywhere: it ends after the last complete part.
    Cut,
}

/// The parts of a segment, one after another, from the plain MCAP stream that `R` gives.
pub(crate) struct Source<R> {
    from: R,
    parser: Parser,
    assembler: Assembler,
    header: SegmentHeader,
    piece: Vec<u8>,
    ending: Ending,
    /// `Some` at the end: whether the stream was whole.
    ended: Option<bool>,
}

// === impl Source ===

impl<R: Read> Source<R> {
    /// Reads the header. `None` when a stream that may be cut is cut before the header's end.
    pub(crate) fn new(mut from: R, ending: Ending) -> Result<Option<Self>, Error> {
        let mut parser = Parser::new();
        let mut piece = vec![0; PIECE];
        loop {
            match parser.next() {
                Some(Entry::Header(header)) => {
                    let (header, assembler) = (*header, Assembler::default());
                    return Ok(Some(Self { from, parser, assembler, header, piece, ending, ended: None }));
                }
                Some(Entry::Message(_)) => return Err(Error::NotASegment("its header is missing".to_owned())),
                None => {}
            }
            let n = read(&mut from, &mut piece)?;
            if n == 0 {
                return match ending {
                    Ending::Whole => Err(Error::NotASegment("it ends before its header".to_owned())),
                    Ending::Cut => Ok(None),
                };
            }
            parser.push(&piece[..n])?;
        }
    }

    /// What holds for the whole segment.
    pub(crate) const fn header(&self) -> &SegmentHeader {
        &self.header
    }

    /// The channels that were read so far.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = Track> {
        self.parser.tracks()
    }

    /// Whether the stream was whole; known once [`next`](Self::next) has given `None`.
    pub(crate) fn was_whole(&self) -> bool {
        self.ended == Some(true)
    }

    /// The next part; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Part>, Error> {
        loop {
            while let Some(entry) = self.parser.next() {
                if let Entry::Message(message) = entry
                    && let Some(part) = self.assembler.take(message)?
                {
                    return Ok(Some(part));
                }
            }
            if self.ended.is_some() {
                return Ok(None);
            }
            match read(&mut self.from, &mut self.piece)? {
                0 => self.end()?,
                n => self.parser.push(&self.piece[..n])?,
            }
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        let ended = if self.assembler.is_in_the_middle() {
            Err(Error::NotASegment("it ends in the middle of a frame".to_owned()))
        } else {
            self.parser.end()
        };
        self.ended = Some(ended.is_ok());
        if self.ending == Ending::Whole { ended } else { Ok(()) }
    }
}

fn read(from: &mut impl Read, piece: &mut [u8]) -> Result<usize, Error> {
    loop {
        match from.read(piece) {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            result => return result.map_err(|e| Error::io("read a segment", e)),
        }
    }
}

impl<R> fmt::Debug for Source<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("header", &self.header).finish_non_exhaustive()
    }
}
