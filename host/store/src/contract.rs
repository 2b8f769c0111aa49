//! What every store must do. Each store's tests run [`check`] against the real thing.

use std::io::Read;
use std::sync::Arc;

use crate::{ByteRange, Error, ObjectInfo, ObjectName, ObjectStore};

/// Puts a store through the contract of [`ObjectStore`]. `open` opens the same place each time, as a restarted program does; it must be empty at
/// first, and is empty again afterwards.
///
/// # Panics
///
/// When the store does not keep the contract: the message says where.
pub fn check(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    an_object_is_whole_or_not_there(open);
    a_partial_object_outlives_its_writer(open);
    a_range_gives_its_bytes(open);
    nothing_is_written_twice(open);
    deleting_what_is_gone_is_no_error(open);
    a_discarded_object_cannot_be_committed(open);
    writers_do_not_meet(open);
    let store = open();
    assert_eq!((ok(store.list()), ok(store.partials())), (vec![], vec![]), "the suite leaves nothing behind");
}

fn an_object_is_whole_or_not_there(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("whole"));
    let mut writer = ok(store.create(&name));
    ok(writer.append(b"first "));
    ok(writer.sync());
    ok(writer.append(b"second"));
    assert!(ok(store.list()).is_empty(), "a partial object is listed as whole");
    assert_eq!(ok(store.size(&name)), None, "a partial object has a size");
    assert!(missing(store.open(&name, ByteRange::ALL)), "a partial object is opened as whole");
    ok(writer.commit());
    let store = open();
    assert_eq!(ok(store.list()), [ObjectInfo { name: name.clone(), size: 12 }]);
    assert_eq!(ok(store.size(&name)), Some(12));
    assert_eq!(read(ok(store.open(&name, ByteRange::ALL))), b"first second");
    assert!(ok(store.partials()).is_empty(), "a committed object is still partial");
    ok(store.delete(&name));

    let empty = ok(store.create(&name));
    ok(empty.commit());
    assert_eq!(ok(store.size(&name)), Some(0), "an empty object cannot be stored");
    ok(store.delete(&name));
}

fn a_partial_object_outlives_its_writer(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let name = name("partial");
    let mut writer = ok(open().create(&name));
    ok(writer.append(b"saved"));
    ok(writer.sync());
    drop(writer);
    let store = open();
    assert_eq!(ok(store.partials()), [ObjectInfo { name: name.clone(), size: 5 }]);
    assert_eq!(read(ok(store.open_partial(&name))), b"saved");
    ok(store.discard(&name));
    assert!(missing(store.open_partial(&name)), "a discarded object opens");
    assert!(ok(store.partials()).is_empty(), "a discarded object is listed");
}

fn a_range_gives_its_bytes(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("range"));
    let mut writer = ok(store.create(&name));
    ok(writer.append(b"0123456789"));
    ok(writer.commit());
    let part = |from, length| read(ok(store.open(&name, ByteRange { from, length })));
    assert_eq!(part(3, Some(4)), b"3456");
    assert_eq!(part(8, None), b"89");
    assert_eq!(part(8, Some(100)), b"89", "a range past the end");
    assert_eq!(part(10, None), b"", "a range at the end");
    assert_eq!(part(2, Some(0)), b"", "an empty range");
    ok(store.delete(&name));
}

fn nothing_is_written_twice(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("once"));
    let mut first = ok(store.create(&name));
    assert!(exists(store.create(&name)), "a partial object is begun again");
    ok(first.append(b"first"));
    ok(first.commit());
    assert!(exists(store.create(&name)), "a whole object is begun again");
    assert_eq!(read(ok(store.open(&name, ByteRange::ALL))), b"first");
    ok(store.delete(&name));
}

fn deleting_what_is_gone_is_no_error(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("gone"));
    ok(store.delete(&name));
    ok(store.discard(&name));
    ok(ok(store.create(&name)).commit());
    ok(store.delete(&name));
    ok(store.delete(&name));
    ok(store.settle());
    assert!(missing(store.open(&name, ByteRange::ALL)), "a deleted object opens");
    assert!(ok(open().list()).is_empty(), "a deleted object is listed");
}

fn a_discarded_object_cannot_be_committed(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("discarded"));
    let mut writer = ok(store.create(&name));
    ok(writer.append(b"past its deadline"));
    ok(store.discard(&name));
    assert!(matches!(writer.commit(), Err(Error::ObjectMissing { .. })), "a discarded object came back");
    assert!(ok(store.list()).is_empty(), "a discarded object is listed");
}

fn writers_do_not_meet(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let store = open();
    let bytes = |n: u8| vec![n; 100_000];
    std::thread::scope(|scope| {
        for n in 0..4 {
            let store = &store;
            scope.spawn(move || {
                let mut writer = ok(store.create(&name(&format!("writer-{n}"))));
                for chunk in bytes(n).chunks(1_000) {
                    ok(writer.append(chunk));
                }
                ok(writer.commit());
            });
        }
    });
    for n in 0..4 {
        let name = name(&format!("writer-{n}"));
        assert_eq!(read(ok(store.open(&name, ByteRange::ALL))), bytes(n));
        ok(store.delete(&name));
    }
}

fn name(name: &str) -> ObjectName {
    ok(ObjectName::new(name))
}

fn read(mut from: Box<dyn Read + Send>) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("the store gives the bytes that it has opened");
    bytes
}

fn ok<T>(result: Result<T, Error>) -> T {
    result.expect("the store does what the contract asks for")
}

fn missing<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::ObjectMissing { .. }))
}

fn exists<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::ObjectExists { .. }))
}
