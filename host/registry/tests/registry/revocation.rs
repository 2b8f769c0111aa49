//! How an owner takes a publisher out, whose keys nobody has any more.

use std::fs;

use sluis_registry::repository::Role;
use tough::schema::{Snapshot, Targets};

use crate::owner::{Owner, soon};
use crate::shop::{Shop, documented, folder, refused};
use crate::thief;

/// Who offers something to a shop.
fn publishers(shop: &Shop, owner: &Owner) -> Vec<String> {
    let mut publishers: Vec<_> = shop.offers(owner).unwrap().into_iter().map(|offer| offer.publisher).collect();
    publishers.dedup();
    publishers
}

impl Owner {
    fn revoke(&self, publisher: &str) {
        self.repository.revoke(publisher, soon()).unwrap();
        self.sign_all(&["targets"]);
        self.publish();
    }
}

#[test]
fn a_revoked_publisher_is_offered_to_nobody_and_the_others_are_also_to_who_saw_the_state_before() {
    let owner = Owner::with_acme_and_bond();
    let (shop, late) = (Shop::of(&owner), Shop::of(&owner));
    let seen = shop.offers(&owner).unwrap();
    late.offers(&owner).unwrap();
    owner.let_acme_expire();
    assert!(shop.refusal(&owner).contains("`acme`"), "this shop has seen it expired, the late one has not");

    owner.revoke("acme");
    for shop in [&shop, &late, &Shop::of(&owner)] {
        assert_eq!(publishers(shop, &owner), ["bond"]);
    }
    assert_eq!(
        refused(shop.at(folder(&owner)).fetch(&seen[0])),
        "the registry has no `acme/registry.json` signed by its publisher; nothing is updated, and what is installed keeps running"
    );
    owner.publish();
    assert_eq!(publishers(&shop, &owner), ["bond"], "a week later");
    let snapshot = thief::read::<Snapshot>(&owner.metadata("5.snapshot.json")).signed;
    assert_eq!(snapshot.meta["acme.json"].version.get(), 2, "hosts take what vanishes for an attack");
}

#[test]
fn what_was_drafted_for_a_revoked_publisher_goes_and_what_comes_later_waits_for_nobody() {
    let owner = Owner::with_acme_and_bond();
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    owner.repository.revoke("acme", soon()).unwrap();
    assert_eq!(owner.files("draft").into_keys().collect::<Vec<_>>(), [owner.path().join("draft/targets.json")]);
    owner.sign_all(&["targets"]);
    owner.publish();
    let theirs = thief::read::<Targets>(&owner.metadata("1.acme.json")).signed;
    let next = Targets { version: 2.try_into().unwrap(), ..theirs };
    fs::create_dir_all(owner.path().join("draft")).unwrap();
    thief::write(&owner.path().join("draft/acme.json"), &thief::sign(&owner, next, &["acme"]));
    let why = "nothing is delegated to a publisher `acme`; publishers are: bond; `sluis registry delegate` adds one";
    assert_eq!(owner.publish_what_is_finished(), [format!("acme 2: {}", documented(why.to_owned()))]);
}

#[test]
fn the_last_publisher_can_be_revoked_and_one_that_was_comes_back_with_another_key() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    shop.offers(&owner).unwrap();
    owner.revoke("acme");
    assert!(shop.offers(&owner).unwrap().is_empty());

    owner.repository.delegate("acme", &Role::of(owner.key("acme-2").public()), soon()).unwrap();
    owner.sign_all(&["targets"]);
    let left_out = owner.publish_what_is_finished();
    assert!(left_out[0].contains("`acme` version 1 has 0 of the 1 signatures"), "{left_out:?}");
    assert!(shop.offers(&owner).unwrap().is_empty(), "what the old key has signed does not come back");
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    owner.sign_all(&["acme-2"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap()[0].component.version, "0.2.0");
}

#[test]
fn a_publisher_that_never_sent_anything_is_taken_out_of_the_draft() {
    let owner = Owner::with_acme();
    owner.delegate("bond");
    owner.delegate("chip");
    owner.add("chip", "0.3.0", b"finder 3", b"model 3");
    owner.repository.revoke("bond", soon()).unwrap();
    owner.sign_all(&["targets", "chip"]);
    owner.publish();
    assert_eq!(publishers(&Shop::of(&owner), &owner), ["acme", "chip"]);
}

#[test]
fn nobody_is_revoked_who_is_no_publisher() {
    let owner = Owner::with_acme();
    let told = owner.repository.revoke("bond", soon()).unwrap_err().to_string();
    assert!(told.contains("nothing is delegated to a publisher `bond`; publishers are: acme"), "{told}");
    assert!(owner.files("draft").is_empty());
}
