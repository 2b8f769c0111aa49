//! A whole study, from events to what is told, of a shop that is made up.

#![allow(clippy::unwrap_used, reason = "the set-up of tests: what cannot be made fails them")]

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use sluis_frame::{CameraId, Event, Gesture, Rect, Size, Timestamp};
use sluis_study::{Format, FrameFacts, MinGroup, Report, Settings, Study};

/// 2026-06-28 00:00 in Amsterdam.
const MIDNIGHT: Timestamp = Timestamp::from_secs(1_782_597_600);
const SIZE: Size = Size::new(640, 480);

fn settings(least: u32) -> Settings {
    Settings {
        time_zone: TimeZone::get("Europe/Amsterdam").unwrap(),
        min_group: MinGroup::new(least).unwrap(),
        counters: BTreeSet::new(),
    }
}

fn camera() -> CameraId {
    CameraId::new("shop").unwrap()
}

fn at(day: u64, seconds: f64) -> Timestamp {
    MIDNIGHT + Duration::from_secs(day * 86_400) + Duration::from_secs_f64(seconds)
}

fn event(gesture: Gesture, track: u32, zone: &str, start: Timestamp, seconds: f64) -> Event {
    let end = start + Duration::from_secs_f64(seconds);
    let zone = Some(zone.to_owned());
    Event { gesture, track, zone, start, end, contact: None, position: None, confidence: 80 }
}

/// The same numbers each time: a generator by Steele and Vigna, splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// Four days of a bakery: more at eight and at noon, a quiet fridge, a queue.
fn bakery(least: u32) -> Report {
    let mut study = Study::new(settings(least));
    study.shop("bakery <& sons>");
    let (mut chance, mut track) = (Chance(7), 0);
    for day in 0..4 {
        for minute in 7 * 60..18 * 60 {
            let now = at(day, minute as f64 * 60.0);
            study.frame(&camera(), &FrameFacts { captured: now, size: SIZE, masks: vec![] });
            let hour = minute as f64 / 60.0;
            let rush = 0.12 + 0.7 * (-(hour - 8.3).powi(2) / 1.2).exp() + 0.5 * (-(hour - 12.5).powi(2) / 1.5).exp();
            if chance.next() > rush {
                continue;
            }
            track += 1;
            visit(&mut study, &mut chance, track, now);
        }
    }
    study.report()
}

fn visit(study: &mut Study, chance: &mut Chance, track: u32, mut now: Timestamp) {
    let zone = match chance.next() {
        n if n < 0.6 => "rolls",
        n if n < 0.97 => "bread",
        _ => "fridge",
    };
    let mut tell = |mut event: Event, place: (f64, f64)| {
        event.position = Some(((place.0 * 1000.0) as i32, (place.1 * 1000.0) as i32));
        study.event(&camera(), &event);
    };
    let shelf = match zone {
        "rolls" => (chance.between(1.0, 3.5), chance.between(5.2, 6.2)),
        "bread" => (chance.between(4.5, 6.8), chance.between(5.0, 6.0)),
        _ => (chance.between(6.6, 7.6), chance.between(1.0, 2.0)),
    };
    tell(event(Gesture::Approach, track, zone, now, 1.5), shelf);
    let stay = chance.between(4.0, 60.0);
    tell(event(Gesture::Dwell, track, zone, now, stay), shelf);
    tell(event(Gesture::Reach, track, zone, now + Duration::from_secs(2), 1.4), shelf);
    if chance.next() < 0.7 {
        tell(event(Gesture::Take, track, zone, now + Duration::from_secs(3), 0.6), shelf);
        if chance.next() < 0.12 {
            tell(event(Gesture::PutBack, track, zone, now + Duration::from_secs(6), 0.8), shelf);
        }
        now = now + Duration::from_secs_f64(stay + chance.between(5.0, 30.0));
        let wait = chance.between(20.0, 260.0);
        let lane = (chance.between(1.5, 4.5), chance.between(0.8, 1.6));
        tell(event(Gesture::Wait, track, "queue", now, wait), lane);
        now = now + Duration::from_secs_f64(wait);
        tell(event(Gesture::Dwell, track, "counter", now, 25.0), (chance.between(0.4, 1.4), chance.between(0.4, 1.6)));
    }
    // Heads, four times a second, on the way from the door to the shelf.
    for n in 0..60 {
        let (x, y) =
            (60.0 + shelf.0 * 70.0 * f64::from(n.min(30)) / 30.0, 380.0 - shelf.1 * 45.0 * f64::from(n.min(30)) / 30.0);
        let head = Rect::new(x as i32, y as i32, 36, 40);
        let captured = now + Duration::from_millis(250 * n as u64);
        study.frame(&camera(), &FrameFacts { captured, size: SIZE, masks: vec![head] });
    }
}

/// All numbers after `"count":` in a JSON report.
fn counts(report: &Report, gesture: Gesture) -> (u64, u64) {
    let counts = report.of(gesture).unwrap();
    let blocks = counts.series.iter().flat_map(|s| &s.rows).flat_map(|r| &r.figures).map(|f| f.count).sum();
    (counts.total.unwrap(), blocks)
}

#[test]
fn what_is_told_adds_up() {
    let report = bakery(5);
    for gesture in [Gesture::Reach, Gesture::Take, Gesture::PutBack, Gesture::Dwell, Gesture::Wait] {
        let (total, blocks) = counts(&report, gesture);
        assert!(total > 0 && total == blocks, "{gesture:?}: {total} in all, {blocks} in blocks");
        for series in &report.of(gesture).unwrap().series {
            assert_eq!(series.sums.iter().map(|f| f.count).sum::<u64>(), series.total.count);
            assert_eq!(series.rows.iter().map(|r| r.total.count).sum::<u64>(), series.total.count);
            let days: usize = series.rows.iter().map(|r| r.days.len()).sum();
            assert_eq!(days, report.days.len(), "every day is told once");
        }
    }
}

#[test]
fn no_figure_is_below_the_least_group() {
    for least in [3, 5, 20, 60] {
        let report = bakery(least);
        let json: serde_json::Value = serde_json::from_str(&Format::Json.render(&report)).unwrap();
        let mut small = Vec::new();
        look(&json, &mut |count| small.extend((1..u64::from(least)).contains(&count).then_some(count)));
        assert!(small.is_empty(), "with at least {least}: {small:?}");
    }
}

fn look(value: &serde_json::Value, count: &mut impl FnMut(u64)) {
    match value {
        serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| match value.as_u64() {
            Some(n) if name == "count" || name == "total" => count(n),
            _ => look(value, count),
        }),
        serde_json::Value::Array(values) => values.iter().for_each(|value| look(value, count)),
        _ => {}
    }
}

#[test]
fn table_csv_and_page_tell_the_same_totals() {
    let report = bakery(5);
    let (table, csv, page) = (Format::Table.render(&report), Format::Csv.render(&report), Format::Html.render(&report));
    let (reaches, _) = counts(&report, Gesture::Reach);
    assert!(table.contains(&format!("Reaches: {reaches}")), "{table}");
    assert!(page.contains(&format!("<b>{reaches}</b>Reaches")), "the page has other reaches than {reaches}");
    let of_zones = csv.lines().filter(|l| l.starts_with("reaches,all,00:00,24:00,") && l.contains(",count,"));
    let sum: u64 = of_zones.map(|l| l.rsplit(',').next().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(sum, reaches);
    assert!(csv.lines().all(|line| line.ends_with(|c: char| !c.is_whitespace())), "no empty value");
}

#[test]
fn the_page_stands_alone_is_well_formed_and_runs_nothing() {
    let page = Format::Html.render(&bakery(5));
    let body = page.strip_prefix("<!doctype html>\n").unwrap();
    let document = roxmltree::Document::parse(body).unwrap();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(!["script", "link", "img", "iframe", "object", "form"].contains(&name), "there is a <{name}>");
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(!name.starts_with("on") && !["src", "href", "style"].contains(&name), "there is a {name}");
        }
    }
    let charts = document.descendants().filter(|n| n.tag_name().name() == "svg");
    for chart in charts {
        assert!(chart.attribute("role") == Some("img") && chart.children().any(|n| n.tag_name().name() == "title"));
    }
    assert!(page.contains("bakery &lt;&amp; sons&gt;"));
    if let Some(to) = std::env::var_os("SLUIS_STUDY_PAGE") {
        std::fs::write(to, page).unwrap();
    }
}

#[test]
fn a_quiet_zone_is_told_with_another_one() {
    let report = bakery(40);
    let takes = report.of(Gesture::Take).unwrap();
    let with_fridge =
        takes.series.iter().find(|s| s.zones.iter().any(|z| z.zone.as_deref() == Some("fridge"))).unwrap();
    assert!(with_fridge.zones.len() > 1, "{:?}", with_fridge.zones);
}

#[test]
fn a_shop_without_customers_is_told_as_recorded_and_empty() {
    let mut study = Study::new(settings(5));
    for minute in 0..90 {
        let captured = at(0, 9.0 * 3600.0 + f64::from(minute) * 60.0);
        study.frame(&camera(), &FrameFacts { captured, size: SIZE, masks: vec![] });
    }
    let report = study.report();
    assert_eq!(report.of(Gesture::Reach).unwrap().total, Some(0));
    let table = Format::Table.render(&report);
    assert!(table.contains("1 h 30 min recorded") && table.contains("Reaches: 0"), "{table}");
    let page = Format::Html.render(&report);
    assert!(page.contains("<b>0</b>Reaches") && page.contains("Nobody was seen here"), "{page}");
}

#[test]
fn one_customer_is_too_few_and_is_not_counted() {
    let mut study = Study::new(settings(5));
    let now = at(0, 9.0 * 3600.0);
    study.frame(&camera(), &FrameFacts { captured: now, size: SIZE, masks: vec![Rect::new(5, 5, 20, 20)] });
    (0..9).for_each(|_| study.event(&camera(), &event(Gesture::Reach, 1, "rolls", now, 1.0)));
    let report = study.report();
    let reaches = report.of(Gesture::Reach).unwrap();
    assert_eq!((reaches.total, reaches.series.len()), (None, 0));
    assert!(Format::Table.render(&report).contains("Reaches: of fewer than 5 persons"));
    assert!(Format::Csv.render(&report).contains("reaches,all,00:00,24:00,,count,fewer than 5 persons"));
}

#[test]
fn nothing_recorded_is_told_as_nothing_recorded() {
    let report = Study::new(settings(5)).report();
    for format in [Format::Table, Format::Html] {
        assert!(format.render(&report).contains("Nothing was recorded in this time."));
    }
}

#[test]
fn queues_and_the_way_to_the_counter_are_told() {
    let report = bakery(5);
    assert!(!report.queues[0].days.is_empty());
    let total = report.choice_to_counter.total.unwrap();
    assert!(total.count > 50 && total.median_seconds.unwrap() > 30);
    assert_eq!(report.choice_to_counter.sums.iter().map(|f| f.count).sum::<u64>(), total.count);
}
