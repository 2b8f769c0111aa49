//! Versions of the notice, and what is new in each.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::language::Language;
use crate::notice;

/// A published notice. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Version {
    /// Its number, from 1.
    pub number: u64,
    /// When it was published; it holds from then on.
    pub published: Timestamp,
    /// Of `facts`.
    pub sha256: Digest,
    /// What is new since the version before, by the keys of items. Nothing, in the first.
    pub changes: BTreeMap<String, Change>,
    /// Labels of the items that are gone, in each language, by their keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, crate::Localised>,
    /// What it tells.
    pub facts: Facts,
}

/// What happened to an item since the version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was not there.
    New,
    /// It says something else.
    Update,
    /// It is gone.
    Removed,
}

/// SHA-256 of facts, as canonical JSON: keys in order, no white space, whole numbers only. Two notices say the same when their digests are the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// What is new in `current`, by the keys of items. An item is compared as it is told in all languages, so whatever a reader can see counts, and nothing else does.
pub fn changes(previous: &Facts, current: &Facts) -> BTreeMap<String, Change> {
    let mut changes = BTreeMap::new();
    for language in Language::ALL {
        let told = |facts| notice::sections(facts, language).into_iter().flat_map(|section| section.items);
        let mut before: BTreeMap<String, _> = told(previous).map(|item| (item.key.clone(), item)).collect();
        for item in told(current) {
            match before.remove(&item.key) {
                None => drop(changes.insert(item.key, Change::New)),
                Some(old) if old != item => drop(changes.insert(item.key, Change::Update)),
                Some(_) => {}
            }
        }
        changes.extend(before.into_keys().map(|key| (key, Change::Removed)));
    }
    changes
}

/// The labels of what is gone.
pub(crate) fn removed(previous: &Facts, changes: &BTreeMap<String, Change>) -> BTreeMap<String, crate::Localised> {
    let label = |key: &str, language| {
        let mut items = notice::sections(previous, language).into_iter().flat_map(|section| section.items);
        items.find(|item| item.key == key).map(|item| item.label).unwrap_or_default()
    };
    let gone = changes.iter().filter(|(_, change)| **change == Change::Removed).map(|(key, _)| key);
    let told = gone.map(|key| {
        let [nl, de, en] = Language::ALL.map(|language| label(key, language));
        (key.clone(), crate::Localised { nl, de, en })
    });
    told.collect()
}

// === impl Version ===

impl Version {
    /// The version that follows `previous`.
    pub fn after(previous: Option<&Self>, facts: &Facts, published: Timestamp) -> Self {
        let changes = previous.map(|previous| changes(&previous.facts, facts)).unwrap_or_default();
        let removed = previous.map(|previous| removed(&previous.facts, &changes)).unwrap_or_default();
        let number = previous.map_or(1, |previous| previous.number + 1);
        Self { number, published, sha256: Digest::of(facts), changes, removed, facts: facts.clone() }
    }

    /// Whether it tells these facts.
    pub fn tells(&self, facts: &Facts) -> bool {
        self.sha256 == Digest::of(facts)
    }
}

// === impl Digest ===

impl Digest {
    /// Of facts.
    pub fn of(facts: &Facts) -> Self {
        let mut text = Vec::new();
        let mut canonical = serde_json::Serializer::with_formatter(&mut text, olpc_cjson::CanonicalFormatter::new());
        facts.serialize(&mut canonical).expect("facts are texts and whole numbers, which canonical JSON takes");
        let digest = ring::digest::digest(&ring::digest::SHA256, &text);
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| format!("`{text}` is no SHA-256: 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Keeps, sample};

    #[test]
    fn the_digest_is_that_of_the_facts_and_of_nothing_else() {
        let facts = sample();
        let again: Facts = serde_json::from_str(&serde_json::to_string_pretty(&facts).unwrap()).unwrap();
        assert_eq!(Digest::of(&facts), Digest::of(&again));
        let mut other = facts.clone();
        other.retention.hours -= 1;
        assert_ne!(Digest::of(&facts), Digest::of(&other));
        // What was published stays what it was: who changes this number un-publishes every notice.
        assert_eq!(Digest::of(&facts).to_string(), DIGEST_OF_SAMPLE);
    }

    const DIGEST_OF_SAMPLE: &str = "d680bf3e6d5f8312231adc034ab9f05cd57ed48f83edf10714b5b86a706b4e52";

    #[test]
    fn what_was_not_there_is_new_what_says_something_else_is_an_update_and_what_is_gone_is_removed() {
        let before = sample();
        let mut after = before.clone();
        assert!(changes(&before, &after).is_empty());
        after.retention.hours = 480;
        after.cameras[1].id = "other".to_owned();
        after.purposes.pop();
        after.employees.de.push('!');
        let changes = changes(&before, &after);
        let is = |key: &str| changes.get(key).copied();
        assert_eq!(is("retention.hours"), Some(Change::Update));
        assert_eq!(is("cameras.camera-other"), Some(Change::New));
        assert_eq!(is("cameras.camera-screen"), Some(Change::Removed));
        assert_eq!(is("purposes.2"), Some(Change::Removed));
        assert_eq!(is("employees.text"), Some(Change::Update), "a change in one language is a change");
        assert_eq!(is("controller.name"), None);
        let version =
            Version::after(Some(&Version::after(None, &before, Timestamp::UNIX_EPOCH)), &after, Timestamp::UNIX_EPOCH);
        assert_eq!((version.number, &version.changes), (2, &changes));
        assert!(version.removed["cameras.camera-screen"].en.contains("screen"));
    }

    #[test]
    fn whatever_is_different_in_the_facts_is_told() {
        // A change that no reader could see would be a new version without a mark.
        let before = sample();
        let whole = serde_json::to_value(&before).unwrap();
        let mut leaves = Vec::new();
        leaves_of(&whole, String::new(), &mut leaves);
        assert!(leaves.len() > 80, "{}", leaves.len());
        for pointer in leaves {
            let mut changed = whole.clone();
            let leaf = changed.pointer_mut(&pointer).unwrap();
            *leaf = match &*leaf {
                serde_json::Value::Bool(is) => (!is).into(),
                serde_json::Value::Number(number) => (number.as_i64().unwrap() + 1).into(),
                serde_json::Value::String(text) => format!("{text}x").into(),
                other => other.clone(),
            };
            // Words of closed sets, dates, and the zone of a date are none of their own when one letter is added.
            let Ok(after) = serde_json::from_value::<Facts>(changed) else { continue };
            if after != before && pointer != "/time-zone" {
                assert!(!changes(&before, &after).is_empty(), "a change at {pointer} is told nowhere");
            }
        }
        let mut other = before.clone();
        other.cameras[0].keeps = Keeps::Counts;
        assert!(!changes(&before, &other).is_empty());
    }

    fn leaves_of(value: &serde_json::Value, at: String, leaves: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| leaves_of(value, format!("{at}/{key}"), leaves));
            }
            serde_json::Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, value)| leaves_of(value, format!("{at}/{i}"), leaves));
            }
            _ => leaves.push(at),
        }
    }
}
