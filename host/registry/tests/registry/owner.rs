//! A registry with its owner, a publisher, and their keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sluis_registry::repository::{Beginning, Entry, LeftOut, Role, Validity};
use sluis_registry::{Repository, Sha256, SigningKey};
use tempfile::TempDir;

/// A registry in a folder, with all keys in another.
pub(crate) struct Owner {
    folder: TempDir,
    pub(crate) repository: Repository,
}

/// What the publisher `acme` offers: a filter with a model, and a gesture detector.
pub(crate) const FINDER: &str = "face-finder";
pub(crate) const WATCH: &str = "shelf-watch";

impl Owner {
    /// A registry whose root 2 of 3 keys must sign, with nothing in it.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        let repository = Repository::at(folder.path().join("registry"));
        let owner = Self { folder, repository };
        let role = |names: &[&str], threshold| Role {
            keys: names.iter().map(|name| owner.key(name).public()).collect(),
            threshold,
        };
        let beginning = Beginning {
            root: role(&["root-1", "root-2", "root-3"], 2),
            targets: role(&["targets"], 1),
            snapshot: role(&["online"], 1),
            timestamp: role(&["online"], 1),
            root_expires: soon(),
            targets_expires: soon(),
        };
        owner.repository.begin(&beginning).unwrap();
        owner
    }

    /// The same, with the publisher `acme` and both of its components in version 0.1.0, published.
    pub(crate) fn with_acme() -> Self {
        let owner = Self::new();
        owner.delegate("acme");
        owner.add("acme", "0.1.0", b"finder 1", b"model 1");
        owner.sign_all(&["root-1", "root-2", "targets", "acme"]);
        owner.publish();
        owner
    }

    /// The key of this name, which is made when it is first asked for.
    pub(crate) fn key(&self, name: &str) -> SigningKey {
        let path = self.key_file(name);
        if path.exists() { SigningKey::read(&path).unwrap() } else { SigningKey::create(&path).unwrap() }
    }

    pub(crate) fn key_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("keys").join(format!("{name}.key"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.repository.folder()
    }

    pub(crate) fn metadata(&self, file: &str) -> PathBuf {
        self.path().join("metadata").join(file)
    }

    /// What shops pin.
    pub(crate) fn root(&self) -> Vec<u8> {
        fs::read(self.metadata("1.root.json")).unwrap()
    }

    pub(crate) fn delegate(&self, publisher: &str) {
        let role = Role::of(self.key(publisher).public());
        self.repository.delegate(publisher, &role, soon()).unwrap();
    }

    /// Adds both components of a publisher in a version, with this filter and this model, as a draft.
    pub(crate) fn add(&self, publisher: &str, version: &str, finder: &[u8], model: &[u8]) {
        self.repository.add(publisher, &self.entry(version, finder, model), soon()).unwrap();
    }

    /// Both components in a version, with this filter and this model.
    pub(crate) fn entry(&self, version: &str, finder: &[u8], model: &[u8]) -> Entry {
        let source = self.folder.path().join("source");
        fs::create_dir_all(&source).unwrap();
        let files = [(FINDER, finder), (WATCH, b"watch"), ("finder", model)];
        for (name, bytes) in files {
            fs::write(source.join(name), bytes).unwrap();
        }
        let manifest = source.join("registry.json");
        fs::write(&manifest, manifest_of(version, model)).unwrap();
        let named = |name: &str| (name.to_owned(), source.join(name));
        Entry { manifest, components: vec![named(FINDER), named(WATCH)], models: vec![named("finder")] }
    }

    /// Another model for the same components.
    pub(crate) fn add_model(&self, publisher: &str, version: &str, model: &[u8]) {
        let source = self.folder.path().join("source");
        fs::write(source.join("finder"), model).unwrap();
        fs::write(source.join("registry.json"), manifest_of(version, model)).unwrap();
        let models = vec![("finder".to_owned(), source.join("finder"))];
        let entry = Entry { manifest: source.join("registry.json"), components: Vec::new(), models };
        self.repository.add(publisher, &entry, soon()).unwrap();
    }

    pub(crate) fn sign_all(&self, names: &[&str]) {
        let keys: Vec<SigningKey> = names.iter().map(|name| self.key(name)).collect();
        self.repository.sign(&keys).unwrap();
    }

    /// Publishes all drafts: none waits.
    pub(crate) fn publish(&self) {
        assert_eq!(self.publish_what_is_finished(), Vec::<String>::new());
    }

    /// Publishes, and gives the drafts that wait with what the owner reads of them.
    pub(crate) fn publish_what_is_finished(&self) -> Vec<String> {
        let published = self.repository.publish(&[self.key("online")], soon()).unwrap();
        published
            .left_out
            .into_iter()
            .map(|LeftOut { role, version, why }| format!("{role} {version}: {why}"))
            .collect()
    }

    /// Another publisher beside `acme`, with both components in version 0.7.0, published.
    pub(crate) fn with_acme_and_bond() -> Self {
        let owner = Self::with_acme();
        owner.delegate("bond");
        owner.add("bond", "0.7.0", b"bond's finder", b"bond's model");
        owner.sign_all(&["targets", "bond"]);
        owner.publish();
        owner
    }

    /// The version and validity of a role, drafts before what they replace.
    pub(crate) fn state(&self, role: &str) -> (u64, Validity) {
        let state = self.repository.state().unwrap();
        let found = state.iter().find(|found| found.role == role).unwrap();
        (found.version, found.validity)
    }

    /// The files of a folder of the registry, by their paths, and what is in each.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        walk(&self.path().join(folder), &mut files);
        files
    }

    /// The next state: version `version` of acme's components.
    pub(crate) fn update(&self, version: &str, finder: &[u8], model: &[u8]) {
        self.add("acme", version, finder, model);
        self.sign_all(&["acme"]);
        self.publish();
    }
}

fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            let bytes = fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
}

pub(crate) fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24)
}

fn manifest_of(version: &str, model: &[u8]) -> String {
    serde_json::json!({
        "version": 1,
        "components": [
            {
                "name": FINDER, "world": "privacy-filter", "contract": "sluis:stage@0.1.0", "version": version,
                "licence": "MIT", "sees": "raw", "detectors": [{ "family": "finder", "model": "finder" }],
                "limits": { "memory-mib": 256, "call-ms": 1000 }, "changelog": "Finds faces.",
            },
            {
                "name": WATCH, "world": "gesture-detector", "contract": "sluis:stage@0.1.0", "version": version,
                "licence": "MIT", "sees": "cleared",
            },
        ],
        "models": [{
            "name": "finder", "family": "finder", "sha256": Sha256::of(model), "size": model.len(),
            "licence": "MIT", "origin": "made for a test",
        }],
    })
    .to_string()
}
