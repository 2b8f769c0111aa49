//! What attackers do who hold the server, the line, or a key that is not enough.

use std::fs;
use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use sluis_registry::{Home, NewComponent, Place, RegistrySettings, Remote};
use tough::schema::{Root, Targets};

use crate::owner::{FINDER, Owner, WATCH};
use crate::server::{Mischief, serve};
use crate::shop::{Shop, folder, refused};
use crate::thief::{self, Copy};

#[test]
fn another_file_in_the_place_of_a_component_is_not_taken() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let targets = thief::read::<Targets>(&owner.metadata("1.acme.json")).signed;
    let (name, signed) = targets.targets.iter().find(|(name, _)| name.raw().ends_with("watch.wasm")).unwrap();
    let path = owner.path().join("targets").join(format!("{}.{}", hex::encode(&signed.hashes.sha256), name.raw()));
    fs::write(&path, b"wrong").unwrap();
    let told = refused(shop.fetched(&owner, WATCH));
    assert_eq!(
        told,
        "acme/components/shelf-watch.wasm is not the file that its publisher signed: somebody has put another in its place; nothing is updated, and what is installed keeps running"
    );
    assert_eq!(shop.fetched(&owner, FINDER).unwrap().wasm, b"finder 1", "the other is as it was signed");
}

#[test]
fn an_old_state_is_not_taken_after_a_newer_one_was_seen() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let old = Copy::of(&owner);
    owner.update("0.2.0", b"finder 2", b"model 1");
    assert_eq!(shop.offer(&owner, FINDER).component.version, "0.2.0");
    old.put_back(&owner);
    assert_eq!(
        shop.refusal(&owner),
        "the registry goes back: timestamp has version 1, after 2; somebody shows an old state, in which faults are open that were repaired; nothing is updated, and what is installed keeps running"
    );
    let another = Shop::of(&owner);
    assert_eq!(another.offer(&owner, FINDER).component.version, "0.1.0", "who never saw the newer one cannot know");
}

#[test]
fn an_old_publisher_s_part_in_a_new_snapshot_is_not_taken() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let old = thief::read::<Targets>(&owner.metadata("1.acme.json"));
    owner.update("0.2.0", b"finder 2", b"model 1");
    shop.offers(&owner).unwrap();
    thief::publish(&owner, "online", "acme", &old);
    assert_eq!(
        shop.refusal(&owner),
        "the registry goes back: acme.json has version 1, after 2; somebody shows an old state, in which faults are open that were repaired; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_state_that_is_held_back_is_refused_once_it_has_expired() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    thief::say_again(&owner, "online", Timestamp::now() - SignedDuration::from_secs(1));
    assert_eq!(
        shop.refusal(&owner),
        "timestamp of the registry has expired: its owner has published nothing for too long, or somebody holds back what is new; nothing is updated, and what is installed keeps running; ask the owner, and look at this machine's clock"
    );
}

#[test]
fn files_of_two_states_are_not_taken_for_one() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.update("0.2.0", b"finder 2", b"model 1");
    fs::copy(owner.metadata("1.acme.json"), owner.metadata("2.acme.json")).unwrap();
    assert_eq!(
        shop.refusal(&owner),
        "2.acme.json of the registry is not the one that belongs to the rest: somebody has mixed files of several states, or changed it; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn data_without_end_are_cut_off() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let server = serve(owner.path(), Mischief::Endless { end: "timestamp.json" });
    assert_eq!(
        refused(shop.at(server).listing()),
        "timestamp.json of the registry is longer than the 65536 bytes that it may have: somebody sends data without end; nothing is updated, and what is installed keeps running"
    );
    let server = serve(owner.path(), Mischief::Endless { end: "shelf-watch.wasm" });
    assert_eq!(
        refused(shop.at(server).fetch(&shop.offer(&owner, WATCH))),
        "acme/components/shelf-watch.wasm of the registry is longer than the 5 bytes that it may have: somebody sends data without end; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_server_that_never_answers_is_not_waited_for() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let server = serve(owner.path(), Mischief::Silent { end: "timestamp.json" });
    assert_eq!(
        refused(shop.in_a_hurry(server).listing()),
        "the registry did not send what it offers within 2 seconds: it is too slow, or somebody keeps this machine waiting; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn no_redirection_is_followed() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let server = serve(owner.path(), Mischief::Elsewhere { end: "timestamp.json" });
    assert_eq!(
        refused(shop.at(server).listing()),
        "the registry cannot be read: timestamp.json: the server answered 302 Found, and no redirection is followed: configure the address where the registry is; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn what_has_expired_brings_nothing_new_and_what_is_installed_stays() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let component = NewComponent {
        name: WATCH.to_owned(),
        world: "gesture-detector".to_owned(),
        contract: "sluis:stage@0.1.0".to_owned(),
        version: "0.1.0".to_owned(),
        models: Vec::new(),
        wasm: b"watch".to_vec(),
    };
    shop.home.install(component).unwrap();
    let root = thief::read::<Root>(&owner.metadata("1.root.json")).signed;
    let next =
        Root { version: NonZeroU64::new(2).unwrap(), expires: Timestamp::now() - SignedDuration::from_secs(1), ..root };
    thief::write(&owner.metadata("2.root.json"), &thief::sign(&owner, next, &["root-1", "root-2"]));
    assert_eq!(
        shop.refusal(&owner),
        "root of the registry has expired: its owner has published nothing for too long, or somebody holds back what is new; nothing is updated, and what is installed keeps running; ask the owner, and look at this machine's clock"
    );
    let installed = shop.home.component("gesture-detector", None).unwrap();
    assert_eq!(shop.home.read_component(&installed).unwrap(), b"watch");
}

#[test]
fn a_thief_of_the_online_key_adds_nothing_and_after_it_was_replaced_it_is_worth_nothing() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let before = Copy::of(&owner);
    // With the key of the machine that publishes, they sign a component of their own in acme's name.
    let mut theirs = thief::read::<Targets>(&owner.metadata("1.acme.json")).signed;
    theirs.version = NonZeroU64::new(2).unwrap();
    thief::publish(&owner, "online", "acme", &thief::sign(&owner, theirs, &["online"]));
    thief::say_again(&owner, "online", crate::owner::soon());
    assert_eq!(
        shop.refusal(&owner),
        "targets of the registry has 0 of the 1 signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; nothing is updated, and what is installed keeps running"
    );

    before.put_back(&owner);
    let (old, new) = (owner.key("online").public(), owner.key("online-2").public());
    for role in ["snapshot", "timestamp"] {
        let expires = crate::owner::soon();
        owner.repository.rotate(role, std::slice::from_ref(&old), std::slice::from_ref(&new), None, expires).unwrap();
    }
    owner.sign_all(&["root-1", "root-3"]);
    owner.repository.publish(&[owner.key("online-2")], crate::owner::soon()).unwrap();
    assert_eq!(shop.offers(&owner).unwrap().len(), 2, "what the thief had counted up is forgotten with their key");
    thief::say_again(&owner, "online", crate::owner::soon());
    assert_eq!(
        shop.refusal(&owner),
        "timestamp of the registry has 0 of the 1 signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_publisher_beyond_its_path_is_refused_by_the_owner_and_by_every_host() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    let mut theirs = thief::read::<Targets>(&owner.metadata("1.acme.json")).signed;
    theirs.version = NonZeroU64::new(2).unwrap();
    let theirs_too = theirs.targets.values().next().unwrap().clone();
    theirs.targets.insert("bond/registry.json".parse().unwrap(), theirs_too);
    let signed = thief::sign(&owner, theirs, &["acme"]);

    fs::create_dir_all(owner.path().join("draft")).unwrap();
    thief::write(&owner.path().join("draft/acme.json"), &signed);
    let told = refused(owner.repository.publish(&[owner.key("online")], crate::owner::soon()));
    assert_eq!(
        told,
        "publisher `acme` signed `bond/registry.json`, and only what is under `acme/` is delegated to them"
    );

    thief::publish(&owner, "online", "acme", &signed);
    assert_eq!(
        shop.refusal(&owner),
        "a publisher has signed `bond/registry.json`, which is not under its own path; no part of the registry is read until its owner has taken that out; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_publisher_does_not_speak_for_another() {
    let owner = Owner::with_acme_and_bond();
    let mut theirs = thief::read::<Targets>(&owner.metadata("1.acme.json")).signed;
    theirs.version = NonZeroU64::new(2).unwrap();
    let other = theirs.targets.values().next().unwrap().clone();
    for target in ["bond/registry.json", "bond/components/face-finder.wasm"] {
        theirs.targets.insert(target.parse().unwrap(), other.clone());
    }
    thief::publish(&owner, "online", "acme", &thief::sign(&owner, theirs, &["acme"]));
    let shop = Shop::of(&owner);
    let offers = shop.offers(&owner).unwrap();
    let offer = offers.iter().find(|offer| offer.publisher == "bond" && offer.component.name == FINDER).unwrap();
    assert_eq!(offer.component.version, "0.7.0");
    assert_eq!(shop.at(folder(&owner)).fetch(offer).unwrap().wasm, b"bond's finder");
}

#[test]
fn a_registry_with_another_root_than_the_pinned_one_is_refused() {
    let (owner, other) = (Owner::with_acme(), Owner::with_acme());
    let shop = Shop::pinning(&other.root(), owner.path());
    assert_eq!(
        shop.refusal(&owner),
        "timestamp of the registry has 0 of the 1 signatures that the pinned root leads to: somebody changed it, or the pinned root is of another registry; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn without_a_pinned_root_nothing_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let place = Place::Folder("/nowhere".into());
    let told = Remote::new(&home, &RegistrySettings::at(place.clone())).unwrap_err().to_string();
    assert!(
        told.starts_with("no registry is pinned in ") && told.contains("sluis plugin pin --registry URL --root FILE")
    );
    let told = home.pin(&place, b"{}").unwrap_err().to_string();
    assert!(told.starts_with("the pinned root is no root of a registry"), "{told}");
}

#[test]
fn a_registry_that_is_away_is_told_with_what_is_missing() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    fs::remove_file(owner.metadata("timestamp.json")).unwrap();
    assert_eq!(
        refused(shop.at(serve(owner.path(), Mischief::None)).listing()),
        "the registry cannot be read: timestamp.json: the server answered 404 Not Found; nothing is updated, and what is installed keeps running"
    );
}

#[test]
fn a_clock_that_was_set_back_is_told() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    shop.offers(&owner).unwrap();
    let last = serde_json::to_string(&(Timestamp::now() + SignedDuration::from_hours(1))).unwrap();
    fs::write(shop.home.folder().join("plugins/registry/seen/latest_known_time.json"), last).unwrap();
    assert_eq!(
        shop.refusal(&owner),
        "this machine's clock shows a time before that of the last look into the registry, so nothing can be told to be new: set it right; nothing is updated, and what is installed keeps running"
    );
}
