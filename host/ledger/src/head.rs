//! What a chain ends in.

use std::fmt;

use ring::digest::{SHA256, digest};
use serde::{Serialize, Serializer};

/// A SHA-256, displayed as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

/// How far a ledger has come: how many entries, and the SHA-256 of the last one's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Head {
    /// How many entries there are. The next one gets this number.
    pub entries: u64,
    /// The SHA-256 of the last line without its newline; zeros where there is none.
    pub hash: Hash,
}

// === impl Hash ===

impl Hash {
    /// What stands for the line before the first.
    pub const ZERO: Self = Self([0; 32]);

    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Of a line, without its newline.
    pub(crate) fn of(line: &[u8]) -> Self {
        Self(digest(&SHA256, line).as_ref().try_into().expect("a SHA-256 has 32 bytes"))
    }

    /// As it stands in a line.
    pub(crate) fn to_hex(self) -> [u8; 64] {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).expect("32 bytes are 64 digits");
        text
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

// === impl Head ===

impl Head {
    /// Of a ledger without entries.
    pub const EMPTY: Self = Self { entries: 0, hash: Hash::ZERO };
}
