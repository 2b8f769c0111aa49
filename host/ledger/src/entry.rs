//! Entries, and the bytes of their lines.
//!
//! A line is ASCII punctuation, numbers and names in this order, without white space, then a JSON object, and ends in one newline (0x0A):
//!
//! ```text
//! {"n":0,"at":1767225600000000000,"id":"<32 hex>","previous":"<64 hex>","what":{"kind":"started"}}
//! ```
//!
//! - `n`: the number, from 0, each one more than the line before. Decimal, without leading zeros.
//! - `at`: nanoseconds since 1970 UTC, decimal, `-` before 1970. Clocks are set, so it may go backward.
//! - `id`: 16 bytes that the caller chose, lower-case hex.
//! - `previous`: the SHA-256 of the whole line before, without its newline, lower-case hex; zeros in the first line.
//! - `what`: any JSON object, in UTF-8.
//!
//! A line has at most [`LINE_MAX`] bytes. The head of a ledger is the SHA-256 of its last line.
//!
//! This is not canonical JSON (RFC 8785), and needs not be: what is hashed are the bytes as they stand in the file, and nobody ever has to make the same
//! bytes from parsed values again. So a checker needs SHA-256 and lines, and no opinion on how numbers or keys are written.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The most bytes that a line can have, without its newline: 1 MiB. It bounds the memory of whoever reads a ledger that somebody else has touched.
pub const LINE_MAX: usize = 1 << 20;

/// The name of an entry: 16 random bytes that the caller chose, displayed as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId([u8; 16]);

/// An entry to be appended.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// When it happened: nanoseconds since 1970 UTC.
    pub at: i64,
    /// Its name. Chosen once, before the first try, and kept with the caller until the entry is appended: a repeated try is then known as one.
    pub id: EntryId,
    /// What happened: a JSON object, nested at most 127 deep.
    pub what: Value,
}

/// An entry that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, from 0.
    pub number: u64,
    /// When it happened, as the caller's clock had it: nanoseconds since 1970 UTC. May be before the entry before.
    pub at: i64,
    /// Its name.
    pub id: EntryId,
    /// What happened: a JSON object.
    pub what: Value,
}

// === impl EntryId ===

impl EntryId {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for EntryId {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
