//! Numbers of breaches.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluis_rights::RequestNumber;

/// The number of a breach, such as `B-2026-0001`: the year in which the shop became aware of it, and a count from 1. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BreachNumber {
    year: u16,
    count: u32,
}

/// Text that is no number of a breach.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no number of a breach: write it as `B-2026-0001`, as `sluis breach ls` prints it")]
pub struct InvalidNumber(String);

// === impl BreachNumber ===

impl BreachNumber {
    pub(crate) const fn new(year: u16, count: u32) -> Self {
        Self { year, count }
    }

    /// The year in which the shop became aware of it.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Which of that year, from 1.
    pub const fn count(self) -> u32 {
        self.count
    }
}

impl fmt::Display for BreachNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("B-{:04}-{:04}", self.year, self.count))
    }
}

impl FromStr for BreachNumber {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        // What follows the letter is written, and checked, as the number of a request is.
        let rest = text.strip_prefix("B-").and_then(|rest| rest.parse::<RequestNumber>().ok());
        let number = rest.map(|rest| Self::new(rest.year(), rest.count()));
        number.ok_or_else(|| InvalidNumber(text.to_owned()))
    }
}

impl TryFrom<String> for BreachNumber {
    type Error = InvalidNumber;

    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        text.parse()
    }
}

impl From<BreachNumber> for String {
    fn from(number: BreachNumber) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_is_refused_with_an_example() {
        for text in
            ["", "B-", "2026-0001", "b-2026-0001", "B-2026-1", "B-2026-0000", "B-2026-00001", "B-2026-0001/..", "signs"]
        {
            let refused = text.parse::<BreachNumber>().unwrap_err().to_string();
            assert!(refused.contains("B-2026-0001"), "{text}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back(year in 0u16..=9999, count in 1u32..) {
            let number = BreachNumber::new(year, count);
            prop_assert_eq!(number.to_string().parse::<BreachNumber>(), Ok(number));
        }
    }
}
