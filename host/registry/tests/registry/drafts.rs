//! Drafts that wait hold nobody else up, and drafts that are published hold up nobody at all.

use std::fs;
use std::slice;

use crate::owner::{FINDER, Owner, soon};
use crate::shop::{Shop, documented, refused};
use crate::thief::Copy;

impl Owner {
    /// A draft of a root with another online key.
    fn replace_online_key(&self) {
        let (old, new) = (self.key("online").public(), self.key("online-2").public());
        for role in ["snapshot", "timestamp"] {
            self.repository.rotate(role, slice::from_ref(&old), slice::from_ref(&new), None, soon()).unwrap();
        }
    }

    /// As [`update`](Self::update), whatever waits besides.
    fn update_while_others_wait(&self, version: &str) {
        self.add("acme", version, version.as_bytes(), b"model 1");
        self.sign_all(&["acme"]);
        assert_eq!(self.publish_what_is_finished().len(), 1);
        assert!(!self.is_drafted("acme"));
    }

    fn is_drafted(&self, role: &str) -> bool {
        self.path().join(format!("draft/{role}.json")).exists()
    }
}

/// What an owner reads of a draft that waits, which the guide has to have.
fn waits(draft: &str, why: &str) -> String {
    format!("{draft}: {}", documented(why.to_owned()))
}

/// What an owner reads who gives the key `given` where `wanted` is to sign, which the guide has to have with ids of its own.
fn online_key_missing(owner: &Owner, wanted: &str, given: &str) -> String {
    let told = |wanted: &str, given: &str| {
        format!(
            "`snapshot` is to be signed by 1 of its keys ({wanted}), and 0 of them were given; given were {given}: a key of `snapshot` and one of `timestamp` are needed, `--key FILE` several times where they differ"
        )
    };
    documented(told("0eb7a49d3f6b15c2", "6be280a8b0eb75d4"));
    let id = |name: &str| owner.key(name).public().short_id();
    told(&id(wanted), &id(given))
}

/// Which version of the filter a shop is offered.
fn offered(shop: &Shop, owner: &Owner) -> String {
    shop.offer(owner, FINDER).component.version
}

#[test]
fn a_publisher_that_has_sent_nothing_is_waited_for_while_what_is_published_is_renewed() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    shop.offers(&owner).unwrap();
    owner.delegate("bond");
    owner.sign_all(&["targets"]);
    let why = "publisher `bond` has signed nothing yet, and hosts refuse a registry of which a part is missing: let them run `sluis registry add` and put what it makes into `draft` here, or take them out, `sluis registry revoke --publisher bond`";
    assert_eq!(owner.publish_what_is_finished(), [waits("targets 2", why)]);
    assert_eq!(owner.state("timestamp").0, 2);
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);

    owner.update_while_others_wait("0.2.0");
    assert_eq!(offered(&shop, &owner), "0.2.0");
    owner.add("bond", "0.7.0", b"bond's finder", b"bond's model");
    owner.sign_all(&["bond"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap().len(), 4);
    assert!(owner.files("draft").is_empty());
}

#[test]
fn a_publisher_s_part_waits_for_the_delegation_that_it_goes_with() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.delegate("bond");
    owner.add("bond", "0.7.0", b"bond's finder", b"bond's model");
    owner.sign_all(&["bond"]);
    assert_eq!(
        owner.publish_what_is_finished(),
        [
            waits(
                "targets 2",
                "`targets` version 2 has 0 of the 1 signatures that the root asks for: let others run `sluis registry sign`"
            ),
            waits("bond 1", "it goes with `targets` version 2, which waits"),
        ]
    );
    assert!(owner.is_drafted("bond") && owner.files("draft/files").len() == 4);
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
    owner.sign_all(&["targets"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap().len(), 4);
}

#[test]
fn a_root_that_lacks_a_signature_waits_while_a_publisher_s_update_goes_out() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.repository.rotate("root", &[], &[owner.key("root-4").public()], None, soon()).unwrap();
    owner.sign_all(&["root-1"]);
    owner.update_while_others_wait("0.2.0");
    assert_eq!(offered(&shop, &owner), "0.2.0");
    owner.sign_all(&["root-2"]);
    owner.publish();
    assert!(owner.metadata("2.root.json").exists());
    assert_eq!(offered(&shop, &owner), "0.2.0");
}

#[test]
fn a_root_with_another_online_key_waits_for_its_signatures_and_for_that_key() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.replace_online_key();
    owner.update_while_others_wait("0.2.0");
    owner.sign_all(&["root-1", "root-3"]);
    assert_eq!(
        owner.publish_what_is_finished(),
        [format!("root 2: {}", online_key_missing(&owner, "online-2", "online"))]
    );
    assert_eq!(offered(&shop, &owner), "0.2.0");
    let published = owner.repository.publish(&[owner.key("online-2")], soon()).unwrap();
    assert!(published.left_out.is_empty() && owner.metadata("2.root.json").exists());
    assert_eq!(offered(&shop, &owner), "0.2.0");
    assert_eq!(
        owner.repository.publish(&[owner.key("online")], soon()).unwrap_err().to_string(),
        online_key_missing(&owner, "online-2", "online")
    );
}

#[test]
fn of_two_online_keys_each_is_to_be_given() {
    let owner = Owner::with_acme();
    let (old, new) = (owner.key("online").public(), owner.key("snapshots").public());
    owner.repository.rotate("snapshot", &[old], &[new], None, soon()).unwrap();
    owner.sign_all(&["root-1", "root-2"]);
    owner.repository.publish(&[owner.key("snapshots"), owner.key("online")], soon()).unwrap();
    assert!(owner.metadata("2.root.json").exists());
    let told = owner.repository.publish(&[owner.key("online")], soon()).unwrap_err().to_string();
    assert_eq!(told, online_key_missing(&owner, "snapshots", "online"));
}

#[test]
fn a_root_with_another_targets_key_waits_for_the_targets_signed_by_it() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let (old, new) = (owner.key("targets").public(), owner.key("targets-2").public());
    owner.repository.rotate("targets", &[old], &[new], None, soon()).unwrap();
    owner.sign_all(&["root-1", "root-2"]);
    let why =
        "`targets` version 2 has 0 of the 1 signatures that the root asks for: let others run `sluis registry sign`";
    assert_eq!(owner.publish_what_is_finished(), [waits("root 2", why), waits("targets 2", why)]);
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
    owner.sign_all(&["targets-2"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
}

#[test]
fn a_publisher_s_new_key_waits_until_it_has_signed() {
    let owner = Owner::with_acme_and_bond();
    let shop = Shop::of(&owner);
    let (old, new) = (owner.key("acme").public(), owner.key("acme-2").public());
    owner.repository.rotate("acme", &[old], &[new], None, soon()).unwrap();
    owner.sign_all(&["targets"]);
    let why =
        "`acme` version 2 has 0 of the 1 signatures that the delegation asks for: let others run `sluis registry sign`";
    assert_eq!(owner.publish_what_is_finished(), [waits("targets 3", why), waits("acme 2", why)]);
    assert_eq!(shop.offers(&owner).unwrap().len(), 4);
    owner.sign_all(&["acme-2"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap().len(), 4);
}

#[test]
fn what_is_signed_and_wrong_is_told_and_nothing_is_published_also_while_others_wait() {
    let owner = Owner::with_acme();
    owner.delegate("bond");
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    owner.sign_all(&["acme", "targets"]);
    let before = owner.files("metadata");
    let finder = owner.path().join(format!("draft/files/acme/components/{FINDER}.wasm"));
    fs::write(&finder, b"finder 3").unwrap();
    let told = owner.repository.publish(&[owner.key("online")], soon()).unwrap_err().to_string();
    assert!(told.contains("could not read") && told.contains(FINDER), "{told}");
    assert!(owner.files("metadata") == before, "nothing of it is published");
}

#[test]
fn a_draft_that_is_published_already_is_done() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.repository.renew("root", soon()).unwrap();
    owner.delegate("bond");
    owner.add("bond", "0.7.0", b"bond's finder", b"bond's model");
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    owner.sign_all(&["root-1", "root-2", "targets", "acme", "bond"]);
    let (before, drafts) = (Copy::of(&owner), owner.files("draft"));
    let put_back = || {
        for (path, bytes) in &drafts {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    };
    owner.publish();

    // Cut off before the drafts were removed.
    put_back();
    owner.publish();
    assert!(owner.files("draft").is_empty());
    assert_eq!((offered(&shop, &owner), owner.state("acme").0, owner.state("root").0), ("0.2.0".to_owned(), 2, 2));

    // Cut off before the timestamp was written; and who signs once more changes nothing.
    before.put_back_file(&owner, "metadata/timestamp.json");
    put_back();
    owner.sign_all(&["acme", "bond"]);
    owner.publish();
    assert!(owner.files("draft").is_empty());
    assert_eq!(offered(&Shop::of(&owner), &owner), "0.2.0");
}

#[test]
fn a_draft_that_goes_back_is_refused() {
    let owner = Owner::with_acme();
    let old = owner.files("metadata").remove(&owner.metadata("1.acme.json")).unwrap();
    owner.update("0.2.0", b"finder 2", b"model 1");
    fs::create_dir_all(owner.path().join("draft")).unwrap();
    fs::write(owner.path().join("draft/acme.json"), old).unwrap();
    assert_eq!(
        refused(owner.repository.publish(&[owner.key("online")], soon())),
        "the draft of `acme` has version 1, and 3 comes next: make it again from the registry as it is published now"
    );
}
