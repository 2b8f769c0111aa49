//! What is acknowledged is there, once, in order.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::json;
use sluis_ledger::{EntryId, Error, Head, LINE_MAX, Ledger, New, REMEMBERED, read, read_tail};

use crate::rig::{ORIGIN, Rig, START, batch, key, new};

#[test]
fn entries_are_read_as_they_were_appended() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    assert_eq!(ledger.head(), Head::EMPTY);
    ledger.append(&batch(0..3)).unwrap();
    assert_eq!(ledger.append(&batch(3..5)).unwrap().entries, 5);
    let entries: Vec<_> = read(&rig.dir()).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 5);
    for (number, entry) in entries.iter().enumerate() {
        let New { at, id, what } = new(number as u64);
        assert_eq!((entry.number, entry.at, entry.id, &entry.what), (number as u64, at, id, &what));
    }
    let tail: Vec<_> = read_tail(&rig.dir(), 2).unwrap().map(|entry| entry.unwrap().number).collect();
    assert_eq!(tail, [3, 4]);
    assert_eq!(read_tail(&rig.dir(), 99).unwrap().count(), 5);
    assert_eq!(read_tail(&rig.dir(), 0).unwrap().count(), 0);
}

#[test]
fn only_the_owner_may_look() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    ledger.append(&batch(0..1)).unwrap();
    ledger.checkpoint(START).unwrap();
    for (path, mode) in [(rig.dir(), 0o700), (rig.file(), 0o600), (rig.checkpoints(), 0o600)] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    drop(ledger);
    fs::set_permissions(rig.dir(), fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(rig.try_open(), Err(Error::Exposed { mode: 0o750, .. })));
}

#[test]
fn one_process_appends_at_a_time() {
    let rig = Rig::new();
    let ledger = rig.open();
    assert!(matches!(rig.try_open(), Err(Error::InUse { .. })));
    drop(ledger);
    assert!(rig.try_open().is_ok());
}

#[test]
fn a_ledger_goes_on_where_it_ended() {
    let rig = Rig::new();
    for from in 0..5 {
        let mut ledger = rig.open();
        assert_eq!(ledger.start().head.entries, from * 3);
        assert_eq!(ledger.start().checkpoint.as_ref().map(|c| c.head().entries), (from > 0).then(|| from * 3 - 1));
        ledger.append(&batch(from * 3..from * 3 + 2)).unwrap();
        ledger.checkpoint(START).unwrap();
        ledger.append(&batch(from * 3 + 2..from * 3 + 3)).unwrap();
    }
    let verified = rig.verify(&[]);
    assert_eq!((verified.entries, verified.checkpoints, verified.unsigned_tail), (15, 5, 1));
    assert_eq!(verified.problems, []);
}

#[test]
fn a_repeated_batch_is_appended_once() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    let head = ledger.append(&batch(0..5)).unwrap();
    assert_eq!(ledger.append(&batch(0..5)).unwrap(), head);
    assert_eq!(ledger.append(&[batch(3..7), batch(6..8)].concat()).unwrap().entries, 8);
    drop(ledger);
    let mut ledger = rig.open();
    assert_eq!(ledger.append(&batch(0..8)).unwrap().entries, 8, "after a start, names are known again");
    ledger.checkpoint(START).unwrap();
    drop(ledger);
    assert_eq!(rig.open().append(&batch(0..8)).unwrap().entries, 8, "names before a checkpoint are known too");
}

#[test]
fn as_many_names_are_remembered_as_promised_before_and_after_a_start() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    let many = REMEMBERED as u64 + 1;
    ledger.append(&batch(0..many)).unwrap();
    ledger.checkpoint(START).unwrap();
    assert_eq!(ledger.append(&batch(1..many)).unwrap().entries, many);
    drop(ledger);
    let mut ledger = rig.open();
    assert_eq!(ledger.append(&batch(1..many)).unwrap().entries, many);
    assert_eq!(ledger.append(&batch(0..1)).unwrap().entries, many + 1, "more is not remembered");
    assert_eq!(rig.verify(&[]).problems, []);
}

#[test]
fn a_clock_that_was_set_back_is_recorded_as_it_was() {
    let rig = Rig::new();
    let times = [START, START - 1_000_000_000, i64::MIN, i64::MAX, 0];
    let entries: Vec<_> = (0..).zip(times).map(|(number, at)| New { at, ..new(number) }).collect();
    rig.open().append(&entries).unwrap();
    assert!(read(&rig.dir()).unwrap().map(|entry| entry.unwrap().at).eq(times));
    assert_eq!(rig.verify(&[]).problems, []);
}

#[test]
fn what_no_entry_can_hold_is_refused_with_its_whole_batch() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    let head = ledger.append(&batch(0..1)).unwrap();
    let id = EntryId::from_bytes([9; 16]);
    let deep = |depth| (1..depth).fold(json!({}), |inner, _| json!({ "in": inner }));
    for what in [json!(null), json!([]), json!("{}"), json!(1), deep(129)] {
        let refused = ledger.append(&[new(1), New { at: 0, id, what }]);
        assert!(matches!(refused, Err(Error::What { id: found, .. }) if found == id));
    }
    let long = New { at: 0, id, what: json!({ "text": "x".repeat(LINE_MAX) }) };
    assert!(matches!(ledger.append(&[new(1), long]), Err(Error::TooLong { .. })));
    assert_eq!((ledger.head(), rig.lines().len()), (head, 1));
    ledger.append(&[New { at: 0, id, what: deep(127) }]).unwrap();
    assert_eq!(read(&rig.dir()).unwrap().map(Result::unwrap).count(), 2);
}

/// A full disk, as a limit on how long files may become: a batch is written in part. The limit holds for a process, so the test runs itself in another one.
#[test]
fn what_a_full_disk_took_of_a_batch_is_taken_back() {
    const FOLDER: &str = "SLUIS_LEDGER_TEST_FOLDER";
    if let Ok(folder) = env::var(FOLDER) {
        let mut ledger = Ledger::open(folder.as_ref(), key(), ORIGIN).unwrap();
        let head = ledger.append(&batch(0..10)).unwrap();
        let before = fs::read(format!("{folder}/ledger.jsonl")).unwrap();
        assert!(matches!(ledger.append(&batch(10..1000)), Err(Error::File { .. })));
        assert_eq!(fs::read(format!("{folder}/ledger.jsonl")).unwrap(), before);
        assert_eq!(ledger.head(), head);
        // A smaller one fits.
        ledger.append(&batch(10..20)).unwrap();
        return;
    }
    let rig = Rig::new();
    // Blocks of 512 or 1024 bytes, as the shell has it: a thousand entries are more than 64 of either. The signal that comes with the limit is ignored.
    let done = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact appending::what_a_full_disk_took_of_a_batch_is_taken_back",
        ])
        .arg(env::current_exe().unwrap())
        .env(FOLDER, rig.dir())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    let verified = rig.verify(&[]);
    assert_eq!((verified.entries, verified.problems.len()), (20, 0), "the inner test has run");
}
