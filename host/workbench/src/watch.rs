//! Which files of a folder change. It looks now and then, so it works on every file system, also on a network's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the folder is looked at.
pub const EVERY: Duration = Duration::from_millis(300);

/// The files of a folder, as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

// === impl Files ===

impl Files {
    /// Looks at a plugin's folder. What is built in it (`target`), and what is hidden, does not count. What cannot be read is not there.
    pub fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let hidden = name.as_encoded_bytes().starts_with(b".");
                let Ok(about) = entry.metadata() else { continue };
                if hidden || (about.is_dir() && name == "target") {
                    continue;
                }
                if about.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                    files.insert(name, (about.modified().ok(), about.len()));
                }
            }
        }
        Self(files)
    }

    /// The files that are new, gone, or otherwise in `now`.
    pub fn changed(&self, now: &Self) -> Vec<PathBuf> {
        let all = self.0.keys().chain(now.0.keys().filter(|path| !self.0.contains_key(*path)));
        all.filter(|path| self.0.get(*path) != now.0.get(*path)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_seen_and_what_is_built_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("src/lib.rs", "one");
        write("gone.rs", "");
        let before = Files::of(folder.path());
        assert_eq!(before.changed(&Files::of(folder.path())), Vec::<PathBuf>::new());
        write("src/lib.rs", "longer");
        write("target/debug/a", "built");
        write(".git/index", "hidden");
        write("tests/golden/a.json", "new");
        fs::remove_file(folder.path().join("gone.rs")).unwrap();
        let mut changed = before.changed(&Files::of(folder.path()));
        changed.sort();
        assert_eq!(changed, ["gone.rs", "src/lib.rs", "tests/golden/a.json"].map(PathBuf::from));
    }
}
