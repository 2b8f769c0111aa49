//! The index alone: transactions that refuse what cannot be, and keys that leave no trace.

use std::fs;

use proptest::prelude::*;
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::{Binding, SegmentId, SegmentKey, Summary};
use tempfile::TempDir;

use super::segments::{Restored, StoredKey};
use super::*;
use crate::keyring::DayClass;
use crate::retention::{Deadline, Retention};
use crate::root::RootSecret;
use crate::wrap::{WrappedKey, Wrapping};

const ROOT: Fingerprint = [3; 32];
const NOW: Timestamp = Timestamp::from_secs(1_000_000);

fn index() -> (TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::keep(folder.path(), &ROOT).unwrap();
    (folder, index)
}

fn binding(n: u32) -> Binding {
    let mut id = [0; 16];
    // Spread, as random names are.
    id[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    Binding { shop: "bakery".to_owned(), camera: CameraId::new("shelf").unwrap(), segment: SegmentId::from_bytes(id) }
}

fn stored(wrapped: WrappedKey) -> StoredKey {
    StoredKey { day: Some(DayClass { day: 11, hours: 72 }), wrapped }
}

fn begin(index: &Index, n: u32) -> (SegmentId, WrappedKey) {
    let wrapping = Wrapping::under_root(&RootSecret::new([1; 32]));
    let key = SegmentKey::from_bytes([n as u8; 32]);
    let wrapped = wrapping.wrap(&binding(n), 0, &key).unwrap();
    index.begin(&binding(n), NOW, Retention::DEFAULT.deadline(NOW), &stored(wrapped)).unwrap();
    (binding(n).segment, wrapped)
}

fn summary() -> Summary {
    Summary {
        sealed_bytes: 5,
        frames: Default::default(),
        masks: 0,
        events: 0,
        first_captured: NOW,
        last_captured: NOW,
        audit: Default::default(),
        gate: Default::default(),
        plugins: vec![],
    }
}

/// Whether the bytes stand anywhere in the files of the folder.
fn stands_in(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .any(|file| file.windows(bytes.len()).any(|w| w == bytes))
}

/// Puts a segment into a state by the ways that lead there.
fn bring(index: &Index, n: u32, state: State) -> SegmentId {
    let (segment, _) = begin(index, n);
    let end = |ending| index.shred(&[segment], ending, "test", NOW).unwrap();
    let bury = || index.bury(&[(segment, 5)], NOW).unwrap();
    match state {
        State::Writing => {}
        State::Sealed => index.seal(segment, 5, &summary()).unwrap(),
        State::Recovered => {
            let wrapped = |_| Ok(stored(WrappedKey::from_bytes([8; WrappedKey::LEN])));
            let generation = index.add_key(segment, wrapped).unwrap();
            index.recover(segment, &Restored { generation, bytes: 5, summary: &summary(), note: "" }).unwrap();
        }
        State::Shredded => end(Ending::Destroyed),
        State::Destroyed => (end(Ending::Destroyed), bury()).1,
        State::Abandoned => (end(Ending::Abandoned), bury()).1,
        State::Lost => (end(Ending::Lost), bury()).1,
    }
    assert_eq!(index.get(segment).unwrap().state, state);
    segment
}

#[test]
fn every_impossible_change_of_state_is_refused_and_changes_nothing() {
    let (_folder, index) = index();
    for (n, from) in (0..).zip(State::ALL) {
        let segment = bring(&index, n, from);
        let before = index.get(segment).unwrap();
        let restored = Restored { generation: 0, bytes: 9, summary: &summary(), note: "" };
        if from == State::Writing {
            // All three may follow: each way has its own test.
            continue;
        }
        let tries = [
            (State::Sealed, index.seal(segment, 9, &summary())),
            (State::Recovered, index.recover(segment, &restored)),
            (State::Shredded, index.shred(&[segment], Ending::Lost, "", NOW)),
        ];
        for (to, tried) in tries {
            assert_eq!(tried.is_ok(), from.may_become(to), "{from} to {to}");
        }
        if !from.may_become(State::Shredded) {
            assert_eq!(index.get(segment).unwrap(), before, "a refused change of {from} left something behind");
        }
    }
}

#[test]
fn a_segment_without_its_key_destroyed_has_no_receipt_to_complete() {
    let (_folder, index) = index();
    let segment = bring(&index, 0, State::Sealed);
    assert!(matches!(index.bury(&[(segment, 0)], NOW), Err(Error::Unknown { .. })));
    assert!(index.receipts().unwrap().is_empty());
}

#[test]
fn one_impossible_change_undoes_the_whole_batch() {
    let (_folder, index) = index();
    let (good, key) = begin(&index, 0);
    let gone = bring(&index, 1, State::Destroyed);
    assert!(matches!(index.shred(&[good, gone], Ending::Destroyed, "", NOW), Err(Error::Transition { .. })));
    let entry = index.get(good).unwrap();
    assert_eq!((entry.state, index.key(&entry).unwrap()), (State::Writing, Some(stored(key))));
}

#[test]
fn a_segment_is_begun_once() {
    let (_folder, index) = index();
    begin(&index, 0);
    let deadline = Deadline::at(NOW);
    assert!(index.begin(&binding(0), NOW, deadline, &stored(WrappedKey::from_bytes([1; WrappedKey::LEN]))).is_err());
}

#[test]
fn a_broken_recovery_leaves_one_old_and_one_new_key() {
    let (folder, index) = index();
    let (segment, old) = begin(&index, 0);
    let first = [0xA1; WrappedKey::LEN];
    let second = [0xA2; WrappedKey::LEN];
    assert_eq!(index.add_key(segment, |_| Ok(stored(WrappedKey::from_bytes(first)))).unwrap(), 1);
    assert_eq!(index.add_key(segment, |_| Ok(stored(WrappedKey::from_bytes(second)))).unwrap(), 2);
    index.checkpoint().unwrap();
    assert!(!stands_in(folder.path(), &first), "the key of the broken attempt is still there");
    assert_eq!(index.key(&index.get(segment).unwrap()).unwrap(), Some(stored(old)));
    assert_eq!(index.last_generation(segment).unwrap(), 2);
}

#[test]
fn the_latest_time_never_goes_back() {
    let (folder, index) = index();
    let time = |index: &Index, secs| index.observe(Timestamp::from_secs(secs), None).unwrap().time;
    assert_eq!(time(&index, NOW.as_secs()), NOW);
    assert_eq!(time(&index, 5), NOW);
    drop(index);
    let again = Index::keep(folder.path(), &ROOT).unwrap();
    assert_eq!(time(&again, 6), NOW);
    assert_eq!(again.look(Timestamp::from_secs(7)).unwrap().seen, NOW);
}

#[test]
fn an_index_of_a_later_version_is_refused_untouched() {
    let (folder, index) = index();
    index.lock().pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(index);
    let found = schema::VERSION + 1;
    for opened in [Index::keep(folder.path(), &ROOT), Index::visit(folder.path(), &ROOT)] {
        assert!(matches!(opened, Err(Error::NewerIndex { found: f, .. }) if f == found));
    }
}

#[test]
fn an_index_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    connection.execute_batch(schema::STEPS[0]).unwrap();
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    connection.execute("INSERT INTO vault VALUES (1, ?1, 0)", params![ROOT]).unwrap();
    let id = binding(0).segment;
    connection
        .execute(
            "INSERT INTO segments VALUES (?1, 'bakery', 'shelf', 0, 9, 'sealed', 0, 5, NULL, NULL)",
            [id.as_bytes()],
        )
        .unwrap();
    connection
        .execute("INSERT INTO openings VALUES (7, ?1, 3, 'anna', 'export', 'an old reason')", [id.as_bytes()])
        .unwrap();
    drop(connection);
    assert!(matches!(Index::visit(folder.path(), &ROOT), Err(Error::Damaged { .. })));
    let index = Index::keep(folder.path(), &ROOT).unwrap();
    assert_eq!(index.openings(Some(id)).unwrap()[0].reason, "an old reason");
    assert_eq!(index.exports(None).unwrap(), [], "where it went is not known");
    let opening = Opening { segment: id, at: NOW, who: "anna".into(), how: "export".into(), reason: "training".into() };
    let export = Export { opening, form: ExportForm::Dataset, destination: "/media/stick".into() };
    index.log_export(&export, None).unwrap();
    assert_eq!(index.exports(Some(id)).unwrap(), [export]);
    assert_eq!(index.openings(Some(id)).unwrap().len(), 2, "an export is an opening");
    drop(index);
    assert!(Index::visit(folder.path(), &ROOT).is_ok());
}

#[test]
fn a_key_that_an_older_version_wrapped_still_opens() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    schema::STEPS[..2].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 2").unwrap();
    connection.execute("INSERT INTO vault VALUES (1, ?1, 7)", params![ROOT]).unwrap();
    let id = binding(0).segment;
    let row = "INSERT INTO segments VALUES (?1, 'bakery', 'shelf', 0, 9, 'sealed', 0, 5, NULL, NULL)";
    connection.execute(row, [id.as_bytes()]).unwrap();
    let wrapped = WrappedKey::from_bytes([9; WrappedKey::LEN]);
    let row = "INSERT INTO keys (segment, generation, wrapped) VALUES (?1, 0, ?2)";
    connection.execute(row, params![id.as_bytes(), wrapped.as_bytes()]).unwrap();
    drop(connection);
    let index = Index::keep(folder.path(), &ROOT).unwrap();
    let entry = index.get(id).unwrap();
    assert!(entry.here);
    assert_eq!(index.key(&entry).unwrap(), Some(StoredKey { day: None, wrapped }));
    assert!(index.days_in_use().unwrap().is_empty());
    assert_eq!(index.look(Timestamp::from_nanos(1)).unwrap().seen, Timestamp::from_nanos(7));
}

#[test]
fn openings_by_partners_outlive_a_new_version_of_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    schema::STEPS[..3].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 3").unwrap();
    connection.execute("INSERT INTO vault (one, root, latest) VALUES (1, ?1, 7)", params![ROOT]).unwrap();
    let id = binding(0).segment;
    let row = "INSERT INTO segments VALUES (?1, 'bakery', 'shelf', 0, 9, 'sealed', 0, 5, NULL, NULL, NULL, 1)";
    connection.execute(row, [id.as_bytes()]).unwrap();
    let grant = [4u8; 16];
    connection.execute("INSERT INTO grants VALUES (?1, 'models', '{}', '{}', 0, 9, NULL, NULL)", [grant]).unwrap();
    let row = "INSERT INTO releases VALUES (7, ?1, ?2, ?3, 5, 'job 17')";
    connection.execute(row, params![grant, id.as_bytes(), [1u8; 16]]).unwrap();
    drop(connection);
    let index = Index::keep(folder.path(), &ROOT).unwrap();
    let kept = index.releases(Some(id)).unwrap();
    assert_eq!((kept.len(), kept[0].who.as_str(), kept[0].at), (1, "job 17", Timestamp::from_nanos(5)));
    assert!(index.has_released(grant, id, &[1; 16]).unwrap());
    assert!(!index.has_released(grant, id, &[2; 16]).unwrap());
}

#[test]
fn deadlines_and_holds_of_version_4_are_known_in_version_5_as_far_as_they_were_noted() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    schema::STEPS[..4].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 4").unwrap();
    connection.execute("INSERT INTO vault (one, root, latest) VALUES (1, ?1, 7)", params![ROOT]).unwrap();
    let [free, held, asked] = [0, 1, 2].map(|n| binding(n).segment);
    for segment in [free, held, asked] {
        let row = "INSERT INTO segments VALUES (?1, 'bakery', 'shelf', 0, 9, 'sealed', 0, 5, NULL, NULL, NULL, 1)";
        connection.execute(row, [segment.as_bytes()]).unwrap();
    }
    let row = "INSERT INTO holds (segment, at, until, reason, applied) VALUES (?1, 1, ?2, 'request 17', ?3)";
    connection.execute(row, params![held.as_bytes(), 9, 2]).unwrap();
    connection.execute(row, params![asked.as_bytes(), 30, None::<i64>]).unwrap();
    drop(connection);
    let index = Index::keep(folder.path(), &ROOT).unwrap();
    let now = Timestamp::from_nanos(3);
    assert!(index.list().unwrap().iter().all(|entry| entry.restricted.is_none()));
    assert!(index.is_held(held).unwrap() && index.is_held(asked).unwrap() && !index.is_held(free).unwrap());
    let released = index.release_holds(asked, None, "decided", now).unwrap();
    assert_eq!(released, Deadline::at(Timestamp::from_nanos(9)));
    let unknown = index.release_holds(held, None, "decided", now);
    assert!(matches!(unknown, Err(Error::HeldByOlder { .. })), "when it was due before was not noted");
    assert_eq!(index.holds(held, now).unwrap().len(), 1, "and what is refused changes nothing");
    assert!(index.pauses().unwrap().is_empty() && index.restrictions(None).unwrap().is_empty());
}

#[test]
fn what_is_to_be_held_is_not_due() {
    let (_folder, index) = index();
    let segment = bring(&index, 0, State::Sealed);
    let deadline = index.get(segment).unwrap().deadline;
    let until = Retention::CEILING.deadline(NOW);
    index.ask_to_hold(segment, until, "request 17", NOW).unwrap();
    // A sweep that had looked for holds before this one was asked for.
    assert_eq!(index.shred_due(deadline.time(), 10, "its deadline has come").unwrap(), 0);
    assert_eq!(index.get(segment).unwrap().state, State::Sealed);
    // Nothing keeps it for longer than the hold says, applied or not.
    assert_eq!(index.shred_due(until.time(), 10, "its deadline has come").unwrap(), 1);
    let late = index.ask_to_hold(segment, until, "request 17", NOW);
    assert!(matches!(late, Err(Error::NotReadable { .. })), "who comes later is told");
}

#[test]
fn a_change_and_its_record_are_one() {
    let (_folder, index) = index();
    let (segment, _) = begin(&index, 0);
    let told = index.outbox(9).unwrap();
    assert!(told.len() == 1 && told[0].what.contains("\"begun\"") && told[0].what.contains(&segment.to_string()));
    index.seal(segment, 5, &summary()).unwrap();
    assert!(index.seal(segment, 5, &summary()).is_err());
    let told = index.outbox(9).unwrap();
    assert_eq!(told.len(), 2, "what was refused is not told");
    assert_ne!(told[0].id, told[1].id);
    index.told(told[0].number, 1).unwrap();
    assert_eq!(index.outbox(9).unwrap(), [told[1].clone()]);
    assert_eq!(index.ledger_length().unwrap(), 1);
}

#[test]
fn a_file_that_is_no_index_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), "this is not a database, it only stands where one belongs ".repeat(40))
        .unwrap();
    assert!(matches!(Index::keep(folder.path(), &ROOT), Err(Error::Index { .. })));
    assert!(matches!(Index::visit(folder.path(), &ROOT), Err(Error::Index { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Enough keys for several pages, destroyed in any order with others begun in between.
    #[test]
    fn a_destroyed_key_stands_in_no_file_and_every_other_key_is_whole(
        order in Just((0..240u32).collect::<Vec<_>>()).prop_shuffle(),
        batch in 1usize..40,
    ) {
        let (folder, index) = index();
        // Only when the disk has it, not what it gets.
        index.lock().pragma_update(None, "synchronous", "OFF").unwrap();
        let mut keys: Vec<_> = (0..240).map(|n| begin(&index, n)).collect();
        let mut dead = Vec::new();
        for (round, chunk) in (0..).zip(order.chunks(batch).take(6)) {
            let (segments, wrapped): (Vec<_>, Vec<_>) = chunk.iter().map(|n| keys[*n as usize]).unzip();
            index.shred(&segments, Ending::Destroyed, "test", NOW).unwrap();
            dead.extend(segments.iter().copied().zip(wrapped));
            keys.push(begin(&index, 1_000 + round));
        }
        index.checkpoint().unwrap();
        let files: Vec<Vec<u8>> =
            fs::read_dir(folder.path()).unwrap().map(|e| fs::read(e.unwrap().path()).unwrap()).collect();
        let stands = |key: &WrappedKey| {
            // 16 bytes in the middle are enough to know a key by.
            let part = &key.as_bytes()[20..36];
            files.iter().any(|file| file.windows(part.len()).any(|w| w == part))
        };
        for (segment, key) in keys {
            let destroyed = dead.iter().any(|(s, _)| *s == segment);
            prop_assert_eq!(stands(&key), !destroyed);
            let found = index.key(&index.get(segment).unwrap()).unwrap();
            prop_assert_eq!(found, (!destroyed).then_some(stored(key)));
        }
    }
}
