//! The languages of a notice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

/// A text of the operator, in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localised {
    /// Dutch.
    pub nl: String,
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

/// A text of the program, in the order Dutch, German, English. What stands in braces is captured, as `format!` does it.
#[macro_export]
macro_rules! tell {
    ($language:expr, $nl:literal, $de:literal, $en:literal $(,)?) => {
        match $language {
            $crate::language::Language::Nl => ::std::format!($nl),
            $crate::language::Language::De => ::std::format!($de),
            $crate::language::Language::En => ::std::format!($en),
        }
    };
}
pub(crate) use tell;

// === impl Language ===

impl Language {
    /// All, in the order in which texts name them.
    pub const ALL: [Self; 3] = [Self::Nl, Self::De, Self::En];

    /// Its code (BCP 47).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// A day, as it is written.
    pub fn date(self, date: jiff::civil::Date) -> String {
        const MONTHS: [[&str; 3]; 12] = [
            ["januari", "Januar", "January"],
            ["februari", "Februar", "February"],
            ["maart", "März", "March"],
            ["april", "April", "April"],
            ["mei", "Mai", "May"],
            ["juni", "Juni", "June"],
            ["juli", "Juli", "July"],
            ["augustus", "August", "August"],
            ["september", "September", "September"],
            ["oktober", "Oktober", "October"],
            ["november", "November", "November"],
            ["december", "Dezember", "December"],
        ];
        let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1][self as usize];
        let (day, year) = (date.day(), date.year());
        tell!(self, "{day} {month} {year}", "{day}. {month} {year}", "{day} {month} {year}")
    }

    /// A day of the week.
    pub(crate) fn weekday(self, day: crate::facts::Weekday) -> &'static str {
        const DAYS: [[&str; 3]; 7] = [
            ["maandag", "Montag", "Monday"],
            ["dinsdag", "Dienstag", "Tuesday"],
            ["woensdag", "Mittwoch", "Wednesday"],
            ["donderdag", "Donnerstag", "Thursday"],
            ["vrijdag", "Freitag", "Friday"],
            ["zaterdag", "Samstag", "Saturday"],
            ["zondag", "Sonntag", "Sunday"],
        ];
        DAYS[day as usize][self as usize]
    }

    /// Hours, and days where they are whole ones.
    pub fn hours(self, hours: u32) -> String {
        let days = hours / 24;
        match (hours, hours % 24) {
            (1, _) => tell!(self, "1 uur", "1 Stunde", "1 hour"),
            (..48, _) | (_, 1..) => tell!(self, "{hours} uur", "{hours} Stunden", "{hours} hours"),
            _ => tell!(
                self,
                "{hours} uur ({days} dagen)",
                "{hours} Stunden ({days} Tage)",
                "{hours} hours ({days} days)"
            ),
        }
    }

    /// Names in a row, the last after an "and".
    pub fn list(self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => {
                let first = first.join(", ");
                tell!(self, "{first} en {last}", "{first} und {last}", "{first} and {last}")
            }
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|language| language.code() == code);
        known.ok_or_else(|| format!("`{code}` is no language of the notice: they are nl, de and en"))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

// === impl Localised ===

impl Localised {
    /// One text for all languages.
    pub fn same(text: &str) -> Self {
        Self { nl: text.to_owned(), de: text.to_owned(), en: text.to_owned() }
    }

    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Nl => &self.nl,
            Language::De => &self.de,
            Language::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::facts::Weekday;

    #[test]
    fn days_hours_and_lists_are_written_as_in_each_language() {
        let day = date(2026, 3, 28);
        assert_eq!(Language::ALL.map(|l| l.date(day)), ["28 maart 2026", "28. März 2026", "28 March 2026"]);
        assert_eq!(
            Language::ALL.map(|l| l.hours(720)),
            ["720 uur (30 dagen)", "720 Stunden (30 Tage)", "720 hours (30 days)"]
        );
        assert_eq!([1, 24, 36, 49].map(|h| Language::En.hours(h)), ["1 hour", "24 hours", "36 hours", "49 hours"]);
        assert_eq!(Language::De.weekday(Weekday::Sunday), "Sonntag");
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(Language::Nl.list(&names), "a, b en c");
        assert_eq!("fr".parse::<Language>().unwrap_err(), "`fr` is no language of the notice: they are nl, de and en");
    }
}
