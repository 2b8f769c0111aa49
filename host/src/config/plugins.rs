//! `[plugins]`: which components look at the pictures.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::{CallMs, MemoryMib};

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
