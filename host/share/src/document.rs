//! The documents, and the names of the objects that hold them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::{AskNonce, GrantId, SegmentId};

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What the shop allows.
    Grant,
    /// What the partner asks for.
    Ask,
    /// A key that the shop gives.
    Release,
}

/// A document, by the name of the object that holds it. `Display` and `FromStr` are that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// `grant-GRANT.json`.
    Grant(GrantId),
    /// `ask-GRANT-NONCE.json`.
    Ask(GrantId, AskNonce),
    /// `key-GRANT-SEGMENT.json`.
    Release(GrantId, SegmentId),
}

/// The name of an object in the shop's store: 1 to 100 characters of `a-z`, `0-9`, `-` and `.`, starting with a letter or digit, not ending in `.part`. It is a file name
/// and an S3 key as it stands, and leads out of no folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectName(String);

// === impl Kind ===

impl Kind {
    /// What a signature says that it is under.
    pub const fn payload_type(self) -> &'static str {
        match self {
            Self::Grant => "application/vnd.sluis.grant+json",
            Self::Ask => "application/vnd.sluis.ask+json",
            Self::Release => "application/vnd.sluis.key+json",
        }
    }

    /// The most bytes that a document of this kind has, envelope and all. Nothing longer is parsed.
    ///
    /// A grant of 10,000 segments with the longest fields that there are has 23 MB, a request for 10,000 segments half a megabyte.
    pub const fn most_bytes(self) -> usize {
        match self {
            Self::Grant => 32 << 20,
            Self::Ask => 1 << 20,
            Self::Release => 64 << 10,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grant => "grant",
            Self::Ask => "request for keys",
            Self::Release => "release of a key",
        })
    }
}

// === impl Document ===

impl Document {
    /// Of which kind it is.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Grant(_) => Kind::Grant,
            Self::Ask(..) => Kind::Ask,
            Self::Release(..) => Kind::Release,
        }
    }

    /// The grant that it belongs to.
    pub const fn grant(self) -> GrantId {
        match self {
            Self::Grant(grant) | Self::Ask(grant, _) | Self::Release(grant, _) => grant,
        }
    }

    /// How the names of all requests under `grant` begin, for listing a store.
    pub fn ask_prefix(grant: GrantId) -> String {
        format!("ask-{grant}-")
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant(grant) => write!(f, "grant-{grant}.json"),
            Self::Ask(grant, nonce) => write!(f, "ask-{grant}-{nonce}.json"),
            Self::Release(grant, segment) => write!(f, "key-{grant}-{segment}.json"),
        }
    }
}

impl FromStr for Document {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let parse = || {
            let mut parts = name.strip_suffix(".json")?.split('-');
            let (kind, grant) = (parts.next()?, parts.next()?.parse().ok()?);
            let document = match (kind, parts.next()) {
                ("grant", None) => Self::Grant(grant),
                ("ask", Some(nonce)) => Self::Ask(grant, nonce.parse().ok()?),
                ("key", Some(segment)) => Self::Release(grant, segment.parse().ok()?),
                _ => return None,
            };
            parts.next().is_none().then_some(document)
        };
        parse().ok_or_else(|| Error::DocumentName(name.to_owned()))
    }
}

// === impl ObjectName ===

impl ObjectName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::ObjectName`].
    pub fn new(name: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = name.len() <= 100
            && name.starts_with(plain)
            && name.chars().all(|c| plain(c) || c == '-' || c == '.')
            && !name.ends_with(".part");
        if good { Ok(Self(name.to_owned())) } else { Err(Error::ObjectName(name.to_owned())) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectName {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::new(&name)
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_found_by_its_name_and_nothing_else_is() {
        let grant = GrantId::from_bytes([0xab; 16]);
        for document in [
            Document::Grant(grant),
            Document::Ask(grant, AskNonce::from_bytes([1; 8])),
            Document::Release(grant, SegmentId::from_bytes([2; 16])),
        ] {
            let name = document.to_string();
            assert_eq!(name.parse::<Document>().unwrap(), document);
            assert!(ObjectName::new(&name).is_ok(), "{name} cannot lie in a store");
            for wrong in
                [format!("{name}.part"), name.to_uppercase(), name.replace(".json", "-.json"), format!("x{name}")]
            {
                assert!(wrong.parse::<Document>().is_err(), "{wrong} was accepted");
            }
        }
        assert_eq!(
            Document::Ask(grant, AskNonce::from_bytes([1; 8])).to_string(),
            "ask-abababababababababababababababab-0101010101010101.json"
        );
    }

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in ["", "..", ".hidden", "a/b", "a\\b", "A", "a_b", "x.part", &"x".repeat(101)] {
            assert!(ObjectName::new(name).is_err(), "{name:?} was accepted");
        }
    }
}
