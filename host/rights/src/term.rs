//! How the law counts.
//!
//! An answer is due within one month of receipt, and two months later when that is needed (Art. 12(3)). How months are counted stands in Regulation (EEC, Euratom) No 1182/71:
//!
//! - the day of receipt does not count (Art. 3(1));
//! - the period ends with the last hour of the day of the same date in the last month, or of that month's last day where it has no such date (Art. 3(2)(c)): received on 31 August, due on 30 September;
//! - where that is a public holiday, a Sunday or a Saturday, it ends with the last hour of the following working day (Art. 3(4)).
//!
//! **What is not covered.** Which days are public holidays is for each Member State to say (Art. 2(1)): they are a list that is handed in, and Sluis ships none. A holiday that is missing in it makes a date
//! earlier than the law's, never later. That the month stands still while the person is asked for more is not used: the desk's date stays.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::Serialize;
use sluis_frame::Timestamp;

use crate::number::RequestNumber;
use crate::request::Kind;

/// Months within which an answer is due (Art. 12(3), first sentence).
pub const ANSWER: i64 = 1;

/// Further months, where needed (Art. 12(3), second sentence).
pub const FURTHER: i64 = 2;

/// On which days before a date the officer is reminded.
pub const REMIND: [i64; 4] = [14, 7, 3, 1];

/// The shop's days: its time zone and its public holidays.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

/// That the officer is to be reminded today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Reminder {
    /// Of which request.
    pub number: RequestNumber,
    /// What it asks for.
    pub kind: Kind,
    /// Of what.
    pub of: Of,
    /// The last day.
    pub date: Date,
    /// How many days are left; negative: overdue for so many.
    pub days_left: i64,
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The answer is due.
    Answer,
    /// What is held is destroyed before that: 30 days after its recording, whatever the desk does.
    EndOfHold,
}

// === impl Calendar ===

impl Calendar {
    /// A shop's calendar. `holidays` are the public holidays of its country (and its province or *Land*); Saturdays and Sundays need not be among them.
    pub fn new(zone: TimeZone, holidays: impl IntoIterator<Item = Date>) -> Self {
        Self { zone, holidays: holidays.into_iter().collect() }
    }

    /// The shop's time zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A moment on the shop's clock.
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        let moment = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos()));
        moment.expect("the calendar has all moments from 1678 to 2262").to_zoned(self.zone.clone())
    }

    /// The day of a moment.
    pub fn day(&self, at: Timestamp) -> Date {
        self.zoned(at).date()
    }

    /// Whether people work on that day: no public holiday, Sunday or Saturday (Regulation 1182/71, Art. 2(2)).
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    /// The last day of a period of so many months that runs from `received` (Regulation 1182/71, Art. 3).
    pub fn last_day(&self, received: Date, months: i64) -> Date {
        // The calendar's end, the year 9999, is its own answer.
        let mut day = received.saturating_add(months.months());
        while !self.is_working_day(day) && day < Date::MAX {
            day = day.saturating_add(1.day());
        }
        day
    }

    /// By when a request is to be answered that was received on this day (Art. 12(3)).
    pub fn due(&self, received: Date) -> Date {
        self.last_day(received, ANSWER)
    }

    /// By when it is to be answered with two further months. Counted from receipt, so that a weekend at the end of the first month gives nothing away.
    pub fn extended(&self, received: Date) -> Date {
        self.last_day(received, ANSWER + FURTHER)
    }
}

/// The day of the latest reminder that fell due after `since` and not after `today`, of something whose last day is `date`; `None` when none did.
///
/// Reminders fall due 14, 7, 3 and 1 days before, and on each day after. A machine that was off makes up for one reminder, not for all that it missed.
pub fn reminder(date: Date, since: Date, today: Date) -> Option<Date> {
    let fallen = if today > date {
        Some(today)
    } else {
        let days = REMIND.into_iter().map(|before| date.saturating_sub(before.days()));
        days.filter(|day| *day <= today).max()
    };
    fallen.filter(|day| *day > since)
}

/// Days from one day to another.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    // Without a larger unit, spans between dates are of days.
    from.until(to).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn calendar(holidays: &[Date]) -> Calendar {
        Calendar::new(TimeZone::get("Europe/Amsterdam").unwrap(), holidays.iter().copied())
    }

    #[test]
    fn a_month_ends_on_the_same_date_or_on_the_last_of_the_month() {
        let calendar = calendar(&[]);
        for (received, due) in [
            // The examples of the EDPB (Guidelines 01/2022, section 5.3), in a year in which they fall on working days.
            (date(2026, 2, 5), date(2026, 3, 5)),
            (date(2026, 8, 31), date(2026, 9, 30)),
            // 28 February 2026 is a Saturday, 29 February 2028 a Tuesday.
            (date(2026, 1, 31), date(2026, 3, 2)),
            (date(2028, 1, 31), date(2028, 2, 29)),
            (date(2026, 12, 31), date(2027, 2, 1)),
        ] {
            assert_eq!(calendar.due(received), due, "{received}");
        }
    }

    #[test]
    fn a_month_that_ends_at_a_weekend_or_holiday_ends_on_the_next_working_day() {
        // 5 April 2026 is Easter Sunday.
        assert_eq!(calendar(&[]).due(date(2026, 3, 5)), date(2026, 4, 6));
        assert_eq!(calendar(&[date(2026, 4, 6)]).due(date(2026, 3, 5)), date(2026, 4, 7));
        // Christmas on a Friday, Boxing Day on a Saturday.
        assert_eq!(calendar(&[date(2026, 12, 25), date(2026, 12, 26)]).due(date(2026, 11, 25)), date(2026, 12, 28));
    }

    #[test]
    fn an_extension_counts_three_months_from_receipt() {
        // One month ends on a Sunday. Two months more than the Monday would be a day too many.
        assert_eq!(calendar(&[]).due(date(2026, 9, 25)), date(2026, 10, 26));
        assert_eq!(calendar(&[]).extended(date(2026, 9, 25)), date(2026, 12, 25));
    }

    #[test]
    fn the_day_of_receipt_is_the_shops() {
        let late: jiff::Timestamp = "2026-08-30T22:30:00Z".parse().unwrap();
        assert_eq!(calendar(&[]).day(Timestamp::from_secs(late.as_second())), date(2026, 8, 31));
    }

    #[test]
    fn the_officer_is_reminded_14_7_3_1_days_before_and_every_day_after() {
        let due = date(2026, 12, 28);
        let mut since = date(2026, 11, 27);
        let mut reminded = Vec::new();
        let mut today = since;
        while today <= date(2026, 12, 31) {
            if let Some(day) = reminder(due, since, today) {
                reminded.push(days_between(today, due));
                assert_eq!(day, today);
                since = today;
            }
            assert_eq!(reminder(due, since, today), None, "told once a day");
            today = today.tomorrow().unwrap();
        }
        assert_eq!(reminded, [14, 7, 3, 1, -1, -2, -3]);
    }

    #[test]
    fn a_machine_that_was_off_makes_up_for_one_reminder() {
        let due = date(2026, 12, 28);
        assert_eq!(reminder(due, date(2026, 12, 1), date(2026, 12, 23)), Some(date(2026, 12, 21)));
        assert_eq!(reminder(due, date(2026, 12, 21), date(2026, 12, 24)), None);
        assert_eq!(reminder(due, date(2026, 12, 21), date(2027, 1, 4)), Some(date(2027, 1, 4)));
    }

    prop_compose! {
        fn any_day()(days in 0i64..40_000) -> Date {
            date(1990, 1, 1).saturating_add(days.days())
        }
    }

    proptest! {
        /// Against the words of the Regulation, counted another way.
        #[test]
        fn a_due_date_is_what_the_regulation_says(received in any_day(), months in 1i64..=3, off in proptest::collection::vec(0i64..12, 0..6)) {
            let (year, month) = (i64::from(received.year()), i64::from(received.month()) - 1 + months);
            let (year, month) = (year + month / 12, month % 12 + 1);
            let first = date(year as i16, month as i8, 1);
            let same = date(year as i16, month as i8, received.day().min(first.days_in_month()));
            let holidays: BTreeSet<Date> = off.iter().map(|d| same.saturating_add(d.days())).collect();
            let due = calendar(&holidays.iter().copied().collect::<Vec<_>>()).last_day(received, months);

            prop_assert!(due >= same);
            prop_assert!(!matches!(due.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&due));
            let mut between = same;
            while between < due {
                let free = matches!(between.weekday(), Weekday::Saturday | Weekday::Sunday) || holidays.contains(&between);
                prop_assert!(free, "{} was a working day before {}", between, due);
                between = between.tomorrow().unwrap();
            }
        }

        #[test]
        fn who_is_received_later_is_never_due_earlier(a in any_day(), b in any_day(), months in 1i64..=3) {
            let calendar = calendar(&[]);
            prop_assert!(calendar.last_day(a.min(b), months) <= calendar.last_day(a.max(b), months));
        }

        #[test]
        fn no_reminder_is_lost_and_none_comes_twice(due in any_day(), gaps in proptest::collection::vec(1i64..9, 1..40)) {
            let start = due.saturating_sub(31.days());
            let (mut since, mut today, mut told) = (start, start, 0);
            for gap in gaps {
                today = today.saturating_add(gap.days());
                let step = |day: Date| REMIND.into_iter().any(|d| due.saturating_sub(d.days()) == day) || day > due;
                let mut fell = false;
                let mut day = since;
                while day < today {
                    day = day.tomorrow().unwrap();
                    fell |= step(day);
                }
                let reminder = reminder(due, since, today);
                prop_assert_eq!(reminder.is_some(), fell);
                if reminder.is_some() {
                    since = today;
                    told += 1;
                }
            }
            prop_assert!(told <= 40);
        }
    }
}
