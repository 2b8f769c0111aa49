//! Segments that are only stored, because somebody has a right to that (Art. 18 GDPR).
//!
//! A restricted segment is not opened, exported, granted, released to partners, admitted to data sets or copied to the cloud, and nobody erases it before its deadline. Art. 18(2) leaves two
//! doors: [`open_restricted`](Archive::open_restricted), with what allows it, and [`disclose`](Archive::disclose), which says what law demands it. It still goes at its deadline: who wants it kept
//! longer (Art. 18(1)(b) and (c)) has it held as well.

use std::sync::Arc;

use sluis_segment::SegmentId;

use crate::archive::{Archive, is_whole, opening};
use crate::error::{Error, chain};
use crate::index::{Exemption, Restriction};
use crate::opened::Opened;
use crate::reason::Reason;

// === impl Archive ===

impl Archive {
    /// From now on the segment is only stored. What lies released of it in the cloud is withdrawn, now or, when the cloud cannot be reached from here, by the process that keeps the vault; what a
    /// partner has fetched before is bound by its contract (Art. 19 GDPR: tell it). A second restriction is one more: each is lifted for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::NotReadable`]; [`Error::PastDeadline`]; [`Error::Index`].
    pub fn restrict(&self, segment: SegmentId, reason: &Reason) -> Result<(), Error> {
        let now = self.time()?;
        self.index.restrict(segment, reason.as_str(), now)?;
        self.tell_ledger_soon();
        if let Some(cloud) = &self.cloud
            && let Err(error) = self.withdraw_restricted(cloud.as_ref())
        {
            tracing::warn!(
                error = chain(&error),
                "what was released of a restricted segment is still in the cloud; the recorder withdraws it"
            );
        }
        Ok(())
    }

    /// Lifts all restrictions of a segment. Art. 18(3) GDPR: whoever had it restricted is told before.
    ///
    /// # Errors
    ///
    /// [`Error::NotRestricted`]; [`Error::Index`].
    pub fn lift_restriction(&self, segment: SegmentId, reason: &Reason) -> Result<(), Error> {
        self.lift(segment, None, reason).map(drop)
    }

    /// As [`lift_restriction`](Self::lift_restriction), of the restrictions that were taken for exactly this reason. Says whether the segment is free now: others may have restricted it too.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn lift_restriction_taken_for(
        &self,
        segment: SegmentId,
        taken: &Reason,
        reason: &Reason,
    ) -> Result<bool, Error> {
        self.lift(segment, Some(taken.as_str()), reason)
    }

    fn lift(&self, segment: SegmentId, taken: Option<&str>, reason: &Reason) -> Result<bool, Error> {
        self.observe()?;
        let free = self.index.lift_restrictions(segment, taken, reason.as_str())?;
        self.tell_ledger_soon();
        Ok(free)
    }

    /// The restrictions in force, the first first; of all segments when `segment` is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn restrictions(&self, segment: Option<SegmentId>) -> Result<Vec<Restriction>, Error> {
        self.index.restrictions(segment)
    }

    /// Opens a segment though it is restricted, for what Art. 18(2) GDPR allows. Logged like any opening, and told in the ledger with what allows it.
    ///
    /// # Errors
    ///
    /// As [`open_segment`](Self::open_segment), but for [`Error::Restricted`].
    pub fn open_restricted(&self, segment: SegmentId, exemption: Exemption, reason: &Reason) -> Result<Opened, Error> {
        let (now, entry) = self.readable(segment)?;
        is_whole(&entry, now)?;
        let key = self.key(&entry)?;
        self.index.log_exempted(&opening(segment, now, "open", reason), exemption)?;
        self.tell_ledger_soon();
        Ok(Opened::new(self.unseal(&entry, &key)?, entry, Arc::clone(&self.clock)))
    }
}
