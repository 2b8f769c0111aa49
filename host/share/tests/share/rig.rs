//! A shop, a partner, and a grant of three segments between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sluis_share::document::ObjectName;
use sluis_share::{
    Ask, AskNonce, Country, Error, Grant, GrantId, Granted, Kind, Name, Partner, PartnerSecret, SegmentId, Sentence,
    ShopKey, Time,
};

pub(crate) const GRANT: GrantId = GrantId::from_bytes([0xa1; 16]);
pub(crate) const DAY: i64 = 86_400;

/// Seconds after the moment at which the grant is issued.
pub(crate) const fn at(seconds: i64) -> Time {
    Time::from_nanos((1_782_604_800 + seconds) * 1_000_000_000)
}

pub(crate) const fn id(number: u8) -> SegmentId {
    SegmentId::from_bytes([number; 16])
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Segment `number`, which must be gone after as many days.
pub(crate) fn granted(number: u8) -> Granted {
    Granted {
        segment: id(number),
        camera: name("shelf-1"),
        started: at(-600),
        deadline: at(DAY * i64::from(number)),
        bytes: 5_000_000,
        object: ObjectName::new(&format!("{}-0.sealed", id(number))).unwrap(),
        associated_data: format!("sluis-segment-v1\0bakery\0shelf-1\0{}\0", id(number)).into_bytes(),
    }
}

pub(crate) struct Rig {
    pub(crate) shop: ShopKey,
    pub(crate) secret: PartnerSecret,
    pub(crate) partner: Partner,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let secret = PartnerSecret::generate().unwrap();
        let partner = Partner {
            name: name("Shelf Models"),
            key: secret.public(),
            country: Country::new("NL").unwrap(),
            contract: Sentence::new("DPA 2026-04, 1 June 2026").unwrap(),
            ground: None,
            purpose: Sentence::new("training of models of reaching").unwrap(),
        };
        Self { shop: ShopKey::from_seed([7; 32]), secret, partner }
    }

    /// Segments 1 to 3, which must be gone after 1 to 3 days; it expires after 2.
    pub(crate) fn grant(&self) -> Grant {
        self.grant_of(at(2 * DAY), (1..=3).map(granted).collect()).unwrap()
    }

    pub(crate) fn grant_of(&self, expires: Time, segments: Vec<Granted>) -> Result<Grant, Error> {
        Grant::new(GRANT, name("bakery"), &self.partner, at(0), expires, segments)
    }

    /// A request of a minute after the grant.
    pub(crate) fn ask(&self, segments: &[u8]) -> Ask {
        let segments = segments.iter().copied().map(id).collect();
        Ask::new(GRANT, segments, at(60), AskNonce::from_bytes([9; 8]), name("training job 17")).unwrap()
    }
}

/// The payload of an envelope.
pub(crate) fn payload(envelope: &[u8]) -> Value {
    let envelope: Value = serde_json::from_slice(envelope).unwrap();
    serde_json::from_slice(&STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap()
}

/// An envelope around any payload, signed by itself: what somebody with the key can make who does not use this crate.
pub(crate) fn sign(kind: Kind, payload: &[u8], seed: &[u8; 32]) -> Vec<u8> {
    let key = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    let kind = kind.payload_type();
    let message = [format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).as_bytes(), payload].concat();
    let signature = json!({
        "keyid": hex::encode(digest(&SHA256, key.public_key().as_ref())),
        "sig": STANDARD.encode(key.sign(&message)),
    });
    json!({"payloadType": kind, "payload": STANDARD.encode(payload), "signatures": [signature]})
        .to_string()
        .into_bytes()
}
