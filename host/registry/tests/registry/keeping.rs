//! What owner, publisher and shop do on a good day.

use std::sync::Arc;

use sluis_registry::repository::{Added, Beginning, Delegation, Entry, Role};
use sluis_registry::{Place, Repository, Sha256};
use sluis_store::FolderStore;

use crate::owner::{FINDER, Owner, WATCH, soon};
use crate::server::{Mischief, serve};
use crate::shop::Shop;

#[test]
fn a_shop_gets_what_a_publisher_signed_from_a_web_server() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let remote = shop.at(serve(owner.path(), Mischief::None));
    let offers = remote.listing().unwrap().offers;
    let names: Vec<_> = offers.iter().map(|o| (o.component.full_name(), o.component.version.as_str())).collect();
    assert_eq!(names, [("acme/face-finder".to_owned(), "0.1.0"), ("acme/shelf-watch".to_owned(), "0.1.0")]);
    let fetched = remote.fetch(&offers[0]).unwrap();
    assert_eq!(fetched.wasm, b"finder 1");
    assert_eq!((fetched.models[0].0.name.as_str(), fetched.models[0].1.as_slice()), ("finder", &b"model 1"[..]));
    assert_eq!(fetched.component.changelog.as_deref(), Some("Finds faces."));
}

#[test]
fn a_shop_gets_it_from_a_bucket_too() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let bucket = tempfile::tempdir().unwrap();
    let store = Arc::new(FolderStore::open(bucket.path()).unwrap());
    owner.repository.upload(&*store).unwrap();
    owner.update("0.2.0", b"finder 2", b"model 1");
    owner.repository.upload(&*store).unwrap();
    let remote = shop.at(Place::Store(store));
    let offers = remote.listing().unwrap().offers;
    assert_eq!(remote.fetch(&offers[0]).unwrap().wasm, b"finder 2");
}

#[test]
fn another_model_for_the_same_component_is_an_offer_like_any_other() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let before = shop.offer(&owner, FINDER);
    owner.add_model("acme", "0.1.0", b"model 2");
    owner.sign_all(&["acme"]);
    owner.publish();
    let after = shop.offer(&owner, FINDER);
    assert_ne!(before, after);
    assert_eq!(before.component, after.component);
    assert_eq!(after.models[0].sha256, Sha256::of(b"model 2"));
    let fetched = shop.fetched(&owner, FINDER).unwrap();
    assert_eq!((fetched.wasm.as_slice(), fetched.models[0].1.as_slice()), (&b"finder 1"[..], &b"model 2"[..]));
    let told = crate::shop::refused(shop.at(crate::shop::folder(&owner)).fetch(&before));
    assert_eq!(
        told,
        "`acme/face-finder` is not offered any more as it was a moment ago: look again, `sluis plugin ls --available`"
    );
}

#[test]
fn publishing_again_without_drafts_makes_it_hold_for_longer() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    shop.offers(&owner).unwrap();
    owner.publish();
    let state = owner.repository.state().unwrap();
    let version = |role: &str| state.iter().find(|s| s.role == role).unwrap().version;
    assert_eq!((version("timestamp"), version("snapshot"), version("acme"), version("root")), (2, 2, 1, 1));
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
}

#[test]
fn what_is_published_stays_as_it_is_byte_for_byte() {
    let owner = Owner::with_acme_and_bond();
    let shop = Shop::of(&owner);
    let bucket = tempfile::tempdir().unwrap();
    let store = Arc::new(FolderStore::open(bucket.path()).unwrap());
    owner.repository.upload(&*store).unwrap();
    let mut before = owner.files("metadata");
    before.remove(&owner.metadata("timestamp.json"));
    owner.publish();
    let after = owner.files("metadata");
    for (path, bytes) in &before {
        assert!(after[path] == *bytes, "{} was written again", path.display());
    }
    owner.repository.upload(&*store).unwrap();
    assert_eq!(shop.at(Place::Store(store)).listing().unwrap().offers.len(), 4, "a bucket writes no object twice");
}

#[test]
fn the_same_root_pinned_again_forgets_nothing() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let old = crate::thief::Copy::of(&owner);
    owner.update("0.2.0", b"finder 2", b"model 1");
    shop.offers(&owner).unwrap();
    old.put_back(&owner);
    shop.home.pin(&"https://mirror.example/plugins/".parse().unwrap(), &owner.root()).unwrap();
    assert!(shop.refusal(&owner).contains("goes back"), "a mirror cannot show an old state");
}

#[test]
fn what_was_seen_does_not_pile_up() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    shop.offers(&owner).unwrap();
    let seen = shop.home.updates_folder().join("registry/seen");
    let files = || std::fs::read_dir(&seen).unwrap().count();
    let before = files();
    for version in ["0.2.0", "0.3.0"] {
        owner.update(version, version.as_bytes(), b"model 1");
        shop.offers(&owner).unwrap();
    }
    assert_eq!(files(), before);
}

#[test]
fn what_is_missing_or_another_file_is_not_published() {
    let owner = Owner::with_acme();
    owner.add("acme", "0.2.0", b"finder 2", b"model 1");
    owner.sign_all(&["acme"]);
    let draft = owner.path().join("draft/files/acme/components").join(format!("{WATCH}.wasm"));
    let finder = owner.path().join("draft/files/acme/components").join(format!("{FINDER}.wasm"));
    std::fs::remove_file(draft).unwrap();
    std::fs::write(finder, b"finder 3").unwrap();
    let told = owner.repository.publish(&[owner.key("online")], soon()).unwrap_err().to_string();
    assert!(told.contains("could not read") && told.contains(FINDER), "{told}");
    assert!(!owner.metadata("2.acme.json").exists(), "nothing of it is published");
}

#[test]
fn a_key_has_no_duty_both_offline_and_online() {
    let folder = tempfile::tempdir().unwrap();
    let owner = Owner::new();
    let role = |name: &str| Role::of(owner.key(name).public());
    let beginning = Beginning {
        root: role("one"),
        targets: role("two"),
        snapshot: role("two"),
        timestamp: role("three"),
        root_expires: soon(),
        targets_expires: soon(),
    };
    let repository = Repository::at(folder.path());
    let told = repository.begin(&beginning).unwrap_err().to_string();
    assert!(told.contains("`targets` and `snapshot`"), "{told}");
    let beginning = Beginning { root: Role { threshold: 2, ..role("one") }, snapshot: role("three"), ..beginning };
    let told = repository.begin(&beginning).unwrap_err().to_string();
    assert!(told.contains("`root` is to be signed by 2 keys, and has 1"), "{told}");
}

#[test]
fn a_registry_is_begun_once() {
    let owner = Owner::with_acme();
    let one = Role::of(owner.key("root-1").public());
    let online = Role::of(owner.key("online").public());
    let beginning = Beginning {
        root: one.clone(),
        targets: one,
        snapshot: online.clone(),
        timestamp: online,
        root_expires: soon(),
        targets_expires: soon(),
    };
    assert!(owner.repository.begin(&beginning).unwrap_err().to_string().contains("already"));
}

#[test]
fn nothing_is_added_for_who_is_no_publisher() {
    let owner = Owner::with_acme();
    let told = owner.repository.delegate("Acme!", &Role::of(owner.key("acme").public()), soon()).unwrap_err();
    assert!(told.to_string().contains("a-z"), "{told}");
    let told = owner.repository.delegate("targets", &Role::of(owner.key("acme").public()), soon()).unwrap_err();
    assert!(told.to_string().contains("The Update Framework"), "{told}");
}

#[test]
fn what_was_added_is_told_and_what_was_not_named() {
    let owner = Owner::with_acme();
    let added = |name: &str, version: Option<&str>, bytes: &[u8]| Added {
        name: format!("acme/{name}"),
        version: version.map(str::to_owned),
        size: bytes.len() as u64,
        sha256: Sha256::of(bytes),
    };
    let entry = owner.entry("0.2.0", b"finder 2", b"model 2");
    let addition = owner.repository.add("acme", &entry, soon()).unwrap();
    let (model, finder) = (added("finder", None, b"model 2"), added(FINDER, Some("0.2.0"), b"finder 2"));
    assert_eq!(addition.added, [model.clone(), finder, added(WATCH, Some("0.2.0"), b"watch")]);
    assert!(addition.not_added.is_empty() && addition.warnings.is_empty(), "{addition:?}");

    let addition = owner.repository.add("acme", &Entry { components: Vec::new(), ..entry }, soon()).unwrap();
    assert_eq!((addition.added, addition.not_added), (vec![model], vec![FINDER.to_owned(), WATCH.to_owned()]));
}

#[test]
fn a_version_that_is_not_above_the_one_offered_is_warned_of() {
    let owner = Owner::with_acme();
    owner.update("0.2.0", b"finder 2", b"model 1");
    let warnings = |version: &str, finder: &[u8]| {
        let addition = owner.repository.add("acme", &owner.entry(version, finder, b"model 1"), soon());
        addition.unwrap().warnings
    };
    assert_eq!(warnings("0.2.0", b"finder 2"), Vec::<String>::new(), "it is the same");
    let told = warnings("0.2.0", b"finder 3");
    assert!(told.len() == 1 && told[0].contains("acme/face-finder 0.2.0 is offered already"), "{told:?}");
    let told = warnings("0.1.9", b"finder 3");
    assert!(told.len() == 2 && told[0].contains("acme/face-finder 0.1.9 is lower than 0.2.0"), "{told:?}");
    assert_eq!(warnings("0.10.0", b"finder 4"), Vec::<String>::new(), "nobody has seen the drafts before");
}

#[test]
fn a_component_without_its_model_is_told_how_to_give_it() {
    let owner = Owner::with_acme();
    owner.delegate("bond");
    let entry = owner.entry("0.7.0", b"bond's finder", b"bond's model");
    assert_eq!(
        crate::shop::refused(owner.repository.add("bond", &Entry { models: Vec::new(), ..entry }, soon())),
        "bond/face-finder loads the model `finder`, which is not among what is published: give its file, `--model finder=FILE`"
    );
    assert!(!owner.path().join("draft/bond.json").exists(), "nothing of it is drafted");
}

#[test]
fn publishers_are_listed_with_their_keys_before_they_have_signed_anything() {
    let owner = Owner::with_acme();
    owner.delegate("bond");
    let delegation = |publisher: &str, has_signed| Delegation {
        publisher: publisher.to_owned(),
        keys: vec![owner.key(publisher).public().short_id()],
        threshold: 1,
        has_signed,
    };
    assert_eq!(owner.repository.delegations().unwrap(), [delegation("acme", true), delegation("bond", false)]);
}
