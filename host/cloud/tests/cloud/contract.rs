//! The contract that every store keeps.

use sluis_store::contract::{Promises, check};

use crate::clients::clients;
use crate::server::{Server, Versions};

const PROMISES: Promises = Promises { piece: 5 << 20, partials_open: false, big: 17 << 20, ..Promises::ALL };

#[test]
fn a_bucket_keeps_the_contract() {
    for client in clients() {
        let server = Server::start(Versions::Unknown);
        check(&|| sluis_cloud::open(&server.settings(), client).unwrap(), &PROMISES);
    }
}

#[test]
fn a_bucket_with_versions_keeps_the_contract_and_keeps_none() {
    for client in clients() {
        let server = Server::start(Versions::Kept);
        check(&|| sluis_cloud::open(&server.settings(), client).unwrap(), &Promises { many: 40, ..PROMISES });
        assert_eq!(server.shop.count_versions(), 0, "{client}: versions or delete markers are left");
    }
}
