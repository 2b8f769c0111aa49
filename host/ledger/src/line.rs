//! One line, written and parsed. The bytes are described in [`entry`](crate::entry).

use std::borrow::Cow;
use std::io::Write;
use std::str;

use serde_json::Value;

use crate::entry::{Entry, EntryId, LINE_MAX, New};
use crate::head::{Hash, Head};
use crate::json;

/// A line that has the shape of an entry. Whether it follows the line before is for others to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) number: u64,
    pub(crate) at: i64,
    /// 32 lower-case hex digits.
    id: &'a [u8],
    /// 64 lower-case hex digits.
    pub(crate) previous: &'a [u8],
    /// A JSON object in UTF-8, from its `{` to its `}`.
    what: &'a [u8],
}

/// What is wrong with a line.
pub(crate) type Why = Cow<'static, str>;

/// Adds the line of an entry to `out`, with its newline.
pub(crate) fn write(out: &mut Vec<u8>, new: &New, before: &Head) {
    let New { at, id, what } = new;
    let Head { entries, hash } = before;
    write!(out, r#"{{"n":{entries},"at":{at},"id":"{id}","previous":"{hash}","what":"#).expect("a Vec takes all");
    serde_json::to_writer(&mut *out, what).expect("a Value is JSON already");
    out.extend_from_slice(b"}\n");
}

// === impl Line ===

impl<'a> Line<'a> {
    /// Checks a line, without its newline, to its last byte.
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, Why> {
        if line.len() > LINE_MAX {
            return Err("it is longer than an entry can be".into());
        }
        let mut rest = line;
        expect(&mut rest, br#"{"n":"#)?;
        let number = decimal(&mut rest)?;
        expect(&mut rest, br#","at":"#)?;
        let at = decimal(&mut rest)?;
        expect(&mut rest, br#","id":""#)?;
        let id = hex_digits(&mut rest, 32)?;
        expect(&mut rest, br#"","previous":""#)?;
        let previous = hex_digits(&mut rest, 64)?;
        expect(&mut rest, br#"","what":"#)?;
        let Some(what) = rest.strip_suffix(b"}") else { return Err("it does not end in `}`".into()) };
        if !(what.starts_with(b"{") && what.ends_with(b"}")) {
            return Err("what happened is not a JSON object".into());
        }
        json::check(what).map_err(|e| Cow::from(format!("what happened is not JSON: {e}")))?;
        Ok(Self { number, at, id, previous, what })
    }

    /// Whether this line is the one after `before`; else what is wrong.
    pub(crate) fn follows(&self, before: &Head) -> Result<(), Why> {
        if self.number != before.entries {
            return Err(format!("it has number {}, and {} comes next", self.number, before.entries).into());
        }
        if self.previous != before.hash.to_hex() {
            return Err("it was not written after the line before it: one of the two was changed".into());
        }
        Ok(())
    }

    /// The head of a ledger that ends in this line, whose bytes are `bytes`.
    pub(crate) fn head(&self, bytes: &[u8]) -> Head {
        // A number at the very end of its range is no entry's: nothing follows it then.
        Head { entries: self.number.saturating_add(1), hash: Hash::of(bytes) }
    }

    pub(crate) fn id(&self) -> EntryId {
        let mut id = [0; 16];
        hex::decode_to_slice(self.id, &mut id).expect("checked to be 32 hex digits");
        EntryId::from_bytes(id)
    }

    /// Everything, with memory of its own.
    pub(crate) fn entry(&self) -> Entry {
        let what: Value = serde_json::from_slice(self.what).expect("checked as strictly as it is read");
        Entry { number: self.number, at: self.at, id: self.id(), what }
    }
}

fn expect(rest: &mut &[u8], wanted: &'static [u8]) -> Result<(), Why> {
    match rest.strip_prefix(wanted) {
        Some(after) => {
            *rest = after;
            Ok(())
        }
        None => Err(format!("`{}` does not stand where it must", wanted.escape_ascii()).into()),
    }
}

/// A whole number as we write it: no `+`, no leading zeros, no `-0`.
fn decimal<N: str::FromStr>(rest: &mut &[u8]) -> Result<N, Why> {
    let sign = usize::from(rest.starts_with(b"-"));
    let digits = rest[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
    let (text, after) = rest.split_at(sign + digits);
    let padded = text[sign..].starts_with(b"0") && text != b"0";
    let parsed = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    match parsed {
        Some(number) if !padded => {
            *rest = after;
            Ok(number)
        }
        _ => Err("a number is missing, out of range or not written as numbers are here".into()),
    }
}

fn hex_digits<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Why> {
    let Some((digits, after)) = rest.split_at_checked(count) else { return Err("it breaks off".into()) };
    // All of them, and without an early end: so it is done many at a time.
    let good = digits.iter().fold(true, |good, b| good & matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !good {
        return Err(format!("{count} lower-case hex digits do not stand where they must").into());
    }
    *rest = after;
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn new(what: Value) -> New {
        New { at: -5, id: EntryId::from_bytes([0xab; 16]), what }
    }

    #[test]
    fn a_line_is_written_byte_for_byte_as_described() {
        let mut out = Vec::new();
        write(
            &mut out,
            &new(json!({"kind": "started", "text": "é\n"})),
            &Head { entries: 7, hash: Hash::of(b"before") },
        );
        // The hash as `printf before | sha256sum` gives it.
        let expected = concat!(
            r#"{"n":7,"at":-5,"id":"abababababababababababababababab","previous":"#,
            r#""6db7d803e74f1ffa7d8f5adc0bf95b3e15bf4c8373fffadf546227cc6c6742cb","#,
            r#""what":{"kind":"started","text":"é\n"}}"#,
            "\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_is_almost_a_line_is_refused() {
        let good = format!(r#"{{"n":0,"at":1,"id":"{}","previous":"{}","what":{{}}}}"#, "a".repeat(32), "0".repeat(64));
        assert!(Line::parse(good.as_bytes()).is_ok());
        for (from, to) in [
            (r#""n":0"#, r#""n":00"#),
            (r#""n":0"#, r#""n":-0"#),
            (r#""n":0"#, r#""n":+0"#),
            (r#""n":0"#, r#""n":-1"#),
            (r#""n":0"#, r#""n":18446744073709551616"#),
            (r#""n":0"#, r#""n": 0"#),
            (r#""n":0"#, r#""n":"#),
            (r#""at":1"#, r#""at":-0"#),
            (r#""at":1"#, r#""at":01"#),
            (r#""at":1"#, r#""at":1.5"#),
            (r#""at":1"#, r#""at":9223372036854775808"#),
            ("aaaa", "aaaA"),
            ("0000", "000g"),
            (r#""what":{}"#, r#""what":[]"#),
            (r#""what":{}"#, r#""what":{},"more":{}"#),
            (r#""what":{}"#, r#""what":{"a":"\ud800"}"#),
            (r#""what":{}"#, r#""what":{"a":1e999}"#),
            (r#""what":{}"#, r#""what":{"a":01}"#),
            (r#""what":{}"#, r#""what":{"#),
            (r#""what":{}"#, r#""what":{}}"#),
            (r#""what":{}"#, r#""what":{} "#),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert!(Line::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let latin = [good.as_bytes().strip_suffix(b"{}}").unwrap(), b"{\"a\":\"\xe9\"}}"].concat();
        assert!(Line::parse(&latin).is_err());
        let long = good.replace("{}}", &format!("{{\"a\":\"{}\"}}}}", "x".repeat(LINE_MAX)));
        assert!(Line::parse(long.as_bytes()).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // Those that decimal digits give back exactly. Others can lose their last bit in reading; the bytes in the file do not change.
            prop::sample::select(vec![0.5, -1.25, 1e10]).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|fields| fields.into_iter().collect()),
            ]
        })
    }

    fn any_object() -> impl Strategy<Value = Value> {
        prop::collection::hash_map(any::<String>(), any_json(), 0..6).prop_map(|fields| fields.into_iter().collect())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            what in any_object(), at: i64, id: [u8; 16], entries in 0..u64::MAX, hash: [u8; 32],
        ) {
            let new = New { at, id: EntryId::from_bytes(id), what };
            let before = Head { entries, hash: Hash::from_bytes(hash) };
            let mut out = Vec::new();
            write(&mut out, &new, &before);
            prop_assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1);
            prop_assert_eq!(out.pop(), Some(b'\n'));
            let line = Line::parse(&out).unwrap();
            prop_assert!(line.follows(&before).is_ok());
            let New { at, id, what } = new;
            prop_assert_eq!(line.entry(), Entry { number: entries, at, id, what });
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes: Vec<u8>) {
            let _ = Line::parse(&bytes);
        }

        #[test]
        fn a_line_with_one_byte_changed_never_makes_the_parser_panic(what in any_object(), at: i64, place: prop::sample::Index, byte: u8) {
            let mut out = Vec::new();
            write(&mut out, &New { at, ..new(what) }, &Head::EMPTY);
            out.pop();
            let place = place.index(out.len());
            out[place] = byte;
            if let Ok(line) = Line::parse(&out) {
                line.entry();
            }
        }
    }
}
