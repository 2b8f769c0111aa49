//! What a crash leaves is saved or recorded as lost, and never costs what was sealed.

use std::fs;
use std::sync::{Arc, Mutex};

use sluis_segment::SegmentId;
use sluis_vault::{Ending, Served, State, Vault};

use crate::rig::{Hand, Rig, START, frame, reason, recorded, recorder, seal, serve, state};
use crate::witness::Witness;

fn part(segment: SegmentId) -> String {
    format!("{segment}-0.sealed.part")
}

fn frames(vault: &Vault, segment: SegmentId) -> u64 {
    let opened = vault.open_segment(segment, &reason()).unwrap();
    let contents = opened.write_plain(std::io::sink()).unwrap();
    assert!(contents.whole);
    contents.frames.total()
}

#[test]
fn a_segment_that_broke_off_is_recovered_to_its_last_whole_second() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 35);
    let old = image.wrapped(segment).remove(0);
    let vault = image.open();
    assert_eq!(vault.start().recovery.recovered, [segment]);
    let saved = frames(&vault, segment);
    // The recorder flushes once a second, at ten frames a second; the last second is at stake, and up to 4 KB in the sealer.
    assert!((10..=35).contains(&saved), "{saved} frames");
    let entry = vault.archive().entry(segment).unwrap();
    assert_eq!((entry.state, entry.generation), (State::Recovered, 1));
    assert_eq!(entry.summary.unwrap().frames.total(), saved);
    assert!(entry.note.unwrap().starts_with("it broke off"));
    assert_eq!(image.objects(), [format!("{segment}-1.sealed")]);
    assert!(!image.holds(&old), "the key of the broken stream is still there");
    assert_eq!(vault.verify().unwrap().ok, 1);
}

#[test]
fn recovery_does_not_move_the_deadline() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 25);
    let before = image.archive().entry(segment).unwrap().deadline;
    image.wait(1000);
    let vault = image.open();
    assert_eq!(state(&vault, segment), State::Recovered);
    assert_eq!(vault.archive().entry(segment).unwrap().deadline, before);
}

#[test]
fn a_broken_segment_past_its_deadline_is_destroyed_unread() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 25);
    image.wait(3600);
    let vault = image.open();
    assert_eq!(vault.start().swept.destroyed, [segment]);
    assert!(vault.start().recovery.recovered.is_empty() && image.objects().is_empty());
}

#[test]
fn a_stream_cut_at_any_byte_is_recovered_or_recorded_as_lost() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 45);
    let whole = fs::read(image.object(&part(segment))).unwrap();
    let (mut recovered, mut lost) = (0, 0);
    let marks = (0..=whole.len() / 4096).flat_map(|n| [n * 4096, (n * 4096).saturating_sub(1), n * 4096 + 1]);
    for cut in marks.chain([7, 39, 40, 41, 2000, whole.len()]).filter(|cut| *cut <= whole.len()) {
        let cut_off = image.image();
        fs::write(cut_off.object(&part(segment)), &whole[..cut]).unwrap();
        let vault = cut_off.open();
        match state(&vault, segment) {
            State::Recovered => {
                recovered += 1;
                assert!(frames(&vault, segment) > 0, "cut at {cut}");
            }
            State::Lost => {
                lost += 1;
                let receipts = vault.archive().receipts().unwrap();
                assert!(receipts[0].ending == Ending::Lost && receipts[0].reason.contains("broke off"), "cut at {cut}");
                assert!(cut_off.objects().is_empty(), "cut at {cut}");
            }
            other => panic!("cut at {cut}: {other}"),
        }
        let verified = vault.verify().unwrap();
        assert_eq!((verified.segments, verified.ok + verified.lost, verified.problems), (1, 1, vec![]), "cut at {cut}");
    }
    assert!(recovered > 0 && lost > 0, "{recovered} recovered, {lost} lost");
}

#[test]
fn a_flipped_byte_costs_what_lies_behind_it_and_no_more() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 45);
    let whole = fs::read(image.object(&part(segment))).unwrap();
    for at in [0, 5, 38, 100, 5_000, whole.len() / 2, whole.len() - 1] {
        let flipped = image.image();
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(flipped.object(&part(segment)), bytes).unwrap();
        let vault = flipped.open();
        assert!(matches!(state(&vault, segment), State::Recovered | State::Lost), "byte {at}");
        assert!(vault.verify().unwrap().problems.is_empty(), "byte {at}");
    }
}

#[test]
fn a_segment_whose_file_is_gone_is_recorded_as_lost() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 25);
    fs::remove_file(image.object(&part(segment))).unwrap();
    let vault = image.open();
    assert_eq!(vault.start().recovery.lost, [segment]);
    assert_eq!(vault.archive().receipts().unwrap()[0].reason, "it broke off before its first byte was stored");
}

#[test]
fn what_is_no_recording_is_never_recovered_as_one() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, key, _) = hand.open("shelf", START);
    hand.bytes(segment, 0, &seal("shelf", segment, &key, &b"no MCAP at all, but authentic. ".repeat(600)));
    hand.barrier();
    let after = rig.image().open();
    assert_eq!(state(&after, segment), State::Lost);
}

#[test]
fn sealed_segments_survive_the_recovery_of_others() {
    let rig = Rig::new();
    let vault = rig.open();
    rig.record(&vault, "till", 12);
    let sealed = vault.list().unwrap()[0].segment;
    let before = fs::read(rig.object(&format!("{sealed}-0.sealed"))).unwrap();
    let (image, broken) = rig.broken_off(&vault, "shelf", 25);
    let vault = image.open();
    assert_eq!((state(&vault, sealed), state(&vault, broken)), (State::Sealed, State::Recovered));
    assert_eq!(fs::read(image.object(&format!("{sealed}-0.sealed"))).unwrap(), before);
    assert_eq!(vault.verify().unwrap().ok, 2);
}

#[test]
fn a_recorder_that_ends_in_the_middle_is_recovered_at_once() {
    let rig = Rig::new();
    let vault = rig.open();
    let (eye, keep) = sluis_segment::handover::pair(8);
    let serving = serve(&vault, keep);
    let mut recorder = recorder("shelf", eye);
    for n in 0..25 {
        recorder.record(&frame("shelf", n, START), &[]).unwrap();
    }
    drop(recorder);
    assert_eq!(serving.join().unwrap(), Served { recovered: 1, frames: recorded(25), ..Served::default() });
    assert_eq!(vault.verify().unwrap().ok, 1);
}

#[test]
fn a_disk_that_fills_up_costs_the_end_of_the_segment_and_is_told() {
    let rig = Rig::new();
    let appended = Arc::new(Mutex::new(0));
    let store = {
        let appended = Arc::clone(&appended);
        Witness::new(rig.store(), move |doing, done| {
            let mut count = appended.lock().unwrap();
            *count += i32::from(doing == "append" && !done);
            // Full for one moment, as when somebody else fills the disk.
            if doing == "append" && *count == 4 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    };
    let vault = Arc::new(rig.open_with(store).unwrap());
    let (eye, keep) = sluis_segment::handover::pair(8);
    let serving = serve(&vault, keep);
    let mut recorder = recorder("shelf", eye);
    for n in 0..55 {
        recorder.record(&frame("shelf", n, START), &[]).unwrap();
    }
    let error = recorder.finish().unwrap_err();
    assert!(error.to_string().contains("the store failed in the middle"), "{error}");
    assert_eq!(serving.join().unwrap(), Served { recovered: 1, refused: 1, frames: recorded(50), ..Served::default() });
    assert_eq!(vault.verify().unwrap().ok, 1);
}

/// Runs `act` with a store that takes an image around every operation.
fn at_every_moment(rig: &Arc<Rig>, act: impl FnOnce(&Arc<Vault>)) -> Vec<Rig> {
    let images = Arc::new(Mutex::new(Vec::new()));
    let store = {
        let (rig, images) = (Arc::clone(rig), Arc::clone(&images));
        Witness::new(rig.store(), move |_, _| {
            images.lock().unwrap().push(rig.image());
            Ok(())
        })
    };
    act(&Arc::new(rig.open_with(store).unwrap()));
    std::mem::take(&mut *images.lock().unwrap())
}

#[test]
fn a_kill_at_any_moment_of_a_recovery_is_made_good_by_the_next_start() {
    let rig = Rig::new();
    let (image, segment) = rig.broken_off(&rig.open(), "shelf", 25);
    let old = image.wrapped(segment).remove(0);
    let images = at_every_moment(&Arc::new(image), |_| {});
    assert!(images.len() > 8, "{} moments", images.len());
    for (n, image) in images.iter().enumerate() {
        let vault = image.open();
        assert_eq!(state(&vault, segment), State::Recovered, "moment {n}");
        assert!(frames(&vault, segment) >= 10, "moment {n}");
        assert_eq!(image.objects().len(), 1, "moment {n}: {:?}", image.objects());
        assert!(!image.holds(&old), "moment {n}: the old key is still there");
        let live = image.wrapped(segment).iter().filter(|key| key.iter().any(|b| *b != 0)).count();
        assert_eq!(live, 1, "moment {n}: keys");
        assert!(vault.verify().unwrap().problems.is_empty(), "moment {n}");
    }
}

#[test]
fn a_kill_at_any_moment_of_a_recording_leaves_it_sealed_recovered_or_lost() {
    let rig = Arc::new(Rig::new());
    let images = at_every_moment(&rig, |vault| {
        let rig = Rig::new();
        rig.record(vault, "shelf", 25);
    });
    let mut ends = Vec::new();
    for (n, image) in images.iter().enumerate() {
        let vault = image.open();
        let segment = vault.list().unwrap()[0].segment;
        let end = state(&vault, segment);
        assert!(matches!(end, State::Sealed | State::Recovered | State::Lost), "moment {n}: {end}");
        let verified = vault.verify().unwrap();
        assert_eq!((verified.ok + verified.lost, verified.problems), (1, vec![]), "moment {n}");
        ends.push(end);
    }
    // The last moment: all bytes are committed, and the index does not know it yet.
    assert_eq!(ends.last(), Some(&State::Recovered));
    assert_eq!(frames(&images.last().unwrap().open(), rig.archive().list().unwrap()[0].segment), 25);
}

#[test]
fn an_answer_that_nobody_waits_for_leaves_nothing() {
    let rig = Rig::new();
    let vault = rig.open();
    let (eye, keep) = sluis_segment::handover::pair(8);
    let camera = crate::rig::id("shelf");
    eye.send(sluis_segment::handover::ToKeep::Open { camera, started: START }).unwrap();
    drop(eye);
    let served = serve(&vault, keep).join().unwrap();
    assert_eq!(served.sealed, 0);
    assert_eq!(vault.verify().unwrap().writing, 0);
    assert!(rig.objects().is_empty());
    assert_eq!(vault.list().unwrap()[0].state, State::Abandoned);
}
