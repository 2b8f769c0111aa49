//! `[plugins]`: which components look at the pictures, where new ones come from, and what is granted to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluis_registry::{Asks, Place, Sees};
use toml::Spanned;

use super::check::Wrong;
use super::number::{CallMs, MemoryMib, PeopleFrames, SharePercent, UpdateMinutes};

/// Which components look at the pictures. Each is named as `plugins/registry.json` names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Plugins {
    /// The folder of installed components and models. A relative path counts from the folder of this file. The program's own folder when nothing
    /// is said.
    pub home: Option<PathBuf>,
    /// Names the regions that must be masked. What the host itself sees moving is masked whatever it answers.
    pub filter: String,
    /// Checks every masked picture. It should find faces in another way than the filter.
    pub audit: String,
    /// Detects what people do, in pictures that have passed the audit.
    pub gestures: Option<String>,
    /// Counts who looks at a screen, where `[audience]` and `[camera.audience]` switch that on: `audience-meter` when nothing is said.
    pub audience: Option<String>,
    /// What each chamber may use.
    pub limits: Limits,
    /// Where components of partners come from. Nothing is fetched when nothing is said. `sluis plugin pin` says whose registry it must be.
    #[schemars(with = "Option<Registry>")]
    pub registry: Option<Spanned<Registry>>,
    /// What is granted to components that come from a registry, each under its name. One that asks for more, or has no table here, is not installed.
    pub grants: BTreeMap<String, Grant>,
    /// How new versions come.
    pub update: Update,
}

/// How new versions of components come while cameras run: each is tried beside the one in force, on one camera and without any effect, and takes its place only if it is no
/// worse. `sluis rollout status` tells how that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Update {
    /// Whether the registry is looked at for new versions. Without, only what somebody installs is tried.
    pub automatic: bool,
    /// How often, in minutes.
    pub every_minutes: UpdateMinutes,
    /// What a version that is tried may use of one processor, in percent.
    pub share_percent: SharePercent,
    /// Frames with people in them that it must have been compared on.
    pub people_frames: PeopleFrames,
}

/// Where components of partners come from: one of `url`, `path` and `bucket`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Registry {
    /// The address of the folder on a web server that has `metadata` and `targets`.
    pub url: Option<String>,
    /// That folder itself, such as on a mounted disk. A relative path counts from the folder of this file.
    pub path: Option<PathBuf>,
    /// The bucket that it was uploaded to.
    pub bucket: Option<Bucket>,
}

/// A bucket with a registry in it, read through S3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Bucket {
    /// The server, such as `https://s3.example.nl`. Nothing said: Amazon's of the region.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// What the names of all objects begin with, such as `plugins/`.
    #[serde(default)]
    pub prefix: String,
    /// Whether the bucket stands in the path, not in the name of the host, as most servers but Amazon's want it.
    #[serde(default = "yes")]
    pub path_style: bool,
    /// The file with key id and secret, in one line `id:secret`, in the folder that `[service] credentials-dir` names or as systemd hands it over. To read is enough.
    #[serde(default = "registry")]
    pub credentials: String,
}

/// What is granted to the component of one name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Grant {
    /// Whose component it must be; whoever's when nothing is said.
    pub publisher: Option<String>,
    /// What data it is shown: `cleared` frames, `redacted` ones, or `raw` ones.
    pub sees: Sees,
    /// Memory in MiB, at the most.
    #[serde(default)]
    pub memory_mib: MemoryMib,
    /// Time for one frame, in milliseconds, at the most.
    #[serde(default)]
    pub call_ms: CallMs,
    /// The models that it may load, by name.
    #[serde(default)]
    pub models: BTreeSet<String>,
}

const fn yes() -> bool {
    true
}

fn registry() -> String {
    "registry".to_owned()
}

/// What each component may use for one camera, at the most; its manifest may ask for less. Whoever uses more has failed, and its frame is masked more strictly or blanked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Limits {
    /// Memory in MiB.
    pub memory_mib: MemoryMib,
    /// Time for one frame, in milliseconds.
    pub call_ms: CallMs,
}

// === impl Plugins ===

impl Plugins {
    /// The audience meter.
    pub fn audience(&self) -> &str {
        self.audience.as_deref().unwrap_or("audience-meter")
    }

    /// Without what concerns new versions only: under settings of which this is the same, the same components go on.
    #[must_use]
    pub fn at_work(&self) -> Self {
        Self { registry: None, grants: BTreeMap::new(), update: Update::default(), ..self.clone() }
    }

    /// What is granted to the component of this name.
    pub fn grant(&self, name: &str) -> Option<sluis_registry::Grant> {
        self.grants.get(name).map(Grant::granted)
    }

    /// That a registry has one place, and that it is one.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let Some(spanned) = &self.registry else { return Ok(()) };
        let wrong = |message: &str| {
            Err(Wrong {
                span: spanned.span(),
                message: message.to_owned(),
                advice: "give `[plugins.registry]` one of `url`, `path` and `bucket`".to_owned(),
            })
        };
        let Registry { url, path, bucket } = spanned.as_ref();
        if [url.is_some(), path.is_some(), bucket.is_some()].into_iter().filter(|given| *given).count() != 1 {
            return wrong("a registry is at one place");
        }
        match url.as_ref().map(|url| url.parse::<Place>()) {
            None | Some(Ok(Place::Web(_))) => Ok(()),
            Some(Ok(_)) => wrong("the `url` of a registry begins with `https://`"),
            Some(Err(error)) => wrong(&error.to_string()),
        }
    }
}

// === impl Grant ===

impl Grant {
    /// As the registry compares it.
    fn granted(&self) -> sluis_registry::Grant {
        let most = Asks {
            sees: self.sees,
            memory_mib: self.memory_mib.get(),
            call_ms: self.call_ms.get(),
            models: self.models.clone(),
        };
        sluis_registry::Grant { publisher: self.publisher.clone(), most }
    }
}

impl Default for Plugins {
    fn default() -> Self {
        Self {
            home: None,
            filter: "face-blur".to_owned(),
            audit: "anonymisation-audit".to_owned(),
            gestures: None,
            audience: None,
            limits: Limits::default(),
            registry: None,
            grants: BTreeMap::new(),
            update: Update::default(),
        }
    }
}

// === impl Update ===

impl Default for Update {
    fn default() -> Self {
        Self {
            automatic: true,
            every_minutes: UpdateMinutes::default(),
            share_percent: SharePercent::default(),
            people_frames: PeopleFrames::default(),
        }
    }
}

// === impl Limits ===

impl Limits {
    /// Memory in bytes.
    pub fn memory_bytes(self) -> usize {
        self.memory_mib.get() as usize * (1 << 20)
    }

    /// Time for one frame.
    pub fn call(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::from(self.call_ms.get()))
    }
}
