//! How the law counts its 72 hours.
//!
//! A breach is notified within 72 hours after the shop has become aware of it, where that is feasible (Art. 33(1)). The shop is aware once it is reasonably certain that personal data were compromised (EDPB, Guidelines 9/2022, section II.A.2).
//!
//! These are hours that pass, not hours of a wall clock: a night in which clocks are set changes nothing. Regulation 1182/71 would not count the hour in which the period begins (Art. 3(1)), and would have two
//! working days in it (Art. 3(5)); neither is used here. So the date is never later than the law's.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::Timestamp;

/// How long after becoming aware (Art. 33(1)).
pub const NOTIFY: Duration = Duration::from_secs(72 * HOUR);

/// When the officer is reminded, after becoming aware: at once, a day before the end, six hours before it.
pub const REMIND: [Duration; 3] = [Duration::ZERO, Duration::from_secs(48 * HOUR), Duration::from_secs(66 * HOUR)];

/// How often, once it is late.
pub const REMIND_LATE: Duration = Duration::from_secs(24 * HOUR);

const HOUR: u64 = 3600;

/// Which reminder it is time for. Each is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// Within the 72 hours: the first of [`REMIND`] is 0.
    Ahead(u32),
    /// They are over, for so many whole times [`REMIND_LATE`].
    Late(u32),
}

/// When the authority must have been told.
pub fn due(aware: Timestamp) -> Timestamp {
    aware + NOTIFY
}

/// Whether the 72 hours are over. In their last moment they are not.
pub fn is_late(aware: Timestamp, now: Timestamp) -> bool {
    now > due(aware)
}

/// Whole hours that are left; negative once it is late: over for so many that have begun.
pub fn hours_left(aware: Timestamp, now: Timestamp) -> i64 {
    let nanos = i128::from(due(aware).as_nanos()) - i128::from(now.as_nanos());
    i64::try_from(nanos.div_euclid(i128::from(HOUR) * 1_000_000_000)).unwrap_or(i64::MAX)
}

/// The latest reminder that it is time for. A machine that was off makes up for one, not for all that it missed.
pub fn reminder(aware: Timestamp, now: Timestamp) -> Reminder {
    if is_late(aware, now) {
        let over = now.since(due(aware)).as_secs() / REMIND_LATE.as_secs();
        return Reminder::Late(u32::try_from(over).unwrap_or(u32::MAX));
    }
    let passed = now.since(aware);
    Reminder::Ahead(REMIND.iter().rposition(|after| passed >= *after).unwrap_or(0) as u32)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn amsterdam(day: jiff::civil::Date, hour: i8) -> Timestamp {
        let at = day.at(hour, 0, 0, 0).to_zoned(TimeZone::get("Europe/Amsterdam").unwrap()).unwrap();
        Timestamp::from_secs(at.timestamp().as_second())
    }

    #[test]
    fn seventy_two_hours_pass_whatever_clocks_are_set_to() {
        // Clocks go forward in the night to 29 March 2026, and back in that to 25 October.
        assert_eq!(due(amsterdam(date(2026, 3, 27), 12)), amsterdam(date(2026, 3, 30), 13));
        assert_eq!(due(amsterdam(date(2026, 10, 23), 12)), amsterdam(date(2026, 10, 26), 11));
        assert_eq!(due(amsterdam(date(2026, 6, 5), 12)), amsterdam(date(2026, 6, 8), 12));
    }

    #[test]
    fn neither_a_weekend_nor_the_first_hour_gives_more_time() {
        // From a Friday's noon over Whitsun to a Monday that nobody works on.
        assert_eq!(due(amsterdam(date(2026, 5, 22), 12)), amsterdam(date(2026, 5, 25), 12));
    }

    #[test]
    fn it_is_late_after_the_last_moment_and_not_in_it() {
        let (aware, due) = (Timestamp::from_secs(0), Timestamp::from_secs(72 * 3600));
        assert!(!is_late(aware, due) && is_late(aware, Timestamp::from_nanos(due.as_nanos() + 1)));
        assert_eq!(hours_left(aware, aware), 72);
        assert_eq!(hours_left(aware, Timestamp::from_secs(1)), 71);
        assert_eq!(hours_left(aware, due), 0);
        assert_eq!(hours_left(aware, Timestamp::from_nanos(due.as_nanos() + 1)), -1);
    }

    #[test]
    fn the_officer_is_reminded_at_once_after_48_and_66_hours_and_then_daily() {
        let mut told = Vec::new();
        for hour in 0..=121 {
            let reminder = reminder(Timestamp::from_secs(0), Timestamp::from_secs(hour * 3600));
            if told.last().is_none_or(|(_, last)| *last != reminder) {
                told.push((hour, reminder));
            }
        }
        let ahead = [0, 48, 66].into_iter().zip((0..).map(Reminder::Ahead));
        let late = [73, 96, 120].into_iter().zip((0..).map(Reminder::Late));
        assert_eq!(told, ahead.chain(late).collect::<Vec<_>>());
        // Entered for a time that this machine's clock has not reached.
        assert_eq!(reminder(Timestamp::from_secs(10), Timestamp::from_secs(0)), Reminder::Ahead(0));
    }

    proptest! {
        #[test]
        fn what_is_late_has_no_hour_left(aware in -4_000_000_000i64..4_000_000_000, passed in -1_000_000i64..1_000_000) {
            let (aware, now) = (Timestamp::from_secs(aware), Timestamp::from_secs(aware + passed));
            prop_assert_eq!(is_late(aware, now), hours_left(aware, now) < 0);
            prop_assert_eq!(is_late(aware, now), matches!(reminder(aware, now), Reminder::Late(_)));
        }
    }
}
