//! A breach, as its steps leave it, and what is owed because of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sluis_frame::Timestamp;

use crate::error::Error;
use crate::number::BreachNumber;
use crate::step::{Entered, Exemption, Risk, Step, Taken, Whom};
use crate::term;

/// A breach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Its number.
    pub number: BreachNumber,
    /// How it was entered.
    pub entered: Entered,
    /// The judgement that counts, if there is one.
    pub assessment: Option<Assessment>,
    /// When each was first told.
    pub told: BTreeMap<Whom, Timestamp>,
    /// When it was closed, if it is.
    pub closed: Option<Timestamp>,
    /// All that was done, the first first.
    pub steps: Vec<Taken>,
}

/// How large the risk is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Assessment {
    /// How large it is.
    pub risk: Risk,
    /// Why.
    pub because: String,
    /// Why people need not be told one by one.
    pub exempt: Option<Exemption>,
    /// When that was judged.
    pub at: Timestamp,
}

/// Something that is owed. A breach cannot be closed while anything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// To judge the risk: all else follows from it.
    Assess,
    /// To tell the authority (Art. 33(1)).
    TellAuthority,
    /// To tell the people concerned (Art. 34(1)).
    TellPeople,
    /// To tell the public in their place (Art. 34(3)(c)).
    TellPublic,
}

// === impl Duty ===

impl Duty {
    /// Whether the 72 hours hold for it. People are told without undue delay (Art. 34(1)), and no number of hours is said.
    pub const fn has_clock(self) -> bool {
        matches!(self, Self::Assess | Self::TellAuthority)
    }

    /// What does it, between back quotes as a sentence has commands.
    pub fn command(self, number: BreachNumber) -> String {
        match self {
            Self::Assess => format!("`sluis breach assess {number} --risk LEVEL --because WORDS`"),
            Self::TellAuthority => {
                format!(
                    "`sluis breach letter {number} authority --letters DIR`, then `sluis breach told {number} authority`"
                )
            }
            Self::TellPeople | Self::TellPublic => {
                format!("`sluis breach letter {number} people --letters DIR`, then `sluis breach told {number} people`")
            }
        }
    }
}

// === impl Breach ===

impl Breach {
    /// A breach of these steps; `None` where the first is not how it was entered.
    pub(crate) fn of(number: BreachNumber, steps: Vec<Taken>) -> Option<Self> {
        let entered = match steps.first()? {
            Taken { number: 1, step: Step::Entered(entered), .. } => (**entered).clone(),
            _ => return None,
        };
        let (assessment, told, closed) = (None, BTreeMap::new(), None);
        let mut breach = Self { number, entered, assessment, told, closed, steps };
        for Taken { at, step, .. } in &breach.steps {
            match step {
                Step::Assessed { risk, because, exempt } => {
                    let (risk, because, exempt) = (*risk, because.clone(), *exempt);
                    breach.assessment = Some(Assessment { risk, because, exempt, at: *at });
                    // What is judged anew is open again.
                    breach.closed = None;
                }
                Step::Told { whom, when, .. } => {
                    let first = breach.told.entry(whom.clone()).or_insert(*when);
                    *first = (*first).min(*when);
                }
                Step::Closed { .. } => breach.closed = Some(*at),
                _ => {}
            }
        }
        Some(breach)
    }

    /// When the authority must have been told.
    pub fn due(&self) -> Timestamp {
        term::due(self.entered.aware)
    }

    /// What is owed.
    pub fn owed(&self) -> Vec<Duty> {
        let Some(assessment) = &self.assessment else { return vec![Duty::Assess] };
        let mut owed = Vec::new();
        if assessment.risk != Risk::None && !self.told.contains_key(&Whom::Authority) {
            owed.push(Duty::TellAuthority);
        }
        if assessment.risk == Risk::High && !self.told.contains_key(&Whom::People) {
            owed.extend(match assessment.exempt {
                None => Some(Duty::TellPeople),
                Some(Exemption::Effort) => Some(Duty::TellPublic),
                Some(Exemption::Encrypted | Exemption::Measures) => None,
            });
        }
        owed
    }

    /// Whether the officer must be reminded of the 72 hours.
    pub fn runs(&self) -> bool {
        self.closed.is_none() && self.owed().into_iter().any(Duty::has_clock)
    }

    /// Partners who opened what it concerns, and were not told. No article obliges the shop to; what they hold can be asked back.
    pub fn partners_not_told(&self) -> Vec<&str> {
        let told = |partner: &&str| !self.told.contains_key(&Whom::Partner((*partner).to_owned()));
        self.entered.affected.opened().into_keys().filter(told).collect()
    }

    /// All whom a partner's letter can go to: who had a grant, and whom the notice names.
    pub fn partners(&self) -> BTreeSet<&str> {
        let named = self.entered.facts.recipients.iter().map(|recipient| recipient.name.as_str());
        named.chain(self.entered.affected.granted().into_keys()).collect()
    }

    /// Checks that a partner is one of this breach's.
    ///
    /// # Errors
    ///
    /// [`Error::NotNow`] names those there are.
    pub fn check_partner(&self, whom: &Whom) -> Result<(), Error> {
        match whom {
            Whom::Partner(name) if !self.partners().contains(name.as_str()) => {
                let known: Vec<_> = self.partners().into_iter().collect();
                let known = if known.is_empty() { "nobody".to_owned() } else { known.join(", ") };
                self.not("told to that partner", format!("`{name}` had no grant to what it concerns, and the notice does not name it; it is about {known}"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a step can be taken at `now`.
    pub(crate) fn allows(&self, step: &Step, now: Timestamp) -> Result<(), Error> {
        match step {
            Step::Entered(_) | Step::Dismissed { .. } => self.not("entered again", "it is entered already".to_owned()),
            Step::Assessed { risk, exempt: Some(exempt), .. } if *risk != Risk::High => self.not(
                "assessed so",
                format!("`--exempt {exempt}` says why people are not told of a high risk (Art. 34(3)); without a high risk they need not be told"),
            ),
            Step::Told { whom, when, late, .. } => {
                self.check_partner(whom)?;
                if *when > now {
                    return self.not("told", "it was told in the future: give the time at which it was, or set this machine's clock right".to_owned());
                }
                if *when < self.entered.aware {
                    return self.not("told", "it was told before anybody was aware of it: look at both times".to_owned());
                }
                // What follows in phases (Art. 33(4)) is late of nothing.
                let first = *whom == Whom::Authority && !self.told.contains_key(whom);
                if first && late.is_none() && term::is_late(self.entered.aware, *when) {
                    return self.not(
                        "told",
                        "the 72 hours were over, and the notification is then accompanied by reasons for the delay (Art. 33(1)): say them with --because".to_owned(),
                    );
                }
                Ok(())
            }
            Step::Closed { .. } if self.closed.is_some() => self.not("closed", "it is closed already".to_owned()),
            Step::Closed { .. } => match self.owed().first() {
                None => Ok(()),
                Some(duty) => self.not("closed", format!("{}: {}", open(*duty), duty.command(self.number))),
            },
            Step::Wrote { whom, .. } => self.check_partner(whom),
            Step::Noted { .. } | Step::Assessed { .. } => Ok(()),
        }
    }

    fn not(&self, what: &'static str, why: String) -> Result<(), Error> {
        Err(Error::NotNow { number: self.number, what, why })
    }
}

const fn open(duty: Duty) -> &'static str {
    match duty {
        Duty::Assess => "nobody has judged its risk",
        Duty::TellAuthority => "the authority has not been told (Art. 33(1))",
        Duty::TellPeople => "the people concerned have not been told (Art. 34(1))",
        Duty::TellPublic => "the public has not been told in place of the people concerned (Art. 34(3)(c))",
    }
}
