//! What a chain ends in.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use ring::digest::{Context, SHA256, digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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

    /// Of some bytes. Of a line: without its newline.
    pub fn of(bytes: &[u8]) -> Self {
        Self(digest(&SHA256, bytes).as_ref().try_into().expect("a SHA-256 has 32 bytes"))
    }

    /// Of everything that can be read, and how many bytes that were.
    ///
    /// # Errors
    ///
    /// What reading gives.
    pub fn of_all(mut from: impl Read) -> io::Result<(Self, u64)> {
        let (mut hash, mut piece, mut length) = (Context::new(&SHA256), vec![0; 64 << 10], 0);
        loop {
            match from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    hash.update(&piece[..read]);
                    length += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((Self(hash.finish().as_ref().try_into().expect("a SHA-256 has 32 bytes")), length))
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

impl FromStr for Hash {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom(format!("`{text}` is no SHA-256: 64 hexadecimal digits")))
    }
}

// === impl Head ===

impl Head {
    /// Of a ledger without entries.
    pub const EMPTY: Self = Self { entries: 0, hash: Hash::ZERO };
}
