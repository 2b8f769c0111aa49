//! What every store must do. Each store's tests run [`check`] against the real thing.

use std::io::Read;
use std::sync::Arc;

use crate::{ByteRange, Error, ObjectInfo, ObjectName, ObjectStore};

mod limits;
mod resume;

/// What a store is known not to keep, and how much of the suite is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promises {
    /// In pieces of how many bytes a partial object outlives its writer: 1 when each byte that was synced does; in the cloud the size of a part.
    pub piece: usize,
    /// Whether what is partial can be read.
    pub partials_open: bool,
    /// Whether exactly one of several puts of the same name at the same moment wins. Without it only that whole objects of one writer are stored.
    pub one_put_wins: bool,
    /// The same of writers that commit an object of several pieces.
    pub one_commit_wins: bool,
    /// How many objects are listed at once. More than 1,000 show that a listing in pages is put together; 0 leaves it out.
    pub many: usize,
    /// The size of a big object in bytes; 0 leaves it out.
    pub big: usize,
}

/// Puts a store through the contract of [`ObjectStore`]. `open` opens the same place each time, as a restarted program does; it must be empty at
/// first, and is empty again afterwards.
///
/// # Panics
///
/// When the store does not keep the contract: the message says where.
pub fn check(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    an_object_is_whole_or_not_there(open);
    a_range_gives_its_bytes(open);
    nothing_is_written_twice(open);
    deleting_what_is_gone_is_no_error(open);
    a_discarded_object_cannot_be_committed(open);
    writers_do_not_meet(open);
    a_put_is_whole_and_never_replaces(open);
    names_are_found_by_their_beginning(open);
    resume::check(open, promises);
    limits::check(open, promises);
    let store = open();
    assert_eq!((ok(store.list()), ok(store.partials())), (vec![], vec![]), "the suite leaves nothing behind");
}

// === impl Promises ===

impl Promises {
    /// Everything, as a folder keeps it.
    pub const ALL: Self =
        Self { piece: 1, partials_open: true, one_put_wins: true, one_commit_wins: true, many: 1_100, big: 20_000_000 };
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

fn a_put_is_whole_and_never_replaces(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("put"));
    ok(store.put(&name, b"manifest"));
    assert_eq!(read(ok(store.open(&name, ByteRange::ALL))), b"manifest");
    ok(store.put(&name, b"manifest"));
    ok(open().put(&name, b"manifest"));
    for other in [&b"Manifest"[..], b"manifest and more", b"mani", b""] {
        assert!(exists(store.put(&name, other)), "an object was put over another");
    }
    assert!(exists(store.create(&name)), "an object that was put is begun again");
    assert_eq!(read(ok(store.open(&name, ByteRange::ALL))), b"manifest");
    assert!(ok(store.partials()).is_empty(), "a put leaves a partial object");
    ok(store.delete(&name));
    ok(store.put(&name, b""));
    assert_eq!(ok(store.size(&name)), Some(0), "an empty object cannot be put");
    ok(store.delete(&name));
}

fn names_are_found_by_their_beginning(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let store = open();
    let names = ["a-1", "a-2", "a.b", "b-1", "ab"].map(name);
    for name in &names {
        ok(store.put(name, name.as_str().as_bytes()));
    }
    let found = |prefix| ok(store.list_prefix(prefix)).into_iter().map(|o| o.name.to_string()).collect::<Vec<_>>();
    assert_eq!(found("a-"), ["a-1", "a-2"]);
    assert_eq!(found("a"), ["a-1", "a-2", "a.b", "ab"]);
    assert_eq!(found("c"), [""; 0]);
    assert_eq!(ok(store.list_prefix("")), ok(store.list()));
    for name in &names {
        ok(store.delete(name));
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
