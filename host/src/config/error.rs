//! What is wrong with a configuration.

use std::io;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};

use super::check::Wrong;

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", file.display())]
    #[diagnostic(help("give the path of a `sluis.toml`; `examples/sluis.toml` is a complete one to start from"))]
    Read {
        /// Which.
        file: PathBuf,
        /// Why, as the system says.
        source: io::Error,
    },
    /// There is no such camera.
    #[error("{name} has no camera `{id}`")]
    #[diagnostic(help("its cameras are {known}"))]
    NoCamera {
        /// What the configuration is called.
        name: String,
        /// The camera that was asked for.
        id: String,
        /// Those that there are.
        known: String,
    },
    /// Something in it is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Text(Box<Fault>),
}

/// Something wrong in the text of a configuration. Printed by `miette`, it shows the line.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{name}:{line}:{column}: {message}")]
pub struct Fault {
    name: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[help]
    pub advice: Option<String>,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
}

// === impl ConfigError ===

impl ConfigError {
    /// From the TOML reader's error.
    pub(super) fn from_toml(name: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..0);
        let (message, advice) = rephrase(error.message());
        Self::new(name, text, span, message, advice)
    }

    /// From a check.
    pub(super) fn at(name: &str, text: &str, wrong: Wrong) -> Self {
        Self::new(name, text, wrong.span, wrong.message, Some(wrong.advice))
    }

    fn new(name: &str, text: &str, span: std::ops::Range<usize>, message: String, advice: Option<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self::Text(Box::new(Fault {
            name: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            advice,
            text: NamedSource::new(name, text.to_owned()).with_language("TOML"),
            span: span.into(),
        }))
    }
}

/// What `serde` says, in the words of a configuration, and what to do. (`serde` hands key and known keys over in the text of its message only; its
/// wording is part of `serde`'s published behaviour, and a test here holds it to that.)
fn rephrase(message: &str) -> (String, Option<String>) {
    if let Some((key, known)) = unknown(message, "unknown field `") {
        return (format!("unknown key `{key}`"), Some(nearest(key, &known)));
    }
    if let Some((value, known)) = unknown(message, "unknown variant `") {
        return (format!("unknown value `{value}`"), Some(nearest(value, &known)));
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let table = if key == "camera" { format!("[[{key}]]") } else { key.to_owned() };
        return (format!("missing key `{key}`"), Some(format!("add `{table}`; `examples/sluis.toml` shows every key")));
    }
    (message.trim().to_owned(), None)
}

/// Splits "unknown field `x`, expected one of `a`, `b`" and its kin into what is unknown and what is known.
fn unknown<'m>(message: &'m str, start: &str) -> Option<(&'m str, Vec<&'m str>)> {
    let rest = message.strip_prefix(start)?;
    let (unknown, known) = rest.split_once("`, expected ").or_else(|| rest.split_once("`, there are no "))?;
    Some((unknown, known.split('`').skip(1).step_by(2).collect()))
}

fn nearest(word: &str, known: &[&str]) -> String {
    let distance = |other: &&&str| strsim::damerau_levenshtein(word, other);
    match known.iter().min_by_key(distance) {
        None => "nothing may stand here: take it out".to_owned(),
        Some(nearest) if known.len() == 1 => format!("only `{nearest}` is known here"),
        Some(nearest) => {
            let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            format!("did you mean `{nearest}`? Known here are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_serde_are_taken_apart() {
        let field = "unknown field `";
        let apart = |message| unknown(message, field);
        assert_eq!(apart("unknown field `x`, expected `a`"), Some(("x", vec!["a"])));
        assert_eq!(apart("unknown field `x`, expected `a` or `b`"), Some(("x", vec!["a", "b"])));
        assert_eq!(apart("unknown field `x`, expected one of `a`, `b`, `c-d`"), Some(("x", vec!["a", "b", "c-d"])));
        assert_eq!(apart("unknown field `x`, there are no fields"), Some(("x", vec![])));
        assert_eq!(apart("invalid type: string"), None);
    }

    #[test]
    fn the_nearest_word_is_named() {
        assert!(
            nearest("retension", &["dir", "retention-hours", "retention"]).starts_with("did you mean `retention`?")
        );
    }
}
