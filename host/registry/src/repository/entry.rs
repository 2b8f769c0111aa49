//! What a publisher adds and withdraws: components and models, with their entries in its manifest.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use semver::Version;
use serde::Serialize;
use tough::TargetName;
use tough::schema::{Hashes, Signed, Target, Targets};

use super::{Repository, RepositoryError, delegated};
use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::listed;
use crate::manifest::{Artefact, Component, Manifest};

/// What is added.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The manifest that describes it, such as the `plugins/registry.json` of its source.
    pub manifest: PathBuf,
    /// Components by the name that the manifest gives them, and the built file of each.
    pub components: Vec<(String, PathBuf)>,
    /// Models by the name that the manifest gives them, and the ONNX file of each.
    pub models: Vec<(String, PathBuf)>,
}

/// What came of adding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Addition {
    /// What was added: models, then components.
    pub added: Vec<Added>,
    /// Components that the manifest lists and whose files were not named.
    pub not_added: Vec<String>,
    /// What a publisher may not have meant.
    pub warnings: Vec<String>,
}

/// A component or model that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Its publisher and name.
    pub name: String,
    /// The version of a component. A model has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Bytes.
    pub size: u64,
    /// The digest of its file.
    pub sha256: Sha256,
}

// === impl Repository ===

impl Repository {
    /// Adds components and models to what `publisher` publishes, in place of those of the same names: a draft, to be signed by the publisher.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NoPublisher`], [`RepositoryError::NoEntry`]; [`RepositoryError::NoModelFile`] when a component's model is not among what is published;
    /// [`Error::Manifest`]; [`Error::Digest`] when a model is not the one that the manifest pins; [`Error::Io`].
    pub fn add(&self, publisher: &str, entry: &Entry, expires: Timestamp) -> Result<Addition, Error> {
        delegated(self.top()?.signed.delegations.as_ref(), publisher)?;
        let source = Manifest::read(&entry.manifest)?;
        let offered = self.manifest_in(publisher, self.published(publisher)?)?;
        let mut manifest = self.manifest_of(publisher)?;
        let is_named = |name: &String| entry.components.iter().any(|(named, _)| named == name);
        let others = source.components.iter().map(|c| c.name.clone()).filter(|name| !is_named(name));
        let mut addition = Addition { added: Vec::new(), not_added: others.collect(), warnings: Vec::new() };
        let mut files = Vec::new();
        for (name, path) in &entry.models {
            let known = || listed(source.models.iter().map(|m| m.name.clone()));
            let model = source.model(name).ok_or_else(|| no_entry(entry, "model", name, known()))?;
            let remedy = "publish the file that the manifest pins, or correct the pin";
            let bytes = crate::digest::read_pinned(path, model.sha256, remedy)?;
            let model = crate::manifest::Model { size: bytes.len() as u64, pull: None, ..model.clone() };
            addition.added.push(Added {
                name: format!("{publisher}/{name}"),
                version: None,
                size: model.size,
                sha256: model.sha256,
            });
            put(&mut manifest.models, model, |m| &m.name);
            files.push((model_target(publisher, name), bytes));
        }
        for (name, path) in &entry.components {
            let known = || listed(source.components.iter().map(|c| c.name.clone()));
            let component = source.component(name).ok_or_else(|| no_entry(entry, "component", name, known()))?;
            let wasm = fs::read(path).map_err(Error::io("read", path))?;
            let artefact = Artefact { sha256: Sha256::of(&wasm), size: wasm.len() as u64 };
            let component =
                Component { publisher: Some(publisher.to_owned()), artefact: Some(artefact), ..component.clone() };
            addition.added.push(Added {
                name: component.full_name(),
                version: Some(component.version.clone()),
                size: artefact.size,
                sha256: artefact.sha256,
            });
            addition.warnings.extend(offered.component(name).and_then(|offered| unexpected(&component, offered)));
            if let Some(model) = component.models().into_iter().find(|model| manifest.model(model).is_none()) {
                return Err(RepositoryError::NoModelFile { component: component.full_name(), model }.into());
            }
            put(&mut manifest.components, component, |c| &c.name);
            files.push((component_target(publisher, name), wasm));
        }
        self.draft_manifest(publisher, &manifest, &entry.manifest, (&files, &[]), expires)?;
        Ok(addition)
    }

    /// Takes components and models out of what `publisher` publishes: a draft, to be signed by the publisher. Gives the manifest that comes of it.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NoPublisher`], [`RepositoryError::NotPublished`]; [`Error::Manifest`] also when a component that stays loads a model that goes;
    /// [`Error::Io`].
    pub fn withdraw(
        &self,
        publisher: &str,
        components: &[String],
        models: &[String],
        expires: Timestamp,
    ) -> Result<Manifest, Error> {
        delegated(self.top()?.signed.delegations.as_ref(), publisher)?;
        let mut manifest = self.manifest_of(publisher)?;
        let mut gone = Vec::new();
        for name in components {
            take(publisher, "component", &mut manifest.components, name, |c| &c.name)?;
            gone.push(component_target(publisher, name));
        }
        for name in models {
            take(publisher, "model", &mut manifest.models, name, |m| &m.name)?;
            gone.push(model_target(publisher, name));
        }
        let of = PathBuf::from(manifest_target(publisher));
        self.draft_manifest(publisher, &manifest, &of, (&[], &gone), expires)?;
        Ok(manifest)
    }

    /// Drafts a publisher's manifest, with these files and without those targets. `of` is the file that is to blame when hosts would not read it.
    fn draft_manifest(
        &self,
        publisher: &str,
        manifest: &Manifest,
        of: &Path,
        (files, gone): (&[(String, Vec<u8>)], &[String]),
        expires: Timestamp,
    ) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(manifest).expect("a manifest is plain JSON");
        // What would not be read by hosts is not written.
        Manifest::parse_published(&text, of, publisher)?;
        let files: Vec<_> = files.iter().map(|(target, bytes)| (target.clone(), bytes.as_slice())).collect();
        let files = [files, vec![(manifest_target(publisher), text.as_bytes())]].concat();
        for (target, bytes) in &files {
            write_whole(&self.draft_file(target), bytes)?;
        }
        self.edit(publisher, expires, |targets| {
            targets.delegations = None;
            for (target, bytes) in &files {
                targets.targets.insert(name(target), described(bytes));
            }
            gone.iter().for_each(|target| drop(targets.targets.remove(&name(target))));
            Ok(())
        })
    }

    /// What a publisher publishes, drafts counted; empty before the first.
    fn manifest_of(&self, publisher: &str) -> Result<Manifest, Error> {
        self.manifest_in(publisher, self.latest(publisher)?)
    }

    /// The manifest that a publisher's targets name; an empty one where there is none.
    fn manifest_in(&self, publisher: &str, theirs: Option<Signed<Targets>>) -> Result<Manifest, Error> {
        let empty = Manifest { version: 1, components: Vec::new(), models: Vec::new() };
        let target = manifest_target(publisher);
        let Some(theirs) = theirs else { return Ok(empty) };
        let Some(signed) = theirs.signed.targets.get(&name(&target)) else { return Ok(empty) };
        let path = self.file_of(&target, signed);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        Manifest::parse_published(&text, &path, publisher)
    }

    /// Where the file of a target lies: among the drafts, or published.
    pub(crate) fn file_of(&self, target: &str, signed: &Target) -> PathBuf {
        let draft = self.draft_file(target);
        let fits =
            |path: &Path| fs::read(path).is_ok_and(|bytes| Sha256::of(&bytes).as_bytes() == &signed.hashes.sha256[..]);
        if fits(&draft) { draft } else { self.published_file(target, signed) }
    }

    /// Where the file of a target is published: its digest is before its path.
    pub(crate) fn published_file(&self, target: &str, signed: &Target) -> PathBuf {
        self.targets().join(format!("{}.{target}", hex::encode(&signed.hashes.sha256)))
    }
}

fn no_entry(entry: &Entry, kind: &'static str, name: &str, known: String) -> Error {
    RepositoryError::NoEntry { path: entry.manifest.clone(), kind, name: name.to_owned(), known }.into()
}

/// What is odd about a component beside the one of its name that is offered now.
fn unexpected(component: &Component, offered: &Component) -> Option<String> {
    let Component { version, .. } = component;
    let (name, number) = (component.full_name(), |text: &str| Version::parse(text).ok());
    if number(version) < number(&offered.version) {
        let offered = &offered.version;
        return Some(format!(
            "{name} {version} is lower than {offered}, which is offered now: no shop that has {offered} takes it by itself; give it a higher version, unless you mean to go back"
        ));
    }
    if *version == offered.version && component != offered {
        return Some(format!(
            "{name} {version} is offered already with another file or entry: nobody can tell the two apart by their version; give it a higher one"
        ));
    }
    None
}

/// Puts something in place of what has the same name, or at the end.
fn put<T>(all: &mut Vec<T>, new: T, name: impl Fn(&T) -> &String) {
    match all.iter_mut().find(|old| name(old) == name(&new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

/// Takes out what has this name.
fn take<T>(
    publisher: &str,
    kind: &'static str,
    all: &mut Vec<T>,
    name: &str,
    of: impl Fn(&T) -> &String,
) -> Result<(), Error> {
    let Some(at) = all.iter().position(|one| of(one) == name) else {
        let known = listed(all.iter().map(|one| of(one).clone()));
        let (publisher, name) = (publisher.to_owned(), name.to_owned());
        return Err(RepositoryError::NotPublished { publisher, kind, name, known }.into());
    };
    all.remove(at);
    Ok(())
}

/// What metadata say of a file.
pub(crate) fn described(bytes: &[u8]) -> Target {
    Target {
        length: bytes.len() as u64,
        hashes: Hashes { sha256: Sha256::of(bytes).as_bytes().to_vec().into(), _extra: HashMap::new() },
        custom: HashMap::new(),
        _extra: HashMap::new(),
    }
}

/// The name of a target, which is never empty and never leaves its folder.
pub(crate) fn name(target: &str) -> TargetName {
    TargetName::new(target).expect("publishers, components and models have names that are plain path segments")
}

/// The manifest of a publisher.
pub(crate) fn manifest_target(publisher: &str) -> String {
    format!("{publisher}/registry.json")
}

/// A component of a publisher.
pub(crate) fn component_target(publisher: &str, name: &str) -> String {
    format!("{publisher}/components/{name}.wasm")
}

/// A model of a publisher.
pub(crate) fn model_target(publisher: &str, name: &str) -> String {
    format!("{publisher}/models/{name}.onnx")
}
