//! The keys of days: a segment's key is wrapped under the key of its day and class, and these lie in the keyring.
//!
//! The keyring is one small file, `keyring-N`, sealed under a key of its own. That key is made of two halves: the root secret, which the vault is handed, and a random
//! secret, which lies in the index. Whenever anything is destroyed, the keyring is written anew, under a new secret, and the old secret is overwritten. So an old copy of
//! the file opens with nothing that is still there, and neither does the present file with an old copy of the index. What only a copy of *both*, taken before, together with the root
//! secret opens is out of reach from here; `docs/vault.md` says what that means.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sluis_frame::Timestamp;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::index::Index;
use crate::retention::Deadline;
use crate::root::RootSecret;

/// A day of recording (UTC) and how long its segments are kept: what one day key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DayClass {
    /// Days since 1970-01-01.
    pub(crate) day: i32,
    /// Hours, rounded up.
    pub(crate) hours: u32,
}

/// A key of a day: 32 random bytes. Zeroed on drop; `Debug` shows nothing.
#[derive(Clone)]
pub(crate) struct DayKey(Zeroizing<[u8; 32]>);

/// Half of the keyring's key, as the index keeps it. Zeroed on drop.
#[derive(Clone)]
pub(crate) struct RingSecret {
    /// Which file it belongs to.
    pub(crate) generation: u64,
    pub(crate) secret: Zeroizing<[u8; 32]>,
}

/// The keyring of a vault: read by whoever opens segments, changed by the one process that keeps it.
pub(crate) struct Keyring {
    folder: PathBuf,
    root: RootSecret,
    open: Mutex<Ring>,
}

/// What is in the file, and which file that was.
#[derive(Default)]
struct Ring {
    /// `None`: nothing was read yet.
    generation: Option<u64>,
    keys: BTreeMap<DayClass, DayKey>,
}

const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;
/// Day, class, key.
const ROW: usize = 4 + 4 + 32;
/// How often a reader looks again when the keeper writes the keyring meanwhile.
const ATTEMPTS: u32 = 8;

// === impl DayClass ===

impl DayClass {
    /// What the key of a segment belongs to that was begun at `started` and must be gone at `deadline`.
    pub(crate) fn of(started: Timestamp, deadline: Deadline) -> Self {
        let day = started.as_nanos().div_euclid(DAY);
        let kept = deadline.time().as_nanos().saturating_sub(started.as_nanos());
        let hours = u32::try_from(kept.max(0).cast_unsigned().div_ceil(HOUR.cast_unsigned())).unwrap_or(u32::MAX);
        Self { day: i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX }), hours }
    }

    /// Whether a segment can still begin under it.
    pub(crate) fn is_over(self, now: Timestamp) -> bool {
        now.as_nanos() >= (i64::from(self.day) + 1).saturating_mul(DAY)
    }
}

impl fmt::Display for DayClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = crate::retention::display(Timestamp::from_secs(i64::from(self.day) * 86_400));
        write!(f, "{} for {} hours", day.split('T').next().unwrap_or(&day), self.hours)
    }
}

// === impl DayKey ===

impl DayKey {
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DayKey")
    }
}

// === impl RingSecret ===

impl RingSecret {
    pub(crate) fn random(generation: u64) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(secret.as_mut()).map_err(|_| Error::Random)?;
        Ok(Self { generation, secret })
    }
}

impl fmt::Debug for RingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingSecret").field("generation", &self.generation).finish_non_exhaustive()
    }
}

// === impl Keyring ===

impl Keyring {
    pub(crate) fn new(folder: &Path, root: &RootSecret) -> Self {
        Self { folder: folder.to_owned(), root: root.duplicate(), open: Mutex::new(Ring::default()) }
    }

    /// The key of a day, `None` when it is destroyed or was never made.
    ///
    /// # Errors
    ///
    /// [`Error::Keyring`] when the file is missing, changed, or of another vault; [`Error::Index`].
    pub(crate) fn get(&self, index: &Index, day: DayClass) -> Result<Option<DayKey>, Error> {
        let mut ring = self.lock();
        self.refresh(index, &mut ring)?;
        Ok(ring.keys.get(&day).cloned())
    }

    /// The key of a day, made where there is none. Only for the process that keeps the vault.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); [`Error::File`].
    pub(crate) fn get_or_make(&self, index: &Index, day: DayClass) -> Result<DayKey, Error> {
        let mut ring = self.lock();
        self.refresh(index, &mut ring)?;
        if let Some(key) = ring.keys.get(&day) {
            return Ok(key.clone());
        }
        let mut key = DayKey(Zeroizing::new([0; 32]));
        SystemRandom::new().fill(key.0.as_mut()).map_err(|_| Error::Random)?;
        let mut keys = ring.keys.clone();
        keys.insert(day, key.clone());
        // Nothing is destroyed: an old secret in the log for a little longer does no harm.
        match self.write(index, &mut ring, keys, &[]) {
            Ok(()) | Err(Error::IndexBusy { .. }) => Ok(key),
            Err(error) => Err(error),
        }
    }

    /// Destroys the keys of all days for which `gone` holds, writes that down, and gives the keyring a new key in any case. Only for the process that keeps the vault.
    ///
    /// # Errors
    ///
    /// As [`get_or_make`](Self::get_or_make): nothing is destroyed. [`Error::IndexBusy`]: the old secret is still in the index's log. In both cases the next call tries again.
    pub(crate) fn rotate(&self, index: &Index, gone: impl Fn(DayClass) -> bool) -> Result<(), Error> {
        let mut ring = self.lock();
        self.refresh(index, &mut ring)?;
        let (dead, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            ring.keys.iter().map(|(day, key)| (*day, key.clone())).partition(|(day, _)| gone(*day));
        self.write(index, &mut ring, kept, &dead.into_keys().collect::<Vec<_>>())
    }

    /// Whether there is a key of a day for which this holds.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub(crate) fn any(&self, index: &Index, is: impl Fn(DayClass) -> bool) -> Result<bool, Error> {
        let mut ring = self.lock();
        self.refresh(index, &mut ring)?;
        Ok(ring.keys.keys().any(|day| is(*day)))
    }

    /// Removes what a crash left: files of other generations than the present one, once that has been opened. They open with nothing, but need not lie about.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::Index`].
    pub(crate) fn tidy(&self, index: &Index) -> Result<(), Error> {
        self.refresh(index, &mut self.lock())?;
        let Some(present) = index.ring()?.map(|secret| self.file(secret.generation)) else { return Ok(()) };
        let failed = || Error::file(&self.folder, "list the vault's folder");
        for entry in fs::read_dir(&self.folder).map_err(failed())? {
            let path = entry.map_err(failed())?.path();
            let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("keyring-"));
            if ours && path != present {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Reads the file again when the index says that there is another.
    fn refresh(&self, index: &Index, ring: &mut Ring) -> Result<(), Error> {
        for attempt in 1.. {
            let Some(secret) = index.ring()? else {
                *ring = Ring::default();
                return Ok(());
            };
            if ring.generation == Some(secret.generation) {
                return Ok(());
            }
            let path = self.file(secret.generation);
            match fs::read(&path) {
                Ok(sealed) => {
                    let keys =
                        self.unseal(&secret, &sealed).ok_or(Error::Keyring { path, what: "it does not open" })?;
                    *ring = Ring { generation: Some(secret.generation), keys };
                    return Ok(());
                }
                // The keeper has written another between two looks of ours.
                Err(e) if e.kind() == ErrorKind::NotFound && attempt < ATTEMPTS => {}
                Err(e) if e.kind() == ErrorKind::NotFound => {
                    return Err(Error::Keyring { path, what: "it is not there" });
                }
                Err(e) => return Err(Error::file(&path, "read")(e)),
            }
        }
        unreachable!("the last attempt returns")
    }

    /// The new file first, then its secret in the index in place of the old one, then the old file goes. A kill in between leaves a file that is not the present one, and one that is.
    fn write(
        &self,
        index: &Index,
        ring: &mut Ring,
        keys: BTreeMap<DayClass, DayKey>,
        destroyed: &[DayClass],
    ) -> Result<(), Error> {
        let generation = ring.generation.map_or(0, |generation| generation + 1);
        let secret = RingSecret::random(generation)?;
        let sealed = self.seal(&secret, &keys)?;
        let path = self.file(generation);
        let failed = || Error::file(&path, "write");
        // What a crash left under this name has no secret.
        remove(&path)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(failed())?;
        file.write_all(&sealed).and_then(|()| file.sync_all()).map_err(failed())?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(failed())?;
        let set = index.set_ring(&secret, destroyed);
        if !matches!(set, Ok(()) | Err(Error::IndexBusy { .. })) {
            return set;
        }
        let old = ring.generation.replace(generation);
        ring.keys = keys;
        old.map_or(Ok(()), |old| remove(&self.file(old)))?;
        set
    }

    fn seal(&self, secret: &RingSecret, keys: &BTreeMap<DayClass, DayKey>) -> Result<Vec<u8>, Error> {
        let mut plain = Zeroizing::new(Vec::with_capacity(keys.len() * ROW + 16));
        for (day, key) in keys {
            plain.extend_from_slice(&day.day.to_be_bytes());
            plain.extend_from_slice(&day.hours.to_be_bytes());
            plain.extend_from_slice(key.bytes());
        }
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Error::Random)?;
        let mut sealed = nonce.to_vec();
        let tag = self
            .cipher(secret)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), context(secret.generation), &mut plain)
            .expect("a keyring is shorter than AES-GCM's limit");
        sealed.extend_from_slice(&plain);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    fn unseal(&self, secret: &RingSecret, sealed: &[u8]) -> Option<BTreeMap<DayClass, DayKey>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let plain = self.cipher(secret).open_in_place(nonce, context(secret.generation), &mut rest).ok()?;
        let rows = plain.chunks_exact(ROW);
        if !rows.remainder().is_empty() {
            return None;
        }
        rows.map(|row| {
            let day = i32::from_be_bytes(row[..4].try_into().ok()?);
            let hours = u32::from_be_bytes(row[4..8].try_into().ok()?);
            let mut key = DayKey(Zeroizing::new([0; 32]));
            key.0.copy_from_slice(&row[8..]);
            Some((DayClass { day, hours }, key))
        })
        .collect()
    }

    fn cipher(&self, secret: &RingSecret) -> LessSafeKey {
        let key = self.root.derive_with("keyring", secret.secret.as_ref());
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("AES-256 takes 32 bytes"))
    }

    fn file(&self, generation: u64) -> PathBuf {
        self.folder.join(format!("keyring-{generation}"))
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        // A panic in the middle leaves what the file had before or after.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn context(generation: u64) -> Aad<Vec<u8>> {
    let mut context = b"sluis-keyring-v1\0".to_vec();
    context.extend(generation.to_be_bytes());
    Aad::from(context)
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::file(path, "remove")(e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::retention::Retention;

    const ROOT: [u8; 32] = [5; 32];

    fn rig() -> (tempfile::TempDir, Index, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::keep(folder.path(), &[3; 32]).unwrap();
        let keyring = Keyring::new(folder.path(), &RootSecret::new(ROOT));
        (folder, index, keyring)
    }

    fn day(day: i32) -> DayClass {
        DayClass { day, hours: 72 }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let all = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        all.filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with("keyring-")).collect()
    }

    #[test]
    fn a_class_is_a_day_and_whole_hours() {
        let retention = Retention::new(Duration::from_secs(3 * 3600 + 1)).unwrap();
        for second in [0, 1, 86_399] {
            let started = Timestamp::from_secs(20_000 * 86_400 + second);
            let class = DayClass::of(started, retention.deadline(started));
            assert_eq!((class.day, class.hours), (20_000, 4));
            assert!(!class.is_over(started) && class.is_over(started + Duration::from_secs(86_400)));
        }
        assert_eq!(DayClass { day: 20_000, hours: 4 }.to_string(), "2024-10-04 for 4 hours");
    }

    #[test]
    fn a_key_is_made_once_and_found_by_others() {
        let (folder, index, keyring) = rig();
        assert!(keyring.get(&index, day(1)).unwrap().is_none());
        let key = keyring.get_or_make(&index, day(1)).unwrap();
        assert_eq!(keyring.get_or_make(&index, day(1)).unwrap().bytes(), key.bytes());
        let other = Keyring::new(folder.path(), &RootSecret::new(ROOT));
        assert_eq!(other.get(&index, day(1)).unwrap().unwrap().bytes(), key.bytes());
        assert!(other.get(&index, day(2)).unwrap().is_none());
        let made = keyring.get_or_make(&index, day(2)).unwrap();
        assert_eq!(other.get(&index, day(2)).unwrap().unwrap().bytes(), made.bytes(), "what changes meanwhile is seen");
        assert_eq!(files(folder.path()).len(), 1);
    }

    #[test]
    fn an_old_copy_of_the_keyring_is_no_use_once_anything_was_destroyed() {
        let (folder, index, keyring) = rig();
        keyring.get_or_make(&index, day(1)).unwrap();
        keyring.get_or_make(&index, day(2)).unwrap();
        let file = files(folder.path()).remove(0);
        let copy = fs::read(&file).unwrap();
        let before = index.ring().unwrap().unwrap();
        assert!(keyring.unseal(&before, &copy).is_some(), "the copy was good");
        keyring.rotate(&index, |d| d == day(1)).unwrap();
        assert!(index.outbox(9).unwrap().iter().any(|record| record.what.contains("day-key-destroyed")));
        assert!(keyring.get(&index, day(1)).unwrap().is_none());
        assert!(keyring.get(&index, day(2)).unwrap().is_some());
        let after = index.ring().unwrap().unwrap();
        assert!(keyring.unseal(&after, &copy).is_none());
        let renamed = RingSecret { generation: before.generation, secret: after.secret };
        assert!(keyring.unseal(&renamed, &copy).is_none());
        // And the present file does not open with what an old copy of the index holds.
        let present = fs::read(files(folder.path()).remove(0)).unwrap();
        assert!(keyring.unseal(&before, &present).is_none());
        // The old secret stands in no file of the index.
        for entry in fs::read_dir(folder.path()).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(32).any(|w| w == before.secret.as_ref()));
        }
    }

    #[test]
    fn a_destruction_without_a_day_key_gives_the_keyring_a_new_key_too() {
        let (_folder, index, keyring) = rig();
        keyring.get_or_make(&index, day(1)).unwrap();
        let before = index.ring().unwrap().unwrap();
        keyring.rotate(&index, |_| false).unwrap();
        assert_ne!(index.ring().unwrap().unwrap().secret, before.secret);
    }

    #[test]
    fn a_kill_between_file_and_index_leaves_the_keyring_as_it_was() {
        let (folder, index, keyring) = rig();
        let key = keyring.get_or_make(&index, day(1)).unwrap();
        let next = folder.path().join("keyring-1");
        fs::write(&next, "half of a file").unwrap();
        let again = Keyring::new(folder.path(), &RootSecret::new(ROOT));
        again.tidy(&index).unwrap();
        assert!(!next.exists());
        assert_eq!(again.get_or_make(&index, day(1)).unwrap().bytes(), key.bytes());
        fs::write(&next, "half of a file").unwrap();
        again.get_or_make(&index, day(2)).unwrap();
        assert!([day(1), day(2)].iter().all(|d| again.get(&index, *d).unwrap().is_some()));
    }

    #[test]
    fn a_keyring_that_is_missing_changed_or_of_another_root_is_refused() {
        let (folder, index, keyring) = rig();
        keyring.get_or_make(&index, day(1)).unwrap();
        let file = files(folder.path()).remove(0);
        let good = fs::read(&file).unwrap();
        let fresh = |root| Keyring::new(folder.path(), &RootSecret::new(root));
        for at in [0, 12, 20, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, bad).unwrap();
            assert!(matches!(fresh(ROOT).get(&index, day(1)), Err(Error::Keyring { .. })), "byte {at}");
        }
        fs::write(&file, &good).unwrap();
        assert!(fresh(ROOT).get(&index, day(1)).is_ok());
        assert!(matches!(fresh([6; 32]).get(&index, day(1)), Err(Error::Keyring { .. })));
        fs::remove_file(&file).unwrap();
        assert!(matches!(fresh(ROOT).get(&index, day(1)), Err(Error::Keyring { .. })));
    }
}
