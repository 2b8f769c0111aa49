//! The root secret, under which everything in the vault is wrapped.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ring::hkdf;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::error::Error;

/// 32 random bytes from which the keys of a vault are derived. Zeroed on drop; `Debug` shows nothing.
pub struct RootSecret(Zeroizing<[u8; 32]>);

// === impl RootSecret ===

impl RootSecret {
    /// From its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the secret from a file of 32 bytes that only its owner may read; makes the file, mode 0600, where there is none.
    ///
    /// It is made whole or not at all: a crash or a second process never leaves or sees half a secret.
    ///
    /// # Errors
    ///
    /// [`Error::RootExposed`] when others have any permission on the file, [`Error::RootLength`] when it is not 32 bytes long,
    /// [`Error::File`] when it cannot be read or made, [`Error::Random`] when the system gives no randomness.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        if !path.try_exists().map_err(Error::file(path, "look for the root secret"))? {
            make(path)?;
        }
        let mut file = File::open(path).map_err(Error::file(path, "open the root secret"))?;
        let facts = file.metadata().map_err(Error::file(path, "inspect the root secret"))?;
        let mode = facts.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Error::RootExposed { path: path.to_owned(), mode });
        }
        if facts.len() != 32 {
            return Err(Error::RootLength { path: path.to_owned(), found: facts.len() });
        }
        let mut bytes = Zeroizing::new([0; 32]);
        file.read_exact(bytes.as_mut()).map_err(Error::file(path, "read the root secret"))?;
        Ok(Self(bytes))
    }

    /// Another holder of the same secret.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// A key for one purpose: HKDF-SHA256 with the purpose as `info`. Knowing one tells nothing of another, nor of the root.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        self.derive_with(purpose, &[])
    }

    /// As [`derive`](Self::derive), of this secret and another: who lacks one of them knows nothing of the key.
    pub(crate) fn derive_with(&self, purpose: &str, other: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut secrets = Zeroizing::new(self.0.to_vec());
        secrets.extend_from_slice(other);
        let mut key = Zeroizing::new([0; 32]);
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"sluis-vault-v1")
            .extract(&secrets)
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|derived| derived.fill(key.as_mut()))
            .expect("HKDF-SHA256 gives 32 bytes");
        key
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootSecret")
    }
}

/// Writes a new secret beside `path` and links it there: the link fails where a secret has appeared meanwhile, which then stays.
fn make(path: &Path) -> Result<(), Error> {
    let random = SystemRandom::new();
    let mut secret = Zeroizing::new([0; 32]);
    random.fill(secret.as_mut()).map_err(|_| Error::Random)?;
    let mut suffix = [0; 8];
    random.fill(&mut suffix).map_err(|_| Error::Random)?;
    let fresh = path.with_extension(format!("{}.new", hex::encode(suffix)));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(Error::file(folder, "make the folder"))?;

    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .map_err(Error::file(&fresh, "make a root secret in"))?;
    let written = file.write_all(secret.as_ref()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match fs::hard_link(&fresh, path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&fresh);
    linked.and(removed).map_err(Error::file(path, "make the root secret"))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file(folder, "write to disk the folder"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/root.key");
        let first = RootSecret::from_file(&path).unwrap();
        let again = RootSecret::from_file(&path).unwrap();
        assert_eq!(first.0, again.0);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "a half-made file is left");
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        RootSecret::from_file(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = RootSecret::from_file(&path).unwrap_err();
            assert!(matches!(error, Error::RootExposed { mode: found, .. } if found == mode), "{error}");
        }
    }

    #[test]
    fn a_secret_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        RootSecret::from_file(&path).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        assert!(matches!(RootSecret::from_file(&path), Err(Error::RootLength { found: 31, .. })));
    }

    #[test]
    fn purposes_give_different_keys() {
        let root = RootSecret::new([7; 32]);
        assert_ne!(root.derive("a"), root.derive("b"));
        assert_eq!(format!("{root:?}"), "RootSecret");
    }

    #[test]
    fn many_starts_at_once_agree_on_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let made: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| RootSecret::from_file(&path).unwrap())).collect();
            starts.into_iter().map(|s| s.join().unwrap()).collect()
        });
        assert!(made.iter().all(|secret| secret.0 == made[0].0));
    }
}
