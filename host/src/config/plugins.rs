//! `[plugins]`: which components look at the pictures.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        Self { update: Update::default(), ..self.clone() }
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
