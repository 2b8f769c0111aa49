//! What the head of a ledger was, signed.
//!
//! The text is a signed note (<https://c2sp.org/signed-note>) in the shape of a transparency log's checkpoint (<https://c2sp.org/tlog-checkpoint>):
//!
//! ```text
//! shop.example/ledger                            the origin, which names the ledger
//! 1234                                           how many entries
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=   base64 of the last line's SHA-256
//! at 1767225600000000000                         when it was signed: nanoseconds since 1970 UTC
//! bytes 308500                                   how long ledger.jsonl was
//!
//! — shop.example/ledger Az3grlgtzPICa5OS...      base64 of the key ID (4 bytes) and an Ed25519 signature (64) of the five lines above the empty one
//! ```
//!
//! Tools for signed notes can check the signature. The third line is *the head of a hash chain, not the root of a Merkle tree*: there are no proofs that one
//! checkpoint continues another, short of the ledger itself, and so no witness of transparency logs can sign it too. A ledger of a shop is small enough to
//! be read whole, and a chain needs no more than one hash in memory.
//!
//! This is a profile: exactly these lines, exactly one signature, numbers and base64 in one way of writing only. A text that parses is displayed as it was.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::head::{Hash, Head};
use crate::key::{LedgerKey, PublicKey, check_origin};

/// The most bytes that the text of a checkpoint has: two origins of 200, and numbers and base64 of less than 300.
pub(crate) const CHECKPOINT_MAX: usize = 1024;

/// How the last line of a checkpoint begins, and no other line of it does: an em dash and a space.
pub(crate) const SIGNATURE: &str = "— ";

/// A signed statement of how far a ledger had come. To be kept outside of the machine as well: [`verify`](fn@crate::verify) takes it.
///
/// That it was parsed does not mean that anybody has signed it: ask [`is_signed_by`](Self::is_signed_by).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    origin: String,
    head: Head,
    at: i64,
    bytes: u64,
    key: [u8; 4],
    signature: [u8; 64],
}

// === impl Checkpoint ===

impl Checkpoint {
    pub(crate) fn sign(key: &LedgerKey, public: &PublicKey, head: Head, at: i64, bytes: u64) -> Self {
        let origin = public.origin().to_owned();
        let mut made = Self { origin, head, at, bytes, key: public.id(), signature: [0; 64] };
        made.signature = key.sign(&made.text());
        made
    }

    /// The ledger it speaks of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How far the ledger had come.
    pub fn head(&self) -> Head {
        self.head
    }

    /// When it was signed, by the clock of the machine: nanoseconds since 1970 UTC.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// How long `ledger.jsonl` was.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the holder of `key` has signed this, for the ledger that `key` names.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.origin == key.origin() && self.key == key.id() && key.signed(&self.text(), &self.signature)
    }

    /// What is signed: up to the newline before the empty line.
    fn text(&self) -> String {
        let Self { origin, head: Head { entries, hash }, at, bytes, .. } = self;
        format!("{origin}\n{entries}\n{}\nat {at}\nbytes {bytes}\n", STANDARD.encode(hash.as_bytes()))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = [self.key.as_slice(), &self.signature].concat();
        writeln!(f, "{}\n{SIGNATURE}{} {}", self.text(), self.origin, STANDARD.encode(signature))
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |why| Error::Checkpoint { why };
        if text.len() > CHECKPOINT_MAX {
            return Err(wrong("it is too long"));
        }
        let Some(body) = text.strip_suffix('\n') else { return Err(wrong("it breaks off")) };
        let lines: Vec<_> = body.split('\n').collect();
        let [origin, entries, hash, at, bytes, "", signature] = lines[..] else {
            return Err(wrong("it has not five lines, an empty one and a signature"));
        };
        check_origin(origin)?;
        let entries = number(entries).ok_or_else(|| wrong("its second line is not a number of entries"))?;
        let hash = fixed(hash).ok_or_else(|| wrong("its third line is not a SHA-256 in base64"))?;
        let at =
            at.strip_prefix("at ").and_then(number).ok_or_else(|| wrong("its fourth line is not `at` and a time"))?;
        let bytes = bytes
            .strip_prefix("bytes ")
            .and_then(number)
            .ok_or_else(|| wrong("its fifth line is not `bytes` and a length"))?;
        let signature = signature
            .strip_prefix(SIGNATURE)
            .and_then(|line| line.strip_prefix(origin))
            .and_then(|line| line.strip_prefix(' '))
            .and_then(fixed::<68>)
            .ok_or_else(|| wrong("its last line is not an Ed25519 signature of its origin"))?;
        let (key, signature) = signature.split_at(4);
        Ok(Self {
            origin: origin.to_owned(),
            head: Head { entries, hash: Hash::from_bytes(hash) },
            at,
            bytes,
            key: key.try_into().expect("4 bytes were split off"),
            signature: signature.try_into().expect("64 of 68 bytes are left"),
        })
    }
}

/// A number in the one way in which we write it.
fn number<N: FromStr + fmt::Display>(text: &str) -> Option<N> {
    text.parse().ok().filter(|number: &N| number.to_string() == text)
}

fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> (LedgerKey, PublicKey) {
        let key = LedgerKey::from_seed([1; 32]);
        let public = key.public("shop.example/ledger").unwrap();
        (key, public)
    }

    fn made(entries: u64, hash: [u8; 32], at: i64, bytes: u64) -> Checkpoint {
        let (key, public) = key();
        Checkpoint::sign(&key, &public, Head { entries, hash: Hash::from_bytes(hash) }, at, bytes)
    }

    #[test]
    fn the_text_is_a_signed_note() {
        let text = made(3, [0; 32], -1, 750).to_string();
        let (body, signature) = text.split_once("\n\n").unwrap();
        assert_eq!(body, format!("shop.example/ledger\n3\n{}=\nat -1\nbytes 750", "A".repeat(43)));
        assert!(signature.starts_with("— shop.example/ledger ") && signature.ends_with('\n'), "{signature}");
    }

    #[test]
    fn a_checkpoint_with_any_byte_changed_is_refused_or_not_signed() {
        let (_, public) = key();
        let good = made(3, [9; 32], 5, 750);
        assert!(good.is_signed_by(&public));
        let text = good.to_string().into_bytes();
        for place in 0..text.len() {
            for change in [1, 2, 0x10, 0x20, 0x80] {
                let mut bytes = text.clone();
                bytes[place] ^= change;
                let read = String::from_utf8(bytes).ok().and_then(|text| text.parse::<Checkpoint>().ok());
                assert!(!read.is_some_and(|read| read.is_signed_by(&public)), "byte {place} ^ {change}");
            }
        }
    }

    #[test]
    fn a_checkpoint_cut_at_any_byte_is_refused() {
        let text = made(3, [9; 32], 5, 750).to_string();
        for (at, _) in text.char_indices() {
            assert!(text[..at].parse::<Checkpoint>().is_err(), "{at}");
        }
        assert!(format!("{text}\n").parse::<Checkpoint>().is_err());
    }

    #[test]
    fn another_key_or_another_ledger_has_not_signed_it() {
        let good = made(3, [9; 32], 5, 750);
        let (key, _) = key();
        assert!(!good.is_signed_by(&key.public("shop.example/other").unwrap()));
        assert!(!good.is_signed_by(&LedgerKey::from_seed([2; 32]).public("shop.example/ledger").unwrap()));
    }

    #[test]
    fn the_longest_checkpoint_fits() {
        let key = LedgerKey::from_seed([1; 32]);
        let public = key.public(&"x".repeat(200)).unwrap();
        let head = Head { entries: u64::MAX, hash: Hash::from_bytes([255; 32]) };
        let text = Checkpoint::sign(&key, &public, head, i64::MIN, u64::MAX).to_string();
        assert!(text.len() <= CHECKPOINT_MAX && text.parse::<Checkpoint>().is_ok(), "{}", text.len());
    }

    proptest! {
        #[test]
        fn a_checkpoint_is_parsed_as_it_is_displayed(entries: u64, hash: [u8; 32], at: i64, bytes: u64) {
            let made = made(entries, hash, at, bytes);
            prop_assert_eq!(made.to_string().parse::<Checkpoint>().unwrap(), made);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|(\\PC*\n){0,9}") {
            let _ = text.parse::<Checkpoint>();
        }

        #[test]
        fn what_parses_is_displayed_as_it_was(place: prop::sample::Index, with in "[ -~\n]{0,2}", entries: u64) {
            let good: Vec<char> = made(entries, [9; 32], 5, 750).to_string().chars().collect();
            let place = place.index(good.len());
            let text: String = good[..place].iter().copied().chain(with.chars()).chain(good[place + 1..].iter().copied()).collect();
            if let Ok(read) = text.parse::<Checkpoint>() {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }
}
