//! Erasing before the deadline, holding beyond it, and disclosing what a law demands.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::PoisonError;

use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use crate::archive::{Archive, opening};
use crate::error::{Error, chain};
use crate::export::Exported;
use crate::index::Demand;
use crate::index::segments::StoredKey;
use crate::reason::Reason;
use crate::retention::{Deadline, Retention};
use crate::vault::Vault;

// === impl Archive ===

impl Archive {
    /// Brings the deadline of a segment forward to now: it cannot be opened any more, and the next sweep destroys it. Says whether it was still there.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::Index`].
    pub fn erase(&self, segment: SegmentId, reason: &Reason) -> Result<bool, Error> {
        let now = self.observe()?.time;
        let erased = self.index.bring_forward(segment, now, reason.as_str())?;
        self.tell_ledger_soon();
        Ok(erased)
    }

    /// Asks that a segment be kept until `until`, because somebody has a right to that: at the most for 30 days from its recording. The process that keeps the vault wraps its key anew at its
    /// next sweep, before anything is destroyed.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::PastDeadline`]; [`Error::NotReadable`]; [`Error::HoldTooLong`]; [`Error::Index`].
    pub fn hold(&self, segment: SegmentId, until: Timestamp, reason: &Reason) -> Result<Deadline, Error> {
        let (_, entry) = self.readable(segment)?;
        if !entry.state.is_readable() {
            return Err(Error::NotReadable { segment, state: entry.state });
        }
        let until = Deadline::at(until);
        let ceiling = Retention::CEILING.deadline(entry.started);
        if until > ceiling || until <= entry.deadline {
            return Err(Error::HoldTooLong { segment, ceiling, deadline: entry.deadline });
        }
        self.index.ask_to_hold(segment, until, reason.as_str())?;
        Ok(until)
    }

    /// Hands a segment out because a law demands it: as [`export`](Self::export) does, with an entry of its own in the ledger that says who demanded what on which ground.
    ///
    /// # Errors
    ///
    /// As [`export`](Self::export).
    pub fn disclose(&self, segment: SegmentId, to: &Path, demand: &Demand, reason: &Reason) -> Result<Exported, Error> {
        DirBuilder::new().mode(0o700).create(to).map_err(Error::file(to, "make the new folder"))?;
        let admitted = || {
            let (now, entry) = self.readable(segment)?;
            self.may_leave(&entry)?;
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
    /// Wraps the keys of segments anew that are to be held, under the key of their new class. One that is gone meanwhile is not held.
    pub(crate) fn apply_holds(&self) -> Result<(), Error> {
        for (number, segment, until, reason) in self.index().holds_to_apply()? {
            let entry = self.index().get(segment)?;
            // The longest of several holds counts.
            let until = until.max(entry.deadline);
            let held = self.archive().key(&entry).and_then(|key| {
                let _together = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
                let (day, wrapping) = self.day(entry.started, until)?;
                let wrapped = wrapping.wrap(&entry.binding(), entry.generation, &key)?;
                self.index().hold(&entry, until, &StoredKey { day: Some(day), wrapped }, &reason)
            });
            match held {
                Ok(()) => {}
                Err(error @ (Error::NotReadable { .. } | Error::Key { .. })) => {
                    tracing::warn!(%segment, error = chain(&error), "a segment that was to be held is gone");
                }
                Err(error) => {
                    // No hold keeps others from their deadlines.
                    tracing::error!(%segment, error = chain(&error), "a segment could not be held; the next sweep tries again");
                    continue;
                }
            }
            self.index().hold_applied(number)?;
        }
        Ok(())
    }
}
