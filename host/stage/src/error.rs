//! What can go wrong: when a component is loaded ([`LoadError`]), and when it is run ([`Error`]).

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, FrameNumber, Size};

use crate::answer::Nonsense;
use crate::limits::Exceeded;
use crate::world::World;

/// Why a component was not loaded, or the engine not started. Nothing of it has seen a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Neither a component nor anything close.
    #[error("plugin `{plugin}`: this is not a WebAssembly component: {reason}. Build it with `sluis plugin build`")]
    NotAComponent {
        /// Its name.
        plugin: Arc<str>,
        /// What it is instead.
        reason: String,
    },
    /// Compiled machine code, which nobody can check.
    #[error("plugin `{plugin}`: this is compiled machine code, which is never accepted: install the component itself")]
    CompiledCode {
        /// Its name.
        plugin: Arc<str>,
    },
    /// It is built against a version of the contract that this host has no adaptor for.
    #[error(
        "plugin `{plugin}` is built against sluis:stage@{version}; this host speaks {spoken}. Build it against one of these, or use a host that speaks {version}"
    )]
    UnknownContract {
        /// Its name.
        plugin: Arc<str>,
        /// The version, as `0.3.0`.
        version: String,
        /// What this host speaks, as `0.1 and 0.2`.
        spoken: String,
    },
    /// It is built against two versions of the contract at once.
    #[error("plugin `{plugin}` mixes versions of the contract: {}. Build all of it against one", list(.names))]
    MixedContracts {
        /// Its name.
        plugin: Arc<str>,
        /// Names of both versions that it imports or exports.
        names: Vec<String>,
    },
    /// It asks for something that no chamber has.
    #[error(
        "plugin `{plugin}` asks for {}, which no chamber has: it may import `sluis:stage/frames`, `sluis:stage/types` and `wasi:nn` only",
        list(.imports)
    )]
    ForeignImport {
        /// Its name.
        plugin: Arc<str>,
        /// What it asked for, by name.
        imports: Vec<String>,
    },
    /// It exports no world, more than one, or something else beside it.
    #[error(
        "plugin `{plugin}` exports {}: it must export exactly one of `sluis:stage/filter`, `audit`, `gestures` or `audience`",
        list(.exports)
    )]
    Exports {
        /// Its name.
        plugin: Arc<str>,
        /// What it exports, by name.
        exports: Vec<String>,
    },
    /// It does not compile, or its types are not those of the contract.
    #[error("plugin `{plugin}` does not fit the contract: {reason}. Rebuild it against this host's `wit` folder")]
    Unfit {
        /// Its name.
        plugin: Arc<str>,
        /// What does not fit.
        reason: String,
    },
    /// It failed in the trial that every component goes through.
    #[error("plugin `{plugin}` failed as it was started on trial: {reason}")]
    Trial {
        /// Its name.
        plugin: Arc<str>,
        /// How.
        reason: String,
    },
    /// The engine itself.
    #[error("the sandbox cannot start on this machine: {reason}")]
    Engine {
        /// Why.
        reason: String,
    },
    /// The folder of compiled code.
    #[error("the folder for compiled code {} cannot be made: {source}. Give another, or none", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Where a chamber failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The plugin's name.
    pub plugin: Arc<str>,
    /// The camera's name.
    pub camera: CameraId,
    /// The frame; `None` while the chamber was being made.
    pub frame: Option<FrameNumber>,
}

/// Why a chamber did not answer. The frame must be treated as one whose stage failed.
///
/// No variant carries free text that a component could write after it has seen a raw frame: a trap is told by its kind
/// and by names of functions, which are fixed when the component is installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It crashed.
    #[error("{at}: it crashed ({kind}) in {}", trail(.functions))]
    Trap {
        /// Where.
        at: Place,
        /// What the sandbox saw: a fixed text of the runtime.
        kind: &'static str,
        /// The innermost functions, innermost first, at most 4.
        functions: Vec<String>,
    },
    /// It took too long.
    #[error("{at}: it took {} ms, {} ms are allowed", took.as_millis(), allowed.as_millis())]
    Timeout {
        /// Where.
        at: Place,
        /// What it was allowed.
        allowed: Duration,
        /// What it took.
        took: Duration,
    },
    /// It passed its memory limit.
    #[error("{at}: it {exceeded}")]
    Memory {
        /// Where.
        at: Place,
        /// Which limit.
        exceeded: Exceeded,
    },
    /// It answered, or asked for, something outside the bounds of the contract.
    #[error("{at}: {nonsense}")]
    Malformed {
        /// Where.
        at: Place,
        /// What.
        nonsense: Nonsense,
    },
    /// A model that it needs failed, and so did it.
    #[error("{at}: its model failed: {reason}")]
    Model {
        /// Where.
        at: Place,
        /// How; told by the host.
        reason: String,
    },
    /// A model was granted that is not there.
    #[error("{at}: the model `{model}` is granted to it and not installed: `sluis model ls` shows what is")]
    NoModel {
        /// Where.
        at: Place,
        /// The model.
        model: String,
    },
    /// It refused its settings.
    #[error("{at}: it does not accept its settings: {reason}")]
    Refused {
        /// Where.
        at: Place,
        /// What it says, at most 1,024 bytes. It has seen no picture when it says this.
        reason: String,
    },
    /// It failed again and again as it was made anew, and rests.
    #[error("{at}: it could not be made anew and rests for another {calls} frames")]
    Resting {
        /// Where.
        at: Place,
        /// How many more calls are answered with this.
        calls: u32,
    },
    /// A chamber of another world was asked for.
    #[error("{at}: it is of world {found}, and is to serve as {wanted}")]
    WrongWorld {
        /// Where.
        at: Place,
        /// The plugin's world.
        found: World,
        /// The world asked for.
        wanted: World,
    },
    /// A picture of another size than the chamber was made for.
    #[error("{at}: the picture is {found}, the chamber was made for {expected}: make a new one")]
    WrongSize {
        /// Where.
        at: Place,
        /// The size that the chamber was told.
        expected: Size,
        /// The size of the picture.
        found: Size,
    },
}

/// How a chamber failed: a closed class, which says nothing of what it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Class {
    /// It crashed.
    Trap,
    /// It took too long.
    Timeout,
    /// It passed its memory limit.
    Memory,
    /// It answered, or asked for, something outside the bounds of the contract.
    Malformed,
    /// Its model failed, or is not installed.
    Model,
    /// It refused its settings.
    Refused,
    /// It failed again and again, and rests.
    Resting,
    /// It was asked the wrong thing: a fault of the host.
    Misused,
}

// === impl Error ===

impl Error {
    /// How it failed.
    pub const fn class(&self) -> Class {
        match self {
            Self::Trap { .. } => Class::Trap,
            Self::Timeout { .. } => Class::Timeout,
            Self::Memory { .. } => Class::Memory,
            Self::Malformed { .. } => Class::Malformed,
            Self::Model { .. } | Self::NoModel { .. } => Class::Model,
            Self::Refused { .. } => Class::Refused,
            Self::Resting { .. } => Class::Resting,
            Self::WrongWorld { .. } | Self::WrongSize { .. } => Class::Misused,
        }
    }

    /// Where it failed.
    pub fn place(&self) -> &Place {
        match self {
            Self::Trap { at, .. }
            | Self::Timeout { at, .. }
            | Self::Memory { at, .. }
            | Self::Malformed { at, .. }
            | Self::Model { at, .. }
            | Self::NoModel { at, .. }
            | Self::Refused { at, .. }
            | Self::Resting { at, .. }
            | Self::WrongWorld { at, .. }
            | Self::WrongSize { at, .. } => at,
        }
    }
}

// === impl Place ===

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin `{}`, camera `{}`, ", self.plugin, self.camera)?;
        match self.frame {
            Some(number) => write!(f, "frame {number}"),
            None => f.write_str("while its chamber was made"),
        }
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn trail(functions: &[String]) -> String {
    if functions.is_empty() { "a function without a name".to_owned() } else { functions.join(", called by ") }
}
