//! Erasing before the deadline, holding beyond it and letting go again, and disclosing what a law demands.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::PoisonError;

use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use crate::archive::{Archive, is_whole, opening};
use crate::error::{Error, chain};
use crate::export::Exported;
use crate::index::holds::{ToWrap, Wish};
use crate::index::segments::StoredKey;
use crate::index::{Demand, Entry, Hold};
use crate::reason::Reason;
use crate::retention::{Deadline, Retention};
use crate::vault::Vault;

// === impl Archive ===

impl Archive {
    /// Brings the deadline of a segment forward to now: it cannot be opened any more, and the next sweep destroys it. Says whether it was still there.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::Restricted`]: who had it restricted may want it kept (Art. 18(1)(b) GDPR); [`Error::Index`].
    pub fn erase(&self, segment: SegmentId, reason: &Reason) -> Result<bool, Error> {
        let now = self.observe()?.time;
        let erased = self.index.bring_forward(segment, now, reason.as_str())?;
        self.tell_ledger_soon();
        Ok(erased)
    }

    /// Asks that a segment be kept until `until`, because somebody has a right to that: at the most for 30 days from its recording. The process that keeps the vault wraps its key anew at its
    /// next sweep, before anything is destroyed. From the moment that this returns no sweep destroys it, also one that is under way.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::PastDeadline`]; [`Error::NotReadable`]; [`Error::HoldTooLong`]; [`Error::Index`].
    pub fn hold(&self, segment: SegmentId, until: Timestamp, reason: &Reason) -> Result<Deadline, Error> {
        let (now, entry) = self.readable(segment)?;
        let until = Deadline::at(until);
        let ceiling = Retention::CEILING.deadline(entry.started);
        if until > ceiling || until < entry.deadline {
            return Err(Error::HoldTooLong { segment, ceiling, deadline: entry.deadline });
        }
        self.index.ask_to_hold(segment, until, reason.as_str(), now)?;
        Ok(until)
    }

    /// Who holds a segment, until when, and why.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn holds(&self, segment: SegmentId) -> Result<Vec<Hold>, Error> {
        self.index.holds(segment, self.time()?)
    }

    /// Ends all holds of a segment before their time: what they were taken for is decided. The deadline goes back to what it was when the segment was recorded; when that has passed, the
    /// segment cannot be opened any more, and the next sweep destroys it. Else that sweep wraps the key anew. Says the deadline.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::NotReadable`]; [`Error::NotHeld`]; [`Error::HeldByOlder`]; [`Error::Index`].
    pub fn release_hold(&self, segment: SegmentId, reason: &Reason) -> Result<Deadline, Error> {
        self.release(segment, None, reason)
    }

    /// As [`release_hold`](Self::release_hold), of the holds that were taken for exactly this reason: others keep the segment for as long as they say.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn release_hold_taken_for(
        &self,
        segment: SegmentId,
        taken: &Reason,
        reason: &Reason,
    ) -> Result<Deadline, Error> {
        self.release(segment, Some(taken.as_str()), reason)
    }

    fn release(&self, segment: SegmentId, taken: Option<&str>, reason: &Reason) -> Result<Deadline, Error> {
        let now = self.time()?;
        let deadline = self.index.release_holds(segment, taken, reason.as_str(), now)?;
        self.tell_ledger_soon();
        Ok(deadline)
    }

    /// Whether a law may have a segment disclosed now: as [`may_leave`](Self::may_leave), also while it is restricted (Art. 18(2) GDPR).
    ///
    /// # Errors
    ///
    /// [`Error::PastDeadline`], [`Error::NotReadable`]; [`Error::Index`].
    pub fn may_be_disclosed(&self, entry: &Entry) -> Result<(), Error> {
        is_whole(entry, self.time()?)
    }

    /// Hands a segment out because a law demands it: as [`export`](Self::export) does, with an entry of its own in the ledger that says who demanded what on which ground. Also
    /// of a restricted segment.
    ///
    /// # Errors
    ///
    /// As [`export`](Self::export).
    pub fn disclose(&self, segment: SegmentId, to: &Path, demand: &Demand, reason: &Reason) -> Result<Exported, Error> {
        DirBuilder::new().mode(0o700).create(to).map_err(Error::file(to, "make the new folder"))?;
        let admitted = || {
            let (now, entry) = self.readable(segment)?;
            is_whole(&entry, now)?;
            let key = self.key(&entry)?;
            let whole = std::path::absolute(to).map_err(Error::file(to, "find"))?;
            let opening = opening(segment, now, "export", reason);
            self.index.log_disclosure(&opening, &whole.display().to_string(), demand)?;
            Ok((entry, key))
        };
        let (entry, key) = admitted().inspect_err(|_: &Error| {
            // It is empty; if it cannot be removed, nothing is lost by its staying.
            let _ = fs::remove_dir(to);
        })?;
        self.tell_ledger_soon();
        let exported = Exported::in_folder(to);
        self.write_export(&entry, &key, &exported)?;
        Ok(exported)
    }
}

// === impl Vault ===

impl Vault {
    /// Wraps the keys of segments anew that are to be held, or are not any more, under the key of their new class. One that is gone meanwhile is not held.
    pub(crate) fn apply_holds(&self) -> Result<(), Error> {
        for to_wrap in self.index().holds_to_apply()? {
            let ToWrap { number, segment, wish } = &to_wrap;
            let entry = self.index().get(*segment)?;
            let wrapped = match wish {
                // The longest of several holds counts.
                Wish::Keep { until, reason } => self.wrap_anew(&entry, (*until).max(entry.deadline), |key, until| {
                    self.index().hold(*number, &entry, until, key, reason)
                }),
                // What is due is about to be destroyed, with what it is wrapped under.
                Wish::LetGo if entry.deadline.has_passed(self.archive().now()?) => Ok(()),
                Wish::LetGo => self.wrap_anew(&entry, entry.deadline, |key, _| self.index().let_go(&entry, key)),
            };
            match wrapped {
                Ok(()) => {}
                Err(error @ (Error::NotReadable { .. } | Error::Key { .. })) => {
                    tracing::warn!(%segment, error = chain(&error), "a segment that was to be held, or let go, is gone");
                }
                Err(error) => {
                    // No hold keeps others from their deadlines.
                    tracing::error!(%segment, error = chain(&error), "a segment could not be held or let go; the next sweep tries again");
                    continue;
                }
            }
            self.index().hold_applied(&to_wrap)?;
        }
        Ok(())
    }

    /// Wraps the key of a segment under the key of the class that it has when it is due at `deadline`, and has it stored.
    fn wrap_anew(
        &self,
        entry: &Entry,
        deadline: Deadline,
        store: impl FnOnce(&StoredKey, Deadline) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let key = self.archive().key(entry)?;
        let _together = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
        let (day, wrapping) = self.day(entry.started, deadline)?;
        let wrapped = wrapping.wrap(&entry.binding(), entry.generation, &key)?;
        store(&StoredKey { day: Some(day), wrapped }, deadline)
    }
}
