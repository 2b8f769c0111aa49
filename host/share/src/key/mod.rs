//! Keys of partners and shops.
//!
//! - [`partner`]: [`PartnerKey`] and [`PartnerSecret`].
//! - [`shop`]: [`ShopPublicKey`] and [`ShopKey`].
//! - [`fingerprint`]: [`Fingerprint`], what people compare.
//! - `signing`: Ed25519 (RFC 8032), on `ring`.
//!
//! A key is a small JSON document on one line. What stands in capitals is base64 (RFC 4648, section 4) of 32 bytes:
//!
//! ```text
//! {"type":"sluis-partner-key","version":1,"hpke":"X25519 PUBLIC","signing":"ED25519 PUBLIC"}
//! {"type":"sluis-partner-secret","version":1,"hpke":"X25519 SECRET","signing":"ED25519 SEED"}
//! {"type":"sluis-shop-key","version":1,"signing":"ED25519 PUBLIC"}
//! ```

pub mod fingerprint;
pub mod partner;
pub mod shop;
pub(crate) mod signing;

pub use fingerprint::Fingerprint;
pub use partner::{PartnerKey, PartnerSecret};
pub use shop::{ShopKey, ShopPublicKey};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::Error;

/// The most bytes that a document of a key may have. The longest has 170.
const MOST: usize = 4096;

/// What every document of a key begins with.
#[derive(Deserialize)]
struct Head {
    r#type: String,
    version: u64,
}

/// Reads a document of a key. No word of it gets into an error: it may be a secret.
fn parse<T: DeserializeOwned>(text: &str, r#type: &str, what: &'static str) -> Result<T, Error> {
    let refused = |why| Error::Key { what, why };
    if text.len() > MOST {
        return Err(refused("it is longer than any"));
    }
    let head: Head =
        serde_json::from_str(text).map_err(|_| refused("it is no JSON document with a `type` and a `version`"))?;
    if head.r#type != r#type {
        return Err(refused("its `type` says that it is something else"));
    }
    if head.version != 1 {
        return Err(refused("only version 1 is known here: use a newer program"));
    }
    serde_json::from_str(text).map_err(|_| refused("a field is missing, of another type, or unknown"))
}

/// 32 bytes from base64, without a copy that stays behind.
fn decode(text: &str, what: &'static str) -> Result<Zeroizing<[u8; 32]>, Error> {
    let refused = || Error::Key { what, why: "a key in it is not 32 bytes in base64" };
    // The decoder wants room for its estimate: 44 digits are 33 bytes at most.
    let mut room = Zeroizing::new([0; 33]);
    let length = STANDARD.decode_slice(text, room.as_mut()).map_err(|_| refused())?;
    if length != 32 {
        return Err(refused());
    }
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(&room[..32]);
    Ok(bytes)
}
