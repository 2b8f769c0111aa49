//! Many objects, a big one, and several writers of one.

use std::sync::{Arc, Barrier};

use super::resume::pattern;
use super::{Promises, name, ok, read};
use crate::{ByteRange, Error, ObjectStore};

pub(super) fn check(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    several_puts_have_one_winner(open, promises);
    several_writers_have_one_winner(open, promises);
    many_objects_are_all_listed(open, promises);
    a_big_object_is_one_object(open, promises);
}

const RACERS: u8 = 4;

/// Lets several threads write the same name at once, each other bytes; gives the bytes of those who were told that they had won.
fn race(
    store: &dyn ObjectStore,
    write: impl Fn(&dyn ObjectStore, &[u8]) -> Result<(), Error> + Sync,
    length: usize,
) -> Vec<Vec<u8>> {
    let start = Barrier::new(RACERS.into());
    std::thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS)
            .map(|n| {
                let (start, write) = (&start, &write);
                scope.spawn(move || {
                    let bytes = vec![n; length];
                    start.wait();
                    let lost = write(store, &bytes).err();
                    let told = matches!(
                        lost,
                        None | Some(Error::ObjectExists { .. } | Error::ObjectMissing { .. } | Error::Conflict { .. })
                    );
                    assert!(told, "a loser is told so, and not: {lost:?}");
                    lost.is_none().then_some(bytes)
                })
            })
            .collect();
        racers.into_iter().filter_map(|racer| racer.join().expect("the racer's own message stands above")).collect()
    })
}

fn judge(store: &dyn ObjectStore, object: &str, winners: &[Vec<u8>], one: bool) {
    let name = name(object);
    let stored = read(ok(store.open(&name, ByteRange::ALL)));
    assert!(winners.contains(&stored), "what is stored is not what a winner wrote");
    assert!(!one || winners.len() == 1, "{} writers were told that {object} is theirs", winners.len());
    ok(store.delete(&name));
    ok(store.discard(&name));
}

fn several_puts_have_one_winner(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    let store = open();
    for round in 0..30 {
        let object = format!("put-race-{round}");
        let winners = race(&*store, |store, bytes| store.put(&name(&object), bytes), 1_000);
        judge(&*store, &object, &winners, promises.one_put_wins);
    }
}

fn several_writers_have_one_winner(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    let store = open();
    let write = |object: &str, store: &dyn ObjectStore, bytes: &[u8]| {
        let mut writer = store.create(&name(object))?;
        writer.append(bytes)?;
        writer.commit()
    };
    for (object, length, one) in [
        ("race", 1_000, promises.one_put_wins && promises.one_commit_wins),
        ("race-in-pieces", promises.piece + 1_000, promises.one_commit_wins),
    ] {
        let winners = race(&*store, |store, bytes| write(object, store, bytes), length);
        judge(&*store, object, &winners, one);
    }
}

fn many_objects_are_all_listed(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    let store = open();
    let names: Vec<_> = (0..promises.many).map(|n| name(&format!("many-{n:05}"))).collect();
    let each = |act: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for lane in 0..4 {
                let names = &names;
                scope.spawn(move || (lane..names.len()).step_by(4).for_each(act));
            }
        });
    };
    each(&|n| ok(store.put(&names[n], &vec![1; n % 7])));
    let listed = ok(store.list());
    assert!(listed.iter().map(|o| &o.name).eq(&names), "{} objects of {} are listed", listed.len(), names.len());
    assert!(listed.iter().enumerate().all(|(n, o)| o.size == n as u64 % 7), "a listed size is wrong");
    each(&|n| ok(store.delete(&names[n])));
    ok(store.settle());
    assert!(ok(store.list()).is_empty(), "deleted objects are listed");
}

fn a_big_object_is_one_object(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    if promises.big == 0 {
        return;
    }
    let (store, name) = (open(), name("big"));
    let bytes = pattern(promises.big);
    let mut writer = ok(store.create(&name));
    // Sizes that no part's border meets.
    for chunk in bytes.chunks(1_000_003) {
        ok(writer.append(chunk));
    }
    ok(writer.commit());
    let store = open();
    assert_eq!(ok(store.size(&name)), Some(bytes.len() as u64));
    assert!(read(ok(store.open(&name, ByteRange::ALL))) == bytes, "a big object comes back with other bytes");
    let (from, length) = (bytes.len() / 3, bytes.len() / 3);
    let range = ByteRange { from: from as u64, length: Some(length as u64) };
    assert!(
        read(ok(store.open(&name, range))) == bytes[from..from + length],
        "a range of a big object has other bytes"
    );
    ok(store.delete(&name));
}
