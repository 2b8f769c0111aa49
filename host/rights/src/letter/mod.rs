//! The letters, in Dutch, German and English.
//!
//! Their texts lie in `host/rights/letters`, one file for each letter and language, as templates (Jinja) of plain text: so that a lawyer can read and change them. Parts that several letters have
//! begin with `_`. A template sees what `Context` has, and a name that is not there is an error, which the tests find: they write every letter in every language.
//!
//! - [`facts`]: what letters say that no request knows.
//! - [`document`]: a letter as text and HTML.

mod context;
pub mod document;
pub mod facts;
mod templates;
pub(crate) mod words;

use std::fmt;

use serde::{Deserialize, Serialize};
use sluis_frame::Timestamp;

pub use document::{Block, Document};
pub use facts::{
    Authority, Controller, CopiedVideo, CopyContents, Facts, NationalLaw, Notice, Order, Pause, Recipient,
};

use crate::decision::{Ground, Outcome};
use crate::desk::Keep;
use crate::error::Error;
use crate::receipt::ErasureReceipt;
use crate::request::{Kind, Language, Request};
use crate::term::{Calendar, Reminder};
use context::Context;

/// A letter to write, with what it needs beside the request.
#[derive(Debug, Clone, Copy)]
pub enum Letter<'a> {
    /// It came in: what is held until when, and when the answer is due.
    Acknowledgement,
    /// More is needed to find them (Art. 11(2), Art. 12(6)).
    MoreDetails,
    /// Two further months (Art. 12(3)).
    Extension,
    /// All that Art. 15 wants told, and what is in the copy.
    Access {
        /// Facts of the processing.
        facts: &'a Facts,
        /// The copy.
        copy: &'a CopyContents,
    },
    /// It is erased: every copy, and who is told (Art. 17, Art. 19). The receipt is the request's.
    Erased,
    /// There is no recording of the time and place, or none any more.
    NothingFound {
        /// For how many hours recordings are kept.
        retention_hours: u32,
    },
    /// What was chosen is kept and not used (Art. 18), until what is held ends.
    Restricted,
    /// A camera, or a part of its picture, is paused (Art. 21(1)). The pause is the request's.
    ObjectionGranted,
    /// There are compelling grounds (Art. 21(1)).
    ObjectionRefused,
    /// Why pictures are not rectified (Art. 16), and what can be done instead.
    Rectification,
    /// Where one complains (Art. 77).
    Complaint,
    /// Why not, how to complain, and that one can go to court (Art. 12(4)).
    Refusal,
    /// To the officer: it is due.
    Reminder(Reminder),
    /// To a partner that had opened it (Art. 19). It names nobody who asked.
    Partner(Notice<'a>),
}

/// Which letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "as the letters of the same names")]
pub enum LetterKind {
    Acknowledgement,
    MoreDetails,
    Extension,
    Access,
    Erased,
    NothingFound,
    Restricted,
    ObjectionGranted,
    ObjectionRefused,
    Rectification,
    Complaint,
    Refusal,
    Reminder,
    Partner,
}

/// Where letters come from.
#[derive(Debug, Clone, Copy)]
pub struct Office<'a> {
    /// Who answers for the cameras.
    pub controller: &'a Controller,
    /// Its calendar.
    pub calendar: &'a Calendar,
    /// How long requests are kept, which the acknowledgement says.
    pub keep: Keep,
}

// === impl LetterKind ===

impl LetterKind {
    /// All there are.
    pub const ALL: [Self; 14] = [
        Self::Acknowledgement,
        Self::MoreDetails,
        Self::Extension,
        Self::Access,
        Self::Erased,
        Self::NothingFound,
        Self::Restricted,
        Self::ObjectionGranted,
        Self::ObjectionRefused,
        Self::Rectification,
        Self::Complaint,
        Self::Refusal,
        Self::Reminder,
        Self::Partner,
    ];

    /// Its name, as files and the command line have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::MoreDetails => "more-details",
            Self::Extension => "extension",
            Self::Access => "access",
            Self::Erased => "erased",
            Self::NothingFound => "nothing-found",
            Self::Restricted => "restricted",
            Self::ObjectionGranted => "objection-granted",
            Self::ObjectionRefused => "objection-refused",
            Self::Rectification => "rectification",
            Self::Complaint => "complaint",
            Self::Refusal => "refusal",
            Self::Reminder => "reminder",
            Self::Partner => "partner",
        }
    }
}

impl fmt::Display for LetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Letter ===

impl Letter<'_> {
    /// Which letter it is.
    pub const fn kind(&self) -> LetterKind {
        match self {
            Self::Acknowledgement => LetterKind::Acknowledgement,
            Self::MoreDetails => LetterKind::MoreDetails,
            Self::Extension => LetterKind::Extension,
            Self::Access { .. } => LetterKind::Access,
            Self::Erased => LetterKind::Erased,
            Self::NothingFound { .. } => LetterKind::NothingFound,
            Self::Restricted => LetterKind::Restricted,
            Self::ObjectionGranted => LetterKind::ObjectionGranted,
            Self::ObjectionRefused => LetterKind::ObjectionRefused,
            Self::Rectification => LetterKind::Rectification,
            Self::Complaint => LetterKind::Complaint,
            Self::Refusal => LetterKind::Refusal,
            Self::Reminder(_) => LetterKind::Reminder,
            Self::Partner(_) => LetterKind::Partner,
        }
    }

    /// Writes the letter about this request. It is not noted at the desk: that is [`Change::Wrote`](crate::Change::Wrote), once it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Letter`] when the request does not stand so that this letter would be true: an extension that was not taken, an erasure without a receipt, a refusal that nobody decided.
    pub fn write(
        &self,
        request: &Request,
        office: Office<'_>,
        language: Language,
        at: Timestamp,
    ) -> Result<Document, Error> {
        self.check(request)?;
        let context = Context::new(self, request, office, language, at);
        let render = |name: &str| templates::render(language, name, &context);
        let body = render(self.kind().as_str());
        let (subject, body) = body.split_once('\n').unwrap_or((&body, ""));
        let mut blocks = Block::parse(&render("_open"));
        blocks.extend(Block::parse(body));
        blocks.extend(Block::parse(&render("_close")));
        let (from, to) = context.addresses(self, request);
        let subject = subject.trim_start_matches("# ").trim().to_owned();
        Ok(Document { letter: self.kind(), language, from, to, date: context.today, subject, blocks })
    }

    fn check(&self, request: &Request) -> Result<(), Error> {
        let outcome = request.decision.as_ref().map(|decision| &decision.outcome);
        let granted = matches!(outcome, Some(Outcome::Granted | Outcome::Partly(_)));
        let ground = match outcome {
            Some(Outcome::Refused(why)) => Some(why.ground),
            _ => None,
        };
        let kind = request.kind;
        let lacks = match self {
            Self::Acknowledgement | Self::Complaint | Self::Reminder(_) => None,
            Self::MoreDetails if outcome.is_some() => {
                Some("it is decided; enter a new request if the person tells more")
            }
            Self::Extension if request.extension.is_none() => {
                Some("nobody has taken two further months: do that first")
            }
            Self::Access { .. } if kind != Kind::Access || !granted => {
                Some("it is no request for access that was granted: decide it first")
            }
            Self::Erased if !request.receipt.as_ref().is_some_and(ErasureReceipt::is_unreadable) => {
                Some("not everything is destroyed yet: look at the receipt again when the recorder has swept")
            }
            Self::NothingFound { .. } if !matches!(outcome, Some(Outcome::NothingFound)) => {
                Some("nobody has decided that nothing was found: do that first")
            }
            Self::Restricted if kind != Kind::Restriction || !granted => {
                Some("it is no request for restriction that was granted: decide it first")
            }
            Self::ObjectionGranted if kind != Kind::Objection || !granted => {
                Some("it is no objection that was granted: decide it first")
            }
            Self::ObjectionGranted if request.pause.is_none() => Some("nothing was paused for it"),
            Self::ObjectionGranted if !request.receipt.as_ref().is_none_or(ErasureReceipt::is_unreadable) => {
                Some("not everything is destroyed yet: look at the receipt again when the recorder has swept")
            }
            Self::ObjectionRefused if kind != Kind::Objection || ground.is_none() => {
                Some("it is no objection that was refused: decide it first")
            }
            Self::Rectification if ground != Some(Ground::NothingToRectify) => {
                Some("it was not refused as `nothing-to-rectify`: decide it first")
            }
            Self::Refusal if ground.is_none() => Some("it was not refused: decide it first"),
            Self::Partner(notice) if notice.opened.is_empty() => Some("that partner has opened nothing of it"),
            _ => None,
        };
        lacks.map_or(Ok(()), |why| Err(Error::Letter { number: request.number, letter: self.kind(), why }))
    }

    pub(crate) fn receipt<'r>(&self, request: &'r Request) -> Option<&'r ErasureReceipt> {
        request.receipt.as_ref().filter(|_| matches!(self, Self::Erased | Self::ObjectionGranted))
    }
}
