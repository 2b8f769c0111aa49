//! Whether a pack is as it was made, and as the ledger says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use sluis_ledger::{Checkpoint, Entry, Hash, PublicKey, Untied, trace};

use crate::error::Error;
use crate::files;
use crate::manifest::{
    CHECKPOINT, CONFIGURATION, Configuration, ENTRY, FileFact, KEY, MANIFEST, Manifest, NEEDED, VERSION,
};
use crate::path::PackPath;
use crate::shortcoming::Shortcoming;

/// The most bytes of a file of a pack.
pub const FILE_MAX: u64 = 64 << 20;

/// The most bytes of the manifest.
pub const MANIFEST_MAX: u64 = 1 << 20;

/// The most bytes of all files together.
const ALL_MAX: u64 = 1 << 30;

/// The most bytes of key and checkpoint: both have less than 1,100.
const SMALL_MAX: u64 = 4096;

/// What checking has found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Checked {
    /// The name of the shop, as the manifest has it.
    pub shop: Option<String>,
    /// When it was made, as the manifest has it.
    pub made: Option<Timestamp>,
    /// Files of the manifest that are as it says.
    pub files: u64,
    /// The public key that was checked with.
    pub key: Option<String>,
    /// Whether that key came from elsewhere. If not, the pack shows only that it agrees with itself: who makes a ledger anew has a key of his own.
    pub key_from_outside: bool,
    /// The entry in the ledger that names the manifest, if it does and is signed.
    pub entry: Option<Tie>,
    /// What is wrong with the pack.
    pub problems: Vec<Problem>,
    /// What the pack says itself that is not as it should be. To be believed as far as nothing is wrong with the manifest.
    pub shortcomings: Vec<Shortcoming>,
}

/// An entry of the ledger that names a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tie {
    /// Its number.
    pub number: u64,
    /// When it was written, as the clock of the vault had it: nanoseconds since 1970 UTC.
    pub at: i64,
    /// How many entries the ledger had when it was signed.
    pub signed_entries: u64,
}

/// Something that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Problem {
    /// In which file; for people, for it may be none that a pack can have.
    pub file: String,
    /// What.
    pub why: String,
}

/// Checks the pack in `folder`: every file against the manifest, the manifest against its entry in the ledger, the entry against the chain, the chain against the checkpoint, and the checkpoint
/// against `key`, or, where none is given, against the one in the pack.
///
/// # Errors
///
/// [`Error::File`] when the folder cannot be read. What is wrong with the pack is no error but in the result.
pub fn check(folder: &Path, key: Option<&PublicKey>) -> Result<Checked, Error> {
    let listed = files::list(folder)?;
    let mut checked = Checked {
        shop: None,
        made: None,
        files: 0,
        key: None,
        key_from_outside: key.is_some(),
        entry: None,
        problems: Vec::new(),
        shortcomings: Vec::new(),
    };
    listed.strange.iter().for_each(|(path, why)| checked.tell(path, *why));
    let there: BTreeSet<&PackPath> = listed.files.iter().collect();

    let manifest = files::read(&folder.join(MANIFEST), MANIFEST_MAX);
    let parsed = match &manifest {
        Ok(text) => checked.parse(text),
        Err(why) => {
            checked.tell(MANIFEST, why);
            None
        }
    };
    let mut known: BTreeSet<&str> = [MANIFEST, ENTRY, CHECKPOINT].into();
    if let Some(manifest) = &parsed {
        checked.files(folder, manifest, &there);
        known.extend(manifest.files.iter().map(|file| file.path.as_str()));
    }
    // Without a manifest nobody knows what belongs to the pack.
    for file in there.iter().filter(|file| parsed.is_some() && !known.contains(file.as_str())) {
        checked.tell(file.as_str(), "the manifest does not have it: it does not belong to the pack");
    }
    let sha256 = manifest.ok().map(|text| Hash::of(&text));
    checked.tie(folder, key, sha256, parsed.as_ref());
    checked.problems.sort();
    Ok(checked)
}

// === impl Checked ===

impl Checked {
    /// Whether nothing is wrong with the pack, and nothing in it falls short.
    pub fn is_as_it_should_be(&self) -> bool {
        self.problems.is_empty() && self.shortcomings.is_empty()
    }

    fn tell(&mut self, file: &str, why: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), why: why.into() });
    }

    fn parse(&mut self, text: &[u8]) -> Option<Manifest> {
        let version =
            serde_json::from_slice::<serde_json::Value>(text).ok().and_then(|all| all.get("version")?.as_u64());
        if let Some(version) = version.filter(|version| *version != u64::from(VERSION)) {
            self.tell(MANIFEST, format!("it is of version {version}, and this program knows {VERSION}: check it with the program that it was made with"));
            return None;
        }
        match serde_json::from_slice::<Manifest>(text) {
            Ok(manifest) => {
                self.shop = Some(manifest.shop.clone());
                self.made = Some(manifest.made);
                self.shortcomings.clone_from(&manifest.shortcomings);
                Some(manifest)
            }
            Err(error) => {
                self.tell(MANIFEST, format!("it is no manifest of a pack: {error}"));
                None
            }
        }
    }

    fn files(&mut self, folder: &Path, manifest: &Manifest, there: &BTreeSet<&PackPath>) {
        let (mut seen, mut all) = (BTreeMap::new(), 0_u64);
        for FileFact { path, bytes, sha256 } in &manifest.files {
            let name = path.as_str();
            all = all.saturating_add(*bytes);
            if [MANIFEST, ENTRY, CHECKPOINT].contains(&name) {
                self.tell(name, "the manifest has it, and cannot");
            } else if seen.insert(path, sha256).is_some() {
                self.tell(name, "the manifest has it twice");
            } else if *bytes > FILE_MAX || all > ALL_MAX {
                self.tell(name, format!("the manifest says that it has {bytes} bytes: that is more than is looked at"));
            } else if !there.contains(path) {
                self.tell(name, "it is missing");
            } else {
                match files::read(&folder.join(name), *bytes) {
                    Err(why) => self.tell(name, why),
                    Ok(found) if found.len() as u64 != *bytes => {
                        self.tell(name, format!("it has {} bytes, and the manifest says {bytes}", found.len()));
                    }
                    Ok(found) if Hash::of(&found) != *sha256 => {
                        self.tell(name, "it was changed: its SHA-256 is not the one in the manifest");
                    }
                    Ok(_) => self.files += 1,
                }
            }
        }
        for needed in NEEDED {
            if !seen.keys().any(|path| path.as_str() == needed) {
                self.tell(needed, "the manifest does not have it, and every pack does");
            }
        }
        let Configuration { sha256, left_out } = &manifest.configuration;
        let of_file = seen.iter().find(|(path, _)| path.as_str() == CONFIGURATION).map(|(_, sha256)| **sha256);
        if left_out.is_empty() && of_file.is_some_and(|of_file| of_file != *sha256) {
            self.tell(
                CONFIGURATION,
                "the manifest says that nothing was left out, and that the ledger has another SHA-256 of it",
            );
        }
    }

    /// Manifest, entry, chain, checkpoint, key.
    fn tie(&mut self, folder: &Path, outside: Option<&PublicKey>, manifest: Option<Hash>, parsed: Option<&Manifest>) {
        let inside = self.text(folder, KEY).and_then(|text| {
            text.trim_end().parse::<PublicKey>().map_err(|error| self.tell(KEY, error.to_string())).ok()
        });
        if let (Some(outside), Some(inside)) = (outside, &inside)
            && outside != inside
        {
            self.tell(KEY, format!("it is another key than the one that was given: {inside}"));
        }
        let key = outside.or(inside.as_ref()).cloned();
        self.key = key.as_ref().map(ToString::to_string);
        let checkpoint = self
            .text(folder, CHECKPOINT)
            .and_then(|text| text.parse::<Checkpoint>().map_err(|error| self.tell(CHECKPOINT, error.to_string())).ok());
        let lines = files::read(&folder.join(ENTRY), FILE_MAX).map_err(|why| self.tell(ENTRY, why)).ok();
        let (Some(key), Some(checkpoint), Some(lines)) = (key, checkpoint, lines) else { return };
        match trace(&lines, &checkpoint, &key) {
            Err(Untied::Signature) => self.tell(CHECKPOINT, Untied::Signature.to_string()),
            Err(untied) => self.tell(ENTRY, untied.to_string()),
            Ok(entries) => {
                let signed = checkpoint.head().entries;
                if let (Some(entry), Some(manifest)) = (entries.first(), manifest) {
                    self.entry(entry, signed, manifest, parsed);
                }
            }
        }
    }

    fn entry(&mut self, entry: &Entry, signed_entries: u64, manifest: Hash, parsed: Option<&Manifest>) {
        let Entry { number, at, what, .. } = entry;
        let field = |name: &str| what.get(name).and_then(serde_json::Value::as_str);
        if field("event") != Some("evidence") {
            return self.tell(ENTRY, format!("entry {number} of the ledger tells of no evidence pack"));
        }
        if field("sha256").and_then(|text| text.parse::<Hash>().ok()) != Some(manifest) {
            return self.tell(MANIFEST, format!("entry {number} of the ledger names another manifest: this one was changed, or the entry belongs to another pack"));
        }
        let counted = what.get("shortcomings").and_then(serde_json::Value::as_u64);
        if let Some(parsed) = parsed
            && counted != Some(parsed.shortcomings.len() as u64)
        {
            self.tell(MANIFEST, format!("entry {number} of the ledger counts other shortcomings than are told here"));
        }
        self.entry = Some(Tie { number: *number, at: *at, signed_entries });
    }

    fn text(&mut self, folder: &Path, name: &str) -> Option<String> {
        let text = files::read(&folder.join(name), SMALL_MAX)
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no text".to_owned()));
        text.map_err(|why| self.tell(name, why)).ok()
    }
}
