//! Numbers of requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number of a request, such as `2026-0007`: the year in which it was received, and a count from 1. Never used twice, also not when the request is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestNumber {
    year: u16,
    count: u32,
}

/// Text that is no number of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no number of a request: write it as `2026-0007`, as `sluis rights ls` prints it")]
pub struct InvalidNumber(String);

// === impl RequestNumber ===

impl RequestNumber {
    pub(crate) const fn new(year: u16, count: u32) -> Self {
        Self { year, count }
    }

    /// The year in which it was received.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Which of that year, from 1.
    pub const fn count(self) -> u32 {
        self.count
    }
}

impl fmt::Display for RequestNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:04}", self.year, self.count))
    }
}

impl FromStr for RequestNumber {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let digits = |part: &str, least: usize| {
            (part.len() >= least && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        };
        let parsed = text.split_once('-').and_then(|(year, count)| {
            let year = digits(year, 4).and_then(|year: u32| u16::try_from(year).ok())?;
            Some(Self { year, count: digits(count, 4).filter(|count| *count > 0)? })
        });
        parsed.filter(|number| number.to_string() == text).ok_or_else(|| InvalidNumber(text.to_owned()))
    }
}

impl TryFrom<String> for RequestNumber {
    type Error = InvalidNumber;

    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        text.parse()
    }
}

impl From<RequestNumber> for String {
    fn from(number: RequestNumber) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_is_refused_with_an_example() {
        for text in ["", "7", "2026", "2026-7", "2026-0000", "2026-00007", "26-0007", "2026-0007x", "+026-0007"] {
            let refused = text.parse::<RequestNumber>().unwrap_err().to_string();
            assert!(refused.contains("2026-0007"), "{text}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back(year in 0u16..=9999, count in 1u32..) {
            let number = RequestNumber::new(year, count);
            prop_assert_eq!(number.to_string().parse::<RequestNumber>(), Ok(number));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = text.parse::<RequestNumber>();
        }
    }
}
