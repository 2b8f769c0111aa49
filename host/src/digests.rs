//! What is at work, by digest: the program, the components that a configuration chooses, their models.

use std::fs::File;
use std::io;

use serde::Serialize;
use sluis_evaluate::{Measured, MeasuredModel};
use sluis_ledger::Hash;
use sluis_registry::{Component, Detector, Error, Home, Limits, Manifest, Model, Release, Sees};
use sluis_stage::{World, contract_releases};

use crate::assembly::Choice;
use crate::config;

/// Everything that is at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Digests {
    /// The program.
    pub program: Program,
    /// The versions of the contract that it speaks.
    pub contracts: Vec<&'static str>,
    /// The components that a configuration chooses.
    pub components: Vec<AtWork>,
    /// The models that are installed.
    pub models: Vec<AtHand>,
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Its version.
    pub version: &'static str,
    /// SHA-256 of the executable that runs.
    pub sha256: Hash,
    /// Bytes.
    pub size: u64,
}

/// A component that is at work. Its bytes were read, and have this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AtWork {
    /// Its name, version and digest, and its model: as a report of an evaluation names them.
    #[serde(flatten)]
    pub measured: Measured,
    /// Who published it. None: it came with the program, or was put there by hand.
    pub publisher: Option<String>,
    /// The contract that it was built against.
    pub contract: String,
    /// What data it is shown.
    pub sees: Sees,
    /// The family of its detector.
    pub detector: Option<String>,
    /// What it may use: what its manifest asks for, and no more than the configuration allows.
    pub limits: Limits,
    /// SHA-256 of its release: of the component and the models that came with it.
    pub release: String,
}

/// A model that is installed. Its bytes were read, and have this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtHand {
    /// Its name.
    pub name: String,
    /// The family of detectors that it makes.
    pub family: String,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// The components that a choice puts to work, as a report of an evaluation names them.
///
/// # Errors
///
/// [`Error`] when one is not installed.
pub fn measured(home: &Home, choice: &Choice) -> Result<Vec<Measured>, Error> {
    let manifest = home.manifest()?;
    Ok(releases(home, choice)?.iter().map(|release| measure(home, &manifest, release)).collect())
}

// === impl Digests ===

impl Digests {
    /// Reads what a configuration puts to work.
    ///
    /// # Errors
    ///
    /// [`Error`] when something is not installed, or is not what was installed; [`Error::Io`] when the executable cannot be read.
    pub fn of(home: &Home, config: &config::Config) -> Result<Self, Error> {
        let manifest = home.manifest()?;
        let mut components = Vec::new();
        for release in releases(home, &Choice::of(config))? {
            // Refused where it is not what was installed.
            home.read_release(&release)?;
            components.push(AtWork::new(home, &manifest, &release, config.plugins.limits));
        }
        let mut models = Vec::new();
        for model in manifest.models.iter().filter(|model| home.has_model(&model.name)) {
            home.read_model(model)?;
            let Model { name, family, sha256, size, .. } = model.clone();
            models.push(AtHand { name, family, sha256: sha256.to_string(), size });
        }
        Ok(Self { program: Program::this()?, contracts: contract_releases().collect(), components, models })
    }
}

// === impl Program ===

impl Program {
    /// This one.
    fn this() -> Result<Self, Error> {
        // The file that runs, also where another has been put in its place.
        let path = std::path::Path::new("/proc/self/exe");
        let read = File::open(path).and_then(Hash::of_all);
        let failed = |source: io::Error| Error::Io { doing: "read", path: path.to_owned(), source };
        let (sha256, size) = read.map_err(failed)?;
        Ok(Self { version: env!("CARGO_PKG_VERSION"), sha256, size })
    }
}

// === impl AtWork ===

impl AtWork {
    fn new(home: &Home, manifest: &Manifest, release: &Release, most: config::Limits) -> Self {
        let Component { publisher, contract, sees, limits, .. } = release.component.clone();
        Self {
            measured: measure(home, manifest, release),
            publisher,
            contract,
            sees,
            detector: detector(home, release).map(|detector| detector.family.clone()),
            limits: Limits {
                memory_mib: limits.memory_mib.min(most.memory_mib.get()),
                call_ms: limits.call_ms.min(most.call_ms.get()),
            },
            release: release.digest().to_string(),
        }
    }
}

/// The releases that a choice puts to work, as [`Assembly::new`](crate::assembly::Assembly::new) loads them.
fn releases(home: &Home, choice: &Choice) -> Result<Vec<Release>, Error> {
    let asked = [(World::GestureDetector, &choice.gestures), (World::AudienceMeter, &choice.audience)];
    let always = [(World::PrivacyFilter, &choice.filter), (World::AnonymisationAudit, &choice.audit)];
    let all = always.into_iter().chain(asked.into_iter().filter(|(_, name)| name.is_some()));
    all.map(|(world, name)| home.release(&home.component(world.name(), name.as_deref())?)).collect()
}

fn measure(home: &Home, manifest: &Manifest, release: &Release) -> Measured {
    let Component { name, world, version, artefact, .. } = release.component.clone();
    let model = detector(home, release).and_then(|detector| detector.model.as_deref());
    let model = model.and_then(|name| {
        let own = release.models.iter().find(|model| model.name == name);
        own.or_else(|| manifest.model(name))
    });
    Measured {
        name,
        world,
        version,
        sha256: artefact.map(|artefact| artefact.sha256.to_string()).unwrap_or_default(),
        model: model.map(|model| MeasuredModel { name: model.name.clone(), sha256: model.sha256.to_string() }),
    }
}

/// The detector that a release uses: of its own models where some came with it, else of those of the home.
fn detector<'a>(home: &Home, release: &'a Release) -> Option<&'a Detector> {
    release.component.detector(|name| match release.models.as_slice() {
        [] => home.has_model(name),
        own => own.iter().any(|model| model.name == name),
    })
}
