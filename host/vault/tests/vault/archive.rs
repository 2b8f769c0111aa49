//! Looking: beside the recorder, logged, and with open eyes for damage.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use sluis_frame::Clock;
use sluis_segment::{Opener, SegmentId, SegmentKey};
use sluis_vault::store::Error as StoreError;
use sluis_vault::{Archive, Error, ExportForm, Problem, Reason, RootSecret, Vault};

use crate::rig::{Hand, Rig, START, id, put, reason, root};

fn filled(count: u8) -> (Rig, Arc<Vault>, Vec<SegmentId>) {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let segments = (0..count).map(|n| hand.segment("shelf", START, &[n; 20_000])).collect();
    hand.end();
    (rig, vault, segments)
}

fn unreadable(vault: &Vault, segment: SegmentId) -> String {
    let verified = vault.verify().unwrap();
    let why = match &verified.problems[..] {
        [Problem::Unreadable { segment: found, why }] if *found == segment => why.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((verified.segments, verified.ok), (2, 1));
    why
}

#[test]
fn every_opening_is_logged_with_user_time_and_reason_before_a_byte_is_read() {
    let (rig, vault, segments) = filled(1);
    rig.wait(77);
    let opened = vault.open_segment(segments[0], &Reason::new("theft report 17").unwrap()).unwrap();
    let log = vault.archive().openings(Some(segments[0])).unwrap();
    drop(opened);
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].at, log[0].how.as_str(), log[0].reason.as_str()), (rig.clock.now(), "open", "theft report 17"));
    assert!(log[0].who.contains("uid "), "{}", log[0].who);
}

#[test]
fn an_opening_that_cannot_be_logged_does_not_happen() {
    let (rig, vault, segments) = filled(1);
    let index = rusqlite::Connection::open(rig.dir().join("index.sqlite")).unwrap();
    index.execute_batch("DROP TABLE openings").unwrap();
    assert!(matches!(vault.open_segment(segments[0], &reason()), Err(Error::Index { .. })));
    assert!(matches!(vault.export(segments[0], &rig.dir().join("out"), &reason()), Err(Error::Index { .. })));
    assert!(!rig.dir().join("out").exists());
}

#[test]
fn the_plaintext_comes_back() {
    let (_rig, vault, segments) = filled(2);
    let mut plain = Vec::new();
    vault.open_segment(segments[1], &reason()).unwrap().read_to_end(&mut plain).unwrap();
    assert_eq!(plain, vec![1; 20_000]);
}

#[test]
fn an_archive_works_beside_the_recorder() {
    let (rig, vault, segments) = filled(1);
    let hand = Hand::new(&vault);
    let (writing, ..) = hand.open("shelf", START);
    let archive = rig.archive();
    assert_eq!(archive.list().unwrap().len(), 2);
    let verified = archive.verify().unwrap();
    assert_eq!((verified.ok, verified.writing, verified.problems), (1, 1, vec![]));
    archive.open_segment(segments[0], &reason()).unwrap();
    assert!(matches!(archive.open_segment(writing, &reason()), Err(Error::NotReadable { .. })));
    hand.segment("shelf", START, b"the recorder goes on");
    assert_eq!(vault.archive().openings(None).unwrap().len(), 1);
}

#[test]
fn a_second_keeper_is_refused_by_the_name_of_the_folder() {
    let (rig, vault, _) = filled(1);
    let error = rig.open_with(rig.store()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }) && error.to_string().contains(&rig.dir().display().to_string()));
    drop(vault);
    assert!(rig.open_with(rig.store()).is_ok());
}

#[test]
fn another_root_secret_is_told_at_once() {
    let (rig, vault, _) = filled(1);
    drop(vault);
    let wrong = RootSecret::new([43; 32]);
    let opened = Vault::open(rig.settings(), rig.clock(), rig.store(), &wrong);
    assert!(matches!(opened, Err(Error::WrongRoot { .. })));
    assert!(matches!(Archive::open(rig.dir(), rig.clock(), rig.store(), &wrong), Err(Error::WrongRoot { .. })));
}

#[test]
fn a_folder_without_a_vault_is_told_as_such_and_left_alone() {
    let rig = Rig::new();
    let opened = Archive::open(&rig.dir().join("none"), rig.clock(), rig.store(), &root());
    assert!(matches!(opened, Err(Error::NoVault { .. })));
    assert!(!rig.dir().join("none").exists());
}

#[test]
fn segments_without_their_index_are_not_taken_for_rubbish() {
    for lose in [|p: &std::path::Path| fs::remove_file(p).unwrap(), |p: &std::path::Path| fs::write(p, "").unwrap()] {
        let (rig, vault, _) = filled(2);
        drop(vault);
        lose(&rig.dir().join("index.sqlite"));
        let error = rig.open_with(rig.store()).unwrap_err();
        assert!(matches!(error, Error::IndexMissing { objects: 2, .. }), "{error}");
        assert_eq!(rig.objects().len(), 2);
    }
}

#[test]
fn a_flipped_byte_anywhere_is_found() {
    let (rig, vault, segments) = filled(2);
    let path = rig.object(&format!("{}-0.sealed", segments[0]));
    let whole = fs::read(&path).unwrap();
    for at in [0, 1, 33, 40, 4_095, 4_096, 12_000, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        unreadable(&vault, segments[0]);
        let mut opened = match vault.open_segment(segments[0], &reason()) {
            Ok(opened) => opened,
            Err(error) => {
                assert!(matches!(error, Error::Damage { .. }), "{error}");
                continue;
            }
        };
        assert!(opened.read_to_end(&mut Vec::new()).is_err(), "byte {at}");
    }
    fs::write(&path, whole).unwrap();
    assert_eq!(vault.verify().unwrap().ok, 2);
}

#[test]
fn a_cut_or_longer_file_is_found() {
    let (rig, vault, segments) = filled(2);
    let path = rig.object(&format!("{}-0.sealed", segments[0]));
    let whole = fs::read(&path).unwrap();
    for length in [0, 39, 4_096, 8_192, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        unreadable(&vault, segments[0]);
        let read = vault.open_segment(segments[0], &reason()).map(|mut o| o.read_to_end(&mut Vec::new()));
        assert!(!matches!(read, Ok(Ok(_))), "a file of {length} bytes ended cleanly");
    }
    fs::File::options().append(true).open(&path).unwrap().write_all(&whole).unwrap();
    assert!(unreadable(&vault, segments[0]).contains("bytes"));
}

#[test]
fn a_missing_file_is_found() {
    let (rig, vault, segments) = filled(2);
    fs::remove_file(rig.object(&format!("{}-0.sealed", segments[0]))).unwrap();
    assert!(unreadable(&vault, segments[0]).contains("not in the store"));
    assert!(matches!(vault.open_segment(segments[0], &reason()), Err(Error::Store(StoreError::ObjectMissing { .. }))));
}

#[test]
fn a_missing_file_that_comes_back_is_whole_again_after_a_restart() {
    let (rig, vault, segments) = filled(1);
    drop(vault);
    let path = rig.object(&format!("{}-0.sealed", segments[0]));
    let away = rig.dir().join("away");
    fs::rename(&path, &away).unwrap();
    drop(rig.open());
    fs::rename(&away, &path).unwrap();
    assert_eq!(rig.open().verify().unwrap().ok, 1);
}

#[test]
fn one_segment_cannot_be_passed_off_as_another() {
    let (rig, vault, segments) = filled(2);
    let [a, b] = [0, 1].map(|n| rig.object(&format!("{}-0.sealed", segments[n])));
    fs::copy(&a, &b).unwrap();
    unreadable(&vault, segments[1]);
}

#[test]
fn an_entry_of_the_index_cannot_be_passed_off_as_another() {
    let (rig, vault, segments) = filled(2);
    let index = rusqlite::Connection::open(rig.dir().join("index.sqlite")).unwrap();
    let swap = "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE segment = ?1) WHERE segment = ?2";
    index.execute(swap, [segments[1].as_bytes(), segments[0].as_bytes()]).unwrap();
    assert!(unreadable(&vault, segments[0]).contains("changed or moved"));
    assert!(matches!(vault.open_segment(segments[0], &reason()), Err(Error::Key { .. })));
}

#[test]
fn an_orphan_is_found_and_the_next_start_removes_it() {
    let (rig, vault, segments) = filled(1);
    let (orphan, second) = (format!("{}-0.sealed", "ab".repeat(16)), format!("{}-3.sealed", segments[0]));
    fs::write(rig.object(&orphan), "?").unwrap();
    fs::write(rig.object(&format!("{orphan}.part")), "?").unwrap();
    fs::write(rig.object(&second), "?").unwrap();
    fs::write(rig.object("readme.txt"), "not ours").unwrap();
    let problems = vault.verify().unwrap().problems;
    assert_eq!(problems.len(), 3, "{problems:?}");
    drop(vault);
    let vault = rig.open();
    assert_eq!(vault.start().reconciled.orphans, 3);
    assert!(vault.verify().unwrap().problems.is_empty());
    assert_eq!(rig.objects().len(), 2, "what is not ours is left alone");
}

#[test]
fn an_export_opens_without_the_vault() {
    let (rig, vault, segments) = filled(1);
    let to = rig.dir().join("out");
    let exported = vault.export(segments[0], &to, &reason()).unwrap();
    let keyset: serde_json::Value = serde_json::from_slice(&fs::read(&exported.keyset).unwrap()).unwrap();
    assert!(keyset["key"][0]["keyData"]["typeUrl"].as_str().unwrap().ends_with("AesGcmHkdfStreamingKey"));
    let bound = hex::decode(fs::read_to_string(&exported.associated_data).unwrap().trim()).unwrap();
    let expected = sluis_segment::Binding { shop: "bakery".to_owned(), camera: id("shelf"), segment: segments[0] };
    assert_eq!(bound, expected.associated_data());
    let sealed = fs::read(&exported.sealed).unwrap();
    assert_eq!(sealed, fs::read(rig.object(&format!("{}-0.sealed", segments[0]))).unwrap());
    for path in [&exported.keyset, &exported.sealed] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Another key does not open it: the keyset is what opens it, and Python's Tink does so in the tests of `examples/read-a-segment`.
    let other = SegmentKey::from_bytes([0; 32]);
    let opened = Opener::new(&sealed[..], &other, &bound).map(|mut o| o.read_to_end(&mut Vec::new()));
    assert!(!matches!(opened, Ok(Ok(_))));
    assert_eq!(vault.archive().openings(Some(segments[0])).unwrap()[0].how, "export");
    let exports = vault.archive().exports(Some(segments[0])).unwrap();
    assert_eq!((exports[0].form, exports[0].destination.as_str()), (ExportForm::Sealed, to.to_str().unwrap()));
}

#[test]
fn a_segment_for_training_is_logged_with_its_place_before_it_is_read_and_again_each_time() {
    let (rig, vault, segments) = filled(2);
    let archive = vault.archive();
    let to = rig.dir().join("data");
    for n in 1..3 {
        let admitted = archive.admit_to_dataset(segments[0], &to, &Reason::new("training of reach").unwrap()).unwrap();
        assert_eq!(archive.exports(Some(segments[0])).unwrap().len(), n);
        for _ in 0..2 {
            let mut plain = Vec::new();
            admitted.read().unwrap().read_to_end(&mut plain).unwrap();
            assert_eq!(plain, vec![0; 20_000]);
        }
    }
    let exports = archive.exports(None).unwrap();
    assert_eq!(exports.len(), 2);
    assert!(exports.iter().all(|e| e.opening.segment == segments[0] && e.form == ExportForm::Dataset));
    assert!(exports.iter().all(|e| e.destination == to.to_str().unwrap() && e.opening.reason == "training of reach"));
    assert!(archive.openings(Some(segments[1])).unwrap().is_empty());
}

#[test]
fn what_is_past_its_deadline_or_not_whole_is_not_handed_out_for_training() {
    let (rig, vault, segments) = filled(1);
    let hand = Hand::new(&vault);
    let (writing, ..) = hand.open("shelf", START);
    let to = rig.dir().join("data");
    let refused = |segment| vault.archive().admit_to_dataset(segment, &to, &reason()).map(drop);
    assert!(matches!(refused(writing), Err(Error::NotReadable { .. })));
    assert!(matches!(refused(SegmentId::from_bytes([9; 16])), Err(Error::Unknown { .. })));
    rig.wait(3600);
    assert!(matches!(refused(segments[0]), Err(Error::PastDeadline { .. })));
    assert!(vault.archive().exports(None).unwrap().is_empty());
}

#[test]
fn the_receipt_of_a_destroyed_segment_tells_where_copies_went() {
    let (rig, vault, segments) = filled(1);
    vault.archive().admit_to_dataset(segments[0], &rig.dir().join("data"), &reason()).unwrap();
    rig.wait(3600);
    vault.sweep().unwrap();
    let receipts = vault.archive().receipts().unwrap();
    assert_eq!((receipts[0].openings.len(), receipts[0].exports.len()), (1, 1));
    assert!(receipts[0].exports[0].destination.ends_with("data"));
}

#[test]
fn an_export_overwrites_nothing() {
    let (rig, vault, segments) = filled(1);
    let to = rig.dir().join("out");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("keep"), "me").unwrap();
    assert!(matches!(vault.export(segments[0], &to, &reason()), Err(Error::File { .. })));
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
    assert!(vault.archive().openings(None).unwrap().is_empty());
}

#[test]
fn only_the_owner_may_read_the_vaults_files() {
    let (rig, _vault, _) = filled(1);
    for name in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm", "lock"] {
        let mode = fs::metadata(rig.dir().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} has mode {mode:o}");
    }
}

#[test]
fn an_evidence_pack_is_shown_to_stand_in_the_ledger_to_who_has_the_key() {
    let rig = Rig::new();
    let vault = rig.open();
    let archive = rig.archive();
    put(&vault, b"something happens before");
    let sha256 = "5".repeat(64);
    let attested = archive.attest(&sha256, 2).unwrap();
    put(&vault, b"and after");
    let key = archive.ledger_public_key().unwrap();
    let entries = sluis_ledger::trace(&attested.lines, &attested.checkpoint, &key).unwrap();
    assert_eq!(entries[0].what["event"], "evidence");
    assert_eq!((&entries[0].what["sha256"], &entries[0].what["shortcomings"]), (&sha256.into(), &2.into()));
    let verified = sluis_ledger::verify(archive.ledger_folder(), &key, &[attested.checkpoint]).unwrap();
    assert!(verified.problems.is_empty() && entries[0].number > 0, "{verified:?}");
}
