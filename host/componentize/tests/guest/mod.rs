//! Plugin crates as a partner would have them: outside this workspace, with the SDK by path.

#![allow(clippy::unwrap_used, reason = "set-up of tests: a failure here fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use sluis_componentize::{BuildRequest, Built, Error, World};

/// The source of a plugin crate.
pub(crate) struct Guest {
    name: String,
    source: String,
    body: String,
    worlds: Vec<World>,
    metadata: String,
}

impl Guest {
    pub(crate) fn new(name: &str, source: &str) -> Self {
        let (body, metadata) = (String::new(), String::new());
        Self { name: name.to_owned(), source: source.to_owned(), body, worlds: vec![], metadata }
    }

    /// A plugin that finds nothing.
    pub(crate) fn of_world(world: World) -> Self {
        Self { worlds: vec![world], ..Self::new(&format!("guest-of-{world}"), "") }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub(crate) fn also(mut self, world: World) -> Self {
        self.worlds.push(world);
        self
    }

    /// What it does with each frame, called `frame`.
    pub(crate) fn with_body(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }

    pub(crate) fn with_metadata(self, metadata: &str) -> Self {
        Self { metadata: metadata.to_owned(), ..self }
    }

    pub(crate) fn dir(&self) -> PathBuf {
        scratch().join("guests").join(&self.name)
    }

    fn write(&self) {
        let dir = self.dir();
        fs::create_dir_all(dir.join("src")).unwrap();
        let (name, metadata, sdk) = (&self.name, &self.metadata, workspace_root().join("plugins/sdk"));
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[package.metadata.sluis]\n{metadata}\n\n\
             [lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\n[dependencies]\nsluis-sdk = {{ path = {sdk:?} }}\n\n[workspace]\n"
        );
        write(&dir.join("Cargo.toml"), &manifest);
        // The versions that this workspace has fetched already: no need for a network.
        if !dir.join("Cargo.lock").exists() {
            fs::copy(workspace_root().join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        }
        let plugins: String = self.worlds.iter().map(|world| plugin(*world, &self.body)).collect();
        write(&dir.join("src/lib.rs"), &format!("{}{plugins}", self.source));
    }
}

/// Leaves a file alone that is as it should be: another test may be building it.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).unwrap();
    }
}

/// Writes the crate and builds it.
pub(crate) fn build(guest: &Guest) -> Result<Built, Error> {
    guest.write();
    build_in(&guest.dir())
}

/// Builds the crate in a folder.
pub(crate) fn build_in(dir: &Path) -> Result<Built, Error> {
    let (target_dir, out_dir) = (scratch().join("target"), scratch().join("out"));
    sluis_componentize::build(&BuildRequest { crate_dir: dir.to_owned(), target_dir, out_dir })
}

pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Kept from run to run, so that dependencies are compiled once.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("componentize")
}

fn plugin(world: World, body: &str) -> String {
    let (implemented, method, answer) = match world {
        World::PrivacyFilter => ("PrivacyFilter", "find", "Vec<sluis_sdk::filter::Region>"),
        World::AnonymisationAudit => ("AnonymisationAudit", "inspect", "sluis_sdk::audit::Verdict"),
        World::GestureDetector => ("GestureDetector", "observe", "Vec<sluis_sdk::gestures::Event>"),
        World::AudienceMeter => ("AudienceMeter", "measure", "Vec<sluis_sdk::audience::Face>"),
    };
    let (masks, nothing) = match world {
        World::AnonymisationAudit => {
            (", _masks: &[sluis_sdk::Rect]", "sluis_sdk::audit::Verdict { findings: vec![], worst_score: 0 }")
        }
        _ => ("", "vec![]"),
    };
    let export = world.sdk_macro();
    format!(
        "#[derive(Debug)]
        pub struct {implemented};
        impl sluis_sdk::{implemented} for {implemented} {{
            fn new(_camera: sluis_sdk::Camera, _settings: &str) -> Result<Self, String> {{ Ok(Self) }}
            #[allow(unused_variables)]
            fn {method}(&mut self, frame: &sluis_sdk::Frame<'_>{masks}) -> {answer} {{ {body} {nothing} }}
        }}
        {export}({implemented});
        "
    )
}
