//! The seal: Tink's streaming AEAD `AES256_GCM_HKDF_4KB`, on `ring`.
//!
//! The format is published with Tink (*Streaming AEAD, AES-GCM-HKDF*), so a partner opens a segment with stock Tink in Python, Java, Go or C++:
//!
//! ```text
//! header   1 byte: length of the header, 40 | 32 bytes: salt | 7 bytes: nonce prefix
//! chunk 0  4,040 bytes of plaintext, encrypted | 16 bytes: tag        (header and chunk 0 together are 4,096 bytes)
//! chunk n  4,080 bytes of plaintext, encrypted | 16 bytes: tag
//! last     0 to 4,080 (4,040 if it is chunk 0) bytes of plaintext, encrypted | 16 bytes: tag
//! ```
//!
//! Each chunk is AES-256-GCM without further data under the key HKDF-SHA256(key, salt, info = associated data), with the nonce `prefix | chunk number, 4
//! bytes, big-endian | 1 if it is the last, else 0`. So chunks cannot be changed, moved, repeated, cut off, or passed off under other associated data.
//!
//! - [`Sealer`]: a writer that seals.
//! - [`Opener`]: a reader that opens and refuses whatever is not the whole stream.
//! - [`Salvage`]: a reader of what is left of a stream that was cut.

mod opener;
mod sealer;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

pub use opener::{Opener, Salvage, Salvaged};
pub use sealer::Sealer;

use crate::key::SegmentKey;

/// Length of a segment's key, in bytes, and of the key derived from it.
pub(crate) const KEY: usize = 32;
/// Length of a whole chunk, header or tag included.
pub(crate) const CHUNK: usize = 4096;
/// Length of the authentication tag that ends a chunk.
const TAG: usize = 16;
/// Length of the salt: that of the derived key.
const SALT: usize = 32;
/// Length of the random part of the nonces.
const PREFIX: usize = 7;
/// Length of the header: its length, salt, prefix.
const HEADER: usize = 1 + SALT + PREFIX;
/// How many chunks are read or written at a time: 64 KiB keeps system calls and messages few, and the latency of a live stream low.
const BATCH: usize = 16;

/// What a stream is encrypted with.
struct Cipher {
    key: LessSafeKey,
    prefix: [u8; PREFIX],
}

// === impl Cipher ===

impl Cipher {
    fn derive(key: &SegmentKey, associated_data: &[u8], salt: &[u8; SALT], prefix: [u8; PREFIX]) -> Self {
        let info = [associated_data];
        let derived = Salt::new(HKDF_SHA256, salt)
            .extract(key.expose())
            .expand(&info, &AES_256_GCM)
            .map(UnboundKey::from)
            .expect("32 bytes are less than the 8,160 that HKDF-SHA256 can give");
        Self { key: LessSafeKey::new(derived), prefix }
    }

    /// From the header of a stream; `None` when it is none.
    fn from_header(key: &SegmentKey, associated_data: &[u8], header: &[u8; HEADER]) -> Option<Self> {
        let (length, rest) = header.split_first()?;
        let (salt, prefix) = rest.split_first_chunk::<SALT>()?;
        let prefix = <[u8; PREFIX]>::try_from(prefix).ok()?;
        (usize::from(*length) == HEADER).then(|| Self::derive(key, associated_data, salt, prefix))
    }

    fn nonce(&self, chunk: u32, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..11].copy_from_slice(&chunk.to_be_bytes());
        nonce[11] = u8::from(last);
        Nonce::assume_unique_for_key(nonce)
    }

    /// Encrypts in place.
    fn seal(&self, chunk: u32, last: bool, bytes: &mut [u8]) -> Tag {
        self.key
            .seal_in_place_separate_tag(self.nonce(chunk, last), Aad::empty(), bytes)
            .expect("a chunk is shorter than the 64 GiB that AES-GCM takes")
    }

    /// Decrypts a chunk and its tag in place: the length of the plaintext, or `None` when it is not authentic; then `bytes` are of no use any more.
    fn open(&self, chunk: u32, last: bool, bytes: &mut [u8]) -> Option<usize> {
        self.key.open_in_place(self.nonce(chunk, last), Aad::empty(), bytes).ok().map(|plain| plain.len())
    }
}

/// Where in its 4,096 bytes the ciphertext of a chunk begins.
const fn chunk_start(chunk: u32) -> usize {
    if chunk == 0 { HEADER } else { 0 }
}
