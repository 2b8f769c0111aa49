//! Somebody puts a copy of the vault's folder back: a backup, a snapshot, an old disk.

use std::fs;
use std::time::Duration;

use sluis_vault::{Act, Reason, Role, Staff, StaffKey, State, Vault, VaultSettings};
use tempfile::TempDir;

use crate::rig::{Hand, Rig, START, copy, id, put, reason, root, state};

const HOUR: Duration = Duration::from_secs(3600);

/// A vault whose ledger is not in its folder.
fn open(rig: &Rig, ledger: &TempDir) -> std::sync::Arc<Vault> {
    let settings = VaultSettings { ledger: ledger.path().join("ledger"), ..rig.settings() };
    std::sync::Arc::new(Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap())
}

fn put_back(rig: &Rig, copied: &Rig) {
    for entry in fs::read_dir(rig.dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    copy(copied.dir(), rig.dir());
}

#[test]
fn what_was_erased_since_stays_erased() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let vault = open(&rig, &ledger);
    let hand = Hand::new(&vault);
    let (erased, kept) = (hand.segment("a", START, b"erased"), hand.segment("b", START, b"kept"));
    hand.end();
    drop(vault);
    let copied = rig.image();

    let vault = open(&rig, &ledger);
    vault.archive().erase(erased, &reason()).unwrap();
    assert_eq!(vault.sweep().unwrap().destroyed, [erased]);
    drop(vault);
    put_back(&rig, &copied);

    let vault = open(&rig, &ledger);
    assert_eq!((state(&vault, erased), state(&vault, kept)), (State::Destroyed, State::Sealed));
    assert!(vault.start().reconciled.restored > 0);
    let receipts = vault.archive().receipts().unwrap();
    assert!(receipts[0].reason.contains("put back"), "{receipts:?}");
    drop(vault);
    assert_eq!(open(&rig, &ledger).start().reconciled.restored, 0, "once is enough");
}

#[test]
fn who_was_removed_since_stays_removed() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let keys = tempfile::tempdir().unwrap();
    let key = |name: &str| StaffKey::create(&keys.path().join(name)).unwrap();
    let (anna, bert) = (key("anna"), key("bert"));
    let staff = |name: &str, key: &StaffKey| Staff {
        name: name.into(),
        role: Role::PrivacyOfficer,
        key: key.public(),
        company: None,
    };
    let vault = open(&rig, &ledger);
    let segment = put(&vault, b"x");
    vault.archive().add_staff(&staff("anna", &anna), None).unwrap();
    vault.archive().add_staff(&staff("bert", &bert), Some(&anna)).unwrap();
    drop(vault);
    let copied = rig.image();
    let vault = open(&rig, &ledger);
    vault.archive().remove_staff("bert", Some(&anna)).unwrap();
    drop(vault);
    put_back(&rig, &copied);
    let vault = open(&rig, &ledger);
    let why = || Reason::new("a look").unwrap();
    assert!(vault.archive().authorise(&bert, Act::Open(segment), why()).is_err());
    assert!(vault.archive().authorise(&anna, Act::Open(segment), why()).is_ok());
}

#[test]
fn what_was_restricted_released_or_paused_since_is_so_again() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let vault = open(&rig, &ledger);
    let hand = Hand::new(&vault);
    let (restricted, lifted) = (hand.segment("a", START, b"restricted"), hand.segment("b", START, b"lifted"));
    let (held, released) = (hand.segment("c", START, b"held"), hand.segment("d", START, b"released"));
    hand.end();
    let archive = vault.archive();
    archive.restrict(lifted, &reason()).unwrap();
    archive.hold(released, START + HOUR * 3, &reason()).unwrap();
    vault.sweep().unwrap();
    archive.pause(&id("door"), None, None, &reason()).unwrap();
    drop(vault);
    let copied = rig.image();

    let vault = open(&rig, &ledger);
    let archive = vault.archive();
    archive.restrict(restricted, &reason()).unwrap();
    archive.lift_restriction(lifted, &reason()).unwrap();
    archive.hold(held, START + HOUR * 3, &reason()).unwrap();
    archive.restrict(held, &reason()).unwrap();
    let due = archive.release_hold(released, &reason()).unwrap();
    archive.pause(&id("till"), Some("queue"), None, &reason()).unwrap();
    archive.resume(&id("door"), None, &reason()).unwrap();
    vault.sweep().unwrap();
    drop(vault);
    put_back(&rig, &copied);

    let vault = open(&rig, &ledger);
    let archive = vault.archive();
    let entry = |segment| archive.entry(segment).unwrap();
    assert!(vault.start().reconciled.restored > 0);
    assert!(entry(restricted).restricted.is_some() && entry(lifted).restricted.is_none());
    assert_eq!(entry(released).deadline, due);
    assert_eq!((entry(held).deadline.time(), entry(held).restricted.is_some()), (START + HOUR * 3, true));
    let pauses = archive.pauses().unwrap();
    assert_eq!(pauses.len(), 1, "{pauses:?}");
    assert_eq!((pauses[0].camera.as_str(), pauses[0].zone.as_deref()), ("till", Some("queue")));
}

#[test]
fn a_ledger_whose_end_was_cut_is_told() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let vault = open(&rig, &ledger);
    put(&vault, b"x");
    drop(vault);
    let file = ledger.path().join("ledger/ledger.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let short: String = text.lines().take(1).map(|line| format!("{line}\n")).collect();
    fs::write(&file, short).unwrap();
    let vault = open(&rig, &ledger);
    drop(vault);
    assert!(fs::read_to_string(&file).unwrap().contains("ledger-cut"));
}

#[test]
fn a_ledger_that_was_changed_stops_recording_and_no_destruction() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let vault = open(&rig, &ledger);
    let segment = put(&vault, b"x");
    drop(vault);
    let file = ledger.path().join("ledger/ledger.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("started", "stopped")).unwrap();
    rig.wait(3600);
    let settings = VaultSettings { ledger: ledger.path().join("ledger"), ..rig.settings() };
    assert!(matches!(Vault::open(settings, rig.clock(), rig.store(), &root()), Err(sluis_vault::Error::Ledger(_))));
    assert_eq!(rig.archive().entry(segment).unwrap().state, State::Destroyed);
    assert!(rig.objects().is_empty());
}

#[test]
fn an_old_keyring_alone_put_back_is_refused_with_what_to_do() {
    let (rig, ledger) = (Rig::new(), tempfile::tempdir().unwrap());
    let vault = open(&rig, &ledger);
    let segment = put(&vault, b"x");
    drop(vault);
    let copied = rig.image();
    let vault = open(&rig, &ledger);
    vault.archive().erase(segment, &reason()).unwrap();
    vault.sweep().unwrap();
    let kept = put(&vault, b"y");
    drop(vault);
    let keyring = |rig: &Rig| {
        let files = fs::read_dir(rig.dir()).unwrap().map(|e| e.unwrap().path());
        files.into_iter().find(|p| p.file_name().unwrap().to_str().unwrap().starts_with("keyring-")).unwrap()
    };
    fs::copy(keyring(&copied), keyring(&rig)).unwrap();
    let settings = VaultSettings { ledger: ledger.path().join("ledger"), ..rig.settings() };
    let error = Vault::open(settings, rig.clock(), rig.store(), &root()).unwrap_err().to_string();
    assert!(
        error.contains("Put the vault's folder back as a whole")
            || error.contains("put the vault's folder back as a whole"),
        "{error}"
    );
    assert!(rig.object(&format!("{kept}-0.sealed")).exists(), "nothing is destroyed for that");
}
