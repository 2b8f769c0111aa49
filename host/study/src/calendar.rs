//! Moments as the shop's days, hours and minutes.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sluis_frame::Timestamp;

/// Minutes of a day, as clocks on the wall show them.
pub const MINUTES: usize = 24 * 60;

/// A minute of a day of the shop. In the night in which the clocks go back, one minute stands for two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Minute {
    /// The day.
    pub day: Date,
    /// 0 to 1439.
    pub minute: u16,
}

// === impl Minute ===

impl Minute {
    /// The minute that `at` lies in.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let zoned = zoned(at, zone);
        Self { day: zoned.date(), minute: zoned.hour() as u16 * 60 + zoned.minute() as u16 }
    }

    /// 0 to 23.
    pub const fn hour(self) -> usize {
        self.minute as usize / 60
    }
}

/// A moment on the shop's clock. Moments are 1678 to 2262, all of which the calendar has.
pub fn zoned(at: Timestamp, zone: &TimeZone) -> Zoned {
    let moment = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos()));
    moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

/// As `09:05`; minute 1440 is `24:00`.
pub fn clock(minute: usize) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_the_shops_midnight() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        // 2026-06-27 22:30 UTC is half past midnight in Amsterdam.
        let minute = Minute::of(Timestamp::from_secs(1_782_599_400), &zone);
        assert_eq!((minute.day.to_string().as_str(), minute.hour(), minute.minute), ("2026-06-28", 0, 30));
    }

    #[test]
    fn the_hour_that_comes_twice_is_one_hour() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        // 2026-10-25: 00:30 and 01:30 UTC are both 02:30.
        let [a, b] = [1_792_888_200, 1_792_891_800].map(|s| Minute::of(Timestamp::from_secs(s), &zone));
        assert_eq!((a, a.hour()), (b, 2));
    }
}
