//! The key of a shop.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::signing::{Seed, Verifier};
use super::{Fingerprint, decode, parse};
use crate::error::Error;

/// What a shop signs grants and releases with: an Ed25519 key. Zeroed on drop; `Debug` shows nothing.
pub struct ShopKey(pub(crate) Seed);

/// What a partner holds a shop's documents against. `Display` and `FromStr` are its JSON document.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShopPublicKey(pub(crate) Verifier);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    r#type: String,
    version: u64,
    signing: String,
}

const TYPE: &str = "sluis-shop-key";
const WHAT: &str = "the public key of a shop";

// === impl ShopKey ===

impl ShopKey {
    /// From the seed of an Ed25519 key: 32 bytes that nobody else knows.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Seed::new(Zeroizing::new(seed)))
    }

    /// What partners need of it.
    pub fn public(&self) -> ShopPublicKey {
        ShopPublicKey(self.0.verifier())
    }
}

impl fmt::Debug for ShopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShopKey")
    }
}

// === impl ShopPublicKey ===

impl ShopPublicKey {
    /// From the 32 bytes of an Ed25519 key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Verifier::from_bytes(bytes))
    }

    /// The 32 bytes of the Ed25519 key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// What shop and partner compare.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint()
    }
}

impl FromStr for ShopPublicKey {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::Key`].
    fn from_str(text: &str) -> Result<Self, Error> {
        let document: Document = parse(text, TYPE, WHAT)?;
        Ok(Self::from_bytes(*decode(&document.signing, WHAT)?))
    }
}

impl fmt::Display for ShopPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"type":"{TYPE}","version":1,"signing":"{}"}}"#, STANDARD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for ShopPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShopPublicKey({})", self.fingerprint().short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let key = ShopKey::from_seed([7; 32]);
        assert_eq!(format!("{key:?}"), "ShopKey");
        let text = key.public().to_string();
        assert_eq!(text.parse::<ShopPublicKey>().unwrap(), key.public());
        for wrong in [
            text.replace("sluis-shop-key", "sluis-partner-key"),
            text.replace("\"version\":1", "\"version\":2"),
            text.replace("}", ",\"more\":1}"),
            text.replace("=\"}", "\"}"),
            "{}".to_owned(),
            format!("{text}{}", " ".repeat(5000)),
        ] {
            assert!(wrong.parse::<ShopPublicKey>().is_err(), "{wrong} was accepted");
        }
    }
}
