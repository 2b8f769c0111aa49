//! Which drafts are published: those that have all their signatures, together with all that they go with. The others wait, and hold nobody else up.
//!
//! A root and targets are tried together, drafts before what they replace: new keys of the root may be those of the targets, and new targets may name a publisher who has sent nothing yet.
//! What was published before always goes together, so that it can be made to hold for longer whatever waits.

use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tough::schema::{Role, RoleType, Root, Signed, Targets};

use super::publish::{canonical, verified};
use super::{Repository, RepositoryError, delegated, keys_of, next, parse};
use crate::check;
use crate::error::Error;
use crate::home::listed;
use crate::key::{SigningKey, short};

/// A draft that was not published, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// `root`, `targets` or a publisher.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// What it waits for.
    pub why: String,
}

/// Metadata, and the bytes that they are written with. What is published keeps them: snapshots, hosts and mirrors know it by its digest.
#[derive(Debug, Clone)]
pub(crate) struct Document<T> {
    pub(crate) metadata: Signed<T>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) draft: bool,
}

/// What is published next.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) root: Document<Root>,
    pub(crate) targets: Document<Targets>,
    /// Publishers and what each has signed.
    pub(crate) publishers: Vec<(String, Document<Targets>)>,
    pub(crate) left_out: Vec<LeftOut>,
}

// === impl Document ===

impl<T: Role + DeserializeOwned> Document<T> {
    fn read(path: &Path, draft: bool) -> Result<Option<Self>, Error> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io("read", path)(e)),
        };
        Ok(Some(Self { metadata: parse(&bytes, path)?, bytes, draft }))
    }

    pub(crate) fn version(&self) -> NonZeroU64 {
        self.metadata.signed.version()
    }
}

// === impl Selection ===

impl Selection {
    /// Hosts read no part of a registry in which anything has expired: such a thing is not published.
    pub(crate) fn check_expiry(&self, now: Timestamp) -> Result<(), Error> {
        still_valid("root", &self.root, now, &self.left_out)?;
        still_valid("targets", &self.targets, now, &self.left_out)?;
        self.publishers.iter().try_for_each(|(publisher, theirs)| still_valid(publisher, theirs, now, &self.left_out))
    }
}

fn still_valid<T: Role + DeserializeOwned>(
    role: &str,
    document: &Document<T>,
    now: Timestamp,
    left_out: &[LeftOut],
) -> Result<(), Error> {
    let expires = document.metadata.signed.expires();
    if now < expires {
        return Ok(());
    }
    let mut remedy = match role {
        "root" | "targets" => format!("`sluis registry renew --role {role}`, and have it signed"),
        _ => format!(
            "let them run `sluis registry renew --publisher {role}`, or take them out, `sluis registry revoke --publisher {role}`"
        ),
    };
    for LeftOut { role, version, why } in left_out {
        remedy.push_str(&format!("; the draft of `{role}` version {version} waits: {why}"));
    }
    let expired = expires.strftime("%F %H:%M UTC").to_string();
    Err(RepositoryError::Expired { role: role.to_owned(), version: document.version().get(), expired, remedy }.into())
}

// === impl Repository ===

impl Repository {
    /// What is published next.
    pub(crate) fn select(&self, online: &[SigningKey]) -> Result<Selection, Error> {
        let roots = self.documents::<Root>("root")?;
        let tops = self.documents::<Targets>("targets")?;
        let mut waits = None;
        for root in &roots {
            for targets in &tops {
                match self.together(root, targets, online) {
                    Ok(publishers) => {
                        let (root, targets) = (root.clone(), targets.clone());
                        let mut selection = Selection { root, targets, publishers, left_out: Vec::new() };
                        selection.left_out = self.left_out(&selection, &roots[0], &tops[0], online)?;
                        return Ok(selection);
                    }
                    Err(error) if is_unfinished(&error) => waits = Some(error),
                    Err(error) => return Err(error),
                }
            }
        }
        Err(waits.unwrap_or_else(|| RepositoryError::Missing { folder: self.folder.clone() }.into()))
    }

    /// The draft of a role, if it is not published yet, and what is published.
    fn documents<T: Role + DeserializeOwned>(&self, role: &str) -> Result<Vec<Document<T>>, Error> {
        let draft = self.unpublished::<T>(role)?;
        let version = self.version(role)?;
        if let Some(draft) = &draft {
            let (found, expected) = (draft.version(), version.map_or(NonZeroU64::MIN, next));
            if found != expected {
                let (role, found, expected) = (role.to_owned(), found.get(), expected.get());
                return Err(RepositoryError::Version { role, found, expected }.into());
            }
        }
        let published = match version {
            Some(version) => Document::read(&self.published_path(role, version), false)?,
            None => None,
        };
        Ok(draft.into_iter().chain(published).collect())
    }

    /// The draft of a role. One that says the same as what is published is none: publishing was cut off before it was removed.
    fn unpublished<T: Role + DeserializeOwned>(&self, role: &str) -> Result<Option<Document<T>>, Error> {
        let Some(draft) = Document::<T>::read(&self.draft_path(role), true)? else { return Ok(None) };
        if let Some(published) = self.published::<T>(role)?
            && canonical(&published.signed)? == canonical(&draft.metadata.signed)?
        {
            return Ok(None);
        }
        Ok(Some(draft))
    }

    /// What each publisher has signed, if root, targets and all of it are signed by whom each asks for.
    fn together(
        &self,
        root: &Document<Root>,
        targets: &Document<Targets>,
        online: &[SigningKey],
    ) -> Result<Vec<(String, Document<Targets>)>, Error> {
        self.check_root(root, online)?;
        check_top(root, targets)?;
        self.parts(targets)
    }

    /// A root is signed by its own keys and by those of the one before, and the keys for publishing are at hand.
    fn check_root(&self, root: &Document<Root>, online: &[SigningKey]) -> Result<(), Error> {
        let Document { metadata, draft, .. } = root;
        verified(metadata.signed.verify_role(metadata), "root", root.version(), "the root")?;
        if let (true, Some(before)) = (*draft, self.published::<Root>("root")?) {
            verified(before.signed.verify_role(metadata), "root", root.version(), "the root before it")?;
        }
        let given = || listed(online.iter().map(|key| key.public().short_id()));
        let ids: Vec<_> = online.iter().map(|key| key.public().id()).collect();
        for (role, called) in [(RoleType::Snapshot, "snapshot"), (RoleType::Timestamp, "timestamp")] {
            let (keys, need) = keys_of(&metadata.signed, role);
            let have = keys.iter().filter(|id| ids.contains(id)).count() as u64;
            if have < need {
                let (known, given) = (listed(keys.iter().map(short)), given());
                return Err(RepositoryError::NoOnlineKey { role: called, have, need, known, given }.into());
            }
        }
        Ok(())
    }

    /// What each publisher that the targets name has signed.
    fn parts(&self, targets: &Document<Targets>) -> Result<Vec<(String, Document<Targets>)>, Error> {
        let delegations = targets.metadata.signed.delegations.iter();
        let names = delegations.flat_map(|delegations| &delegations.roles).map(|role| role.name.clone());
        names.map(|name| Ok((name.clone(), self.part(targets, &name)?))).collect()
    }

    /// The draft of a publisher, or, where that is not signed, what is published.
    fn part(&self, targets: &Document<Targets>, publisher: &str) -> Result<Document<Targets>, Error> {
        let mut waits = None;
        for theirs in self.documents::<Targets>(publisher)? {
            match check_part(targets, publisher, &theirs) {
                Ok(()) => return Ok(theirs),
                Err(error) if is_unfinished(&error) => waits = waits.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(waits.unwrap_or_else(|| RepositoryError::NothingSent { name: publisher.to_owned() }.into()))
    }

    /// The drafts that a selection is without. `root` and `targets` are the newest: what drafts are made for.
    fn left_out(
        &self,
        selection: &Selection,
        root: &Document<Root>,
        targets: &Document<Targets>,
        online: &[SigningKey],
    ) -> Result<Vec<LeftOut>, Error> {
        let mut left_out = Vec::new();
        let mut leave = |role: &str, version: NonZeroU64, why: Option<Error>, other: (&str, NonZeroU64)| {
            let goes_with = || RepositoryError::GoesWith { role: other.0.to_owned(), version: other.1.get() }.into();
            let why = why.unwrap_or_else(goes_with).to_string();
            left_out.push(LeftOut { role: role.to_owned(), version: version.get(), why });
        };
        let (of_root, of_targets) = (("root", root.version()), ("targets", targets.version()));
        if root.draft && !selection.root.draft {
            leave("root", root.version(), self.together(root, targets, online).err(), of_targets);
        }
        if targets.draft && !selection.targets.draft {
            let why = check_top(root, targets).and_then(|()| self.parts(targets)).err();
            leave("targets", targets.version(), why, of_root);
        }
        for role in self.drafted_publishers()? {
            let Some(draft) = self.unpublished::<Targets>(&role)? else { continue };
            if selection.publishers.iter().any(|(publisher, theirs)| *publisher == role && theirs.draft) {
                continue;
            }
            leave(&role, draft.version(), check_part(targets, &role, &draft).err(), of_targets);
        }
        Ok(left_out)
    }

    /// The publishers of whom there are drafts.
    fn drafted_publishers(&self) -> Result<Vec<String>, Error> {
        let folder = self.draft();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io("read", folder)(e)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let roles = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned));
        let mut publishers: Vec<String> = roles.filter(|role| check::is_publisher(role)).collect();
        publishers.sort();
        Ok(publishers)
    }

    /// Removes the drafts that are published, and their files.
    pub(crate) fn remove_published_drafts(&self, left_out: &[LeftOut]) -> Result<(), Error> {
        let top = ["root", "targets"].map(str::to_owned);
        for role in top.into_iter().chain(self.drafted_publishers()?) {
            if !left_out.iter().any(|waits| waits.role == role) {
                self.remove_draft(&role)?;
            }
        }
        // Where nothing waits nothing is left; a folder that is not empty stays.
        let _ = fs::remove_dir(self.draft().join("files"));
        let _ = fs::remove_dir(self.draft());
        Ok(())
    }

    /// Removes the draft of a role, and its files.
    pub(crate) fn remove_draft(&self, role: &str) -> Result<(), Error> {
        let (path, files) = (self.draft_path(role), self.draft_file(role));
        gone(fs::remove_file(&path), &path)?;
        gone(fs::remove_dir_all(&files), &files)
    }
}

fn gone(removed: std::io::Result<()>, path: &Path) -> Result<(), Error> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Whether something waits for somebody, and is not wrong.
fn is_unfinished(error: &Error) -> bool {
    use RepositoryError::{NoOnlineKey, NothingSent, Unsigned};
    matches!(error, Error::Repository(Unsigned { .. } | NothingSent { .. } | NoOnlineKey { .. }))
}

fn check_top(root: &Document<Root>, targets: &Document<Targets>) -> Result<(), Error> {
    verified(root.metadata.signed.verify_role(&targets.metadata), "targets", targets.version(), "the root")
}

/// What a publisher has signed has the signatures that the targets ask for.
fn check_part(targets: &Document<Targets>, publisher: &str, theirs: &Document<Targets>) -> Result<(), Error> {
    let delegations = targets.metadata.signed.delegations.as_ref();
    delegated(delegations, publisher)?;
    let signed = delegations.map_or(Ok(()), |d| d.verify_role(&theirs.metadata, publisher));
    verified(signed, publisher, theirs.version(), "the delegation")
}
