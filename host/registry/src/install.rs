//! How a built component comes into a home.

use std::fs;

use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::Home;
use crate::manifest::{Artefact, Component, Limits, Manifest, Sees};
use crate::standing::Release;

/// A component that was built and checked.
#[derive(Debug, Clone)]
pub struct NewComponent {
    /// Its name.
    pub name: String,
    /// The world that it exports.
    pub world: String,
    /// The contract that it is built against.
    pub contract: String,
    /// Its own version.
    pub version: String,
    /// The models that its crate declares.
    pub models: Vec<String>,
    /// The component.
    pub wasm: Vec<u8>,
}

impl Home {
    /// Installs a component, in place of one of the same name. What the shipped manifest says of it (detectors, limits, licence) holds; a component that it
    /// does not know is granted those of the models it declares that the manifest knows, and the ordinary limits.
    ///
    /// # Errors
    ///
    /// [`Error`] when the home cannot be written. What was installed before stays then.
    pub fn install(&self, new: NewComponent) -> Result<Component, Error> {
        let plugins = self.folder().join("plugins");
        fs::create_dir_all(&plugins).map_err(Error::io("create", &plugins))?;
        self.forget_updates(&new.name)?;
        let _alone = self.lock()?;

        let artefact = Artefact { sha256: Sha256::of(&new.wasm), size: new.wasm.len() as u64 };
        let shipped = Manifest::shipped();
        let known = shipped.component(&new.name).filter(|c| c.world == new.world);
        let component = Component {
            sees: match new.world.as_str() {
                "anonymisation-audit" => Sees::Redacted,
                "gesture-detector" => Sees::Cleared,
                _ => Sees::Raw,
            },
            detectors: known.map_or_else(|| shipped.detectors_of(&new.models), |c| c.detectors.clone()),
            limits: known.map_or_else(Limits::default, |c| c.limits),
            artefact: Some(artefact),
            publisher: None,
            changelog: None,
            name: new.name,
            world: new.world,
            contract: new.contract,
            version: new.version,
            licence: known.map_or_else(|| "unknown".to_owned(), |c| c.licence.clone()),
        };
        write_whole(&self.component_path(&component.name), &new.wasm)?;
        let mut components = self.installed_by_hand()?.components;
        match components.iter_mut().find(|c| c.name == component.name) {
            Some(old) => *old = component.clone(),
            None => components.push(component.clone()),
        }
        // The models' pins are this program's own, never an old file's.
        self.write_installed(&Manifest { version: 1, components, models: shipped.models })?;
        Ok(component)
    }

    /// Refuses a release whose version comes before that of what is in force under its name, or of the candidate.
    ///
    /// # Errors
    ///
    /// [`Error::Older`]; [`Error`] when the home cannot be read.
    pub fn check_not_older(&self, release: &Release) -> Result<(), Error> {
        let name = &release.component.name;
        let in_force = self.in_force()?.remove(name).map(|installed| (installed, "in force"));
        let candidate = self.standing(name)?.candidate.map(|candidate| (candidate, "the candidate"));
        match candidate.into_iter().chain(in_force).find(|(installed, _)| installed.is_newer_than(release)) {
            None => Ok(()),
            Some((newer, state)) => Err(Error::Older {
                component: release.component.full_name(),
                version: release.component.version.clone(),
                newer: newer.component.version,
                state,
            }),
        }
    }

    /// Writes down what is installed by hand.
    pub(crate) fn write_installed(&self, manifest: &Manifest) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(manifest).expect("a manifest is plain JSON");
        write_whole(&self.manifest_path(), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Detector;

    fn new(name: &str, wasm: &[u8]) -> NewComponent {
        NewComponent {
            name: name.to_owned(),
            world: "privacy-filter".to_owned(),
            contract: "sluis:stage@0.1.0".to_owned(),
            version: "0.1.0".to_owned(),
            models: vec!["yunet".to_owned(), "unheard-of".to_owned()],
            wasm: wasm.to_vec(),
        }
    }

    #[test]
    fn an_installed_component_is_read_back_and_a_changed_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.install(new("face-blur", b"first")).unwrap();
        home.install(new("other", b"other")).unwrap();
        home.install(new("face-blur", b"second")).unwrap();
        let component = home.component("privacy-filter", None).unwrap();
        assert_eq!(component.name, "face-blur");
        assert_eq!(component.detectors.len(), 2, "as the shipped manifest says");
        assert_eq!(home.read_component(&component).unwrap(), b"second");
        let other = home.component("privacy-filter", Some("other")).unwrap();
        assert_eq!(
            other.detectors,
            [Detector { family: "yunet".into(), model: Some("yunet".into()) }],
            "as its crate declares"
        );

        fs::write(home.component_path("face-blur"), b"changed").unwrap();
        assert!(matches!(home.read_component(&component), Err(Error::Digest { .. })));
    }

    #[test]
    fn an_older_release_than_what_is_in_force_or_the_candidate_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let release = |version: &str| {
            let wasm = version.as_bytes();
            let artefact = Some(Artefact { sha256: Sha256::of(wasm), size: wasm.len() as u64 });
            let acme = Some("acme".to_owned());
            let component = Manifest::shipped().component("face-blur").unwrap().clone();
            Release {
                component: Component { version: version.to_owned(), publisher: acme, artefact, ..component },
                models: Vec::new(),
            }
        };
        home.check_not_older(&release("0.0.9")).unwrap();
        home.put_in_force(&release("0.2.0"), b"0.2.0", &[]).unwrap();
        home.check_not_older(&release("0.2.0")).unwrap();
        home.check_not_older(&release("0.3.0")).unwrap();
        let told = home.check_not_older(&release("0.0.9")).unwrap_err().to_string();
        assert!(told.contains("acme/face-blur 0.0.9 is offered, and 0.2.0 is in force"), "{told}");
        home.propose(&release("0.3.0"), b"0.3.0", &[]).unwrap();
        let told = home.check_not_older(&release("0.2.1")).unwrap_err().to_string();
        assert!(told.contains("0.3.0 is the candidate") && told.contains("--version 0.2.1"), "{told}");
    }

    #[test]
    fn a_component_of_another_world_is_not_taken_for_a_filter() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.install(NewComponent { world: "audience-meter".into(), ..new("meter", b"m") }).unwrap();
        let error = home.component("privacy-filter", Some("meter")).unwrap_err().to_string();
        assert!(error.contains("meter (audience-meter)"), "{error}");
    }
}
