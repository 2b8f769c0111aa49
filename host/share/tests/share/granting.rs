//! Promise: a grant says what the shop signed, holds no key, and ends.

use sluis_share::{Country, Error, Grant, Sentence, ShopKey, Time, TransferGround};

use crate::rig::{DAY, Rig, at, granted};

#[test]
fn a_grant_is_read_as_it_was_signed() {
    let rig = Rig::new();
    let grant = rig.grant();
    let read = Grant::verify(&grant.sign(&rig.shop), &rig.shop.public(), at(60)).unwrap();
    assert_eq!(read, grant);
    let terms = read.terms();
    assert_eq!((terms.segments.len(), terms.ground.clone()), (3, TransferGround::WithinEea));
    assert_eq!((terms.partner_key, terms.country.code()), (rig.secret.public().fingerprint(), "NL"));
    assert_eq!(read.document().to_string(), format!("grant-{}.json", "a1".repeat(16)));
}

#[test]
fn a_grant_of_another_shop_is_refused() {
    let rig = Rig::new();
    let error = Grant::verify(&rig.grant().sign(&rig.shop), &ShopKey::from_seed([8; 32]).public(), at(60)).unwrap_err();
    assert!(matches!(error, Error::SignedByAnother { .. }), "{error}");
}

#[test]
fn a_grant_ends_at_its_expiry() {
    let rig = Rig::new();
    let bytes = rig.grant().sign(&rig.shop);
    let last = Time::from_nanos(at(2 * DAY).as_nanos() - 1);
    assert!(Grant::verify(&bytes, &rig.shop.public(), last).is_ok());
    let error = Grant::verify(&bytes, &rig.shop.public(), at(2 * DAY)).unwrap_err();
    assert!(matches!(error, Error::Expired { .. }), "{error}");
    assert!(error.to_string().contains("2026-06-30T00:00:00Z"), "{error}");
}

#[test]
fn a_grant_that_outlives_its_segments_cannot_be_made() {
    let rig = Rig::new();
    let segments = || (1..=3).map(granted).collect();
    assert!(rig.grant_of(at(3 * DAY), segments()).is_ok());
    let error = rig.grant_of(Time::from_nanos(at(3 * DAY).as_nanos() + 1), segments()).unwrap_err();
    assert!(error.to_string().contains("after the latest deadline"), "{error}");
}

#[test]
fn a_grant_that_cannot_stand_cannot_be_made() {
    let rig = Rig::new();
    let changed = |change: fn(&mut sluis_share::Granted)| {
        let mut segment = granted(1);
        change(&mut segment);
        rig.grant_of(at(3600), vec![granted(2), segment])
    };
    let cases = [
        ("names no segment", rig.grant_of(at(3600), vec![])),
        ("twice", rig.grant_of(at(3600), vec![granted(1), granted(2), granted(1)])),
        ("expires at", rig.grant_of(at(0), vec![granted(1)])),
        ("has the deadline", changed(|s| s.deadline = s.started)),
        ("had to be gone", changed(|s| s.deadline = at(0))),
        ("no bytes", changed(|s| s.bytes = 0)),
        ("associated data", changed(|s| s.associated_data = vec![])),
        ("associated data", changed(|s| s.associated_data = vec![0; 513])),
    ];
    for (why, case) in cases {
        let error = case.unwrap_err().to_string();
        assert!(error.contains(why), "`{why}` is missing in: {error}");
    }
}

#[test]
fn ten_thousand_segments_are_the_most_and_fit() {
    let rig = Rig::new();
    let segments = |count: u32| {
        let segment = |n: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            let object = sluis_share::document::ObjectName::new(&"x".repeat(100)).unwrap();
            let (segment, camera) =
                (sluis_share::SegmentId::from_bytes(bytes), crate::rig::name(&"\u{1f30a}".repeat(100)));
            let associated_data = vec![0xff; 512];
            sluis_share::Granted { segment, object, camera, associated_data, bytes: u64::MAX, ..granted(1) }
        };
        (0..count).map(segment).collect::<Vec<_>>()
    };
    let grant = rig.grant_of(at(3600), segments(10_000)).unwrap();
    let bytes = grant.sign(&rig.shop);
    assert_eq!(Grant::verify(&bytes, &rig.shop.public(), at(1)).unwrap(), grant, "of {} bytes", bytes.len());
    assert!(rig.grant_of(at(3600), segments(10_001)).is_err());
}

#[test]
fn without_a_ground_there_is_no_grant_to_a_third_country() {
    let mut rig = Rig::new();
    rig.partner.country = Country::new("US").unwrap();
    assert!(matches!(rig.grant_of(at(3600), vec![granted(1)]), Err(Error::NoGround { .. })));
    rig.partner.ground = Some(TransferGround::WithinEea);
    assert!(matches!(rig.grant_of(at(3600), vec![granted(1)]), Err(Error::NotWithin { .. })));
    for ground in [
        TransferGround::AdequacyDecision,
        TransferGround::StandardContractualClauses,
        TransferGround::BindingCorporateRules,
        TransferGround::Derogation(Sentence::new("consent of the one employee who is shown").unwrap()),
    ] {
        rig.partner.ground = Some(ground.clone());
        let bytes = rig.grant_of(at(3600), vec![granted(1)]).unwrap().sign(&rig.shop);
        assert_eq!(Grant::verify(&bytes, &rig.shop.public(), at(1)).unwrap().terms().ground, ground);
        assert!(ground.to_string().contains("GDPR, Art. 4"), "{ground}");
    }
}
