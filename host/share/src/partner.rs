//! Whom a shop may grant something, and why.

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::error::Error;
use crate::key::PartnerKey;
use crate::text::{Name, Sentence};
use crate::transfer::TransferGround;

/// A partner of the shop. Everything but the ground is needed always, and the ground outside the EEA: without them there is no grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Partner {
    /// Its name.
    pub name: Name,
    /// Its key, compared with it by another way than the one that it came by.
    pub key: PartnerKey,
    /// Where it handles the data.
    pub country: Country,
    /// The contract that binds it: number, title, date.
    pub contract: Sentence,
    /// What allows the transfer, when the country is outside the EEA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<TransferGround>,
    /// What it may use the footage for.
    pub purpose: Sentence,
}

// === impl Partner ===

impl Partner {
    /// What a transfer to this partner stands on.
    ///
    /// # Errors
    ///
    /// [`Error::NoGround`] when it is outside the EEA and no ground is named; [`Error::NotWithin`] when the ground is that it is inside.
    pub fn transfer_ground(&self) -> Result<TransferGround, Error> {
        let Some(ground) = &self.ground else {
            return match self.country.is_eea() {
                true => Ok(TransferGround::WithinEea),
                false => Err(Error::NoGround { partner: self.name.to_string(), country: self.country }),
            };
        };
        ground.check(self.country)?;
        Ok(ground.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PartnerSecret;

    fn partner(country: &str, ground: Option<TransferGround>) -> Partner {
        Partner {
            name: Name::new("Shelf Models").unwrap(),
            key: PartnerSecret::generate().unwrap().public(),
            country: Country::new(country).unwrap(),
            contract: Sentence::new("DPA 2026-04, 1 June 2026").unwrap(),
            ground,
            purpose: Sentence::new("training of models of reaching").unwrap(),
        }
    }

    #[test]
    fn a_partner_in_the_eea_needs_no_ground() {
        assert_eq!(partner("NL", None).transfer_ground().unwrap(), TransferGround::WithinEea);
    }

    #[test]
    fn a_partner_outside_the_eea_needs_one() {
        let error = partner("US", None).transfer_ground().unwrap_err();
        assert!(error.to_string().contains("Art. 44"), "{error}");
        let named = partner("US", Some(TransferGround::StandardContractualClauses));
        assert_eq!(named.transfer_ground().unwrap(), TransferGround::StandardContractualClauses);
    }

    #[test]
    fn within_the_eea_is_no_ground_outside_it() {
        let error = partner("GB", Some(TransferGround::WithinEea)).transfer_ground().unwrap_err();
        assert!(matches!(error, Error::NotWithin { .. }), "{error}");
    }

    #[test]
    fn a_partner_without_contract_or_purpose_cannot_be_written_down() {
        let whole = serde_json::to_value(partner("NL", None)).unwrap();
        assert!(serde_json::from_value::<Partner>(whole.clone()).is_ok());
        for field in ["name", "key", "country", "contract", "purpose"] {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(serde_json::from_value::<Partner>(without).is_err(), "without {field}");
        }
        let mut blank = whole;
        blank["contract"] = " ".into();
        assert!(serde_json::from_value::<Partner>(blank).is_err());
    }
}
