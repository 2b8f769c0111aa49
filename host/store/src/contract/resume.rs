//! What is left of a writer that was interrupted.

use std::sync::Arc;

use super::{Promises, missing, name, ok, read};
use crate::{ByteRange, Error, ObjectStore, Resumed};

pub(super) fn check(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    a_partial_object_outlives_its_writer(open, promises);
    an_interrupted_object_is_gone_on_with(open, promises);
    nothing_is_resumed_that_is_not_partial(open);
}

/// Bytes that show when they stand in another place.
pub(super) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn a_partial_object_outlives_its_writer(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    let name = name("partial");
    let saved = pattern(5.max(promises.piece));
    let mut writer = ok(open().create(&name));
    ok(writer.append(&saved));
    ok(writer.sync());
    drop(writer);
    let store = open();
    let partials = ok(store.partials());
    assert_eq!(partials.len(), 1, "a partial object did not outlive its writer");
    assert_eq!((&partials[0].name, partials[0].size), (&name, saved.len() as u64));
    assert!(ok(store.list()).is_empty(), "a partial object is listed as whole");
    match store.open_partial(&name) {
        Err(Error::PartialClosed { .. }) if !promises.partials_open => {}
        opened => assert_eq!(read(ok(opened)), saved),
    }
    ok(store.discard(&name));
    assert!(missing(store.open_partial(&name)), "a discarded object opens");
    assert!(ok(store.partials()).is_empty(), "a discarded object is listed");
}

fn an_interrupted_object_is_gone_on_with(open: &dyn Fn() -> Arc<dyn ObjectStore>, promises: &Promises) {
    let name = name("interrupted");
    let bytes = pattern(3 * promises.piece + 7);
    let mut writer = ok(open().create(&name));
    ok(writer.append(&bytes[..promises.piece + 3]));
    ok(writer.sync());
    drop(writer);

    // Interrupted a second time at once, then with some bytes more.
    let Resumed { writer, offset } = ok(open().resume(&name));
    assert!((promises.piece as u64..=promises.piece as u64 + 3).contains(&offset), "resumed at {offset}");
    drop(writer);
    let Resumed { mut writer, offset } = ok(open().resume(&name));
    ok(writer.append(&bytes[offset as usize..2 * promises.piece + 5]));
    ok(writer.sync());
    drop(writer);

    let store = open();
    let Resumed { mut writer, offset } = ok(store.resume(&name));
    assert!(offset >= 2 * promises.piece as u64, "what was synced after resuming is lost: {offset}");
    ok(writer.append(&bytes[offset as usize..]));
    ok(writer.commit());
    assert_eq!(read(ok(open().open(&name, ByteRange::ALL))), bytes, "a resumed object has other bytes");
    assert!(ok(store.partials()).is_empty(), "a resumed object is still partial");
    ok(store.delete(&name));
}

fn nothing_is_resumed_that_is_not_partial(open: &dyn Fn() -> Arc<dyn ObjectStore>) {
    let (store, name) = (open(), name("not-partial"));
    assert!(missing(store.resume(&name)), "an object that never was is resumed");
    ok(store.put(&name, b"whole"));
    assert!(missing(store.resume(&name)), "a whole object is resumed");
    ok(store.delete(&name));
    drop(ok(store.create(&name)));
    ok(store.discard(&name));
    assert!(missing(store.resume(&name)), "a discarded object is resumed");
}
