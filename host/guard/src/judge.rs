//! The rule of the failing chamber.
//!
//! A frame is masked and audited. When the audit finds something, or the filter had failed, it is masked in the next stricter mode, with what was found,
//! and audited again. When that fails too, or the audit itself does, the frame is blanked. There is no other way out.

use sluis_frame::door::{Attempt, Rejected};
use sluis_frame::{AuditDoor, BlankDoor, Cleared, Frame, Redacted, Style, Verdict, paint};

use crate::leaving::Leaving;
use crate::mode::Mode;

/// Holds the doors, and opens them by the rule. One serves all cameras.
#[derive(Debug)]
pub struct Judge {
    audit: AuditDoor,
    blank: BlankDoor,
}

/// What became of a frame.
#[derive(Debug)]
pub struct Decision<E> {
    /// The frame, to be recorded. Its fate, its masks and the verdict that it passed with are in it.
    pub frame: Frame<Cleared>,
    /// Why it is not simply recorded; `None` if and only if its fate is [`Recorded`](sluis_frame::Fate::Recorded).
    pub why: Option<Why>,
    /// The mode of its last masking.
    pub mode: Mode,
    /// The maskings that did not pass, with what was found, in order: at most two.
    pub rejections: Vec<Rejected>,
    /// What the audit failed with, if it did.
    pub audit_error: Option<E>,
}

/// Why a frame was quarantined or blanked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The audit found something.
    Finding,
    /// The filter's call failed.
    FilterFailed,
    /// The audit's call failed.
    AuditFailed,
    /// The masks would have left nothing to be seen.
    AllMasked,
    /// The picture is not of the size that the camera announced.
    WrongSize,
}

// === impl Judge ===

impl Judge {
    /// A judge with the two doors that only it may open.
    pub fn new(audit: AuditDoor, blank: BlankDoor) -> Self {
        Self { audit, blank }
    }

    /// Masks and audits a frame until it may be kept. `inspect` is called at most twice; an error of it is never asked again.
    pub fn decide<E>(
        &self,
        leaving: Leaving,
        style: Style,
        mut inspect: impl FnMut(&Frame<Redacted>) -> Result<Verdict, E>,
    ) -> Decision<E> {
        let mut trial = Trial { mode: leaving.mode(), why: None, rejections: Vec::new() };
        let mut attempt = Attempt::First;
        let mut found = Vec::new();
        if leaving.raw().size() != leaving.announced_size() {
            return self.blank(&leaving, trial.because(Why::WrongSize), None);
        }
        if leaving.filter_failed() {
            trial = trial.because(Why::FilterFailed);
            attempt = Attempt::Stricter;
            let Some(stricter) = trial.mode.stricter() else { return self.blank(&leaving, trial, None) };
            trial.mode = stricter;
        }
        loop {
            let mut masks = leaving.masks(trial.mode);
            masks.append(&mut found);
            if leaving.is_all_masked(&masks) {
                let why = trial.why.unwrap_or(Why::AllMasked);
                return self.blank(&leaving, trial.because(why), None);
            }
            let redacted = paint::redact(leaving.raw(), masks, style);
            let verdict = match inspect(&redacted) {
                Ok(verdict) => verdict,
                Err(error) => return self.blank(&leaving, trial.because(Why::AuditFailed), Some(error)),
            };
            let rejected = match self.audit.pass(redacted, verdict, attempt) {
                Ok(frame) => {
                    let Trial { mode, why, rejections } = trial;
                    return Decision { frame, why, mode, rejections, audit_error: None };
                }
                Err(rejected) => rejected,
            };
            found = rejected.verdict.findings.iter().filter_map(|f| leaving.found_by_audit(f.area)).collect();
            trial.rejections.push(*rejected);
            trial = trial.because(Why::Finding);
            match (attempt, trial.mode.stricter()) {
                (Attempt::First, Some(stricter)) => trial.mode = stricter,
                _ => return self.blank(&leaving, trial, None),
            }
            attempt = Attempt::Stricter;
        }
    }

    /// A blank in the place of a frame of which no picture is to be kept, whatever it shows.
    pub fn withhold(&self, leaving: &Leaving) -> Frame<Cleared> {
        self.blank_of(leaving)
    }

    fn blank<E>(&self, leaving: &Leaving, trial: Trial, audit_error: Option<E>) -> Decision<E> {
        let Trial { mode, why, rejections } = trial;
        Decision { frame: self.blank_of(leaving), why, mode, rejections, audit_error }
    }

    fn blank_of(&self, leaving: &Leaving) -> Frame<Cleared> {
        let depth_unit = leaving.raw().depth().map(sluis_frame::Depth::unit);
        self.blank
            .blank(leaving.header().clone(), leaving.announced_size(), depth_unit)
            .expect("the guard checked the size when it was made, and the unit is that of a depth picture")
    }
}

/// What is known of a frame while it is judged.
struct Trial {
    mode: Mode,
    why: Option<Why>,
    rejections: Vec<Rejected>,
}

// === impl Trial ===

impl Trial {
    fn because(self, why: Why) -> Self {
        Self { why: Some(why), ..self }
    }
}
