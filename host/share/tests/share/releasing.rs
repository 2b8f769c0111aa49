//! Promise: a key opens for the partner that asked, for one segment, and until its deadline.

use sluis_share::{Error, Grant, GrantId, Kind, PartnerSecret, Release, ShopKey, Time};

use crate::rig::{DAY, Rig, at, granted, id, name, payload, sign};

const KEYSET: &[u8] = br#"{"primaryKeyId":1,"key":[]}"#;

fn sealed(rig: &Rig, segment: u8) -> Release {
    Release::seal(&rig.grant(), id(segment), &rig.partner.key, KEYSET, at(90)).unwrap()
}

/// The release with `change` made to its payload, signed by the shop again: what only the binding of the sealed key can find.
fn rewritten(rig: &Rig, release: &Release, change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let mut payload = payload(&release.sign(&rig.shop));
    change(&mut payload);
    sign(Kind::Release, payload.to_string().as_bytes(), &[7; 32])
}

#[test]
fn the_partner_opens_what_the_shop_sealed() {
    let rig = Rig::new();
    let bytes = sealed(&rig, 1).sign(&rig.shop);
    assert!(!String::from_utf8_lossy(&bytes).contains("primaryKeyId"));
    let read = Release::verify(&bytes, &rig.shop.public(), &rig.grant(), at(100)).unwrap();
    assert_eq!(*read.open(&rig.secret, at(100)).unwrap(), KEYSET);
    assert_eq!(read.document().to_string(), format!("key-{}-{}.json", "a1".repeat(16), id(1)));
}

#[test]
fn a_key_expires_with_its_segment_or_its_grant_whichever_is_first() {
    let rig = Rig::new();
    assert_eq!(sealed(&rig, 1).expires(), at(DAY), "the segment is first");
    assert_eq!(sealed(&rig, 3).expires(), at(2 * DAY), "the grant is first");
    for (segment, expires) in [(1, at(DAY)), (3, at(2 * DAY))] {
        let bytes = sealed(&rig, segment).sign(&rig.shop);
        let last = Time::from_nanos(expires.as_nanos() - 1);
        let release = Release::verify(&bytes, &rig.shop.public(), &rig.grant(), last).unwrap();
        assert!(release.open(&rig.secret, last).is_ok());
        assert!(matches!(release.open(&rig.secret, expires), Err(Error::Expired { .. })));
        let late = Release::verify(&bytes, &rig.shop.public(), &rig.grant(), expires);
        assert!(matches!(late, Err(Error::Expired { .. } | Error::PastDeadline { .. })), "{late:?}");
        let late = Release::seal(&rig.grant(), id(segment), &rig.partner.key, KEYSET, expires);
        assert!(matches!(late, Err(Error::Expired { .. } | Error::PastDeadline { .. })), "{late:?}");
    }
}

#[test]
fn another_partner_does_not_open_it() {
    let rig = Rig::new();
    let other = PartnerSecret::generate().unwrap();
    assert!(matches!(sealed(&rig, 1).open(&other, at(100)), Err(Error::Open { .. })));
    let sealed = Release::seal(&rig.grant(), id(1), &other.public(), KEYSET, at(90));
    assert!(matches!(sealed, Err(Error::AnotherPartner { .. })), "{sealed:?}");
}

#[test]
fn a_key_does_not_open_as_that_of_another_segment_grant_or_time() {
    let rig = Rig::new();
    let release = sealed(&rig, 2);
    let opens = |grant: &Grant, bytes: &[u8]| {
        Release::verify(bytes, &rig.shop.public(), grant, at(100)).unwrap().open(&rig.secret, at(100))
    };
    assert!(opens(&rig.grant(), &rewritten(&rig, &release, |_| {})).is_ok(), "the rewriting itself spoils nothing");

    let other_segment = rewritten(&rig, &release, |p| p["segment"] = id(3).to_string().into());
    assert!(matches!(opens(&rig.grant(), &other_segment), Err(Error::Open { .. })));

    let other_time = rewritten(&rig, &release, |p| p["expires-ns"] = (at(2 * DAY).as_nanos() - 1).into());
    assert!(matches!(opens(&rig.grant(), &other_time), Err(Error::Open { .. })));

    let another = GrantId::from_bytes([0xb2; 16]);
    let grant = Grant::new(another, name("bakery"), &rig.partner, at(0), at(2 * DAY), vec![granted(2)]).unwrap();
    let other_grant = rewritten(&rig, &release, |p| p["grant"] = another.to_string().into());
    assert!(matches!(opens(&grant, &other_grant), Err(Error::Open { .. })));
}

#[test]
fn a_changed_sealed_key_does_not_open() {
    let rig = Rig::new();
    let release = sealed(&rig, 1);
    let changed = rewritten(&rig, &release, |p| {
        let mut sealed: Vec<u8> = p["sealed-key"].as_str().unwrap().bytes().collect();
        sealed[60] = if sealed[60] == b'A' { b'B' } else { b'A' };
        p["sealed-key"] = String::from_utf8(sealed).unwrap().into();
    });
    let read = Release::verify(&changed, &rig.shop.public(), &rig.grant(), at(100)).unwrap();
    assert!(matches!(read.open(&rig.secret, at(100)), Err(Error::Open { .. })));
}

#[test]
fn a_release_that_outlives_its_segment_is_refused_even_when_the_shop_signed_it() {
    let rig = Rig::new();
    let longer = rewritten(&rig, &sealed(&rig, 1), |p| p["expires-ns"] = (at(DAY).as_nanos() + 1).into());
    let error = Release::verify(&longer, &rig.shop.public(), &rig.grant(), at(100)).unwrap_err();
    assert!(matches!(error, Error::Contents { .. }), "{error}");
}

#[test]
fn a_release_of_another_shop_or_another_grant_is_refused() {
    let rig = Rig::new();
    let bytes = sealed(&rig, 1).sign(&rig.shop);
    let foreign = Release::verify(&bytes, &ShopKey::from_seed([8; 32]).public(), &rig.grant(), at(100));
    assert!(matches!(foreign, Err(Error::SignedByAnother { .. })), "{foreign:?}");
    let another = GrantId::from_bytes([0xb2; 16]);
    let grant = Grant::new(another, name("bakery"), &rig.partner, at(0), at(DAY), vec![granted(1)]).unwrap();
    let foreign = Release::verify(&bytes, &rig.shop.public(), &grant, at(100));
    assert!(matches!(foreign, Err(Error::AnotherGrant { .. })), "{foreign:?}");
}

#[test]
fn a_segment_that_was_not_granted_gets_no_key() {
    let rig = Rig::new();
    let refused = Release::seal(&rig.grant(), id(4), &rig.partner.key, KEYSET, at(90));
    assert!(matches!(refused, Err(Error::NotGranted { .. })), "{refused:?}");
}

#[test]
fn a_keyset_that_is_none_is_not_sealed() {
    let rig = Rig::new();
    for keyset in [vec![], vec![b'x'; 16 * 1024 + 1]] {
        let refused = Release::seal(&rig.grant(), id(1), &rig.partner.key, &keyset, at(90));
        assert!(matches!(refused, Err(Error::Seal { .. })), "{refused:?}");
    }
    let longest = Release::seal(&rig.grant(), id(1), &rig.partner.key, &vec![b'x'; 16 * 1024], at(90)).unwrap();
    assert!(Release::verify(&longest.sign(&rig.shop), &rig.shop.public(), &rig.grant(), at(100)).is_ok());
}

#[test]
fn the_same_key_is_never_sealed_to_the_same_bytes() {
    let rig = Rig::new();
    assert_ne!(sealed(&rig, 1), sealed(&rig, 1));
    assert!(!format!("{:?}", sealed(&rig, 1)).contains("sealed"), "what is shown in logs");
}
