//! Dates and durations in three languages.

use jiff::Zoned;
use jiff::civil::Date;

use crate::request::Language;

const MONTHS: [[&str; 12]; 3] = [
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
];

/// The months' names.
pub(crate) const fn months(language: Language) -> &'static [&'static str; 12] {
    match language {
        Language::Dutch => &MONTHS[0],
        Language::German => &MONTHS[1],
        Language::English => &MONTHS[2],
    }
}

/// As `27 november 2026`, `27. November 2026`, `27 November 2026`.
pub(super) fn day(date: Date, language: Language) -> String {
    let dot = if language == Language::German { "." } else { "" };
    let month = months(language)[date.month().unsigned_abs() as usize - 1];
    format!("{}{dot} {month} {}", date.day(), date.year())
}

/// As `27 November 2026, 14:10`.
pub(super) fn moment(at: &Zoned, language: Language) -> String {
    format!("{}, {}", day(at.date(), language), clock(at))
}

/// As `14:10`.
pub(super) fn clock(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// As `72 hours`, or `30 days` from four whole days on. In German in the dative, as after "nach".
pub(super) fn hours(hours: u64, language: Language) -> String {
    let days = (hours >= 96 && hours.is_multiple_of(24)).then_some(hours / 24);
    match (language, days) {
        (Language::Dutch, Some(days)) => format!("{days} dagen"),
        (Language::German, Some(days)) => format!("{days} Tagen"),
        (Language::English, Some(days)) => format!("{days} days"),
        (Language::Dutch, None) => format!("{hours} uur"),
        (Language::German, None) => {
            if hours == 1 {
                "1 Stunde".to_owned()
            } else {
                format!("{hours} Stunden")
            }
        }
        (Language::English, None) => {
            if hours == 1 {
                "1 hour".to_owned()
            } else {
                format!("{hours} hours")
            }
        }
    }
}
