//! What breaks between a shop and its bucket is mended, and what is not known is looked up.

use std::io::Read;
use std::sync::Arc;

use hyper::Method;
use sluis_cloud::Client;
use sluis_store::{ByteRange, Error, ObjectName, ObjectStore};

use crate::clients::clients;
use crate::faults::Fault;
use crate::server::{Server, Versions};

const FAULTS: [Fault; 4] = [Fault::Busy, Fault::CutRequest, Fault::CutAnswer, Fault::LostAnswer];

/// Runs a claim with both clients and each way to break.
fn each(claim: impl Fn(&Server, &dyn ObjectStore, Fault)) {
    for client in clients() {
        for fault in FAULTS {
            let (server, store) = open(client);
            println!("{client}, {fault:?}");
            claim(&server, &*store, fault);
        }
    }
}

fn open(client: Client) -> (Server, Arc<dyn ObjectStore>) {
    let server = Server::start(Versions::Kept);
    let store = sluis_cloud::open(&server.settings(), client).unwrap();
    (server, store)
}

fn name(name: &str) -> ObjectName {
    ObjectName::new(name).unwrap()
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 253) as u8).collect()
}

fn read(store: &dyn ObjectStore, object: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.open(&name(object), ByteRange::ALL).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn write(store: &dyn ObjectStore, object: &str, bytes: &[u8]) -> Result<(), Error> {
    let mut writer = store.create(&name(object))?;
    writer.append(bytes)?;
    writer.commit()
}

/// A rival stores its object just before the first request of a method arrives, whose answer is lost.
fn quicker(server: &Server, method: Method, bytes: &'static [u8]) {
    let mut rival = Some(server.rival("shop-1/a", bytes));
    server.faults.plan(move |m, _| {
        if *m != method {
            return None;
        }
        rival.take().map(|store| {
            store();
            Fault::LostAnswer
        })
    });
}

/// How many requests of a method came whose address has the word in it.
fn asked(server: &Server, method: &str, word: &str) -> usize {
    server.faults.seen().iter().filter(|line| line.starts_with(method) && line.contains(word)).count()
}

#[test]
fn a_put_gets_through_and_is_stored_once() {
    each(|server, store, fault| {
        server.faults.meet(fault, Method::PUT, "/a", 2);
        store.put(&name("a"), b"manifest").unwrap();
        // The answer to a put has no body to be cut in.
        let tries = if fault == Fault::CutAnswer { 1 } else { 3 };
        assert_eq!(asked(server, "PUT", "/a"), tries, "the fault met nobody");
        assert_eq!(read(store, "a"), b"manifest");
        assert_eq!(server.shop.count_versions(), 1, "a repeated put made a second version");
    });
}

#[test]
fn a_put_whose_answer_was_lost_does_not_take_others_bytes_for_its_own() {
    for client in clients() {
        let (server, store) = open(client);
        quicker(&server, Method::PUT, b"theirs");
        let lost = store.put(&name("a"), b"ours!!");
        assert!(matches!(lost, Err(Error::ObjectExists { .. })), "{client}: {lost:?}");
        assert_eq!(read(&*store, "a"), b"theirs");
    }
}

#[test]
fn a_big_object_gets_through_whatever_breaks_at_every_step() {
    each(|server, store, fault| {
        let object = bytes(12 << 20);
        for (n, (method, word)) in [
            (Method::POST, "uploads"),
            (Method::PUT, "partNumber=1"),
            (Method::PUT, "partNumber=2"),
            (Method::PUT, "partNumber=3"),
            (Method::POST, "uploadId"),
        ]
        .into_iter()
        .enumerate()
        {
            let big = format!("big-{n}");
            server.faults.meet(fault, method, word, 1);
            write(store, &big, &object).unwrap();
            assert!(read(store, &big) == object, "{word}: other bytes");
            assert!(store.partials().unwrap().is_empty(), "{word}: something partial is left");
        }
        assert_eq!(server.shop.count_versions(), 5, "a repeated completion made another version");
    });
}

#[test]
fn a_completion_whose_answer_was_lost_is_told_from_a_rivals_object() {
    for client in clients() {
        let (server, store) = open(client);
        let mut writer = store.create(&name("a")).unwrap();
        writer.append(&bytes(6 << 20)).unwrap();
        quicker(&server, Method::POST, b"a rival was quicker");
        let lost = writer.commit();
        assert!(matches!(lost, Err(Error::ObjectExists { .. })), "{client}: {lost:?}");
        assert_eq!(read(&*store, "a"), b"a rival was quicker");
    }
}

#[test]
fn a_resumed_object_whose_completion_was_lost_is_known_again() {
    for client in clients() {
        let (server, store) = open(client);
        let object = bytes(12 << 20);
        let mut writer = store.create(&name("a")).unwrap();
        writer.append(&object[..5 << 20]).unwrap();
        writer.sync().unwrap();
        drop(writer);
        let resumed = store.resume(&name("a")).unwrap();
        assert_eq!(resumed.offset, 5 << 20);
        let mut writer = resumed.writer;
        writer.append(&object[5 << 20..]).unwrap();
        server.faults.meet(Fault::LostAnswer, Method::POST, "uploadId", 1);
        writer.commit().unwrap();
        assert!(read(&*store, "a") == object, "{client}");
    }
}

#[test]
fn what_breaks_off_while_it_is_read_is_read_on() {
    each(|server, store, fault| {
        let object = bytes(20 << 20);
        write(store, "a", &object).unwrap();
        server.faults.meet(fault, Method::GET, "/a", 3);
        assert!(read(store, "a") == object, "other bytes");
    });
}

#[test]
fn a_delete_gets_through_and_takes_all_versions() {
    each(|server, store, fault| {
        store.put(&name("a"), b"x").unwrap();
        server.shop.add_versions("shop-1/a");
        server.shop.add_versions("shop-1/a");
        server.faults.meet(fault, Method::DELETE, "/a", 2);
        store.delete(&name("a")).unwrap();
        store.settle().unwrap();
        assert_eq!(server.shop.count_versions(), 0);
    });
}

#[test]
fn a_delete_of_one_object_leaves_those_whose_names_begin_like_it() {
    for client in clients() {
        let (_server, store) = open(client);
        for object in ["a", "a1", "a.b"] {
            store.put(&name(object), b"x").unwrap();
        }
        store.delete(&name("a")).unwrap();
        let left: Vec<_> = store.list().unwrap().into_iter().map(|o| o.name.to_string()).collect();
        assert_eq!(left, ["a.b", "a1"]);
    }
}

#[test]
fn what_comes_back_after_a_delete_is_not_settled() {
    for client in clients() {
        let (server, store) = open(client);
        store.put(&name("a"), b"x").unwrap();
        store.delete(&name("a")).unwrap();
        // Replication, or a backup that somebody puts back.
        server.shop.add_versions("shop-1/a");
        let told = store.settle().unwrap_err();
        assert!(told.is_worth_a_retry(), "{told}");
        store.delete(&name("a")).unwrap();
        store.settle().unwrap();
    }
}

#[test]
fn a_list_gets_through() {
    each(|server, store, fault| {
        store.put(&name("a"), b"x").unwrap();
        server.faults.meet(fault, Method::GET, "list-type", 2);
        assert_eq!(store.list().unwrap().len(), 1);
    });
}

#[test]
fn a_server_that_stays_busy_is_told_and_worth_another_try() {
    for client in clients() {
        let (server, store) = open(client);
        server.faults.plan(|_, _| Some(Fault::Busy));
        let refused = [
            store.put(&name("a"), b"x").unwrap_err(),
            store.list().unwrap_err(),
            store.size(&name("a")).unwrap_err(),
            store.delete(&name("a")).unwrap_err(),
            store.create(&name("a")).unwrap_err(),
            store.open(&name("a"), ByteRange::ALL).err().unwrap(),
        ];
        for told in refused {
            assert!(matches!(told, Error::Unavailable { .. }) && told.is_worth_a_retry(), "{client}: {told:?}");
            assert!(told.to_string().contains("/shop/shop-1/"), "{told}");
        }
        assert_eq!(asked(&server, "GET", "list-type"), 4, "{client} asked another number of times");
    }
}

#[test]
fn a_writer_that_was_interrupted_for_good_can_be_resumed() {
    for client in clients() {
        let (server, store) = open(client);
        let object = bytes(16 << 20);
        let mut writer = store.create(&name("a")).unwrap();
        writer.append(&object[..5 << 20]).unwrap();
        writer.sync().unwrap();
        server.faults.plan(|_, _| Some(Fault::CutRequest));
        let failed = writer.append(&object[5 << 20..]).and_then(|()| writer.commit());
        assert!(failed.unwrap_err().is_worth_a_retry());
        server.faults.plan(|_, _| None);
        let mut resumed = store.resume(&name("a")).unwrap();
        assert_eq!(resumed.offset, 5 << 20);
        resumed.writer.append(&object[5 << 20..]).unwrap();
        resumed.writer.commit().unwrap();
        assert!(read(&*store, "a") == object, "{client}");
    }
}

#[test]
fn nothing_follows_a_server_to_another_host() {
    for client in clients() {
        let (server, store) = open(client);
        server.faults.plan(|_, _| Some(Fault::Redirect));
        let told = store.put(&name("a"), b"x").unwrap_err();
        assert!(!told.is_worth_a_retry() && told.to_string().contains("not followed"), "{client}: {told}");
        assert_eq!(server.faults.seen().len(), 1, "{client}");
    }
}

#[test]
fn the_servers_time_is_heard_from_its_answers() {
    for client in clients() {
        let (_server, store) = open(client);
        assert_eq!(store.server_time(), None);
        store.list().unwrap();
        let heard = store.server_time().unwrap();
        // The server is this machine: any year later than that of this test will do.
        assert!(heard > 1_700_000_000_000_000_000, "{client}: {heard}");
    }
}

#[test]
fn a_store_can_be_dropped_on_a_reactors_thread() {
    for client in clients() {
        let (_server, store) = open(client);
        store.list().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async move { drop(store) });
    }
}
