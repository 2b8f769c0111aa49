//! Words and numbers for people, the same in every format.

use jiff::civil::Date;
use sluis_frame::Gesture;

use crate::report::{Class, Figure, Zone};

/// What a kind of event is called, in the plural.
pub(super) const fn kind(gesture: Gesture) -> &'static str {
    match gesture {
        Gesture::Approach => "Approaches",
        Gesture::Dwell => "Stays",
        Gesture::Reach => "Reaches",
        Gesture::Take => "Takes",
        Gesture::PutBack => "Put-backs",
        Gesture::Wait => "Waits",
        Gesture::Leave => "Departures",
    }
}

/// What it means, in a sentence.
pub(super) const fn meaning(gesture: Gesture) -> &'static str {
    match gesture {
        Gesture::Approach => "Somebody came near the zone.",
        Gesture::Dwell => "Somebody stayed at the zone.",
        Gesture::Reach => "A hand, or a product in it, entered the zone.",
        Gesture::Take => "A product left the zone in a hand.",
        Gesture::PutBack => "A product was returned to the zone.",
        Gesture::Wait => "Somebody stood in the queue.",
        Gesture::Leave => "Somebody left the zone.",
    }
}

/// As `2026-06-28 to 2026-06-30` where days follow one another, else all of them.
pub(super) fn days(days: &[Date]) -> String {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if last.tomorrow().is_ok_and(|next| next == *day) => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    let run = |(first, last): &(Date, Date)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    runs.iter().map(run).collect::<Vec<_>>().join(", ")
}

/// As `rolls + bread`.
pub(super) fn zones(zones: &[Zone], with_camera: bool) -> String {
    zones.iter().map(|zone| zone.label(with_camera)).collect::<Vec<_>>().join(" + ")
}

/// As `45 s` or `3 min 20 s`.
pub(super) fn seconds(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

/// As `1 min to 2 min`.
pub(super) fn class(class: &Class) -> String {
    let Class { from_seconds: from, to_seconds } = *class;
    match to_seconds {
        Some(to) if from == 0 => format!("under {}", seconds(to)),
        Some(to) => format!("{} to {}", seconds(from), seconds(to)),
        None if from == 0 => "any time".to_owned(),
        None => format!("{} or more", seconds(from)),
    }
}

/// As `median 45 s, nine of ten within 2 min`; empty for figures without times.
pub(super) fn times(figure: &Figure) -> String {
    let mut text = figure.median_seconds.map_or_else(String::new, |s| format!("median {}", seconds(s)));
    if let Some(p90) = figure.p90_seconds {
        text += &format!(", nine of ten within {}", seconds(p90));
    }
    text
}

/// As `12 345`, with a narrow no-break space.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_a_row_are_a_range() {
        let day = |d| Date::constant(2026, 6, d);
        assert_eq!(days(&[day(28), day(29), day(30)]), "2026-06-28 to 2026-06-30");
        assert_eq!(days(&[day(1), day(3)]), "2026-06-01, 2026-06-03");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!((count(999), count(1_234_567)), ("999".to_owned(), "1\u{202f}234\u{202f}567".to_owned()));
        assert_eq!([45, 120, 200, 3700].map(seconds), ["45 s", "2 min", "3 min 20 s", "1 h 01 min"]);
    }
}
