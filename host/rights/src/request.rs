//! What somebody asked for, and all that was done about it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};

use crate::decision::Decision;
use crate::letter::{LetterKind, Pause};
use crate::number::RequestNumber;
use crate::private::Private;
use crate::receipt::ErasureReceipt;
use crate::segment::SegmentName;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// To be told what is kept, with a copy (Art. 15).
    Access,
    /// That something wrong be put right (Art. 16). It is answered with why that does not apply to pictures.
    Rectification,
    /// That it be erased (Art. 17).
    Erasure,
    /// That it be kept and not used (Art. 18).
    Restriction,
    /// That it stop (Art. 21).
    Objection,
    /// How to complain to the authority (Art. 77). No month runs for this one in law; the desk lets the same run.
    Complaint,
}

/// The language of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// Dutch.
    #[serde(rename = "nl")]
    Dutch,
    /// German.
    #[serde(rename = "de")]
    German,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// How the person wants to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerTo {
    /// By e-mail.
    Email(Private),
    /// By post. Lines of the address.
    Post(Vec<Private>),
    /// The person comes to the shop and says the number.
    Collect,
}

/// Who asks. More than the way to answer is not needed, and not asked for (Art. 11(1), Art. 5(1)(c)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Person {
    /// The name, if it was given.
    pub name: Option<Private>,
    /// The way to answer.
    pub answer_to: AnswerTo,
}

/// From a moment to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it; later than `from`.
    pub to: Timestamp,
}

/// A segment that is held for a request, against the sweep too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Held {
    /// Which.
    pub segment: SegmentName,
    /// Of which camera.
    pub camera: CameraId,
    /// When its recording began.
    pub started: Timestamp,
    /// Until when it is held: 30 days from its recording at the most, whatever the desk does.
    pub until: Timestamp,
}

/// A request as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// What is asked for.
    pub kind: Kind,
    /// When it was received: its month runs from that day, also when it is entered later.
    pub received: Timestamp,
    /// The language to answer in.
    pub language: Language,
    /// Who asks.
    pub person: Person,
    /// What they remember, in their words.
    pub remembers: Private,
    /// What that was taken to mean, if that is known already.
    pub window: Option<Window>,
    /// Which cameras.
    pub cameras: BTreeSet<CameraId>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// To be worked on.
    Open,
    /// The person was asked for more. The date stands: the desk does not count on a clock that stops.
    Waiting,
    /// Decided.
    Closed,
    /// Forgotten: number, kind and dates are left.
    Forgotten,
}

/// That two further months are taken (Art. 12(3)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Why: complexity, or the number of requests. In the language of the letter.
    pub reason: String,
    /// When it was decided.
    pub at: Timestamp,
    /// By when the answer was due before.
    pub was_due: Date,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// By whom, as the vault names members of staff.
    pub who: String,
    /// What.
    pub did: Did,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Did {
    /// Entered the request.
    Entered,
    /// Said which window and cameras are meant.
    Narrowed,
    /// Held segments: so many.
    Held(usize),
    /// Chose the segments that show the person: so many.
    Chose(usize),
    /// Let go of segments that are not meant: so many.
    LetGo(usize),
    /// Paused a camera, or a part of its picture.
    Paused,
    /// Asked the person for more.
    AskedForMore,
    /// Heard more from the person.
    Heard,
    /// Took two further months.
    Extended,
    /// Decided.
    Decided,
    /// Carried out an erasure; copies that were not gone then: so many.
    CarriedOut(usize),
    /// Wrote a letter.
    Wrote(LetterKind),
    /// Made a copy for the person.
    CopyMade,
    /// Deleted that copy.
    CopyDeleted,
    /// Put off when the request is forgotten.
    KeptLonger(Private),
    /// Wrote down something else.
    Noted(Private),
}

/// A letter as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Which.
    pub letter: LetterKind,
    /// In which language.
    pub language: Language,
    /// When.
    pub at: Timestamp,
    /// Its text.
    pub text: Private,
}

/// A request, with all that was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Request {
    /// Its number.
    pub number: RequestNumber,
    /// What is asked for.
    pub kind: Kind,
    /// Where it stands. Never [`State::Forgotten`]: then nothing is left to show.
    pub state: State,
    /// When it was received.
    pub received: Timestamp,
    /// The last day for an answer (Art. 12(3)).
    pub due: Date,
    /// When it is forgotten; `None` before it is decided.
    pub forget_by: Option<Timestamp>,
    /// The language of its letters.
    pub language: Language,
    /// Who asks.
    pub person: Person,
    /// What they remember, in their words; what they said later comes after it.
    pub remembers: Vec<Private>,
    /// The time that is meant.
    pub window: Option<Window>,
    /// The cameras that are meant.
    pub cameras: BTreeSet<CameraId>,
    /// What is held, in the order of its recording.
    pub held: Vec<Held>,
    /// Which of these show the person.
    pub chosen: BTreeSet<SegmentName>,
    /// Two further months.
    pub extension: Option<Extension>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// The pause that an objection brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// What an erasure found, as last told.
    pub receipt: Option<ErasureReceipt>,
    /// Letters.
    pub letters: Vec<Written>,
    /// All steps, the oldest first.
    pub steps: Vec<Step>,
}

// === impl Kind ===

impl Kind {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Access, Self::Rectification, Self::Erasure, Self::Restriction, Self::Objection, Self::Complaint];

    /// Its name, as the command line and the store have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Restriction => "restriction",
            Self::Objection => "objection",
            Self::Complaint => "complaint",
        }
    }

    /// The article of the right.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Access => "Art. 15",
            Self::Rectification => "Art. 16",
            Self::Erasure => "Art. 17",
            Self::Restriction => "Art. 18",
            Self::Objection => "Art. 21",
            Self::Complaint => "Art. 77",
        }
    }
}

// === impl Language ===

impl Language {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Dutch, Self::German, Self::English];

    /// As BCP 47 has it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::German => "de",
            Self::English => "en",
        }
    }
}

// === impl State ===

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Open, Self::Waiting, Self::Closed, Self::Forgotten];

    /// Its name, as the command line and the store have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Closed => "closed",
            Self::Forgotten => "forgotten",
        }
    }

    /// Whether it waits for a decision.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Waiting)
    }
}

// === impl Request ===

impl Request {
    /// When the first of the segments that matter is destroyed, whatever the desk does: of the chosen ones, or of all that are held while nothing is chosen.
    pub fn held_until(&self) -> Option<Timestamp> {
        let counts = |held: &&Held| self.chosen.is_empty() || self.chosen.contains(&held.segment);
        self.held.iter().filter(counts).map(|held| held.until).min()
    }
}
