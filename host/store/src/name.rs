//! Names of objects.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// The name of an object: 1 to 100 characters of `a-z`, `0-9`, `-` and `.`, starting with a letter or digit, not ending in `.part`. It is a file name
/// and an S3 key as it stands.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName(String);

// === impl ObjectName ===

impl ObjectName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectName`] when it has another length or alphabet.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = name.len() <= 100
            && name.starts_with(plain)
            && name.chars().all(|c| plain(c) || c == '-' || c == '.')
            && !name.ends_with(".part");
        if good { Ok(Self(name)) } else { Err(Error::ObjectName(name)) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in ["", "..", ".hidden", "a/b", "a\\b", "A", "a_b", "a b", "x.part", &"x".repeat(101)] {
            assert!(ObjectName::new(name).is_err(), "{name:?} was accepted");
        }
        assert_eq!(ObjectName::new("00ff-0.sealed").unwrap().as_str(), "00ff-0.sealed");
    }
}
