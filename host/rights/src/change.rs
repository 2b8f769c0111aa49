//! What can be done with a request, and when.

use std::collections::BTreeSet;

use sluis_frame::{CameraId, Timestamp};

use crate::decision::{Decision, Outcome};
use crate::desk::{By, Keep};
use crate::error::Error;
use crate::letter::{LetterKind, Pause};
use crate::private::Private;
use crate::receipt::ErasureReceipt;
use crate::request::{Did, Extension, Held, Kind, Language, Request, State, Step, Window, Written};
use crate::segment::SegmentName;
use crate::term::Calendar;

/// Something that is done with a request. Each becomes a step, with its time and who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// These cameras and this window are meant. Only before the decision.
    Narrow {
        /// The window.
        window: Window,
        /// The cameras.
        cameras: BTreeSet<CameraId>,
    },
    /// The vault holds these segments no longer: they are not meant. Only before the decision.
    LetGo(BTreeSet<SegmentName>),
    /// The vault holds these segments. One that is held already is held until its new time.
    Hold(Vec<Held>),
    /// These segments, of those that are held, show the person. Only before the decision.
    Choose(BTreeSet<SegmentName>),
    /// The person is asked for more (Art. 11(2), Art. 12(6)). Only before the decision.
    AskForMore,
    /// What the person said then. Only before the decision.
    Heard(Private),
    /// Two further months are taken (Art. 12(3)): once, within the first month, before the decision.
    Extend {
        /// Why, in the language of the letter.
        reason: String,
    },
    /// A camera, or a part of its picture, is paused for an objection. Only before the decision.
    Pause(Pause),
    /// It is decided. Once.
    Decide(Outcome),
    /// An erasure is carried out as far as this receipt says; a later one takes its place. Only after the decision: the first comes together with it, and says what is to be erased.
    CarriedOut(ErasureReceipt),
    /// A letter was written.
    Wrote {
        /// Which.
        letter: LetterKind,
        /// In which language.
        language: Language,
        /// Its text.
        text: Private,
    },
    /// The request is not forgotten before then: because of a complaint, or a claim (Art. 17(3)(e)). Only after the decision, and only later than before.
    KeepUntil {
        /// When it is forgotten.
        until: Timestamp,
        /// Why.
        reason: Private,
    },
    /// Something else, worth writing down.
    Note(Private),
}

// === impl Request ===

impl Request {
    /// Does it, or changes nothing.
    pub(crate) fn apply(&mut self, change: Change, by: By<'_>, calendar: &Calendar, keep: Keep) -> Result<(), Error> {
        let did = match change {
            Change::Narrow { window, cameras } => {
                self.undecided("narrowed down")?;
                self.check("narrowed down", window.from < window.to, "the window ends before it begins")?;
                self.check("narrowed down", !cameras.is_empty(), "no camera is named: name at least one")?;
                (self.window, self.cameras) = (Some(window), cameras);
                Did::Narrowed
            }
            Change::Hold(held) => {
                self.check("held for", !held.is_empty(), "no segment is named")?;
                let count = held.len();
                self.held.retain(|old| held.iter().all(|new| new.segment != old.segment));
                self.held.extend(held);
                self.held.sort_by(|a, b| (a.started, &a.camera, a.segment).cmp(&(b.started, &b.camera, b.segment)));
                self.held.dedup_by_key(|held| held.segment);
                Did::Held(count)
            }
            Change::LetGo(segments) => {
                self.undecided("let go of")?;
                self.held.retain(|held| !segments.contains(&held.segment));
                self.chosen.retain(|segment| !segments.contains(segment));
                Did::LetGo(segments.len())
            }
            Change::Pause(pause) => {
                self.undecided("paused for")?;
                self.check("paused for", self.kind == Kind::Objection, "it is no objection")?;
                self.pause = Some(pause);
                Did::Paused
            }
            Change::Choose(chosen) => {
                self.undecided("chosen for")?;
                let unheld = chosen.iter().find(|segment| self.held.iter().all(|held| held.segment != **segment));
                if let Some(segment) = unheld {
                    let why = format!(
                        "segment {segment} is not held for it: hold it first, or it may be gone before the answer"
                    );
                    return Err(Error::NotNow { number: self.number, what: "chosen for", why });
                }
                let count = chosen.len();
                self.chosen = chosen;
                Did::Chose(count)
            }
            Change::AskForMore => {
                self.undecided("asked about")?;
                self.state = State::Waiting;
                Did::AskedForMore
            }
            Change::Heard(words) => {
                self.undecided("added to")?;
                self.remembers.push(words);
                self.state = State::Open;
                Did::Heard
            }
            Change::Extend { reason } => {
                self.extend(reason, by, calendar)?;
                Did::Extended
            }
            Change::Decide(outcome) => {
                self.decide(outcome, by, keep)?;
                Did::Decided
            }
            Change::CarriedOut(receipt) => {
                let erases = matches!(self.kind, Kind::Erasure | Kind::Objection);
                self.check("carried out", erases, "it asks for no erasure")?;
                self.check("carried out", self.decision.is_some(), "it is not decided: decide it first")?;
                self.check("carried out", receipt.request == self.number, "the receipt is of another request")?;
                let left = receipt.left().len();
                self.receipt = Some(receipt);
                Did::CarriedOut(left)
            }
            Change::Wrote { letter, language, text } => {
                self.letters.push(Written { letter, language, at: by.at, text });
                Did::Wrote(letter)
            }
            Change::KeepUntil { until, reason } => {
                let before = self.forget_by.ok_or_else(|| {
                    self.not_now("kept longer", "it is not decided, and nothing undecided is forgotten")
                })?;
                self.check("kept longer", until > before, "it is kept as long as that already")?;
                self.check("kept longer", said(reason.expose()), "no reason is given (Art. 5(1)(e)): give one")?;
                self.forget_by = Some(until);
                Did::KeptLonger(reason)
            }
            Change::Note(text) => Did::Noted(text),
        };
        self.did(did, by);
        Ok(())
    }

    pub(crate) fn did(&mut self, did: Did, by: By<'_>) {
        self.steps.push(Step { at: by.at, who: by.who.to_owned(), did });
    }

    fn extend(&mut self, reason: String, by: By<'_>, calendar: &Calendar) -> Result<(), Error> {
        const WHAT: &str = "extended";
        self.undecided(WHAT)?;
        self.check(WHAT, self.kind != Kind::Complaint, "nothing is due in law that could be put off")?;
        self.check(WHAT, self.extension.is_none(), "it was already, and the law allows it once (Art. 12(3))")?;
        let in_time = calendar.day(by.at) <= self.due;
        self.check(
            WHAT,
            in_time,
            "the person must be told within the first month (Art. 12(3)), which is over: answer it now",
        )?;
        self.check(WHAT, said(&reason), "no reason is given, and the person must be told one (Art. 12(3))")?;
        self.extension = Some(Extension { reason, at: by.at, was_due: self.due });
        self.due = calendar.extended(calendar.day(self.received));
        Ok(())
    }

    fn decide(&mut self, outcome: Outcome, by: By<'_>, keep: Keep) -> Result<(), Error> {
        const WHAT: &str = "decided";
        self.undecided(WHAT)?;
        if let Some(why) = outcome.why() {
            let fits = why.ground.article(self.kind).is_some();
            if !fits {
                let (ground, kind) = (why.ground.as_str(), self.kind);
                let why = format!("`{ground}` is no ground against {} ({})", kind.as_str(), kind.article());
                return Err(Error::NotNow { number: self.number, what: WHAT, why });
            }
            self.check(WHAT, said(&why.reason), "no reason is given, and the person must be told one (Art. 12(4))")?;
        }
        let granted = matches!(outcome, Outcome::Granted | Outcome::Partly(_));
        let rectified = self.kind == Kind::Rectification && granted;
        self.check(
            WHAT,
            !rectified,
            "a picture cannot be rectified: refuse it as `nothing-to-rectify`, which is told",
        )?;
        let needs_choice = granted && matches!(self.kind, Kind::Access | Kind::Erasure | Kind::Restriction);
        self.check(
            WHAT,
            !needs_choice || !self.chosen.is_empty(),
            "no segment is chosen: choose those that show the person, or decide that nothing was found",
        )?;
        self.decision = Some(Decision { at: by.at, by: by.who.to_owned(), outcome });
        self.state = State::Closed;
        self.forget_by = Some(by.at + keep.requests);
        Ok(())
    }

    fn undecided(&self, what: &'static str) -> Result<(), Error> {
        let why = "it is decided already: enter a new request that names this one";
        self.check(what, self.decision.is_none(), why)
    }

    fn check(&self, what: &'static str, holds: bool, why: &str) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(self.not_now(what, why)) }
    }

    fn not_now(&self, what: &'static str, why: &str) -> Error {
        Error::NotNow { number: self.number, what, why: why.to_owned() }
    }
}

/// Whether a reason says anything: as the vault's reasons, 3 characters at the least.
fn said(text: &str) -> bool {
    text.trim().chars().count() >= 3
}
