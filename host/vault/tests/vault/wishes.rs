//! Erasing and holding, one after the other.

use std::time::Duration;

use sluis_vault::State;

use crate::rig::{Rig, START, put, reason, state};

#[test]
fn an_erasure_is_not_undone_by_a_hold_that_was_asked_for_before_it() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    let until = START + Duration::from_secs(2 * 3600);
    // Both before the next sweep, which applies holds first.
    vault.archive().hold(segment, until, &reason()).unwrap();
    assert!(vault.archive().erase(segment, &reason()).unwrap());
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
    assert!(vault.open_segment(segment, &reason()).is_err());
}

#[test]
fn a_held_segment_can_be_erased() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    vault.archive().hold(segment, START + Duration::from_secs(2 * 3600), &reason()).unwrap();
    vault.sweep().unwrap();
    rig.wait(3600);
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Sealed, "it is held beyond its hour");
    vault.archive().erase(segment, &reason()).unwrap();
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
}
