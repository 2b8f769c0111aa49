//! `[[camera]]`: one camera.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluis_camera::rtsp;
use sluis_camera::synthetic::{self, Preset, Shop};
use sluis_frame::{Calibration, CameraId, Rgb, Style};
use toml::Spanned;

use super::audience::{Keep, Screen};
use super::check;
use super::text::{Text, Wording};
use super::zone::{Cuboid, Exclusion, Lens, Place, Pose, Zone};

/// One camera.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Camera {
    /// A short name, different for every camera. 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit.
    #[schemars(with = "String", extend("pattern" = check::NAME))]
    pub id: Spanned<CameraId>,
    /// What it looks at, in a few words. It goes on the notice.
    pub what: Option<Wording<1, 200>>,
    /// What kind of camera it is.
    pub driver: Driver,
    /// The recording of a `file` camera: an MP4 file with H.264, a folder of PNG or JPEG pictures with or without depth, or one picture. A relative path
    /// counts from the folder of this file.
    pub path: Option<PathBuf>,
    /// What a `synthetic` camera draws.
    #[serde(default)]
    pub synthetic: Synthetic,
    /// The stream of an `rtsp` camera: `rtsp://HOST[:PORT]/PATH`, without name and password.
    #[schemars(with = "Option<String>")]
    pub url: Option<rtsp::Address>,
    /// The name of the file that holds the `rtsp` camera's name and password. See `[service] credentials-dir`.
    #[schemars(with = "Option<String>", extend("pattern" = check::NAME))]
    pub credentials: Option<Secret>,
    /// The device of a `v4l2` camera: `/dev/v4l/by-id/…`, which stays the same, or `/dev/video0`.
    pub device: Option<PathBuf>,
    /// The serial number of a `realsense` camera, where there is more than one.
    pub serial: Option<Text<1, 64>>,
    /// The size of the pictures of a `v4l2` or `realsense` camera; the camera's own choice when nothing is said.
    pub size: Option<PictureSize>,
    /// How fast a recording is played.
    #[serde(default)]
    pub pace: Pace,
    /// Whether a recording begins again when it is over: for rehearsals.
    #[serde(default)]
    pub repeat: bool,
    /// Pictures per second of a folder of pictures, 10 when nothing is said, or of a `v4l2` or `realsense` camera, about 30 when nothing is said; above 0 and at most 1000. A
    /// video has its own rate.
    #[schemars(with = "Option<f64>", extend("exclusiveMinimum" = 0, "maximum" = 1000))]
    pub pictures_per_second: Option<Spanned<f64>>,
    /// How much is masked at the least.
    #[serde(default)]
    pub mode: Mode,
    /// How masked pixels are destroyed.
    #[serde(default)]
    pub mask: Mask,
    /// What is kept of its pictures.
    #[serde(default)]
    pub keep: Keep,
    /// Counts who looks at the screen that this camera belongs to. Needs the table `[audience]`.
    pub audience: Option<Screen>,
    /// The parts of the shop that gestures are told of, each in a table `[[camera.zone]]` of its own.
    #[serde(default, rename = "zone")]
    pub zones: Vec<Zone>,
    /// Parts of its picture that are black before anything looks at them, each in a table `[[camera.exclusion]]` of its own: a staff door, a window to the street.
    #[serde(default, rename = "exclusion")]
    pub exclusions: Vec<Exclusion>,
    /// Where the camera stands, for positions on the floor and zones in space.
    pub pose: Option<Pose>,
    /// How the camera maps directions to pixels, when it does not say so itself.
    pub lens: Option<Lens>,
    /// Settings for components at this camera: a table for each, under the component's name. What may stand there says the component.
    #[serde(default)]
    pub settings: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
}

/// What kind of camera it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub enum Driver {
    /// A recording, played as if it were a camera.
    File,
    /// A drawn shop with depth, for trying things out: nobody is in it.
    Synthetic,
    /// A camera in the network, with H.264 over RTSP.
    Rtsp,
    /// A USB or built-in camera. The program must be built with the feature `v4l2`.
    V4l2,
    /// A RealSense camera with depth. The program must be built with the feature `realsense`.
    Realsense,
}

/// The name of a file with credentials: as names of cameras.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(String);

/// A size of pictures, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct PictureSize {
    /// From left to right.
    #[schemars(range(min = 16, max = 8192))]
    pub width: u32,
    /// From top to bottom.
    #[schemars(range(min = 16, max = 8192))]
    pub height: u32,
}

/// What a `synthetic` camera draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(inline)]
#[non_exhaustive]
pub struct Synthetic {
    /// Everything that is left to chance follows from this: the same seed draws the same shop and the same people.
    pub seed: u64,
    /// Where the camera hangs.
    pub view: View,
    /// Seconds until it ends; without end when nothing is said.
    pub seconds: Option<u32>,
}

/// Where a synthetic camera hangs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum View {
    /// High, looking along the shelf.
    #[default]
    Oblique,
    /// Straight down, over the front of the shelf.
    Overhead,
    /// On top of the advertising screen.
    Screen,
}

/// How fast a recording is played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Pace {
    /// At its own speed.
    #[default]
    RealTime,
    /// As fast as the machine can.
    AsFastAsPossible,
}

/// How much is masked at the least. Each mode masks all that the ones before it mask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Mode {
    /// What the privacy filter finds, and the heads of all who move.
    #[default]
    Heads,
    /// Whole persons as well.
    Persons,
    /// Everything that moves as well.
    EverythingThatMoves,
}

/// How masked pixels are destroyed. None of the ways can be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Mask {
    /// What is put in their place.
    #[serde(default)]
    pub style: MaskStyle,
    /// The colour of `fill`, as six hexadecimal digits: red, green, blue. Black when nothing is said.
    #[schemars(with = "Option<Colour>")]
    pub colour: Option<Spanned<Colour>>,
}

/// What is put in the place of masked pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum MaskStyle {
    /// One colour: nothing of the picture is left.
    #[default]
    Fill,
    /// At most 4 cells across, each of its average colour.
    Pixelate,
    /// The same 4 cells, interpolated: looks like a blur and holds no more.
    Blur,
}

/// A colour as six hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^[0-9a-fA-F]{6}$"))]
pub struct Colour(pub Rgb);

// === impl Camera ===

impl Camera {
    /// Whether it films what is there now, and not a recording or a drawing.
    pub fn is_real(&self) -> bool {
        match self.driver {
            Driver::Rtsp | Driver::V4l2 => true,
            // With a path it plays a recording.
            Driver::Realsense => self.path.is_none(),
            Driver::File | Driver::Synthetic => false,
        }
    }

    /// Its name.
    pub fn id(&self) -> &CameraId {
        self.id.as_ref()
    }

    /// The settings of the audience meter called `component`, with the model for classes of age and sex when that is switched on. Without the switch there is no such
    /// model in them, whatever the installer wrote.
    pub fn audience_settings(&self, component: &str, model: Option<&str>) -> String {
        let mut settings = self.settings.get(component).cloned().unwrap_or_default();
        let demographics = settings.remove("demographics");
        if let Some(model) = model {
            // What else belongs to the model (the size of its input) is the installer's.
            let mut named = demographics.and_then(|value| value.as_object().cloned()).unwrap_or_default();
            named.insert("model".to_owned(), model.into());
            settings.insert("demographics".to_owned(), named.into());
        }
        serde_json::Value::Object(settings).to_string()
    }

    /// The settings of one component at this camera, as the JSON object that its chamber is made with; `{}` when there are none.
    pub fn settings_of(&self, component: &str) -> String {
        json(&self.settings.get(component).cloned().unwrap_or_default())
    }

    /// The settings of a gesture detector at this camera: as [`settings_of`](Self::settings_of), and its [`place`](Self::place), under `zones`, `pose` and `lens`.
    pub fn gesture_settings(&self, component: &str, calibration: Option<Calibration>) -> String {
        let mut settings = self.settings.get(component).cloned().unwrap_or_default();
        self.place(calibration).tell(&mut settings);
        json(&settings)
    }

    /// Where a zone lies in the picture, as [`Zone::outline`] says; `None` also when there is no such zone. `calibration` as in [`place`](Self::place).
    pub fn outline(&self, zone: &str, calibration: Option<Calibration>) -> Option<Vec<Vec<[f64; 2]>>> {
        if let Some(zone) = self.zones.iter().find(|known| known.id() == zone) {
            let lens = self.lens.map(Calibration::from).or(calibration);
            return zone.outline(lens, self.pose.map(Into::into));
        }
        // The drawn shop has zones of its own.
        let shop = (self.driver == Driver::Synthetic && self.zones.is_empty()).then(|| self.synthetic.shop())?;
        let drawn = shop.zones().iter().find(|known| known.id == zone)?;
        let cuboid = Cuboid { min: drawn.min.map(f64::from), max: drawn.max.map(f64::from) };
        cuboid.outline(shop.lens(), shop.pose())
    }

    /// Whether there is such a zone.
    pub fn has_zone(&self, zone: &str) -> bool {
        let drawn = self.driver == Driver::Synthetic && self.zones.is_empty();
        self.zones.iter().any(|known| known.id() == zone)
            || drawn && self.synthetic.shop().zones().iter().any(|known| known.id == zone)
    }

    /// What is where before the camera. `calibration` is what the camera itself says of its lens; the installer's word counts more.
    pub fn place(&self, calibration: Option<Calibration>) -> Place {
        let zones = self.zones.iter().map(Zone::told).collect();
        let lens = self.lens.map(Calibration::from).or(calibration);
        match (self.driver, self.zones.is_empty()) {
            // The drawn shop knows where its zones are.
            (Driver::Synthetic, true) => Place::of_shop(&self.synthetic.shop()),
            _ => Place { zones, lens, pose: self.pose.map(Into::into) },
        }
    }
}

fn json(settings: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(settings).expect("a JSON object with text keys can be written")
}

// === impl Secret ===

impl Secret {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Secret {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        // It becomes a file's name: no way out of the folder may be in it.
        if check::is_name(&name) {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{name}` cannot name credentials: use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit"
            ))
        }
    }
}

// === impl Synthetic ===

impl Synthetic {
    /// The shop that is drawn.
    pub fn shop(&self) -> Shop {
        let preset = match self.view {
            View::Oblique => Preset::Oblique,
            View::Overhead => Preset::Overhead,
            View::Screen => Preset::Screen,
        };
        let length = self.seconds.map(|seconds| Duration::from_secs(seconds.into()));
        let settings = synthetic::Settings { preset, length, ..synthetic::Settings::seeded(self.seed) };
        Shop::new(settings).expect("size and number of people are the usual ones")
    }
}

// === impl Pace ===

impl From<Pace> for sluis_camera::Pace {
    fn from(pace: Pace) -> Self {
        match pace {
            Pace::RealTime => Self::RealTime,
            Pace::AsFastAsPossible => Self::AsFastAsPossible,
        }
    }
}

// === impl Mode ===

impl From<Mode> for sluis_guard::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Heads => Self::Heads,
            Mode::Persons => Self::Persons,
            Mode::EverythingThatMoves => Self::EverythingThatMoves,
        }
    }
}

// === impl Mask ===

impl Mask {
    /// How to paint.
    pub fn style(&self) -> Style {
        match self.style {
            MaskStyle::Fill => Style::Fill(self.colour.as_ref().map_or(Rgb::BLACK, |colour| colour.as_ref().0)),
            MaskStyle::Pixelate => Style::Pixelate,
            MaskStyle::Blur => Style::Blur,
        }
    }
}

// === impl Colour ===

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut bytes = [0; 3];
        hex::decode_to_slice(&text, &mut bytes)
            .map_err(|_| format!("`{text}` is not a colour: write six hexadecimal digits, such as \"1a2b3c\""))?;
        let [red, green, blue] = bytes;
        Ok(Self(Rgb(red, green, blue)))
    }
}
