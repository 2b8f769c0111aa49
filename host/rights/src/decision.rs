//! What is decided about a request, and the grounds that the law knows for refusing.

use serde::{Deserialize, Serialize};
use sluis_frame::Timestamp;

use crate::request::Kind;

/// What was decided, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who decided, as the vault names members of staff.
    pub by: String,
    /// What.
    pub outcome: Outcome,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// All that was asked for.
    Granted,
    /// Some of it. The person is told why not all (Art. 12(4)).
    Partly(Why),
    /// None of it. The person is told why (Art. 12(4)).
    Refused(Why),
    /// There is no recording of the time and place, or none any more.
    NothingFound,
}

/// Why not all is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// On which ground of law.
    pub ground: Ground,
    /// In words, in the language of the letter: what it is in this case that meets the ground.
    pub reason: String,
}

/// On which ground a request is not granted, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Nobody can tell which of the people in the recordings it is, also with what the person has told (Art. 11(2), Art. 12(2)).
    NotIdentified,
    /// The request is manifestly unfounded (Art. 12(5)(b)). The controller must be able to show that.
    ManifestlyUnfounded,
    /// The request is excessive, in particular because it repeats (Art. 12(5)(b)). The controller must be able to show that.
    Excessive,
    /// A copy would harm the rights and freedoms of others (Art. 15(4)).
    RightsOfOthers,
    /// None of the reasons of Art. 17(1) or Art. 18(1) is there.
    NoReasonInLaw,
    /// A law obliges the controller to keep it (Art. 17(3)(b)).
    LegalObligation,
    /// It is needed for legal claims (Art. 17(3)(e), Art. 21(1)).
    LegalClaims,
    /// Compelling legitimate grounds override the person's (Art. 21(1)).
    CompellingGrounds,
    /// A picture says nothing that could be put right (Art. 16).
    NothingToRectify,
}

// === impl Outcome ===

impl Outcome {
    /// Why not all is granted, if that is so.
    pub const fn why(&self) -> Option<&Why> {
        match self {
            Self::Granted | Self::NothingFound => None,
            Self::Partly(why) | Self::Refused(why) => Some(why),
        }
    }
}

// === impl Ground ===

impl Ground {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::NotIdentified,
        Self::ManifestlyUnfounded,
        Self::Excessive,
        Self::RightsOfOthers,
        Self::NoReasonInLaw,
        Self::LegalObligation,
        Self::LegalClaims,
        Self::CompellingGrounds,
        Self::NothingToRectify,
    ];

    /// Its name, as the command line and the store have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotIdentified => "not-identified",
            Self::ManifestlyUnfounded => "manifestly-unfounded",
            Self::Excessive => "excessive",
            Self::RightsOfOthers => "rights-of-others",
            Self::NoReasonInLaw => "no-reason-in-law",
            Self::LegalObligation => "legal-obligation",
            Self::LegalClaims => "legal-claims",
            Self::CompellingGrounds => "compelling-grounds",
            Self::NothingToRectify => "nothing-to-rectify",
        }
    }

    /// The article that allows it against a request of this kind; `None` where none does.
    pub const fn article(self, kind: Kind) -> Option<&'static str> {
        Some(match (self, kind) {
            (Self::NotIdentified, Kind::Access | Kind::Erasure | Kind::Restriction | Kind::Objection) => {
                "Art. 11(2), 12(2)"
            }
            // Anybody may complain, whatever the controller thinks of it.
            (Self::ManifestlyUnfounded | Self::Excessive, kind) if !matches!(kind, Kind::Complaint) => "Art. 12(5)(b)",
            (Self::RightsOfOthers, Kind::Access) => "Art. 15(4)",
            (Self::NoReasonInLaw, Kind::Erasure) => "Art. 17(1)",
            (Self::NoReasonInLaw, Kind::Restriction) => "Art. 18(1)",
            (Self::LegalObligation, Kind::Erasure) => "Art. 17(3)(b)",
            (Self::LegalClaims, Kind::Erasure) => "Art. 17(3)(e)",
            (Self::LegalClaims | Self::CompellingGrounds, Kind::Objection) => "Art. 21(1)",
            (Self::NothingToRectify, Kind::Rectification) => "Art. 16",
            _ => return None,
        })
    }
}
