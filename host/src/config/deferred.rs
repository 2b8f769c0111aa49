//! `[deferred]`: what a machine that is too slow does with frames.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::{DeferredGib, DeferredHours};

/// Frames that the machine has no time for wait on its disk instead of being dropped, and are masked and audited later: at a quieter hour, or when the shop is closed.
/// They wait as raw pictures, each sealed under a key that exists only in the memory of the process that sees, so that whatever ends that process destroys them. This is the
/// one exception to "a raw picture lives in memory only", and the notice says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Deferred {
    /// Hours that a frame may wait. Then its key is destroyed, and the frame counts as dropped.
    pub hours: DeferredHours,
    /// Disk that the waiting frames of one camera may take, in GiB. When it is full the oldest are dropped. (640x480 at 10 pictures a second takes 2 to 4 GiB an hour.)
    #[serde(default)]
    pub gib_per_camera: DeferredGib,
}

// === impl Deferred ===

impl Deferred {
    /// How long a frame may wait.
    pub fn patience(self) -> Duration {
        Duration::from_secs(3600 * u64::from(self.hours.get()))
    }

    /// Disk for one camera, in bytes.
    pub fn bytes(self) -> u64 {
        u64::from(self.gib_per_camera.get()) << 30
    }
}
