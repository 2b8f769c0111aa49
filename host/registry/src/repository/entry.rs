//! What a publisher adds and withdraws: components and models, with their entries in its manifest.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tough::TargetName;
use tough::schema::{Hashes, Target, Targets};

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

// === impl Repository ===

impl Repository {
    /// Adds components and models to what `publisher` publishes, in place of those of the same names: a draft, to be signed by the publisher. Gives the
    /// manifest that comes of it.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NoPublisher`], [`RepositoryError::NoEntry`]; [`Error::Manifest`] also when a component's model is not among what is published;
    /// [`Error::Digest`] when a model is not the one that the manifest pins; [`Error::Io`].
    pub fn add(&self, publisher: &str, entry: &Entry, expires: Timestamp) -> Result<Manifest, Error> {
        delegated(self.top()?.signed.delegations.as_ref(), publisher)?;
        let source = Manifest::read(&entry.manifest)?;
        let mut manifest = self.manifest_of(publisher)?;
        let mut files = Vec::new();
        for (name, path) in &entry.models {
            let known = || listed(source.models.iter().map(|m| m.name.clone()));
            let model = source.model(name).ok_or_else(|| no_entry(entry, "model", name, known()))?;
            let remedy = "publish the file that the manifest pins, or correct the pin";
            let bytes = crate::digest::read_pinned(path, model.sha256, remedy)?;
            let model = crate::manifest::Model { size: bytes.len() as u64, pull: None, ..model.clone() };
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
            put(&mut manifest.components, component, |c| &c.name);
            files.push((component_target(publisher, name), wasm));
        }
        self.draft_manifest(publisher, &manifest, &entry.manifest, &files, expires)?;
        Ok(manifest)
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
        self.draft_manifest(publisher, &manifest, &of, &[], expires)?;
        self.edit(publisher, expires, |targets| {
            gone.iter().for_each(|target| drop(targets.targets.remove(&name(target))));
            Ok(())
        })?;
        Ok(manifest)
    }

    /// Drafts a publisher's manifest, and these files with it. `of` is the file that is to blame when hosts would not read it.
    fn draft_manifest(
        &self,
        publisher: &str,
        manifest: &Manifest,
        of: &Path,
        files: &[(String, Vec<u8>)],
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
            Ok(())
        })
    }

    /// What a publisher publishes, drafts counted; empty before the first.
    fn manifest_of(&self, publisher: &str) -> Result<Manifest, Error> {
        let empty = Manifest { version: 1, components: Vec::new(), models: Vec::new() };
        let target = manifest_target(publisher);
        let Some(theirs) = self.latest::<Targets>(publisher)? else { return Ok(empty) };
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
