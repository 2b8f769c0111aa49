//! The signatures: DSSE, the Dead Simple Signing Envelope, version 1, with Ed25519.
//!
//! ```text
//! {"payloadType":"application/vnd.sluis.grant+json","payload":"BASE64","signatures":[{"keyid":"FINGERPRINT","sig":"BASE64"}]}
//! ```
//!
//! What is signed is `DSSEv1 LENGTH TYPE LENGTH PAYLOAD`: the type is under the signature, so a request cannot be passed off as a grant. There is exactly one signature. Its
//! `keyid` is the SHA-256 of the signer's Ed25519 key in hexadecimal digits, and base64 is that of RFC 4648, section 4, with padding. Unknown fields are refused, so that no
//! byte of an envelope can be changed unseen.
//!
//! The payload is a JSON document with `version`, which is looked at first: a later version is refused as one, not as nonsense.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::document::Kind;
use crate::error::{Error, short};
use crate::key::signing::{Seed, Verifier};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// The version of all payloads.
pub(crate) const VERSION: u64 = 1;

/// Signs a document.
pub(crate) fn sign<T: Serialize>(kind: Kind, payload: &T, seed: &Seed) -> Vec<u8> {
    let payload = serde_json::to_vec(payload).expect("documents are structs of text and numbers");
    let signature = Signature {
        keyid: seed.verifier().fingerprint().to_string(),
        sig: STANDARD.encode(seed.sign(&encode(kind.payload_type(), &payload))),
    };
    let envelope = Envelope {
        payload_type: kind.payload_type().to_owned(),
        payload: STANDARD.encode(payload),
        signatures: vec![signature],
    };
    serde_json::to_vec(&envelope).expect("an envelope is a struct of text")
}

/// Opens a document: its length, envelope, type, signer and signature are right, and then only is it parsed.
pub(crate) fn open<T: DeserializeOwned>(kind: Kind, bytes: &[u8], verifier: &Verifier) -> Result<T, Error> {
    if bytes.len() > kind.most_bytes() {
        return Err(Error::TooLarge { kind, found: bytes.len(), most: kind.most_bytes() });
    }
    let refused = |why: &str| Error::Envelope { kind, why: why.to_owned() };
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|e| refused(&short(&e.to_string())))?;
    if envelope.payload_type != kind.payload_type() {
        return Err(Error::PayloadType { kind, found: envelope.payload_type });
    }
    let [signature] = envelope.signatures.as_slice() else {
        return Err(refused("it has not exactly one signature"));
    };
    let expected = verifier.fingerprint();
    if signature.keyid != expected.to_string() {
        return Err(Error::SignedByAnother { kind, expected, found: signature.keyid.clone() });
    }
    let payload = STANDARD.decode(&envelope.payload).map_err(|_| refused("its payload is not base64"))?;
    let signature = STANDARD.decode(&signature.sig).map_err(|_| refused("its signature is not base64"))?;
    if !verifier.fits(&encode(kind.payload_type(), &payload), &signature) {
        return Err(Error::Signature { kind, expected });
    }
    let contents = |e: serde_json::Error| Error::Contents { kind, why: short(&e.to_string()) };
    let Versioned { version } = serde_json::from_slice(&payload).map_err(contents)?;
    if version != VERSION {
        return Err(Error::Version { kind, found: version });
    }
    serde_json::from_slice(&payload).map_err(contents)
}

/// What is signed: DSSE's pre-authentication encoding.
fn encode(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoded.extend(payload);
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use zeroize::Zeroizing;

    use super::*;

    fn seed(byte: u8) -> Seed {
        Seed::new(Zeroizing::new([byte; 32]))
    }

    fn opened(bytes: &[u8], by: u8) -> Result<Value, Error> {
        open(Kind::Grant, bytes, &seed(by).verifier())
    }

    #[test]
    fn the_published_example_is_encoded_alike() {
        let encoded = encode("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_document_opens_under_its_own_type_and_key_only() {
        let bytes = sign(Kind::Grant, &json!({"version": 1}), &seed(1));
        assert_eq!(opened(&bytes, 1).unwrap(), json!({"version": 1}));
        assert!(matches!(opened(&bytes, 2), Err(Error::SignedByAnother { .. })));
        let as_ask = open::<Value>(Kind::Ask, &bytes, &seed(1).verifier());
        assert!(matches!(as_ask, Err(Error::PayloadType { .. })));
        // The type is under the signature: to write another one over it does not help.
        let written_over = String::from_utf8(bytes).unwrap().replace("sluis.grant", "sluis.ask");
        let as_ask = open::<Value>(Kind::Ask, written_over.as_bytes(), &seed(1).verifier());
        assert!(matches!(as_ask, Err(Error::Signature { .. })));
    }

    #[test]
    fn a_signature_is_not_taken_for_another_ones_by_its_name() {
        let bytes = String::from_utf8(sign(Kind::Grant, &json!({"version": 1}), &seed(2))).unwrap();
        let [of_one, of_two] = [1, 2].map(|n| seed(n).verifier().fingerprint().to_string());
        assert!(matches!(opened(bytes.replace(&of_two, &of_one).as_bytes(), 1), Err(Error::Signature { .. })));
    }

    #[test]
    fn a_later_version_is_refused_as_one() {
        let bytes = sign(Kind::Grant, &json!({"version": 2, "new": true}), &seed(1));
        assert!(matches!(opened(&bytes, 1), Err(Error::Version { found: 2, .. })));
        let none = sign(Kind::Grant, &json!({}), &seed(1));
        assert!(matches!(opened(&none, 1), Err(Error::Contents { .. })));
    }

    #[test]
    fn no_signature_and_two_signatures_are_refused() {
        let mut envelope: Value = serde_json::from_slice(&sign(Kind::Grant, &json!({"version": 1}), &seed(1))).unwrap();
        let one = envelope["signatures"][0].clone();
        for signatures in [json!([]), json!([one, one])] {
            envelope["signatures"] = signatures;
            assert!(matches!(opened(envelope.to_string().as_bytes(), 1), Err(Error::Envelope { .. })));
        }
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let long = vec![b' '; Kind::Ask.most_bytes() + 1];
        let refused = open::<Value>(Kind::Ask, &long, &seed(1).verifier());
        assert!(matches!(refused, Err(Error::TooLarge { .. })));
    }

    #[test]
    fn what_a_message_shows_of_a_document_is_short_and_disturbs_nothing() {
        let field = "\u{1b}[2J\u{202e}".repeat(10_000);
        for bytes in [json!({ &field: 1 }), json!({"payloadType": field, "payload": "", "signatures": []})] {
            let said = opened(bytes.to_string().as_bytes(), 1).unwrap_err().to_string();
            assert!(said.len() < 1000 && !said.contains(['\u{1b}', '\u{202e}']), "{said}");
        }
    }

    #[test]
    fn every_changed_byte_is_found() {
        let bytes = sign(Kind::Grant, &json!({"version": 1, "text": "abc"}), &seed(1));
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert!(opened(&changed, 1).is_err(), "byte {at}, changed by {flip}");
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_refused_in_peace(bytes: Vec<u8>) {
            prop_assert!(opened(&bytes, 1).is_err());
        }

        #[test]
        fn json_of_any_kind_is_refused_in_peace(payload in "\\PC{0,40}", keyid in "\\PC{0,70}", sig in "\\PC{0,90}") {
            let envelope = json!({
                "payloadType": Kind::Grant.payload_type(),
                "payload": payload,
                "signatures": [{"keyid": keyid, "sig": sig}],
            });
            prop_assert!(opened(envelope.to_string().as_bytes(), 1).is_err());
        }
    }
}
