//! What becomes of a new version of a component: *candidate*, then in force or refused; and the one before it, to which it can go back.
//!
//! All of it stands in one file, `standing.json`, which is replaced as a whole: whenever the machine stops, a version is in force or it is not. Files of
//! components and models are named by their digests and never written over.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::Home;
use crate::lock::lock;
use crate::manifest::{Component, Manifest, Model};

/// A version of a component, with the models that it is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// The component. Its artefact is known.
    pub component: Component,
    /// The models that came with it. Without any it uses those of the home.
    #[serde(default)]
    pub models: Vec<Model>,
}

/// How things stand with a component beside the one that was put there by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Standing {
    /// In force, if it came as an update or from a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Release>,
    /// Tried beside the one in force, by the next service that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Release>,
    /// What was in force before, and comes back when the one in force fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Release>,
    /// Releases that are not tried again, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refusal>,
}

/// A release that was refused, or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Refusal {
    /// Its version.
    pub version: String,
    /// The digest of the release: [`Release::digest`].
    pub release: Sha256,
    /// Why, for people.
    pub why: String,
    /// When, in seconds since 1970, UTC.
    pub at: u64,
}

/// By which it shows whether anything of what is installed has changed: the files that say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp([Option<(u64, i64, i64)>; 2]);

/// Bytes of models, with their names.
pub type NamedModels = Vec<(String, Vec<u8>)>;

type Standings = BTreeMap<String, Standing>;

/// Taking in a release takes less time than this.
const TAKEN_IN: Duration = Duration::from_secs(3600);

/// Refusals that are remembered of each component.
const REFUSALS: usize = 20;

// === impl Release ===

impl Release {
    /// Whether its version comes after that of another, by the rules of semantic versioning.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        is_newer(&self.component.version, &other.component.version)
    }

    /// Its version, and which models came with it: as `0.2.0+models-1a2b3c4d`.
    pub fn label(&self) -> String {
        let version = &self.component.version;
        let models: BTreeSet<String> = self.models.iter().map(|model| model.sha256.to_string()).collect();
        if models.is_empty() {
            return version.clone();
        }
        let digest = Sha256::of(models.into_iter().collect::<Vec<_>>().join("\n").as_bytes()).to_string();
        format!("{version}+models-{}", &digest[..8])
    }

    /// A digest of everything that decides how it behaves: component, version, limits, detectors and models.
    pub fn digest(&self) -> Sha256 {
        let Component { artefact, version, limits, detectors, publisher, .. } = &self.component;
        let artefact = artefact.map(|artefact| artefact.sha256.to_string()).unwrap_or_default();
        let detectors = detectors.iter().map(|d| format!("{} {}", d.family, d.model.as_deref().unwrap_or_default()));
        let models: BTreeSet<String> =
            self.models.iter().map(|model| format!("{} {}", model.name, model.sha256)).collect();
        let lines = [
            artefact,
            version.clone(),
            publisher.clone().unwrap_or_default(),
            format!("{} {}", limits.memory_mib, limits.call_ms),
            detectors.collect::<Vec<_>>().join(", "),
        ];
        Sha256::of(lines.into_iter().chain(models).collect::<Vec<_>>().join("\n").as_bytes())
    }
}

// === impl Home ===

impl Home {
    /// How things stand with every component of which there is something to tell.
    ///
    /// # Errors
    ///
    /// [`Error`] when the file cannot be read.
    pub fn standings(&self) -> Result<BTreeMap<String, Standing>, Error> {
        let path = self.standings_path();
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Standings::new()),
            other => other.map_err(Error::io("read", &path))?,
        };
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&text)).map_err(|e| Error::Manifest {
            path,
            at: e.path().to_string(),
            why: e.inner().to_string(),
        })
    }

    /// How things stand with the component `name`.
    ///
    /// # Errors
    ///
    /// As [`standings`](Self::standings).
    pub fn standing(&self, name: &str) -> Result<Standing, Error> {
        Ok(self.standings()?.remove(name).unwrap_or_default())
    }

    /// The release that a component in force is part of.
    ///
    /// # Errors
    ///
    /// As [`standings`](Self::standings).
    pub fn release(&self, component: &Component) -> Result<Release, Error> {
        Ok(self.standing(&component.name)?.release(component))
    }

    /// What is in force of every component.
    ///
    /// # Errors
    ///
    /// As [`manifest`](Self::manifest).
    pub fn in_force(&self) -> Result<BTreeMap<String, Release>, Error> {
        let mut standings = self.standings()?;
        let release = |component: Component| {
            let release = standings.remove(&component.name).unwrap_or_default().release(&component);
            (component.name, release)
        };
        Ok(self.manifest()?.components.into_iter().map(release).collect())
    }

    /// Changes whenever what is installed does: read nothing again while this is the same. (Files are replaced as a whole.)
    pub fn stamp(&self) -> Stamp {
        let stamp = |path: PathBuf| fs::metadata(path).ok().map(|of| (of.ino(), of.mtime(), of.mtime_nsec()));
        Stamp([self.manifest_path(), self.standings_path()].map(stamp))
    }

    /// The components that may be loaded: in force, put there by hand or by a package, candidates, and those to go back to. By their digests.
    ///
    /// # Errors
    ///
    /// As [`manifest`](Self::manifest).
    pub fn loadable(&self) -> Result<HashSet<Sha256>, Error> {
        let (installed, standings) = (self.installed_by_hand()?, self.standings()?);
        let released = standings.values().flat_map(Standing::releases).map(|release| &release.component);
        let artefacts = installed.components.iter().chain(released).filter_map(|component| component.artefact);
        Ok(artefacts.map(|artefact| artefact.sha256).collect())
    }

    /// Makes a release the candidate of its component, in place of one that was; a running service tries it beside the one in force.
    ///
    /// # Errors
    ///
    /// [`Error::RefusedBefore`], [`Error::Digest`] when bytes are not what the release names, [`Error::Io`]. Nothing has changed then.
    pub fn propose(&self, release: &Release, wasm: &[u8], models: &[(&str, &[u8])]) -> Result<(), Error> {
        self.take_in(release, wasm, models)?;
        self.change(&release.component.name, |_, standing| {
            standing.admit(release)?;
            standing.candidate = Some(release.clone());
            Ok(())
        })
    }

    /// Lifts the refusal of a release, so that it can be proposed once more. Gives what was lifted.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn readmit(&self, release: &Release) -> Result<Option<Refusal>, Error> {
        self.change(&release.component.name, |_, standing| {
            let digest = release.digest();
            let at = standing.refused.iter().position(|refusal| refusal.release == digest);
            let lifted = at.map(|at| standing.refused.remove(at));
            if let Some(Refusal { version, why, .. }) = &lifted {
                tracing::info!(component = release.component.name, version, why, "a refusal is lifted");
            }
            Ok(lifted)
        })
    }

    /// Puts a release in force at once, without a trial.
    ///
    /// # Errors
    ///
    /// As [`propose`](Self::propose).
    pub fn put_in_force(&self, release: &Release, wasm: &[u8], models: &[(&str, &[u8])]) -> Result<(), Error> {
        self.take_in(release, wasm, models)?;
        self.change(&release.component.name, |home, standing| {
            standing.admit(release)?;
            home.replace(standing, release.clone())?;
            standing.candidate = None;
            Ok(())
        })
    }

    /// Puts a release in force that is the candidate, and that was tried: another may have become the candidate meanwhile. What was in force is kept, to go back to.
    ///
    /// # Errors
    ///
    /// [`Error::NoVersion`] when it is not the candidate, [`Error::Io`].
    pub fn promote(&self, release: &Release) -> Result<(), Error> {
        let name = &release.component.name;
        self.change(name, |home, standing| {
            let is_it = |candidate: &mut Release| candidate == release;
            let none = || Error::NoVersion { name: name.clone(), what: "candidate of this digest" };
            let release = standing.candidate.take_if(is_it).ok_or_else(none)?;
            home.replace(standing, release)
        })
    }

    /// Refuses a release: it is not tried again. Another that has become the candidate meanwhile stays that.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn refuse(&self, release: &Release, why: &str) -> Result<(), Error> {
        self.change(&release.component.name, |_, standing| {
            standing.candidate.take_if(|candidate| candidate == release);
            standing.turn_down(release, why);
            Ok(())
        })
    }

    /// Lets go of a candidate that its publisher does not offer any more: another may be proposed, and so may this one, when it is offered again. Gives whether it was the
    /// candidate.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn let_go(&self, release: &Release) -> Result<bool, Error> {
        self.change(&release.component.name, |_, standing| {
            Ok(standing.candidate.take_if(|candidate| candidate == release).is_some())
        })
    }

    /// Takes the version in force back: the one before it is in force again, and the other is not tried any more. Where a package has brought a newer one than that before it, the
    /// package's is in force. Gives what is in force then.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`], [`Error::NoVersion`] when there is none before it, [`Error::Packaged`] when a package has brought the one in force, [`Error::Io`].
    pub fn roll_back(&self, name: &str, why: &str) -> Result<Release, Error> {
        self.installed(name)?;
        self.go_back(name, None, why)
    }

    /// Takes this release back, if it is in force: somebody may have done so meanwhile. Else as [`roll_back`](Self::roll_back).
    ///
    /// # Errors
    ///
    /// As [`roll_back`](Self::roll_back); and [`Error::NoVersion`] when another is in force.
    pub fn take_back(&self, name: &str, release: Sha256, why: &str) -> Result<Release, Error> {
        self.go_back(name, Some(release), why)
    }

    fn go_back(&self, name: &str, only: Option<Sha256>, why: &str) -> Result<Release, Error> {
        let none = || Error::NoVersion { name: name.to_owned(), what: "previous version" };
        self.change(name, |home, standing| {
            if only.is_some() && only != standing.current.as_ref().map(Release::digest) {
                return Err(Error::NoVersion { name: name.to_owned(), what: "update of this digest in force" });
            }
            let (manifest, update) = (home.manifest()?, standing.current.as_ref().map(|release| &release.component));
            if let Some(in_force) = manifest.component(name)
                && update.is_some_and(|update| update != in_force)
            {
                return Err(Error::Packaged { name: name.to_owned(), version: in_force.version.clone() });
            }
            let previous = standing.previous.take().ok_or_else(none)?;
            if let Some(failed) = standing.current.replace(previous) {
                standing.turn_down(&failed, why);
            }
            Ok(())
        })?;
        self.in_force()?.remove(name).ok_or_else(none)
    }

    /// Takes a component out of the home, with its candidate and the version before it. What a package has put there stays, and is in force then. Gives what is in force.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`], [`Error::Io`].
    pub fn remove(&self, name: &str) -> Result<Option<Component>, Error> {
        self.installed(name)?;
        self.change(name, |home, standing| {
            standing.forget();
            let mut installed = home.installed_by_hand()?;
            let before = installed.components.len();
            installed.components.retain(|component| component.name != name);
            if installed.components.len() < before && !home.is_packaged() {
                home.write_installed(&installed)?;
                let _ = fs::remove_file(home.component_path(name));
            }
            Ok(())
        })?;
        Ok(self.manifest()?.component(name).cloned())
    }

    /// The bytes of a release: its component, and its models by name.
    ///
    /// # Errors
    ///
    /// [`Error::Digest`] when they are not what was taken in.
    pub fn read_release(&self, release: &Release) -> Result<(Vec<u8>, NamedModels), Error> {
        let wasm = self.read_component(&release.component)?;
        let models = release.models.iter().map(|model| Ok((model.name.clone(), self.read_model(model)?)));
        Ok((wasm, models.collect::<Result<_, Error>>()?))
    }

    /// A component that was put there by hand is in force from now on, whatever came as an update before.
    pub(crate) fn forget_updates(&self, name: &str) -> Result<(), Error> {
        if !self.standings()?.contains_key(name) {
            return Ok(());
        }
        self.change(name, |_, standing| {
            standing.forget();
            Ok(())
        })
    }

    /// `manifest` with what came as updates in its place. What a package brings wins when it is newer.
    pub(crate) fn with_updates(&self, mut manifest: Manifest) -> Result<Manifest, Error> {
        for release in self.standings()?.into_values().filter_map(|standing| standing.current) {
            match manifest.components.iter_mut().find(|c| c.name == release.component.name) {
                Some(packaged) if self.is_packaged() && is_newer(&packaged.version, &release.component.version) => {}
                Some(old) => *old = release.component,
                None => manifest.components.push(release.component),
            }
        }
        Ok(manifest)
    }

    /// A file of this kind and digest that came as an update.
    pub(crate) fn updated(&self, name: &str, sha256: Sha256, kind: &str) -> Option<PathBuf> {
        Some(self.version_path(name, sha256, kind)).filter(|path| path.is_file())
    }

    fn version_path(&self, name: &str, sha256: Sha256, kind: &str) -> PathBuf {
        self.updates_folder().join("versions").join(format!("{name}-{sha256}.{kind}"))
    }

    fn standings_path(&self) -> PathBuf {
        self.updates_folder().join("standing.json")
    }

    /// Checks the bytes of a release and writes them down, before anybody else is held off: that may take its time.
    fn take_in(&self, release: &Release, wasm: &[u8], models: &[(&str, &[u8])]) -> Result<(), Error> {
        let Release { component, models: pinned } = release;
        self.standing(&component.name)?.admit(release)?;
        self.make_updates_folder()?;
        let write = |name: &str, sha256: Option<Sha256>, kind: &str, bytes: &[u8]| -> Result<(), Error> {
            let found = Sha256::of(bytes);
            let path = self.version_path(name, found, kind);
            match sha256 {
                Some(pinned) if pinned == found => write_whole(&path, bytes),
                pinned => Err(Error::Digest {
                    path,
                    found,
                    pinned: pinned.unwrap_or(Sha256::of(&[])),
                    remedy: "fetch it again; if that does not help, tell its publisher",
                }),
            }
        };
        write(&component.name, component.artefact.map(|artefact| artefact.sha256), "wasm", wasm)?;
        for model in pinned {
            let bytes = models.iter().find(|(name, _)| *name == model.name).map(|(_, bytes)| *bytes);
            write(&model.name, Some(model.sha256), "onnx", bytes.unwrap_or_default())?;
        }
        Ok(())
    }

    /// Puts a release in force; the one before it is kept.
    fn replace(&self, standing: &mut Standing, release: Release) -> Result<(), Error> {
        let name = &release.component.name;
        let manifest = self.manifest()?;
        let in_force = manifest.component(name).filter(|component| component.artefact.is_some());
        let current = standing.current.take().filter(|current| in_force == Some(&current.component));
        let before = match (current, in_force) {
            (Some(current), _) => Some(current),
            (None, Some(component)) => {
                // By hand it may be replaced, and is then no longer what it was.
                let wasm = self.read_component(component)?;
                write_whole(&self.version_path(name, Sha256::of(&wasm), "wasm"), &wasm)?;
                Some(Release { component: component.clone(), models: Vec::new() })
            }
            (None, None) => None,
        };
        standing.previous = before.filter(|before| before.digest() != release.digest()).or(standing.previous.take());
        standing.current = Some(release);
        Ok(())
    }

    /// Changes how things stand with a component, alone and whole.
    fn change<T>(&self, name: &str, what: impl FnOnce(&Self, &mut Standing) -> Result<T, Error>) -> Result<T, Error> {
        let _alone = self.lock()?;
        let mut standings = self.standings()?;
        let mut standing = standings.remove(name).unwrap_or_default();
        let done = what(self, &mut standing)?;
        if standing != Standing::default() {
            standings.insert(name.to_owned(), standing);
        }
        let text = serde_json::to_string_pretty(&standings).expect("standings are plain JSON");
        write_whole(&self.standings_path(), text.as_bytes())?;
        self.tidy(&standings);
        Ok(done)
    }

    /// Holds off all others who would change what is installed.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        lock(self.make_updates_folder()?)
    }

    /// The folder of updates, made when it is not there. In a package's home it belongs to whoever the folder above it belongs to: the service.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn make_updates_folder(&self) -> Result<&Path, Error> {
        let folder = self.updates_folder();
        for folder in [folder, &folder.join("versions")] {
            if !folder.is_dir() {
                fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
                if self.is_packaged()
                    && let Some(owner) = folder.parent().and_then(|above| fs::metadata(above).ok())
                {
                    // Whoever may not give it away is its owner.
                    let _ = chown(folder, Some(owner.uid()), Some(owner.gid()));
                }
            }
        }
        Ok(folder)
    }

    /// Removes files of versions that nobody needs any more. What cannot be removed costs room, and nothing else.
    fn tidy(&self, standings: &Standings) {
        let needed: BTreeSet<PathBuf> = standings
            .values()
            .flat_map(Standing::releases)
            .flat_map(|Release { component, models }| {
                let component = component.artefact.map(|a| self.version_path(&component.name, a.sha256, "wasm"));
                component.into_iter().chain(models.iter().map(|m| self.version_path(&m.name, m.sha256, "onnx")))
            })
            .collect();
        let files = fs::read_dir(self.updates_folder().join("versions")).into_iter().flatten().flatten();
        for file in files.map(|entry| entry.path()).filter(|path| !needed.contains(path) && is_old(path)) {
            let _ = fs::remove_file(file);
        }
    }
}

/// Whether a file is no part of a release that is just being taken in.
fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|of| of.modified()).ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > TAKEN_IN)
}

/// Whether one version comes after another, by the rules of semantic versioning. What is no version comes first.
fn is_newer(one: &str, other: &str) -> bool {
    let version = |text: &str| semver::Version::parse(text).ok();
    version(one) > version(other)
}

// === impl Standing ===

impl Standing {
    /// The release that a component in force is part of.
    pub fn release(&self, component: &Component) -> Release {
        let current = self.current.as_ref().filter(|release| release.component == *component);
        current.cloned().unwrap_or_else(|| Release { component: component.clone(), models: Vec::new() })
    }

    /// All that may still be loaded.
    fn releases(&self) -> impl Iterator<Item = &Release> {
        [&self.current, &self.candidate, &self.previous].into_iter().flatten()
    }

    /// Forgets all but what was refused.
    fn forget(&mut self) {
        *self = Self { refused: std::mem::take(&mut self.refused), ..Self::default() };
    }

    /// Refuses what was refused before.
    fn admit(&self, release: &Release) -> Result<(), Error> {
        match self.refused.iter().find(|refusal| refusal.release == release.digest()) {
            None => Ok(()),
            Some(Refusal { version, why, .. }) => {
                let (name, version, why) = (release.component.name.clone(), version.clone(), why.clone());
                Err(Error::RefusedBefore { name, version, why })
            }
        }
    }

    #[allow(clippy::disallowed_methods, reason = "for people who read it: nothing is decided by it")]
    fn turn_down(&mut self, release: &Release, why: &str) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let (version, release) = (release.component.version.clone(), release.digest());
        self.refused.insert(0, Refusal { version, release, why: why.to_owned(), at });
        self.refused.truncate(REFUSALS);
    }
}

#[cfg(test)]
mod tests;
