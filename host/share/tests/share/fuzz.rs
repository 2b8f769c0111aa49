//! Promise: nothing that comes from outside brings the program down, and nothing changed gets in.

use proptest::prelude::*;
use sluis_share::{Ask, Document, Grant, Kind, PartnerKey, PartnerSecret, Release, ShopPublicKey, Time};

use crate::rig::{DAY, Rig, at, id, payload, sign};

/// The seed of the shop of [`Rig`].
const SHOP: [u8; 32] = [7; 32];

#[test]
fn a_byte_changed_anywhere_in_any_document_is_refused() {
    let rig = Rig::new();
    let grant = rig.grant();
    let shop = rig.shop.public();
    let release = Release::seal(&grant, id(1), &rig.partner.key, b"{}", at(90)).unwrap();
    let documents = [grant.sign(&rig.shop), rig.ask(&[1]).sign(&rig.secret), release.sign(&rig.shop)];
    let refused = |kind: usize, bytes: &[u8]| match kind {
        0 => Grant::verify(bytes, &shop, at(100)).is_err(),
        1 => Ask::verify(bytes, &grant, &rig.partner.key, at(100)).is_err(),
        _ => Release::verify(bytes, &shop, &grant, at(100)).is_err(),
    };
    for (kind, document) in documents.iter().enumerate() {
        assert!(!refused(kind, document), "the document of kind {kind} itself is refused");
        for place in 0..document.len() {
            for flip in [0x01, 0x02, 0x10, 0x20, 0x80] {
                let mut changed = document.clone();
                changed[place] ^= flip;
                assert!(refused(kind, &changed), "kind {kind}, byte {place}, changed by {flip}");
            }
            assert!(refused(kind, &document[..place]), "kind {kind}, cut after {place} bytes");
        }
    }
}

#[test]
fn a_signed_document_with_a_field_missing_or_too_many_is_refused() {
    let rig = Rig::new();
    let (grant, shop) = (rig.grant(), rig.shop.public());
    let release = Release::seal(&grant, id(1), &rig.partner.key, b"{}", at(90)).unwrap();
    let refused = |kind, bytes: &[u8]| match kind {
        Kind::Grant => Grant::verify(bytes, &shop, at(100)).is_err(),
        _ => Release::verify(bytes, &shop, &grant, at(100)).is_err(),
    };
    for (kind, bytes) in [(Kind::Grant, grant.sign(&rig.shop)), (Kind::Release, release.sign(&rig.shop))] {
        let whole = payload(&bytes);
        assert!(!refused(kind, &sign(kind, whole.to_string().as_bytes(), &SHOP)));
        for field in whole.as_object().unwrap().keys() {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(refused(kind, &sign(kind, without.to_string().as_bytes(), &SHOP)), "a {kind} without {field}");
            let mut other = whole.clone();
            other[field] = true.into();
            assert!(refused(kind, &sign(kind, other.to_string().as_bytes(), &SHOP)), "a {kind} with another {field}");
        }
        let mut more = whole.clone();
        more["more"] = 1.into();
        assert!(refused(kind, &sign(kind, more.to_string().as_bytes(), &SHOP)), "a {kind} with a field more");
    }
}

/// Bytes, text, and what looks like one of our documents.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        "\\PC{0,200}".prop_map(String::into_bytes),
        r#"\{"(type|version|payload|hpke)":("[a-zA-Z0-9+/=]{0,60}"|[0-9]{0,20}|\[\]|null)(,"(signing|signatures|payloadType)":("[a-z]{0,9}"|\[\{\}\]))?\}"#
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_refused_in_peace(bytes in anything()) {
        let rig = Rig::new();
        let (grant, shop) = (rig.grant(), rig.shop.public());
        prop_assert!(Grant::verify(&bytes, &shop, at(100)).is_err());
        prop_assert!(Ask::verify(&bytes, &grant, &rig.partner.key, at(100)).is_err());
        prop_assert!(Release::verify(&bytes, &shop, &grant, at(100)).is_err());
        if let Ok(text) = std::str::from_utf8(&bytes) {
            prop_assert!(text.parse::<PartnerKey>().is_err());
            prop_assert!(text.parse::<ShopPublicKey>().is_err());
            prop_assert!(PartnerSecret::from_json(text).is_err());
            prop_assert!(text.parse::<Document>().is_err());
        }
    }

    #[test]
    fn payloads_of_any_kind_are_refused_in_peace_under_a_good_signature(payload in anything()) {
        let rig = Rig::new();
        let (grant, shop) = (rig.grant(), rig.shop.public());
        prop_assert!(Grant::verify(&sign(Kind::Grant, &payload, &SHOP), &shop, at(100)).is_err());
        prop_assert!(Release::verify(&sign(Kind::Release, &payload, &SHOP), &shop, &grant, at(100)).is_err());
    }

    #[test]
    fn times_of_any_kind_are_refused_or_stand(issued: i64, expires: i64, now: i64) {
        let rig = Rig::new();
        let mut payload = payload(&rig.grant().sign(&rig.shop));
        payload["issued-ns"] = issued.into();
        payload["expires-ns"] = expires.into();
        let bytes = sign(Kind::Grant, payload.to_string().as_bytes(), &SHOP);
        if let Ok(grant) = Grant::verify(&bytes, &rig.shop.public(), Time::from_nanos(now)) {
            prop_assert!(issued < expires && now < expires && grant.terms().expires <= at(3 * DAY));
        }
    }
}
