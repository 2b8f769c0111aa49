//! Who signs checkpoints, and how others check it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::error::Error;

/// The type byte of an Ed25519 signature (<https://c2sp.org/signed-note>, "Signature types").
const TYPE_ED25519: u8 = 1;

/// The most bytes of an origin. Ours: the specification sets no limit.
const ORIGIN_MAX: usize = 200;

/// Signs checkpoints. The seed is zeroed on drop; `Debug` shows nothing.
///
/// `ring` does not zero its own form of a key, so that one is made anew for each signature and dropped at once: what stays in memory for as long as the
/// ledger is open is the seed alone.
pub struct LedgerKey(Zeroizing<[u8; 32]>);

/// Checks checkpoints: an Ed25519 key, and the origin of the ledger it signs for.
///
/// Displayed and parsed as the notes of Go's checksum database have it, `<origin>+<key ID as 8 hex digits>+<base64 of 0x01 and the key>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    origin: String,
    key: [u8; 32],
}

// === impl LedgerKey ===

impl LedgerKey {
    /// From the 32 random bytes of an Ed25519 seed (RFC 8032, 5.1.5).
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// What others need to check the checkpoints of the ledger `origin`.
    ///
    /// # Errors
    ///
    /// [`Error::Origin`] when the origin is empty, longer than 200 bytes, or holds white space, control characters or `+`.
    pub fn public(&self, origin: &str) -> Result<PublicKey, Error> {
        let key = self.pair().public_key().as_ref().try_into().expect("an Ed25519 key has 32 bytes");
        PublicKey::new(origin, key)
    }

    /// The 64 bytes of a signature.
    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        self.pair().sign(text.as_bytes()).as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(self.0.as_ref()).expect("an Ed25519 seed has 32 bytes")
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerKey")
    }
}

// === impl PublicKey ===

impl PublicKey {
    fn new(origin: &str, key: [u8; 32]) -> Result<Self, Error> {
        check_origin(origin)?;
        Ok(Self { origin: origin.to_owned(), key })
    }

    /// The ledger it checks: the first line of its checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key ID: `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ 32 bytes of key)[:4]` (<https://c2sp.org/signed-note>, "Ed25519 signatures").
    pub(crate) fn id(&self) -> [u8; 4] {
        let mut hash = Context::new(&SHA256);
        hash.update(self.origin.as_bytes());
        hash.update(&[b'\n', TYPE_ED25519]);
        hash.update(&self.key);
        hash.finish().as_ref()[..4].try_into().expect("4 bytes of 32")
    }

    /// Whether this key made `signature` over `text`.
    pub(crate) fn signed(&self, text: &str, signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = [TYPE_ED25519; 33];
        key[1..].copy_from_slice(&self.key);
        write!(f, "{}+{}+{}", self.origin, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |why| Error::PublicKey { why };
        // The name has no `+`; base64 may have.
        let mut parts = text.splitn(3, '+');
        let (Some(origin), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it has not three parts"));
        };
        let key = STANDARD.decode(key).map_err(|_| wrong("its third part is not base64"))?;
        let [TYPE_ED25519, key @ ..] = key.as_slice() else { return Err(wrong("it is not an Ed25519 key")) };
        let key = key.try_into().map_err(|_| wrong("an Ed25519 key has 32 bytes"))?;
        let read = Self::new(origin, key)?;
        if id != hex::encode(read.id()) {
            return Err(wrong("its second part does not belong to the others, so that one of them has a typing error"));
        }
        Ok(read)
    }
}

/// What a signed note allows as the name of a key; a checkpoint's origin should be the same name.
pub(crate) fn check_origin(origin: &str) -> Result<(), Error> {
    let good = (1..=ORIGIN_MAX).contains(&origin.len())
        && !origin.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control());
    if good { Ok(()) } else { Err(Error::Origin(origin.to_owned())) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The example in the documentation of Go's package golang.org/x/mod/sumdb/note: made by another program than this one.
    const THEIRS: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const THEIR_TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const THEIR_SIGNATURE: &str =
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

    #[test]
    fn a_key_and_signature_of_another_program_are_understood() {
        let key: PublicKey = THEIRS.parse().unwrap();
        assert_eq!(key.to_string(), THEIRS);
        let bytes = STANDARD.decode(THEIR_SIGNATURE).unwrap();
        let (id, signature) = bytes.split_at(4);
        assert_eq!(id, key.id());
        assert!(key.signed(THEIR_TEXT, signature.try_into().unwrap()));
        assert!(!key.signed(&THEIR_TEXT.replace("cryptography", "a ledger"), signature.try_into().unwrap()));
    }

    #[test]
    fn a_key_with_one_character_changed_is_refused() {
        for place in 0..THEIRS.len() {
            let mut text = THEIRS.to_owned().into_bytes();
            text[place] = if text[place] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(text).unwrap();
            assert!(text.parse::<PublicKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_that_a_note_cannot_carry_is_refused() {
        let key = LedgerKey::from_seed([1; 32]);
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7f}b", &"x".repeat(201)] {
            assert!(matches!(key.public(name), Err(Error::Origin(_))), "{name:?}");
        }
        assert_eq!(key.public("shop.example/ledger").unwrap().origin(), "shop.example/ledger");
    }

    #[test]
    fn debug_shows_nothing_of_the_seed() {
        assert_eq!(format!("{:?}", LedgerKey::from_seed([7; 32])), "LedgerKey");
    }

    proptest! {
        #[test]
        fn a_key_is_parsed_as_it_is_displayed(seed: [u8; 32], origin in "[^\\s+\\p{C}]{1,20}") {
            let key = LedgerKey::from_seed(seed).public(&origin).unwrap();
            prop_assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            let _ = text.parse::<PublicKey>();
        }
    }
}
