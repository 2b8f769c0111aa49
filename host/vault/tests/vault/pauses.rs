//! What may not be seen for a while.

use std::time::Duration;

use sluis_frame::Timestamp;
use sluis_segment::handover::{ToEye, ToKeep};
use sluis_vault::Error;

use crate::rig::{Hand, Rig, START, id, reason};

fn at(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

#[test]
fn a_pause_outlives_a_restart_and_ends_by_its_time_or_by_hand() {
    let rig = Rig::new();
    let vault = rig.open();
    let (till, door) = (id("till"), id("door"));
    // As the command does, beside the recorder.
    let pause = rig.archive().pause(&till, None, Some(at(600)), &reason()).unwrap();
    rig.archive().pause(&door, Some("window"), None, &reason()).unwrap();
    assert_eq!(vault.archive().pauses().unwrap()[0], pause);
    drop(vault);
    rig.wait(599);
    let vault = rig.open();
    assert_eq!(vault.archive().pauses().unwrap().len(), 2);
    rig.wait(1);
    vault.sweep().unwrap();
    let left = vault.archive().pauses().unwrap();
    assert_eq!((left.len(), left[0].zone.as_deref()), (1, Some("window")));
    assert_eq!(vault.archive().resume(&door, None, &reason()).unwrap(), 0, "the camera as a whole was not paused");
    assert_eq!(vault.archive().resume(&door, Some("window"), &reason()).unwrap(), 1);
    assert!(vault.archive().pauses().unwrap().is_empty());
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!((ledger.matches("\"paused\"").count(), ledger.matches("\"resumed\"").count()), (2, 2), "{ledger}");
}

#[test]
fn a_pause_that_would_be_over_is_refused() {
    let rig = Rig::new();
    let vault = rig.open();
    let archive = vault.archive();
    assert!(matches!(archive.pause(&id("till"), None, Some(START), &reason()), Err(Error::PauseOver { .. })));
    assert!(matches!(archive.pause(&id("till"), Some(""), None, &reason()), Err(Error::ZoneName { .. })));
    assert!(archive.pauses().unwrap().is_empty());
}

#[test]
fn of_two_pauses_of_a_camera_the_longer_counts() {
    let rig = Rig::new();
    let vault = rig.open();
    vault.archive().pause(&id("till"), None, Some(at(3600)), &reason()).unwrap();
    vault.archive().pause(&id("till"), None, None, &reason()).unwrap();
    rig.wait(3600);
    vault.sweep().unwrap();
    let left = vault.archive().pauses().unwrap();
    assert_eq!((left.len(), left[0].until), (1, None), "one of two has ended");
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"free\":false"), "the camera is not free: {ledger}");
}

#[test]
fn whoever_does_not_obey_a_pause_gets_no_further_segment() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    vault.archive().pause(&id("till"), None, None, &reason()).unwrap();
    vault.archive().pause(&id("door"), Some("window"), None, &reason()).unwrap();
    // What was on its way when the pause began.
    hand.segment("till", START, b"captured before");
    rig.wait(11);
    let refused = hand.ask(ToKeep::Open { camera: id("till"), started: at(11) });
    assert!(matches!(&refused, ToEye::Refused { reason } if reason.contains("is paused")), "{refused:?}");
    hand.segment("till", at(1), b"captured before, and late");
    hand.segment("door", at(11), b"a zone of it is black");
    vault.archive().resume(&id("till"), None, &reason()).unwrap();
    hand.segment("till", at(11), b"again");
    hand.end();
}
