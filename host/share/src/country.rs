//! Countries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A country: an officially assigned code of ISO 3166-1 alpha-2.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(u8);

/// All 249, in order. A country is its place in this list.
const CODES: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA",
    "ZM", "ZW",
];

/// The European Economic Area: the 27 states of the European Union, and Iceland, Liechtenstein and Norway. In order.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

// === impl Country ===

impl Country {
    /// Finds a country by its two capital letters.
    ///
    /// # Errors
    ///
    /// [`Error::Country`].
    pub fn new(code: &str) -> Result<Self, Error> {
        let at = CODES.binary_search(&code).map_err(|_| Error::Country(code.to_owned()))?;
        Ok(Self(at as u8))
    }

    /// Its two letters.
    pub const fn code(self) -> &'static str {
        CODES[self.0 as usize]
    }

    /// Whether the GDPR holds there as at home, so that sending data there is no transfer in the sense of its Chapter V.
    ///
    /// A territory with a code of its own, such as Réunion or Åland, counts as outside: that asks for more than the law does, never for less. Name the state it
    /// belongs to where the law treats them as one.
    pub fn is_eea(self) -> bool {
        EEA.binary_search(&self.code()).is_ok()
    }
}

impl FromStr for Country {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        Self::new(code)
    }
}

impl TryFrom<String> for Country {
    type Error = Error;

    fn try_from(code: String) -> Result<Self, Error> {
        Self::new(&code)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_found_and_nothing_else() {
        assert_eq!(CODES.len(), 249);
        assert!(CODES.is_sorted() && EEA.is_sorted(), "a list that is searched by halves must be in order");
        for code in CODES.iter().chain(&EEA) {
            assert_eq!(Country::new(code).unwrap().code(), *code);
        }
        for wrong in ["", "nl", "NLD", "EU", "UK", "XX", "ZZ", "N"] {
            assert!(Country::new(wrong).is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn the_eea_is_thirty_states() {
        let inside = CODES.iter().filter(|code| Country::new(code).unwrap().is_eea()).count();
        assert_eq!(inside, 30);
        for outside in ["GB", "CH", "US", "JP", "SJ", "GL", "RE"] {
            assert!(!Country::new(outside).unwrap().is_eea(), "{outside}");
        }
    }
}
