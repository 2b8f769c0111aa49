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
    /// [`Error::NoVersion`] when there is none before it, [`Error::Packaged`] when a package has brought the one in force, [`Error::Io`].
    pub fn roll_back(&self, name: &str, why: &str) -> Result<Release, Error> {
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
    /// [`Error::NoComponent`] when there is none, [`Error::Io`].
    pub fn remove(&self, name: &str) -> Result<Option<Component>, Error> {
        let manifest = self.manifest()?;
        if manifest.component(name).is_none() {
            let installed = crate::home::listed(manifest.components.iter().map(|c| c.name.clone()));
            return Err(Error::NoComponent { name: name.to_owned(), world: "any".to_owned(), installed });
        }
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
    fn release(self, component: &Component) -> Release {
        let current = self.current.filter(|release| release.component == *component);
        current.unwrap_or_else(|| Release { component: component.clone(), models: Vec::new() })
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
mod tests {
    use super::*;
    use crate::install::NewComponent;
    use crate::manifest::Artefact;

    fn home_with(wasm: &[u8]) -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.install(new("0.1.0", wasm)).unwrap();
        (folder, home)
    }

    fn new(version: &str, wasm: &[u8]) -> NewComponent {
        NewComponent {
            name: "face-blur".to_owned(),
            world: "privacy-filter".to_owned(),
            contract: "sluis:stage@0.1.0".to_owned(),
            version: version.to_owned(),
            models: Vec::new(),
            wasm: wasm.to_vec(),
        }
    }

    fn release(home: &Home, version: &str, wasm: &[u8], model: Option<&[u8]>) -> Release {
        let component = home.component("privacy-filter", None).unwrap();
        let artefact = Some(Artefact { sha256: Sha256::of(wasm), size: wasm.len() as u64 });
        let models = model.map(|bytes| Model {
            sha256: Sha256::of(bytes),
            size: bytes.len() as u64,
            ..Manifest::shipped().models[0].clone()
        });
        let component = Component { version: version.to_owned(), artefact, ..component };
        Release { component, models: models.into_iter().collect() }
    }

    /// The home of a package, and the folder that only the package writes to.
    fn packaged(folder: &Path) -> (Home, Home) {
        let folders = serde_json::json!({
            "folder": folder.join("share"),
            "models": folder.join("models"),
            "updates": folder.join("lib/plugins"),
            "cache": folder.join("cache"),
        });
        (serde_json::from_value(folders).unwrap(), Home::at(folder.join("share")))
    }

    fn in_force(home: &Home) -> Vec<u8> {
        home.read_component(&home.component("privacy-filter", Some("face-blur")).unwrap()).unwrap()
    }

    #[test]
    fn a_candidate_is_promoted_and_taken_back() {
        let (_folder, home) = home_with(b"one");
        let two = release(&home, "0.2.0", b"two", None);
        home.propose(&two, b"two", &[]).unwrap();
        assert_eq!(in_force(&home), b"one", "a candidate is not in force");
        home.promote(&two).unwrap();
        assert_eq!(in_force(&home), b"two");
        let other = release(&home, "0.3.0", b"three", None).digest();
        assert!(matches!(home.take_back("face-blur", other, "it is slow"), Err(Error::NoVersion { .. })));
        assert_eq!(in_force(&home), b"two", "what is not in force is not taken back");
        let back = home.roll_back("face-blur", "it found no faces").unwrap();
        assert_eq!((back.component.version.as_str(), in_force(&home)), ("0.1.0", b"one".to_vec()));
        let error = home.propose(&two, b"two", &[]).unwrap_err().to_string();
        assert!(error.contains("0.2.0") && error.contains("it found no faces"), "{error}");
        assert!(matches!(home.roll_back("face-blur", "again"), Err(Error::NoVersion { .. })));
        assert_eq!(in_force(&home), b"one");
    }

    #[test]
    fn what_is_refused_is_loaded_no_more_and_what_was_before_may_be() {
        let (_folder, home) = home_with(b"one");
        let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
        home.propose(&two, b"two", &[]).unwrap();
        home.promote(&two).unwrap();
        home.propose(&three, b"three", &[]).unwrap();
        let loadable = |wasm: &[u8]| home.loadable().unwrap().contains(&Sha256::of(wasm));
        assert!(loadable(b"one") && loadable(b"two") && loadable(b"three"));
        home.refuse(&three, "it is slower").unwrap();
        assert!(loadable(b"one") && loadable(b"two") && !loadable(b"three"));
    }

    #[test]
    fn what_was_judged_is_put_in_force_or_refused_and_not_what_took_its_place_as_the_candidate() {
        let (_folder, home) = home_with(b"one");
        let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
        home.propose(&two, b"two", &[]).unwrap();
        home.propose(&three, b"three", &[]).unwrap();
        assert!(matches!(home.promote(&two), Err(Error::NoVersion { .. })));
        assert_eq!(in_force(&home), b"one");
        home.refuse(&two, "it is slower").unwrap();
        let standing = home.standing("face-blur").unwrap();
        assert_eq!((standing.candidate, standing.refused[0].release), (Some(three), two.digest()));
    }

    #[test]
    fn that_something_was_installed_shows_without_reading_it() {
        let (_folder, home) = home_with(b"one");
        let at_first = home.stamp();
        assert_eq!(home.stamp(), at_first);
        let two = release(&home, "0.2.0", b"two", None);
        home.propose(&two, b"two", &[]).unwrap();
        let proposed = home.stamp();
        assert_ne!(proposed, at_first);
        home.refuse(&two, "it is slower").unwrap();
        let refused = home.stamp();
        assert_ne!(refused, proposed);
        home.install(new("0.1.1", b"mine")).unwrap();
        assert_ne!(home.stamp(), refused);
    }

    #[test]
    fn a_refused_release_is_tried_again_when_somebody_says_so() {
        let (_folder, home) = home_with(b"one");
        let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
        for (release, wasm) in [(&two, &b"two"[..]), (&three, b"three")] {
            home.propose(release, wasm, &[]).unwrap();
            home.refuse(release, "it is slower").unwrap();
        }
        assert_eq!(home.readmit(&two).unwrap().unwrap().why, "it is slower");
        assert!(matches!(home.propose(&three, b"three", &[]), Err(Error::RefusedBefore { .. })), "the other is not");
        home.propose(&two, b"two", &[]).unwrap();
        let standing = home.standing("face-blur").unwrap();
        assert_eq!((standing.candidate.as_ref(), standing.refused.len()), (Some(&two), 1));
        assert_eq!(home.readmit(&two).unwrap(), None);
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the age of files is measured by the clock of the file system")]
    fn a_refused_candidate_leaves_what_is_in_force() {
        let (_folder, home) = home_with(b"one");
        let two = release(&home, "0.2.0", b"two", None);
        home.propose(&two, b"two", &[]).unwrap();
        let versions = home.updates_folder().join("versions");
        for file in fs::read_dir(&versions).unwrap() {
            let file = File::options().write(true).open(file.unwrap().path()).unwrap();
            file.set_modified(SystemTime::now() - 2 * TAKEN_IN).unwrap();
        }
        home.refuse(&two, "it is slower").unwrap();
        let standing = home.standing("face-blur").unwrap();
        assert_eq!((standing.candidate, standing.current), (None, None));
        assert_eq!((standing.refused[0].version.as_str(), standing.refused[0].why.as_str()), ("0.2.0", "it is slower"));
        assert!(matches!(home.promote(&two), Err(Error::NoVersion { .. })));
        assert_eq!(in_force(&home), b"one");
        assert_eq!(fs::read_dir(versions).unwrap().count(), 0, "its file is gone");
    }

    #[test]
    fn a_new_model_for_the_same_component_is_a_release_of_its_own() {
        let (_folder, home) = home_with(b"one");
        let better = release(&home, "0.1.0", b"one", Some(b"better"));
        let mut patient = better.clone();
        patient.component.limits.call_ms += 1;
        assert_ne!(better.digest(), patient.digest(), "and so is one that may take longer");
        let best = release(&home, "0.1.0", b"one", Some(b"best"));
        assert_ne!(better.digest(), best.digest());
        home.propose(&better, b"one", &[("centerface", b"better")]).unwrap();
        home.promote(&better).unwrap();
        home.propose(&best, b"one", &[("centerface", b"best")]).unwrap();
        home.promote(&best).unwrap();
        let component = home.component("privacy-filter", None).unwrap();
        let current = home.release(&component).unwrap();
        assert_eq!(home.read_release(&current).unwrap().1, [("centerface".to_owned(), b"best".to_vec())]);
        home.take_back("face-blur", best.digest(), "worse").unwrap();
        let current = home.release(&home.component("privacy-filter", None).unwrap()).unwrap();
        assert_eq!(home.read_release(&current).unwrap().1, [("centerface".to_owned(), b"better".to_vec())]);
    }

    #[test]
    fn other_bytes_than_the_release_names_are_not_taken_in() {
        let (_folder, home) = home_with(b"one");
        let two = release(&home, "0.2.0", b"two", Some(b"model"));
        assert!(matches!(home.propose(&two, b"other", &[("centerface", b"model")]), Err(Error::Digest { .. })));
        assert!(matches!(home.propose(&two, b"two", &[]), Err(Error::Digest { .. })));
        assert_eq!(home.standing("face-blur").unwrap(), Standing::default());
    }

    #[test]
    fn what_is_installed_by_hand_is_in_force() {
        let (_folder, home) = home_with(b"one");
        let two = release(&home, "0.2.0", b"two", None);
        home.propose(&two, b"two", &[]).unwrap();
        home.promote(&two).unwrap();
        home.install(new("0.1.0", b"mine")).unwrap();
        assert_eq!(in_force(&home), b"mine");
        assert_eq!(home.remove("face-blur").unwrap(), None);
        assert!(home.component("privacy-filter", None).is_err());
        assert!(matches!(home.remove("face-blur"), Err(Error::NoComponent { .. })));
    }

    #[test]
    fn going_back_behind_what_a_package_has_brought_since_gives_the_package_s() {
        let folder = tempfile::tempdir().unwrap();
        let (home, package) = packaged(folder.path());
        package.install(new("0.1.0", b"one")).unwrap();
        for (version, wasm) in [("0.2.0", &b"two"[..]), ("0.4.0", b"four")] {
            let update = release(&home, version, wasm, None);
            home.propose(&update, wasm, &[]).unwrap();
            home.promote(&update).unwrap();
        }
        package.install(new("0.3.0", b"three")).unwrap();
        assert_eq!(in_force(&home), b"four", "the update is newer");
        let now = home.roll_back("face-blur", "worse").unwrap();
        assert_eq!((now.component.version.as_str(), in_force(&home)), ("0.3.0", b"three".to_vec()));
        let error = home.roll_back("face-blur", "again").unwrap_err().to_string();
        assert!(error.contains("`face-blur` 0.3.0 came with the package"), "{error}");
    }

    #[test]
    fn what_a_package_has_brought_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (home, package) = packaged(folder.path());
        package.install(new("0.1.0", b"one")).unwrap();
        let two = release(&home, "0.2.0", b"two", None);
        home.propose(&two, b"two", &[]).unwrap();
        home.promote(&two).unwrap();
        for _ in 0..2 {
            let now = home.remove("face-blur").unwrap().unwrap();
            assert_eq!((now.version.as_str(), in_force(&home)), ("0.1.0", b"one".to_vec()));
        }
        assert_eq!(home.standing("face-blur").unwrap(), Standing::default());
    }

    #[test]
    fn a_component_that_was_never_there_is_put_in_force_at_once() {
        let (_folder, home) = home_with(b"one");
        let mut other = release(&home, "0.1.0", b"other", None);
        other.component.name = "other".to_owned();
        home.put_in_force(&other, b"other", &[]).unwrap();
        let component = home.component("privacy-filter", Some("other")).unwrap();
        assert_eq!(home.read_component(&component).unwrap(), b"other");
        assert!(matches!(home.roll_back("other", "bad"), Err(Error::NoVersion { .. })), "there was none before it");
    }
}
