//! Erasing, holding and letting go: one after the other, and at once.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use sluis_frame::Timestamp;
use sluis_segment::SegmentId;
use sluis_vault::{Error, Reason, State, Vault};

use crate::rig::{Hand, Rig, START, put, reason, state};

const HOUR: u64 = 3600;

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

#[test]
fn a_hold_that_is_released_gives_back_the_deadline_that_was() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    let was = vault.archive().entry(segment).unwrap().deadline;
    vault.archive().hold(segment, at(2 * HOUR), &reason()).unwrap();
    vault.sweep().unwrap();
    let held = rig.wrapped(segment);
    rig.wait(600);
    let back = rig.archive().release_hold(segment, &reason()).unwrap();
    assert_eq!((back, vault.archive().entry(segment).unwrap().deadline), (was, was));
    vault.sweep().unwrap();
    assert_ne!(rig.wrapped(segment), held, "its key is wrapped under the key of its own class again");
    assert_eq!(days(&rig), [1], "and nothing is wrapped under that of the hold");
    assert!(vault.open_segment(segment, &reason()).is_ok());
    assert!(matches!(vault.archive().release_hold(segment, &reason()), Err(Error::NotHeld { .. })));
    rig.wait(HOUR - 600);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"hold-released\""));
}

#[test]
fn a_hold_that_is_released_after_the_first_deadline_destroys_at_once() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    vault.archive().hold(segment, at(3 * HOUR), &reason()).unwrap();
    rig.wait(2 * HOUR);
    vault.sweep().unwrap();
    assert!(vault.open_segment(segment, &reason()).is_ok());
    vault.archive().release_hold(segment, &reason()).unwrap();
    assert!(matches!(vault.open_segment(segment, &reason()), Err(Error::PastDeadline { .. })), "at once");
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
}

#[test]
fn who_else_holds_a_segment_keeps_it() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"two of them");
    let request = |number: u32| Reason::new(&format!("request {number}")).unwrap();
    let archive = vault.archive();
    archive.hold(segment, at(4 * HOUR), &request(1)).unwrap();
    archive.hold(segment, at(3 * HOUR), &request(2)).unwrap();
    vault.sweep().unwrap();
    assert_eq!(archive.holds(segment).unwrap().len(), 2);
    let left = archive.release_hold_taken_for(segment, &request(1), &reason()).unwrap();
    assert_eq!(left.time(), at(3 * HOUR));
    let nobody = archive.release_hold_taken_for(segment, &request(3), &reason());
    assert!(matches!(nobody, Err(Error::NotHeld { .. })));
    rig.wait(2 * HOUR);
    assert!(vault.sweep().unwrap().destroyed.is_empty());
    assert!(vault.open_segment(segment, &reason()).is_ok());
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
}

#[test]
fn a_hold_that_is_released_before_it_was_applied_keeps_nothing() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    vault.archive().hold(segment, at(2 * HOUR), &reason()).unwrap();
    vault.archive().release_hold(segment, &reason()).unwrap();
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
}

#[test]
fn a_release_brings_back_nothing_that_was_erased() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    vault.archive().hold(segment, at(2 * HOUR), &reason()).unwrap();
    vault.sweep().unwrap();
    vault.archive().erase(segment, &reason()).unwrap();
    let deadline = vault.archive().entry(segment).unwrap().deadline;
    assert!(vault.archive().release_hold(segment, &reason()).unwrap() <= deadline, "a deadline never moves later");
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
}

#[test]
fn a_hold_asked_for_in_the_last_second_wins_against_the_sweep() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    rig.wait(HOUR - 1);
    vault.archive().hold(segment, at(2 * HOUR), &reason()).unwrap();
    rig.wait(1);
    assert!(vault.sweep().unwrap().destroyed.is_empty());
    assert!(vault.open_segment(segment, &reason()).is_ok());
    let late = put_at(&vault, at(HOUR));
    rig.wait(HOUR);
    let refused = vault.archive().hold(late, at(3 * HOUR), &reason());
    assert!(matches!(refused, Err(Error::PastDeadline { .. })), "or it is told that it is too late");
}

/// Sweeps and holds at once, with the deadline in between: whichever is first, what is said to be held is there.
#[test]
fn never_is_a_segment_said_to_be_held_and_destroyed() {
    let rig = Rig::new();
    let vault = rig.open();
    let (mut held, mut late) = (0, 0);
    for round in 0..40u64 {
        let begun = START + Duration::from_secs(round * 10 * HOUR);
        rig.clock.set(begun);
        let segment = put_at(&vault, begun);
        rig.clock.set(begun + Duration::from_secs(HOUR - 1));
        let (archive, gate) = (rig.archive(), Barrier::new(3));
        let answer = thread::scope(|scope| {
            let holds = scope.spawn(|| {
                gate.wait();
                archive.hold(segment, begun + Duration::from_secs(5 * HOUR), &reason())
            });
            scope.spawn(|| {
                gate.wait();
                (0..3).for_each(|_| drop(vault.sweep().unwrap()));
            });
            gate.wait();
            (0..round % 8).for_each(|_| thread::yield_now());
            rig.wait(1);
            holds.join().unwrap()
        });
        vault.sweep().unwrap();
        match answer {
            Ok(_) => {
                held += 1;
                assert_eq!(state(&vault, segment), State::Sealed, "round {round}: it was said to be held");
                assert!(vault.open_segment(segment, &reason()).is_ok());
            }
            Err(Error::PastDeadline { .. } | Error::NotReadable { .. }) => {
                late += 1;
                assert_eq!(state(&vault, segment), State::Destroyed, "round {round}: it was said to be too late");
            }
            Err(error) => panic!("round {round}: {error}"),
        }
    }
    println!("{held} were held, {late} came too late");
}

fn at(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn put_at(vault: &Arc<Vault>, started: Timestamp) -> SegmentId {
    let hand = Hand::new(vault);
    let segment = hand.segment("shelf", started, b"reaching for bread");
    hand.end();
    segment
}

/// The classes, in hours, under whose keys something is wrapped.
fn days(rig: &Rig) -> Vec<u32> {
    let index = rusqlite::Connection::open(rig.dir().join("index.sqlite")).unwrap();
    let mut statement = index.prepare("SELECT DISTINCT hours FROM keys ORDER BY hours").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
