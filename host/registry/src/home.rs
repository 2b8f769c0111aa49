//! Where components, models and compiled code are installed.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::iter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::digest::read_pinned;
use crate::error::Error;
use crate::manifest::{Component, Manifest, Model};

/// A folder with `plugins/` (components and the manifest of what is installed), `models/` (ONNX files) and `code/` (compiled code).
///
/// A home in `/usr/share` belongs to a package. Its models lie in the administrator's folder of the same name, in `/usr/local/share`, and its compiled code in the
/// user's cache; updates are in `/var/lib`, in the folder of the service. A service of systemd that has a cache (`CacheDirectory=`) keeps compiled code there, whatever its home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    folder: PathBuf,
    models: PathBuf,
    /// Where updates are: versions that came while a service ran, or from a registry.
    updates: PathBuf,
    /// Where compiled code and its key are.
    cache: PathBuf,
}

// === impl Home ===

impl Home {
    /// The home at this folder. It need not exist.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self::under(folder.into(), |name| env::var_os(name))
    }

    /// The home at this folder under these variables of the environment.
    fn under(folder: PathBuf, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let packaged = folder.strip_prefix("/usr/share").ok();
        let models = packaged.map(|name| Path::new("/usr/local/share").join(name));
        let users =
            || absolute("XDG_CACHE_HOME", &variable).or_else(|| Some(absolute("HOME", &variable)?.join(".cache")));
        let cache = absolute("CACHE_DIRECTORY", &variable).or_else(|| Some(users()?.join(packaged?)));
        Self {
            models: models.unwrap_or_else(|| folder.clone()).join("models"),
            updates: packaged.map_or_else(|| folder.clone(), |name| Path::new("/var/lib").join(name)).join("plugins"),
            cache: cache.unwrap_or_else(|| folder.clone()),
            folder,
        }
    }

    /// The home of this program: `sluis` or `share/sluis` beside the folder that the program lies in, whichever exists, else the user's data folder
    /// (`$XDG_DATA_HOME/sluis`, `~/.local/share/sluis`).
    ///
    /// # Errors
    ///
    /// [`Error::NoHome`] when there is no such folder and the user has none.
    pub fn of_this_program() -> Result<Self, Error> {
        let program = env::current_exe().ok();
        let above = program.as_deref().and_then(Path::parent).and_then(Path::parent);
        let beside = above.into_iter().flat_map(|above| [above.join("sluis"), above.join("share/sluis")]);
        if let Some(folder) = beside.into_iter().find(|folder| folder.is_dir()) {
            return Ok(Self::at(folder));
        }
        let variable = |name: &str| env::var_os(name);
        let users = || Some(absolute("HOME", &variable)?.join(".local/share"));
        let data = absolute("XDG_DATA_HOME", &variable).or_else(users);
        data.map(|data| Self::at(data.join("sluis"))).ok_or(Error::NoHome)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All folders that are read when components are loaded, as far as they are there.
    pub fn folders(&self) -> Vec<PathBuf> {
        let outside = [&self.models, &self.updates, &self.cache]
            .into_iter()
            .filter(|f| !f.starts_with(&self.folder) && f.is_dir());
        iter::once(&self.folder).chain(outside).cloned().collect()
    }

    /// What is in force: what is installed, and updates in its place. Where nothing is, the shipped manifest's models, so that they can be added.
    ///
    /// # Errors
    ///
    /// [`Error`] when the manifest cannot be read.
    pub fn manifest(&self) -> Result<Manifest, Error> {
        self.with_updates(self.installed_by_hand()?)
    }

    /// What was put there by hand or by a package.
    pub(crate) fn installed_by_hand(&self) -> Result<Manifest, Error> {
        match Manifest::read(&self.manifest_path()) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok(Manifest { components: Vec::new(), ..Manifest::shipped() })
            }
            other => other,
        }
    }

    /// The installed component that exports `world`: the one called `name`, or the first.
    ///
    /// # Errors
    ///
    /// [`Error::NothingInstalled`] or [`Error::NoComponent`].
    pub fn component(&self, world: &str, name: Option<&str>) -> Result<Component, Error> {
        let manifest = self.manifest()?;
        if manifest.components.is_empty() {
            return Err(Error::NothingInstalled { home: self.folder.clone() });
        }
        let fits = |c: &&Component| c.world == world && name.is_none_or(|name| c.name == name);
        manifest.components.iter().find(fits).cloned().ok_or_else(|| Error::NoComponent {
            name: name.unwrap_or("any").to_owned(),
            world: world.to_owned(),
            installed: listed(manifest.components.iter().map(|c| format!("{} ({})", c.name, c.world))),
        })
    }

    /// The installed component of this name, whatever its world.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`]; [`Error`] when the manifest cannot be read.
    pub fn installed(&self, name: &str) -> Result<Component, Error> {
        let manifest = self.manifest()?;
        manifest.component(name).cloned().ok_or_else(|| Error::NotInstalled {
            name: name.to_owned(),
            installed: listed(manifest.components.iter().map(|component| component.name.clone())),
        })
    }

    /// The bytes of an installed component.
    ///
    /// # Errors
    ///
    /// [`Error::Digest`] when they are not what was installed.
    pub fn read_component(&self, component: &Component) -> Result<Vec<u8>, Error> {
        let Some(artefact) = component.artefact else {
            return Err(Error::NothingInstalled { home: self.folder.clone() });
        };
        let remedy = "build and install it again: `sluis plugin build --install DIR`";
        let update = self.updated(&component.name, artefact.sha256, "wasm");
        read_pinned(&update.unwrap_or_else(|| self.component_path(&component.name)), artefact.sha256, remedy)
    }

    /// Whether a model is installed. Its digest is checked when it is read.
    pub fn has_model(&self, name: &str) -> bool {
        self.model_path(name).is_file()
    }

    /// The bytes of an installed model.
    ///
    /// # Errors
    ///
    /// [`Error::Digest`] when they are not what the manifest pins.
    pub fn read_model(&self, model: &Model) -> Result<Vec<u8>, Error> {
        let remedy = "add it again: `sluis model add NAME --from FILE`";
        let update = self.updated(&model.name, model.sha256, "onnx");
        read_pinned(&update.unwrap_or_else(|| self.model_path(&model.name)), model.sha256, remedy)
    }

    /// Where compiled code is kept.
    pub fn code_folder(&self) -> PathBuf {
        self.cache.join("code")
    }

    /// The secret that compiled code is authenticated with: made on first use, readable by its owner only.
    ///
    /// # Errors
    ///
    /// [`Error`] when it can neither be read nor made.
    pub fn code_key(&self) -> Result<[u8; 32], Error> {
        let path = self.cache.join("code.key");
        for _ in 0..2 {
            match fs::read(&path) {
                Ok(bytes) => {
                    if let Ok(key) = bytes.try_into() {
                        return Ok(key);
                    }
                    // A key of another length was cut while it was written: it has authenticated nothing.
                    fs::remove_file(&path).map_err(Error::io("replace", &path))?;
                }
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(Error::io("read", &path)(e)),
            }
            fs::create_dir_all(&self.cache).map_err(Error::io("create", &self.cache))?;
            let mut key = [0; 32];
            SystemRandom::new().fill(&mut key).map_err(|_| Error::Random)?;
            match File::options().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(mut file) => {
                    file.write_all(&key).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
                    return Ok(key);
                }
                // Another process made it in this moment: read theirs.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io("write", &path)(e)),
            }
        }
        fs::read(&path).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Error::Random)
    }

    /// Where updates are. It need not exist.
    pub fn updates_folder(&self) -> &Path {
        &self.updates
    }

    /// What is known of the registry: with the updates, for the service looks for them.
    pub(crate) fn registry_folder(&self) -> PathBuf {
        self.updates.join("registry")
    }

    /// Whether it belongs to a package.
    pub(crate) fn is_packaged(&self) -> bool {
        !self.updates.starts_with(&self.folder)
    }

    pub(crate) fn manifest_path(&self) -> PathBuf {
        self.folder.join("plugins/registry.json")
    }

    pub(crate) fn component_path(&self, name: &str) -> PathBuf {
        self.folder.join("plugins").join(format!("{name}.wasm"))
    }

    pub(crate) fn model_path(&self, name: &str) -> PathBuf {
        self.models.join(format!("{name}.onnx"))
    }
}

/// The path in a variable of the environment. What is not absolute does not count.
fn absolute(name: &str, variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// `a, b, c`, or `none`.
pub(crate) fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_code_key_is_made_once_and_is_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("deep"));
        let key = home.code_key().unwrap();
        assert_eq!(home.code_key().unwrap(), key);
        let mode = fs::metadata(folder.path().join("deep/code.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_home_has_everything_in_it() {
        let home = in_environment("/srv/sluis", &[("HOME", "/home/anna")]);
        assert_eq!(
            (home.models.as_path(), home.cache.as_path()),
            (Path::new("/srv/sluis/models"), Path::new("/srv/sluis"))
        );
        assert_eq!(home.folders(), [Path::new("/srv/sluis")]);
    }

    #[test]
    fn the_home_of_a_package_is_not_written_to() {
        let packaged = |variables| in_environment("/usr/share/sluis", variables);
        assert_eq!(packaged(&[]).models, Path::new("/usr/local/share/sluis/models"));
        let cache = |variables| packaged(variables).cache;
        assert_eq!(cache(&[("HOME", "/home/anna")]), Path::new("/home/anna/.cache/sluis"));
        assert_eq!(cache(&[("HOME", "/home/anna"), ("XDG_CACHE_HOME", "/c")]), Path::new("/c/sluis"));
    }

    #[test]
    fn a_service_compiles_into_its_cache_and_reads_it_there() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().to_str().unwrap();
        for at in ["/usr/share/sluis", "/srv/sluis"] {
            let home = in_environment(at, &[("CACHE_DIRECTORY", folder), ("HOME", "/")]);
            assert_eq!(home.code_folder(), cache.path().join("code"));
            home.code_key().unwrap();
            assert!(home.folders().contains(&cache.path().to_owned()));
            let sent = serde_json::to_string(&home).unwrap();
            assert_eq!(serde_json::from_str::<Home>(&sent).unwrap(), home, "the process that sees has no environment");
        }
    }

    fn in_environment(folder: &str, variables: &[(&str, &str)]) -> Home {
        let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).into());
        Home::under(folder.into(), variable)
    }

    #[test]
    fn an_empty_home_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = Home::at(folder.path()).component("privacy-filter", None).unwrap_err().to_string();
        assert!(error.contains("cargo demo"), "{error}");
        let error = Home::at(folder.path()).installed("nosuch").unwrap_err().to_string();
        assert_eq!(error, "no component `nosuch` is installed; installed are: none");
    }
}
