//! Who has got hold of a key, and signs with it whatever they want.

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::signature::Ed25519KeyPair;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tough::schema::{Hashes, Metafile, Role, Signature, Signed, Snapshot, Targets, Timestamp as Newest};

use crate::owner::{Owner, soon};

/// Reads metadata, as anybody can.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Signed<T> {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Signs with the keys in these files, and with no others.
pub(crate) fn sign<T: Role>(owner: &Owner, document: T, keys: &[&str]) -> Signed<T> {
    let message = document.canonical_form().unwrap();
    let signatures = keys.iter().map(|name| {
        let pair = Ed25519KeyPair::from_pkcs8(&fs::read(owner.key_file(name)).unwrap()).unwrap();
        let key = format!(
            r#"{{"keytype":"ed25519","keyval":{{"public":"{}"}},"scheme":"ed25519"}}"#,
            owner.key(name).public()
        );
        let keyid = digest(&SHA256, key.as_bytes()).as_ref().to_vec().into();
        Signature { keyid, sig: pair.sign(&message).as_ref().to_vec().into() }
    });
    Signed { signatures: signatures.collect(), signed: document }
}

pub(crate) fn write<T: Serialize>(path: &Path, document: &Signed<T>) -> Vec<u8> {
    let bytes = serde_json::to_vec_pretty(document).unwrap();
    fs::write(path, &bytes).unwrap();
    bytes
}

/// Puts the next snapshot and timestamp in place, signed with a key, as if `role` had published these targets.
pub(crate) fn publish(owner: &Owner, key: &str, role: &str, targets: &Signed<Targets>) {
    let version = targets.signed.version;
    let bytes = write(&owner.metadata(&format!("{version}.{role}.json")), targets);
    let newest = read::<Newest>(&owner.metadata("timestamp.json")).signed;
    let at = newest.meta["snapshot.json"].version;
    let mut snapshot = read::<Snapshot>(&owner.metadata(&format!("{at}.snapshot.json"))).signed;
    snapshot.version = NonZeroU64::new(at.get() + 1).unwrap();
    snapshot.meta.insert(format!("{role}.json"), meta(&bytes, version));
    let bytes =
        write(&owner.metadata(&format!("{}.snapshot.json", snapshot.version)), &sign(owner, snapshot.clone(), &[key]));
    point(owner, key, newest, meta(&bytes, snapshot.version), soon());
}

/// A timestamp that says the same as the last one, until another time.
pub(crate) fn say_again(owner: &Owner, key: &str, expires: Timestamp) {
    let newest = read::<Newest>(&owner.metadata("timestamp.json")).signed;
    let snapshot = newest.meta["snapshot.json"].clone();
    point(owner, key, newest, snapshot, expires);
}

fn point(owner: &Owner, key: &str, last: Newest, snapshot: Metafile, expires: Timestamp) {
    let version = NonZeroU64::new(last.version.get() + 1).unwrap();
    let newest = Newest { version, expires, meta: HashMap::from([("snapshot.json".to_owned(), snapshot)]), ..last };
    write(&owner.metadata("timestamp.json"), &sign(owner, newest, &[key]));
}

fn meta(bytes: &[u8], version: NonZeroU64) -> Metafile {
    let sha256 = digest(&SHA256, bytes).as_ref().to_vec().into();
    Metafile {
        length: Some(bytes.len() as u64),
        hashes: Some(Hashes { sha256, _extra: HashMap::new() }),
        version,
        _extra: HashMap::new(),
    }
}

/// A copy of all that is published, and a way back to it.
pub(crate) struct Copy(tempfile::TempDir);

impl Copy {
    pub(crate) fn of(owner: &Owner) -> Self {
        let copy = tempfile::tempdir().unwrap();
        replace(copy.path(), owner.path());
        Self(copy)
    }

    /// Shows the old state again.
    pub(crate) fn put_back(&self, owner: &Owner) {
        for folder in ["metadata", "targets"] {
            fs::remove_dir_all(owner.path().join(folder)).unwrap();
        }
        replace(owner.path(), self.0.path());
    }

    /// Shows one file as it was.
    pub(crate) fn put_back_file(&self, owner: &Owner, file: &str) {
        fs::copy(self.0.path().join(file), owner.path().join(file)).unwrap();
    }
}

fn replace(to: &Path, from: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            replace(&to, &from);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
