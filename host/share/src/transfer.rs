//! What a transfer of personal data out of the European Economic Area stands on.
//!
//! The rule of Chapter V of the GDPR (Art. 44 to 49), as far as a program can hold it: within the EEA no ground is needed; outside it no data goes without one. Whether the
//! ground is good is for the controller to judge and to document; here it is named, and it stands in every grant.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::error::Error;
use crate::text::Sentence;

/// What allows a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferGround {
    /// The partner is in the EEA: there is no transfer to a third country.
    WithinEea,
    /// The European Commission has decided that the country protects data adequately (Art. 45).
    AdequacyDecision,
    /// The contract holds the Commission's standard clauses on data protection (Art. 46(2)(c)).
    StandardContractualClauses,
    /// The partner is of the same group, under rules that an authority has approved (Art. 46(2)(b) and 47).
    BindingCorporateRules,
    /// An exception for a specific situation (Art. 49), and which. It is for the single case, not for a habit.
    Derogation(Sentence),
}

// === impl TransferGround ===

impl TransferGround {
    /// Where the GDPR has it.
    pub const fn article(&self) -> &'static str {
        match self {
            Self::WithinEea => "GDPR, Art. 44: no transfer to a third country",
            Self::AdequacyDecision => "GDPR, Art. 45",
            Self::StandardContractualClauses => "GDPR, Art. 46(2)(c)",
            Self::BindingCorporateRules => "GDPR, Art. 46(2)(b) and Art. 47",
            Self::Derogation(_) => "GDPR, Art. 49",
        }
    }

    /// Whether this ground can carry a transfer to `country`.
    ///
    /// # Errors
    ///
    /// [`Error::NotWithin`] for [`WithinEea`](Self::WithinEea) outside the EEA.
    pub fn check(&self, country: Country) -> Result<(), Error> {
        match self {
            Self::WithinEea if !country.is_eea() => Err(Error::NotWithin { country }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for TransferGround {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = self.article();
        match self {
            Self::WithinEea => write!(f, "within the EEA ({article})"),
            Self::AdequacyDecision => write!(f, "adequacy decision ({article})"),
            Self::StandardContractualClauses => write!(f, "standard contractual clauses ({article})"),
            Self::BindingCorporateRules => write!(f, "binding corporate rules ({article})"),
            Self::Derogation(text) => write!(f, "derogation ({article}): {text}"),
        }
    }
}
