//! What a plugin's crate says of itself.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, InFile as _};
use crate::toolchain::{TARGET, Toolchain, run};

/// A plugin's crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugin {
    /// The name of the crate.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// The models that it declares under `[package.metadata.sluis]`.
    pub(crate) models: Vec<String>,
    /// The root of its workspace: its own folder when it stands alone. Cargo runs the compiler there.
    pub(crate) workspace: PathBuf,
    /// The other crates that lie on this machine as source, by name and folder.
    pub(crate) path_dependencies: Vec<(String, PathBuf)>,
}

/// What `cargo metadata` tells, as far as it is needed here.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
    /// `None` for a crate that is a folder on this machine.
    source: Option<String>,
    targets: Vec<Target>,
    metadata: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

/// `[package.metadata.sluis]`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Declared {
    models: Vec<String>,
}

/// The manifest of the crate in `dir`, by its full path.
pub(crate) fn manifest(dir: &Path) -> Result<PathBuf, Error> {
    let manifest = dir.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(Error::NoCrate { dir: dir.to_owned() });
    }
    manifest.canonicalize().in_file(&manifest)
}

// === impl Plugin ===

impl Plugin {
    /// Asks Cargo. `manifest` is a full path.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::NoPackage`], [`Error::NoCdylib`], [`Error::Metadata`].
    pub(crate) fn read(manifest: &Path, toolchain: &Toolchain) -> Result<Self, Error> {
        let dir = manifest.parent().unwrap_or(Path::new("/"));
        let mut cargo = toolchain.cargo(dir);
        cargo.args(["metadata", "--format-version", "1", "--filter-platform", TARGET, "--manifest-path"]).arg(manifest);
        let output = run(&mut cargo)?;
        let unreadable = |output: String| Error::Unreadable { manifest: manifest.to_owned(), output };
        if !output.status.success() {
            return Err(unreadable(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let metadata = serde_json::from_slice(&output.stdout).map_err(|e| unreadable(e.to_string()))?;
        Self::from_metadata(manifest, metadata)
    }

    fn from_metadata(manifest: &Path, metadata: Metadata) -> Result<Self, Error> {
        let others = metadata.packages.iter().filter(|p| p.source.is_none() && p.manifest_path != manifest);
        let folders = others.filter_map(|p| Some((p.name.clone(), p.manifest_path.parent()?.to_owned())));
        let path_dependencies = folders.collect();
        let Some(package) = metadata.packages.into_iter().find(|package| package.manifest_path == manifest) else {
            return Err(Error::NoPackage { manifest: manifest.to_owned() });
        };
        if !package.targets.iter().any(|target| target.crate_types.iter().any(|kind| kind == "cdylib")) {
            return Err(Error::NoCdylib { plugin: package.name, manifest: manifest.to_owned() });
        }
        let declared = package.metadata.as_ref().and_then(|metadata| metadata.get("sluis")).cloned();
        let declared: Declared = declared
            .map_or_else(|| Ok(Declared::default()), serde_json::from_value)
            .map_err(|e| Error::Metadata { plugin: package.name.clone(), reason: e.to_string() })?;
        Ok(Self {
            name: package.name,
            version: package.version,
            manifest: manifest.to_owned(),
            models: declared.models,
            workspace: metadata.workspace_root,
            path_dependencies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(metadata: serde_json::Value, crate_types: &[&str]) -> Result<Plugin, Error> {
        let package = serde_json::json!({
            "name": "p", "version": "1.2.3", "manifest_path": "/p/Cargo.toml", "source": null,
            "targets": [{ "crate_types": crate_types }], "metadata": metadata,
        });
        let metadata =
            serde_json::from_value(serde_json::json!({ "workspace_root": "/p", "packages": [package] })).unwrap();
        Plugin::from_metadata(Path::new("/p/Cargo.toml"), metadata)
    }

    #[test]
    fn a_crate_declares_its_models() {
        let plugin = read(serde_json::json!({ "sluis": { "models": ["centerface"] } }), &["cdylib"]).unwrap();
        assert_eq!(plugin.models, ["centerface"]);
        assert!(read(serde_json::Value::Null, &["cdylib"]).unwrap().models.is_empty());
    }

    #[test]
    fn a_misspelt_declaration_is_an_error() {
        let error = read(serde_json::json!({ "sluis": { "model": ["centerface"] } }), &["cdylib"]).unwrap_err();
        assert!(error.to_string().contains("unknown field `model`"), "{error}");
    }

    #[test]
    fn a_crate_without_cdylib_is_told_what_to_add() {
        let error = read(serde_json::Value::Null, &["lib"]).unwrap_err();
        assert!(error.to_string().contains(r#"crate-type = ["cdylib", "rlib"]"#), "{error}");
    }
}
