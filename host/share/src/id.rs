//! Numbers that name grants, segments and requests.

use std::fmt;
use std::str::FromStr;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A name of bytes, written as twice as many hexadecimal digits, in lower case only: a thing has one name.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// From its bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let mut bytes = [0; $bytes];
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) if !text.bytes().any(|b| b.is_ascii_uppercase()) => Ok(Self(bytes)),
                    _ => Err(Error::Id { text: text.to_owned(), what: $what, digits: 2 * $bytes }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

name! {
    /// The name of a grant: 16 random bytes.
    GrantId, 16, "a grant"
}

name! {
    /// The name of a segment: 16 bytes, the vault's own.
    SegmentId, 16, "a segment"
}

name! {
    /// What tells a request from all others of the same grant: 8 random bytes.
    AskNonce, 8, "the number of a request"
}

// === impl GrantId ===

impl GrantId {
    /// A new name.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn random() -> Result<Self, Error> {
        random().map(Self)
    }
}

// === impl AskNonce ===

impl AskNonce {
    /// A new number.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn random() -> Result<Self, Error> {
        random().map(Self)
    }
}

/// Random bytes of the system. A secret among them is the caller's to zero.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let name: GrantId = "00ff00ff00ff00ff00ff00ff00ff00ff".parse().unwrap();
        assert_eq!(name.to_string(), "00ff00ff00ff00ff00ff00ff00ff00ff");
        for wrong in ["", "00", "00FF00ff00ff00ff00ff00ff00ff00ff", "00ff00ff00ff00ff00ff00ff00ff00f", "zz"] {
            assert!(wrong.parse::<GrantId>().is_err(), "{wrong:?} was accepted");
        }
        let error = "\u{1b}[2Jx".parse::<AskNonce>().unwrap_err().to_string();
        assert!(error.contains("16 hexadecimal digits") && !error.contains('\u{1b}'), "{error}");
    }

    #[test]
    fn two_grants_have_two_names() {
        assert_ne!(GrantId::random().unwrap(), GrantId::random().unwrap());
    }
}
