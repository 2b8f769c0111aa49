//! Label files: JSON whose named values must be right, and whose other fields are comments.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::error::Error;

/// What is wrong, and where in the file: `events[2].zone`.
pub(crate) type Wrong = (String, String);

/// What a file of labels must hold beyond its types.
pub(crate) trait Checked: DeserializeOwned {
    fn check(&self) -> Result<(), Wrong>;
}

/// Reads a file.
pub(crate) fn read<T: Checked>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// Reads all `*.json` files of a folder, in the order of their names.
pub(crate) fn read_all<T: Checked>(folder: &Path) -> Result<Vec<T>, Error> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(io)?.map(|e| e.map(|e| e.path())).collect();
    let mut paths: Vec<PathBuf> = entries.map_err(io)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// Reads a file from its text; `path` is for the message.
pub(crate) fn parse<T: Checked>(text: &str, path: &Path) -> Result<T, Error> {
    let wrong = |at: String, why: String| Error::Format { path: path.to_owned(), at, why };
    let labels: T = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|e| wrong(e.path().to_string(), e.inner().to_string()))?;
    labels.check().map_err(|(at, why)| wrong(at, why))?;
    Ok(labels)
}

/// What holds for every clip.
pub(crate) fn check_clip(width: u32, height: u32, frames: u64, fps: f64) -> Result<(), Wrong> {
    if width == 0 || height == 0 || frames == 0 {
        return Err(("frames".into(), "the clip has no pictures".into()));
    }
    if !(fps.is_finite() && fps > 0.0) {
        return Err(("fps".into(), format!("{fps} pictures a second cannot be")));
    }
    Ok(())
}
