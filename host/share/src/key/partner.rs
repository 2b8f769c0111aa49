//! The keys of a partner.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::signing::{Seed, Verifier};
use super::{Fingerprint, decode, parse};
use crate::error::Error;
use crate::id::random;
use crate::seal;

/// What a shop knows of a partner: an X25519 key that keys of segments are sealed to, and an Ed25519 key that requests are signed with. `Display`, `FromStr` and `serde`
/// are its JSON document.
///
/// It is worth as much as the way it came by: compare [fingerprints](Self::fingerprint) by another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct PartnerKey {
    hpke: [u8; 32],
    signing: Verifier,
}

/// What a partner keeps to itself. Zeroed on drop; `Debug` shows nothing.
pub struct PartnerSecret {
    hpke: Zeroizing<[u8; 32]>,
    signing: Seed,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    r#type: String,
    version: u64,
    hpke: String,
    signing: String,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct SecretDocument {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "version")]
    _version: u64,
    hpke: String,
    signing: String,
}

const PUBLIC: &str = "sluis-partner-key";
const WHAT: &str = "the public key of a partner";
const SECRET: &str = "sluis-partner-secret";
const WHAT_SECRET: &str = "the secret key of a partner";

// === impl PartnerKey ===

impl PartnerKey {
    /// From the 32 bytes of an X25519 key and the 32 bytes of an Ed25519 key.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when nothing can be sealed to the X25519 key, because it is of small order: everybody knows the secrets shared with it.
    pub fn new(hpke: [u8; 32], signing: [u8; 32]) -> Result<Self, Error> {
        if !seal::is_sound(&hpke) {
            return Err(Error::Key {
                what: WHAT,
                why: "its key for sealing is of small order: nothing sealed to it is secret",
            });
        }
        Ok(Self { hpke, signing: Verifier::from_bytes(signing) })
    }

    /// What shop and partner compare: of the key for sealing, then the key for signing.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&[self.hpke, *self.signing.as_bytes()].concat())
    }

    pub(crate) const fn hpke(&self) -> &[u8; 32] {
        &self.hpke
    }

    pub(crate) const fn verifier(&self) -> &Verifier {
        &self.signing
    }
}

impl TryFrom<Document> for PartnerKey {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self, Error> {
        let refused = |why| Err(Error::Key { what: WHAT, why });
        match (document.r#type.as_str(), document.version) {
            (PUBLIC, 1) => Self::new(*decode(&document.hpke, WHAT)?, *decode(&document.signing, WHAT)?),
            (PUBLIC, _) => refused("only version 1 is known here: use a newer program"),
            _ => refused("its `type` says that it is something else"),
        }
    }
}

impl From<PartnerKey> for Document {
    fn from(key: PartnerKey) -> Self {
        Self {
            r#type: PUBLIC.to_owned(),
            version: 1,
            hpke: STANDARD.encode(key.hpke),
            signing: STANDARD.encode(key.signing.as_bytes()),
        }
    }
}

impl FromStr for PartnerKey {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::Key`].
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(parse::<Document>(text, PUBLIC, WHAT)?)
    }
}

impl fmt::Display for PartnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&document(PUBLIC, &self.hpke, self.signing.as_bytes()))
    }
}

impl fmt::Debug for PartnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartnerKey({})", self.fingerprint().short())
    }
}

// === impl PartnerSecret ===

impl PartnerSecret {
    /// New keys.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn generate() -> Result<Self, Error> {
        // Every 32 bytes are a secret of either kind (RFC 7748, section 5; RFC 8032, 5.1.5).
        Ok(Self { hpke: Zeroizing::new(random()?), signing: Seed::new(Zeroizing::new(random()?)) })
    }

    /// Reads the document that [`to_json`](Self::to_json) gives.
    ///
    /// # Errors
    ///
    /// [`Error::Key`], which shows nothing of it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let document: SecretDocument = parse(text, SECRET, WHAT_SECRET)?;
        let signing = Seed::new(decode(&document.signing, WHAT_SECRET)?);
        Ok(Self { hpke: decode(&document.hpke, WHAT_SECRET)?, signing })
    }

    /// As a JSON document for a file that only its owner may read. The text is the secret, and zeroes itself when dropped.
    pub fn to_json(&self) -> Zeroizing<String> {
        document(SECRET, &self.hpke, self.signing.expose())
    }

    /// What the shop gets.
    pub fn public(&self) -> PartnerKey {
        PartnerKey { hpke: seal::public(&self.hpke), signing: self.signing.verifier() }
    }

    pub(crate) fn hpke(&self) -> &[u8; 32] {
        &self.hpke
    }

    pub(crate) const fn seed(&self) -> &Seed {
        &self.signing
    }
}

impl fmt::Debug for PartnerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartnerSecret")
    }
}

/// Both documents look alike. The text is as long from the start as it will be, so that no copy stays behind.
fn document(r#type: &str, hpke: &[u8; 32], signing: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    text.push_str(r#"{"type":""#);
    text.push_str(r#type);
    text.push_str(r#"","version":1,"hpke":""#);
    STANDARD.encode_string(hpke, &mut text);
    text.push_str(r#"","signing":""#);
    STANDARD.encode_string(signing, &mut text);
    text.push_str(r#""}"#);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let secret = PartnerSecret::generate().unwrap();
        let key = secret.public();
        assert_eq!(key.to_string().parse::<PartnerKey>().unwrap(), key);
        let nested = serde_json::to_string(&key).unwrap();
        assert_eq!((nested.as_str(), serde_json::from_str::<PartnerKey>(&nested).unwrap()), (&*key.to_string(), key));
        assert_eq!(PartnerSecret::from_json(&secret.to_json()).unwrap().public(), key);
        assert_ne!(PartnerSecret::generate().unwrap().public(), key);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = PartnerSecret::generate().unwrap();
        assert_eq!(format!("{secret:?}"), "PartnerSecret");
        let text = secret.to_json();
        let digits = &text[text.find("hpke").unwrap() + 7..][..20];
        for wrong in
            [text.replace("\"signing\"", "\"singing\""), text.replace("=\"}", "\"}"), text.replace(":1,", ":2,")]
        {
            let error = PartnerSecret::from_json(&wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(digits), "{error:?}");
        }
    }

    #[test]
    fn a_secret_is_not_taken_for_a_key_nor_a_key_for_a_secret() {
        let secret = PartnerSecret::generate().unwrap();
        assert!(secret.to_json().parse::<PartnerKey>().is_err());
        assert!(PartnerSecret::from_json(&secret.public().to_string()).is_err());
    }

    #[test]
    fn a_key_that_keeps_nothing_secret_is_refused() {
        // Points of small order (RFC 7748, section 7): 0, 1, and one of order 8.
        let eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let one = format!("01{}", "00".repeat(31));
        for point in [&"00".repeat(32), &one, eight] {
            let mut bytes = [0; 32];
            hex::decode_to_slice(point, &mut bytes).unwrap();
            assert!(PartnerKey::new(bytes, [1; 32]).is_err(), "{point} was accepted");
        }
    }

    #[test]
    fn a_fingerprint_covers_both_keys() {
        let (one, other) = (PartnerSecret::generate().unwrap().public(), PartnerSecret::generate().unwrap().public());
        let mixed = PartnerKey { hpke: one.hpke, signing: other.signing };
        assert_ne!(mixed.fingerprint(), one.fingerprint());
        assert_ne!(mixed.fingerprint(), other.fingerprint());
        let short = one.fingerprint().short();
        assert_eq!((short.len(), short.replace('-', "")), (24, one.fingerprint().to_string()[..20].to_owned()));
        assert_eq!(one.fingerprint().to_string().parse::<Fingerprint>().unwrap(), one.fingerprint());
    }
}
