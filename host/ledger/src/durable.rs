//! A file that only grows, and whose end is known to be on disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file to append to. What was acknowledged is on disk, and nothing else stays in the file: a failed write is cut off again.
#[derive(Debug)]
pub(crate) struct Durable {
    path: PathBuf,
    file: File,
    /// Bytes that are acknowledged: the file has them, and the disk too.
    length: u64,
    /// What is behind them is unknown, or whether the disk has them.
    broken: bool,
}

// === impl Durable ===

impl Durable {
    /// Opens the file, mode 0600 where it has to be made. All of it counts as acknowledged only after [`settle`](Self::settle).
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let file = file.map_err(Error::file(path, "open"))?;
        let length = file.metadata().map_err(Error::file(path, "inspect"))?.len();
        Ok(Self { path: path.to_owned(), file, length, broken: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Keeps the first `length` bytes, and brings them to disk: an earlier process may have written them and ended before it could.
    pub(crate) fn settle(&mut self, length: u64) -> Result<(), Error> {
        self.cut(length).map_err(Error::file(&self.path, "cut off the torn end of"))?;
        self.length = length;
        Ok(())
    }

    /// Appends in one write and brings it to disk.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.broken {
            return Err(Error::Broken { path: self.path.clone() });
        }
        if let Err(error) = self.file.write_all(bytes) {
            self.broken = self.cut(self.length).is_err();
            return Err(Error::file(&self.path, "append to")(error));
        }
        if let Err(error) = self.file.sync_data() {
            // After a failed sync the system may take for written what is not (it marks the pages clean), so no later success can be believed.
            self.broken = true;
            let _ = self.cut(self.length);
            return Err(Error::file(&self.path, "write to disk")(error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        if self.file.metadata()?.len() != length {
            self.file.set_len(length)?;
        }
        self.file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_cannot_be_cut_back_is_not_written_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut durable = Durable::open(&path).unwrap();
        durable.append(b"kept\n").unwrap();
        // Neither writing nor cutting works through a file that is open for reading.
        let good = std::mem::replace(&mut durable.file, File::open(&path).unwrap());
        // Half a line is there that this process cannot take back.
        fs::write(&path, b"kept\nha").unwrap();
        assert!(matches!(durable.append(b"lost\n"), Err(Error::File { .. })));
        durable.file = good;
        assert!(
            matches!(durable.append(b"more\n"), Err(Error::Broken { .. })),
            "the disk is well again, the file is not"
        );
        assert_eq!(fs::read(&path).unwrap(), b"kept\nha");
    }
}
