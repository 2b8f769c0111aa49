//! Text that is long enough to say something and short enough to be read.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use sluis_notice::Localised;

/// Text of `MIN` to `MAX` characters on one line; white space around it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// What guests read: one text for all languages of the notice, or a table with a text for each of `nl`, `de` and `en`. Of [`Text`]'s length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording<const MIN: usize, const MAX: usize>(Localised);

/// A text for each language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Each<const MIN: usize, const MAX: usize> {
    nl: Text<MIN, MAX>,
    de: Text<MIN, MAX>,
    en: Text<MIN, MAX>,
}

// === impl Text ===

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        let length = text.chars().count();
        if text.chars().any(char::is_control) {
            return Err("the text has line breaks or other control characters: write it on one line".to_owned());
        }
        if !(MIN..=MAX).contains(&length) {
            return Err(format!("the text has {length} characters: write {MIN} to {MAX}"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX })
    }
}

// === impl Wording ===

impl<const MIN: usize, const MAX: usize> Wording<MIN, MAX> {
    /// The text in each language.
    pub const fn localised(&self) -> &Localised {
        &self.0
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Wording<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const MIN: usize, const MAX: usize>;

        impl<'de, const MIN: usize, const MAX: usize> de::Visitor<'de> for Visitor<MIN, MAX> {
            type Value = Wording<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table with a text for each of `nl`, `de` and `en`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let text = Text::<MIN, MAX>::try_from(text.to_owned()).map_err(E::custom)?;
                Ok(Wording(Localised::same(text.as_str())))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Each::<MIN, MAX> { nl, de, en } = Each::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Wording(Localised { nl: nl.0, de: de.0, en: en.0 }))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Wording<MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        "Wording".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |language: &str| json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX, "description": language });
        json_schema!({
            "anyOf": [
                text("In all languages."),
                {
                    "type": "object",
                    "properties": { "nl": text("In Dutch."), "de": text("In German."), "en": text("In English.") },
                    "required": ["nl", "de", "en"],
                    "additionalProperties": false,
                },
            ]
        })
    }
}
