//! Signing drafts, and publishing them.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::{
    Error as SchemaError, Hashes, Metafile, Role, RoleType, Root, Signature, Signed, Snapshot, Targets,
    Timestamp as Newest,
};

use super::entry::{component_target, manifest_target, model_target, name};
use super::{Repository, RepositoryError, SPEC, delegated, keys_of, next, to_bytes};
use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::listed;
use crate::key::SigningKey;
use crate::manifest::Manifest;
use crate::remote;

/// How far a role is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// `root`, `targets`, `snapshot`, `timestamp` or a publisher.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// Until when it holds.
    pub expires: Timestamp,
    /// Whether it is a draft.
    pub draft: bool,
    /// Signatures that it has.
    pub have: u64,
    /// Signatures that it needs. Of a root that replaces keys of roots, those of the old one come on top.
    pub need: u64,
}

// === impl Repository ===

impl Repository {
    /// Signs all drafts that these keys may sign. Gives how far all drafts are.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NothingToSign`] when a key can sign none; [`Error::Io`].
    pub fn sign(&self, keys: &[SigningKey]) -> Result<Vec<Signatures>, Error> {
        let mut idle: Vec<&SigningKey> = keys.iter().collect();
        if let Some(mut draft) = self.drafted::<Root>("root")? {
            let mut allowed = keys_of(&draft.signed, RoleType::Root).0.to_vec();
            if let Some(before) = self.published::<Root>("root")? {
                allowed.extend_from_slice(keys_of(&before.signed, RoleType::Root).0);
            }
            put_signatures(&mut draft, &allowed, keys, &mut idle)?;
            self.write_draft("root", &draft)?;
        }
        let root = self.root()?.signed;
        let publishers = self.publishers()?;
        for role in publishers.iter().map(String::as_str).chain(["targets"]) {
            let Some(mut draft) = self.drafted::<Targets>(role)? else { continue };
            let allowed = match role {
                "targets" => keys_of(&root, RoleType::Targets).0.to_vec(),
                publisher => delegated(self.top()?.signed.delegations.as_ref(), publisher)?.0.to_vec(),
            };
            put_signatures(&mut draft, &allowed, keys, &mut idle)?;
            self.write_draft(role, &draft)?;
        }
        let state = self.state()?;
        if let Some(key) = idle.first() {
            let waiting = listed(state.iter().filter(|role| role.draft).map(|role| role.role.clone()));
            return Err(RepositoryError::NothingToSign { path: key.path().to_owned(), waiting }.into());
        }
        Ok(state)
    }

    /// How far each role is, drafts before what they replace.
    ///
    /// # Errors
    ///
    /// [`Error`] when there is no registry, or it cannot be read.
    pub fn state(&self) -> Result<Vec<Signatures>, Error> {
        let mut state = Vec::new();
        let root = self.root()?;
        let draft = self.drafted::<Root>("root")?.is_some();
        state.push(counted("root", &root, draft, keys_of(&root.signed, RoleType::Root)));
        let top = self.top()?;
        let draft = self.drafted::<Targets>("targets")?.is_some();
        state.push(counted("targets", &top, draft, keys_of(&root.signed, RoleType::Targets)));
        for publisher in self.publishers()? {
            let Some(theirs) = self.latest::<Targets>(&publisher)? else { continue };
            let draft = self.drafted::<Targets>(&publisher)?.is_some();
            let keys = delegated(top.signed.delegations.as_ref(), &publisher)?;
            state.push(counted(&publisher, &theirs, draft, keys));
        }
        if let Some(snapshot) = self.published::<Snapshot>("snapshot")? {
            state.push(counted("snapshot", &snapshot, false, keys_of(&root.signed, RoleType::Snapshot)));
        }
        if let Some(newest) = self.newest()? {
            state.push(counted("timestamp", &newest, false, keys_of(&root.signed, RoleType::Timestamp)));
        }
        Ok(state)
    }

    /// Publishes all drafts, with a new snapshot and timestamp. Nothing is published unless all drafts have all their signatures, every publisher has kept to
    /// its path, every file is there, and every manifest can be read. At last the registry is read as a host reads it. Without drafts it makes what is
    /// published hold until `expires`.
    ///
    /// # Errors
    ///
    /// [`RepositoryError`] says what is missing, and in whose part.
    pub fn publish(&self, online: &[SigningKey], expires: Timestamp) -> Result<Vec<Signatures>, Error> {
        let root = self.checked_root()?;
        let top = self.top()?;
        verified(root.signed.verify_role(&top), "targets", top.signed.version, "the root")?;
        self.check_version::<Targets>("targets", top.signed.version)?;
        let mut roles = vec![("targets".to_owned(), top.clone())];
        let delegations = top.signed.delegations.as_ref();
        for role in delegations.into_iter().flat_map(|d| &d.roles) {
            let publisher = role.name.as_str();
            let theirs = self.latest::<Targets>(publisher)?;
            let theirs = theirs.ok_or_else(|| RepositoryError::NothingSent { name: publisher.to_owned() })?;
            let signed = delegations.map_or(Ok(()), |d| d.verify_role(&theirs, publisher));
            verified(signed, publisher, theirs.signed.version, "the delegation")?;
            self.check_version::<Targets>(publisher, theirs.signed.version)?;
            self.check_targets(publisher, &theirs.signed)?;
            roles.push((role.name.clone(), theirs));
        }
        let version = |version: Option<NonZeroU64>| version.map_or(NonZeroU64::MIN, next);
        let mut snapshot = Snapshot::new(SPEC.to_owned(), version(self.version("snapshot")?), expires);
        for (role, targets) in &roles {
            snapshot.meta.insert(format!("{role}.json"), meta(&to_bytes(targets), targets.signed.version));
        }
        let snapshot = self.sign_online(&root.signed, RoleType::Snapshot, "snapshot", snapshot, online)?;
        let last = self.newest()?.map(|newest| newest.signed.version);
        let mut newest = Newest::new(SPEC.to_owned(), version(last), expires);
        newest.meta.insert("snapshot.json".to_owned(), meta(&to_bytes(&snapshot), snapshot.signed.version));
        let newest = self.sign_online(&root.signed, RoleType::Timestamp, "timestamp", newest, online)?;

        // In an order in which whoever reads meanwhile finds all that is named. The timestamp, which names the rest, is last.
        for (publisher, theirs) in &roles[1..] {
            self.publish_files(publisher, &theirs.signed)?;
        }
        write_whole(&self.published_path("root", root.signed.version), &to_bytes(&root))?;
        for (role, targets) in &roles {
            write_whole(&self.published_path(role, targets.signed.version), &to_bytes(targets))?;
        }
        write_whole(&self.published_path("snapshot", snapshot.signed.version), &to_bytes(&snapshot))?;
        write_whole(&self.metadata().join("timestamp.json"), &to_bytes(&newest))?;
        remote::check_folder(&self.folder, &to_bytes(&root)).map_err(|e| RepositoryError::Check(e.to_string()))?;

        match fs::remove_dir_all(self.draft()) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io("remove", self.draft())(e)),
            _ => {}
        }
        self.state()
    }

    /// The root, signed by its own keys and by those of the one before.
    fn checked_root(&self) -> Result<Signed<Root>, Error> {
        let root = self.root()?;
        let version = root.signed.version;
        verified(root.signed.verify_role(&root), "root", version, "the root")?;
        if let (Some(draft), Some(before)) = (self.drafted::<Root>("root")?, self.published::<Root>("root")?) {
            verified(before.signed.verify_role(&draft), "root", version, "the root before it")?;
        }
        self.check_version::<Root>("root", version)?;
        Ok(root)
    }

    /// A draft goes on where what is published ended.
    fn check_version<T: serde::de::DeserializeOwned>(&self, role: &str, found: NonZeroU64) -> Result<(), Error> {
        if self.drafted::<T>(role)?.is_none() {
            return Ok(());
        }
        let expected = self.version(role)?.map_or(NonZeroU64::MIN, next);
        if found == expected {
            return Ok(());
        }
        Err(RepositoryError::Version { role: role.to_owned(), found: found.get(), expected: expected.get() }.into())
    }

    /// What a publisher signed lies under its path, is there, and is what its manifest says.
    fn check_targets(&self, publisher: &str, theirs: &Targets) -> Result<(), Error> {
        let wrong = |target: &str, why: &str| {
            Error::from(RepositoryError::Target { publisher: publisher.into(), target: target.into(), why: why.into() })
        };
        if theirs.delegations.as_ref().is_some_and(|d| !d.roles.is_empty()) {
            return Err(wrong(publisher, "publishers do not delegate to others"));
        }
        let target = manifest_target(publisher);
        let Some(signed) = theirs.targets.get(&name(&target)) else {
            return Err(wrong(&target, "no publisher is without a manifest: it is not among what they signed"));
        };
        let path = self.file_of(&target, signed);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let manifest = Manifest::parse_published(&text, &path, publisher)?;
        let components =
            manifest.components.iter().filter_map(|c| Some((component_target(publisher, &c.name), c.artefact?.sha256)));
        let models = manifest.models.iter().map(|m| (model_target(publisher, &m.name), m.sha256));
        let listed: HashMap<String, Sha256> =
            components.chain(models).chain([(target, Sha256::of(text.as_bytes()))]).collect();
        for (target, digest) in &listed {
            let signed = theirs.targets.get(&name(target)).filter(|t| t.hashes.sha256[..] == digest.as_bytes()[..]);
            if signed.is_none() {
                return Err(wrong(target, "their manifest names another file"));
            }
        }
        for (found, signed) in &theirs.targets {
            let target = found.raw();
            if !target.starts_with(&format!("{publisher}/")) || found.resolved() != target {
                return Err(wrong(target, &format!("only what is under `{publisher}/` is delegated to them")));
            }
            if !listed.contains_key(target) {
                return Err(wrong(target, "their manifest does not list it"));
            }
            let path = self.file_of(target, signed);
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            if bytes.len() as u64 != signed.length || Sha256::of(&bytes).as_bytes()[..] != signed.hashes.sha256[..] {
                return Err(wrong(target, &format!("{} is another file", path.display())));
            }
        }
        Ok(())
    }

    fn publish_files(&self, publisher: &str, theirs: &Targets) -> Result<(), Error> {
        for (found, signed) in &theirs.targets {
            let to = self.published_file(found.raw(), signed);
            let from = self.file_of(found.raw(), signed);
            if from != to {
                debug_assert!(from.starts_with(self.draft()), "{publisher}");
                let bytes = fs::read(&from).map_err(Error::io("read", &from))?;
                write_whole(&to, &bytes)?;
            }
        }
        Ok(())
    }

    fn newest(&self) -> Result<Option<Signed<Newest>>, Error> {
        super::read(&self.metadata().join("timestamp.json"))
    }

    fn sign_online<T: Role>(
        &self,
        root: &Root,
        role: RoleType,
        called: &'static str,
        document: T,
        online: &[SigningKey],
    ) -> Result<Signed<T>, Error> {
        let mut signed = Signed { signed: document, signatures: Vec::new() };
        put_signatures(&mut signed, keys_of(root, role).0, online, &mut Vec::new())?;
        if signed.signatures.is_empty() {
            return Err(RepositoryError::NoOnlineKey { role: called }.into());
        }
        verified(root.verify_role(&signed), called, signed.signed.version(), "the root")?;
        Ok(signed)
    }
}

/// Adds the signatures of those keys that are allowed, and takes these keys out of `idle`.
fn put_signatures<T: Role>(
    document: &mut Signed<T>,
    allowed: &[Decoded<Hex>],
    keys: &[SigningKey],
    idle: &mut Vec<&SigningKey>,
) -> Result<(), Error> {
    let unreadable = |e: SchemaError| RepositoryError::Metadata { path: Path::new("draft").into(), why: e.to_string() };
    let message = document.signed.canonical_form().map_err(unreadable)?;
    for key in keys {
        let keyid = key.public().id();
        if !allowed.contains(&keyid) {
            continue;
        }
        idle.retain(|other| other.public() != key.public());
        document.signatures.retain(|signature| signature.keyid != keyid);
        document.signatures.push(Signature { keyid, sig: key.sign(&message).into() });
    }
    Ok(())
}

/// What metadata say of other metadata.
fn meta(bytes: &[u8], version: NonZeroU64) -> Metafile {
    let sha256 = Sha256::of(bytes).as_bytes().to_vec().into();
    Metafile {
        length: Some(bytes.len() as u64),
        hashes: Some(Hashes { sha256, _extra: HashMap::new() }),
        version,
        _extra: HashMap::new(),
    }
}

/// What verification found, in words for who keeps the registry.
fn verified(found: Result<(), SchemaError>, role: &str, version: NonZeroU64, whose: &'static str) -> Result<(), Error> {
    let role = role.to_owned();
    found.map_err(|error| match error {
        SchemaError::SignatureThreshold { threshold, valid, .. } => {
            RepositoryError::Unsigned { role, version: version.get(), have: valid, need: threshold, whose }.into()
        }
        other => RepositoryError::Metadata { path: format!("{role}.json").into(), why: other.to_string() }.into(),
    })
}

fn counted<T: Role>(role: &str, document: &Signed<T>, draft: bool, keys: (&[Decoded<Hex>], u64)) -> Signatures {
    let have = document.signatures.iter().filter(|signature| keys.0.contains(&signature.keyid)).count() as u64;
    Signatures {
        role: role.to_owned(),
        version: document.signed.version().get(),
        expires: document.signed.expires(),
        draft,
        have,
        need: keys.1,
    }
}
