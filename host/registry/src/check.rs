//! What must hold in a manifest beyond the types of its fields.

use std::collections::BTreeSet;

use semver::Version;

use crate::manifest::{Component, Manifest, Sees};

/// Where something is wrong, as `components[1].world`, and what.
pub(crate) type Wrong = (String, String);

/// Names of components and models, as a regular expression.
pub(crate) const NAME: &str = "^[a-z0-9_-]{1,64}$";
/// Names of publishers, as a regular expression.
pub(crate) const PUBLISHER: &str = "^[a-z0-9][a-z0-9-]{0,31}$";
/// Versions, as a regular expression: a loose form of semver's.
pub(crate) const SEMVER: &str = r"^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$";
/// The contract and its version, as a regular expression.
pub(crate) const CONTRACT: &str = r"^sluis:stage@[0-9]+\.[0-9]+\.[0-9]+$";
/// The worlds of the contract, and what each is shown.
pub(crate) const WORLDS: [(&str, Sees); 4] = [
    ("privacy-filter", Sees::Raw),
    ("anonymisation-audit", Sees::Redacted),
    ("gesture-detector", Sees::Cleared),
    ("audience-meter", Sees::Raw),
];
/// Characters of a changelog.
const LONGEST_CHANGELOG: usize = 2000;

/// What must hold in any manifest, also in that of what is installed.
pub(crate) fn manifest(manifest: &Manifest) -> Result<(), Wrong> {
    if manifest.version != 1 {
        return Err(("version".into(), format!("this program reads version 1, not {}", manifest.version)));
    }
    names("components", manifest.components.iter().map(|c| &c.name))?;
    names("models", manifest.models.iter().map(|m| &m.name))?;
    for (i, part) in manifest.components.iter().enumerate() {
        component(part).map_err(|(field, why)| (format!("components[{i}].{field}"), why))?;
        for (j, detector) in part.detectors.iter().enumerate() {
            if let Some(model) = &detector.model
                && manifest.model(model).is_none()
            {
                let at = format!("components[{i}].detectors[{j}].model");
                return Err((at, format!("no model `{model}` is listed under `models`")));
            }
        }
    }
    for (i, model) in manifest.models.iter().enumerate() {
        for (field, text) in [("licence", &model.licence), ("family", &model.family), ("origin", &model.origin)] {
            plain(field, text, false).map_err(|(field, why)| (format!("models[{i}].{field}"), why))?;
        }
    }
    Ok(())
}

/// What must hold in a manifest that `publisher` publishes.
pub(crate) fn published(manifest: &Manifest, publisher: &str) -> Result<(), Wrong> {
    for (i, component) in manifest.components.iter().enumerate() {
        if component.publisher.as_deref() != Some(publisher) {
            let found = component.publisher.as_deref().unwrap_or("nobody");
            let why = format!("`{found}` is named, and it is `{publisher}` who publishes here");
            return Err((format!("components[{i}].publisher"), why));
        }
        if component.artefact.is_none() {
            let why = "what is published has the digest and size of the built component".to_owned();
            return Err((format!("components[{i}].artefact"), why));
        }
    }
    Ok(())
}

/// What must hold for one component; the field is named without its component.
pub(crate) fn component(component: &Component) -> Result<(), (&'static str, String)> {
    let Some((_, sees)) = WORLDS.iter().find(|(world, _)| *world == component.world) else {
        let known = WORLDS.map(|(world, _)| world).join(", ");
        return Err(("world", format!("`{}` is no world of this program; its worlds are {known}", component.world)));
    };
    if component.sees != *sees {
        return Err(("sees", format!("a component of the world {} sees {sees} frames", component.world)));
    }
    if let Err(error) = Version::parse(&component.version) {
        return Err(("version", format!("`{}` is no version as 1.2.3: {error}", component.version)));
    }
    let contract = component.contract.strip_prefix("sluis:stage@").map(Version::parse);
    if !matches!(contract, Some(Ok(_))) {
        let written = &component.contract;
        let remedy = Version::parse(written).map(|_| format!(": write `sluis:stage@{written}`")).unwrap_or_default();
        return Err(("contract", format!("`{written}` is no contract as sluis:stage@0.1.0{remedy}")));
    }
    if let Some(name) = &component.publisher
        && !is_publisher(name)
    {
        return Err(("publisher", format!("`{name}` {WRONG_PUBLISHER}")));
    }
    if !(1..=4096).contains(&component.limits.memory_mib) {
        return Err(("limits.memory-mib", format!("{} is not 1 to 4096", component.limits.memory_mib)));
    }
    if !(1..=60_000).contains(&component.limits.call_ms) {
        return Err(("limits.call-ms", format!("{} is not 1 to 60000", component.limits.call_ms)));
    }
    plain("licence", &component.licence, false)?;
    component.detectors.iter().try_for_each(|detector| plain("detectors", &detector.family, false))?;
    component.changelog.iter().try_for_each(|text| plain("changelog", text, true))?;
    let length = component.changelog.as_ref().map_or(0, |text| text.chars().count());
    if length > LONGEST_CHANGELOG {
        return Err(("changelog", format!("it has {length} characters, and {LONGEST_CHANGELOG} are allowed")));
    }
    Ok(())
}

/// What is wrong with a publisher's name that is none.
pub(crate) const WRONG_PUBLISHER: &str = "is not 1 to 32 characters of a-z, 0-9 and -, starting with a letter or digit, or is a name that The Update Framework uses itself";

/// Whether a publisher may be called so. It names a role, a folder and a file: not one of those that the framework uses itself.
pub(crate) fn is_publisher(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&name.len())
        && name.chars().all(plain)
        && !name.starts_with('-')
        && !["root", "targets", "snapshot", "timestamp"].contains(&name)
}

/// Whether a component or model may be called so: names become file names.
pub(crate) fn is_name(name: &str) -> bool {
    let alphabet = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (1..=64).contains(&name.len()) && name.chars().all(alphabet)
}

/// Text that does nothing to the terminal that shows it.
fn plain(field: &'static str, text: &str, lines: bool) -> Result<(), (&'static str, String)> {
    if text.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
        return Err((field, "the text has control characters".to_owned()));
    }
    Ok(())
}

/// What others wrote, as far as it can be shown: without control characters, and not without end.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(500).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Each name stands once.
fn names<'a>(list: &str, names: impl Iterator<Item = &'a String>) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    for (i, name) in names.enumerate() {
        let at = format!("{list}[{i}].name");
        if !is_name(name) {
            return Err((at, format!("`{name}` is not 1 to 64 characters of a-z, 0-9, - and _")));
        }
        if !seen.insert(name) {
            return Err((at, format!("`{name}` is listed twice")));
        }
    }
    Ok(())
}
