//! What a thief learns: of a disk, of a keyring, of a bucket. Each is tried with everything that this program can do.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use sluis_vault::{Archive, Error, FolderStore, RootSecret, Vault};

use crate::cloud::{cloud_of, open_with, upload_all};
use crate::rig::{Hand, Rig, START, copy, put, reason, root};

const SECRET: &[u8] = b"what a guest did at the shelf, said in so many words that it can be found";

fn keyring(rig: &Rig) -> PathBuf {
    let files = fs::read_dir(rig.dir()).unwrap().map(|e| e.unwrap().path());
    files.into_iter().find(|p| p.file_name().unwrap().to_str().unwrap().starts_with("keyring-")).unwrap()
}

fn visit(rig: &Rig, root: &RootSecret) -> Result<Archive, Error> {
    Archive::open_with_ledger(rig.dir(), Some(&rig.dir().join("ledger")), rig.clock(), rig.store(), root)
}

#[test]
fn a_stolen_disk_without_the_root_secret_shows_when_and_how_much_and_no_more() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    put(&vault, SECRET);
    upload_all(&vault);
    drop(vault);
    assert!(!rig.holds(SECRET), "the recording lies somewhere in the clear");
    assert!(matches!(visit(&rig, &RootSecret::new([9; 32])), Err(Error::WrongRoot { .. })));
    // With the fingerprint forged, the keyring still does not open.
    let index = rusqlite::Connection::open(rig.dir().join("index.sqlite")).unwrap();
    let wrong = RootSecret::new([9; 32]);
    let forged = wrong.derive("fingerprint in the index");
    index.execute("UPDATE vault SET root = ?1", [forged.as_ref()]).unwrap();
    drop(index);
    let archive = visit(&rig, &wrong).unwrap();
    let segment = archive.list().unwrap()[0].segment;
    assert!(matches!(archive.open_segment(segment, &reason()), Err(Error::Keyring { .. })));
}

#[test]
fn a_stolen_disk_with_the_root_secret_shows_nothing_that_was_destroyed() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, SECRET);
    let sealed = fs::read(rig.object(&format!("{segment}-0.sealed"))).unwrap();
    rig.wait(3600);
    vault.sweep().unwrap();
    drop(vault);
    // The thief has the sealed bytes from elsewhere, sets the clock back, and writes the entry alive again.
    rig.clock.set(START);
    fs::write(rig.object(&format!("{segment}-0.sealed")), sealed).unwrap();
    let index = rusqlite::Connection::open(rig.dir().join("index.sqlite")).unwrap();
    index.execute("UPDATE segments SET state = 'sealed'", []).unwrap();
    index.execute("UPDATE vault SET seen = 0, latest = 0", []).unwrap();
    drop(index);
    let archive = visit(&rig, &root()).unwrap();
    assert!(matches!(archive.open_segment(segment, &reason()), Err(Error::NotReadable { .. })), "its key is zeros");
}

#[test]
fn an_old_copy_of_the_keyring_opens_nothing_that_was_destroyed_since_nor_does_an_old_index_with_the_new_one() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, SECRET);
    drop(vault);
    let copied = rig.image();
    let old_keyring = fs::read(keyring(&copied)).unwrap();
    let vault = rig.open();
    vault.archive().erase(segment, &reason()).unwrap();
    vault.sweep().unwrap();
    put(&vault, b"another");
    drop(vault);

    // The old index, with its wrapped key still in it, and the keyring of now.
    let mixed = Rig::new();
    copy(copied.dir(), mixed.dir());
    fs::remove_file(keyring(&mixed)).unwrap();
    let name = keyring(&copied).file_name().unwrap().to_owned();
    fs::copy(keyring(&rig), mixed.dir().join(&name)).unwrap();
    let refused = visit(&mixed, &root()).unwrap().open_segment(segment, &reason());
    assert!(matches!(refused, Err(Error::Keyring { .. })), "{refused:?}");
    // The old keyring, and the index of now.
    let present = keyring(&rig);
    fs::write(&present, &old_keyring).unwrap();
    let archive = visit(&rig, &root()).unwrap();
    let any = archive.list().unwrap().into_iter().find(|e| e.state.is_readable()).unwrap().segment;
    assert!(matches!(archive.open_segment(any, &reason()), Err(Error::Keyring { .. })));
    // Both old, from one moment, open: that is what a copy of everything is. `docs/vault.md` says so.
    let mut text = Vec::new();
    visit(&copied, &root()).unwrap().open_segment(segment, &reason()).unwrap().read_to_end(&mut text).unwrap();
    assert_eq!(text, SECRET);
}

#[test]
fn a_stolen_bucket_shows_names_times_and_sizes() {
    let rig = Rig::new();
    let vault = open_with(&rig, cloud_of(&rig));
    let hand = Hand::new(&vault);
    hand.segment("till", START, SECRET);
    hand.end();
    upload_all(&vault);
    let bucket = rig.dir().join("cloud");
    let mut all = Vec::new();
    for entry in fs::read_dir(&bucket).unwrap() {
        all.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |bytes: &[u8]| all.windows(bytes.len()).any(|w| w == bytes);
    assert!(!holds(SECRET));
    assert!(holds(b"\"camera\":\"till\"") && holds(b"\"deadline\":"), "this is what it does show");
    // Keys, in any form that this program writes them.
    let archive = vault.archive();
    let entry = &archive.list().unwrap()[0];
    assert!(rig.wrapped(entry.segment).iter().all(|wrapped| !holds(wrapped)));
    // A vault made over the bucket's objects has no keys for them.
    let elsewhere = Rig::new();
    fs::create_dir(elsewhere.dir().join("segments")).unwrap();
    for entry in fs::read_dir(&bucket).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, elsewhere.dir().join("segments").join(path.file_name().unwrap())).unwrap();
    }
    let store = Arc::new(FolderStore::open(elsewhere.dir().join("segments")).unwrap());
    let opened = Vault::open(elsewhere.settings(), elsewhere.clock(), store, &root());
    assert!(matches!(opened, Err(Error::IndexMissing { .. })));
}
