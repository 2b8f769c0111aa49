//! Copies elsewhere: a folder stands for the cloud, and fails as clouds do.

use std::fs;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sluis_segment::SegmentId;
use sluis_vault::store::ObjectName;
use sluis_vault::{Error, FolderStore, Free, ObjectStore, Reserve, State, Upload, Vault, VaultSettings};

use crate::rig::{Hand, Rig, put, reason, root, state};
use crate::witness::Witness;

pub(crate) fn cloud_of(rig: &Rig) -> Arc<dyn ObjectStore> {
    Arc::new(FolderStore::open(rig.dir().join("cloud")).unwrap())
}

pub(crate) fn open_with(rig: &Rig, cloud: Arc<dyn ObjectStore>) -> Arc<Vault> {
    let settings = VaultSettings { cloud: Some(cloud), ..rig.settings() };
    Arc::new(Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap())
}

pub(crate) fn upload_all(vault: &Vault) -> Vec<SegmentId> {
    let mut up = Vec::new();
    loop {
        match vault.upload_next(&[], &mut |_| true).unwrap() {
            Upload::Done { segment, .. } => up.push(segment),
            Upload::Idle => return up,
            other => panic!("{other:?}"),
        }
    }
}

fn in_cloud(rig: &Rig) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(rig.dir().join("cloud")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    // That the cloud is this vault's, and always there.
    names.retain(|name| name != "owner.json");
    names.sort();
    names
}

/// A cloud that is away while the flag is set.
fn shaky(rig: &Rig) -> (Arc<dyn ObjectStore>, Arc<AtomicBool>) {
    let away = Arc::new(AtomicBool::new(false));
    let is_away = Arc::clone(&away);
    let store = Witness::new(cloud_of(rig), move |_, _| match is_away.load(Ordering::SeqCst) {
        true => Err(io::ErrorKind::TimedOut.into()),
        false => Ok(()),
    });
    (store, away)
}

#[test]
fn what_must_be_gone_first_goes_up_first_and_only_ciphertext_goes() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let hand = Hand::new(&vault);
    let old = crate::rig::START - std::time::Duration::from_secs(600);
    let second = hand.segment("shelf", crate::rig::START, &[7; 9_000]);
    let first = hand.segment("shelf", old, b"first");
    hand.end();
    assert_eq!(vault.backlog().unwrap().unwrap().segments, 2);
    assert_eq!(upload_all(&vault), [first, second]);
    assert_eq!(vault.backlog().unwrap().unwrap().segments, 0);
    let names = in_cloud(&rig);
    assert_eq!(names.iter().filter(|n| n.ends_with(".sealed")).count(), 2);
    assert!(names.iter().all(|n| n.ends_with(".sealed") || n.starts_with("manifest-")), "{names:?}");
    let sealed = fs::read(rig.dir().join(format!("cloud/{second}-0.sealed"))).unwrap();
    assert_eq!(sealed, fs::read(rig.object(&format!("{second}-0.sealed"))).unwrap());
}

#[test]
fn an_upload_that_broke_off_goes_on_where_it_was_also_after_a_restart() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let segment = put(&vault, &vec![3; 900_000]);
    let mut pieces = 0;
    let stopped = vault.upload_next(&[], &mut |_| {
        pieces += 1;
        pieces <= 2
    });
    assert_eq!(stopped.unwrap(), Upload::Stopped);
    drop(vault);
    let vault = open_with(&rig, cloud_of(&rig));
    let Upload::Done { segment: done, bytes } = vault.upload_next(&[], &mut |_| true).unwrap() else { panic!() };
    assert_eq!(done, segment);
    let whole = vault.archive().entry(segment).unwrap().bytes;
    assert!(bytes > 0 && bytes < whole, "{bytes} of {whole}");
    let name = format!("{segment}-0.sealed");
    assert_eq!(fs::read(rig.dir().join("cloud").join(&name)).unwrap(), fs::read(rig.object(&name)).unwrap());
}

#[test]
fn a_cloud_that_is_away_is_tried_again_and_nothing_is_lost() {
    let rig = Rig::new();
    let (cloud, away) = shaky(&rig);
    let vault = open_with(&rig, cloud);
    let segment = put(&vault, b"x");
    away.store(true, Ordering::SeqCst);
    let failed = vault.upload_next(&[], &mut |_| true).unwrap_err();
    assert!(matches!(failed, Error::Upload { segment: s, .. } if s == segment), "{failed}");
    assert_eq!(
        vault.upload_next(&[segment], &mut |_| true).unwrap(),
        Upload::Idle,
        "what failed does not hold up others"
    );
    away.store(false, Ordering::SeqCst);
    assert_eq!(upload_all(&vault), [segment]);
}

#[test]
fn a_copy_goes_with_its_segment_and_the_receipt_waits_for_it() {
    let rig = Rig::new();
    let (cloud, away) = shaky(&rig);
    let vault = open_with(&rig, cloud);
    let segment = put(&vault, b"x");
    upload_all(&vault);
    rig.wait(3600);
    away.store(true, Ordering::SeqCst);
    let swept = vault.sweep().unwrap();
    assert!(swept.destroyed.is_empty() && swept.unfinished.len() == 1);
    assert_eq!(state(&vault, segment), State::Shredded, "the key waits for nobody");
    assert!(vault.archive().receipts().unwrap()[0].bytes_destroyed.is_none());
    away.store(false, Ordering::SeqCst);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    assert_eq!(in_cloud(&rig), [format!("gone-{segment}.json")], "a tombstone is left, and nothing else");
}

#[test]
fn a_copy_without_a_configured_cloud_is_not_forgotten() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let segment = put(&vault, b"x");
    upload_all(&vault);
    drop(vault);
    rig.wait(3600);
    let vault = rig.open();
    assert_eq!(state(&vault, segment), State::Shredded);
    assert!(vault.start().swept.unfinished[0].why.contains("configure it again"));
    drop(vault);
    assert_eq!(state(&open_with(&rig, cloud_of(&rig)), segment), State::Destroyed);
}

#[test]
fn a_segment_destroyed_in_the_middle_of_its_upload_leaves_nothing_there() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let segment = put(&vault, &vec![3; 900_000]);
    let mut pieces = 0;
    let upload = vault.upload_next(&[], &mut |_| {
        pieces += 1;
        if pieces == 2 {
            rig.wait(3600);
            vault.sweep().unwrap();
        }
        true
    });
    assert!(matches!(upload, Ok(Upload::Gone { .. }) | Err(Error::Upload { .. })), "{upload:?}");
    assert_eq!(vault.sweep().unwrap().unfinished.len(), 0);
    assert_eq!(state(&vault, segment), State::Destroyed);
    assert!(in_cloud(&rig).iter().all(|name| name.starts_with("gone-")), "{:?}", in_cloud(&rig));
}

#[derive(Debug, Default)]
struct Disk(AtomicU64);

impl Free for Disk {
    fn free(&self) -> io::Result<u64> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn near_a_full_disk_what_the_cloud_has_goes_first_and_recording_stops_before_it_is_full() {
    let rig = Rig::new();
    let disk = Arc::new(Disk(AtomicU64::new(1_000)));
    let reserve = Reserve { disk: Arc::clone(&disk) as Arc<dyn Free>, make_room_below: 500, stop_below: 100 };
    let settings = VaultSettings { cloud: Some(cloud_of(&rig)), reserve: Some(reserve), ..rig.settings() };
    let vault = Arc::new(Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap());
    let first = put(&vault, b"first");
    assert_eq!(upload_all(&vault), [first]);
    let second = put(&vault, b"second");
    assert_eq!(vault.make_room().unwrap(), 0);
    disk.0.store(300, Ordering::SeqCst);
    assert_eq!(vault.make_room().unwrap(), 1);
    assert_eq!(rig.objects(), [format!("{second}-0.sealed")], "only the one that the cloud has too");
    let mut text = Vec::new();
    vault.open_segment(first, &reason()).unwrap().read_to_end(&mut text).unwrap();
    assert_eq!(text, b"first", "it is read from the cloud");
    assert_eq!(vault.verify().unwrap().ok, 2);
    disk.0.store(99, Ordering::SeqCst);
    let hand = Hand::new(&vault);
    let open = sluis_segment::handover::ToKeep::Open { camera: crate::rig::id("shelf"), started: crate::rig::START };
    let refused = format!("{:?}", hand.ask(open));
    assert!(refused.contains("must stay free"), "{refused}");
    hand.end();
    drop(vault);
    // Without the cloud nobody is told that it is damaged: it says where it is.
    let archive = rig.archive();
    assert!(matches!(archive.open_segment(first, &reason()), Err(Error::InTheCloud { .. })));
}

#[test]
fn index_disk_and_cloud_are_held_against_each_other() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let hand = Hand::new(&vault);
    let (a, b, c) = (
        hand.segment("a", crate::rig::START, b"a"),
        hand.segment("b", crate::rig::START, b"b"),
        hand.segment("c", crate::rig::START, b"c"),
    );
    hand.end();
    upload_all(&vault);
    drop(vault);
    // Lost here, and there is a copy; lost there; lost in both places; and what belongs to nobody.
    fs::remove_file(rig.object(&format!("{a}-0.sealed"))).unwrap();
    fs::remove_file(rig.dir().join(format!("cloud/{b}-0.sealed"))).unwrap();
    fs::remove_file(rig.object(&format!("{c}-0.sealed"))).unwrap();
    fs::remove_file(rig.dir().join(format!("cloud/{c}-0.sealed"))).unwrap();
    let stray = SegmentId::from_bytes([0xAB; 16]);
    for place in ["cloud", "segments"] {
        fs::write(rig.dir().join(place).join(format!("{stray}-0.sealed")), "nobody's").unwrap();
    }
    let vault = open_with(&rig, cloud_of(&rig));
    let found = &vault.start().reconciled;
    assert_eq!((found.orphans, found.missing.as_slice(), found.copies_missing), (2, [c].as_slice(), 2));
    let mut text = Vec::new();
    vault.open_segment(a, &reason()).unwrap().read_to_end(&mut text).unwrap();
    assert_eq!(text, b"a");
    assert_eq!(upload_all(&vault), [b], "it goes up again");
    let problems = vault.verify().unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    let ledger = fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("orphan-removed").count(), 2);
    assert_eq!(ledger.matches("bytes-missing").count(), 1);
    drop(vault);
    let again = open_with(&rig, cloud_of(&rig));
    assert_eq!(again.start().reconciled.missing, [c]);
    let ledger = fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("bytes-missing").count(), 1, "a loss is written down once");
}

#[test]
fn a_tombstone_buries_again_what_a_whole_machine_put_back_would_bring_back() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let (erased, kept) = {
        let hand = Hand::new(&vault);
        (hand.segment("a", crate::rig::START, b"erased"), hand.segment("b", crate::rig::START, b"kept"))
    };
    upload_all(&vault);
    drop(vault);
    // Vault and ledger, but not the cloud.
    let copy = rig.image();
    let vault = open_with(&rig, cloud_of(&rig));
    vault.archive().erase(erased, &reason()).unwrap();
    vault.sweep().unwrap();
    drop(vault);
    let vault = open_with(&copy, cloud_of(&rig));
    assert_eq!(vault.start().reconciled.buried_again, [erased]);
    assert_eq!((state(&vault, erased), state(&vault, kept)), (State::Destroyed, State::Sealed));
}

#[test]
fn an_object_of_another_name_in_the_bucket_is_left_alone() {
    let rig = Rig::new();
    let cloud = cloud_of(&rig);
    cloud.put(&ObjectName::new("notes.txt").unwrap(), b"somebody else's").unwrap();
    let vault = open_with(&rig, Arc::clone(&cloud));
    assert_eq!(vault.start().reconciled.orphans, 0);
    assert_eq!(in_cloud(&rig), ["notes.txt"]);
}
