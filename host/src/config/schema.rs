//! The file as a whole, and its smaller tables.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluis_frame::Size;
use toml::Spanned;

use super::audience::Audience;
use super::camera::Camera;
use super::check;
use super::cloud::{ClockTrust, Cloud, Ledger, Residency, Root};
use super::deferred::Deferred;
use super::error::ConfigError;
use super::hours::{Hours, Schedule, ShopZone, Study};
use super::notice::Notice;
use super::number::{KeepFreeGib, RetentionHours, SegmentSeconds, StopBelowGib};
use super::plugins::Plugins;
use super::rights::Rights;
use super::service::Service;
use super::text::{Text, Wording};

/// The configuration of Sluis in one shop.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Config {
    /// Which shop this is.
    pub shop: Shop,
    /// The days of the study. Without it cameras see on any day.
    pub study: Option<Study>,
    /// Opening hours. Without them cameras see at any hour.
    pub hours: Option<Hours>,
    /// The cameras, each in a table `[[camera]]` of its own.
    #[serde(rename = "camera")]
    #[schemars(length(min = 1))]
    pub cameras: Vec<Camera>,
    /// Which components look at the pictures.
    #[serde(default)]
    pub plugins: Plugins,
    /// Counting who looks at screens. Off when nothing is said.
    pub audience: Option<Audience>,
    /// How recordings are cut.
    #[serde(default)]
    pub segment: Segment,
    /// Frames that the machine has no time for wait, sealed. Without it they are dropped, and counted.
    #[schemars(with = "Option<Deferred>")]
    pub deferred: Option<Spanned<Deferred>>,
    /// The program as it runs around the clock.
    #[serde(default)]
    pub service: Service,
    /// Where recordings are kept, and for how long.
    pub vault: Vault,
    /// Where copies go. Nothing leaves the machine when nothing is said.
    #[schemars(with = "Option<Cloud>")]
    pub cloud: Option<Spanned<Cloud>>,
    /// Where copies may lie.
    #[serde(default)]
    pub residency: Residency,
    /// Where everything that happens is written down.
    #[serde(default)]
    pub ledger: Ledger,
    /// What the public notice tells besides. Needed as soon as a camera films for real.
    #[schemars(with = "Option<Notice>")]
    pub notice: Option<Spanned<Notice>>,
    /// Days of the rights desk.
    #[serde(default)]
    pub rights: Rights,
    /// The text that it was read from, for errors that show only later.
    #[serde(skip)]
    source: Source,
}

/// A text and what errors call it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Source {
    name: String,
    text: String,
}

/// Which shop this is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Shop {
    /// A short name that never changes: every recording is bound to it. 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit.
    pub id: ShopId,
    /// The shop's name for people, as it will stand on the notice.
    pub name: Text<1, 200>,
    /// The time zone of its hours and days, by its IANA name; the machine's own when nothing is said.
    pub time_zone: Option<ShopZone>,
}

/// A short name of a shop: 1 to 48 characters of `a-z`, `0-9`, `-` and `_`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("pattern" = check::NAME))]
pub struct ShopId(String);

/// How recordings are cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Segment {
    /// Length of a segment in seconds. Each segment is sealed under a key of its own.
    #[serde(default)]
    pub seconds: SegmentSeconds,
}

/// Where recordings are kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Vault {
    /// The folder of sealed recordings and their index. It is made when it does not exist. A relative path counts from the folder of this file.
    pub dir: PathBuf,
    /// Hours from recording until the key is destroyed and the recording with it. More than 72 needs `retention-reason`.
    #[serde(default)]
    #[schemars(with = "Option<RetentionHours>")]
    pub retention_hours: Option<Spanned<RetentionHours>>,
    /// Why recordings are kept for longer than 72 hours, in a sentence that the shop will stand by. It goes on the notice.
    pub retention_reason: Option<Wording<10, 500>>,
    /// Where the root secret comes from, under which all keys are wrapped.
    #[serde(default)]
    pub root: Root,
    /// The file of the root secret; `root.key` in `dir` when nothing is said. Better elsewhere: on a disk that is not copied with the recordings.
    pub root_file: Option<PathBuf>,
    /// What is made of the machine's clock.
    #[serde(default)]
    pub clock: ClockTrust,
    /// Free disk below which local copies that the cloud has too make room, the oldest first, in GiB.
    #[serde(default)]
    pub keep_free_gib: KeepFreeGib,
    /// Free disk below which nothing more is recorded, in GiB. Less than `keep-free-gib`.
    #[serde(default)]
    #[schemars(with = "Option<StopBelowGib>")]
    pub stop_below_gib: Option<Spanned<StopBelowGib>>,
}

// === impl Config ===

impl Config {
    /// Reads a configuration. `name` is what errors call it: the path of the file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with line and column of the first thing that is wrong.
    pub fn from_str(name: &str, text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|e| ConfigError::from_toml(name, text, &e))?;
        config.source = Source { name: name.to_owned(), text: text.to_owned() };
        check::all(&config).map_err(|wrong| ConfigError::at(name, text, wrong))?;
        Ok(config)
    }

    /// Reads the configuration in `file`. Relative paths in it are made to count from the file's folder.
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str), and when the file cannot be read.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        Self::from_file_text(file, &text)
    }

    /// As [`read`](Self::read), of a file whose text is known already.
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str).
    pub fn from_file_text(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut config = Self::from_str(&file.display().to_string(), text)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        config.service.credentials_dir = config.service.credentials_dir.map(|dir| folder.join(dir));
        config.vault.dir = folder.join(&config.vault.dir);
        config.vault.root_file = config.vault.root_file.map(|file| folder.join(file));
        config.ledger.dir = config.ledger.dir.map(|dir| folder.join(dir));
        config.ledger.checkpoint_file = config.ledger.checkpoint_file.map(|file| folder.join(file));
        if let Some(notice) = config.notice.as_mut().map(Spanned::get_mut) {
            notice.dir = notice.dir.as_ref().map(|dir| folder.join(dir));
        }
        if let Some(cloud) = config.cloud.as_mut().map(Spanned::get_mut) {
            cloud.path = cloud.path.as_ref().map(|path| folder.join(path));
        }
        config.plugins.home = config.plugins.home.map(|home| folder.join(home));
        if let Some(registry) = config.plugins.registry.as_mut().map(Spanned::get_mut) {
            registry.path = registry.path.as_ref().map(|path| folder.join(path));
        }
        for camera in &mut config.cameras {
            camera.path = camera.path.as_ref().map(|path| folder.join(path));
        }
        Ok(config)
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether frames that there is no time for wait, and how.
    pub fn deferred(&self) -> Option<Deferred> {
        self.deferred.as_ref().map(|deferred| *deferred.as_ref())
    }

    /// Where copies go.
    pub fn cloud(&self) -> Option<&Cloud> {
        self.cloud.as_ref().map(Spanned::get_ref)
    }

    /// What the public notice tells besides.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref().map(Spanned::get_ref)
    }

    /// When cameras may see.
    pub fn schedule(&self) -> Schedule {
        Schedule::new(self.shop.time_zone.as_ref(), self.study.as_ref(), self.hours.as_ref())
    }

    /// The camera of this name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoCamera`].
    pub fn camera(&self, id: &str) -> Result<&Camera, ConfigError> {
        self.cameras.iter().find(|camera| camera.id().as_str() == id).ok_or_else(|| ConfigError::NoCamera {
            name: self.source.name.clone(),
            id: id.to_owned(),
            known: self.cameras.iter().map(|camera| format!("`{}`", camera.id())).collect::<Vec<_>>().join(", "),
        })
    }

    /// Checks what shows only once a camera is open: that its zones and exclusions lie in its pictures.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with line and column of the first that does not.
    pub fn check_zones(&self, camera: &Camera, size: Size) -> Result<(), ConfigError> {
        let Source { name, text } = &self.source;
        let id = camera.id().as_str();
        let zones = camera.zones.iter().map(|zone| zone.check_inside(id, size));
        let mut all = zones.chain(camera.exclusions.iter().map(|exclusion| exclusion.check_inside(id, size)));
        all.try_for_each(|inside| inside.map_err(|wrong| ConfigError::at(name, text, wrong)))
    }

    /// The JSON Schema of `sluis.toml`: what `docs/sluis.schema.json` publishes.
    pub fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self);
        schema.insert("title".to_owned(), "sluis.toml".into());
        schema.to_value()
    }
}

// === impl ShopId ===

impl ShopId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShopId {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if check::is_name(&name) {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{name}` cannot name a shop: use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit"
            ))
        }
    }
}

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl Segment ===

impl Segment {
    /// Length of a segment.
    pub fn length(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds.get()))
    }
}

// === impl Vault ===

impl Vault {
    /// How long recordings are kept.
    pub fn retention(&self) -> Duration {
        let hours = self.retention_hours.as_ref().map_or_else(RetentionHours::default, |hours| *hours.as_ref());
        Duration::from_secs(3600 * u64::from(hours.get()))
    }

    /// Free disk below which nothing more is recorded.
    pub fn stop_below(&self) -> StopBelowGib {
        self.stop_below_gib.as_ref().map_or_else(StopBelowGib::default, |gib| *gib.as_ref())
    }
}
