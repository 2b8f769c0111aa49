//! Keys that sign what a registry says: Ed25519.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::{Ed25519Key, Ed25519Scheme, Key};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::repository::RepositoryError;

/// A key that signs. It is a file in PKCS#8 (DER), as `tuftool` and `openssl genpkey -algorithm ed25519 -outform DER` write it.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    path: PathBuf,
}

/// The public half of a key: 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

/// Text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public key is 64 hexadecimal digits, as `sluis registry key` prints it")]
pub struct InvalidKey;

// === impl SigningKey ===

impl SigningKey {
    /// Makes a key and writes it to a new file, readable by its owner only.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also when the file is there already; [`Error::Random`].
    pub fn create(path: &Path) -> Result<Self, Error> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Random)?;
        let document = Zeroizing::new(document.as_ref().to_vec());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(&document).and_then(|()| file.sync_all()))
            .map_err(Error::io("make the key file", path))?;
        Self::parse(&document, path)
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::PublicHalf`], [`RepositoryError::KeyExposed`] when others may read it, [`RepositoryError::NoKey`] when it is none, [`Error::Io`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let facts = fs::metadata(path).map_err(Error::io("read the key file", path))?;
        let document = Zeroizing::new(fs::read(path).map_err(Error::io("read the key file", path))?);
        if PublicKey::parse(&document).is_some() {
            return Err(RepositoryError::PublicHalf { path: path.to_owned() }.into());
        }
        let mode = facts.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(RepositoryError::KeyExposed { path: path.to_owned(), mode }.into());
        }
        Self::parse(&document, path)
    }

    fn parse(document: &[u8], path: &Path) -> Result<Self, Error> {
        // Without its public half too, as OpenSSL writes it.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document)
            .map_err(|_| RepositoryError::NoKey { path: path.to_owned() })?;
        Ok(Self { pair, path: path.to_owned() })
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes"))
    }

    /// The file that it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public()).finish_non_exhaustive()
    }
}

// === impl PublicKey ===

impl PublicKey {
    /// Reads a file with a public key, as `sluis registry key` prints it.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::PrivateKey`] when it is a key that signs, [`RepositoryError::NoPublicKey`] when it is none, [`Error::Io`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = Zeroizing::new(fs::read(path).map_err(Error::io("read the public key", path))?);
        Self::parse(&text).ok_or_else(|| {
            let path = path.to_owned();
            match SigningKey::parse(&text, &path) {
                Ok(_) => RepositoryError::PrivateKey { path }.into(),
                Err(_) => RepositoryError::NoPublicKey { path }.into(),
            }
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        str::from_utf8(text).ok()?.parse().ok()
    }

    /// As The Update Framework writes it down.
    pub(crate) fn to_tuf(&self) -> Key {
        Key::Ed25519 {
            keyval: Ed25519Key { public: self.0.to_vec().into(), _extra: HashMap::new() },
            scheme: Ed25519Scheme::Ed25519,
            _extra: HashMap::new(),
        }
    }

    /// The beginning of its id in The Update Framework, by which messages and `sluis registry ls` name it.
    pub fn short_id(&self) -> String {
        short(&self.id())
    }

    /// Its id in The Update Framework: the SHA-256 of its description.
    pub(crate) fn id(&self) -> Decoded<Hex> {
        self.to_tuf().key_id().expect("a key is plain JSON")
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| InvalidKey)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Enough of a key's id to know it by.
pub(crate) fn short(id: &Decoded<Hex>) -> String {
    hex::encode(&id[..8.min(id.len())])
}

/// Whether this key has signed a message. Another kind of key than this program makes has not.
pub(crate) fn is_signed_by(key: &Key, message: &[u8], signature: &[u8]) -> bool {
    let Key::Ed25519 { keyval, .. } = key else { return false };
    UnparsedPublicKey::new(&ED25519, &keyval.public[..]).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let key = SigningKey::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(SigningKey::read(&path).unwrap().public(), key.public());
        assert!(SigningKey::create(&path).is_err(), "a key is never written over");
        assert_eq!(key.public().to_string().parse::<PublicKey>().unwrap(), key.public());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        SigningKey::create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = SigningKey::read(&path).unwrap_err().to_string();
        assert!(error.contains("0640") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_key_is_told_from_its_public_half() {
        let folder = tempfile::tempdir().unwrap();
        let (private, public) = (folder.path().join("root.key"), folder.path().join("root.pub"));
        let key = SigningKey::create(&private).unwrap();
        fs::write(&public, format!("{}\n", key.public())).unwrap();
        assert_eq!(PublicKey::read(&public).unwrap(), key.public());
        let told = PublicKey::read(&private).unwrap_err().to_string();
        assert!(told.contains("root.key is a private key") && told.contains("root.key --public"), "{told}");
        let told = SigningKey::read(&public).unwrap_err().to_string();
        assert!(told.contains("root.pub is the public half") && !told.contains("chmod"), "{told}");
        fs::write(&public, "0123").unwrap();
        assert!(PublicKey::read(&public).unwrap_err().to_string().contains("root.pub is no public key"));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        fs::write(&path, "secret").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(SigningKey::read(&path).unwrap_err().to_string().contains("sluis registry key"));
    }
}
