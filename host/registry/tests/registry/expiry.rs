//! What has expired closes a registry to all: it is not published, told before it happens, and mended by whoever has the key.

use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use sluis_registry::repository::Validity;
use tough::schema::Targets;

use crate::owner::{FINDER, Owner, soon};
use crate::shop::{Shop, refused};
use crate::thief;

/// A time that is over.
const OVER: &str = "2026-01-05T06:00:00Z";

impl Owner {
    /// The state in which what `acme` has signed has expired, as it comes about by waiting.
    pub(crate) fn let_acme_expire(&self) {
        let mut theirs = thief::read::<Targets>(&self.metadata("1.acme.json")).signed;
        theirs.version = NonZeroU64::new(2).unwrap();
        theirs.expires = OVER.parse().unwrap();
        thief::publish(self, "online", "acme", &thief::sign(self, theirs, &["acme"]));
    }
}

#[test]
fn what_has_expired_is_not_published_and_nothing_is_written() {
    for (role, keys, told) in [
        (
            "acme",
            &["acme"][..],
            "`acme` version 2 expired on 2026-01-05 06:00 UTC, and hosts read no part of a registry in which anything has expired; nothing is published: let them run `sluis registry renew --publisher acme`, or take them out, `sluis registry revoke --publisher acme`",
        ),
        (
            "targets",
            &["targets"],
            "`targets` version 3 expired on 2026-01-05 06:00 UTC, and hosts read no part of a registry in which anything has expired; nothing is published: `sluis registry renew --role targets`, and have it signed",
        ),
        (
            "root",
            &["root-1", "root-2"],
            "`root` version 2 expired on 2026-01-05 06:00 UTC, and hosts read no part of a registry in which anything has expired; nothing is published: `sluis registry renew --role root`, and have it signed",
        ),
    ] {
        let owner = Owner::with_acme_and_bond();
        let shop = Shop::of(&owner);
        owner.repository.renew(role, OVER.parse().unwrap()).unwrap();
        owner.sign_all(keys);
        let before = (owner.files("metadata"), owner.files("targets"));
        assert_eq!(refused(owner.repository.publish(&[owner.key("online")], soon())), told);
        assert!((owner.files("metadata"), owner.files("targets")) == before, "{role}: something was written");
        assert_eq!(shop.offers(&owner).unwrap().len(), 4);
    }
}

#[test]
fn a_publisher_whose_part_has_expired_is_named_to_its_owner_and_to_every_shop() {
    let owner = Owner::with_acme_and_bond();
    let shop = Shop::of(&owner);
    owner.let_acme_expire();
    assert_eq!(
        shop.refusal(&owner),
        "what `acme` signed for the registry has expired, and no part of the registry is read until they have signed it again or its owner has taken them out; nothing is updated, and what is installed keeps running; ask the owner, and look at this machine's clock"
    );
    assert_eq!(owner.state("acme"), (2, Validity::Expired));

    owner.repository.renew("acme", soon()).unwrap();
    let told = owner.repository.publish(&[owner.key("online")], soon()).unwrap_err().to_string();
    let waits = "; the draft of `acme` version 3 waits: `acme` version 3 has 0 of the 1 signatures that the delegation asks for: let others run `sluis registry sign`";
    assert!(told.starts_with("`acme` version 2 expired on 2026-01-05") && told.ends_with(waits), "{told}");
}

#[test]
fn a_publisher_renews_what_it_has_signed_and_nothing_else_of_it_changes() {
    let owner = Owner::with_acme_and_bond();
    let shop = Shop::of(&owner);
    let before = shop.offers(&owner).unwrap();
    owner.let_acme_expire();
    owner.repository.renew("acme", soon()).unwrap();
    owner.sign_all(&["acme"]);
    owner.publish();
    assert_eq!(shop.offers(&owner).unwrap(), before);
    assert_eq!(shop.fetched(&owner, FINDER).unwrap().wasm, b"finder 1");
}

#[test]
fn root_and_list_of_publishers_are_renewed_by_their_own_keys() {
    let owner = Owner::with_acme();
    let shop = Shop::of(&owner);
    owner.repository.renew("root", soon()).unwrap();
    owner.repository.renew("targets", soon()).unwrap();
    owner.sign_all(&["root-2", "root-3", "targets"]);
    owner.publish();
    assert_eq!((owner.state("root").0, owner.state("targets").0, owner.state("acme").0), (2, 2, 1));
    assert_eq!(shop.offers(&owner).unwrap().len(), 2);
}

#[test]
fn nothing_is_renewed_of_who_has_signed_nothing_or_is_no_publisher() {
    let owner = Owner::with_acme();
    let told = owner.repository.renew("bond", soon()).unwrap_err().to_string();
    assert!(told.contains("nothing is delegated to a publisher `bond`; publishers are: acme"), "{told}");
    owner.delegate("bond");
    let told = owner.repository.renew("bond", soon()).unwrap_err().to_string();
    assert!(told.contains("publisher `bond` has signed nothing yet"), "{told}");
}

#[test]
fn what_expires_within_thirty_days_is_told_of_what_hosts_see_and_not_of_the_draft() {
    let owner = Owner::with_acme();
    assert_eq!(owner.state("acme"), (1, Validity::ExpiresSoon), "what tests sign holds for a day");
    assert_eq!(owner.state("timestamp"), (1, Validity::Valid), "a timestamp never holds for long");
    let later = Timestamp::now() + SignedDuration::from_hours(31 * 24);
    owner.repository.renew("acme", later).unwrap();
    assert_eq!(owner.state("acme"), (2, Validity::ExpiresSoon), "nobody has signed that yet");
    owner.sign_all(&["acme"]);
    owner.publish();
    assert_eq!(owner.state("acme"), (2, Validity::Valid));
}
