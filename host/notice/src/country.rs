//! Names of countries.

use crate::language::Language;

/// A country a line: code (ISO 3166-1 alpha-2), and its names in Dutch, German and English, divided by tabulators. From the Common Locale Data Repository (Unicode CLDR 49, Unicode
/// License V3).
const NAMES: &str = include_str!("countries.tsv");

/// The name of a country by its two letters; the letters themselves where there is none.
pub fn name(code: &str, language: Language) -> &str {
    let mut lines = NAMES.lines().map(|line| line.split('\t'));
    let found = lines.find_map(|mut fields| (fields.next() == Some(code)).then(|| fields.nth(language as usize)));
    found.flatten().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_names_in_three_languages() {
        assert_eq!(NAMES.lines().count(), 249, "as many as ISO 3166-1 has");
        assert!(NAMES.lines().all(|line| line.split('\t').filter(|field| !field.is_empty()).count() == 4));
        assert_eq!(Language::ALL.map(|l| name("US", l)), ["Verenigde Staten", "Vereinigte Staaten", "United States"]);
        assert_eq!(name("XX", Language::En), "XX");
    }
}
