//! The readers of sealed streams.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use super::{BATCH, CHUNK, Cipher, HEADER, chunk_start};
use crate::error::Error;
use crate::key::SegmentKey;

/// Reads the plaintext of a sealed stream. Every byte that it gives is authentic and in its place, and it ends without an error only at the end of the whole
/// stream. Errors of this crate travel inside [`io::Error`].
pub struct Opener<R> {
    chunks: Chunks<R>,
    /// Once the stream was refused it stays refused: a caller who reads on must not see a clean end.
    refused: Option<Refusal>,
}

/// Reads the plaintext of a sealed stream as far as it is authentic, chunk by chunk, and then ends: for a recording that broke off.
pub struct Salvage<R> {
    chunks: Chunks<R>,
    result: Salvaged,
    ended: bool,
}

/// What [`Salvage`] has got out of a stream so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Authentic chunks.
    pub chunks: u64,
    /// Plaintext bytes in them.
    pub bytes: u64,
    /// Whether the stream was whole, end and all.
    pub whole: bool,
}

/// Why a chunk was refused.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    NotAuthentic(u32),
    Truncated(u32),
    Full,
}

/// Why there is no next chunk.
enum Stop {
    Refused(Refusal),
    Input(io::Error),
}

/// The chunks of a stream, decrypted one after another in a buffer.
struct Chunks<R> {
    from: R,
    cipher: Cipher,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were read and not decrypted.
    unread: Range<usize>,
    /// Bytes of `buffer` that were decrypted and not handed out.
    ready: Range<usize>,
    /// The number of the next chunk.
    next: u32,
    end_of_input: bool,
    /// The last chunk has been decrypted, or decrypting has failed.
    done: bool,
}

// === impl Chunks ===

impl<R: Read> Chunks<R> {
    fn new(from: R, key: &SegmentKey, associated_data: &[u8]) -> Result<Self, Error> {
        let mut from = from;
        let mut header = [0; HEADER];
        from.read_exact(&mut header).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => Error::NotSealed,
            _ => Error::io("read a sealed segment", e),
        })?;
        let cipher = Cipher::from_header(key, associated_data, &header).ok_or(Error::NotSealed)?;
        // One byte more than the batch tells whether another chunk follows.
        let buffer = vec![0; BATCH * CHUNK + 1];
        Ok(Self { from, cipher, buffer, unread: 0..0, ready: 0..0, next: 0, end_of_input: false, done: false })
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        while self.unread.end < self.buffer.len() {
            match self.from.read(&mut self.buffer[self.unread.end..]) {
                Ok(0) => {
                    self.end_of_input = true;
                    break;
                }
                Ok(n) => self.unread.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Whether the next chunk can be decrypted without waiting for input.
    fn is_buffered(&self) -> bool {
        self.end_of_input || self.unread.len() > CHUNK - chunk_start(self.next)
    }

    /// Decrypts the next chunk into `ready`. Not to be called when `done`, nor before all that is `ready` was handed out.
    fn advance(&mut self) -> Result<(), Stop> {
        if !self.is_buffered() {
            self.fill().map_err(Stop::Input)?;
        }
        let number = self.next;
        let whole = CHUNK - chunk_start(number);
        let last = self.unread.len() <= whole;
        let chunk = self.unread.start..self.unread.start + self.unread.len().min(whole);
        self.unread.start = chunk.end;
        self.done = true;
        if last {
            // A failed decryption spoils the bytes; this copy tells a cut stream from a forged one, and can be salvaged.
            let mut copy = self.buffer[chunk.clone()].to_vec();
            if let Some(length) = self.cipher.open(number, true, &mut self.buffer[chunk.clone()]) {
                self.ready = chunk.start..chunk.start + length;
                return Ok(());
            }
            if copy.len() == whole
                && let Some(length) = self.cipher.open(number, false, &mut copy)
            {
                self.ready = chunk.start..chunk.start + length;
                self.buffer[self.ready.clone()].copy_from_slice(&copy[..length]);
                return Err(Stop::Refused(Refusal::Truncated(number)));
            }
            return Err(Stop::Refused(Refusal::NotAuthentic(number)));
        }
        let length = self
            .cipher
            .open(number, false, &mut self.buffer[chunk.clone()])
            .ok_or(Stop::Refused(Refusal::NotAuthentic(number)))?;
        self.next = number.checked_add(1).ok_or(Stop::Refused(Refusal::Full))?;
        self.ready = chunk.start..chunk.start + length;
        self.done = false;
        Ok(())
    }

    fn hand_out(&mut self, out: &mut [u8]) -> usize {
        let n = self.ready.len().min(out.len());
        out[..n].copy_from_slice(&self.buffer[self.ready.start..self.ready.start + n]);
        self.ready.start += n;
        n
    }
}

// === impl Refusal ===

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAuthentic(chunk) => Self::NotAuthentic { chunk: u64::from(chunk) },
            Refusal::Truncated(chunk) => Self::Truncated { chunk: u64::from(chunk) },
            Refusal::Full => Self::SealFull,
        }
    }
}

// === impl Opener ===

impl<R: Read> Opener<R> {
    /// Reads the header of a stream. Whether key and associated data are right shows at the first read.
    ///
    /// # Errors
    ///
    /// [`Error::NotSealed`] when there is no header; [`Error::Io`] when reading fails.
    pub fn new(from: R, key: &SegmentKey, associated_data: &[u8]) -> Result<Self, Error> {
        Ok(Self { chunks: Chunks::new(from, key, associated_data)?, refused: None })
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        while n < out.len() {
            if !self.chunks.ready.is_empty() {
                n += self.chunks.hand_out(&mut out[n..]);
                continue;
            }
            if let Some(refusal) = self.refused {
                if n == 0 {
                    return Err(Error::from(refusal).into());
                }
                break;
            }
            // What is there goes out before we wait for more.
            if self.chunks.done || (n > 0 && !self.chunks.is_buffered()) {
                break;
            }
            match self.chunks.advance() {
                Ok(()) => {}
                Err(Stop::Input(e)) => return Err(e),
                Err(Stop::Refused(refusal)) => {
                    self.chunks.ready = 0..0;
                    self.refused = Some(refusal);
                }
            }
        }
        Ok(n)
    }
}

impl<R> fmt::Debug for Opener<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("chunk", &self.chunks.next).finish_non_exhaustive()
    }
}

// === impl Salvage ===

impl<R: Read> Salvage<R> {
    /// Reads the header of a stream.
    ///
    /// # Errors
    ///
    /// [`Error::NotSealed`] when there is no whole header: then nothing can be salvaged. [`Error::Io`] when reading fails.
    pub fn new(from: R, key: &SegmentKey, associated_data: &[u8]) -> Result<Self, Error> {
        let chunks = Chunks::new(from, key, associated_data)?;
        Ok(Self { chunks, result: Salvaged::default(), ended: false })
    }

    /// What was got so far; all, once a read has given 0.
    pub const fn salvaged(&self) -> Salvaged {
        self.result
    }
}

impl<R: Read> Read for Salvage<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.chunks.ready.is_empty() && !self.ended {
            match self.chunks.advance() {
                Ok(()) => self.result.whole = self.chunks.done,
                Err(Stop::Refused(_)) => {}
                Err(Stop::Input(e)) => return Err(e),
            }
            self.ended = self.chunks.done;
            if !self.chunks.ready.is_empty() || self.result.whole {
                self.result.chunks += 1;
                self.result.bytes += self.chunks.ready.len() as u64;
            }
        }
        Ok(self.chunks.hand_out(out))
    }
}

impl<R> fmt::Debug for Salvage<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Salvage").field("result", &self.result).finish_non_exhaustive()
    }
}
