//! The manifest of a pack: every file with its SHA-256, and what falls short.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluis_ledger::Hash;

use crate::path::PackPath;
use crate::shortcoming::Shortcoming;

/// The version of this format.
pub const VERSION: u32 = 1;

/// The manifest's own file.
pub const MANIFEST: &str = "manifest.json";

/// The lines of the ledger from the pack's entry up to the checkpoint. Not in the manifest, for the entry names the manifest.
pub const ENTRY: &str = "ledger/entry.jsonl";

/// The checkpoint after them. Not in the manifest either.
pub const CHECKPOINT: &str = "ledger/checkpoint.txt";

/// The public key of the ledger.
pub const KEY: &str = "ledger/key.txt";

/// The text of the configuration.
pub const CONFIGURATION: &str = "configuration.toml";

/// Files without which it is no pack.
pub const NEEDED: [&str; 7] =
    [CONFIGURATION, "digests.json", "rehearsal.json", "ledger/verify.json", KEY, "index.html", "index.txt"];

/// What a pack is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// The name of the shop.
    pub shop: String,
    /// When it was made, by the clock of the machine.
    pub made: Timestamp,
    /// The configuration.
    pub configuration: Configuration,
    /// What it shows that is not as it should be.
    pub shortcomings: Vec<Shortcoming>,
    /// Every file but this one and those that tie it to the ledger, in the order of their paths.
    pub files: Vec<FileFact>,
}

/// The configuration of which `configuration.toml` is the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Configuration {
    /// SHA-256 of its text as it is in force, with what was left out here: as the ledger has it.
    pub sha256: Hash,
    /// What was left out: `comments`, and the places of values. Nothing: the file is the text itself.
    pub left_out: Vec<String>,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileFact {
    /// Where it lies.
    pub path: PackPath,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
}
