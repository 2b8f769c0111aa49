//! Whether text is JSON, without keeping any of it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep the quick check follows. Less than serde_json's 128, which then decides.
const QUICK_DEPTH: u8 = 32;

/// Any JSON value, checked and dropped. As strict as reading it into a `serde_json::Value` (depth, numbers out of range, broken escapes), which serde's own
/// `IgnoredAny` is not: what passes here can be read.
struct AnyJson;

struct Check;

/// Checks that bytes are one JSON value, in UTF-8, that `serde_json` reads.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn check(text: &[u8]) -> Result<(), serde_json::Error> {
    // Verifying spends most of its time here, so that what is plain, as nearly all of it is, does not take the general way.
    let mut rest = text;
    if is_plain(&mut rest, QUICK_DEPTH) && rest.is_empty() {
        return Ok(());
    }
    serde_json::from_slice::<AnyJson>(text).map(|AnyJson| ())
}

/// Takes a value off the front, if it is plain: ASCII without white space, escapes, fractions, exponents and integers of more than 18 digits. That it is not
/// says nothing.
fn is_plain(rest: &mut &[u8], depth: u8) -> bool {
    match rest.first() {
        Some(b'"') => string(rest),
        Some(b'-' | b'0'..=b'9') => integer(rest),
        Some(b'{') if depth > 0 => {
            items(rest, b'}', |rest| string(rest) && take(rest, b":") && is_plain(rest, depth - 1))
        }
        Some(b'[') if depth > 0 => items(rest, b']', |rest| is_plain(rest, depth - 1)),
        _ => take(rest, b"null") || take(rest, b"true") || take(rest, b"false"),
    }
}

fn items(rest: &mut &[u8], end: u8, item: impl Fn(&mut &[u8]) -> bool) -> bool {
    *rest = &rest[1..];
    if take(rest, &[end]) {
        return true;
    }
    while item(rest) {
        if take(rest, &[end]) {
            return true;
        }
        if !take(rest, b",") {
            return false;
        }
    }
    false
}

fn string(rest: &mut &[u8]) -> bool {
    let Some(text) = rest.strip_prefix(b"\"") else { return false };
    let mut end = 0;
    // Eight at a time, then what is left.
    while let Some(eight) = text.get(end..).and_then(<[u8]>::first_chunk) {
        let special = special(u64::from_le_bytes(*eight));
        end += special.trailing_zeros() as usize / 8;
        if special != 0 {
            break;
        }
    }
    while text.get(end).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20 | 0x80..)) {
        end += 1;
    }
    let ended = text.get(end) == Some(&b'"');
    *rest = text.get(end + 1..).unwrap_or_default();
    ended
}

/// Eight bytes, of which the first that is a quote, a backslash, a control character or not ASCII has its high bit set in the result, and none before it has. (A
/// byte below a bound borrows when the bound is taken off; what the borrow does to bytes after it does not matter.)
fn special(bytes: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below = |bytes: u64, bound: u8| bytes.wrapping_sub(EACH * u64::from(bound)) & !bytes;
    let is = |byte: u8| below(bytes ^ (EACH * u64::from(byte)), 1);
    (bytes | below(bytes, 0x20) | is(b'"') | is(b'\\')) & (EACH << 7)
}

fn integer(rest: &mut &[u8]) -> bool {
    take(rest, b"-");
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let plain = (1..=18).contains(&digits) && (digits == 1 || rest[0] != b'0');
    *rest = &rest[digits..];
    plain
}

#[inline]
fn take(rest: &mut &[u8], wanted: &[u8]) -> bool {
    match rest.strip_prefix(wanted) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

// === impl AnyJson ===

impl<'de> Deserialize<'de> for AnyJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Check)
    }
}

// === impl Check ===

impl<'de> Visitor<'de> for Check {
    type Value = AnyJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_i64<E>(self, _: i64) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_u64<E>(self, _: u64) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_f64<E>(self, _: f64) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_str<E>(self, _: &str) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_unit<E>(self) -> Result<AnyJson, E> {
        Ok(AnyJson)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<AnyJson, A::Error> {
        while items.next_element::<AnyJson>()?.is_some() {}
        Ok(AnyJson)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<AnyJson, A::Error> {
        while fields.next_entry::<AnyJson, AnyJson>()?.is_some() {}
        Ok(AnyJson)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn plain(text: &str) -> bool {
        let mut rest = text.as_bytes();
        is_plain(&mut rest, QUICK_DEPTH) && rest.is_empty()
    }

    #[test]
    fn what_the_recorder_writes_is_plain() {
        for text in [
            r#"{"kind":"opened","n":-12,"who":"Zoe (uid 1000)","list":[1,{},[],null,true,false,"e"]}"#,
            "{}",
            "0",
            "-0",
        ] {
            assert!(plain(text), "{text}");
        }
        for text in [
            "01",
            "-",
            "1.5",
            "1e9",
            r#""\n""#,
            r#"{"a":1,}"#,
            "[,]",
            "[1",
            r#"{"a"}"#,
            "{1:2}",
            "1 ",
            "nul",
            "\"\u{1}\"",
            "",
        ] {
            assert!(!plain(text), "{text}");
        }
        assert!(!plain(&"[".repeat(100_000)), "and nothing overflows");
    }

    proptest! {
        #[test]
        fn what_passes_is_what_serde_json_reads(text in r#"[\[\]{},:"\\0-9\-.e+truefalsn u\PC]{0,12}"#) {
            let read = serde_json::from_str::<Value>(&text);
            prop_assert_eq!(check(text.as_bytes()).is_ok(), read.is_ok());
            prop_assert!(!plain(&text) || read.is_ok());
        }

        #[test]
        fn bytes_that_pass_are_what_serde_json_reads(start in "[ -~]{0,9}", bytes in prop::collection::vec(0x70_u8.., 0..4), end in "[ -~]{0,9}") {
            let text = [b"\"", start.as_bytes(), &bytes, end.as_bytes(), b"\""].concat();
            prop_assert_eq!(check(&text).is_ok(), serde_json::from_slice::<Value>(&text).is_ok());
        }

        #[test]
        fn what_passes_after_a_change_is_what_serde_json_reads(place: prop::sample::Index, with in r#"[\[\]{},:"\\0-9a-f]{0,3}"#) {
            let good = r#"{"kind":"opened","n":-12,"list":[1,{"a":{}},[],null,true,"x"],"f":1.5,"e":"\u00e9"}"#;
            let place = place.index(good.len());
            let text = format!("{}{with}{}", &good[..place], &good[place + 1..]);
            let read = serde_json::from_str::<Value>(&text);
            prop_assert_eq!(check(text.as_bytes()).is_ok(), read.is_ok());
            prop_assert!(!plain(&text) || read.is_ok());
        }
    }
}
