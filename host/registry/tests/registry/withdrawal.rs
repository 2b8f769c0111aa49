//! What a publisher takes out of what it publishes.

use sluis_registry::Manifest;

use crate::owner::{FINDER, Owner, WATCH, soon};
use crate::shop::{Shop, folder, refused};

impl Owner {
    /// Takes these out of what `acme` publishes, as a draft.
    fn withdraw(&self, components: &[&str], models: &[&str]) -> Result<Manifest, sluis_registry::Error> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        self.repository.withdraw("acme", &owned(components), &owned(models), soon())
    }
}

#[test]
fn a_withdrawn_component_is_not_offered_to_who_had_seen_it_and_the_others_still_are() {
    let owner = Owner::with_acme_and_bond();
    let shop = Shop::of(&owner);
    let seen = shop.offer(&owner, WATCH);
    let kept = owner.withdraw(&[WATCH], &[]).unwrap();
    assert_eq!(kept.components.iter().map(|component| component.name.as_str()).collect::<Vec<_>>(), [FINDER]);
    owner.sign_all(&["acme"]);
    owner.publish();

    let offers = shop.offers(&owner).unwrap();
    let names: Vec<_> = offers.iter().map(|offer| offer.component.full_name()).collect();
    assert_eq!(names, ["acme/face-finder", "bond/face-finder", "bond/shelf-watch"]);
    assert_eq!(
        refused(shop.at(folder(&owner)).fetch(&seen)),
        "`acme/shelf-watch` is not offered any more as it was a moment ago: look again, `sluis plugin ls --available`"
    );
    let fetched = shop.fetched(&owner, FINDER).unwrap();
    assert_eq!((fetched.wasm.as_slice(), fetched.models[0].1.as_slice()), (&b"finder 1"[..], &b"model 1"[..]));

    owner.update("0.2.0", b"finder 2", b"model 1");
    assert_eq!(shop.fetched(&owner, WATCH).unwrap().component.version, "0.2.0", "it can be added again");
}

#[test]
fn a_model_goes_with_the_last_component_that_loads_it_and_not_before() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    assert_eq!(
        refused(owner.withdraw(&[], &["finder"])),
        "acme/registry.json is not a plugin registry manifest: at `components[0].detectors[0].model`: no model `finder` is listed under `models`"
    );
    assert!(owner.files("draft").is_empty(), "nothing of it is drafted");
    owner.withdraw(&[FINDER], &["finder"]).unwrap();
    owner.sign_all(&["acme"]);
    owner.publish();
    let offers = shop.offers(&owner).unwrap();
    assert_eq!(offers.iter().map(|offer| offer.component.name.as_str()).collect::<Vec<_>>(), [WATCH]);
}

#[test]
fn what_is_not_published_is_not_withdrawn_and_what_is_published_is_named() {
    let owner = Owner::with_acme();
    assert_eq!(
        refused(owner.withdraw(&["shelf-wach"], &[])),
        "publisher `acme` publishes no component `shelf-wach`; it publishes: face-finder, shelf-watch"
    );
    assert_eq!(
        refused(owner.withdraw(&[], &["face"])),
        "publisher `acme` publishes no model `face`; it publishes: finder"
    );
    let told = owner.repository.withdraw("bond", &[WATCH.to_owned()], &[], soon()).unwrap_err().to_string();
    assert!(told.contains("nothing is delegated to a publisher `bond`; publishers are: acme"), "{told}");
    assert!(owner.files("draft").is_empty(), "nothing of it is drafted");
}
