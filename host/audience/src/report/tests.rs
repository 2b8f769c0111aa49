use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use sluis_frame::{ScreenId, SizeClass};

use super::*;

/// 2026-06-28T09:00:00+02:00.
const NINE: i64 = 1_782_630_000;

fn facts() -> Facts {
    Facts {
        min_group: MinGroup::default(),
        local: LocalTime::new(TimeZone::get("Europe/Amsterdam").unwrap()),
        demographics: false,
        shop: "Supermarkt <Zuid>".to_owned(),
        complete_from: Timestamp::from_secs(0),
        complete_until: Timestamp::from_secs(NINE + 10 * 86_400),
    }
}

fn playlist() -> Playlist {
    let mut csv = "screen,advert,start,end\n".to_owned();
    for n in 0..720 {
        let time = |seconds: i64| jiff::Timestamp::from_second(NINE + seconds).unwrap();
        let advert = ["coffee & cake", "bread", "=tea()"][n as usize % 3];
        csv += &format!("checkout-3,{advert},{},{}\n", time(n * 10), time(n * 10 + 10));
    }
    Playlist::read("p", &csv).unwrap()
}

/// `count` people, one every 7 seconds from nine on; every third looks.
fn visits(count: i64) -> Vec<Visit> {
    let visit = |n: i64| {
        let since = Timestamp::from_secs(NINE + n * 7);
        let visit = Visit::new(ScreenId::new("checkout-3").unwrap(), since, Duration::from_secs(4), SizeClass::Medium);
        if n % 3 == 0 { visit.with_glance(since, Duration::from_millis(700 + 300 * (n as u64 % 9))) } else { visit }
    };
    (0..count).map(visit).collect()
}

fn report(count: i64) -> Report {
    Report::new(&visits(count), &playlist(), facts(), false)
}

#[test]
fn every_row_is_the_sum_of_the_rows_beneath_it() {
    let rows = report(900).rows();
    assert!(rows.len() > 20, "{}", rows.len());
    for (n, row) in rows.iter().enumerate() {
        let beneath: Vec<_> =
            rows[n + 1..].iter().take_while(|r| r.depth > row.depth).filter(|r| r.depth == row.depth + 1).collect();
        if !beneath.is_empty() {
            assert_eq!(beneath.iter().map(|r| r.present).sum::<u64>(), row.present);
            assert_eq!(beneath.iter().map(|r| r.looked.unwrap()).sum::<u64>(), row.looked.unwrap());
        }
    }
}

#[test]
fn the_rows_name_screen_advert_and_quarter_with_their_intervals() {
    let report = report(900);
    let csv = report.write(Format::Csv);
    let line =
        csv.lines().find(|line| line.contains("bread,2026-06-28T09:15:00+02:00,2026-06-28T09:30:00+02:00")).unwrap();
    let fields: Vec<&str> = line.split(',').collect();
    assert_eq!(fields[..2], ["2026-06-28", "checkout-3"]);
    let number = |n: usize| fields[n].parse::<f64>().unwrap();
    assert!(number(7) >= 5.0 && (number(8) / number(7) - number(9)).abs() < 1e-4, "{line}");
    assert!(number(10) < number(9) && number(9) < number(11), "{line}");
    // A name that a spreadsheet would take for a formula.
    assert!(csv.contains(",'=tea(),") && !csv.contains(",=tea()"));
}

#[test]
fn a_few_people_make_no_report() {
    let report = report(4);
    assert_eq!(report.rows(), []);
    assert!(report.write(Format::Table).contains("Nothing may be told"));
    assert!(report.write(Format::Html).contains("Too few were there"));
}

#[test]
fn a_day_that_is_not_whole_is_left_out_unless_asked_for_and_then_marked() {
    for partly in [
        Facts { complete_until: Timestamp::from_secs(NINE + 3600), ..facts() },
        Facts { complete_from: Timestamp::from_secs(NINE - 3600), ..facts() },
    ] {
        let asked = |unfinished| Report::new(&visits(900), &playlist(), partly.clone(), unfinished);
        assert!(asked(false).is_empty());
        assert_eq!(asked(false).unfinished().len(), 1);
        assert!(asked(true).write(Format::Table).contains("2026-06-28 (unfinished: not for passing on)"));
        assert!(asked(true).write(Format::Json).contains(r#""holds-unfinished-days": true"#));
    }
}

#[test]
fn the_page_is_well_formed_and_needs_nothing_from_elsewhere() {
    let page = report(900).write(Format::Html);
    let body = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let parsed = roxmltree::Document::parse(body).unwrap();
    let tags: Vec<&str> = parsed.descendants().map(|node| node.tag_name().name()).collect();
    assert!(tags.contains(&"svg") && tags.iter().filter(|tag| **tag == "circle").count() > 10);
    assert!(!tags.contains(&"script") && !tags.contains(&"link") && !page.contains("href") && !page.contains("src="));
    assert!(page.contains("Supermarkt &lt;Zuid&gt;") && page.contains("coffee &amp; cake"));
}

#[test]
fn json_holds_the_same_rows() {
    let report = report(900);
    let json: serde_json::Value = serde_json::from_str(&report.write(Format::Json)).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), report.rows().len());
    assert_eq!((&json["min-group"], &json["time-zone"]), (&5.into(), &"Europe/Amsterdam".into()));
}

proptest! {
    #[test]
    fn whatever_was_recorded_can_be_written(count in 0i64..200, stay in 0u64..400, looks in prop::collection::vec(0u64..300, 0..6)) {
        let visits: Vec<Visit> = visits(count).into_iter().map(|visit| {
            let fresh = Visit::new(visit.screen().clone(), visit.since(), Duration::from_secs(stay), SizeClass::Large);
            looks.iter().fold(fresh, |visit, look| visit.clone().with_glance(visit.since() + Duration::from_secs(*look), Duration::from_secs(look / 2)))
        }).collect();
        let report = Report::new(&visits, &playlist(), facts(), true);
        for format in [Format::Table, Format::Csv, Format::Json, Format::Html] {
            prop_assert!(!report.write(format).is_empty());
        }
    }
}
