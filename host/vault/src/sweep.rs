//! Destroying what must go: first the key, then the bytes, then the receipt.
//!
//! Each step can be repeated, and a kill between any two leaves a state from which the next sweep goes on: once the key is destroyed the segment is
//! [`Shredded`](State::Shredded), and it stays so until key and bytes are gone from disk.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use serde::Serialize;
use sluis_segment::SegmentId;

use crate::error::{Error, chain};
use crate::index::entry::object;
use crate::index::{Ending, Entry, State};
use crate::keyring::DayClass;
use crate::vault::Vault;

/// What a sweep has done.
#[derive(Debug, Default, Serialize)]
pub struct Swept {
    /// Segments whose key and bytes are gone now, and have their receipt.
    pub destroyed: Vec<SegmentId>,
    /// Bytes of these.
    pub bytes: u64,
    /// Segments whose key is destroyed, but whose bytes the store did not remove: the next sweep tries again.
    pub unfinished: Vec<Unfinished>,
}

/// A segment whose bytes could not be removed.
#[derive(Debug, Serialize)]
pub struct Unfinished {
    /// Which.
    pub segment: SegmentId,
    /// Why.
    pub why: String,
    /// Whether it is the cloud that did not.
    pub cloud: bool,
}

/// How many segments go in one transaction: enough that writing to disk does not count, few enough that cameras do not wait.
const BATCH: usize = 500;

// === impl Vault ===

impl Vault {
    /// Destroys every segment whose deadline has come, also one that is still being written, and finishes what an earlier sweep has begun. Ends pauses whose time is over. To be called
    /// every minute or so; a call with nothing to do costs next to nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Index`]; [`Error::IndexBusy`] when destroyed keys could not be taken out of the index's log yet; [`Error::Settle`]. Bytes that the store
    /// does not remove are told in the result. In each case the next call goes on.
    pub fn sweep(&self) -> Result<Swept, Error> {
        let _alone = self.destroying.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.archive().now()?;
        let mut swept = Swept::default();
        self.apply_holds()?;
        // All keys first: no store that fails, here or in the cloud, keeps one alive.
        while self.index().shred_due(now, BATCH as u32, "its deadline has come")? > 0 {}
        // Once a day also without anything due: yesterday's key may be needed no more.
        let today = now.as_secs().div_euclid(24 * 3600);
        if self.swept_on.swap(today, Ordering::SeqCst) != today {
            self.rotate(false)?;
        }
        for batch in self.index().in_state(State::Shredded)?.chunks(BATCH) {
            self.remove(batch, &mut swept)?;
        }
        self.index().end_pauses(now)?;
        self.archive().tell_ledger_soon();
        Ok(swept)
    }

    /// Destroys segments: keys, bytes, receipts.
    pub(crate) fn destroy(
        &self,
        entries: &[Entry],
        ending: Ending,
        reason: &str,
        swept: &mut Swept,
    ) -> Result<(), Error> {
        let _alone = self.destroying.lock().unwrap_or_else(PoisonError::into_inner);
        self.shred_and_remove(entries, ending, reason, swept)
    }

    fn shred_and_remove(
        &self,
        entries: &[Entry],
        ending: Ending,
        reason: &str,
        swept: &mut Swept,
    ) -> Result<(), Error> {
        self.shred(entries, ending, reason)?;
        self.remove(entries, swept)
    }

    fn shred(&self, entries: &[Entry], ending: Ending, reason: &str) -> Result<(), Error> {
        let segments: Vec<_> = entries.iter().map(|e| e.segment).collect();
        self.index().shred(&segments, ending, reason, self.archive().now()?)
    }

    /// Removes what is left of segments whose keys are destroyed.
    fn remove(&self, shredded: &[Entry], swept: &mut Swept) -> Result<(), Error> {
        let wiped = self.index().checkpoint();
        // Also while bytes cannot be removed: an old copy of the index must not open with the keyring any more. Tried again as long as anything waits.
        let rotated = if shredded.is_empty() { Ok(()) } else { self.rotate(true) };
        let mut gone = Vec::with_capacity(shredded.len());
        // A cloud that is away is asked once in a sweep: each question can take half a minute, and others wait.
        let mut away = swept.unfinished.iter().any(|unfinished| unfinished.cloud);
        for entry in shredded {
            let removed = self.remove_objects(entry).map_err(|error| (false, error)).and_then(|bytes| {
                if away {
                    return Err((true, Error::CloudAway { segment: entry.segment }));
                }
                self.remove_copy(entry).map(|()| bytes).map_err(|error| (true, error))
            });
            match removed {
                Ok(bytes) => gone.push((entry.segment, bytes)),
                Err((cloud, error)) => {
                    if !away {
                        tracing::warn!(segment = %entry.segment, error = chain(&error), "bytes of a destroyed segment are still there");
                    }
                    away |= cloud;
                    swept.unfinished.push(Unfinished { segment: entry.segment, why: chain(&error), cloud });
                }
            }
        }
        // No receipt before all is true that it says: the keys have left the index's files, no old copy of the keyring is of use, and the bytes do not come back.
        wiped?;
        rotated?;
        self.store().settle()?;
        self.index().bury(&gone, self.archive().now()?)?;
        swept.bytes += gone.iter().map(|(_, bytes)| bytes).sum::<u64>();
        swept.destroyed.extend(gone.into_iter().map(|(segment, _)| segment));
        Ok(())
    }

    /// Destroys the keys of days that are over and that nothing is wrapped under any more. Then, or when something else was destroyed, the keyring gets a new key.
    fn rotate(&self, destroyed: bool) -> Result<(), Error> {
        let _together = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, needed) = (self.archive().now()?, self.index().days_in_use()?);
        let gone = |day: DayClass| day.is_over(now) && !needed.contains(&day);
        let keyring = &self.archive().keyring;
        if destroyed || keyring.any(self.index(), gone)? { keyring.rotate(self.index(), gone) } else { Ok(()) }
    }

    /// Removes every object that a segment may have, and says how many bytes there were.
    fn remove_objects(&self, entry: &Entry) -> Result<u64, Error> {
        let mut bytes = 0;
        for generation in 0..=self.index().last_generation(entry.segment)? {
            let name = object(entry.segment, generation);
            bytes += self.store().size(&name)?.unwrap_or(0);
            self.store().delete(&name)?;
            self.store().discard(&name)?;
            // A thread that was just committing has moved it from one to the other in between; now it cannot any more.
            self.store().delete(&name)?;
        }
        Ok(bytes)
    }
}
