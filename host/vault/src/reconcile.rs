//! Holding index, disk and cloud against each other, both ways: at every start, and once a day.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use sluis_segment::SegmentId;
use sluis_store::{ObjectName, ObjectStore};

use crate::cloud::{MANIFEST, TOMBSTONE, Tombstone, described, read_small};
use crate::error::{Error, chain};
use crate::index::copies::MISSING;
use crate::index::entry::segment_of;
use crate::index::{Ending, Entry, State};
use crate::record::Record;
use crate::retention::Retention;
use crate::sweep::Swept;
use crate::vault::Vault;

/// What did not agree, and was put right or written down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Objects that belonged to no segment, here and in the cloud: removed.
    pub orphans: usize,
    /// Segments whose bytes are missing: written down. They keep their keys, in case somebody has only forgotten to mount a disk.
    pub missing: Vec<SegmentId>,
    /// Segments that a tombstone in the cloud says are gone, and that are, again: a copy of the vault was put back.
    pub buried_again: Vec<SegmentId>,
    /// Copies in the cloud that the index thought were there: they go up again.
    pub copies_missing: usize,
    /// Records of the ledger that the vault's folder did not know of.
    pub restored: u64,
    /// Why the cloud could not be looked at; the next time tries again.
    pub cloud_unreachable: Option<String>,
}

/// Tombstones are no use once every copy of the vault that could be put back is past its own deadlines.
const TOMBSTONES_STAY: Duration = Duration::from_secs(31 * 24 * 3600);

// === impl Vault ===

impl Vault {
    /// Holds index, disk and cloud against each other. Objects that belong to no segment are removed; what is missing is written down.
    ///
    /// # Errors
    ///
    /// [`Error::Index`]; [`Error::Store`] of the local store. A cloud that cannot be reached is told in the result.
    pub fn reconcile(&self) -> Result<Reconciled, Error> {
        let mut found = Reconciled::default();
        if let Some(cloud) = self.archive().cloud.clone()
            && let Err(error) = self.reconcile_cloud(cloud.as_ref(), &mut found)
        {
            tracing::warn!(
                error = chain(&error),
                "the cloud could not be held against the index; the next time tries again"
            );
            found.cloud_unreachable = Some(chain(&error));
        }
        self.remove_orphans(&mut found)?;
        self.look_for_missing(&mut found)?;
        Ok(found)
    }

    fn remove_orphans(&self, found: &mut Reconciled) -> Result<(), Error> {
        let orphans = self.archive().orphans()?;
        for orphan in &orphans {
            tracing::warn!(object = %orphan, "removing an object that belongs to no segment");
            if orphan.whole {
                self.store().delete(&orphan.name)?;
            } else {
                self.store().discard(&orphan.name)?;
            }
            self.index().note(&Record::OrphanRemoved { object: orphan.name.as_str(), place: "here" })?;
        }
        if !orphans.is_empty() {
            self.store().settle()?;
        }
        found.orphans += orphans.len();
        Ok(())
    }

    /// Whole segments whose bytes should lie here.
    fn look_for_missing(&self, found: &mut Reconciled) -> Result<(), Error> {
        // The index first: what is begun meanwhile is not looked for.
        let live = self.live()?;
        let there: HashSet<ObjectName> = self.store().list()?.into_iter().map(|info| info.name).collect();
        let missed = |entry: &&Entry| entry.note.as_deref() == Some(MISSING);
        for entry in live.values().filter(missed).filter(|entry| there.contains(&entry.object())) {
            self.index().found_again(entry.segment)?;
        }
        for entry in live.values().filter(|entry| entry.here && !there.contains(&entry.object())) {
            if self.index().copy(entry.segment)? == Some(true) {
                tracing::error!(segment = %entry.segment, "the bytes of a segment are missing here; the cloud has them");
                self.index().not_here(entry.segment)?;
            } else if self.index().get(entry.segment)?.state.is_readable() {
                found.missing.push(entry.segment);
                if self.index().miss(entry.segment)? {
                    tracing::error!(segment = %entry.segment, "the bytes of a segment are missing");
                }
            }
        }
        Ok(())
    }

    fn reconcile_cloud(&self, cloud: &dyn ObjectStore, found: &mut Reconciled) -> Result<(), Error> {
        self.is_ours(cloud)?;
        self.bury_again(cloud, found)?;
        // The cloud first: what goes up meanwhile is in the index before it is there.
        let (whole, partial) = (cloud.list()?, cloud.partials()?);
        let live = self.live()?;
        let mut copies = HashSet::new();
        let mut orphan = |name: &ObjectName, partial: bool| {
            if partial {
                cloud.discard(name)?;
            } else {
                cloud.delete(name)?;
            }
            self.index().note(&Record::OrphanRemoved { object: name.as_str(), place: "in the cloud" })?;
            found.orphans += 1;
            Ok::<_, Error>(())
        };
        for info in &whole {
            if let Some((segment, generation)) = segment_of(&info.name) {
                match live.get(&segment) {
                    Some(entry) if entry.generation == generation => drop(copies.insert(segment)),
                    // It may just have been destroyed, and is on its way out; or was never known here.
                    _ if self.is_dead(segment)? => orphan(&info.name, false)?,
                    _ => {}
                }
            } else if let Some(segment) = described(MANIFEST, &info.name)
                && !live.contains_key(&segment)
                && self.is_dead(segment)?
            {
                orphan(&info.name, false)?;
            }
        }
        for info in &partial {
            let segment = segment_of(&info.name).map(|(segment, _)| segment);
            if let Some(segment) = segment.or_else(|| described(MANIFEST, &info.name))
                && !live.contains_key(&segment)
                && self.is_dead(segment)?
            {
                orphan(&info.name, true)?;
            }
        }
        for segment in self.index().copies()? {
            if live.contains_key(&segment) && !copies.contains(&segment) {
                // Somebody else has removed it. It goes up again, if it is still here.
                self.index().copy_lost(segment)?;
                found.copies_missing += 1;
            }
        }
        self.clear_exchange(cloud, &whole)?;
        self.clear_exchange(cloud, &partial)?;
        self.cloud_unseen.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// What a tombstone says is gone is destroyed, whatever the index says.
    fn bury_again(&self, cloud: &dyn ObjectStore, found: &mut Reconciled) -> Result<(), Error> {
        let now = self.archive().now()?;
        for info in cloud.list_prefix(TOMBSTONE)? {
            let Some(segment) = described(TOMBSTONE, &info.name) else { continue };
            let Ok(entry) = self.index().get(segment) else { continue };
            let tombstone = serde_json::from_slice::<Tombstone>(&read_small(cloud, &info.name, 4096)?).ok();
            if !tombstone.is_some_and(|tombstone| tombstone.segment == segment && self.is_true(&tombstone)) {
                tracing::warn!(object = %info.name, "a tombstone that this vault has not made is not heeded");
                continue;
            }
            if now >= entry.started + TOMBSTONES_STAY.max(Retention::CEILING.get()) {
                cloud.delete(&info.name)?;
            } else if entry.state.may_become(State::Shredded) {
                let why = "a tombstone in the cloud says that it is gone: a copy of the vault was put back";
                self.destroy(&[entry], Ending::Destroyed, why, &mut Swept::default())?;
                found.buried_again.push(segment);
            }
        }
        Ok(())
    }

    fn live(&self) -> Result<HashMap<SegmentId, Entry>, Error> {
        let mut live = HashMap::new();
        for state in [State::Sealed, State::Recovered] {
            live.extend(self.index().in_state(state)?.into_iter().map(|entry| (entry.segment, entry)));
        }
        Ok(live)
    }

    /// Whether nothing of a segment may be left: it is at its end, or not of this vault at all.
    fn is_dead(&self, segment: SegmentId) -> Result<bool, Error> {
        match self.index().get(segment) {
            Ok(entry) => Ok(matches!(entry.state, State::Destroyed | State::Abandoned | State::Lost)),
            Err(Error::Unknown { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
