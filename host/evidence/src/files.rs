//! Looking into a folder that somebody else has made.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::error::Error;
use crate::path::{DEPTH_MAX, PackPath};

/// The most files that are looked at.
pub(crate) const FILES_MAX: usize = 1_000;

/// What lies in a folder.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) files: Vec<PackPath>,
    /// What no pack has: its path, as far as it can be written, and what it is.
    pub(crate) strange: Vec<(String, &'static str)>,
}

/// Lists everything below a folder. No symbolic link is followed.
pub(crate) fn list(folder: &Path) -> Result<Listed, Error> {
    let mut listed = Listed::default();
    below(folder, "", 1, &mut listed)?;
    listed.files.sort();
    listed.strange.sort();
    Ok(listed)
}

fn below(folder: &Path, at: &str, depth: usize, listed: &mut Listed) -> Result<(), Error> {
    let failed = || Error::file(folder, "read the folder");
    let mut empty = true;
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        empty = false;
        let path = format!("{at}{}", entry.file_name().to_string_lossy());
        if listed.files.len() + listed.strange.len() >= FILES_MAX {
            listed.strange.push((path, "there are more files than a pack has: what follows was not looked at"));
            return Ok(());
        }
        // Of the entry itself, not of what it may lead to.
        let kind = entry.file_type().map_err(failed())?;
        let name = entry.file_name().to_str().and_then(|_| path.parse::<PackPath>().ok());
        match name {
            _ if kind.is_symlink() => listed.strange.push((path, "it is a symbolic link, and was not followed")),
            None => listed.strange.push((path, "no file of a pack is called so")),
            Some(_) if kind.is_dir() && depth < DEPTH_MAX => {
                below(&entry.path(), &format!("{path}/"), depth + 1, listed)?;
            }
            Some(name) if kind.is_file() => listed.files.push(name),
            Some(_) => listed.strange.push((path, "it is no ordinary file")),
        }
    }
    if empty && depth > 1 {
        listed.strange.push((at.trim_end_matches('/').to_owned(), "it is an empty folder, and no pack has one"));
    }
    Ok(())
}

/// Opens a file, but no link and no device: opening must neither lead away nor wait.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no ordinary file")) }
}

/// A file of at most `most` bytes; `Err` says what is wrong.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)) {
        Err(error) => Err(format!("it cannot be read: {error}")),
        Ok(length) if length as u64 > most => Err(format!("it is longer than the {most} bytes that it may have")),
        Ok(_) => Ok(bytes),
    }
}
