//! Signing drafts, and publishing them.

use std::collections::HashMap;
use std::fs;
use std::iter;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::schema::{
    Error as SchemaError, Hashes, Metafile, Role, RoleType, Root, Signature, Signed, Snapshot, Targets,
    Timestamp as Newest,
};

use super::entry::{component_target, manifest_target, model_target, name};
use super::selection::{Document, LeftOut, Selection};
use super::{Repository, RepositoryError, SPEC, delegated, keys_of, next, to_bytes};
use crate::digest::{Sha256, write_whole};
use crate::error::Error;
use crate::home::listed;
use crate::key::{SigningKey, is_signed_by, short};
use crate::manifest::Manifest;
use crate::remote;

/// How far a role is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Signatures {
    /// `root`, `targets`, `snapshot`, `timestamp` or a publisher.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// Until when it holds.
    pub expires: Timestamp,
    /// Until when what hosts see of it holds, which may be older than the draft. `None` before the first publishing.
    pub published_until: Option<Timestamp>,
    /// Whether that is long enough; before the first publishing, whether the draft is.
    pub validity: Validity,
    /// Whether it is a draft.
    pub draft: bool,
    /// How far its keys have signed it.
    #[serde(flatten)]
    pub tally: Tally,
    /// Of a draft of the root: how far the keys of the root before it have, which hosts ask for as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Tally>,
}

/// How far the keys of a role have signed something. A key is named by the beginning of its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tally {
    /// The keys.
    pub keys: Vec<String>,
    /// Keys that have signed it, so that it holds.
    pub have: u64,
    /// Keys that must.
    pub need: u64,
    /// While signatures are missing: keys that may still sign.
    pub to_sign: Vec<String>,
}

/// Whether a role still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// It does.
    Valid,
    /// It does for less than 30 days. (Snapshot and timestamp hold for days only, and are never called so.)
    ExpiresSoon,
    /// It does not: hosts refuse the registry.
    Expired,
}

/// What came of publishing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Publication {
    /// How far each role is now.
    pub roles: Vec<Signatures>,
    /// The drafts that wait.
    pub left_out: Vec<LeftOut>,
}

/// How long before it expires a role is told to: long enough to find all who must sign it again.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

// === impl Signatures ===

impl Signatures {
    /// Whether it has all signatures that hosts ask for.
    pub fn is_signed(&self) -> bool {
        self.tally.is_enough() && self.before.as_ref().is_none_or(Tally::is_enough)
    }

    /// The keys that may still sign it, while signatures are missing.
    pub fn to_sign(&self) -> Vec<&str> {
        let before = self.before.iter().flat_map(|before| &before.to_sign);
        let mut keys: Vec<&str> = Vec::new();
        for key in self.tally.to_sign.iter().chain(before) {
            if !keys.contains(&key.as_str()) {
                keys.push(key);
            }
        }
        keys
    }
}

// === impl Tally ===

impl Tally {
    /// Counts the keys of a role (which of `known` they are, and how many must sign) whose signatures of a document hold.
    fn of<T: Role>(
        document: &Signed<T>,
        known: &HashMap<Decoded<Hex>, Key>,
        (ids, need): (&[Decoded<Hex>], u64),
    ) -> Result<Self, Error> {
        let message = canonical(&document.signed)?;
        let has_signed = |id: &&Decoded<Hex>| {
            let mut theirs = document.signatures.iter().filter(|signature| signature.keyid == **id);
            known.get(*id).is_some_and(|key| theirs.any(|theirs| is_signed_by(key, &message, &theirs.sig)))
        };
        let (signed, others): (Vec<_>, Vec<_>) = ids.iter().partition(has_signed);
        let have = signed.len() as u64;
        let to_sign = if have < need { others } else { Vec::new() };
        let named = |ids: &[&Decoded<Hex>]| ids.iter().map(|id| short(id)).collect();
        Ok(Self { keys: ids.iter().map(short).collect(), have, need, to_sign: named(&to_sign) })
    }

    fn is_enough(&self) -> bool {
        self.have >= self.need
    }
}

// === impl Validity ===

impl Validity {
    fn of(expires: Timestamp, now: Timestamp, soon: SignedDuration) -> Self {
        match expires.duration_since(now) {
            left if left <= SignedDuration::ZERO => Self::Expired,
            left if left < soon => Self::ExpiresSoon,
            _ => Self::Valid,
        }
    }
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
        let tally = Tally::of(&root, &root.signed.keys, keys_of(&root.signed, RoleType::Root))?;
        let of_root = self.counted("root", &root, tally)?;
        let before = if of_root.draft { self.published::<Root>("root")? } else { None };
        let before = before.map(|before| {
            let keys = keys_of(&before.signed, RoleType::Root);
            Tally::of(&root, &before.signed.keys, keys)
        });
        state.push(Signatures { before: before.transpose()?, ..of_root });
        let top = self.top()?;
        let tally = Tally::of(&top, &root.signed.keys, keys_of(&root.signed, RoleType::Targets))?;
        state.push(self.counted("targets", &top, tally)?);
        for publisher in self.publishers()? {
            let Some(theirs) = self.latest::<Targets>(&publisher)? else { continue };
            let Some(delegations) = &top.signed.delegations else { continue };
            let tally = Tally::of(&theirs, &delegations.keys, delegated(Some(delegations), &publisher)?)?;
            state.push(self.counted(&publisher, &theirs, tally)?);
        }
        // By the root that is published: an online key of the next one signs from then on.
        let root = self.published::<Root>("root")?.unwrap_or(root).signed;
        if let Some(snapshot) = self.published::<Snapshot>("snapshot")? {
            let tally = Tally::of(&snapshot, &root.keys, keys_of(&root, RoleType::Snapshot))?;
            state.push(counted_online("snapshot", &snapshot, tally));
        }
        if let Some(newest) = self.newest()? {
            let tally = Tally::of(&newest, &root.keys, keys_of(&root, RoleType::Timestamp))?;
            state.push(counted_online("timestamp", &newest, tally));
        }
        Ok(state)
    }

    fn counted<T: Role + DeserializeOwned>(
        &self,
        role: &str,
        latest: &Signed<T>,
        tally: Tally,
    ) -> Result<Signatures, Error> {
        let published = self.published::<T>(role)?.map(|published| published.signed.expires());
        let seen = published.unwrap_or_else(|| latest.signed.expires());
        let draft = self.drafted::<T>(role)?.is_some();
        let validity = Validity::of(seen, Timestamp::now(), SOON);
        Ok(Signatures { draft, published_until: published, validity, ..counted_online(role, latest, tally) })
    }

    /// Publishes all drafts that are finished, with a new snapshot and timestamp. A draft that lacks signatures, or goes with one that does, is left out, told and kept: what was
    /// published before holds on meanwhile. Nothing is published when there is no such before, when anything would have expired, when a publisher has not kept to its path, a file is
    /// missing or another, or a manifest cannot be read. At last the registry is read as a host reads it. Without drafts it makes what is published hold until `expires`.
    ///
    /// # Errors
    ///
    /// [`RepositoryError`] says what is missing or wrong, and in whose part.
    pub fn publish(&self, online: &[SigningKey], expires: Timestamp) -> Result<Publication, Error> {
        let selection = self.select(online)?;
        selection.check_expiry(Timestamp::now())?;
        let Selection { root, targets, publishers, left_out } = selection;
        for (publisher, theirs) in &publishers {
            self.check_targets(publisher, &theirs.metadata.signed)?;
        }
        let version = |version: Option<NonZeroU64>| version.map_or(NonZeroU64::MIN, next);
        let mut snapshot = Snapshot::new(SPEC.to_owned(), version(self.version("snapshot")?), expires);
        // A role that hosts have seen in a snapshot stays in it, or they take it for an attack: also of a publisher to whom nothing is delegated any more.
        if let Some(last) = self.published::<Snapshot>("snapshot")? {
            snapshot.meta = last.signed.meta;
        }
        let roles = || iter::once(("targets", &targets)).chain(publishers.iter().map(|(name, d)| (name.as_str(), d)));
        for (role, document) in roles() {
            snapshot.meta.insert(format!("{role}.json"), meta(&document.bytes, document.version()));
        }
        let keys = &root.metadata.signed;
        let snapshot = sign_online(keys, RoleType::Snapshot, "snapshot", snapshot, online)?;
        let snapshot_bytes = to_bytes(&snapshot);
        let last = self.newest()?.map(|newest| newest.signed.version);
        let mut newest = Newest::new(SPEC.to_owned(), version(last), expires);
        newest.meta.insert("snapshot.json".to_owned(), meta(&snapshot_bytes, snapshot.signed.version));
        let newest = sign_online(keys, RoleType::Timestamp, "timestamp", newest, online)?;

        // In an order in which whoever reads meanwhile finds all that is named. The timestamp, which names the rest, is last.
        for (publisher, theirs) in &publishers {
            self.publish_files(publisher, &theirs.metadata.signed)?;
        }
        self.publish_draft("root", &root)?;
        roles().try_for_each(|(role, document)| self.publish_draft(role, document))?;
        write_whole(&self.published_path("snapshot", snapshot.signed.version), &snapshot_bytes)?;
        write_whole(&self.metadata().join("timestamp.json"), &to_bytes(&newest))?;
        remote::check_folder(&self.folder, &root.bytes).map_err(|e| RepositoryError::Check(e.to_string()))?;

        self.remove_published_drafts(&left_out)?;
        Ok(Publication { roles: self.state()?, left_out })
    }

    /// Writes down what was a draft. What is published already stays as it is.
    fn publish_draft<T: Role + DeserializeOwned>(&self, role: &str, document: &Document<T>) -> Result<(), Error> {
        if !document.draft {
            return Ok(());
        }
        write_whole(&self.published_path(role, document.version()), &document.bytes)
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
}

fn sign_online<T: Role>(
    root: &Root,
    role: RoleType,
    called: &'static str,
    document: T,
    online: &[SigningKey],
) -> Result<Signed<T>, Error> {
    let mut signed = Signed { signed: document, signatures: Vec::new() };
    put_signatures(&mut signed, keys_of(root, role).0, online, &mut Vec::new())?;
    verified(root.verify_role(&signed), called, signed.signed.version(), "the root")?;
    Ok(signed)
}

/// Adds the signatures of those keys that are allowed, and takes these keys out of `idle`.
fn put_signatures<T: Role>(
    document: &mut Signed<T>,
    allowed: &[Decoded<Hex>],
    keys: &[SigningKey],
    idle: &mut Vec<&SigningKey>,
) -> Result<(), Error> {
    let message = canonical(&document.signed)?;
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

/// Metadata as they are signed.
pub(crate) fn canonical<T: Role>(document: &T) -> Result<Vec<u8>, Error> {
    let unreadable = |e: SchemaError| RepositoryError::Metadata { path: Path::new("draft").into(), why: e.to_string() };
    Ok(document.canonical_form().map_err(unreadable)?)
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
pub(crate) fn verified(
    found: Result<(), SchemaError>,
    role: &str,
    version: NonZeroU64,
    whose: &'static str,
) -> Result<(), Error> {
    let role = role.to_owned();
    found.map_err(|error| match error {
        SchemaError::SignatureThreshold { threshold, valid, .. } => {
            RepositoryError::Unsigned { role, version: version.get(), have: valid, need: threshold, whose }.into()
        }
        other => RepositoryError::Metadata { path: format!("{role}.json").into(), why: other.to_string() }.into(),
    })
}

/// How far a role is that is signed while it is published. It holds for days, and is made anew long before it is called old.
fn counted_online<T: Role>(role: &str, document: &Signed<T>, tally: Tally) -> Signatures {
    let expires = document.signed.expires();
    Signatures {
        role: role.to_owned(),
        version: document.signed.version().get(),
        expires,
        published_until: Some(expires),
        validity: Validity::of(expires, Timestamp::now(), SignedDuration::ZERO),
        draft: false,
        tally,
        before: None,
    }
}
