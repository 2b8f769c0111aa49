//! `sluis plugin`: new, test, bench, watch, try. What plugin authors do before anything is installed.

mod bench;
mod test;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, WrapErr, miette};
use serde_json::{Map, Value};
use sluis_componentize::{BuildRequest, Built, build};
use sluis_frame::{Calibration, Pose};
use sluis_stage::{Engine, EngineSettings, Models, Mount, Plugin, World};
use sluis_workbench::create::{self, create};
use sluis_workbench::{Camera, Footage, View};

use super::plugin::read;
use super::{Outcome, complain, say};
use crate::config;

pub(super) use bench::{Bench, run as bench};
pub(super) use test::{Test, Watch, run as test, watch};
pub(super) use trial::{Try, run as try_out};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sluis plugin new till-screens --world privacy-filter\n  cd till-screens && cargo test && sluis plugin test --bless"
)]
pub(super) struct New {
    /// The name of the crate and of the component: a-z, 0-9, - and _.
    name: String,
    /// What it is to do.
    #[arg(long, value_enum, value_name = "WORLD")]
    world: WorldName,
    /// The folder to write. Default: one of the plugin's name, here.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// The folder of the plugin SDK. Default: of the checkout around the new folder, around this one, or around this program.
    #[arg(long, value_name = "DIR", env = "SLUIS_SDK")]
    sdk: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WorldName {
    /// Names what must be masked in raw frames.
    PrivacyFilter,
    /// Looks for what the filter missed, in masked frames.
    AnonymisationAudit,
    /// Tells what people do, from cleared frames.
    GestureDetector,
    /// Counts who looks at a screen, from raw frames.
    AudienceMeter,
}

/// A plugin's crate, and what it is shown.
#[derive(Debug, Args)]
pub(super) struct Subject {
    /// The plugin's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// A recording: an MP4 file (H.264), or a folder of pictures, with depth or without. Default: a drawn shop.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["seed", "view"])]
    footage: Option<PathBuf>,
    /// The seed of the drawn shop: another one is another shop with other people.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the camera hangs in the drawn shop. Default: oblique; for an audience meter, screen.
    #[arg(long, value_enum, value_name = "VIEW")]
    view: Option<ViewName>,
    /// How many frames at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    frames: Option<u64>,
    #[command(flatten)]
    given: Given,
}

/// What an installer would give a component.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// What an installer would write for the component: a JSON object, or a file with one. A gesture detector is told zones besides: those of the drawn shop, or on a try those
    /// of each camera in --config.
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Where the camera stands and looks, as `[camera.pose]` in a shop's configuration: `{"position": [0, 0, 2.4], "tilt": 32}`. The component is told how high the camera hangs
    /// and how it is tilted. Default: unknown; on a try, as in --config.
    #[arg(long, value_name = "JSON", value_parser = pose_of)]
    pose: Option<Pose>,
    /// How directions become pixels, as `[camera.lens]` in a shop's configuration: `{"fx": 605, "fy": 605, "cx": 320, "cy": 240}`. Default: unknown; on a try, as in --config.
    #[arg(long, value_name = "JSON", value_parser = lens_of)]
    lens: Option<Calibration>,
    /// A model that it may load: an installed one, or a file under this name, as to test a new version of a model. Those that the crate declares are there when they are installed.
    #[arg(long = "model", value_name = "NAME[=FILE]")]
    models: Vec<ModelName>,
}

/// A model on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ModelName {
    name: String,
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ViewName {
    /// High, looking along the shelf.
    Oblique,
    /// Straight down.
    Overhead,
    /// On top of the advertising screen.
    Screen,
}

/// Where Cargo keeps what it compiles for plugins, unless something else is said: the standard library is compiled once for all of them.
const BUILD_VARIABLE: &str = "SLUIS_BUILD_DIR";

pub(super) fn new(arguments: &New) -> miette::Result<Outcome> {
    let folder = arguments.to.clone().unwrap_or_else(|| PathBuf::from(&arguments.name));
    let new = create::New {
        name: arguments.name.clone(),
        world: arguments.world.into(),
        folder: folder.clone(),
        sdk: arguments.sdk.clone(),
    };
    for file in create(&new).into_diagnostic()? {
        say(&format!("wrote  {}", folder.join(file).display()));
    }
    let folder = folder.display();
    say(&format!(
        "\nNow:\n  cd {folder}\n  cargo test          tests it natively, on frames made by hand\n  sluis plugin test   runs the component in the sandbox, on a drawn shop; --sheet FILE.png shows what it found, --bless writes its answers as the golden ones\n  \
         sluis plugin watch  does so at every change\nregistry.json is for `sluis registry add`: put your licence and limits there, and with each release its version and what is new"
    ));
    Ok(Outcome::Done)
}

/// The component of a plugin's crate, built; or what the program ends with.
fn built(folder: &Path) -> miette::Result<Result<Built, Outcome>> {
    let request = BuildRequest {
        crate_dir: folder.to_owned(),
        target_dir: build_folder(folder),
        out_dir: folder.join("target/components"),
    };
    tell_of_first_build(&request.target_dir);
    match build(&request) {
        Ok(built) => Ok(Ok(built)),
        Err(error @ sluis_componentize::Error::NoToolchain { .. }) => {
            complain(&error.to_string());
            Ok(Err(Outcome::NoToolchain))
        }
        Err(error) => Err(error).into_diagnostic(),
    }
}

/// The first build takes long, and says nothing until it is over.
pub(super) fn tell_of_first_build(target_dir: &Path) {
    if !target_dir.exists() {
        complain(&format!(
            "compiling for the first time, into {}: with the standard library and the SDK that takes some minutes; later builds take seconds",
            target_dir.display()
        ));
    }
}

/// Where `$SLUIS_BUILD_DIR` says.
pub(super) fn named_build_folder() -> Option<PathBuf> {
    variable(BUILD_VARIABLE)
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// `$SLUIS_BUILD_DIR`, else the user's cache, else within the crate.
pub(super) fn build_folder(crate_dir: &Path) -> PathBuf {
    let cache = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let users = || Some(cache().filter(|cache| cache.is_absolute())?.join("sluis/build"));
    named_build_folder().or_else(users).unwrap_or_else(|| crate_dir.join("target/components/build"))
}

/// The component in a sandbox with these models.
fn loaded(name: &str, file: &Path, models: Models) -> miette::Result<Plugin> {
    loaded_from(name, &read(file)?, models)
}

fn loaded_from(name: &str, wasm: &[u8], models: Models) -> miette::Result<Plugin> {
    let engine = Engine::new(EngineSettings { cache: None, models }).into_diagnostic()?;
    engine.load(name, wasm).into_diagnostic()
}

fn progress(hidden: bool, frames: u64) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} frames {elapsed}");
    ProgressBar::new(frames).with_style(style.expect("the template is well formed"))
}

// === impl Subject ===

impl Subject {
    /// The footage that was named; `None` when none was. Its path is told from the plugin's folder where it lies in it, so that golden answers go with it.
    fn named(&self, world: World) -> miette::Result<Option<Footage>> {
        let frames = self.frames.unwrap_or(Footage::FRAMES);
        if let Some(path) = &self.footage {
            let found = |path: &Path| {
                fs::canonicalize(path).into_diagnostic().wrap_err_with(|| format!("could not find {}", path.display()))
            };
            let (path, folder) = (found(path)?, found(&self.folder)?);
            let path = path.strip_prefix(&folder).map_or(path.clone(), Path::to_owned);
            return Ok(Some(Footage::Recording { path, frames }));
        }
        if self.seed.is_none() && self.view.is_none() && self.frames.is_none() {
            return Ok(None);
        }
        Ok(Some(Footage::Synthetic { seed: self.seed.unwrap_or(1), view: self.view(world), frames }))
    }

    /// The footage that was named, or the drawn shop.
    fn or_usual(&self, world: World) -> miette::Result<Footage> {
        Ok(self.named(world)?.unwrap_or_else(|| Footage::usual(self.view(world))))
    }

    fn view(&self, world: World) -> View {
        match self.view {
            Some(ViewName::Oblique) => View::Oblique,
            Some(ViewName::Overhead) => View::Overhead,
            Some(ViewName::Screen) => View::Screen,
            None if world == World::AudienceMeter => View::Screen,
            None => View::Oblique,
        }
    }
}

// === impl Given ===

impl Given {
    /// The settings that were given.
    fn settings(&self) -> miette::Result<Option<Map<String, Value>>> {
        self.settings.as_deref().map(settings).transpose()
    }

    /// What is said of the camera.
    fn camera(&self) -> Camera {
        Camera { pose: self.pose, lens: self.lens }
    }

    /// The models, and the names of those that it may load: those that were named, and those of `declared` that are installed. What is declared and not there is complained of; what
    /// is named and not declared is refused, where it is known what is.
    fn models(&self, declared: Option<&[String]>, home: Option<PathBuf>) -> miette::Result<(Models, Vec<String>)> {
        let (mut models, mut granted) = (Models::new(), Vec::new());
        let is_declared = |model: &&ModelName| declared.is_none_or(|declared| declared.contains(&model.name));
        if let Some(ModelName { name, .. }) = self.models.iter().find(|model| !is_declared(model)) {
            let declared = declared.unwrap_or_default();
            let known = if declared.is_empty() { "none".to_owned() } else { declared.join(", ") };
            return Err(miette!(
                help = "`models` under `[package.metadata.sluis]` in its Cargo.toml says which it may load",
                "the plugin declares no model `{name}`; it declares: {known}"
            ));
        }
        let declared = declared.unwrap_or_default();
        let named = |name: &String| self.models.iter().any(|model| model.name == *name);
        let declared = declared.iter().filter(|name| !named(name));
        let declared: Vec<ModelName> = declared.map(|name| ModelName { name: name.clone(), file: None }).collect();
        if self.models.is_empty() && declared.is_empty() {
            return Ok((models, granted));
        }
        let home = super::home(home)?;
        for (model, must) in self.models.iter().map(|m| (m, true)).chain(declared.iter().map(|m| (m, false))) {
            let ModelName { name, file } = model;
            let known = home.manifest().into_diagnostic()?.models.into_iter().find(|known| known.name == *name);
            let bytes = match (file, known.filter(|_| home.has_model(name))) {
                (Some(file), _) => read(file)?,
                (None, Some(known)) => home.read_model(&known).into_diagnostic()?,
                (None, None) if must => {
                    return Err(miette!(
                        help = "`sluis model ls` shows what is; a file of your own: `--model NAME=FILE`",
                        "the model `{name}` is not installed"
                    ));
                }
                (None, None) => {
                    complain(&format!(
                        "the model `{name}` is declared and not installed: the plugin runs without it, as it would in a shop (`--model {name}=FILE` gives it one)"
                    ));
                    continue;
                }
            };
            models.insert(name, bytes);
            granted.push(name.clone());
        }
        Ok((models, granted))
    }
}

/// A JSON object, or a file with one.
fn settings(given: &str) -> miette::Result<Map<String, Value>> {
    let text = if given.trim_start().starts_with('{') {
        given.to_owned()
    } else {
        fs::read_to_string(given).into_diagnostic().wrap_err_with(|| format!("could not read {given}"))?
    };
    serde_json::from_str(&text)
        .map_err(|e| sluis_workbench::Error::Settings { reason: e.to_string() })
        .into_diagnostic()
}

/// A pose as in a configuration.
fn pose_of(text: &str) -> Result<Pose, String> {
    let pose: config::Pose = serde_json::from_str(text)
        .map_err(|e| format!("a pose is as {{\"position\": [0, 0, 2.4], \"tilt\": 32}}, in metres and degrees: {e}"))?;
    let pose = Pose::from(pose);
    if Mount::of(&pose).is_none() {
        return Err(
            "a camera hangs above the floor: let the third number of `position` be above 0, in metres".to_owned()
        );
    }
    Ok(pose)
}

/// A lens as in a configuration.
fn lens_of(text: &str) -> Result<Calibration, String> {
    let lens: config::Lens = serde_json::from_str(text)
        .map_err(|e| format!("a lens is as {{\"fx\": 605, \"fy\": 605, \"cx\": 320, \"cy\": 240}}, in pixels: {e}"))?;
    lens.check()?;
    Ok(lens.into())
}

// === impl ModelName ===

impl FromStr for ModelName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) || file.is_some_and(str::is_empty) {
            return Err("a model is NAME, or NAME=FILE; a name has a-z, 0-9, - and _".to_owned());
        }
        Ok(Self { name: name.to_owned(), file: file.map(PathBuf::from) })
    }
}

// === impl WorldName ===

impl From<WorldName> for World {
    fn from(name: WorldName) -> Self {
        match name {
            WorldName::PrivacyFilter => Self::PrivacyFilter,
            WorldName::AnonymisationAudit => Self::AnonymisationAudit,
            WorldName::GestureDetector => Self::GestureDetector,
            WorldName::AudienceMeter => Self::AudienceMeter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_a_name_or_a_name_and_a_file() {
        let model = |text: &str| text.parse::<ModelName>();
        assert_eq!(model("yunet").unwrap(), ModelName { name: "yunet".into(), file: None });
        assert_eq!(model("yunet=a=b.onnx").unwrap(), ModelName { name: "yunet".into(), file: Some("a=b.onnx".into()) });
        for wrong in ["", "=a", "yunet=", "../x", "A"] {
            assert!(model(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pose_and_lens_are_those_of_a_configuration() {
        let pose = Pose { position: [0.0, 0.0, 2.4], pan: 0.0, tilt: 32.0, roll: 0.0 };
        assert_eq!(pose_of(r#"{"position": [0, 0, 2.4], "tilt": 32}"#).unwrap(), pose);
        assert!(pose_of(r#"{"position": [0, 0, -1], "tilt": 32}"#).unwrap_err().contains("above the floor"));
        assert!(pose_of(r#"{"height": 2.4}"#).unwrap_err().contains("unknown field `height`"));
        let lens = Calibration { fx: 605.0, fy: 605.0, cx: 320.0, cy: 240.0 };
        assert_eq!(lens_of(r#"{"fx": 605, "fy": 605, "cx": 320, "cy": 240}"#).unwrap(), lens);
        assert!(lens_of(r#"{"fx": 0, "fy": 605, "cx": 320, "cy": 240}"#).unwrap_err().contains("above 0"));
    }

    #[test]
    fn settings_are_an_object() {
        assert_eq!(settings(r#" {"a": 1}"#).unwrap()["a"], 1);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.json");
        fs::write(&file, "[1]").unwrap();
        let error = settings(file.to_str().unwrap()).unwrap_err().to_string();
        assert!(error.contains("JSON object"), "{error}");
    }
}
