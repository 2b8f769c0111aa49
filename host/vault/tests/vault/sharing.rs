//! Partners, grants, staff: need-to-know by key.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluis_segment::{Opener, SegmentId, SegmentKey};
use sluis_share::{
    Ask, AskNonce, Country, Document, Grant, GrantId, Name, Partner, PartnerSecret, Release, Sentence, Time,
    TransferGround,
};
use sluis_vault::store::{ByteRange, ObjectName};
use sluis_vault::{Act, Demand, EndOfGrant, Error, ObjectStore, Reason, Role, Staff, StaffKey, State, Vault};

use crate::cloud::{cloud_of, open_with, upload_all};
use crate::rig::{Hand, Rig, START, put, reason, state};

const HOUR: u64 = 3600;

/// A shop with a cloud, two segments in it, and a partner.
struct Shop {
    rig: Rig,
    vault: Arc<Vault>,
    cloud: Arc<dyn ObjectStore>,
    segments: [SegmentId; 2],
    partner: PartnerSecret,
}

impl Shop {
    fn new() -> Self {
        let rig = Rig::new();
        let cloud = cloud_of(&rig);
        let vault = open_with(&rig, Arc::clone(&cloud));
        let hand = Hand::new(&vault);
        let segments = [hand.segment("a", START, b"reach"), hand.segment("b", START, b"take")];
        hand.end();
        upload_all(&vault);
        let partner = PartnerSecret::generate().unwrap();
        vault.archive().add_partner(&described(&partner, "NL", None)).unwrap();
        Self { rig, vault, cloud, segments, partner }
    }

    fn grant(&self, segments: &[SegmentId]) -> Grant {
        let (_, document) = self.vault.archive().grant("Models BV", segments, None).unwrap();
        Grant::verify(&document, &self.vault.archive().shop_public_key(), self.now()).unwrap()
    }

    fn now(&self) -> Time {
        Time::from_nanos(sluis_frame::Clock::now(self.rig.clock.as_ref()).as_nanos())
    }

    /// The partner asks, the shop answers.
    fn ask(&self, grant: &Grant, secret: &PartnerSecret, segments: &[SegmentId]) -> sluis_vault::Answered {
        let wanted = segments.iter().map(|s| sluis_share::SegmentId::from_bytes(*s.as_bytes())).collect();
        let who = Name::new("job 17").unwrap();
        let ask = Ask::new(grant.terms().grant, wanted, self.now(), AskNonce::random().unwrap(), who).unwrap();
        self.cloud.put(&name(ask.document()), &ask.sign(secret)).unwrap();
        self.vault.answer_partners().unwrap()
    }

    /// What the partner can read with what lies in the cloud.
    fn read(&self, grant: &Grant, segment: SegmentId) -> Option<Vec<u8>> {
        let id = sluis_share::SegmentId::from_bytes(*segment.as_bytes());
        let document = self.get(&name(Document::Release(grant.terms().grant, id)))?;
        let release = Release::verify(&document, &self.vault.archive().shop_public_key(), grant, self.now()).ok()?;
        let keyset = release.open(&self.partner, self.now()).ok()?;
        let terms = grant.segment(id).unwrap();
        let sealed = self.get(&ObjectName::new(terms.object.as_str()).unwrap())?;
        let mut plain = Vec::new();
        let key = key_of(&keyset);
        Opener::new(sealed.as_slice(), &key, &terms.associated_data).ok()?.read_to_end(&mut plain).ok()?;
        Some(plain)
    }

    fn get(&self, name: &ObjectName) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.cloud.open(name, ByteRange::ALL).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// The 32 bytes at the end of the one key of a Tink keyset.
fn key_of(keyset: &[u8]) -> SegmentKey {
    use base64::Engine;
    let json: serde_json::Value = serde_json::from_slice(keyset).unwrap();
    let value = json["key"][0]["keyData"]["value"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(value).unwrap();
    SegmentKey::from_bytes(bytes[bytes.len() - 32..].try_into().unwrap())
}

fn described(secret: &PartnerSecret, country: &str, ground: Option<TransferGround>) -> Partner {
    Partner {
        name: Name::new("Models BV").unwrap(),
        key: secret.public(),
        country: Country::new(country).unwrap(),
        contract: Sentence::new("contract 2026-17").unwrap(),
        ground,
        purpose: Sentence::new("training of a reach detector").unwrap(),
    }
}

fn name(document: Document) -> ObjectName {
    ObjectName::new(document.to_string()).unwrap()
}

#[test]
fn a_partner_reads_what_it_was_granted_and_every_opening_is_logged() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments);
    assert_eq!(shop.read(&grant, shop.segments[0]), None, "a grant holds no key");
    assert_eq!(shop.ask(&grant, &shop.partner, &shop.segments[..1]).released, 1);
    assert_eq!(shop.read(&grant, shop.segments[0]).unwrap(), b"reach");
    assert_eq!(shop.read(&grant, shop.segments[1]), None, "it did not ask for that");
    let log = shop.vault.archive().releases(None).unwrap();
    assert_eq!(
        (log.len(), log[0].segment, log[0].who.as_str(), log[0].partner.as_str()),
        (1, shop.segments[0], "job 17", "Models BV")
    );
    shop.rig.wait(HOUR);
    shop.vault.sweep().unwrap();
    let receipts = shop.vault.archive().receipts().unwrap();
    let receipt = receipts.iter().find(|r| r.segment == shop.segments[0]).unwrap();
    assert_eq!(receipt.releases, log, "the receipt tells who had it");
}

#[test]
fn a_request_is_one_opening_until_its_key_has_to_be_sealed_anew() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments);
    let [first, second] = shop.segments.map(|s| sluis_share::SegmentId::from_bytes(*s.as_bytes()));
    let who = Name::new("job 17").unwrap();
    let nonce = AskNonce::random().unwrap();
    let ask = Ask::new(grant.terms().grant, vec![first, second], shop.now(), nonce, who).unwrap();
    let again = || {
        shop.cloud.put(&name(ask.document()), &ask.sign(&shop.partner)).unwrap();
        shop.vault.answer_partners().unwrap().released
    };
    let logged = || shop.vault.archive().releases(None).unwrap().len();
    assert_eq!((again(), logged()), (2, 2));
    assert_eq!((again(), logged()), (0, 2), "the keys are there");
    // As a reconciliation does while a clock runs ahead. The partner may have fetched it before.
    shop.cloud.delete(&name(Document::Release(grant.terms().grant, first))).unwrap();
    assert_eq!((again(), logged()), (1, 3), "a key that goes out a second time is told a second time");
    assert_eq!(shop.read(&grant, shop.segments[0]).unwrap(), b"reach");
    let ledger = std::fs::read_to_string(shop.rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"released\"").count(), 3);
}

#[test]
fn a_grant_that_somebody_keeps_is_worth_nothing_past_the_deadline() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments);
    shop.ask(&grant, &shop.partner, &shop.segments[..1]);
    shop.rig.wait(HOUR);
    shop.vault.sweep().unwrap();
    let answered = shop.ask(&grant, &shop.partner, &shop.segments);
    assert_eq!((answered.released, answered.refused), (0, 1));
    for segment in shop.segments {
        assert_eq!(shop.read(&grant, segment), None);
    }
    let left: Vec<_> = shop.cloud.list().unwrap().into_iter().map(|info| info.name.to_string()).collect();
    assert!(left.iter().all(|name| name.starts_with("gone-") || name == "owner.json"), "{left:?}");
}

#[test]
fn nobody_else_gets_a_key() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments[..1]);
    let stranger = PartnerSecret::generate().unwrap();
    assert_eq!(shop.ask(&grant, &stranger, &shop.segments[..1]).refused, 1);
    assert_eq!(shop.ask(&grant, &shop.partner, &shop.segments).refused, 1, "more than was granted");
    assert!(shop.vault.archive().releases(None).unwrap().is_empty());
    let ledger = std::fs::read_to_string(shop.rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("release-refused").count(), 2);
}

#[test]
fn a_revoked_grant_releases_nothing_more_and_its_keys_go() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments);
    shop.ask(&grant, &shop.partner, &shop.segments[..1]);
    shop.vault.archive().end_grant(*grant.terms().grant.as_bytes(), EndOfGrant::Revoked).unwrap();
    assert_eq!(shop.read(&grant, shop.segments[0]), None);
    assert_eq!(shop.ask(&grant, &shop.partner, &shop.segments[1..]).refused, 1);
    assert_eq!(state(&shop.vault, shop.segments[0]), State::Sealed, "the shop keeps it");
}

#[test]
fn what_is_restricted_is_released_to_nobody_and_what_lies_released_is_withdrawn() {
    let shop = Shop::new();
    let grant = shop.grant(&shop.segments);
    let [first, second] = shop.segments;
    shop.ask(&grant, &shop.partner, &[first]);
    assert!(shop.read(&grant, first).is_some());
    // Without the cloud, as a command without the configuration is: the recorder withdraws it.
    shop.rig.archive().restrict(first, &reason()).unwrap();
    shop.vault.answer_partners().unwrap();
    assert_eq!(shop.read(&grant, first), None);
    assert_eq!(shop.ask(&grant, &shop.partner, &[first]).refused, 1, "the grant is open, and gives nothing");
    assert_eq!(shop.ask(&grant, &shop.partner, &[second]).released, 1, "of the other it does");
    // With the cloud: at once.
    shop.vault.archive().restrict(second, &reason()).unwrap();
    assert_eq!(shop.read(&grant, second), None);
    let refused = shop.vault.archive().grant("Models BV", &[second], None);
    assert!(matches!(refused, Err(Error::Restricted { .. })));
    // What was used in training goes, but not what somebody may want kept.
    let used = shop.vault.archive().end_grant(*grant.terms().grant.as_bytes(), EndOfGrant::Done).unwrap();
    assert_eq!(used, []);
    shop.vault.archive().lift_restriction(first, &reason()).unwrap();
    let grant = shop.grant(&[first]);
    assert_eq!(shop.ask(&grant, &shop.partner, &[first]).released, 1, "and when it is lifted it is as before");
    assert_eq!(shop.read(&grant, first).unwrap(), b"reach");
}

#[test]
fn a_grant_has_its_own_end() {
    let shop = Shop::new();
    let expires = START + Duration::from_secs(600);
    let (id, document) = shop.vault.archive().grant("Models BV", &shop.segments, Some(expires)).unwrap();
    let grant = Grant::verify(&document, &shop.vault.archive().shop_public_key(), shop.now()).unwrap();
    shop.ask(&grant, &shop.partner, &shop.segments[..1]);
    shop.rig.wait(600);
    assert_eq!(shop.ask(&grant, &shop.partner, &shop.segments).released, 0);
    assert_eq!(shop.read(&grant, shop.segments[0]), None);
    let grants = shop.vault.archive().grants().unwrap();
    assert_eq!((GrantId::from_bytes(grants[0].id), grants[0].how.as_deref()), (id, Some("expired")));
    let late = START + Duration::from_secs(100 * HOUR);
    let (_, document) = shop.vault.archive().grant("Models BV", &shop.segments, Some(late)).unwrap();
    let grant = Grant::verify(&document, &shop.vault.archive().shop_public_key(), shop.now()).unwrap();
    assert_eq!(
        grant.terms().expires.as_nanos(),
        (START + Duration::from_secs(HOUR)).as_nanos(),
        "never past the deadline"
    );
}

#[test]
fn what_was_used_in_training_goes_once_no_other_grant_needs_it() {
    let shop = Shop::new();
    let both = shop.grant(&shop.segments);
    let one = shop.grant(&shop.segments[..1]);
    let used = shop.vault.archive().end_grant(*both.terms().grant.as_bytes(), EndOfGrant::Done).unwrap();
    assert_eq!(used, [shop.segments[1]]);
    assert_eq!(shop.vault.sweep().unwrap().destroyed, [shop.segments[1]]);
    let used = shop.vault.archive().end_grant(*one.terms().grant.as_bytes(), EndOfGrant::Done).unwrap();
    assert_eq!(used, [shop.segments[0]]);
    shop.vault.sweep().unwrap();
    assert!(shop.vault.archive().receipts().unwrap().iter().all(|r| r.reason.contains("used in training")));
}

#[test]
fn nothing_is_granted_without_ground_copy_or_partner() {
    let shop = Shop::new();
    let abroad = described(&PartnerSecret::generate().unwrap(), "US", None);
    let abroad = Partner { name: Name::new("Abroad Inc").unwrap(), ..abroad };
    assert!(matches!(shop.vault.archive().add_partner(&abroad), Err(Error::Share(_))));
    let abroad = Partner { ground: Some(TransferGround::StandardContractualClauses), ..abroad };
    shop.vault.archive().add_partner(&abroad).unwrap();
    assert!(matches!(shop.vault.archive().add_partner(&abroad), Err(Error::NameTaken { .. })));
    let archive = shop.vault.archive();
    assert!(matches!(archive.grant("nobody", &shop.segments, None), Err(Error::NoSuchName { .. })));
    let fresh = put(&shop.vault, b"not uploaded");
    assert!(matches!(archive.grant("Abroad Inc", &[fresh], None), Err(Error::NotUploaded { .. })));
    archive.grant("Abroad Inc", &shop.segments, None).unwrap();
    archive.remove_partner("Abroad Inc").unwrap();
    assert!(archive.grants().unwrap().iter().all(|g| g.how.as_deref() == Some("revoked")));
}

fn staff(folder: &Path, vault: &Vault, name: &str, role: Role, by: Option<&StaffKey>) -> Result<StaffKey, Error> {
    let key = StaffKey::create(&folder.join(name))?;
    let company = (role == Role::GroupCompany).then(|| "Models BV".to_owned());
    vault.archive().add_staff(&Staff { name: name.to_owned(), role, key: key.public(), company }, by)?;
    Ok(key)
}

#[test]
fn staff_open_within_their_role_and_under_their_name() {
    let shop = Shop::new();
    let folder = tempfile::tempdir().unwrap();
    let add = |name: &str, role, by: Option<&StaffKey>| staff(folder.path(), &shop.vault, name, role, by);
    assert!(matches!(add("otto", Role::Operator, None), Err(Error::FirstStaff)), "an operator alone");
    let petra = add("petra", Role::PrivacyOfficer, None).unwrap();
    let omar = add("omar", Role::Operator, Some(&petra)).unwrap();
    let greta = add("greta", Role::GroupCompany, Some(&petra)).unwrap();
    assert!(matches!(add("eve", Role::PrivacyOfficer, None), Err(Error::NotStaff)), "nobody adds themselves");
    assert!(matches!(add("mallory", Role::PrivacyOfficer, Some(&omar)), Err(Error::NotAllowed { .. })));

    let archive = shop.vault.archive();
    let may = |key: &StaffKey, act| archive.authorise(key, act, Reason::new("theft report 17").unwrap());
    let segment = shop.segments[0];
    for act in [Act::Open(segment), Act::HandOut, Act::Report, Act::Pause, Act::Decide] {
        assert!(may(&petra, act).is_ok());
        assert_eq!(may(&omar, act).is_ok(), matches!(act, Act::Report | Act::Pause), "{act:?}");
        assert!(may(&greta, act).is_err(), "{act:?} without a grant");
    }
    let grant = shop.grant(&[segment]);
    assert!(may(&greta, Act::Open(segment)).is_ok() && may(&greta, Act::Open(shop.segments[1])).is_err());
    archive.end_grant(*grant.terms().grant.as_bytes(), EndOfGrant::Revoked).unwrap();
    assert!(may(&greta, Act::Open(segment)).is_err());
    let stranger = StaffKey::create(&folder.path().join("stranger")).unwrap();
    assert!(matches!(may(&stranger, Act::Report), Err(Error::NotStaff)));

    let why = may(&petra, Act::Open(segment)).unwrap();
    drop(archive.open_segment(segment, &why).unwrap());
    let log = archive.openings(Some(segment)).unwrap();
    assert!(log[0].who.starts_with("petra, as ") && log[0].reason == "theft report 17", "{log:?}");
    assert!(matches!(archive.remove_staff("petra", Some(&petra)), Err(Error::FirstStaff)), "the last one");
}

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let public = StaffKey::create(&path).unwrap().public();
    assert_eq!(StaffKey::read(&path).unwrap().public(), public);
    assert!(StaffKey::create(&path).is_err(), "a key is never overwritten");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(StaffKey::read(&path), Err(Error::KeyExposed { .. })));
}

#[test]
fn a_segment_that_is_erased_is_unreadable_at_once_and_gone_with_the_next_sweep() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"x");
    assert!(rig.archive().erase(segment, &Reason::new("a guest asked for it").unwrap()).unwrap());
    assert!(matches!(vault.open_segment(segment, &reason()), Err(Error::PastDeadline { .. })));
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    assert_eq!(vault.archive().receipts().unwrap()[0].reason, "a guest asked for it");
    assert!(!rig.archive().erase(segment, &reason()).unwrap(), "it was gone already");
}

#[test]
fn a_held_segment_outlives_its_day_and_no_more_than_thirty() {
    let rig = Rig::new();
    let vault = rig.open();
    let (held, other) = {
        let hand = Hand::new(&vault);
        (hand.segment("a", START, b"held"), hand.segment("b", START, b"not"))
    };
    let day = Duration::from_secs(24 * HOUR);
    assert!(matches!(rig.archive().hold(held, START + day * 31, &reason()), Err(Error::HoldTooLong { .. })));
    let until = rig.archive().hold(held, START + day * 20, &reason()).unwrap();
    let before = rig.wrapped(held);
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [other], "it is wrapped anew before anything is destroyed");
    assert_ne!(rig.wrapped(held), before);
    assert!(!rig.holds(&before[0]), "the old wrapped key is gone");
    // The key of its day is destroyed, and it still opens.
    rig.clock.set(START + day * 10);
    vault.sweep().unwrap();
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("day-key-destroyed") && ledger.contains("\"held\""));
    let mut text = Vec::new();
    vault.open_segment(held, &reason()).unwrap().read_to_end(&mut text).unwrap();
    assert_eq!(text, b"held");
    rig.clock.set(until.time());
    assert_eq!(vault.sweep().unwrap().destroyed, [held]);
}

#[test]
fn what_a_law_demands_has_an_entry_of_its_own() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"x");
    let demand = Demand {
        authority: "District court".to_owned(),
        ground: "Sv 126nd, case 7".to_owned(),
        scope: "till 2, noon".to_owned(),
    };
    let out = rig.dir().join("out");
    let exported = vault.archive().disclose(segment, &out, &demand, &reason()).unwrap();
    assert!(exported.sealed.exists() && exported.keyset.exists());
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"disclosed\"") && ledger.contains("Sv 126nd, case 7"), "{ledger}");
    assert_eq!(vault.archive().exports(Some(segment)).unwrap().len(), 1, "and it is found among the exports");
}
