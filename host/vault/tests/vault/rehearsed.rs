//! What rehearsals of whole studies have found, each as small as it can be told.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluis_segment::SegmentId;
use sluis_share::{Ask, AskNonce, Country, GrantId, Name, Partner, PartnerSecret, Sentence, Time};
use sluis_vault::store::ObjectName;
use sluis_vault::{FolderStore, ObjectStore, State, Vault, VaultSettings};

use crate::cloud::upload_all;
use crate::rig::{Rig, START, copy, put, reason, root, state};
use crate::witness::Witness;

/// Beside the vault's folder, as another machine is.
fn cloud_of(rig: &Rig) -> PathBuf {
    rig.dir().join("cloud")
}

fn cloud(rig: &Rig) -> Arc<FolderStore> {
    Arc::new(FolderStore::open(cloud_of(rig)).unwrap())
}

/// A vault in a folder of its own below, with ledger and cloud beside it.
fn settings(rig: &Rig) -> VaultSettings {
    let inner = rig.dir().join("vault");
    VaultSettings { dir: inner, cloud: Some(cloud(rig) as Arc<dyn ObjectStore>), ..rig.settings() }
}

fn open(rig: &Rig) -> Arc<Vault> {
    let store = Arc::new(FolderStore::open(rig.dir().join("vault/segments")).unwrap());
    Arc::new(Vault::open(settings(rig), rig.clock(), store, &root()).unwrap())
}

/// An older copy of the vault's folder is put back; ledger and cloud stay.
fn put_back(rig: &Rig, vault: Arc<Vault>, act: impl FnOnce(&Arc<Vault>)) -> Arc<Vault> {
    let (folder, backup) = (rig.dir().join("vault"), rig.dir().join("backup"));
    copy(&folder, &backup);
    act(&vault);
    drop(vault);
    fs::remove_dir_all(&folder).unwrap();
    copy(&backup, &folder);
    open(rig)
}

/// What a kill in the middle of storing a small object leaves.
fn begun(rig: &Rig, name: &str) {
    drop(cloud(rig).create(&ObjectName::new(name).unwrap()).unwrap());
}

fn laboratory() -> (PartnerSecret, Partner) {
    let secret = PartnerSecret::generate().unwrap();
    let sentence = |text| Sentence::new(text).unwrap();
    let partner = Partner {
        name: Name::new("a laboratory").unwrap(),
        key: secret.public(),
        country: Country::new("NL").unwrap(),
        contract: sentence("7"),
        ground: None,
        purpose: sentence("training"),
    };
    (secret, partner)
}

fn ask(rig: &Rig, grant: GrantId, segment: SegmentId, secret: &PartnerSecret) {
    let segments = vec![sluis_share::SegmentId::from_bytes(*segment.as_bytes())];
    let (now, nonce) = (Time::from_nanos(START.as_nanos()), AskNonce::random().unwrap());
    let ask = Ask::new(grant, segments, now, nonce, Name::new("job 12").unwrap()).unwrap();
    cloud(rig).put(&ObjectName::new(ask.document().to_string()).unwrap(), &ask.sign(secret)).unwrap();
}

fn lies_in_cloud(rig: &Rig, segment: SegmentId) -> Vec<String> {
    let names = fs::read_dir(cloud_of(rig)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(&segment.to_string()) && !name.starts_with("gone-")).collect()
}

#[test]
fn a_kill_in_the_middle_of_a_manifest_does_not_hold_up_the_upload_for_ever() {
    let rig = Rig::new();
    let vault = open(&rig);
    let segment = put(&vault, b"reaching for bread");
    begun(&rig, &format!("manifest-{segment}.json"));
    upload_all(&vault);
    assert_eq!(lies_in_cloud(&rig, segment).len(), 2, "{:?}", lies_in_cloud(&rig, segment));
}

#[test]
fn a_kill_in_the_middle_of_a_release_does_not_hold_up_partners_for_ever_and_leaves_nothing() {
    let rig = Rig::new();
    let vault = open(&rig);
    let (secret, partner) = laboratory();
    vault.archive().add_partner(&partner).unwrap();
    let segment = put(&vault, b"reaching for bread");
    upload_all(&vault);
    let (grant, _) = vault.archive().grant("a laboratory", &[segment], None).unwrap();
    begun(&rig, &format!("key-{grant}-{segment}.json"));
    ask(&rig, grant, segment, &secret);
    assert_eq!(vault.answer_partners().unwrap().released, 1);
    // And once more, when nothing follows but the end of the segment.
    fs::remove_file(cloud_of(&rig).join(format!("key-{grant}-{segment}.json"))).unwrap();
    begun(&rig, &format!("key-{grant}-{segment}.json"));
    rig.wait(3600);
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
    assert!(lies_in_cloud(&rig, segment).is_empty(), "{:?}", lies_in_cloud(&rig, segment));
}

#[test]
fn a_hold_is_not_forgotten_when_an_older_copy_of_the_folder_is_put_back() {
    let rig = Rig::new();
    let vault = open(&rig);
    let segment = put(&vault, b"reaching for bread");
    let until = START + Duration::from_secs(3 * 3600);
    let vault = put_back(&rig, vault, |vault| {
        vault.archive().hold(segment, until, &reason()).unwrap();
        vault.sweep().unwrap();
        rig.wait(2 * 3600);
    });
    assert_eq!(state(&vault, segment), State::Sealed);
    assert_eq!(vault.archive().entry(segment).unwrap().deadline.time(), until);
    rig.wait(3600);
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
}

#[test]
fn a_hold_that_ended_with_an_erasure_does_not_come_back_with_an_older_copy() {
    let rig = Rig::new();
    let vault = open(&rig);
    let segment = put(&vault, b"reaching for bread");
    let vault = put_back(&rig, vault, |vault| {
        vault.archive().hold(segment, START + Duration::from_secs(3 * 3600), &reason()).unwrap();
        vault.sweep().unwrap();
        vault.archive().erase(segment, &reason()).unwrap();
    });
    assert_eq!(state(&vault, segment), State::Destroyed);
}

#[test]
fn a_receipt_after_an_older_copy_was_put_back_is_true_of_the_cloud_too() {
    let rig = Rig::new();
    let vault = open(&rig);
    let segment = put(&vault, b"reaching for bread");
    // The copy does not know that it went up; the cloud's objects cannot be listed when it comes to its end.
    let vault = put_back(&rig, vault, |vault| drop(upload_all(vault)));
    rig.wait(3600);
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
    assert!(lies_in_cloud(&rig, segment).is_empty(), "{:?}", lies_in_cloud(&rig, segment));
}

#[test]
fn a_store_that_cannot_confirm_its_removals_does_not_keep_keys_alive() {
    let rig = Rig::new();
    let failing = Arc::new(Mutex::new(false));
    let store = {
        let failing = Arc::clone(&failing);
        Witness::new(rig.store(), move |doing, _| match doing {
            "settle" if *failing.lock().unwrap() => Err(std::io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        })
    };
    let vault = Arc::new(rig.open_with(store).unwrap());
    let first = put(&vault, b"the first");
    rig.wait(3600);
    *failing.lock().unwrap() = true;
    assert!(vault.sweep().is_err());
    assert_eq!(state(&vault, first), State::Shredded);
    // The next one comes to its end while the first still waits for the store.
    let hand = crate::rig::Hand::new(&vault);
    let second = hand.segment("shelf", sluis_frame::Clock::now(rig.clock.as_ref()), b"the second");
    hand.end();
    let wrapped = rig.wrapped(second).remove(0);
    rig.wait(3600);
    assert!(vault.sweep().is_err());
    assert_eq!(state(&vault, second), State::Shredded);
    assert!(rig.wrapped(second).iter().all(|key| *key != wrapped));
    *failing.lock().unwrap() = false;
    assert_eq!(vault.sweep().unwrap().destroyed.len(), 2);
}

#[test]
fn the_keyring_gets_a_new_key_also_while_the_cloud_cannot_be_reached() {
    let rig = Rig::new();
    let out = Arc::new(Mutex::new(false));
    let cloud = {
        let out = Arc::clone(&out);
        Witness::new(cloud(&rig), move |_, _| match *out.lock().unwrap() {
            true => Err(std::io::ErrorKind::TimedOut.into()),
            false => Ok(()),
        })
    };
    let settings = VaultSettings { cloud: Some(cloud), ..rig.settings() };
    let vault = Arc::new(Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap());
    let segment = put(&vault, b"reaching for bread");
    upload_all(&vault);
    let keyrings = || {
        let names = fs::read_dir(rig.dir()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("keyring-")).collect::<Vec<_>>()
    };
    let before = keyrings();
    *out.lock().unwrap() = true;
    vault.archive().erase(segment, &reason()).unwrap();
    assert_eq!(vault.sweep().unwrap().unfinished.len(), 1);
    assert_eq!(state(&vault, segment), State::Shredded);
    assert_ne!(keyrings(), before, "an older copy of the index opens with the keyring as it is");
}

#[test]
fn a_key_under_a_grant_that_an_older_copy_does_not_know_is_gone_before_the_receipt() {
    let rig = Rig::new();
    let (secret, partner) = laboratory();
    let vault = open(&rig);
    vault.archive().add_partner(&partner).unwrap();
    let segment = put(&vault, b"reaching for bread");
    upload_all(&vault);
    let out = Arc::new(Mutex::new(false));
    let (folder, backup) = (rig.dir().join("vault"), rig.dir().join("backup"));
    copy(&folder, &backup);
    let (grant, _) = vault.archive().grant("a laboratory", &[segment], None).unwrap();
    ask(&rig, grant, segment, &secret);
    assert_eq!(vault.answer_partners().unwrap().released, 1);
    drop(vault);
    fs::remove_dir_all(&folder).unwrap();
    copy(&backup, &folder);
    // At the start the cloud fails in the middle, so that nothing is reconciled there.
    *out.lock().unwrap() = true;
    let failing = {
        let out = Arc::clone(&out);
        Witness::new(cloud(&rig), move |_, _| match *out.lock().unwrap() {
            true => Err(std::io::ErrorKind::TimedOut.into()),
            false => Ok(()),
        })
    };
    let store = Arc::new(FolderStore::open(folder.join("segments")).unwrap());
    let settings = VaultSettings { cloud: Some(failing), ..settings(&rig) };
    let vault = Vault::open(settings, rig.clock(), store, &root()).unwrap();
    assert!(vault.start().reconciled.cloud_unreachable.is_some());
    *out.lock().unwrap() = false;
    rig.wait(3600);
    vault.sweep().unwrap();
    assert_eq!(state(&vault, segment), State::Destroyed);
    assert!(lies_in_cloud(&rig, segment).is_empty(), "{:?}", lies_in_cloud(&rig, segment));
}
