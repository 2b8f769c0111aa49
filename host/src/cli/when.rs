//! Moments and time zones on the command line.

use jiff::Timestamp as Moment;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sluis_frame::Timestamp;

/// Text that names no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time: write 2026-06-28, 2026-06-28T09:30 or 2026-06-28T07:30:00Z")]
pub(super) struct NoTime(String);

/// A moment as people write it: a day (its beginning), a time of the shop's clock, or a time with its offset from UTC.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    let no = || NoTime(text.to_owned());
    let of_clock = |at: DateTime| zone.to_zoned(at).map(|zoned| zoned.timestamp());
    let at = match text.parse::<Moment>() {
        Ok(moment) => moment,
        // A day alone is its beginning.
        Err(_) => text.parse::<DateTime>().and_then(of_clock).map_err(|_| no())?,
    };
    i64::try_from(at.as_nanosecond()).map(Timestamp::from_nanos).map_err(|_| no())
}

/// A moment for people and programs: as `2026-06-28T12:00:00Z`.
pub(super) fn utc(at: Timestamp) -> String {
    Moment::from_second(at.as_secs()).map_or_else(
        |_| at.as_secs().to_string(),
        |t| t.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// The time zone that was named, or this machine's.
pub(super) fn zone(named: Option<&str>) -> miette::Result<TimeZone> {
    match named {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(name).map_err(|_| {
            miette::miette!("`{name}` is no time zone: write it as the IANA database does, such as Europe/Amsterdam")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_shops_midnight_and_an_offset_counts() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let seconds = |text| moment(text, &zone).unwrap().as_secs();
        assert_eq!(seconds("2026-06-28"), 1_782_597_600);
        assert_eq!(seconds("2026-06-28T02:00"), 1_782_597_600 + 7200);
        assert_eq!(seconds("2026-06-28T00:00:00Z"), 1_782_597_600 + 7200);
        for text in ["", "noon", "2026-13-01", "28-06-2026"] {
            assert!(moment(text, &zone).is_err(), "{text} was accepted");
        }
    }
}
