//! What people wish: to open, to have erased, to have held; and what partners are granted.

use sluis_segment::SegmentId;
use sluis_share::GrantId;
use sluis_vault::{EndOfGrant, Error as VaultError, Reason, Retention};

use crate::attack;
use crate::book::Life;
use crate::error::Error;
use crate::folder;
use crate::partner::NAME;
use crate::recording::Digest;
use crate::report::Failure;
use crate::study::Study;

// === impl Study ===

impl Study {
    /// What people wish in half an hour.
    pub(crate) fn wishes(&mut self) -> Result<(), Error> {
        if self.random.one_in(12) {
            self.open_one()?;
        }
        if self.random.one_in(60) {
            self.export_one()?;
        }
        let (erases, holds, both) = (self.random.one_in(50), self.random.one_in(60), self.random.one_in(150));
        if holds || both {
            let segment = self.living_one();
            self.hold(segment)?;
            // Somebody changes their mind before the hold is applied.
            if both {
                self.erase(segment)?;
            }
        }
        if erases {
            let segment = self.living_one();
            self.erase(segment)?;
        }
        if self.random.one_in(20) {
            self.grant()?;
        }
        if self.random.one_in(9) {
            self.partner_asks()?;
        }
        if self.random.one_in(60) {
            let how = if self.random.one_in(3) { EndOfGrant::Done } else { EndOfGrant::Revoked };
            self.end_grant(how)?;
        }
        Ok(())
    }

    fn living_one(&mut self) -> Option<SegmentId> {
        let living = self.book.living(self.world.truth());
        self.random.pick(&living).copied()
    }

    fn open_one(&mut self) -> Result<(), Error> {
        let Some(segment) = self.living_one() else { return Ok(()) };
        let read = self.attempt(|vault| Ok(attack::read(vault.archive(), segment)))?;
        let Some(Ok(read)) = read else { return Ok(()) };
        match read {
            Ok(digest) => {
                self.note_opening(segment);
                self.compare(segment, digest);
            }
            // Its only copy may be out of reach; and a clock that ran ahead keeps everybody out.
            Err(_) if self.shop.fate().is_cloud_out() || !self.is_time_clear() => {}
            Err(why) => self.fail(Failure::Lost, &format!("segment {segment} does not open: {why}")),
        }
        Ok(())
    }

    fn export_one(&mut self) -> Result<(), Error> {
        let Some(segment) = self.living_one() else { return Ok(()) };
        let to = self.shop.elsewhere("export");
        folder::remove(&to)?;
        let reason = reason();
        if let Some(Ok(_)) = self.attempt(|vault| vault.export(segment, &to, &reason))? {
            self.note_opening(segment);
        }
        Ok(())
    }

    fn note_opening(&mut self, segment: SegmentId) {
        self.report.opened += 1;
        self.book.tell("opened", segment);
        if let Some(page) = self.book.page(segment) {
            page.openings += 1;
        }
    }

    /// Whether it is what was recorded. What was recovered is remembered when it is first read.
    pub(crate) fn compare(&mut self, segment: SegmentId, digest: Digest) {
        self.report.checks += 1;
        let Some(page) = self.book.page(segment) else { return };
        if *page.digest.get_or_insert(digest) != digest && !std::mem::replace(&mut page.accused, true) {
            self.fail(Failure::Lost, &format!("segment {segment} is not what was recorded"));
        }
    }

    fn erase(&mut self, segment: Option<SegmentId>) -> Result<(), Error> {
        let Some(segment) = segment else { return Ok(()) };
        let reason = reason();
        self.ongoing.stakes.push(segment);
        if let Some(erased) = self.ask(|archive| archive.erase(segment, &reason))? {
            self.ongoing.stakes.clear();
            if erased {
                tracing::debug!(%segment, "erased");
                self.report.erased += 1;
                self.book.tell("erased", segment);
                self.note_erased(segment);
            }
        }
        Ok(())
    }

    fn note_erased(&mut self, segment: SegmentId) {
        if let Some(page) = self.book.page(segment) {
            page.erased = true;
            page.hold_asked = None;
        }
    }

    fn hold(&mut self, segment: Option<SegmentId>) -> Result<(), Error> {
        let Some(page) = segment.and_then(|segment| self.book.page(segment)) else { return Ok(()) };
        let (segment, promised, now) = (page.segment, page.promised, self.world.truth());
        let latest = page.recorded + Retention::CEILING.get();
        let most = latest.since(promised).as_secs() / 3600;
        if most < 2 {
            return Ok(());
        }
        let until = promised + std::time::Duration::from_secs(3600 * self.random.between(1, (most - 1).min(100)));
        let reason = reason();
        let held = self.attempt(|vault| vault.archive().hold(segment, until, &reason))?;
        if let Some(Ok(until)) = held
            && let Some(page) = self.book.page(segment)
        {
            tracing::debug!(%segment, "a hold is asked for");
            page.hold_asked = Some((now, until.time()));
            self.report.held += 1;
        }
        Ok(())
    }

    /// The vault has swept: what was to be held is.
    pub(crate) fn apply_holds(&mut self) {
        let mut held = Vec::new();
        for page in &mut self.book.pages {
            if let Some((_, until)) = page.hold_asked.take()
                && page.life == Life::Kept
                && !page.erased
                && page.dead.is_none()
            {
                (page.promised, page.due) = (until, until);
                held.push(page.segment);
            }
        }
        for segment in held {
            self.book.tell("held", segment);
        }
    }

    fn grant(&mut self) -> Result<(), Error> {
        let living = self.book.living(self.world.truth());
        let there: Vec<_> = living.into_iter().filter(|s| self.book.page(*s).is_some_and(|p| p.uploaded)).collect();
        // Not sorted by their names: these are another chance in each rehearsal.
        let mut wanted = Vec::new();
        for _ in 0..self.random.between(1, 4) {
            let picked = self.random.pick(&there).copied();
            wanted.extend(picked.filter(|segment| !wanted.contains(segment)));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let hours = self.random.between(2, 80);
        let expires = self.world.truth() + std::time::Duration::from_secs(hours * 3600);
        if let Some(Ok((id, _))) = self.attempt(|vault| vault.archive().grant(NAME, &wanted, Some(expires)))? {
            tracing::debug!(grant = %id, "granted");
            self.report.grants += 1;
            self.book.tell("granted", id);
            self.ongoing.grants.push((id, wanted));
        }
        self.fetch()
    }

    /// Under any grant that it ever had, and for any of its segments; or an old request once more.
    fn partner_asks(&mut self) -> Result<(), Error> {
        let cloud = self.shop.cloud()?;
        if self.random.one_in(4) {
            let which = self.random.below(self.partner.asks());
            return self.partner.ask_again(&cloud, which);
        }
        let recent = self.ongoing.grants.len().saturating_sub(6);
        let from = if self.random.one_in(4) { 0 } else { recent };
        let Some((id, segments)) = self.random.pick(&self.ongoing.grants[from..]).cloned() else { return Ok(()) };
        if !self.partner.grants().contains(&id) {
            return Ok(());
        }
        let wanted = &segments[..self.random.between(1, segments.len() as u64) as usize];
        self.partner.ask(&cloud, id, wanted, self.world.truth())
    }

    /// A key was found in the cloud that had not been there before.
    pub(crate) fn released(&mut self, grant: GrantId, segment: SegmentId) -> Result<(), Error> {
        tracing::debug!(%grant, %segment, "released");
        self.report.releases += 1;
        self.report.checks += 1;
        self.book.tell("released", format!("{grant}/{segment}"));
        let now = self.world.truth();
        let Some(page) = self.book.page(segment) else { return Ok(()) };
        page.releases += 1;
        let (dead, lives) = (page.dead, page.must_live(now));
        if dead.is_some() {
            self.fail(Failure::Readable, &format!("the key of segment {segment} was released when it was gone"));
        }
        if let (true, Some(vault)) = (lives && self.is_time_clear(), self.shop.vault()) {
            let key = vault.archive().shop_public_key();
            match self.partner.open((grant, segment), &key, &self.hoard, now) {
                Ok(digest) => self.compare(segment, digest),
                Err(why) if why.contains("expire") || why.contains("over") => {}
                Err(why) => self.fail(Failure::Lost, &format!("the partner cannot open segment {segment}: {why}")),
            }
        }
        Ok(())
    }

    fn end_grant(&mut self, how: EndOfGrant) -> Result<(), Error> {
        let Some((id, segments)) = self.random.pick(&self.ongoing.grants).cloned() else { return Ok(()) };
        if how == EndOfGrant::Done {
            self.ongoing.stakes.extend(segments);
        }
        match self.attempt(|vault| vault.archive().end_grant(*id.as_bytes(), how))? {
            Some(Ok(used)) => {
                self.book.tell_once("grant-ended", id);
                for segment in used {
                    self.book.tell("erased", segment);
                    self.note_erased(segment);
                }
            }
            // It is over already.
            Some(Err(VaultError::NoSuchName { .. })) => {}
            Some(Err(error)) => self.fail(Failure::Unexpected, &crate::error::chain(&error)),
            None => return Ok(()),
        }
        self.ongoing.stakes.clear();
        Ok(())
    }
}

fn reason() -> Reason {
    Reason::new("somebody wishes so, in a rehearsal").expect("a reason is a line of text")
}
