//! Compiled code on disk.
//!
//! Compiling a component takes from 20 ms to 9 s; loading what was compiled before takes less than 0.1 s. But compiled
//! code is machine code that runs outside of any sandbox, so an entry is used only if this host wrote it: it carries an
//! HMAC-SHA256, under the host's own key, over what it was compiled from, how, and every byte of it. An entry that
//! fails is thrown away and compiled again. Code that was compiled elsewhere is never accepted.
//!
//! An entry: `sluis-code-v1\0`; 32 bytes of tag, over all that follows; the component's SHA-256; the SHA-256 of the
//! compiler's settings; the code. The two digests are its name, too.

use std::fmt;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::{digest, hmac};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::digest::Digest;
use crate::error::LoadError;

const MAGIC: &[u8] = b"sluis-code-v1\0";
const TAG: usize = 32;
/// The component's SHA-256 and that of the compiler's settings.
const MADE_FROM: usize = 64;

/// A folder of compiled code and the key that it is authenticated with. Only the user that runs Sluis may write to the
/// folder; the key is what holds when somebody else has.
pub struct CodeCache {
    folder: PathBuf,
    key: hmac::Key,
}

// === impl CodeCache ===

impl CodeCache {
    /// Uses `folder`, and makes it when it is not there. `key` is this host's: whoever has it can run machine code in
    /// this process.
    ///
    /// # Errors
    ///
    /// [`LoadError::Cache`] when the folder cannot be made.
    pub fn new(folder: &Path, key: &[u8; 32]) -> Result<Self, LoadError> {
        fs::create_dir_all(folder).map_err(|source| LoadError::Cache { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, key) })
    }

    /// Removes from `folder` what was compiled of components that are not `used`. What cannot be removed costs room, and nothing else.
    pub fn tidy(folder: &Path, used: impl Fn(Digest) -> bool) {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let component = path.file_name().and_then(|name| name.to_str()?.split('-').next()?.parse::<Digest>().ok());
            if component.is_some_and(|component| !used(component)) {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The compiled component, from the folder if an authentic entry is there, else compiled and stored. A folder that
    /// cannot be written costs time, not function.
    pub(crate) fn load(&self, engine: &Engine, wasm: &[u8], sha256: Digest) -> wasmtime::Result<Component> {
        let settings = settings(engine);
        let (made_from, path) = (made_from(sha256, &settings), self.path(sha256, &settings));
        match self.read(&path, &made_from) {
            Ok(code) => match deserialize(engine, &code) {
                Ok(component) => return Ok(component),
                Err(error) => {
                    tracing::warn!(entry = %path.display(), %error, "compiled code does not load: compiling again");
                }
            },
            Err(Unusable::Absent) => {}
            Err(unusable) => {
                tracing::warn!(entry = %path.display(), %unusable, "compiled code discarded: compiling again");
                let _ = fs::remove_file(&path);
            }
        }
        let code = engine.precompile_component(wasm)?;
        if let Err(error) = self.write(&path, &made_from, &code) {
            tracing::warn!(entry = %path.display(), %error, "compiled code could not be stored");
        }
        deserialize(engine, &code)
    }

    /// The bytes of an entry, as they are stored.
    pub(crate) fn entry(&self, engine: &Engine, sha256: Digest) -> Option<Vec<u8>> {
        fs::read(self.path(sha256, &settings(engine))).ok()
    }

    /// The compiled component of an entry that came from elsewhere, if it is authentic.
    pub(crate) fn unpack(&self, engine: &Engine, entry: &[u8], sha256: Digest) -> Option<Component> {
        let code = self.authenticate(entry.to_vec(), &made_from(sha256, &settings(engine)));
        let code = code.inspect_err(|unusable| tracing::warn!(%unusable, "compiled code discarded")).ok()?;
        deserialize(engine, &code).ok()
    }

    fn path(&self, sha256: Digest, settings: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{sha256}-{}.code", &hex::encode(settings)[..16]))
    }

    fn read(&self, path: &Path, made_from: &[u8; MADE_FROM]) -> Result<Vec<u8>, Unusable> {
        let entry = fs::read(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Unusable::Absent,
            _ => Unusable::Unreadable(e),
        })?;
        self.authenticate(entry, made_from)
    }

    /// The code in an entry that this host made.
    fn authenticate(&self, mut entry: Vec<u8>, made_from: &[u8; MADE_FROM]) -> Result<Vec<u8>, Unusable> {
        let (tag, body) = (MAGIC.len(), MAGIC.len() + TAG);
        if entry.len() < body + MADE_FROM || !entry.starts_with(MAGIC) {
            return Err(Unusable::Foreign);
        }
        hmac::verify(&self.key, &entry[body..], &entry[tag..body]).map_err(|_| Unusable::Tampered)?;
        let code = entry.split_off(body + MADE_FROM);
        if entry[body..] != *made_from {
            return Err(Unusable::Moved);
        }
        Ok(code)
    }

    /// Writes beside and renames, so that a crash leaves no half entry under the name.
    fn write(&self, path: &Path, made_from: &[u8; MADE_FROM], code: &[u8]) -> io::Result<()> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(made_from);
        context.update(code);
        let tag = context.sign();

        let beside = path.with_extension(format!("{}.part", std::process::id()));
        let written = fs::File::create(&beside).and_then(|mut file| {
            for part in [MAGIC, tag.as_ref(), made_from, code] {
                file.write_all(part)?;
            }
            fs::rename(&beside, path)
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

impl fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeCache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("it is not there")]
    Absent,
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("it is not an entry of this version")]
    Foreign,
    #[error("its authentication fails: it was not written by this host, or was changed since")]
    Tampered,
    #[error("it belongs to another component or compiler: somebody renamed it")]
    Moved,
}

/// What an entry is made from.
fn made_from(sha256: Digest, settings: &[u8; 32]) -> [u8; MADE_FROM] {
    let mut made_from = [0; MADE_FROM];
    made_from[..32].copy_from_slice(sha256.as_bytes());
    made_from[32..].copy_from_slice(settings);
    made_from
}

/// All that compiled code depends on beside the component: runtime version, compiler settings, processor features.
fn settings(engine: &Engine) -> [u8; 32] {
    struct Sha256(digest::Context);
    impl Hasher for Sha256 {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            let mut first = [0; 8];
            first.copy_from_slice(&self.0.clone().finish().as_ref()[..8]);
            u64::from_le_bytes(first)
        }
    }
    let mut hasher = Sha256(digest::Context::new(&digest::SHA256));
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let mut settings = [0; 32];
    settings.copy_from_slice(hasher.0.finish().as_ref());
    settings
}

#[allow(
    unsafe_code,
    reason = "loads machine code; its callers in this file pass what `read` has authenticated, or what was compiled just now"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` came out of `Engine::precompile_component` of this host: either in this call, or in an earlier
    // one, which an HMAC under the host's key proves.
    unsafe { Component::deserialize(engine, code) }
}
