//! What can be done with a breach. Each is one step, and steps are only ever added.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};
use sluis_notice::{Facts, Language};
use sluis_rights::{SegmentName, Window};

use crate::affected::Affected;
use crate::error::Error;

/// Signs that a breach was entered for, or that were looked into and are none: the names that `sluis breach signs` gives them.
pub type Signs = BTreeSet<String>;

/// Who does something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<'a> {
    /// Who, as the vault names members of staff.
    pub who: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Taken {
    /// Which of its breach, from 1.
    pub number: u64,
    /// Who took it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Random, so that the digest in the ledger does not tell who guesses the words.
    pub salt: String,
    /// What it was.
    pub step: Step,
}

/// What can be done with a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// It is entered: the first step, and no other.
    Entered(Box<Entered>),
    /// Something was found out, or done about it.
    Noted {
        /// What.
        words: String,
        /// Whether it is a remedial action (Art. 33(3)(d), Art. 33(5)).
        measure: bool,
    },
    /// Its risk for people is judged. The last judgement counts; those before stay.
    Assessed {
        /// How large it is.
        risk: Risk,
        /// Why, and what may follow for people.
        because: String,
        /// Why people need not be told one by one, though it is high.
        exempt: Option<Exemption>,
    },
    /// Somebody was told.
    Told {
        /// Who.
        whom: Whom,
        /// When.
        when: Timestamp,
        /// Under which reference: the authority's number, where it was published.
        reference: Option<String>,
        /// Why not within 72 hours.
        late: Option<String>,
    },
    /// A letter was written. That it was sent is [`Told`](Self::Told).
    Wrote {
        /// To whom.
        whom: Whom,
        /// In which language.
        language: Language,
        /// What it says.
        text: String,
    },
    /// Nothing is owed any more.
    Closed {
        /// Why.
        because: String,
    },
    /// Signs were looked into, and are no breach. Of no breach's steps: it is kept apart.
    Dismissed {
        /// Which.
        signs: Signs,
        /// What they said.
        told: String,
        /// Why they are none.
        because: String,
    },
}

/// How a breach is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entered {
    /// When the shop became aware of it: 72 hours run from then.
    pub aware: Timestamp,
    /// What of the data was breached.
    pub kinds: BTreeSet<Kind>,
    /// What happened, in words.
    pub happened: String,
    /// Whether faces can be recognised in what it concerns, against what the notice says: then no paper says that they cannot.
    pub faces: bool,
    /// When, if that is known.
    pub window: Option<Window>,
    /// Cameras that were named; all when none was.
    pub cameras: BTreeSet<CameraId>,
    /// Recordings that were named.
    pub segments: BTreeSet<SegmentName>,
    /// Signs that it is entered for.
    pub signs: Signs,
    /// The language of its words, and of its letters when nothing else is said.
    pub language: Language,
    /// What the notice told then: who is responsible, the officer, the authority, what is recorded, how long, who gets it.
    pub facts: Facts,
    /// What the vault knew then.
    pub affected: Affected,
}

/// What of personal data is breached (Art. 4(12); EDPB, Guidelines 9/2022, section I.B.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody saw them, or got them, who may not.
    Confidentiality,
    /// They were changed.
    Integrity,
    /// They were lost, or cannot be reached.
    Availability,
}

/// How large the risk is for the rights and freedoms of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Unlikely: nobody is told, and the reason is kept (Art. 33(1), (5)).
    None,
    /// There is one: the authority is told (Art. 33(1)).
    Risk,
    /// High: people are told too (Art. 34(1)).
    High,
}

/// Why people are not told one by one of a high risk (Art. 34(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exemption {
    /// Who has the data cannot read them: they are encrypted (a).
    Encrypted,
    /// What was done since makes the high risk unlikely (b).
    Measures,
    /// It would take too much effort: a public communication instead (c). The usual one here, for nobody can be recognised and nobody's address is known.
    Effort,
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Whom {
    /// The supervisory authority (Art. 33).
    Authority,
    /// The people concerned, or the public in their place (Art. 34).
    People,
    /// A partner who had recordings.
    Partner(String),
}

// === impl Step ===

impl Step {
    /// Checks the words of a step, and takes white space from around them.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        match &mut self {
            Self::Entered(entered) => words(&mut entered.happened, "what happened")?,
            Self::Noted { words: text, .. } => words(text, "the note")?,
            Self::Assessed { because, .. } => words(because, "why the risk is judged so")?,
            Self::Told { reference, late, .. } => {
                reference.iter_mut().try_for_each(|text| words(text, "the reference"))?;
                late.iter_mut().try_for_each(|text| words(text, "why it is late"))?;
            }
            Self::Closed { because } => words(because, "why it is closed")?,
            Self::Dismissed { because, .. } => words(because, "why it is no breach")?,
            Self::Wrote { .. } => {}
        }
        Ok(self)
    }
}

fn words(text: &mut String, what: &'static str) -> Result<(), Error> {
    *text = text.trim().to_owned();
    let good = |c: char| c == '\n' || !c.is_control();
    if (3..=4000).contains(&text.chars().count()) && text.chars().all(good) {
        Ok(())
    } else {
        Err(Error::Words { what })
    }
}

/// Names of the members of a closed set, for the command line and for `--json`.
macro_rules! named {
    ($of:ident: $($member:ident = $name:literal),+) => {
        impl $of {
            /// All.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$member),+];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $name),+
                }
            }
        }

        impl FromStr for $of {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::ALL.into_iter().find(|one| one.as_str() == name).ok_or_else(|| format!("it is one of {}", [$($name),+].join(", ")))
            }
        }

        impl fmt::Display for $of {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

named!(Kind: Confidentiality = "confidentiality", Integrity = "integrity", Availability = "availability");
named!(Risk: None = "none", Risk = "risk", High = "high");
named!(Exemption: Encrypted = "encrypted", Measures = "measures", Effort = "effort");

// === impl Whom ===

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority => f.pad("authority"),
            Self::People => f.pad("people"),
            Self::Partner(name) => write!(f, "partner:{name}"),
        }
    }
}

impl FromStr for Whom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("partner:")) {
            ("authority", _) => Ok(Self::Authority),
            ("people", _) => Ok(Self::People),
            (_, Some(name)) if !name.trim().is_empty() => Ok(Self::Partner(name.trim().to_owned())),
            _ => Err("it is one of authority, people, partner:NAME".to_owned()),
        }
    }
}

impl TryFrom<String> for Whom {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Whom> for String {
    fn from(whom: Whom) -> Self {
        whom.to_string()
    }
}
