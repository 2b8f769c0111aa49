//! `[study]` and `[hours]`: when cameras may see at all.
//!
//! Outside these times a camera is closed: no frame of it comes into the program.

use std::fmt;
use std::sync::LazyLock;

use jiff::Zoned;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use sluis_frame::Timestamp;
use toml::Spanned;

use super::check::Wrong;
use super::schema::Config;

/// The days of a study. Before and after them no camera sees anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Study {
    /// The first day, as `2026-06-28`.
    #[schemars(with = "Day")]
    pub first_day: Spanned<Day>,
    /// The last day: cameras close at its end.
    #[schemars(with = "Day")]
    pub last_day: Spanned<Day>,
}

/// When cameras may see, on each day of the week: a list of times, such as `["07:00-12:00", "13:00-18:30"]`. On a day that is not named they are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Hours {
    /// Mondays.
    pub monday: Vec<Span>,
    /// Tuesdays.
    pub tuesday: Vec<Span>,
    /// Wednesdays.
    pub wednesday: Vec<Span>,
    /// Thursdays.
    pub thursday: Vec<Span>,
    /// Fridays.
    pub friday: Vec<Span>,
    /// Saturdays.
    pub saturday: Vec<Span>,
    /// Sundays.
    pub sunday: Vec<Span>,
    /// Days on which they are closed all the same, as `2026-12-25`.
    pub closed: Vec<Day>,
}

/// A day, as `2026-06-28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = r"^\d{4}-\d{2}-\d{2}$"))]
pub struct Day(Date);

/// A time of the day, as `07:00-18:30`: from its first minute to before its last. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = r"^\d{2}:\d{2}-\d{2}:\d{2}$"))]
pub struct Span {
    from: Time,
    /// `None` is the end of the day.
    to: Option<Time>,
}

/// A time zone by its name in the IANA database, as `Europe/Amsterdam`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String")]
pub struct ShopZone(TimeZone);

/// When a camera may see: study and hours together, in the shop's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    zone: Option<TimeZone>,
    study: Option<(Date, Date)>,
    hours: Option<Hours>,
}

/// The machine's own time zone, as it was when it was first asked for: a confined process cannot look again.
fn machine_zone() -> &'static TimeZone {
    static ZONE: LazyLock<TimeZone> = LazyLock::new(TimeZone::system);
    &ZONE
}

/// Checks what holds between the tables.
pub(super) fn check(config: &Config) -> Result<(), Wrong> {
    let Some(study) = &config.study else { return Ok(()) };
    if study.first_day.as_ref() <= study.last_day.as_ref() {
        return Ok(());
    }
    Err(Wrong {
        span: study.last_day.span(),
        message: "the study's last day comes before its first".to_owned(),
        advice: "`first-day` and `last-day` are days such as 2026-06-28, and both belong to the study".to_owned(),
    })
}

// === impl Schedule ===

impl Schedule {
    pub(super) fn new(zone: Option<&ShopZone>, study: Option<&Study>, hours: Option<&Hours>) -> Self {
        let study = study.map(|s| (s.first_day.as_ref().0, s.last_day.as_ref().0));
        let zone = zone.map_or_else(|| machine_zone().clone(), |zone| zone.0.clone());
        Self { zone: Some(zone), study, hours: hours.cloned() }
    }

    /// Whether a camera may see at this moment.
    pub fn admits(&self, at: Timestamp) -> bool {
        if self.study.is_none() && self.hours.is_none() {
            return true;
        }
        // A time that no calendar has is in no study.
        let Ok(at) = jiff::Timestamp::from_nanosecond(at.as_nanos().into()) else { return false };
        let local = Zoned::new(at, self.zone.clone().unwrap_or_else(|| machine_zone().clone()));
        let in_study = self.study.is_none_or(|(first, last)| (first..=last).contains(&local.date()));
        in_study && self.hours.as_ref().is_none_or(|hours| hours.admit(&local))
    }
}

// === impl Hours ===

impl Hours {
    /// The times of each day, from Monday to Sunday.
    pub fn week(&self) -> [&[Span]; 7] {
        let Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday, .. } = self;
        [monday, tuesday, wednesday, thursday, friday, saturday, sunday].map(Vec::as_slice)
    }

    fn admit(&self, local: &Zoned) -> bool {
        let spans = match local.weekday() {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        };
        !self.closed.contains(&Day(local.date())) && spans.iter().any(|span| span.contains(local.time()))
    }
}

// === impl Span ===

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = |time: Time| time.strftime("%H:%M").to_string();
        write!(f, "{}-{}", minute(self.from), self.to.map_or_else(|| "24:00".to_owned(), minute))
    }
}

impl Span {
    /// Its first minute, and the one after its last; `None` is the end of the day.
    pub fn ends(self) -> (Time, Option<Time>) {
        (self.from, self.to)
    }

    fn contains(self, time: Time) -> bool {
        time >= self.from && self.to.is_none_or(|to| time < to)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time of the day: write it as \"07:00-18:30\", the end after the start");
        let minute = |text: &str| Time::strptime("%H:%M", text).map_err(|_| wrong());
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute(from)?, if to == "24:00" { None } else { Some(minute(to)?) });
        if to.is_some_and(|to| to <= from) {
            return Err(wrong());
        }
        Ok(Self { from, to })
    }
}

// === impl Day ===

impl Day {
    /// The day.
    pub const fn date(self) -> Date {
        self.0
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = Date::strptime("%Y-%m-%d", &text);
        day.map(Self).map_err(|_| format!("`{text}` is no day: write it as \"2026-06-28\""))
    }
}

// === impl ShopZone ===

impl ShopZone {
    /// The time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// Its IANA name.
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }
}

impl TryFrom<String> for ShopZone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let zone = TimeZone::get(&text);
        zone.map(Self)
            .map_err(|_| format!("`{text}` is no time zone: write its IANA name, such as \"Europe/Amsterdam\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        let tables = "[shop]\nid = \"a\"\nname = \"A\"\ntime-zone = \"Europe/Amsterdam\"\n\
                      [[camera]]\nid = \"c\"\ndriver = \"synthetic\"\n[vault]\ndir = \"v\"\n";
        Config::from_str("test", &format!("{tables}{text}")).unwrap().schedule()
    }

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_nanos(i64::try_from(at.as_nanosecond()).unwrap())
    }

    #[test]
    fn without_hours_and_study_a_camera_always_sees() {
        assert!(schedule("").admits(at("2026-01-01T03:00:00Z")));
    }

    #[test]
    fn hours_are_of_the_shops_own_clock_and_end_before_their_end() {
        let schedule = schedule("[hours]\nwednesday = [\"07:00-12:00\", \"13:00-24:00\"]\nclosed = [\"2026-07-08\"]");
        // 1 July 2026 is a Wednesday, and Amsterdam is two hours ahead.
        for (moment, open) in [
            ("2026-07-01T04:59:59Z", false),
            ("2026-07-01T05:00:00Z", true),
            ("2026-07-01T09:59:59Z", true),
            ("2026-07-01T10:00:00Z", false),
            ("2026-07-01T21:59:59Z", true),
            ("2026-07-01T22:00:00Z", false),
            ("2026-07-02T08:00:00Z", false),
            ("2026-07-08T08:00:00Z", false),
            ("2026-12-02T06:00:00Z", true),
            ("2026-12-02T05:59:59Z", false),
        ] {
            assert_eq!(schedule.admits(at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn a_study_begins_and_ends_at_midnight_of_the_shop() {
        let schedule = schedule("[study]\nfirst-day = \"2026-06-28\"\nlast-day = \"2026-08-23\"");
        for (moment, open) in [
            ("2026-06-27T21:59:59Z", false),
            ("2026-06-27T22:00:00Z", true),
            ("2026-08-23T21:59:59Z", true),
            ("2026-08-23T22:00:00Z", false),
        ] {
            assert_eq!(schedule.admits(at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        for wrong in ["", "7-18", "07:00", "18:00-07:00", "07:00-07:00", "07:00-25:00", "24:00-24:00"] {
            let refused = Span::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.contains("07:00-18:30"), "{wrong}: {refused}");
        }
        assert!(Day::try_from("2026-02-30".to_owned()).is_err());
        assert!(ShopZone::try_from("Europe/Atlantis".to_owned()).is_err());
    }
}
