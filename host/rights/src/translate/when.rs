//! When: days and times as people say them, in Dutch, German and English.
//!
//! Understood are times (`14:10`, `14 uur 10`, `2 pm`, `ten past two`, `kwart voor drie`, `fünf nach halb drei`), ranges (`between two and three`, `14:00-14:30`, `von 14 bis 15 Uhr`), parts of a day
//! (`yesterday afternoon`), and days (`2026-11-27`, `27.11.2026`, `27 november`, `gisteren`, `letzten Montag`, `three days ago`). Days are written before months. A time on a twelve-hour clock means two times, and both are told, unless
//! the part of the day or the opening hours decide. `02:10` and `2026-11-27 2:10` are of a clock of 24 hours.

use std::collections::BTreeSet;
use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Serialize;
use sluis_frame::Timestamp;

use super::words::{fold, number};
use crate::letter::words::months;
use crate::request::{Language, Window};

/// Minutes around a time that somebody is sure of: clocks differ, and people look at them late.
pub const SURE: i32 = 2;

/// Minutes around a time that somebody is not sure of ("about").
pub const ABOUT: i32 = 10;

/// The longest range on a twelve-hour clock, in minutes: "between eleven and one" is two hours, not fourteen.
const RANGE: i32 = 6 * 60;

const DAY: i32 = 24 * 60;

/// When the shop is open, in its own time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenHours {
    /// Monday to Sunday: from its first minute to before its last; `None` is the end of the day.
    pub week: [Vec<(Time, Option<Time>)>; 7],
    /// Days on which it is closed all the same.
    pub closed: BTreeSet<Date>,
}

/// How something is told.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// When: "yesterday" is the day before.
    pub now: Timestamp,
    /// Where: the shop's time zone.
    pub zone: &'a TimeZone,
    /// In which language: "half 3" is half past two in Dutch, half past three in English.
    pub language: Language,
    /// When the shop is open, if that is known.
    pub hours: Option<&'a OpenHours>,
}

/// What was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct When {
    /// The windows that can be meant, the earliest first. Never empty; more than one: the officer chooses, or asks.
    pub candidates: Vec<Remembered>,
    /// What was taken for granted.
    pub assumed: BTreeSet<Assumed>,
}

/// A window that can be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Remembered {
    /// The day, in the shop.
    pub day: Date,
    /// From when, as clocks on the wall show it; may lie on the day before, for "about midnight".
    #[serde(skip)]
    from: i32,
    #[serde(skip)]
    to: i32,
    /// The window.
    #[serde(flatten, with = "window")]
    pub window: Window,
}

/// Something that was taken for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assumed {
    /// No day was named: today.
    Today,
    /// No day was named, and today that time is still to come: yesterday.
    Yesterday,
    /// No year was named: the latest one.
    Year,
    /// A day of the week: the latest such day.
    Weekday,
    /// Of two times on a twelve-hour clock, the one at which the shop is open.
    OpenThen,
    /// The shop is closed then, and cameras may be too.
    ClosedThen,
    /// The clocks were changed in that hour: the window holds it twice, or less of it.
    ClocksChanged,
}

/// What was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhenError {
    /// A word that says nothing here.
    #[error("\"{word}\" is not understood in \"{said}\": {HOW}")]
    Word {
        /// Which.
        word: String,
        /// Where.
        said: String,
    },
    /// No time.
    #[error("\"{said}\" names no time of the day: {HOW}")]
    NoTime {
        /// What was said.
        said: String,
    },
    /// More than one time or day.
    #[error(
        "\"{said}\" names more than one {what}: enter one request for each, or a range such as \"between 14:00 and 14:30\""
    )]
    Several {
        /// What was said.
        said: String,
        /// Of what.
        what: &'static str,
    },
    /// No such time or day.
    #[error("\"{word}\" is no {what}: {HOW}")]
    NoSuch {
        /// What was said.
        word: String,
        /// What it should be.
        what: &'static str,
    },
    /// It could be a time or a day.
    #[error("\"{word}\" can be a time or a day: write \"{time}\" for the time, or the day with its year")]
    TimeOrDay {
        /// What was said.
        word: String,
        /// As a time.
        time: String,
    },
    /// The parts do not go together.
    #[error("the time and the part of the day in \"{said}\" do not go together: {HOW}")]
    Contradiction {
        /// What was said.
        said: String,
    },
    /// It is still to come.
    #[error(
        "\"{said}\" is still to come: a request is about what was recorded. Look at the day, and at this machine's clock"
    )]
    Future {
        /// What was said.
        said: String,
    },
}

const HOW: &str = "write it as \"2026-11-27 14:10\", or as \"yesterday, about ten past two\", \"gisteren rond tien over twee\", \"gestern gegen \
                   zehn nach zwei\"";

/// Understands when something was.
///
/// # Errors
///
/// [`WhenError`] says which word was not understood, and how to say it.
pub fn when(said: &str, telling: Telling<'_>) -> Result<When, WhenError> {
    let folded = fold(said);
    let mut reader = Reader::new(said, &folded, telling.language);
    reader.read()?;
    reader.told.resolve(said, telling)
}

/// A time as it was told, in minutes of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clock(Vec<i32>);

/// A part of a day: when it begins and ends on its own, and whether a time can lie in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

/// A day as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    Exact(Date),
    Month(i8, i8),
    Ago(i64),
    Weekday(Weekday, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Sure,
    About,
    JustBefore,
    JustAfter,
}

/// What was told, before it is held against a calendar.
#[derive(Debug)]
struct Told {
    day: Option<Day>,
    part: Option<Part>,
    clocks: Vec<Clock>,
    around: Around,
    range: bool,
}

struct Reader<'a> {
    said: &'a str,
    language: Language,
    words: Vec<String>,
    at: usize,
    told: Told,
}

// === impl When ===

impl When {
    /// The window, where only one can be meant.
    pub fn only(&self) -> Option<Window> {
        match self.candidates[..] {
            [one] => Some(one.window),
            _ => None,
        }
    }
}

impl fmt::Display for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Today => "no day was named: taken as today",
            Self::Yesterday => "no day was named, and today that time is still to come: taken as yesterday",
            Self::Year => "no year was named: taken as the latest one",
            Self::Weekday => "a day of the week: taken as the latest one",
            Self::OpenThen => "a time on a twelve-hour clock: taken as the one at which the shop is open",
            Self::ClosedThen => "the shop is closed then, and its cameras may be too",
            Self::ClocksChanged => "the clocks were changed in that hour: the window holds all of it",
        })
    }
}

// === impl OpenHours ===

impl OpenHours {
    /// Whether it is open at any minute from `from` to before `to` of that day; both may lie outside of it.
    fn touch(&self, day: Date, from: i32, to: i32) -> bool {
        let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        (-1..=1).any(|other| {
            let date = day.saturating_add(i64::from(other).days());
            let spans = &self.week[date.weekday().to_monday_zero_offset() as usize];
            !self.closed.contains(&date)
                && spans.iter().any(|(opens, closes)| {
                    let opens = other * DAY + minutes(*opens);
                    let closes = other * DAY + closes.map_or(DAY, minutes);
                    from < closes && to > opens
                })
        })
    }
}

// === impl Part ===

impl Part {
    /// When it begins and ends, in minutes of the day, where it is all that was said.
    const fn span(self) -> Option<(i32, i32)> {
        match self {
            Self::Morning => Some((6 * 60, 12 * 60)),
            Self::Noon => Some((11 * 60 + 30, 14 * 60)),
            Self::Afternoon => Some((12 * 60, 18 * 60)),
            Self::Evening => Some((18 * 60, DAY)),
            Self::Night => None,
        }
    }

    /// Whether a time can lie in it.
    fn holds(self, minute: i32) -> bool {
        let hour = minute / 60;
        match self {
            Self::Morning => (3..12).contains(&hour),
            Self::Noon => (11..15).contains(&hour),
            Self::Afternoon => (12..19).contains(&hour),
            Self::Evening => (16..=24).contains(&hour),
            Self::Night => !(6..20).contains(&hour),
        }
    }
}

// === impl Told ===

impl Told {
    fn resolve(self, said: &str, telling: Telling<'_>) -> Result<When, WhenError> {
        let said = || said.trim().to_owned();
        let spans = self.spans().ok_or_else(|| match (self.clocks.len(), self.part) {
            (0, _) => WhenError::NoTime { said: said() },
            (1, _) if self.range => WhenError::NoTime { said: said() },
            (_, Some(_)) => WhenError::Contradiction { said: said() },
            (1, _) => WhenError::NoTime { said: said() },
            _ if self.range => WhenError::Contradiction { said: said() },
            _ => WhenError::Several { said: said(), what: "time" },
        })?;
        let mut assumed = BTreeSet::new();
        let moment = jiff::Timestamp::from_nanosecond(telling.now.as_nanos().into());
        let today = moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(telling.zone.clone()).date();
        let ago = |days: i64| today.saturating_sub(days.days());
        let days = match self.day {
            Some(Day::Exact(date)) => vec![date],
            Some(Day::Ago(days)) => vec![ago(days)],
            Some(Day::Month(day, month)) => {
                assumed.insert(Assumed::Year);
                // Eight years hold a 29 February.
                let years = (0..=8).map(|back| Date::new(today.year() - back, month, day));
                let latest = years.flatten().find(|date| *date <= today);
                vec![latest.ok_or_else(|| WhenError::NoSuch { word: format!("{day}.{month}."), what: "day" })?]
            }
            Some(Day::Weekday(weekday, last)) => {
                assumed.insert(Assumed::Weekday);
                let back = i64::from(today.weekday().since(weekday));
                match (back, last) {
                    (0, true) => vec![ago(7)],
                    // Today, or, where that is still to come, a week ago.
                    (0, false) => vec![today, ago(7)],
                    _ => vec![ago(back)],
                }
            }
            None => vec![today, ago(1)],
        };
        let mut candidates = Vec::new();
        for day in days {
            candidates = spans
                .iter()
                .filter_map(|(from, to)| Remembered::new(day, *from, *to, telling.zone))
                .filter(|remembered| remembered.window.from <= telling.now)
                .collect();
            if !candidates.is_empty() {
                if self.day.is_none() {
                    assumed.insert(if day == today { Assumed::Today } else { Assumed::Yesterday });
                }
                break;
            }
        }
        if candidates.is_empty() {
            return Err(WhenError::Future { said: said() });
        }
        if let Some(hours) = telling.hours {
            let open: Vec<_> = candidates.iter().copied().filter(|c| hours.touch(c.day, c.from, c.to)).collect();
            if open.is_empty() {
                assumed.insert(Assumed::ClosedThen);
            } else if open.len() < candidates.len() {
                assumed.insert(Assumed::OpenThen);
                candidates = open;
            }
        }
        if candidates.iter().any(Remembered::clocks_changed) {
            assumed.insert(Assumed::ClocksChanged);
        }
        candidates.sort_by_key(|candidate| (candidate.window.from, candidate.window.to));
        Ok(When { candidates, assumed })
    }

    /// From which minute to which it can be. `None` where nothing can be meant.
    fn spans(&self) -> Option<Vec<(i32, i32)>> {
        let (before, after) = match self.around {
            Around::Sure => (SURE, SURE),
            Around::About => (ABOUT, ABOUT),
            Around::JustBefore => (ABOUT, SURE),
            Around::JustAfter => (SURE, ABOUT),
        };
        let widened = |from: i32, to: i32| (from - before, to + after);
        let fits = |minute: &i32| self.part.is_none_or(|part| part.holds(*minute));
        let spans: Vec<_> = match (&self.clocks[..], self.range) {
            ([], false) => vec![self.part?.span()?],
            ([Clock(one)], false) => one.iter().filter(|minute| fits(minute)).map(|one| widened(*one, *one)).collect(),
            ([Clock(first), Clock(last)], true) => {
                let sure = first.len() == 1 && last.len() == 1;
                let most = if sure { DAY } else { RANGE };
                let starts = first.iter().filter(|minute| fits(minute));
                let pairs = starts.flat_map(|from| last.iter().flat_map(|to| [*to, *to + DAY]).map(|to| (*from, to)));
                pairs
                    .filter(|(from, to)| (1..most).contains(&(to - from)))
                    .map(|(from, to)| widened(from, to))
                    .collect()
            }
            _ => return None,
        };
        let spans: BTreeSet<_> = spans.into_iter().collect();
        (!spans.is_empty()).then(|| spans.into_iter().collect())
    }
}

// === impl Remembered ===

impl Remembered {
    fn new(day: Date, from: i32, to: i32, zone: &TimeZone) -> Option<Self> {
        let local = |minutes: i32| day.to_datetime(Time::midnight()).checked_add(i64::from(minutes).minutes()).ok();
        // In the hour that comes twice both are meant; in the one that does not come, its edges.
        let earliest = zone.to_ambiguous_timestamp(local(from)?).earlier().ok()?;
        let latest = zone.to_ambiguous_timestamp(local(to)?).later().ok()?;
        let moment = |at: jiff::Timestamp| i64::try_from(at.as_nanosecond()).ok().map(Timestamp::from_nanos);
        Some(Self { day, from, to, window: Window { from: moment(earliest)?, to: moment(latest)? } })
    }

    fn clocks_changed(&self) -> bool {
        let minutes = (self.window.to.as_secs() - self.window.from.as_secs()) / 60;
        minutes != i64::from(self.to - self.from)
    }
}

mod window {
    use serde::{Serialize, Serializer};

    use crate::request::Window;

    pub(super) fn serialize<S: Serializer>(window: &Window, to: S) -> Result<S::Ok, S::Error> {
        window.serialize(to)
    }
}

// === impl Reader ===

/// Words between others, which say nothing.
const FILLER: &[&str] = &[
    "a", "aan", "an", "at", "clock", "das", "de", "den", "dem", "der", "des", "dat", "die", "er", "es", "gewesen",
    "het", "i", "ik", "ich", "im", "in", "it", "of", "on", "op", "om", "s", "so", "the", "think", "um", "van", "was",
    "war", "waren", "were", "zu", "zo", "date", "time", "tijd", "zeit", "herum",
];
const ABOUT_WORDS: &[&str] = &[
    "about",
    "approx",
    "approximately",
    "around",
    "ca",
    "circa",
    "etwa",
    "gegen",
    "maybe",
    "misschien",
    "omstreeks",
    "ongeveer",
    "perhaps",
    "rond",
    "roughly",
    "tegen",
    "ungefahr",
    "ungefaehr",
    "vielleicht",
    "say",
    "some",
];
const JUST: &[&str] = &["just", "shortly", "kurz", "net", "vlak", "even", "kort", "knapp"];
const AFTER: &[&str] = &["past", "after", "over", "na", "nach"];
const BEFORE: &[&str] = &["to", "before", "till", "voor", "vor"];
const FROM: &[&str] = &["between", "tussen", "zwischen", "from", "von", "vanaf"];
const TO: &[&str] = &["and", "en", "und", "until", "tot", "bis", "-", "to"];
const MINUTES: &[&str] = &["minute", "minutes", "minuten", "minuut", "min"];
const OCLOCK: &[&str] = &["oclock", "uur", "uhr", "h", "u"];
const LAST: &[&str] = &[
    "last",
    "past",
    "vorige",
    "afgelopen",
    "laatste",
    "letzten",
    "letzter",
    "letzte",
    "vorigen",
    "vergangenen",
    "this",
    "deze",
];
const DAYS: &[&str] = &["day", "days", "dag", "dagen", "tag", "tagen"];

fn part(word: &str) -> Option<(Part, bool)> {
    // Whether the word says today, too.
    Some(match word {
        "morning" | "ochtend" | "ochtends" | "morgen" | "morgens" | "vormittag" | "vormittags" | "fruh" | "frueh"
        | "voormiddag" => (Part::Morning, false),
        "vanmorgen" | "vanochtend" => (Part::Morning, true),
        "mittag" | "mittags" | "lunchtime" => (Part::Noon, false),
        "afternoon" | "middag" | "middags" | "namiddag" | "nachmittag" | "nachmittags" => (Part::Afternoon, false),
        "vanmiddag" => (Part::Afternoon, true),
        "evening" | "avond" | "avonds" | "abend" | "abends" => (Part::Evening, false),
        "vanavond" | "tonight" => (Part::Evening, true),
        "night" | "nacht" | "nachts" => (Part::Night, false),
        "vannacht" => (Part::Night, true),
        _ => return None,
    })
}

fn named_day(word: &str) -> Option<Day> {
    const WEEK: [[&str; 3]; 7] = [
        ["maandag", "montag", "monday"],
        ["dinsdag", "dienstag", "tuesday"],
        ["woensdag", "mittwoch", "wednesday"],
        ["donderdag", "donnerstag", "thursday"],
        ["vrijdag", "freitag", "friday"],
        ["zaterdag", "samstag", "saturday"],
        ["zondag", "sonntag", "sunday"],
    ];
    if word == "sonnabend" {
        return Some(Day::Weekday(Weekday::Saturday, false));
    }
    let weekday = WEEK.iter().position(|names| names.contains(&word)).and_then(|at| i8::try_from(at).ok());
    if let Some(weekday) = weekday.and_then(|at| Weekday::from_monday_zero_offset(at).ok()) {
        return Some(Day::Weekday(weekday, false));
    }
    Some(Day::Ago(match word {
        "today" | "vandaag" | "heute" => 0,
        "yesterday" | "gisteren" | "gestern" => 1,
        "eergisteren" | "vorgestern" => 2,
        _ => return None,
    }))
}

fn month(word: &str) -> Option<i8> {
    let named = |language| {
        // Whole, or its first three letters and more: "nov", "sept".
        months(language).iter().position(|name| {
            let name = fold(name);
            name == word || (word.len() >= 3 && name.starts_with(word))
        })
    };
    let at = Language::ALL.into_iter().find_map(named)?;
    i8::try_from(at + 1).ok()
}

/// Digits alone, at most four.
fn digits(word: &str) -> Option<i32> {
    ((1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.parse().ok()).flatten()
}

impl<'a> Reader<'a> {
    fn new(said: &'a str, folded: &str, language: Language) -> Self {
        let spelled = folded
            .replace("a.m.", "am")
            .replace("p.m.", "pm")
            .replace("o'clock", "oclock")
            .replace(['–', '—'], "-")
            .replace("'s ", " ");
        let words = spelled.split(|c: char| c.is_whitespace() || ",;!?()\"'„“”".contains(c));
        let mut reader = Self {
            said,
            language,
            words: Vec::new(),
            at: 0,
            told: Told { day: None, part: None, clocks: Vec::new(), around: Around::Sure, range: false },
        };
        words.filter(|word| !word.is_empty()).for_each(|word| reader.take(word));
        reader
    }

    /// Takes a word apart where two are written as one: `2026-11-27t14:10`, `14:00-14:30`, `2pm`, `gisterenmiddag`.
    fn take(&mut self, word: &str) {
        let time = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        if let Some((date, rest)) =
            word.split_once('t').filter(|(date, rest)| date.len() == 10 && time(date) && time(rest))
        {
            return [date, rest].into_iter().for_each(|part| self.take(part));
        }
        if let Some((one, other)) = word.split_once('-').filter(|(one, other)| !one.is_empty() && !other.is_empty()) {
            if number(one).is_some() && number(other).is_some() {
                return self.words.push(format!("{one}{other}"));
            }
            if time(one) && time(other) && !other.contains('-') && !(one.len() == 4 && digits(one).is_some()) {
                self.told.range = true;
                return [one, "-", other].into_iter().for_each(|part| self.take(part));
            }
        }
        // A number and what it counts, in one: "2pm", "14h", "14uhr"; "14h10".
        let split = word.find(|c: char| c.is_alphabetic()).filter(|at| *at > 0);
        if let Some((figures, unit)) = split.map(|at| word.split_at(at)) {
            let ordinal = ["th", "st", "nd", "rd", "e", "ste", "de"].contains(&unit);
            if ordinal && digits(figures).is_some() {
                return self.words.push(format!("{figures}."));
            }
            let letters = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
            let (unit, rest) = unit.split_at(letters);
            if time(figures) && (["am", "pm"].contains(&unit) || OCLOCK.contains(&unit)) {
                self.take(figures);
                self.words.push(unit.to_owned());
                if !rest.is_empty() {
                    self.take(rest);
                }
                return;
            }
        }
        for (day, rest) in
            ["gisteren", "gister", "gestern", "vandaag", "heute"].map(|day| (day, word.strip_prefix(day)))
        {
            if let Some(rest) = rest.filter(|rest| part(rest).is_some()) {
                self.words.push(if day == "gister" { "gisteren" } else { day }.to_owned());
                return self.words.push(rest.to_owned());
            }
        }
        // "maandagmiddag", "Montagabend".
        let compound = word.char_indices().find_map(|(at, _)| {
            let (day, rest) = word.split_at(at);
            (named_day(day).is_some() && part(rest).is_some()).then(|| (day.to_owned(), rest.to_owned()))
        });
        if let Some((day, rest)) = compound {
            self.words.extend([day, rest]);
            return;
        }
        self.words.push(word.to_owned());
    }

    fn word(&self, ahead: usize) -> &str {
        self.words.get(self.at + ahead).map_or("", String::as_str)
    }

    fn is(&self, ahead: usize, of: &[&str]) -> bool {
        of.contains(&self.word(ahead).trim_end_matches('.'))
    }

    fn read(&mut self) -> Result<(), WhenError> {
        while self.at < self.words.len() {
            let used = self.step()?;
            if used == 0 {
                return Err(WhenError::Word { word: self.word(0).to_owned(), said: self.said.trim().to_owned() });
            }
            self.at += used;
        }
        Ok(())
    }

    /// Reads what comes next, and says how many words that were.
    fn step(&mut self) -> Result<usize, WhenError> {
        if self.is(0, FROM) || (self.is(0, &["van"]) && self.words[self.at..].iter().any(|word| word == "tot")) {
            self.told.range = true;
            return Ok(1);
        }
        let used = self.day()?;
        if used > 0 {
            return Ok(used);
        }
        let used = self.time()?;
        if used > 0 {
            return Ok(used);
        }
        if self.is(0, JUST) && (self.is(1, AFTER) || self.is(1, BEFORE)) {
            self.told.around = if self.is(1, AFTER) { Around::JustAfter } else { Around::JustBefore };
            return Ok(2);
        }
        if self.is(0, ABOUT_WORDS) {
            self.told.around = Around::About;
            return Ok(1);
        }
        // "um zwei herum".
        if self.is(0, &["herum"]) {
            self.told.around = Around::About;
            return Ok(1);
        }
        let said = self.word(0).trim_end_matches('.').to_owned();
        if let Some((part, today)) = part(&said) {
            if self.told.part.is_some_and(|before| before != part) {
                return Err(WhenError::Several { said: self.said.trim().to_owned(), what: "part of the day" });
            }
            self.told.part = Some(part);
            if today {
                self.set_day(Day::Ago(0))?;
            }
            return Ok(1);
        }
        let between = self.told.range && self.is(0, TO);
        Ok(usize::from(between || self.is(0, FILLER) || (said == "am" && self.language == Language::German)))
    }

    fn set_day(&mut self, day: Day) -> Result<(), WhenError> {
        if self.told.day.is_some_and(|before| before != day) {
            return Err(WhenError::Several { said: self.said.trim().to_owned(), what: "day" });
        }
        self.told.day = Some(day);
        Ok(())
    }

    fn no_such(&self, what: &'static str) -> WhenError {
        WhenError::NoSuch { word: self.word(0).to_owned(), what }
    }

    fn count(&self, ahead: usize) -> Option<i32> {
        let word = self.word(ahead);
        digits(word).or_else(|| number(word).map(|(value, _)| i32::from(value)))
    }

    /// A day, if one comes next.
    fn day(&mut self) -> Result<usize, WhenError> {
        let word = self.word(0).to_owned();
        // 2026-11-27, 27-11-2026, 27.11.2026, 27/11/2026; 27.11. and 27/11.
        for mark in ['-', '.', '/'] {
            let parts: Vec<&str> = word.split(mark).collect();
            let numbers: Option<Vec<i32>> = parts.iter().map(|part| digits(part)).collect();
            let exact = match numbers.as_deref() {
                Some([year, month, day]) if parts[0].len() == 4 => Some((*year, *month, *day)),
                Some([day, month, year]) if parts[2].len() == 4 => Some((*year, *month, *day)),
                _ => None,
            };
            if let Some((year, month, day)) = exact {
                let date = Date::new(year as i16, month as i8, day as i8).map_err(|_| self.no_such("day"))?;
                return self.set_day(Day::Exact(date)).map(|()| 1);
            }
            let short = match (mark, &parts[..]) {
                ('.', [day, month, ""]) | ('/', [day, month]) => digits(day).zip(digits(month)),
                _ => None,
            };
            if let Some((day, month)) = short {
                return self.month(day, month).map(|()| 1);
            }
        }
        // "27 november 2026", "27. November", "the 27th of november"; "november 27".
        let bare = word.trim_end_matches('.').to_owned();
        let of = usize::from(self.is(1, &["of", "van"]));
        let named = |ahead: usize| month(self.word(ahead).trim_end_matches('.'));
        let found = match (digits(&bare), named(1 + of), month(&bare), digits(self.word(1).trim_end_matches('.'))) {
            (Some(day), Some(month), ..) => Some((day, month, 2 + of)),
            (None, _, Some(month), Some(day)) if day <= 31 => Some((day, month, 2)),
            _ => None,
        };
        if let Some((day, month, used)) = found {
            let year = digits(self.word(used)).filter(|year| (1970..2262).contains(year));
            return match year {
                Some(year) => {
                    let date = Date::new(year as i16, month, day as i8).map_err(|_| self.no_such("day"))?;
                    self.set_day(Day::Exact(date)).map(|()| used + 1)
                }
                None => self.month(day, i32::from(month)).map(|()| used),
            };
        }
        // "three days ago", "drie dagen geleden", "vor drei Tagen".
        let vor = usize::from(self.is(0, &["vor"]));
        if let Some(days) = self.count(vor).filter(|_| self.is(vor + 1, DAYS)) {
            let ago = self.is(2, &["ago", "geleden"]);
            if vor == 1 || ago {
                return self.set_day(Day::Ago(i64::from(days))).map(|()| 3);
            }
        }
        // "the day before yesterday".
        if self.is(0, &["day"]) && self.is(1, &["before"]) && self.is(2, &["yesterday"]) {
            return self.set_day(Day::Ago(2)).map(|()| 3);
        }
        let last = usize::from(self.is(0, LAST));
        match named_day(self.word(last).trim_end_matches('.')) {
            Some(Day::Weekday(weekday, _)) => {
                let week_ago = last == 1 && !self.is(0, &["this", "deze"]);
                self.set_day(Day::Weekday(weekday, week_ago)).map(|()| 1 + last)
            }
            Some(day) if last == 0 => self.set_day(day).map(|()| 1),
            _ if last == 1 && part(self.word(1)).is_some() && !self.is(0, AFTER) => {
                // "last night" began yesterday; "this morning" is today.
                let back = i64::from(!self.is(0, &["this", "deze"]));
                self.set_day(Day::Ago(back)).map(|()| 1)
            }
            _ => Ok(0),
        }
    }

    fn month(&mut self, day: i32, month: i32) -> Result<(), WhenError> {
        // A leap year has all days.
        let known =
            i8::try_from(day).ok().zip(i8::try_from(month).ok()).filter(|(d, m)| Date::new(2024, *m, *d).is_ok());
        let (day, month) = known.ok_or_else(|| self.no_such("day"))?;
        self.set_day(Day::Month(day, month))
    }

    /// A time, if one comes next.
    fn time(&mut self) -> Result<usize, WhenError> {
        let word = self.word(0).to_owned();
        if ["noon", "midday"].contains(&word.as_str()) {
            return Ok(self.clock(vec![12 * 60], 1));
        }
        if ["midnight", "middernacht", "mitternacht"].contains(&word.as_str()) {
            return Ok(self.clock(vec![0, DAY], 1));
        }
        if let Some((hour, minute)) = word.split_once(':') {
            let minute = minute.split_once(':').map_or(minute, |(minute, _seconds)| minute);
            let told = digits(hour).zip(digits(minute).filter(|_| minute.len() == 2));
            let (told_hour, minute) = told.ok_or_else(|| self.no_such("time of the day"))?;
            // With a day as computers write it, the time is a computer's too.
            let iso = |word: &String| word.len() == 10 && word.as_bytes()[4] == b'-';
            let leading = hour.starts_with('0') || self.words.iter().any(iso);
            let oclock = usize::from(self.is(1, OCLOCK));
            return self.hour(told_hour, minute, leading, 1 + oclock);
        }
        let dotted = word.split_once('.').and_then(|(hour, minute)| {
            digits(hour).zip(digits(minute).filter(|minute_of| minute.len() == 2 && *minute_of < 60))
        });
        if let Some((hour, minute)) = dotted {
            if self.is(1, OCLOCK) || self.is(1, &["am", "pm"]) {
                return self.hour(hour, minute, word.starts_with('0'), 1 + usize::from(self.is(1, OCLOCK)));
            }
            return Err(WhenError::TimeOrDay { word, time: format!("{hour}:{minute:02}") });
        }
        if let Some(used) = self.told_in_words()? {
            return Ok(used);
        }
        // "two o'clock", "14 uur 10", "2 pm", and an hour alone.
        let Some(hour) = self.count(0) else { return Ok(0) };
        if digits(&word).is_some() && word.len() > 2 {
            return Ok(0);
        }
        let oclock = usize::from(self.is(1, OCLOCK));
        let minute = self.count(2).filter(|minute| oclock == 1 && (1..60).contains(minute) && !self.counts_days(2));
        let leading = word.starts_with('0') || hour > 12;
        match minute {
            Some(minute) => self.hour(hour, minute, leading, 3),
            None => self.hour(hour, 0, leading, 1 + oclock),
        }
    }

    /// Whether the number there belongs to a day.
    fn counts_days(&self, ahead: usize) -> bool {
        self.is(ahead + 1, DAYS) || month(self.word(ahead + 1).trim_end_matches('.')).is_some()
    }

    /// "ten past two", "kwart voor drie", "fünf nach halb drei", "half past two", "half drie", "dreiviertel drei".
    fn told_in_words(&mut self) -> Result<Option<usize>, WhenError> {
        let quarter = self.is(0, &["quarter", "kwart", "viertel"]);
        let three_quarters = self.is(0, &["dreiviertel"]);
        if three_quarters || (quarter && !self.is(1, AFTER) && !self.is(1, BEFORE)) {
            // "viertel drei" is 2:15 where it is said.
            let Some(hour) = self.count(1).filter(|_| self.is(0, &["viertel", "dreiviertel"])) else { return Ok(None) };
            let minutes = if three_quarters { -15 } else { -45 };
            return self.around_hour(hour, minutes, 2).map(Some);
        }
        if self.is(0, &["half", "halb"]) {
            let Some((hour, offset, used)) = self.half(0) else { return Ok(None) };
            return self.around_hour(hour, offset, used).map(Some);
        }
        let minutes = if quarter { Some(15) } else { self.count(0).filter(|minutes| (1..60).contains(minutes)) };
        let Some(minutes) = minutes else { return Ok(None) };
        let unit = usize::from(self.is(1, MINUTES));
        let past = self.is(1 + unit, AFTER);
        // "from 2 to 3" is a range.
        let to = self.is(1 + unit, BEFORE) && !(self.told.range && self.is(1 + unit, &["to"]) && !quarter && unit == 0);
        if !past && !to {
            return Ok(None);
        }
        let sign = if past { minutes } else { -minutes };
        let next = 2 + unit;
        if self.is(next, &["half", "halb"]) {
            let Some((hour, offset, used)) = self.half(next) else { return Ok(None) };
            return self.around_hour(hour, offset + sign, next + used).map(Some);
        }
        if self.is(next, &["noon", "midday"]) {
            return Ok(Some(self.clock(vec![12 * 60 + sign], next + 1)));
        }
        if self.is(next, &["midnight", "middernacht", "mitternacht"]) {
            return Ok(Some(self.clock(vec![sign.rem_euclid(DAY), DAY + sign], next + 1)));
        }
        // "10 vor 3 Tagen" is no time.
        let Some(hour) = self.count(next).filter(|_| !self.counts_days(next)) else { return Ok(None) };
        self.around_hour(hour, sign, next + 1).map(Some)
    }

    /// Half an hour at `ahead`: the hour that is named, how many minutes from it, and how many words.
    fn half(&self, ahead: usize) -> Option<(i32, i32, usize)> {
        if self.is(ahead + 1, &["past", "after"]) {
            return self.count(ahead + 2).map(|hour| (hour, 30, 3));
        }
        let hour = self.count(ahead + 1)?;
        let language = number(self.word(ahead + 1)).and_then(|(_, language)| language);
        let english = self.is(ahead, &["half"]) && language.unwrap_or(self.language) == Language::English;
        Some((hour, if english { 30 } else { -30 }, 2))
    }

    /// So many minutes from an hour.
    fn around_hour(&mut self, hour: i32, minutes: i32, used: usize) -> Result<usize, WhenError> {
        let sure = hour > 12;
        let oclock = usize::from(self.is(used, OCLOCK));
        self.minutes(hour, minutes, sure, used + oclock)
    }

    fn hour(&mut self, hour: i32, minute: i32, sure: bool, used: usize) -> Result<usize, WhenError> {
        if !(0..60).contains(&minute) {
            return Err(self.no_such("time of the day"));
        }
        self.minutes(hour, minute, sure, used)
    }

    fn minutes(&mut self, hour: i32, minutes: i32, sure: bool, used: usize) -> Result<usize, WhenError> {
        if !(0..=24).contains(&hour) || (hour == 24 && minutes > 0) {
            return Err(self.no_such("time of the day"));
        }
        let pm = self.is(used, &["pm"]);
        let am = self.is(used, &["am"]) && self.language != Language::German;
        if (am || pm) && (1..=12).contains(&hour) {
            let hour = hour % 12 + if pm { 12 } else { 0 };
            return Ok(self.clock(vec![(hour * 60 + minutes).rem_euclid(DAY)], used + 1));
        }
        let twice = (1..=12).contains(&hour) && !sure;
        let hours = if twice { vec![hour % 12, hour % 12 + 12] } else { vec![hour] };
        let minutes = hours.into_iter().map(|hour| hour * 60 + minutes);
        Ok(self.clock(minutes.map(|m| if m < 0 { m + DAY } else { m }).collect(), used))
    }

    fn clock(&mut self, minutes: Vec<i32>, used: usize) -> usize {
        self.told.clocks.push(Clock(minutes));
        used
    }
}

#[cfg(test)]
mod tests;
