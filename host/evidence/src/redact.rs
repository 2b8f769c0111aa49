//! The text of a configuration without what may be a secret.
//!
//! `sluis.toml` names the files that hold passwords and keys; it has no place for them. But people put them where they can: into a comment, into the address of a stream (`?password=`), into the
//! settings of a component, which are free. So comments are left out, and of values whatever looks like a secret. Everything else stays as it was written, byte for byte.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use crate::error::Error;

/// What stands in place of what was left out.
const LEFT_OUT: &str = "[left out]";

/// What keys of secrets have in their names. Keys of the program's own schema have none of it.
const SECRET_KEYS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "wachtwoord",
    "passwort",
    "kennwort",
    "geheim",
];

/// What stands before a secret in a text.
const SECRET_MARKS: [&str; 7] = ["password=", "passwd=", "pwd=", "pass=", "secret=", "token=", "-----begin"];

/// Keys of the schema that only name a file.
const NAMES_OF_FILES: [&str; 2] = ["credentials", "credentials-dir"];

/// Shorter ones are found everywhere, and protect nothing.
const SECRET_MIN: usize = 4;

/// A configuration that others may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// Its text.
    pub text: String,
    /// What was left out: `comments`, and the places of values, as `camera.0.url`. Nothing: the text is the whole.
    pub left_out: Vec<String>,
    /// Texts that are certainly secrets, and their places: they may stand nowhere in a pack.
    pub(crate) secrets: Vec<Secret>,
}

/// A secret of a configuration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    pub(crate) place: String,
    pub(crate) text: String,
}

/// What is changed in the text.
#[derive(Default)]
struct Edits {
    changes: Vec<(Range<usize>, String)>,
    places: Vec<String>,
    secrets: Vec<Secret>,
}

/// Leaves out of the text of a configuration what may be a secret.
///
/// # Errors
///
/// [`Error::Configuration`] when it is no TOML.
pub fn redact(text: &str) -> Result<Redacted, Error> {
    let table = DeTable::parse(text).map_err(|e| Error::Configuration(e.message().to_owned()))?;
    let mut edits = Edits::default();
    for token in Source::new(text).lex().filter(|token| token.kind() == TokenKind::Comment) {
        edits.changes.push((token.span().start()..token.span().end(), String::new()));
    }
    let mut left_out: Vec<_> = (!edits.changes.is_empty()).then(|| "comments".to_owned()).into_iter().collect();
    edits.table(table.get_ref(), "", false);
    let Edits { mut changes, places, secrets } = edits;
    left_out.extend(places);
    changes.sort_by_key(|(span, _)| span.start);
    let (mut made, mut at) = (String::with_capacity(text.len()), 0);
    for (span, instead) in changes {
        made.push_str(&text[at..span.start]);
        made.push_str(&instead);
        at = span.end;
    }
    made.push_str(&text[at..]);
    // Whatever the spans were: what is handed out is read once more.
    match DeTable::parse(&made) {
        Ok(_) => Ok(Redacted { text: made, left_out, secrets }),
        Err(error) => Err(Error::Configuration(format!("what is left of it is no TOML: {}", error.message()))),
    }
}

// === impl Secret ===

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({})", self.place)
    }
}

// === impl Edits ===

impl Edits {
    fn table(&mut self, table: &DeTable<'_>, at: &str, secret: bool) {
        for (key, value) in table {
            let key = key.get_ref();
            let place = if at.is_empty() { key.to_string() } else { format!("{at}.{key}") };
            let secret = secret || is_secret_key(key, at);
            self.value(value, &place, secret);
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, place: &str, secret: bool) {
        let instead = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, place, secret),
            DeValue::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    self.value(item, &format!("{place}.{number}"), secret);
                }
                return;
            }
            DeValue::String(text) if secret => {
                self.secret(place, text);
                LEFT_OUT.to_owned()
            }
            _ if secret => LEFT_OUT.to_owned(),
            DeValue::String(text) => match self.looks_secret(place, text) {
                Some(instead) => instead,
                None => return,
            },
            _ => return,
        };
        self.changes.push((value.span(), format!("\"{instead}\"")));
        self.places.push(place.to_owned());
    }

    fn secret(&mut self, place: &str, text: &str) {
        if text.len() >= SECRET_MIN {
            self.secrets.push(Secret { place: place.to_owned(), text: text.to_owned() });
        }
    }

    /// What may stand instead of a text that looks as if it held a secret; `None` where it does not.
    fn looks_secret(&mut self, place: &str, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let mut found = false;
        for mark in SECRET_MARKS {
            for (start, _) in lower.match_indices(mark) {
                found = true;
                // Offsets are the same: only ASCII letters were changed.
                let rest = &text[start + mark.len()..];
                self.secret(place, rest.split(|c: char| "&;#/ \"'".contains(c)).next().unwrap_or(rest));
            }
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return found.then(|| LEFT_OUT.to_owned());
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if let Some((user, _)) = rest.rsplit_once('@') {
            found = true;
            self.secret(place, user.split_once(':').map_or(user, |(_, password)| password));
        }
        // A password with a slash in it, or an address in the path: nobody knows where it ends.
        if path.contains('@') {
            return Some(LEFT_OUT.to_owned());
        }
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // What follows a question mark may be anything, and some cameras want the password in the path.
        found |= path.contains(['?', '=']);
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || ".:-+[]".contains(c));
        let shown =
            if plain(scheme) && plain(host) { format!("{scheme}://{host}/{LEFT_OUT}") } else { LEFT_OUT.to_owned() };
        found.then_some(shown)
    }
}

fn is_secret_key(key: &str, at: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let names_a_file = NAMES_OF_FILES.contains(&key) && !at.split('.').any(|part| part == "settings");
    let is_key = ["key", "pin"].contains(&plain.as_str()) || plain.ends_with("key");
    !names_a_file && (is_key || SECRET_KEYS.iter().any(|word| plain.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_secrets_and_comments_stays_as_it_is() {
        let text = "[shop]\nname = \"Bakery # 1\"\n\n[service]\ncredentials-dir = 'secrets'\n[[camera]]\ncredentials = \"till\"\nurl = \"rtsp://10.0.0.9:554/stream\"\n";
        let made = redact(text).unwrap();
        assert_eq!((made.text.as_str(), made.left_out.len(), made.secrets.len()), (text, 0, 0));
    }

    #[test]
    fn comments_addresses_and_settings_give_no_secret_away() {
        let text = "# root: hunter-one\n[[camera]] # hunter-two\nurl = \"rtsp://10.0.0.9/user=admin&password=hunter3&channel=1\"\nseen = true\n\
            [camera.settings.other]\napi-key = 'hunter4x'\ncredentials = \"hunter5x\"\nlevel = 3\npin = 12345\nnested.token = [\"hunter6x\", { a = \"hunter7x\" }]\n\
            mail = \"\"\"token=hunter8x\n\"\"\"\n[cloud]\nendpoint = \"https://me:hunter9x@s3.example.nl\"\n";
        let Redacted { text, left_out, secrets } = redact(text).unwrap();
        assert!(!text.contains("hunter") && !text.contains("12345") && !text.contains('#'), "{text}");
        assert!(
            text.contains("rtsp://10.0.0.9/[left out]") && text.contains("https://s3.example.nl/[left out]"),
            "{text}"
        );
        assert!(text.contains("seen = true\n") && text.contains("level = 3\n"), "{text}");
        assert_eq!(left_out[0], "comments");
        for place in
            ["camera.0.url", "camera.0.settings.other.api-key", "camera.0.settings.other.pin", "cloud.endpoint"]
        {
            assert!(left_out.iter().any(|told| told == place), "{left_out:?}");
        }
        for number in 3..10 {
            let found = secrets.iter().any(|secret| secret.text.trim().starts_with(&format!("hunter{number}")));
            assert!(found, "{number}: {secrets:?}");
        }
        assert!(!format!("{secrets:?}").contains("hunter"));
    }

    #[test]
    fn the_configuration_of_the_examples_has_nothing_to_hide_but_comments() {
        for text in
            [include_str!("../../../examples/sluis.toml"), include_str!("../../../examples/hilversum/sluis.toml")]
        {
            let made = redact(text).unwrap();
            assert_eq!(made.left_out, ["comments"]);
            let values = |text: &str| text.parse::<toml::Table>().unwrap();
            assert_eq!(values(&made.text), values(text));
        }
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        assert!(matches!(redact("[shop"), Err(Error::Configuration(_))));
    }
}
