//! Where a file lies in a pack.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most bytes of a path.
const PATH_MAX: usize = 100;

/// The most folders and the file.
pub(crate) const DEPTH_MAX: usize = 3;

/// A file of a pack, from its folder on, with `/`: as `ledger/verify.json`. Nothing leads out of the folder: names are of `a-z`, `A-Z`, `0-9`, `.`, `_` and `-`, and none
/// begins with `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackPath(String);

/// Text that is no path in a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no file of a pack: names are of letters, digits, `.`, `_` and `-`, none begins with `.`, and at most {DEPTH_MAX} stand in a row"
)]
pub struct NoPath(String);

// === impl PackPath ===

impl PackPath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackPath {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let name = |name: &str| !name.is_empty() && !name.starts_with('.') && name.chars().all(plain);
        let good = text.len() <= PATH_MAX && text.split('/').count() <= DEPTH_MAX && text.split('/').all(name);
        if good { Ok(Self(text.to_owned())) } else { Err(NoPath(text.to_owned())) }
    }
}

impl TryFrom<String> for PackPath {
    type Error = NoPath;

    fn try_from(text: String) -> Result<Self, NoPath> {
        text.parse()
    }
}

impl From<PackPath> for String {
    fn from(path: PackPath) -> Self {
        path.0
    }
}

impl fmt::Display for PackPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for good in ["manifest.json", "ledger/verify.json", "notice/nl.html", "a/b/c"] {
            assert_eq!(good.parse::<PackPath>().unwrap().as_str(), good);
        }
        for bad in
            ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", ".hidden", "a\\b", "a b", "a\0", "é", "a/b/c/d"]
        {
            assert!(bad.parse::<PackPath>().is_err(), "{bad}");
            assert!(serde_json::from_value::<PackPath>(bad.into()).is_err(), "{bad}");
        }
        assert!("x".repeat(101).parse::<PackPath>().is_err());
    }
}
