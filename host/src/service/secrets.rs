//! Names and passwords of cameras: each in a file of its own, outside the configuration.
//!
//! systemd hands credentials over in a folder of their own (`LoadCredential=` or, encrypted with the machine's TPM, `LoadCredentialEncrypted=`; systemd.exec(5)); those
//! come first. Else they lie in the folder that the configuration names. A file holds one line, `name:password`.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::control::Credentials;

/// Where credentials are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    systemd: Option<PathBuf>,
    folder: Option<PathBuf>,
}

/// Credentials that cannot be used. Nothing of what is in the file is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// They are nowhere.
    #[error(
        "there are no credentials `{name}`: put a file of this name, with one line `name:password`, into the folder that `[service] credentials-dir` names, or \
         hand it over with systemd (`LoadCredentialEncrypted={name}:…`)"
    )]
    Missing {
        /// What they are called.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the credentials {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than the owner may read it.
    #[error("others than their owner may read the credentials {}: run `chmod 600` on the file, and change the password if they may have done so", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// It is not one line with a name and a password.
    #[error("the credentials {} are not one line `name:password`", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
    },
}

// === impl Secrets ===

impl Secrets {
    /// Those of this process, and those in `folder`.
    pub fn of_this_process(folder: Option<&Path>) -> Self {
        let systemd = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Self { systemd, folder: folder.map(Path::to_owned) }
    }

    /// The credentials of this name. `name` is checked by the configuration: it is no path.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn get(&self, name: &str) -> Result<Credentials, Error> {
        if let Some(path) = self.systemd.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists()) {
            // systemd itself sees to it that nobody else reads them.
            return read(&path);
        }
        let missing = || Error::Missing { name: name.to_owned() };
        let path = self.folder.as_ref().ok_or_else(missing)?.join(name);
        let facts = match fs::metadata(&path) {
            Ok(facts) => facts,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(source) => return Err(Error::Read { path, source }),
        };
        if facts.mode() & 0o077 != 0 {
            return Err(Error::Exposed { path });
        }
        read(&path)
    }
}

fn read(path: &Path) -> Result<Credentials, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let text = Zeroizing::new(text);
    let line = text.trim_end_matches(['\r', '\n']);
    let (user, password) = line.split_once(':').ok_or_else(|| Error::Malformed { path: path.to_owned() })?;
    if user.is_empty() || line.chars().any(char::is_control) {
        return Err(Error::Malformed { path: path.to_owned() });
    }
    Ok(Credentials { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder_with(text: &str, mode: u32) -> (tempfile::TempDir, Secrets) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let secrets = Secrets { systemd: None, folder: Some(folder.path().to_owned()) };
        (folder, secrets)
    }

    #[test]
    fn a_password_may_hold_colons_and_is_not_shown() {
        let (_folder, secrets) = folder_with("admin:s3:cret\n", 0o600);
        let credentials = secrets.get("till").unwrap();
        assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("admin", "s3:cret"));
        assert!(!format!("{credentials:?}").contains("s3"));
    }

    #[test]
    fn what_others_may_read_is_refused() {
        let (_folder, secrets) = folder_with("admin:secret", 0o640);
        assert!(matches!(secrets.get("till"), Err(Error::Exposed { .. })));
    }

    #[test]
    fn what_is_missing_or_malformed_says_what_to_do_and_not_what_was_there() {
        let (_folder, secrets) = folder_with("only-a-password", 0o600);
        let error = secrets.get("till").unwrap_err().to_string();
        assert!(error.contains("name:password") && !error.contains("only-a-password"), "{error}");
        assert!(matches!(secrets.get("door"), Err(Error::Missing { .. })));
        assert!(matches!(Secrets::default().get("till"), Err(Error::Missing { .. })));
    }

    #[test]
    fn what_systemd_hands_over_comes_first() {
        let (folder, secrets) = folder_with("admin:old", 0o600);
        let (systemd, _) = folder_with("admin:new", 0o440);
        let both = Secrets { systemd: Some(systemd.path().to_owned()), ..secrets };
        assert_eq!(both.get("till").unwrap().password.as_str(), "new");
        drop(folder);
    }
}
