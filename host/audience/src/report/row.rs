//! The report as rows.

use serde::Serialize;

use super::Report;
use crate::contact::LocalTime;
use crate::csv;
use crate::figures::{Median, Share};
use crate::group::{Day, Group, Key, Level};

/// One group, with all that it has in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// How deep it lies: 0 is a day.
    pub depth: usize,
    /// The local day.
    pub day: String,
    /// The screen; `*` for all, `others` for those that are not named beside it. So are the fields below.
    pub screen: String,
    /// What was on it.
    pub advert: String,
    /// The first moment, with its offset; nothing for the whole day.
    pub from: Option<String>,
    /// The first moment after it.
    pub until: Option<String>,
    /// The estimated sex class.
    pub sex: String,
    /// The estimated age class.
    pub age: String,
    /// Contacts.
    pub present: u64,
    /// Contacts that looked; nothing where it may not be told.
    pub looked: Option<u64>,
    /// The share that looked.
    pub share: Option<Share>,
    /// How long those looked, where they are enough.
    pub median: Option<Median>,
    /// What it is called among its neighbours.
    #[serde(skip)]
    pub label: String,
}

/// What stands for all.
const ALL: &str = "*";
/// What stands for all that are not named.
const OTHERS: &str = "others";

pub(super) fn rows(report: &Report) -> Vec<Row> {
    let local = &report.facts.local;
    let mut rows = Vec::new();
    for (date, day) in &report.days {
        let mut row = Row {
            depth: 0,
            day: date.to_string(),
            screen: ALL.to_owned(),
            advert: ALL.to_owned(),
            from: None,
            until: None,
            sex: ALL.to_owned(),
            age: ALL.to_owned(),
            present: 0,
            looked: None,
            share: None,
            median: None,
            label: format!("{date}{}", report.mark(*date)),
        };
        match day {
            // That nothing may be told of a day is told, for a reader who misses it.
            Day::Withheld => {}
            Day::PresentOnly(present) => {
                row.present = *present;
                rows.push(row);
            }
            Day::Told { present, looked, median, screens } => {
                (row.present, row.looked, row.median) = (*present, Some(*looked), *median);
                row.share = Share::of(*looked, *present);
                let under = row.clone();
                rows.push(row);
                for screen in screens {
                    add(&mut rows, &under, screen, local);
                }
            }
        }
    }
    rows
}

fn add(rows: &mut Vec<Row>, above: &Row, group: &Group, local: &LocalTime) {
    let mut row = Row {
        depth: above.depth + 1,
        present: group.present,
        looked: Some(group.looked),
        share: group.share(),
        median: group.median,
        label: label(&group.key, group.level, local),
        ..above.clone()
    };
    let named = row.label.clone();
    match (group.level, &group.key) {
        (Level::Screen, _) => row.screen = named,
        (Level::Advert, _) => row.advert = named,
        (Level::Hour | Level::Quarter, Key::Time { from, until }) => {
            (row.from, row.until) = (Some(local.stamp(*from)), Some(local.stamp(*until)));
        }
        (Level::Hour | Level::Quarter, _) => {}
        (Level::Sex, _) => row.sex = named,
        (Level::Age, _) => row.age = named,
    }
    let under = row.clone();
    rows.push(row);
    for part in &group.parts {
        add(rows, &under, part, local);
    }
}

/// What a group is called among its neighbours.
pub(super) fn label(key: &Key, level: Level, local: &LocalTime) -> String {
    match key {
        Key::Screen(screen) => screen.to_string(),
        Key::Advert(advert) => advert.to_string(),
        Key::Time { from, until } => format!("{}–{}", local.clock(*from), local.clock(*until)),
        Key::Sex(sex) => sex.to_string(),
        Key::Age(age) => age.to_string(),
        Key::Others if level == Level::Screen => format!("{OTHERS} (screens)"),
        Key::Others if level == Level::Advert => format!("{OTHERS} (adverts)"),
        Key::Others => OTHERS.to_owned(),
    }
}

const COLUMNS: [&str; 15] = [
    "day",
    "screen",
    "advert",
    "from",
    "until",
    "sex",
    "age",
    "present",
    "looked",
    "share",
    "share-low",
    "share-high",
    "median",
    "median-low",
    "median-high",
];

/// As comma-separated values. Durations are the names of classes; what is not told is empty.
pub(super) fn as_csv(report: &Report) -> String {
    let share = |of: Option<f64>| of.map_or_else(String::new, |value| format!("{value:.4}"));
    let record = |row: &Row| -> [String; 15] {
        let interval = row.median.and_then(|median| median.interval);
        [
            row.day.clone(),
            plain(&row.screen),
            plain(&row.advert),
            row.from.clone().unwrap_or_default(),
            row.until.clone().unwrap_or_default(),
            row.sex.clone(),
            row.age.clone(),
            row.present.to_string(),
            row.looked.map_or_else(String::new, |looked| looked.to_string()),
            share(row.share.map(|share| share.value)),
            share(row.share.map(|share| share.low)),
            share(row.share.map(|share| share.high)),
            row.median.map_or_else(String::new, |median| median.class.to_string()),
            interval.map_or_else(String::new, |(low, _)| low.to_string()),
            interval.map_or_else(String::new, |(_, high)| high.to_string()),
        ]
    };
    let rows = report.rows();
    let rows = rows.iter().map(|row| csv::write(record(row).iter().map(String::as_str)));
    std::iter::once(csv::write(COLUMNS)).chain(rows).collect()
}

/// Text that no spreadsheet takes for a formula: names of adverts come from elsewhere.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}
