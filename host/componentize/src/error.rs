//! What can go wrong on the way to a component, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::component::SPOKEN;
use crate::world::World;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder holds no crate.
    #[error("{} holds no plugin: there is no Cargo.toml in it", dir.display())]
    NoCrate {
        /// The folder.
        dir: PathBuf,
    },

    /// The folder holds a workspace, but no crate of its own.
    #[error("{} is not a crate's own manifest: name the folder of one plugin", manifest.display())]
    NoPackage {
        /// The manifest.
        manifest: PathBuf,
    },

    /// The crate has no library that could become a component.
    #[error("plugin `{plugin}` makes no component: add `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]` to {}", manifest.display())]
    NoCdylib {
        /// The crate.
        plugin: String,
        /// Its manifest.
        manifest: PathBuf,
    },

    /// What the crate says under `[package.metadata.sluis]` cannot be understood.
    #[error("[package.metadata.sluis] of plugin `{plugin}` is wrong: {reason}. It may hold `models = [\"NAME\", …]`")]
    Metadata {
        /// The crate.
        plugin: String,
        /// What is wrong.
        reason: String,
    },

    /// No compiler here can build components.
    #[error("no compiler here can build for wasm32-unknown-unknown: {reason}. This fixes it: {fix}")]
    NoToolchain {
        /// What was looked at.
        reason: String,
        /// One command.
        fix: String,
    },

    /// The compiler or Cargo does not start.
    #[error("{} cannot be started: {source}. Is it installed, and in PATH?", program.display())]
    Start {
        /// Which program.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },

    /// Cargo cannot read the crate.
    #[error("Cargo cannot read {}:\n{output}", manifest.display())]
    Unreadable {
        /// The manifest.
        manifest: PathBuf,
        /// What Cargo said.
        output: String,
    },

    /// The crate does not compile.
    #[error("plugin `{plugin}` does not compile ({toolchain}):\n{output}")]
    BuildFailed {
        /// The crate.
        plugin: String,
        /// What compiled it.
        toolchain: String,
        /// What the compiler said.
        output: String,
    },

    /// What was compiled cannot be wrapped as a component.
    #[error("plugin `{plugin}` cannot become a component: {reason}. Was it built with the SDK of this version?")]
    Wrap {
        /// The crate.
        plugin: String,
        /// What is wrong.
        reason: String,
    },

    /// It wants something that no host gives.
    #[error(
        "plugin `{plugin}` imports {}: a component may import the contract `sluis:stage` and `wasi:nn` only. Find which of its dependencies asks \
         for it",
        imports.join(", ")
    )]
    ForeignImport {
        /// The crate.
        plugin: String,
        /// What it wants, by name.
        imports: Vec<String>,
    },

    /// It uses models and does not say which.
    #[error(
        "plugin `{plugin}` imports wasi:nn and declares no model: add `[package.metadata.sluis]` with `models = [\"NAME\"]` to its Cargo.toml"
    )]
    UndeclaredModels {
        /// The crate.
        plugin: String,
    },

    /// It exports no world of the contract.
    #[error(
        "plugin `{plugin}` exports no world of sluis:stage {} (it exports {}): call one of {}",
        SPOKEN.join(" or "),
        listed(exports),
        World::ALL.map(World::sdk_macro).join(", ")
    )]
    NoWorld {
        /// The crate.
        plugin: String,
        /// What it exports instead.
        exports: Vec<String>,
    },

    /// It exports more than one world.
    #[error("plugin `{plugin}` exports several worlds ({}): make one crate for each", worlds.iter().map(|w| w.name()).collect::<Vec<_>>().join(", "))]
    SeveralWorlds {
        /// The crate.
        plugin: String,
        /// Which.
        worlds: Vec<World>,
    },

    /// It is built against two versions of the contract at once.
    #[error(
        "plugin `{plugin}` exports version {exported} of the contract and imports version {imported}: build all of it against one. Does a dependency bring \
         another version of the SDK?"
    )]
    MixedContracts {
        /// The crate.
        plugin: String,
        /// The version of its world.
        exported: String,
        /// The version of what it imports.
        imported: String,
    },

    /// It exports more than its world.
    #[error("plugin `{plugin}` exports {} besides its world: a component exports one world and nothing else", exports.join(", "))]
    ForeignExport {
        /// The crate.
        plugin: String,
        /// What is too much.
        exports: Vec<String>,
    },

    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Says in which file it went wrong.
pub(crate) trait InFile<T> {
    fn in_file(self, path: &Path) -> Result<T, Error>;
}

impl<T> InFile<T> for io::Result<T> {
    fn in_file(self, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { path: path.to_owned(), source })
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
