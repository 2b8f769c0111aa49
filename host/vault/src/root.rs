//! The root secret, under which everything in the vault is wrapped.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ring::hkdf;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
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

    /// The file that a passphrase needs, in the vault's folder. It is no secret; without it the passphrase opens nothing.
    pub const PASSPHRASE_FILE: &'static str = "root.argon2";

    /// Reads the secret that systemd hands over (`$CREDENTIALS_DIRECTORY`): 32 bytes. Nothing is made, and nobody's permissions are looked at: the folder is systemd's.
    ///
    /// # Errors
    ///
    /// [`Error::RootLength`]; [`Error::File`].
    pub fn from_credential(path: &Path) -> Result<Self, Error> {
        let bytes = Zeroizing::new(fs::read(path).map_err(Error::file(path, "read the root secret"))?);
        let length = || Error::RootLength { path: path.to_owned(), found: bytes.len() as u64 };
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| length())?;
        Ok(Self::new(bytes))
    }

    /// Derives the secret from a passphrase, with Argon2id (RFC 9106) and what stands in `file`, which is made where there is none: salt and cost. The cost is that of RFC 9106's second
    /// recommendation: 3 passes over 64 MiB, 4 lanes.
    ///
    /// A wrong passphrase gives another secret, which the vault then refuses ([`Error::WrongRoot`]).
    ///
    /// # Errors
    ///
    /// [`Error::Passphrase`] when it is shorter than 12 characters; [`Error::PassphraseFile`] when the file is none, or weaker than this program makes them; [`Error::File`];
    /// [`Error::Random`].
    pub fn from_passphrase(passphrase: &str, file: &Path) -> Result<Self, Error> {
        if passphrase.chars().count() < SHORTEST {
            return Err(Error::Passphrase { least: SHORTEST });
        }
        if !file.try_exists().map_err(Error::file(file, "look for the salt"))? {
            let mut salt = Zeroizing::new(vec![0; 16]);
            SystemRandom::new().fill(&mut salt).map_err(|_| Error::Random)?;
            let cost =
                Cost { argon2id: ARGON2_VERSION, memory_kib: 64 << 10, passes: 3, lanes: 4, salt: salt.to_vec() };
            publish(file, serde_json::to_string_pretty(&cost).expect("a cost is plain data").as_bytes())?;
        }
        let text = fs::read_to_string(file).map_err(Error::file(file, "read the salt"))?;
        let bad = || Error::PassphraseFile { path: file.to_owned() };
        let cost: Cost = serde_json::from_str(&text).map_err(|_| bad())?;
        let strong = cost.argon2id == ARGON2_VERSION
            && (64 << 10..=4 << 20).contains(&cost.memory_kib)
            && (3..=100).contains(&cost.passes)
            && (1..=64).contains(&cost.lanes)
            && (16..=64).contains(&cost.salt.len());
        if !strong {
            return Err(bad());
        }
        let parameters = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| bad())?;
        let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
        let mut secret = Zeroizing::new([0; 32]);
        argon2.hash_password_into(passphrase.as_bytes(), &cost.salt, secret.as_mut()).map_err(|_| bad())?;
        Ok(Self(secret))
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
        // Of its full length from the start: a vector that grows leaves what it held behind.
        let mut secrets = Zeroizing::new(Vec::with_capacity(self.0.len() + other.len()));
        secrets.extend_from_slice(self.0.as_ref());
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

/// What the file beside a vault with a passphrase says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Cost {
    /// The version of Argon2.
    argon2id: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    #[serde(with = "hex")]
    salt: Vec<u8>,
}

/// Version 1.3, the only one of RFC 9106.
const ARGON2_VERSION: u32 = 0x13;

/// Characters of the shortest passphrase.
const SHORTEST: usize = 12;

fn make(path: &Path) -> Result<(), Error> {
    let mut secret = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(secret.as_mut()).map_err(|_| Error::Random)?;
    publish(path, secret.as_ref())
}

/// Writes a new file beside `path` and links it there: the link fails where one has appeared meanwhile, which then stays.
fn publish(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut suffix = [0; 8];
    SystemRandom::new().fill(&mut suffix).map_err(|_| Error::Random)?;
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
    let written = file.write_all(content).and_then(|()| file.sync_all());
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
    fn a_passphrase_gives_the_same_secret_again_and_another_gives_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(RootSecret::PASSPHRASE_FILE);
        let first = RootSecret::from_passphrase("correct horse battery", &file).unwrap();
        assert_eq!(RootSecret::from_passphrase("correct horse battery", &file).unwrap().0, first.0);
        assert_ne!(RootSecret::from_passphrase("correct horse batterz", &file).unwrap().0, first.0);
        let elsewhere = folder.path().join("another/root.argon2");
        assert_ne!(RootSecret::from_passphrase("correct horse battery", &elsewhere).unwrap().0, first.0, "no salt");
        assert!(matches!(RootSecret::from_passphrase("short", &file), Err(Error::Passphrase { .. })));
    }

    #[test]
    fn a_passphrase_file_that_was_made_weaker_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(RootSecret::PASSPHRASE_FILE);
        RootSecret::from_passphrase("correct horse battery", &file).unwrap();
        let good = fs::read_to_string(&file).unwrap();
        for (from, to) in [("65536", "8"), ("\"passes\": 3", "\"passes\": 1"), ("\"argon2id\": 19", "\"argon2id\": 16")]
        {
            assert!(good.contains(from), "{good}");
            fs::write(&file, good.replace(from, to)).unwrap();
            let refused = RootSecret::from_passphrase("correct horse battery", &file);
            assert!(matches!(refused, Err(Error::PassphraseFile { .. })), "{to}");
        }
    }

    #[test]
    fn a_credential_is_read_and_never_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sluis-root");
        assert!(matches!(RootSecret::from_credential(&path), Err(Error::File { .. })));
        assert!(!path.exists());
        fs::write(&path, [4; 32]).unwrap();
        assert_eq!(*RootSecret::from_credential(&path).unwrap().0, [4; 32]);
        fs::write(&path, [4; 33]).unwrap();
        assert!(matches!(RootSecret::from_credential(&path), Err(Error::RootLength { found: 33, .. })));
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
