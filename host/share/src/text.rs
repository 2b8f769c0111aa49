//! Text that stands in documents and logs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// One line of text: 1 to `MOST` characters, not blank. It ends up in logs and on screens, so it holds no control characters, no line breaks of Unicode, and nothing that
/// turns the direction of the text around it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line<const MOST: usize>(String);

/// A name: of a shop, a camera, a partner, a person.
pub type Name = Line<100>;

/// A purpose, a contract, a reason.
pub type Sentence = Line<500>;

// === impl Line ===

impl<const MOST: usize> Line<MOST> {
    /// Checks text. White space around it does not count.
    ///
    /// # Errors
    ///
    /// [`Error::Text`].
    pub fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let long = text.chars().nth(MOST).is_some();
        if text.is_empty() || long || text.chars().any(breaks) {
            return Err(Error::Text { most: MOST });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> FromStr for Line<MOST> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl<const MOST: usize> TryFrom<String> for Line<MOST> {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl<const MOST: usize> From<Line<MOST>> for String {
    fn from(line: Line<MOST>) -> Self {
        line.0
    }
}

impl<const MOST: usize> fmt::Display for Line<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MOST: usize> fmt::Debug for Line<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Control characters, the separators of lines and paragraphs, and the controls of direction (Unicode Standard Annex 9, section 2).
pub(crate) fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_could_forge_a_line_of_a_log_is_refused() {
        for text in ["", "  ", "a\nb", "a\u{1b}[2J", "a\u{2028}b", "a\u{202e}b", "a\0", &"ü".repeat(101)] {
            assert!(Name::new(text).is_err(), "{text:?} was accepted");
        }
        assert_eq!(Name::new(" Anna Müller ").unwrap().as_str(), "Anna Müller");
        assert!(Name::new(&"ü".repeat(100)).is_ok());
    }
}
