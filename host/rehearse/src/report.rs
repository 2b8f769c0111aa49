//! What a rehearsal has found.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a rehearsal has found. The same settings give the same report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Days of the study.
    pub days: u32,
    /// Segments that could be read in some way after their deadline or erasure. Must be 0.
    pub readable_past_deadline: u64,
    /// Segments that could not be read as they were recorded, before their deadline and without being erased. Must be 0.
    pub lost_within_deadline: u64,
    /// Things that happened and that the ledger does not tell, and problems of the ledger itself. Must be 0.
    pub missing_ledger_entries: u64,
    /// Receipts that say what is not so: bytes that are still there, openings that are left out. Must be 0.
    pub untrue_receipts: u64,
    /// Calls of the vault that failed where nothing was broken. Must be 0.
    pub unexpected_errors: u64,
    /// In words, the first of each kind first: which day, what, which segment. At most 100.
    pub failures: Vec<String>,
    /// Recordings that began.
    pub segments: u64,
    /// Of these, by the vault's receipts: destroyed at their deadline, or before it because somebody wished so.
    pub destroyed: u64,
    /// Broke off and were recovered.
    pub recovered: u64,
    /// Broke off, and nothing could be saved.
    pub broken_off: u64,
    /// Were never whole: the recorder gave them up.
    pub abandoned: u64,
    /// Were recorded after a copy of the vault's folder was made that was put back later: no vault can help that.
    pub lost_by_restoring: u64,
    /// Outlived their deadline in true time while the vault could not know the time: nobody could open them through it. Zero where clock and time server are right.
    pub kept_while_unsure: u64,
    /// Copies that went up into the cloud.
    pub uploaded: u64,
    /// Recordings that the vault refused to begin, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Erasures before the deadline.
    pub erased: u64,
    /// Holds beyond it.
    pub held: u64,
    /// Openings and exports here.
    pub opened: u64,
    /// Grants to partners.
    pub grants: u64,
    /// Keys that were released under them.
    pub releases: u64,
    /// What went wrong, and how often.
    pub faults: BTreeMap<String, u64>,
    /// How often something was compared.
    pub checks: u64,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Readable,
    Lost,
    Untold,
    Untrue,
    Unexpected,
}

/// How many failures are told in words.
const TOLD: usize = 100;

// === impl Report ===

impl Report {
    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.readable_past_deadline
            + self.lost_within_deadline
            + self.missing_ledger_entries
            + self.untrue_receipts
            + self.unexpected_errors
            == 0
    }

    pub(crate) fn fail(&mut self, failure: Failure, when: &str, what: &str) {
        let (figure, name) = match failure {
            Failure::Readable => (&mut self.readable_past_deadline, "readable past deadline"),
            Failure::Lost => (&mut self.lost_within_deadline, "lost within deadline"),
            Failure::Untold => (&mut self.missing_ledger_entries, "missing in the ledger"),
            Failure::Untrue => (&mut self.untrue_receipts, "untrue receipt"),
            Failure::Unexpected => (&mut self.unexpected_errors, "unexpected error"),
        };
        *figure += 1;
        // What goes on failing is told once.
        if self.failures.len() < TOLD && !self.failures.iter().any(|told| told.ends_with(what)) {
            self.failures.push(format!("{name}: {when}: {what}"));
        }
    }

    pub(crate) fn fault(&mut self, name: &str) {
        tracing::debug!(name, "a fault");
        *self.faults.entry(name.to_owned()).or_default() += 1;
    }
}
