//! What can go wrong on the workbench, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use sluis_stage::World;

/// Why the workbench could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The component could not be built.
    #[error(transparent)]
    Build(#[from] sluis_componentize::Error),
    /// The sandbox does not load it.
    #[error(transparent)]
    Load(#[from] sluis_stage::LoadError),
    /// Its chamber could not be made.
    #[error(transparent)]
    Chamber(#[from] sluis_stage::Error),
    /// The footage cannot be read.
    #[error(transparent)]
    Footage(#[from] sluis_camera::Error),
    /// There is no such synthetic shop.
    #[error(transparent)]
    Shop(#[from] sluis_camera::synthetic::InvalidSettings),
    /// The guard refuses such pictures.
    #[error(transparent)]
    Guard(#[from] sluis_guard::Error),
    /// The vault as a whole cannot be read.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// A file or folder.
    #[error("could not {doing} {}: {source}", path.display())]
    File {
        /// What was to be done.
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// What cannot name a plugin.
    #[error("`{name}` cannot name a plugin: use a-z, 0-9, - and _, beginning with a letter, at most 48 characters")]
    Name {
        /// What was given.
        name: String,
    },
    /// A folder that holds something.
    #[error("{} is there already and is not empty: give another name, or another folder with --to", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// No SDK was found.
    #[error(
        "the plugin SDK is not on a registry yet, and was not found beside this program or above this folder: name its folder, `--sdk CHECKOUT/plugins/sdk`"
    )]
    NoSdk,
    /// A folder that is not the SDK's.
    #[error("{} is not the plugin SDK: its Cargo.toml should name the package `sluis-sdk`. It is `plugins/sdk` of a checkout of Sluis", path.display())]
    NotSdk {
        /// The folder.
        path: PathBuf,
    },
    /// Settings that are no JSON object.
    #[error("settings are a JSON object, as {{\"least-contrast\": 8}}: {reason}")]
    Settings {
        /// What is wrong.
        reason: String,
    },
    /// A file of golden answers that cannot be understood.
    #[error("{} holds no golden answers: {reason}. delete it, and `sluis plugin test --bless` writes it anew", path.display())]
    Golden {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Golden answers of another world.
    #[error("{} is of world {golden}, and the plugin of world {plugin}: delete it, and `sluis plugin test --bless` writes it anew", path.display())]
    OtherWorld {
        /// The file.
        path: PathBuf,
        /// Its world.
        golden: World,
        /// The plugin's.
        plugin: World,
    },
    /// Golden answers of something else stand where new ones were to be written.
    #[error(
        "{} is left as it is: its answers are of something else than was shown now ({others}). Give the options that it was blessed with; or delete it, and \
         `sluis plugin test --bless` writes it anew",
        path.display()
    )]
    OtherAnswers {
        /// The file.
        path: PathBuf,
        /// What is not the same, by the keys of the file.
        others: String,
    },
    /// A plugin that fails is not measured.
    #[error("plugin `{plugin}` fails, so there is nothing to measure: {failure}{natively}")]
    Fails {
        /// Its name.
        plugin: String,
        /// How.
        failure: String,
        /// How the same crate fails natively at this frame, as a sentence of its own; empty when it does not, or was not asked.
        natively: String,
    },
    /// A name that Rust or Cargo has for something else.
    #[error("`{name}` cannot name a plugin: {why}")]
    Taken {
        /// What was given.
        name: String,
        /// For what.
        why: &'static str,
    },
    /// Footage without a picture that could be shown.
    #[error("the footage has no frame that this plugin could be shown ({shown} were): give a longer one")]
    TooShort {
        /// How many there were.
        shown: usize,
    },
    /// The native runner was not built.
    #[error("plugin `{plugin}` could not be built natively, to be measured against:\n{output}\n{advice}")]
    NativeBuild {
        /// Its name.
        plugin: String,
        /// What Cargo said.
        output: String,
        /// What to do.
        advice: &'static str,
    },
    /// The native runner ended.
    #[error("plugin `{plugin}`, built natively, ended before it had answered{at}: {said}")]
    NativeEnded {
        /// Its name.
        plugin: String,
        /// At which frame.
        at: String,
        /// What it said.
        said: String,
    },
    /// A component that would need raw frames.
    #[error(
        "a try shows cleared segments, in which faces are masked already, and a component of world {world} looks for faces in raw frames: what it found here would say nothing. \
         Measure it on footage of your own (`sluis plugin test --footage`), or, once installed, by `sluis evaluate privacy` on labelled clips"
    )]
    RawWorld {
        /// Its world.
        world: World,
    },
    /// A grant that is not there, or is over.
    #[error("there is no open grant {grant}: `sluis grant ls` shows all")]
    NoGrant {
        /// Its name.
        grant: String,
    },
    /// Nothing was left to try on.
    #[error("none of the {count} segments can be read: {why}")]
    NothingReadable {
        /// How many there were.
        count: usize,
        /// Of the first.
        why: String,
    },
    /// The doors were made before.
    #[error("this process has put its parts together before: a second set of doors would be a second way out")]
    Twice,
}

// === impl Error ===

impl Error {
    /// For `map_err` on what the file system says.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}
