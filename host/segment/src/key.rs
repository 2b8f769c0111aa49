//! The key of a segment.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use ring::rand::SecureRandom;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::seal::{CHUNK, KEY};

/// The secret that a segment is sealed under: 32 random bytes, the input keying material of the seal.
///
/// It zeroes itself when dropped, is not `Clone`, and neither `Debug` nor any error shows it. `serde` carries it in the hand-over, as hexadecimal
/// digits, and nowhere else.
pub struct SegmentKey(Zeroizing<[u8; KEY]>);

/// `google.crypto.tink.AesGcmHkdfStreamingKey`, as published with Tink.
#[derive(Clone, PartialEq, Message)]
struct TinkKey {
    #[prost(message, optional, tag = "2")]
    params: Option<TinkParams>,
    #[prost(bytes = "vec", tag = "3")]
    key_value: Vec<u8>,
}

/// `google.crypto.tink.AesGcmHkdfStreamingParams`.
#[derive(Clone, PartialEq, Message)]
struct TinkParams {
    #[prost(uint32, tag = "1")]
    ciphertext_segment_size: u32,
    #[prost(uint32, tag = "2")]
    derived_key_size: u32,
    /// Of `google.crypto.tink.HashType`.
    #[prost(int32, tag = "3")]
    hkdf_hash_type: i32,
}

/// `google.crypto.tink.HashType.SHA256`.
const TINK_SHA256: i32 = 3;

/// The number of the one key in the keyset. Tink does not look at it: the seal carries no key number (`RAW`).
const TINK_KEY_ID: u32 = 1;

// === impl SegmentKey ===

impl SegmentKey {
    /// A new key.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] when the system gives no random bytes.
    pub fn random(random: &dyn SecureRandom) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; KEY]);
        random.fill(bytes.as_mut()).map_err(|_| Error::Random)?;
        Ok(Self(bytes))
    }

    /// A key that was kept.
    pub fn from_bytes(bytes: [u8; KEY]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for wrapping. Whoever copies them zeroes the copy.
    pub fn expose(&self) -> &[u8; KEY] {
        &self.0
    }

    /// The key as a cleartext JSON keyset of Tink, for a partner who opens the sealed file with Tink in another language.
    ///
    /// The text is the key: it goes where the key may go, and zeroes itself when dropped.
    pub fn tink_keyset_json(&self) -> Zeroizing<String> {
        let params = TinkParams {
            ciphertext_segment_size: CHUNK as u32,
            derived_key_size: KEY as u32,
            hkdf_hash_type: TINK_SHA256,
        };
        let mut key = TinkKey { params: Some(params), key_value: self.0.to_vec() };
        let value = Zeroizing::new(key.encode_to_vec());
        zeroize::Zeroize::zeroize(&mut key.key_value);
        let value = Zeroizing::new(STANDARD.encode(&*value));
        Zeroizing::new(format!(
            concat!(
                r#"{{"primaryKeyId":{id},"key":[{{"keyData":{{"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey","#,
                r#""value":"{value}","keyMaterialType":"SYMMETRIC"}},"status":"ENABLED","keyId":{id},"outputPrefixType":"RAW"}}]}}"#
            ),
            id = TINK_KEY_ID,
            value = *value
        ))
    }
}

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SegmentKey(..)")
    }
}

impl Serialize for SegmentKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex::encode(self.0.as_ref())))
    }
}

impl<'de> Deserialize<'de> for SegmentKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut bytes = Zeroizing::new([0; KEY]);
        // The digits stay out of the message.
        hex::decode_to_slice(text.as_bytes(), bytes.as_mut())
            .map_err(|_| D::Error::custom("a segment key is 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn debug_and_errors_show_nothing_of_a_key() {
        let key = SegmentKey::from_bytes([0xAB; 32]);
        assert_eq!(format!("{key:?}"), "SegmentKey(..)");
        let text = "ab".repeat(31) + "zz";
        let error = serde_json::from_str::<SegmentKey>(&format!("{text:?}")).unwrap_err();
        assert!(!error.to_string().contains("abab"), "{error}");
    }

    #[test]
    fn a_key_survives_the_hand_over() {
        let key = SegmentKey::random(&SystemRandom::new()).unwrap();
        let back: SegmentKey = serde_json::from_str(&serde_json::to_string(&key).unwrap()).unwrap();
        assert_eq!(back.expose(), key.expose());
    }

    #[test]
    fn two_keys_differ() {
        let random = SystemRandom::new();
        assert_ne!(SegmentKey::random(&random).unwrap().expose(), SegmentKey::random(&random).unwrap().expose());
    }
}
