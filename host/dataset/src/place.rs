//! The folder of an export. Whatever is written appears under its name whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The end of names of what is not whole yet.
pub(crate) const PART: &str = ".part";

/// The folder.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    fuse: Fuse,
}

/// Breaks the writing off after so many bytes and steps, for rehearsals of a kill or a full disk; not set otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fuse(Option<std::rc::Rc<std::cell::Cell<u64>>>);

/// A file of the export that is being written.
#[derive(Debug)]
pub(crate) struct Writing {
    file: BufWriter<File>,
    fuse: Fuse,
}

// === impl Fuse ===

impl Fuse {
    /// A fuse that burns through after `steps` bytes, files and renamings.
    #[cfg(test)]
    pub(crate) fn of(steps: u64) -> Self {
        Self(Some(std::rc::Rc::new(std::cell::Cell::new(steps))))
    }

    /// How many steps are left.
    #[cfg(test)]
    pub(crate) fn left(&self) -> u64 {
        self.0.as_ref().map_or(u64::MAX, |left| left.get())
    }

    /// Takes up to `steps`: how many may be done.
    fn burn(&self, steps: u64) -> io::Result<u64> {
        let Some(left) = &self.0 else { return Ok(steps) };
        let granted = steps.min(left.get());
        left.set(left.get() - granted);
        if granted == 0 && steps > 0 { Err(io::Error::other("the rehearsal broke off here")) } else { Ok(granted) }
    }
}

// === impl Place ===

impl Place {
    pub(crate) fn new(root: &Path, fuse: Fuse) -> Self {
        Self { root: root.to_owned(), fuse }
    }

    /// A path below the folder; the empty name is the folder itself.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        if name.as_ref().as_os_str().is_empty() { self.root.clone() } else { self.root.join(name) }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn has(&self, name: impl AsRef<Path>) -> bool {
        self.path(name).exists()
    }

    /// Makes a folder and those above it, for its owner only: pictures of people come into it.
    pub(crate) fn make(&self, name: impl AsRef<Path>) -> Result<(), Error> {
        let path = self.path(name);
        self.step(&path, "make the folder")?;
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(Error::file(&path, "make the folder"))
    }

    /// A new file, for its owner only.
    pub(crate) fn create(&self, name: impl AsRef<Path>) -> Result<Writing, Error> {
        let path = self.path(name);
        self.step(&path, "write")?;
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        let file = BufWriter::new(file.map_err(Error::file(&path, "write"))?);
        Ok(Writing { file, fuse: self.fuse.clone() })
    }

    /// Writes a whole file under another name, and gives it its own.
    pub(crate) fn write(
        &self,
        name: impl AsRef<Path>,
        content: impl FnOnce(&mut Writing) -> io::Result<()>,
    ) -> Result<(), Error> {
        let part = part(name.as_ref());
        let mut writing = self.create(&part)?;
        let path = self.path(&part);
        content(&mut writing).and_then(|()| writing.sync()).map_err(Error::file(&path, "write"))?;
        self.rename(&part, name)
    }

    pub(crate) fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Error> {
        let mut json = serde_json::to_vec_pretty(value).expect("what is written here is plain data");
        json.push(b'\n');
        self.write(name, |to| to.write_all(&json))
    }

    /// A JSON file; `None` when there is none.
    pub(crate) fn read_json<T: DeserializeOwned>(&self, name: impl AsRef<Path>) -> Result<Option<T>, Error> {
        let path = self.path(name);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::file(&path, "read")(e)),
        };
        serde_json::from_slice(&json).map(Some).map_err(|source| Error::Unreadable { path, source })
    }

    pub(crate) fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), Error> {
        let (from, to) = (self.path(from), self.path(to));
        self.step(&to, "write")?;
        fs::rename(&from, &to).map_err(Error::file(&to, "write"))
    }

    /// Removes a file, or a folder with all that is in it; nothing when it is not there.
    pub(crate) fn remove(&self, name: impl AsRef<Path>) -> Result<(), Error> {
        let path = self.path(name);
        self.step(&path, "delete")?;
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::file(&path, "delete")(e)),
            _ => Ok(()),
        }
    }

    /// Names in a folder, sorted; none when it is not there.
    pub(crate) fn list(&self, name: impl AsRef<Path>) -> Result<Vec<String>, Error> {
        let path = self.path(name);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::file(&path, "list")(e)),
        };
        let names = entries.map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<_>>>().map_err(Error::file(&path, "list"))?;
        names.sort_unstable();
        Ok(names)
    }

    pub(crate) fn open(&self, name: impl AsRef<Path>) -> Result<File, Error> {
        let path = self.path(name);
        File::open(&path).map_err(Error::file(&path, "read"))
    }

    /// Length and SHA-256 of a file.
    pub(crate) fn digest(&self, name: impl AsRef<Path>) -> Result<(u64, String), Error> {
        let path = self.path(&name);
        let mut file = self.open(name)?;
        let (mut context, mut bytes, mut piece) = (Context::new(&SHA256), 0, vec![0; 64 << 10]);
        loop {
            let n = file.read(&mut piece).map_err(Error::file(&path, "read"))?;
            if n == 0 {
                return Ok((bytes, hex::encode(context.finish())));
            }
            context.update(&piece[..n]);
            bytes += n as u64;
        }
    }

    fn step(&self, path: &Path, doing: &'static str) -> Result<(), Error> {
        self.fuse.burn(1).map(drop).map_err(Error::file(path, doing))
    }
}

pub(crate) fn part(name: &Path) -> PathBuf {
    let mut part = name.as_os_str().to_owned();
    part.push(PART);
    part.into()
}

// === impl Writing ===

impl Writing {
    /// Brings all to disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let granted = self.fuse.burn(bytes.len() as u64)? as usize;
        self.file.write(&bytes[..granted])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
