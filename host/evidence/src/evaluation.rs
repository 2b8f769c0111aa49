//! Reports of evaluations: whether what was measured is what is at work.

use std::path::Path;

use serde::Deserialize;
use sluis_evaluate::Measured;

use crate::error::Error;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// How well faces are hidden.
    Privacy,
    /// How well gestures are detected.
    Gestures,
}

/// What of a report is looked at.
#[derive(Debug, Deserialize)]
struct Report {
    components: Vec<Measured>,
    total: serde_json::Value,
    clips: Option<Vec<serde_json::Value>>,
    sources: Option<Vec<serde_json::Value>>,
}

/// Reads what `sluis evaluate … --json` has printed, and compares the components that it measured with those that are at work, by all that they are: code and models.
///
/// # Errors
///
/// [`Error::NoReport`], also of a report without digests; [`Error::OtherComponents`].
pub fn evaluation(path: &Path, text: &[u8], at_work: &[Measured]) -> Result<About, Error> {
    let no = |why: &str| Error::NoReport { path: path.to_owned(), why: why.to_owned() };
    let report: Report = serde_json::from_slice(text).map_err(|error| no(&error.to_string()))?;
    let about = match (&report.clips, &report.sources) {
        (Some(_), None) if report.total.is_object() => About::Privacy,
        (None, Some(_)) if report.total.is_array() => About::Gestures,
        _ => return Err(no("it has neither clips nor sources")),
    };
    let needed: &[&str] = match about {
        About::Privacy => &["privacy-filter", "anonymisation-audit"],
        About::Gestures => &["privacy-filter", "anonymisation-audit", "gesture-detector"],
    };
    if let Some(world) = needed.iter().find(|world| !report.components.iter().any(|measured| measured.world == **world))
    {
        return Err(no(&format!("it does not say which component of the world {world} was measured")));
    }
    let other = |measured: &&Measured| !at_work.contains(measured);
    if let Some(measured) = report.components.iter().find(other) {
        let instead = at_work.iter().find(|working| working.world == measured.world);
        return Err(Error::OtherComponents {
            path: path.to_owned(),
            measured: named(measured),
            at_work: instead.map_or_else(|| "no component of its world".to_owned(), named),
        });
    }
    Ok(about)
}

fn named(component: &Measured) -> String {
    let Measured { name, version, sha256, model, .. } = component;
    let model = model
        .as_ref()
        .map_or_else(|| "no model".to_owned(), |model| format!("{} (SHA-256 {})", model.name, model.sha256));
    format!("{name} {version} (SHA-256 {sha256}) with {model}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluis_evaluate::MeasuredModel;

    use super::*;

    fn component(world: &str, digit: &str) -> Measured {
        let model = MeasuredModel { name: "net".to_owned(), sha256: "0".repeat(64) };
        Measured {
            name: format!("a-{world}"),
            world: world.to_owned(),
            version: "1.0.0".to_owned(),
            sha256: digit.repeat(64),
            model: Some(model),
        }
    }

    fn read(report: &serde_json::Value) -> Result<About, Error> {
        let at_work = [component("privacy-filter", "1"), component("anonymisation-audit", "2")];
        evaluation(Path::new("report.json"), report.to_string().as_bytes(), &at_work)
    }

    #[test]
    fn a_report_of_what_is_at_work_goes_in() {
        let components = [component("privacy-filter", "1"), component("anonymisation-audit", "2")];
        let report = json!({ "filter": "f", "components": components, "clips": [], "total": {} });
        assert_eq!(read(&report).unwrap(), About::Privacy);
    }

    #[test]
    fn a_report_of_other_components_or_models_is_refused_and_named() {
        let (filter, audit) = (component("privacy-filter", "1"), component("anonymisation-audit", "2"));
        let other_model = Measured { model: None, ..filter.clone() };
        for other in [component("privacy-filter", "3"), other_model] {
            let error = read(&json!({ "components": [other, audit], "clips": [], "total": {} })).unwrap_err();
            assert!(matches!(error, Error::OtherComponents { .. }), "{error}");
            assert!(error.to_string().contains(&"1".repeat(64)), "{error}");
        }
        let gestures = [filter, audit, component("gesture-detector", "4")];
        let error = read(&json!({ "components": gestures, "sources": [], "total": [] })).unwrap_err();
        assert!(error.to_string().contains("no component of its world"), "{error}");
    }

    #[test]
    fn a_report_that_does_not_say_what_was_measured_is_none() {
        let filter = component("privacy-filter", "1");
        for report in [
            json!({ "clips": [], "total": {} }),
            json!({ "components": [filter], "clips": [], "total": {} }),
            json!({ "components": [], "total": {} }),
            json!([]),
        ] {
            assert!(matches!(read(&report), Err(Error::NoReport { .. })), "{report}");
        }
    }
}
