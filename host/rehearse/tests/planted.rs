//! The checks can fail: a promise that is broken on purpose is told by the right figure.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is tests")]

use sluis_rehearse::{Faults, Planted, Report, Settings, rehearse};

fn planted(planted: Planted) -> Report {
    let settings = Settings {
        faults: Faults::NONE,
        segments_per_camera_and_day: 4,
        planted: Some(planted),
        ..Settings::new(6, 11)
    };
    let report = rehearse(&settings, &mut |_| {}).unwrap();
    assert!(!report.is_clean() && !report.failures.is_empty());
    report
}

#[test]
fn a_vault_that_nobody_sweeps_is_readable_past_its_deadlines() {
    let report = planted(Planted::NoSweep);
    assert!(report.readable_past_deadline > 10, "{report:#?}");
    assert_eq!((report.lost_within_deadline, report.missing_ledger_entries), (0, 0), "{report:#?}");
    assert!(report.failures[0].contains("can be read from the files as they are"), "{report:#?}");
}

#[test]
fn keys_that_somebody_puts_back_are_readable_past_their_deadlines() {
    let report = planted(Planted::KeysPutBack);
    assert!(report.readable_past_deadline > 0, "{report:#?}");
    assert_eq!((report.lost_within_deadline, report.missing_ledger_entries), (0, 0), "{report:#?}");
}

#[test]
fn a_store_that_ignores_deletes_makes_receipts_untrue_and_nothing_readable() {
    let report = planted(Planted::IgnoredDeletes);
    assert!(report.untrue_receipts > 10, "{report:#?}");
    assert_eq!(report.lost_within_deadline, 0, "{report:#?}");
    // Keys go first: what stays are bytes that nobody opens. What lies there for partners stays too.
    let readable = report.failures.iter().filter(|told| told.starts_with("readable"));
    assert!(readable.clone().all(|told| told.contains("of a grant that is over lies in the cloud")), "{report:#?}");
}

#[test]
fn a_line_that_is_cut_out_of_the_ledger_is_missing() {
    let report = planted(Planted::LedgerLineRemoved);
    assert!(report.missing_ledger_entries > 0, "{report:#?}");
    assert_eq!((report.readable_past_deadline, report.lost_within_deadline), (0, 0), "{report:#?}");
    assert!(report.failures.iter().any(|told| told.contains("entries were removed")), "{report:#?}");
}

#[test]
fn a_ledger_whose_end_is_cut_off_is_missing_it() {
    let report = planted(Planted::LedgerCut);
    assert!(report.missing_ledger_entries > 10, "{report:#?}");
    assert_eq!((report.readable_past_deadline, report.lost_within_deadline), (0, 0), "{report:#?}");
}

#[test]
fn bytes_that_vanish_or_change_are_lost() {
    for fault in [Planted::BytesVanish, Planted::ByteChanged] {
        let report = planted(fault);
        assert!(report.lost_within_deadline > 0, "{fault:?}: {report:#?}");
        assert_eq!((report.readable_past_deadline, report.missing_ledger_entries), (0, 0), "{fault:?}: {report:#?}");
    }
}
