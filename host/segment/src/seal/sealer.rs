//! The writer that seals.

use std::fmt;
use std::io::{self, Write};

use ring::rand::SecureRandom;

use super::{BATCH, CHUNK, Cipher, HEADER, PREFIX, SALT, TAG, chunk_start};
use crate::error::Error;
use crate::key::SegmentKey;

/// Seals what is written to it and writes that to `W`, in pieces of up to 64 KiB.
///
/// [`flush`](Write::flush) passes on all whole chunks; less than 4 KiB stay behind, for a chunk must be whole. A sealer that is dropped without
/// [`finish`](Self::finish) leaves a stream without its end, which [`Opener`](super::Opener) refuses: a recording that broke is never taken for a whole one.
pub struct Sealer<W> {
    into: W,
    cipher: Cipher,
    /// Sealed chunks, then the open one. Plaintext is copied to where its ciphertext will stand.
    buffer: Vec<u8>,
    /// Where the open chunk's plaintext begins in `buffer`.
    begin: usize,
    /// Where it ends so far.
    end: usize,
    /// The number of the open chunk.
    chunk: u32,
    /// Bytes given to `into`.
    written: u64,
    failed: bool,
}

// === impl Sealer ===

impl<W: Write> Sealer<W> {
    /// A sealer that will write to `into`. Nothing is written yet.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] when the system gives no random bytes.
    pub fn new(into: W, key: &SegmentKey, associated_data: &[u8], random: &dyn SecureRandom) -> Result<Self, Error> {
        let (mut salt, mut prefix) = ([0; SALT], [0; PREFIX]);
        random.fill(&mut salt).map_err(|_| Error::Random)?;
        random.fill(&mut prefix).map_err(|_| Error::Random)?;
        let mut buffer = vec![0; BATCH * CHUNK];
        buffer[0] = HEADER as u8;
        buffer[1..=SALT].copy_from_slice(&salt);
        buffer[1 + SALT..HEADER].copy_from_slice(&prefix);
        let cipher = Cipher::derive(key, associated_data, &salt, prefix);
        Ok(Self { into, cipher, buffer, begin: HEADER, end: HEADER, chunk: 0, written: 0, failed: false })
    }

    /// Seals the last chunk and gives back the writer and the number of bytes that it got.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the writer fails, [`Error::SealFailed`] when it has failed before.
    pub fn finish(mut self) -> Result<(W, u64), Error> {
        let doing = "write the end of a sealed segment";
        self.check().map_err(|e| Error::io(doing, e))?;
        self.seal_chunk(true);
        self.pass_on().and_then(|()| self.into.flush()).map_err(|e| Error::io(doing, e))?;
        Ok((self.into, self.written))
    }

    /// The writer behind it.
    pub fn get_ref(&self) -> &W {
        &self.into
    }

    fn check(&self) -> io::Result<()> {
        if self.failed { Err(Error::SealFailed.into()) } else { Ok(()) }
    }

    /// The plaintext that the open chunk can still take.
    fn room(&self) -> usize {
        self.begin - chunk_start(self.chunk) + CHUNK - TAG - self.end
    }

    fn seal_chunk(&mut self, last: bool) {
        let tag = self.cipher.seal(self.chunk, last, &mut self.buffer[self.begin..self.end]);
        self.buffer[self.end..self.end + TAG].copy_from_slice(tag.as_ref());
        self.end += TAG;
        self.begin = self.end;
    }

    /// Gives all sealed bytes to the writer; the open chunk moves to the front of the buffer.
    fn pass_on(&mut self) -> io::Result<()> {
        // Said beforehand: after a half-done write nothing may follow.
        self.failed = true;
        self.into.write_all(&self.buffer[..self.begin])?;
        self.failed = false;
        self.written += self.begin as u64;
        self.buffer.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full chunk is sealed only when more follows: whether it is the last is part of its seal.
            if self.room() == 0 {
                let next = self.chunk.checked_add(1).ok_or(Error::SealFull)?;
                self.seal_chunk(false);
                self.chunk = next;
                if self.begin == self.buffer.len() {
                    self.pass_on()?;
                }
            }
            let (now, later) = rest.split_at(rest.len().min(self.room()));
            self.buffer[self.end..self.end + now.len()].copy_from_slice(now);
            self.end += now.len();
            rest = later;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        // The header goes with the first whole chunk: where chunk 0 begins in the buffer counts from it.
        if self.chunk > 0 {
            self.pass_on()?;
        }
        self.into.flush()
    }
}

impl<W> fmt::Debug for Sealer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("chunk", &self.chunk).field("written", &self.written).finish_non_exhaustive()
    }
}
