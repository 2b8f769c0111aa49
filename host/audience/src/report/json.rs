//! The report as one JSON object.

use super::{Report, footnotes};

pub(super) fn write(report: &Report) -> String {
    let unfinished: Vec<String> = report.unfinished.iter().map(ToString::to_string).collect();
    let told = !unfinished.is_empty() && report.unfinished.iter().any(|date| report.days.contains_key(date));
    let object = serde_json::json!({
        "shop": report.facts.shop,
        "time-zone": report.facts.local.name(),
        "min-group": report.facts.min_group,
        "demographics": report.facts.demographics,
        "days": report.days.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "unfinished-days": unfinished,
        "holds-unfinished-days": told,
        "rows": report.rows(),
        "notes": footnotes(report),
    });
    // An object with text keys can be written.
    serde_json::to_string_pretty(&object).unwrap_or_default() + "\n"
}
