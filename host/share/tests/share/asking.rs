//! Promise: only the partner that the grant is for asks, and for no more than was granted.

use sluis_share::{Ask, AskNonce, Error, Grant, GrantId, PartnerSecret, Time};

use crate::rig::{DAY, Rig, at, granted, id, name};

#[test]
fn a_request_is_read_as_it_was_signed() {
    let rig = Rig::new();
    let ask = rig.ask(&[1, 3]);
    let read = Ask::verify(&ask.sign(&rig.secret), &rig.grant(), &rig.partner.key, at(120)).unwrap();
    assert_eq!(read, ask);
    assert_eq!((read.wish().who.as_str(), read.wish().segments.as_slice()), ("training job 17", &[id(1), id(3)][..]));
    assert_eq!(read.document().to_string(), format!("ask-{}-0909090909090909.json", "a1".repeat(16)));
}

#[test]
fn a_request_of_another_partner_is_refused() {
    let rig = Rig::new();
    let other = PartnerSecret::generate().unwrap();
    let bytes = rig.ask(&[1]).sign(&other);
    let error = Ask::verify(&bytes, &rig.grant(), &rig.partner.key, at(120)).unwrap_err();
    assert!(matches!(error, Error::SignedByAnother { .. }), "{error}");
    // Nor does the shop answer when it looks at the wrong partner's key.
    let error = Ask::verify(&bytes, &rig.grant(), &other.public(), at(120)).unwrap_err();
    assert!(matches!(error, Error::AnotherPartner { .. }), "{error}");
}

#[test]
fn a_request_for_more_than_was_granted_is_refused() {
    let rig = Rig::new();
    let error = Ask::verify(&rig.ask(&[1, 4]).sign(&rig.secret), &rig.grant(), &rig.partner.key, at(120)).unwrap_err();
    assert!(matches!(error, Error::NotGranted { segment, .. } if segment == id(4)), "{error}");
}

#[test]
fn a_request_under_another_grant_is_refused() {
    let rig = Rig::new();
    let another = GrantId::from_bytes([0xb2; 16]);
    let grant = Grant::new(another, name("bakery"), &rig.partner, at(0), at(DAY), vec![granted(1)]).unwrap();
    let error = Ask::verify(&rig.ask(&[1]).sign(&rig.secret), &grant, &rig.partner.key, at(120)).unwrap_err();
    assert!(matches!(error, Error::AnotherGrant { .. }), "{error}");
}

#[test]
fn a_request_under_a_grant_that_is_over_is_refused() {
    let rig = Rig::new();
    let ask = Ask::new(rig.grant().terms().grant, vec![id(3)], at(2 * DAY), AskNonce::random().unwrap(), name("late"));
    let error = Ask::verify(&ask.unwrap().sign(&rig.secret), &rig.grant(), &rig.partner.key, at(2 * DAY)).unwrap_err();
    assert!(matches!(error, Error::Expired { .. }), "{error}");
}

#[test]
fn an_old_request_cannot_be_played_again() {
    let rig = Rig::new();
    let bytes = rig.ask(&[1]).sign(&rig.secret);
    let verify = |now: Time| Ask::verify(&bytes, &rig.grant(), &rig.partner.key, now);
    assert!(verify(at(60 + DAY)).is_ok());
    assert!(matches!(verify(Time::from_nanos(at(60 + DAY).as_nanos() + 1)), Err(Error::Stale { .. })));
    assert!(verify(at(60 - 300)).is_ok(), "a clock that runs 5 minutes ahead");
    assert!(matches!(verify(at(60 - 301)), Err(Error::Stale { .. })));
}

#[test]
fn a_request_that_cannot_stand_cannot_be_made() {
    let ask = |segments: Vec<u8>| {
        let segments = segments.into_iter().map(id).collect();
        Ask::new(GrantId::from_bytes([1; 16]), segments, at(0), AskNonce::from_bytes([1; 8]), name("who"))
    };
    assert!(ask(vec![1, 2]).is_ok());
    assert!(ask(vec![]).is_err());
    assert!(ask(vec![1, 2, 1]).is_err());
}

#[test]
fn the_longest_request_fits_into_its_bound() {
    let rig = Rig::new();
    let number = |n: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        sluis_share::SegmentId::from_bytes(bytes)
    };
    let grant = rig.grant();
    let ask = |count| {
        Ask::new(grant.terms().grant, (0..count).map(number).collect(), at(0), AskNonce::from_bytes([1; 8]), name("w"))
    };
    let bytes = ask(10_000).unwrap().sign(&rig.secret);
    // It is read, and then refused for what it asks.
    let error = Ask::verify(&bytes, &grant, &rig.partner.key, at(1)).unwrap_err();
    assert!(matches!(error, Error::NotGranted { .. }), "{error}");
    assert!(ask(10_001).is_err());
}
