//! Nothing outlives its deadline.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluis_frame::{Clock, Timestamp};
use sluis_segment::SegmentId;
use sluis_segment::handover::{ToEye, ToKeep};
use sluis_vault::{Ending, Error, Problem, State};

use crate::rig::{Hand, Rig, START, id, put, reason, state};
use crate::witness::Witness;

const HOUR: u64 = 3600;

#[test]
fn a_segment_is_unreadable_from_its_deadline_on_even_unswept() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"seen");
    rig.clock.set(START + Duration::from_nanos(HOUR * 1_000_000_000 - 1));
    assert!(vault.open_segment(segment, &reason()).is_ok());
    rig.clock.set(START + Duration::from_secs(HOUR));
    let refused = vault.open_segment(segment, &reason());
    assert!(matches!(refused, Err(Error::PastDeadline { .. })));
    let refused = vault.export(segment, &rig.dir().join("out"), &reason());
    assert!(matches!(refused, Err(Error::PastDeadline { .. })));
    assert!(!rig.dir().join("out").exists());
    assert_eq!(vault.verify().unwrap().problems, [Problem::Overdue { segment }]);
}

#[test]
fn reading_stops_at_the_deadline_in_the_middle() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, &[1; 500_000]);
    let mut opened = vault.open_segment(segment, &reason()).unwrap();
    let mut half = vec![0; 250_000];
    opened.read_exact(&mut half).unwrap();
    rig.wait(HOUR);
    let error = opened.read(&mut half).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn a_sweep_leaves_neither_key_nor_bytes_and_gives_a_receipt() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let old = hand.segment("shelf", START, &[1; 10_000]);
    rig.wait(1800);
    let young = hand.segment("shelf", rig.clock.now(), &[2; 10_000]);
    drop(vault.open_segment(old, &reason()).unwrap());
    let bytes = vault.archive().entry(old).unwrap().bytes;
    let wrapped = rig.wrapped(old).remove(0);
    assert!(rig.holds(&wrapped), "the search finds what is there");

    rig.wait(1800);
    let swept = vault.sweep().unwrap();
    assert_eq!((swept.destroyed, swept.bytes), (vec![old], bytes));
    assert!(!rig.holds(&wrapped), "the wrapped key is still in a file of the vault");
    assert_eq!(rig.objects(), [format!("{young}-0.sealed")]);
    assert_eq!((state(&vault, old), state(&vault, young)), (State::Destroyed, State::Sealed));
    assert_eq!(vault.verify().unwrap().ok, 1);

    let receipts = vault.archive().receipts().unwrap();
    assert_eq!(receipts.len(), 1);
    let receipt = &receipts[0];
    assert_eq!((receipt.segment, receipt.ending, receipt.bytes), (old, Ending::Destroyed, bytes));
    assert_eq!(receipt.key_destroyed, START + Duration::from_secs(HOUR));
    assert_eq!(receipt.bytes_destroyed, Some(receipt.key_destroyed));
    assert_eq!(receipt.openings.len(), 1, "the receipt tells who had opened it");
}

#[test]
fn a_second_sweep_finds_nothing_to_do() {
    let rig = Rig::new();
    let vault = rig.open();
    put(&vault, b"x");
    rig.wait(HOUR);
    vault.sweep().unwrap();
    let before = vault.archive().receipts().unwrap();
    rig.wait(60);
    let again = vault.sweep().unwrap();
    assert!(again.destroyed.is_empty() && again.unfinished.is_empty());
    assert_eq!(vault.archive().receipts().unwrap(), before);
}

#[test]
fn deadlines_that_came_while_the_machine_was_off_are_met_at_the_start() {
    let rig = Rig::new();
    let segment = put(&rig.open(), b"x");
    rig.wait(90 * 24 * HOUR);
    let vault = rig.open();
    assert_eq!(vault.start().swept.destroyed, [segment]);
    assert!(rig.objects().is_empty());
}

#[test]
fn a_clock_set_back_keeps_nothing_longer() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"x");
    // Somebody looks at the list of openings a second past the deadline, and nobody has swept yet.
    rig.wait(HOUR + 1);
    assert!(vault.open_segment(segment, &reason()).is_err());
    rig.clock.set(START);
    assert!(matches!(vault.open_segment(segment, &reason()), Err(Error::PastDeadline { .. })));
    drop(vault);
    let vault = rig.open();
    assert_eq!(vault.start().swept.destroyed, [segment]);
}

#[test]
fn a_recording_of_a_clock_set_far_back_is_refused() {
    let rig = Rig::new();
    let vault = rig.open();
    rig.clock.set(Timestamp::from_secs(1_000_000_000));
    let hand = Hand::new(&vault);
    match hand.ask(ToKeep::Open { camera: id("shelf"), started: rig.clock.now() }) {
        ToEye::Refused { reason } => assert!(reason.contains("Set the clock right"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_recorder_whose_clock_runs_ahead_keeps_no_longer() {
    let rig = Rig::new();
    let vault = rig.open();
    let ahead = START + Duration::from_secs(30 * 24 * HOUR);
    let (.., deadline) = Hand::new(&vault).open("shelf", ahead);
    assert_eq!(deadline, START + Duration::from_secs(HOUR));
}

#[test]
fn a_late_recording_counts_from_its_first_frame() {
    let rig = Rig::new();
    let vault = rig.open();
    let (.., deadline) = Hand::new(&vault).open("shelf", START - Duration::from_secs(600));
    assert_eq!(deadline, START + Duration::from_secs(HOUR - 600));
}

#[test]
fn a_segment_that_is_still_being_written_at_its_deadline_is_destroyed() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, ..) = hand.open("shelf", START);
    hand.bytes(segment, 0, &[1; 100]);
    hand.barrier();
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    hand.bytes(segment, 100, &[1; 100]);
    match hand.close(segment, 200) {
        ToEye::Refused { reason } => assert!(reason.contains("its deadline has come"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert!(rig.objects().is_empty());
    assert_eq!(state(&vault, segment), State::Destroyed);
}

#[test]
fn a_sweep_that_the_store_fails_goes_on_next_time() {
    let rig = Rig::new();
    let failing = Arc::new(Mutex::new(false));
    let store = {
        let failing = Arc::clone(&failing);
        Witness::new(rig.store(), move |doing, _| match *failing.lock().unwrap() && doing != "settle" {
            true => Err(std::io::ErrorKind::TimedOut.into()),
            false => Ok(()),
        })
    };
    let vault = Arc::new(rig.open_with(store).unwrap());
    let segment = put(&vault, b"x");
    let wrapped = rig.wrapped(segment).remove(0);
    rig.wait(HOUR);
    *failing.lock().unwrap() = true;
    let swept = vault.sweep().unwrap();
    assert_eq!((swept.destroyed.len(), swept.unfinished[0].segment), (0, segment));
    assert!(!rig.holds(&wrapped), "the key waits for nobody");
    assert_eq!(vault.archive().receipts().unwrap()[0].bytes_destroyed, None);
    assert_eq!(vault.verify().unwrap().problems, [Problem::Unfinished { segment }]);
    *failing.lock().unwrap() = false;
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    assert!(vault.verify().unwrap().problems.is_empty());
}

#[test]
fn a_kill_at_any_moment_of_a_sweep_is_made_good_by_the_next_start() {
    let rig = Arc::new(Rig::new());
    let images = Arc::new(Mutex::new(Vec::new()));
    let (due, kept, wrapped): (Vec<SegmentId>, SegmentId, Vec<_>) = {
        let vault = rig.open();
        let hand = Hand::new(&vault);
        let due: Vec<_> = (0..3u8).map(|n| hand.segment("shelf", START, &[n; 9_000])).collect();
        rig.wait(60);
        let kept = hand.segment("shelf", rig.clock.now(), b"kept");
        hand.end();
        let wrapped = due.iter().map(|s| rig.wrapped(*s).remove(0)).collect();
        (due, kept, wrapped)
    };
    let store = {
        let (rig, images) = (Arc::clone(&rig), Arc::clone(&images));
        Witness::new(rig.store(), move |_, _| {
            images.lock().unwrap().push(rig.image());
            Ok(())
        })
    };
    let vault = rig.open_with(store).unwrap();
    rig.wait(HOUR - 60);
    vault.sweep().unwrap();
    let images = std::mem::take(&mut *images.lock().unwrap());
    assert!(images.len() >= 18, "{} moments", images.len());
    for (n, image) in images.iter().enumerate() {
        let vault = image.open();
        for segment in &due {
            assert_eq!(state(&vault, *segment), State::Destroyed, "moment {n}");
        }
        assert!(wrapped.iter().all(|key| !image.holds(key)), "moment {n}: a key came back");
        assert_eq!(image.objects(), [format!("{kept}-0.sealed")], "moment {n}");
        assert_eq!(vault.verify().unwrap().ok, 1, "moment {n}");
        let receipts = vault.archive().receipts().unwrap();
        assert!(receipts.len() == 3 && receipts.iter().all(|r| r.bytes_destroyed.is_some() && r.bytes > 9_000));
    }
}
