//! How trust moves from one root to the next.

use std::fs;
use std::num::NonZeroU64;

use tough::schema::Root;

use crate::owner::{FINDER, Owner, soon};
use crate::shop::{Shop, documented};
use crate::thief::{self, Copy};

impl Owner {
    /// Replaces one key of the root by another, signed by the keys named.
    fn replace_root_key(&self, out: &str, new: &str, signed_by: &[&str]) {
        self.repository.rotate("root", &[self.key(out).public()], &[self.key(new).public()], None, soon()).unwrap();
        self.sign_all(signed_by);
        self.publish();
    }
}

#[test]
fn a_shop_that_pinned_the_first_root_follows_over_several() {
    let owner = Owner::with_acme();
    let first = owner.root();
    let mut roots = Vec::new();
    for (out, new, signed_by) in [
        ("root-1", "root-4", ["root-1", "root-2", "root-4"]),
        ("root-2", "root-5", ["root-2", "root-4", "root-5"]),
        ("root-3", "root-6", ["root-3", "root-4", "root-5"]),
    ] {
        owner.replace_root_key(out, new, &signed_by);
        roots.push(Copy::of(&owner));
    }
    assert!(owner.metadata("4.root.json").exists());
    let shop = Shop::pinning(&first, owner.path());
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);

    // None of the first keys counts any more, and who has seen that is not taken back to a time when they did.
    fs::remove_file(owner.metadata("4.root.json")).unwrap();
    fs::remove_file(owner.metadata("3.root.json")).unwrap();
    assert_eq!(shop.offers(&owner).unwrap().len(), 2, "the newest root is known already");
}

#[test]
fn a_root_that_the_one_before_has_not_signed_is_refused() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let root = thief::read::<Root>(&owner.metadata("1.root.json")).signed;
    let next = Root { version: NonZeroU64::new(2).unwrap(), ..root };
    thief::write(&owner.metadata("2.root.json"), &thief::sign(&owner, next, &["online", "acme"]));
    assert_eq!(
        shop.refusal(&owner),
        "root of the registry has 0 of the 2 signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_root_with_one_signature_of_two_is_refused_by_the_owner_and_by_every_host() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.repository.rotate("root", &[], &[owner.key("root-4").public()], None, soon()).unwrap();
    owner.sign_all(&["root-1"]);
    let why = "`root` version 2 has 1 of the 2 signatures that the root asks for: let others run `sluis registry sign`";
    assert_eq!(owner.publish_what_is_finished(), [format!("root 2: {}", documented(why.to_owned()))]);
    assert!(!owner.metadata("2.root.json").exists());
    fs::copy(owner.path().join("draft/root.json"), owner.metadata("2.root.json")).unwrap();
    assert_eq!(
        shop.refusal(&owner),
        "root of the registry has 1 of the 2 signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_root_that_only_its_own_keys_have_signed_is_not_published() {
    let owner = Owner::with_acme();
    let (one, two) = (owner.key("root-1").public(), owner.key("root-2").public());
    let new = [owner.key("root-4").public(), owner.key("root-5").public()];
    owner.repository.rotate("root", &[one, two], &new, None, soon()).unwrap();
    owner.sign_all(&["root-4", "root-5"]);
    let why = "`root` version 2 has 0 of the 2 signatures that the root before it asks for: let others run `sluis registry sign`";
    assert_eq!(owner.publish_what_is_finished(), [format!("root 2: {}", documented(why.to_owned()))]);
    assert!(!owner.metadata("2.root.json").exists());
    owner.sign_all(&["root-1", "root-2"]);
    owner.publish();
}

#[test]
fn a_root_counts_as_signed_when_those_of_the_root_before_it_have_signed_it_too() {
    let owner = Owner::with_acme();
    let id = |name: &str| owner.key(name).public().short_id();
    owner
        .repository
        .rotate("root", &[owner.key("root-1").public()], &[owner.key("root-4").public()], None, soon())
        .unwrap();
    owner.sign_all(&["root-4", "root-2"]);
    let root = &owner.repository.state().unwrap()[0];
    let before = root.before.as_ref().unwrap();
    assert_eq!((root.tally.have, root.tally.need, before.have, before.need), (2, 2, 1, 2));
    assert!(!root.is_signed());
    let to_sign = root.to_sign();
    assert!(to_sign.len() == 2 && ["root-1", "root-3"].map(id).iter().all(|id| to_sign.contains(&id.as_str())));
    assert_eq!(owner.publish_what_is_finished().len(), 1, "publishing counts the same");

    // A signature that does not hold is none.
    let path = owner.path().join("draft/root.json");
    let mut draft = thief::read::<Root>(&path);
    draft.signatures[0].sig = vec![0; 64].into();
    thief::write(&path, &draft);
    let root = &owner.repository.state().unwrap()[0];
    assert_eq!((root.tally.have, root.to_sign().contains(&id("root-4").as_str())), (1, true));

    owner.sign_all(&["root-1", "root-4"]);
    assert!(owner.repository.state().unwrap()[0].is_signed());
    owner.publish();
    let root = &owner.repository.state().unwrap()[0];
    assert_eq!((root.version, &root.before, root.to_sign()), (2, &None, vec![]));
}

#[test]
fn a_publisher_s_stolen_key_is_worth_nothing_after_it_was_replaced() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner
        .repository
        .rotate("acme", &[owner.key("acme").public()], &[owner.key("acme-2").public()], None, soon())
        .unwrap();
    owner.sign_all(&["targets", "acme-2"]);
    owner.publish();
    assert_eq!(shop.fetched(&owner, FINDER).unwrap().wasm, b"finder 1", "the same, signed again");
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    let told = owner.repository.sign(&[owner.key("acme")]).unwrap_err().to_string();
    assert!(told.contains("may sign none of what waits to be signed: acme"), "{told}");
}

#[test]
fn the_key_of_who_says_who_publishes_is_replaced_and_the_list_signed_again() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let (old, new) = (owner.key("targets").public(), owner.key("targets-2").public());
    owner.repository.rotate("targets", &[old], &[new], None, soon()).unwrap();
    owner.sign_all(&["root-1", "root-2", "targets-2"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
}
