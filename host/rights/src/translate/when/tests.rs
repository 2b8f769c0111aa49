use proptest::prelude::*;

use super::*;

/// Friday, 27 November 2026, 16:00 in Amsterdam.
const NOW: &str = "2026-11-27T15:00:00Z";

fn amsterdam() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_secs(text.parse::<jiff::Timestamp>().unwrap().as_second())
}

fn shop() -> OpenHours {
    let day = || vec![(jiff::civil::time(7, 0, 0, 0), Some(jiff::civil::time(18, 30, 0, 0)))];
    OpenHours { week: [day(), day(), day(), day(), day(), day(), Vec::new()], closed: BTreeSet::new() }
}

fn ask(said: &str, language: Language, hours: Option<&OpenHours>) -> Result<When, WhenError> {
    when(said, Telling { now: at(NOW), zone: &amsterdam(), language, hours })
}

/// As `2026-11-27 14:00-14:20`, in the shop's time.
fn windows(when: &When) -> Vec<String> {
    let local = |at: Timestamp| jiff::Timestamp::from_second(at.as_secs()).unwrap().to_zoned(amsterdam());
    let told = when.candidates.iter().map(|one| {
        let (from, to) = (local(one.window.from), local(one.window.to));
        format!("{}-{}", from.strftime("%Y-%m-%d %H:%M"), to.strftime("%H:%M"))
    });
    told.collect()
}

fn heard(said: &str, language: Language) -> Vec<String> {
    windows(&ask(said, language, None).unwrap_or_else(|error| panic!("{error}")))
}

use Language::{Dutch, English, German};

#[test]
fn a_time_is_a_window_of_two_minutes_around_it_or_ten_when_it_is_about() {
    assert_eq!(heard("2026-11-27 14:10", English), ["2026-11-27 14:08-14:12"]);
    assert_eq!(heard("2026-11-27T14:10:30", English), ["2026-11-27 14:08-14:12"]);
    for (said, language) in [
        ("today about 14:10", English),
        ("vandaag rond 14:10", Dutch),
        ("heute gegen 14:10 Uhr", German),
        ("heute um 14:10 Uhr herum", German),
        ("14.10 uur, ongeveer, vandaag", Dutch),
    ] {
        assert_eq!(heard(said, language), ["2026-11-27 14:00-14:20"], "{said}");
    }
}

#[test]
fn ten_past_two_is_two_times_in_every_language() {
    for (said, language) in [
        ("yesterday, about ten past two", English),
        ("yesterday at around ten minutes past two", English),
        ("gisteren rond tien over twee", Dutch),
        ("gestern gegen zehn nach zwei", German),
    ] {
        assert_eq!(heard(said, language), ["2026-11-26 02:00-02:20", "2026-11-26 14:00-14:20"], "{said}");
    }
}

#[test]
fn opening_hours_decide_between_two_times() {
    let hours = shop();
    let when = ask("yesterday, about ten past two", English, Some(&hours)).unwrap();
    assert_eq!(windows(&when), ["2026-11-26 14:00-14:20"]);
    assert!(when.assumed.contains(&Assumed::OpenThen), "and that is told");
    assert!(when.only().is_some());

    // Both ten past eight in the morning and in the evening, but the shop is closed in the evening; on Sundays always.
    let sunday = ask("on Sunday at ten past two", English, Some(&hours)).unwrap();
    assert_eq!(sunday.candidates.len(), 2, "nothing decides");
    assert!(sunday.assumed.contains(&Assumed::ClosedThen));
    assert!(ask("yesterday at seven", English, Some(&hours)).unwrap().only().is_some());

    let closed = OpenHours { closed: BTreeSet::from([jiff::civil::date(2026, 11, 26)]), ..shop() };
    assert_eq!(ask("yesterday at ten past two", English, Some(&closed)).unwrap().candidates.len(), 2);
}

#[test]
fn the_part_of_the_day_decides_between_two_times() {
    for (said, language) in [
        ("yesterday afternoon at ten past two", English),
        ("yesterday at 2:10 pm", English),
        ("yesterday at 2:10 p.m.", English),
        ("yesterday 2.10pm", English),
        ("gistermiddag om tien over twee", Dutch),
        ("gisteren 's middags om tien over twee", Dutch),
        ("gestern nachmittag um zehn nach zwei", German),
        ("gestern um zwei Uhr zehn nachmittags", German),
        ("donderdagmiddag om 14 uur 10", Dutch),
        ("am Donnerstagnachmittag um 14 Uhr 10", German),
    ] {
        assert_eq!(heard(said, language), ["2026-11-26 14:08-14:12"], "{said}");
    }
    assert!(matches!(ask("yesterday morning at 15:00", English, None), Err(WhenError::Contradiction { .. })));
    assert_eq!(heard("yesterday afternoon", English), ["2026-11-26 12:00-18:00"]);
    assert_eq!(heard("vanmorgen", Dutch), ["2026-11-27 06:00-12:00"]);
    assert_eq!(heard("heute Morgen gegen neun", German), ["2026-11-27 08:50-09:10"]);
}

#[test]
fn halves_and_quarters_are_those_of_the_language() {
    for (said, language, time) in [
        ("14:00 vandaag", Dutch, "13:58-14:02"),
        ("vandaag om half drie 's middags", Dutch, "14:28-14:32"),
        ("vanmiddag half 3", Dutch, "14:28-14:32"),
        ("heute nachmittag um halb drei", German, "14:28-14:32"),
        ("this afternoon at half past two", English, "14:28-14:32"),
        ("this afternoon at half two", English, "14:28-14:32"),
        ("this afternoon half 2", English, "14:28-14:32"),
        ("vanmiddag om vijf voor half drie", Dutch, "14:23-14:27"),
        ("heute nachmittag fünf nach halb drei", German, "14:33-14:37"),
        ("vanmiddag om kwart voor drie", Dutch, "14:43-14:47"),
        ("heute nachmittag Viertel nach zwei", German, "14:13-14:17"),
        ("heute nachmittag dreiviertel drei", German, "14:43-14:47"),
        ("heute nachmittag viertel drei", German, "14:13-14:17"),
        ("this afternoon at a quarter to three", English, "14:43-14:47"),
        ("this afternoon, twenty-five to three", English, "14:33-14:37"),
        ("heute 14 Uhr", German, "13:58-14:02"),
        ("today at noon", English, "11:58-12:02"),
        ("today, shortly after noon", English, "11:58-12:10"),
        ("vanmiddag net na twee uur", Dutch, "13:58-14:10"),
        ("heute nachmittag kurz vor drei", German, "14:50-15:02"),
    ] {
        assert_eq!(heard(said, language), [format!("2026-11-27 {time}")], "{said}");
    }
}

#[test]
fn ranges_are_understood() {
    for (said, language) in [
        ("today 14:00-14:30", English),
        ("2026-11-27, from 14:00 to 14:30", English),
        ("vandaag tussen 14:00 en 14:30", Dutch),
        ("vandaag van 14:00 tot 14:30", Dutch),
        ("heute von 14:00 bis 14:30 Uhr", German),
        ("heute nachmittag zwischen zwei und halb drei", German),
        ("this afternoon between two and half past two", English),
    ] {
        assert_eq!(heard(said, language), ["2026-11-27 13:58-14:32"], "{said}");
    }
    assert_eq!(heard("yesterday from 2 to 3", English), ["2026-11-26 01:58-03:02", "2026-11-26 13:58-15:02"]);
    assert_eq!(
        heard("yesterday between eleven and one", English),
        ["2026-11-26 10:58-13:02", "2026-11-26 22:58-01:02"]
    );
    assert!(matches!(ask("yesterday at 14:00 15:00", English, None), Err(WhenError::Several { what: "time", .. })));
}

#[test]
fn days_are_understood() {
    for (said, language, day) in [
        ("27.11.2026 14:10", German, "2026-11-27"),
        ("26/11/2026 at 14:10", English, "2026-11-26"),
        ("26-11-2026 om 14:10", Dutch, "2026-11-26"),
        ("26.11. um 14:10", German, "2026-11-26"),
        ("26 november 14:10", Dutch, "2026-11-26"),
        ("26. November 2026, 14:10 Uhr", German, "2026-11-26"),
        ("on the 26th of november at 14:10", English, "2026-11-26"),
        ("Nov 26, 14:10", English, "2026-11-26"),
        ("3. März 14:10", German, "2026-03-03"),
        ("28 december 14:10", Dutch, "2025-12-28"),
        ("29 februari 14:10", Dutch, "2024-02-29"),
        ("eergisteren 14:10", Dutch, "2026-11-25"),
        ("vorgestern 14:10", German, "2026-11-25"),
        ("the day before yesterday 14:10", English, "2026-11-25"),
        ("three days ago at 14:10", English, "2026-11-24"),
        ("3 dagen geleden om 14:10", Dutch, "2026-11-24"),
        ("vor drei Tagen um 14:10", German, "2026-11-24"),
        ("on Monday at 14:10", English, "2026-11-23"),
        ("afgelopen maandag 14:10", Dutch, "2026-11-23"),
        ("letzten Montag um 14:10", German, "2026-11-23"),
        ("Friday 14:10", English, "2026-11-27"),
        ("last Friday 14:10", English, "2026-11-20"),
        ("Freitag 17:10", German, "2026-11-20"),
        ("14:10", Dutch, "2026-11-27"),
        ("17:10", Dutch, "2026-11-26"),
    ] {
        assert_eq!(heard(said, language)[0][..10], *day, "{said}");
    }
}

#[test]
fn what_is_taken_for_granted_is_told() {
    let assumed = |said: &str| ask(said, English, None).unwrap().assumed;
    assert_eq!(assumed("14:10"), BTreeSet::from([Assumed::Today]));
    assert_eq!(assumed("17:10"), BTreeSet::from([Assumed::Yesterday]));
    assert_eq!(assumed("26 november 14:10"), BTreeSet::from([Assumed::Year]));
    assert_eq!(assumed("Monday 14:10"), BTreeSet::from([Assumed::Weekday]));
    assert_eq!(assumed("2026-11-27 14:10"), BTreeSet::new());
}

#[test]
fn the_hour_that_comes_twice_is_meant_whole() {
    let when = ask("2026-10-25 02:30", English, None).unwrap();
    let window = when.only().unwrap();
    assert_eq!((window.from, window.to), (at("2026-10-25T00:28:00Z"), at("2026-10-25T01:32:00Z")));
    assert!(when.assumed.contains(&Assumed::ClocksChanged));
}

#[test]
fn what_is_not_understood_is_told_by_word_and_with_an_example() {
    for (said, word) in [
        ("yesterday when it rained", "when"),
        ("gisteren na de regen", "na"),
        ("nach dem Regen", "nach"),
        ("14:10 tomorrow", "tomorrow"),
    ] {
        let error = ask(said, English, None).unwrap_err();
        assert_eq!(error, WhenError::Word { word: word.to_owned(), said: said.to_owned() }, "{said}");
        assert!(error.to_string().contains("2026-11-27 14:10"), "{error}");
    }
    assert!(matches!(ask("yesterday", English, None), Err(WhenError::NoTime { .. })));
    assert!(matches!(ask("", English, None), Err(WhenError::NoTime { .. })));
    assert!(matches!(ask("at night", English, None), Err(WhenError::NoTime { .. })));
    assert!(matches!(ask("today 25:10", English, None), Err(WhenError::NoSuch { .. })));
    assert!(matches!(ask("today 14:60", English, None), Err(WhenError::NoSuch { .. })));
    assert!(matches!(ask("2026-02-30 14:10", English, None), Err(WhenError::NoSuch { .. })));
    assert!(matches!(ask("31.11. 14:10", German, None), Err(WhenError::NoSuch { .. })));
    assert!(matches!(ask("gestern 14.10", German, None), Err(WhenError::TimeOrDay { .. })));
    assert!(matches!(ask("today and yesterday 14:10", English, None), Err(WhenError::Word { .. })));
    assert!(matches!(ask("today, yesterday 14:10", English, None), Err(WhenError::Several { what: "day", .. })));
    assert!(matches!(ask("2026-11-28 14:10", English, None), Err(WhenError::Future { .. })));
}

/// Times as people say them, made from the hour and minute that they mean.
fn phrase(hour: u8, five: u8, language: Language) -> String {
    let names = |of: &[&'static str; 12], hour: u8| of[usize::from((hour + 11) % 12)];
    let (hours, minutes, past, to, half, next): (&[&str; 12], [&str; 6], _, _, _, u8) = match language {
        Dutch => (
            &["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"],
            ["", "vijf", "tien", "kwart", "twintig", "vijf"],
            "over",
            "voor",
            "half",
            1,
        ),
        German => (
            &["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
            ["", "fünf", "zehn", "Viertel", "zwanzig", "fünf"],
            "nach",
            "vor",
            "halb",
            1,
        ),
        English => (
            &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
            ["", "five", "ten", "a quarter", "twenty", "twenty-five"],
            "past",
            "to",
            "half past",
            0,
        ),
    };
    let later = names(hours, hour + 1);
    let this = names(hours, hour);
    match five {
        0 => this.to_owned(),
        6 => format!("{half} {}", names(hours, hour + next)),
        // "vijf voor half drie": only where halves count to the next hour.
        5 if next == 1 => format!("{} {to} {half} {later}", minutes[5]),
        7 if next == 1 => format!("{} {past} {half} {later}", minutes[5]),
        1..=5 => format!("{} {past} {this}", minutes[usize::from(five)]),
        _ => format!("{} {to} {later}", minutes[usize::from(12 - five)]),
    }
}

fn languages() -> impl Strategy<Value = Language> {
    prop_oneof![Just(Dutch), Just(German), Just(English)]
}

proptest! {
    #[test]
    fn every_five_minutes_of_the_clock_can_be_said(hour in 0u8..24, five in 0u8..12, language in languages()) {
        let said = format!("2026-11-20 {}", phrase(hour, five, language));
        let when = ask(&said, language, None).unwrap();
        let meant = amsterdam().to_timestamp(jiff::civil::date(2026, 11, 20).at(hour as i8, five as i8 * 5, 0, 0)).unwrap();
        let meant = Timestamp::from_secs(meant.as_second());
        let held = when.candidates.iter().filter(|one| one.window.from <= meant && meant < one.window.to).count();
        prop_assert_eq!((held, when.candidates.len()), (1, 2), "{}: {:?}", said, windows(&when));
    }

    #[test]
    fn an_exact_time_is_one_window_that_holds_it(days in 0i64..5000, hour in 0i8..24, minute in 0i8..60, language in languages()) {
        let day = jiff::civil::date(2026, 11, 26).saturating_sub(days.days());
        let when = ask(&format!("{day} {hour:02}:{minute:02}"), language, None).unwrap();
        prop_assert_eq!(when.candidates.len(), 1);
        let meant = amsterdam().to_ambiguous_timestamp(day.at(hour, minute, 0, 0)).compatible().unwrap();
        let meant = Timestamp::from_secs(meant.as_second());
        prop_assert!(when.candidates.iter().any(|one| one.window.from <= meant && meant < one.window.to));
    }

    #[test]
    fn whatever_is_said_a_window_begins_before_it_ends_and_has_begun(said in "[a-z0-9:. \\-/]{0,40}|\\PC{0,40}", language in languages()) {
        if let Ok(when) = ask(&said, language, Some(&shop())) {
            prop_assert!(!when.candidates.is_empty());
            for one in when.candidates {
                prop_assert!(one.window.from < one.window.to && one.window.from <= at(NOW));
            }
        }
    }

    #[test]
    fn words_of_the_vocabulary_in_any_order_never_panic(words in proptest::collection::vec(
        prop_oneof![Just("half"), Just("halb"), Just("vor"), Just("over"), Just("2"), Just("drie"), Just("zehn"), Just("uur"), Just("pm"), Just("27."),
            Just("nov"), Just("gestern"), Just("-"), Just("between"), Just("and"), Just("24:00"), Just("about"), Just("tagen"), Just("last"), Just("midnight")], 0..8),
        language in languages())
    {
        let _ = ask(&words.join(" "), language, None);
    }
}
