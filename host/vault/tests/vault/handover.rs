//! What the recorder's side sends is checked, and a key is stored before it is used.

use sluis_segment::SegmentId;
use sluis_segment::handover::{ToEye, ToKeep};
use sluis_vault::{Ending, Served, State};

use crate::rig::{Hand, Rig, START, id, put, reason, recorded, root, seal, state};
use crate::witness::Witness;

fn refusal(answer: ToEye) -> String {
    match answer {
        ToEye::Refused { reason } => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_key_is_stored_wrapped_before_it_is_handed_out() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, key, _) = hand.open("shelf", START);
    let kill = rig.image();
    let wrapped = kill.wrapped(segment);
    assert_eq!(wrapped.len(), 1);
    assert!(kill.holds(&wrapped[0]), "the search finds what is there");
    assert!(!kill.holds(key.expose()), "the key stands in the clear");
    assert!(!kill.holds(hex::encode(key.expose()).as_bytes()), "the key stands in the clear, as digits");
}

#[test]
fn a_closed_segment_is_on_disk_with_its_summary() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let segment = hand.segment("shelf", START, &[5; 30_000]);
    let kill = rig.image();
    let after = kill.open();
    let entry = after.archive().entry(segment).unwrap();
    assert_eq!((entry.state, entry.shop.as_str(), entry.camera), (State::Sealed, "bakery", id("shelf")));
    assert_eq!(entry.summary.unwrap().sealed_bytes, entry.bytes);
    assert_eq!(kill.objects(), [format!("{segment}-0.sealed")]);
    assert_eq!(hand.end(), Served { sealed: 1, ..Served::default() });
}

#[test]
fn a_gap_costs_the_segment_its_key() {
    for wrong in [99, 101, 0, u64::MAX] {
        let rig = Rig::new();
        let vault = rig.open();
        let hand = Hand::new(&vault);
        let (segment, key, _) = hand.open("shelf", START);
        let wrapped = rig.wrapped(segment).remove(0);
        let sealed = seal("shelf", segment, &key, &[1; 1000]);
        hand.bytes(segment, 0, &sealed[..100]);
        hand.eye.send(ToKeep::Bytes { segment, offset: wrong, bytes: sealed[100..].to_vec() }).unwrap();
        let why = refusal(hand.close(segment, sealed.len()));
        assert!(why.contains(&format!("offset {wrong} came where offset 100 was due")), "{why}");
        assert_eq!(state(&vault, segment), State::Abandoned);
        assert!(!rig.holds(&wrapped));
        assert!(rig.objects().is_empty());
        assert_eq!(hand.end(), Served { abandoned: 1, refused: 1, ..Served::default() });
    }
}

#[test]
fn a_close_that_does_not_match_what_arrived_costs_the_segment_its_key() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, key, _) = hand.open("shelf", START);
    let sealed = seal("shelf", segment, &key, &[1; 1000]);
    hand.bytes(segment, 0, &sealed);
    assert!(refusal(hand.close(segment, sealed.len() + 1)).contains("had arrived"));
    assert_eq!(state(&vault, segment), State::Abandoned);
    assert!(vault.open_segment(segment, &reason()).is_err());
}

#[test]
fn an_abandoned_segment_loses_its_key_and_bytes_and_the_reason_is_kept() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, ..) = hand.open("shelf", START);
    hand.bytes(segment, 0, &[7; 500]);
    let wrapped = rig.wrapped(segment).remove(0);
    let answer = hand.ask(ToKeep::Abandon { segment, reason: "the gate saw\na face".to_owned() });
    assert!(matches!(answer, ToEye::Closed { .. }));
    assert!(!rig.holds(&wrapped) && rig.objects().is_empty());
    let receipts = vault.archive().receipts().unwrap();
    assert_eq!((receipts[0].ending, receipts[0].reason.as_str()), (Ending::Abandoned, "the gate sawa face"));
    assert!(receipts[0].bytes_destroyed.is_some());
}

#[test]
fn a_segment_of_another_hand_over_cannot_be_touched() {
    let rig = Rig::new();
    let vault = rig.open();
    let (own, other) = (Hand::new(&vault), Hand::new(&vault));
    let (segment, key, _) = own.open("shelf", START);
    let sealed = seal("shelf", segment, &key, b"hello");
    other.bytes(segment, 0, b"garbage");
    refusal(other.close(segment, 7));
    refusal(other.ask(ToKeep::Abandon { segment, reason: "mine now".to_owned() }));
    own.bytes(segment, 0, &sealed);
    assert!(matches!(own.close(segment, sealed.len()), ToEye::Closed { .. }));
}

#[test]
fn a_camera_cannot_open_segments_without_end() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    hand.open("shelf", START);
    hand.open("shelf", START);
    let third = refusal(hand.ask(ToKeep::Open { camera: id("shelf"), started: START }));
    assert!(third.contains("2 segments open already"), "{third}");
}

#[test]
fn a_closed_segment_takes_no_more_bytes() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let segment = hand.segment("shelf", START, b"done");
    let size = std::fs::metadata(rig.object(&format!("{segment}-0.sealed"))).unwrap().len();
    hand.bytes(segment, size as usize, b"more");
    refusal(hand.close(segment, size as usize + 4));
    assert_eq!(std::fs::metadata(rig.object(&format!("{segment}-0.sealed"))).unwrap().len(), size);
    assert_eq!(vault.verify().unwrap().ok, 1);
}

#[test]
fn a_store_that_fails_to_begin_is_told_and_leaves_no_key() {
    let rig = Rig::new();
    let full = Witness::new(rig.store(), |doing, _| match doing {
        "create" => Err(std::io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    });
    let vault = std::sync::Arc::new(rig.open_with(full).unwrap());
    let hand = Hand::new(&vault);
    let why = refusal(hand.ask(ToKeep::Open { camera: id("shelf"), started: START }));
    assert!(why.contains("cannot create"), "{why}");
    let entries = vault.list().unwrap();
    assert_eq!(entries.iter().map(|e| e.state).collect::<Vec<_>>(), [State::Abandoned]);
    assert_eq!(rig.wrapped(entries[0].segment), [vec![0; 60]]);
}

#[test]
fn two_cameras_are_served_at_once() {
    let rig = Rig::new();
    let vault = rig.open();
    let served: Vec<Served> = std::thread::scope(|scope| {
        let cameras = ["shelf", "till"].map(|camera| {
            let (rig, vault) = (&rig, &vault);
            scope.spawn(move || rig.record(vault, camera, 15))
        });
        cameras.into_iter().map(|c| c.join().unwrap()).collect()
    });
    assert_eq!(served, [Served { sealed: 1, frames: recorded(15), ..Served::default() }; 2]);
    let verified = vault.verify().unwrap();
    assert_eq!((verified.segments, verified.ok, verified.problems), (2, 2, vec![]));
}

#[test]
fn what_the_recorder_wrote_comes_back_as_plain_mcap() {
    let rig = Rig::new();
    let vault = rig.open();
    rig.record(&vault, "shelf", 12);
    let segment = vault.list().unwrap()[0].segment;
    let mut plain = Vec::new();
    let contents = vault.open_segment(segment, &reason()).unwrap().write_plain(&mut plain).unwrap();
    assert!(contents.whole);
    assert_eq!(contents.frames.total(), 12);
    assert!(plain.starts_with(b"\x89MCAP"));
}

#[test]
fn segments_of_several_shops_lie_side_by_side() {
    let rig = Rig::new();
    let first = put(&rig.open(), b"of the bakery");
    let mut settings = rig.settings();
    settings.shop = "market".to_owned();
    let vault = sluis_vault::Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap();
    assert_eq!(vault.verify().unwrap().ok, 1);
    assert_eq!(vault.archive().entry(first).unwrap().shop, "bakery");
}

#[test]
fn a_part_that_somebody_removed_is_told_and_recorded_as_lost() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (segment, key, _) = hand.open("shelf", START);
    let sealed = seal("shelf", segment, &key, b"hello");
    hand.bytes(segment, 0, &sealed);
    hand.barrier();
    std::fs::remove_file(rig.object(&format!("{segment}-0.sealed.part"))).unwrap();
    assert!(refusal(hand.close(segment, sealed.len())).contains("is not in the store"));
    assert_eq!(state(&vault, segment), State::Lost);
}

#[test]
fn an_unknown_segment_is_told_by_name() {
    let rig = Rig::new();
    let vault = rig.open();
    let error = vault.open_segment(SegmentId::from_bytes([9; 16]), &reason()).unwrap_err();
    assert!(error.to_string().contains(&"09".repeat(16)), "{error}");
}
