//! What is only stored (Art. 18 GDPR).

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use sluis_vault::{Demand, Error, Exemption, ExportForm, Reason, State, Upload};

use crate::cloud::{cloud_of, open_with, upload_all};
use crate::rig::{Hand, Rig, START, put, reason};

const HOUR: u64 = 3600;

fn request(number: u32) -> Reason {
    Reason::new(&format!("request {number}")).unwrap()
}

#[test]
fn a_restricted_segment_is_only_stored_until_that_is_lifted() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    // As the command does, beside the recorder.
    rig.archive().restrict(segment, &request(17)).unwrap();
    let archive = vault.archive();
    let out = rig.dir().join("out");
    let entry = archive.entry(segment).unwrap();
    assert_eq!((entry.restricted, entry.state), (Some(START), State::Sealed));
    assert!(matches!(vault.open_segment(segment, &reason()), Err(Error::Restricted { since: START, .. })));
    assert!(matches!(vault.export(segment, &out, &reason()), Err(Error::Restricted { .. })));
    assert!(!out.exists());
    assert!(matches!(archive.admit_to_dataset(segment, &out, &reason()), Err(Error::Restricted { .. })));
    assert!(matches!(archive.may_leave(&entry), Err(Error::Restricted { .. })));
    assert!(matches!(archive.erase(segment, &reason()), Err(Error::Restricted { .. })));
    assert!(archive.openings(None).unwrap().is_empty() && archive.exports(None).unwrap().is_empty());
    // It is stored whole.
    assert_eq!(vault.verify().unwrap().ok, 1);
    archive.lift_restriction(segment, &reason()).unwrap();
    let mut text = Vec::new();
    vault.open_segment(segment, &reason()).unwrap().read_to_end(&mut text).unwrap();
    assert_eq!(text, b"reaching for bread");
    assert!(matches!(archive.lift_restriction(segment, &reason()), Err(Error::NotRestricted { .. })));
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!((ledger.matches("\"restricted\"").count(), ledger.matches("\"restriction-lifted\"").count()), (1, 1));
}

#[test]
fn what_article_18_2_allows_has_doors_of_its_own() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    let archive = vault.archive();
    archive.restrict(segment, &request(17)).unwrap();
    let mut text = Vec::new();
    let mut opened = archive.open_restricted(segment, Exemption::Consent, &request(17)).unwrap();
    opened.read_to_end(&mut text).unwrap();
    assert_eq!(text, b"reaching for bread");
    assert_eq!(archive.openings(Some(segment)).unwrap().len(), 1, "and it is in the log of openings");
    let demand = Demand { authority: "District court".into(), ground: "Sv 126nd".into(), scope: "till 2".into() };
    assert!(archive.may_be_disclosed(&archive.entry(segment).unwrap()).is_ok());
    archive.disclose(segment, &rig.dir().join("court"), &demand, &reason()).unwrap();
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"opened-restricted\"") && ledger.contains("\"consent\""), "{ledger}");
    assert!(ledger.contains("\"disclosed\""));
    rig.wait(HOUR);
    let late = archive.open_restricted(segment, Exemption::Consent, &reason());
    assert!(matches!(late, Err(Error::PastDeadline { .. })), "no exemption outlives the deadline");
}

#[test]
fn who_had_it_restricted_can_have_a_copy_and_what_is_opened_into_a_file_is_a_copy_too() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    let archive = vault.archive();
    let [copy, file] = ["copy", "plain.mcap"].map(|name| rig.dir().join(name));
    let text = |mut opened: sluis_vault::Opened| {
        let mut text = Vec::new();
        opened.read_to_end(&mut text).unwrap();
        text
    };
    assert_eq!(text(archive.open_to(segment, &file, None, &reason()).unwrap()), b"reaching for bread");
    archive.restrict(segment, &request(17)).unwrap();
    assert!(matches!(archive.open_to(segment, &file, None, &reason()), Err(Error::Restricted { .. })));
    let exempt = Some(Exemption::LegalClaim);
    assert_eq!(text(archive.open_to(segment, &file, exempt, &reason()).unwrap()), b"reaching for bread");
    let admitted = archive.admit_to_copy(segment, &copy, &request(17)).unwrap();
    assert_eq!(text(admitted.read().unwrap()), b"reaching for bread");
    let exports = archive.exports(Some(segment)).unwrap();
    let of: Vec<_> = exports.iter().map(|export| (export.form, export.destination.as_str())).collect();
    let [copy, file] = [copy.to_str().unwrap(), file.to_str().unwrap()];
    assert_eq!(of, [(ExportForm::Plain, file), (ExportForm::Plain, file), (ExportForm::SubjectCopy, copy)]);
    let ledger = std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"opened-restricted\"").count(), 2, "{ledger}");
}

#[test]
fn a_restricted_segment_goes_at_its_deadline_unless_it_is_held() {
    let rig = Rig::new();
    let vault = rig.open();
    let hand = Hand::new(&vault);
    let (goes, stays) = (hand.segment("a", START, b"goes"), hand.segment("b", START, b"stays"));
    hand.end();
    for segment in [goes, stays] {
        vault.archive().restrict(segment, &request(17)).unwrap();
    }
    vault.archive().hold(stays, START + Duration::from_secs(2 * HOUR), &request(17)).unwrap();
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [goes]);
    assert!(
        matches!(vault.open_segment(stays, &reason()), Err(Error::Restricted { .. })),
        "held, and still restricted"
    );
    assert!(!vault.archive().erase(goes, &reason()).unwrap(), "what is gone is gone, restricted or not");
    rig.wait(HOUR);
    assert_eq!(vault.sweep().unwrap().destroyed, [stays]);
}

#[test]
fn two_persons_restrict_a_segment_and_each_restriction_is_lifted_for_itself() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"two of them");
    let archive = vault.archive();
    archive.restrict(segment, &request(1)).unwrap();
    rig.wait(60);
    archive.restrict(segment, &request(2)).unwrap();
    assert_eq!(archive.restrictions(Some(segment)).unwrap().len(), 2);
    assert!(!archive.lift_restriction_taken_for(segment, &request(1), &reason()).unwrap());
    assert_eq!(archive.entry(segment).unwrap().restricted, Some(START + Duration::from_secs(60)));
    assert!(matches!(vault.open_segment(segment, &reason()), Err(Error::Restricted { .. })));
    assert!(archive.lift_restriction_taken_for(segment, &request(2), &reason()).unwrap());
    assert!(vault.open_segment(segment, &reason()).is_ok());
}

#[test]
fn what_is_restricted_before_it_went_up_does_not_go_up() {
    let rig = Rig::new();
    let cloud = cloud_of(&rig);
    let vault = open_with(&rig, Arc::clone(&cloud));
    let segment = put(&vault, b"reaching for bread");
    vault.archive().restrict(segment, &request(17)).unwrap();
    assert_eq!(vault.upload_next(&[], &mut |_| true).unwrap(), Upload::Idle);
    assert_eq!(vault.backlog().unwrap().unwrap().segments, 0, "it does not wait");
    vault.archive().lift_restriction(segment, &reason()).unwrap();
    upload_all(&vault);
    assert!(vault.archive().is_uploaded(segment).unwrap());
}

#[test]
fn what_is_on_its_way_up_when_it_is_restricted_goes_no_further() {
    let rig = Rig::new();
    let cloud = cloud_of(&rig);
    let vault = open_with(&rig, Arc::clone(&cloud));
    let segment = put(&vault, &vec![7; 2_000_000]);
    let mut pieces = 0;
    let stopped = vault.upload_next(&[], &mut |_| {
        pieces += 1;
        if pieces == 2 {
            rig.archive().restrict(segment, &request(17)).unwrap();
        }
        true
    });
    assert_eq!((stopped.unwrap(), pieces), (Upload::Stopped, 2));
    assert!(!vault.archive().is_uploaded(segment).unwrap());
    vault.archive().lift_restriction(segment, &reason()).unwrap();
    upload_all(&vault);
    assert!(vault.archive().is_uploaded(segment).unwrap());
    // A restriction does not take away what is stored there already.
    vault.archive().restrict(segment, &request(18)).unwrap();
    vault.answer_partners().unwrap();
    assert!(vault.archive().is_uploaded(segment).unwrap());
}

#[test]
fn a_segment_that_is_restricted_while_it_is_read_for_a_data_set_is_read_no_second_time() {
    let rig = Rig::new();
    let vault = rig.open();
    let segment = put(&vault, b"reaching for bread");
    let admitted = vault.archive().admit_to_dataset(segment, &rig.dir().join("out"), &reason()).unwrap();
    assert!(admitted.read().is_ok());
    rig.archive().restrict(segment, &request(17)).unwrap();
    assert!(matches!(admitted.read(), Err(Error::Restricted { .. })));
}
