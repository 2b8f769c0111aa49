//! Who may sign what, and until when: begin a registry, delegate to publishers, replace keys, renew, revoke.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU64;

use jiff::Timestamp;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::{DelegatedRole, Delegations, PathPattern, PathSet, RoleKeys, RoleType, Root, Signed, Targets};

use super::{Repository, RepositoryError, SPEC, delegated, keys_of, next, paths, publisher_name};
use crate::error::Error;
use crate::home::listed;
use crate::key::{PublicKey, short};

/// Keys, and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The keys.
    pub keys: Vec<PublicKey>,
    /// How many different ones must sign.
    pub threshold: u64,
}

/// What a registry begins with. The keys of `root` and `targets` are kept offline; those of `snapshot` and `timestamp` lie on the machine that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Who says which keys count.
    pub root: Role,
    /// Who says who may publish where.
    pub targets: Role,
    /// Who says which versions belong together.
    pub snapshot: Role,
    /// Who says what is newest.
    pub timestamp: Role,
    /// Until when the root holds.
    pub root_expires: Timestamp,
    /// Until when the targets hold.
    pub targets_expires: Timestamp,
}

const OFFLINE: [RoleType; 2] = [RoleType::Root, RoleType::Targets];
const ONLINE: [RoleType; 2] = [RoleType::Snapshot, RoleType::Timestamp];

// === impl Role ===

impl Role {
    /// One key, which must sign.
    pub fn of(key: PublicKey) -> Self {
        Self { keys: vec![key], threshold: 1 }
    }

    fn to_tuf(&self, role: &str) -> Result<RoleKeys, Error> {
        let keyids: Vec<Decoded<Hex>> = self.keys.iter().collect::<BTreeSet<_>>().iter().map(|key| key.id()).collect();
        let threshold = check_threshold(role, self.threshold, keyids.len())?;
        Ok(RoleKeys { keyids, threshold, _extra: HashMap::new() })
    }
}

/// A threshold of 1 to the number of keys.
fn check_threshold(role: &str, threshold: u64, keys: usize) -> Result<NonZeroU64, Error> {
    let fits = NonZeroU64::new(threshold).filter(|threshold| threshold.get() <= keys as u64);
    fits.ok_or_else(|| RepositoryError::Threshold { role: role.to_owned(), threshold, keys }.into())
}

// === impl Repository ===

impl Repository {
    /// Begins a registry: drafts of its first root and targets, to be signed.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Exists`], [`RepositoryError::Threshold`], [`RepositoryError::TwoDuties`], [`Error::Io`].
    pub fn begin(&self, beginning: &Beginning) -> Result<(), Error> {
        if self.latest::<Root>("root")?.is_some() {
            return Err(RepositoryError::Exists { folder: self.folder.clone() }.into());
        }
        let duties = [
            (RoleType::Root, &beginning.root),
            (RoleType::Targets, &beginning.targets),
            (RoleType::Snapshot, &beginning.snapshot),
            (RoleType::Timestamp, &beginning.timestamp),
        ];
        let mut root = Root {
            spec_version: SPEC.to_owned(),
            consistent_snapshot: true,
            version: NonZeroU64::MIN,
            expires: beginning.root_expires,
            keys: HashMap::new(),
            roles: HashMap::new(),
            _extra: HashMap::new(),
        };
        for (role, duty) in duties {
            root.roles.insert(role, duty.to_tuf(&role.to_string())?);
            root.keys.extend(duty.keys.iter().map(|key| (key.id(), key.to_tuf())));
        }
        check_duties(&root)?;
        let targets = Targets::new(SPEC.to_owned(), NonZeroU64::MIN, beginning.targets_expires);
        self.write_draft("root", &Signed { signed: root, signatures: Vec::new() })?;
        self.write_draft("targets", &Signed { signed: targets, signatures: Vec::new() })
    }

    /// Lets a publisher publish under its own path, and nowhere else: no other publisher is asked about that path any more (the delegation terminates). Of one
    /// that has a delegation already, the keys are replaced. A draft of the targets, to be signed.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Publisher`], [`RepositoryError::Threshold`], [`RepositoryError::Missing`], [`Error::Io`].
    pub fn delegate(&self, publisher: &str, to: &Role, expires: Timestamp) -> Result<(), Error> {
        publisher_name(publisher)?;
        self.top()?;
        let keys = to.to_tuf(publisher)?;
        let patterns = paths(publisher).map(|path| PathPattern::new(path).expect("a publisher's path is a pattern"));
        self.edit("targets", expires, |targets| {
            let delegations = targets.delegations.get_or_insert_with(Delegations::new);
            delegations.roles.retain(|role| role.name != publisher);
            delegations.keys.extend(to.keys.iter().map(|key| (key.id(), key.to_tuf())));
            delegations.roles.push(DelegatedRole {
                name: publisher.to_owned(),
                keyids: keys.keyids,
                threshold: keys.threshold,
                paths: PathSet::Paths(patterns.into()),
                terminating: true,
                targets: None,
            });
            forget_unused(delegations);
            Ok(())
        })
    }

    /// Replaces keys of a role: of `root`, `targets`, `snapshot` or `timestamp` in a draft of the next root, which the old root's keys and the new one's must
    /// sign; of a publisher in a draft of the targets. What the role has signed must be signed again: there is a draft of that too.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NotItsKey`], [`RepositoryError::NoRole`], [`RepositoryError::Threshold`], [`RepositoryError::TwoDuties`], [`Error::Io`].
    pub fn rotate(
        &self,
        role: &str,
        out: &[PublicKey],
        new: &[PublicKey],
        threshold: Option<u64>,
        expires: Timestamp,
    ) -> Result<(), Error> {
        let named = match role {
            "root" => RoleType::Root,
            "targets" => RoleType::Targets,
            "snapshot" => RoleType::Snapshot,
            "timestamp" => RoleType::Timestamp,
            publisher => return self.rotate_publisher(publisher, out, new, threshold, expires),
        };
        let mut root = self.next_root(expires)?;
        let (old, before) = keys_of(&root, named);
        let keyids = replaced(role, old, out, new)?;
        let threshold = check_threshold(role, threshold.unwrap_or(before), keyids.len())?;
        root.keys.extend(new.iter().map(|key| (key.id(), key.to_tuf())));
        root.roles.insert(named, RoleKeys { keyids, threshold, _extra: HashMap::new() });
        let used: BTreeSet<_> = root.roles.values().flat_map(|keys| keys.keyids.clone()).collect();
        root.keys.retain(|id, _| used.contains(id));
        check_duties(&root)?;
        self.write_draft("root", &Signed { signed: root, signatures: Vec::new() })?;
        if named == RoleType::Targets {
            let top = self.top()?.signed;
            let kept = top.expires;
            self.edit("targets", kept, |_| Ok(()))?;
        }
        Ok(())
    }

    /// Lets a role hold until `expires` and changes nothing else of it: `root`, `targets` or a publisher, in a draft to be signed again by its keys. A snapshot and timestamp are renewed
    /// by [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NoPublisher`], [`RepositoryError::NothingSent`], [`RepositoryError::Missing`], [`Error::Io`].
    pub fn renew(&self, role: &str, expires: Timestamp) -> Result<(), Error> {
        let top = self.top()?.signed;
        match role {
            "root" => {
                let root = self.next_root(expires)?;
                return self.write_draft("root", &Signed { signed: root, signatures: Vec::new() });
            }
            "targets" => {}
            publisher => {
                delegated(top.delegations.as_ref(), publisher)?;
                if self.latest::<Targets>(publisher)?.is_none() {
                    return Err(RepositoryError::NothingSent { name: publisher.to_owned() }.into());
                }
            }
        }
        self.edit(role, expires, |_| Ok(()))
    }

    /// Takes a publisher out: nothing is delegated to them any more, and hosts are offered nothing of theirs. It takes none of their keys. A draft of the targets, to be signed; what they have
    /// drafted is removed. What they have signed stays named in the snapshots, where hosts that have seen it look for it, and counts for nothing.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::NoPublisher`], [`RepositoryError::Missing`], [`Error::Io`].
    pub fn revoke(&self, publisher: &str, expires: Timestamp) -> Result<(), Error> {
        delegated(self.top()?.signed.delegations.as_ref(), publisher)?;
        self.edit("targets", expires, |targets| {
            let delegations = targets.delegations.get_or_insert_with(Delegations::new);
            delegations.roles.retain(|role| role.name != publisher);
            forget_unused(delegations);
            Ok(())
        })?;
        self.remove_draft(publisher)
    }

    /// The draft of the root, or one that goes on where what is published ended.
    fn next_root(&self, expires: Timestamp) -> Result<Root, Error> {
        let root = match self.drafted::<Root>("root")? {
            Some(draft) => draft.signed,
            None => {
                let published = self.root()?.signed;
                Root { version: next(published.version), ..published }
            }
        };
        Ok(Root { expires, ..root })
    }

    fn rotate_publisher(
        &self,
        publisher: &str,
        out: &[PublicKey],
        new: &[PublicKey],
        threshold: Option<u64>,
        expires: Timestamp,
    ) -> Result<(), Error> {
        let publishers = self.publishers()?;
        if !publishers.iter().any(|name| name == publisher) {
            let known = listed(publishers.into_iter());
            return Err(RepositoryError::NoRole { name: publisher.to_owned(), known }.into());
        }
        self.edit("targets", expires, |targets| {
            let delegations = targets.delegations.get_or_insert_with(Delegations::new);
            let role = delegations.roles.iter_mut().find(|role| role.name == publisher);
            let role = role.expect("it is one of the publishers");
            role.keyids = replaced(publisher, &role.keyids, out, new)?;
            let wanted = threshold.unwrap_or(role.threshold.get());
            role.threshold = check_threshold(publisher, wanted, role.keyids.len())?;
            delegations.keys.extend(new.iter().map(|key| (key.id(), key.to_tuf())));
            forget_unused(delegations);
            Ok(())
        })?;
        if let Some(theirs) = self.latest::<Targets>(publisher)? {
            self.edit(publisher, theirs.signed.expires, |_| Ok(()))?;
        }
        Ok(())
    }
}

/// Takes out the keys that no publisher has any more.
fn forget_unused(delegations: &mut Delegations) {
    let used: BTreeSet<_> = delegations.roles.iter().flat_map(|role| role.keyids.clone()).collect();
    delegations.keys.retain(|id, _| used.contains(id));
}

/// The keys of a role without some, and with others.
fn replaced(
    role: &str,
    old: &[Decoded<Hex>],
    out: &[PublicKey],
    new: &[PublicKey],
) -> Result<Vec<Decoded<Hex>>, Error> {
    let mut keyids = old.to_vec();
    for key in out {
        let id = key.id();
        if !keyids.contains(&id) {
            let known = listed(keyids.iter().map(short));
            return Err(RepositoryError::NotItsKey { key: short(&id), role: role.to_owned(), known }.into());
        }
        keyids.retain(|other| *other != id);
    }
    for key in new {
        let id = key.id();
        if !keyids.contains(&id) {
            keyids.push(id);
        }
    }
    Ok(keyids)
}

/// No key does duty both offline and online: who takes the online one would have the other.
fn check_duties(root: &Root) -> Result<(), Error> {
    for offline in OFFLINE {
        for online in ONLINE {
            let both = keys_of(root, offline).0.iter().find(|id| keys_of(root, online).0.contains(id));
            if let Some(id) = both {
                let name = |role| match role {
                    RoleType::Root => "root",
                    RoleType::Targets => "targets",
                    RoleType::Snapshot => "snapshot",
                    _ => "timestamp",
                };
                return Err(
                    RepositoryError::TwoDuties { key: short(id), one: name(offline), other: name(online) }.into()
                );
            }
        }
    }
    Ok(())
}
