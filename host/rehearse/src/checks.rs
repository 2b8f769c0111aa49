//! What is held against what.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use sluis_share::Document;
use sluis_store::ObjectStore;
use sluis_vault::time::TOLERANCE;
use sluis_vault::{Entry, State};

use crate::attack::{self, Loot, Wrapped};
use crate::book::{Life, Page};
use crate::error::Error;
use crate::report::Failure;
use crate::study::Study;

/// After its deadline a segment may wait for the next sweep, and the one after that.
const SWEEPS: Duration = Duration::from_secs(3600);
/// How many living segments a quick look reads.
const QUICK: u64 = 3;

// === impl Study ===

impl Study {
    /// Looks at what the vault says of all segments.
    pub(crate) fn poll(&mut self) -> Result<(), Error> {
        let Some(vault) = self.shop.vault() else { return Ok(()) };
        let listed = vault.list().map_err(|source| Error::Vault { day: self.day, source: Box::new(source) })?;
        let known: HashSet<_> = listed.iter().map(|entry| entry.segment).collect();
        for entry in listed {
            self.look_at(&entry);
        }
        let missing =
            |page: &Page| !known.contains(&page.segment) && page.life != Life::Forgotten && page.life != Life::Ended;
        let gone: Vec<_> = self.book.pages.iter().filter(|page| missing(page)).map(|page| page.segment).collect();
        for segment in gone {
            self.accuse(segment, "the vault knows nothing of it");
        }
        self.ongoing.stakes.clear();
        Ok(())
    }

    pub(crate) fn look_at(&mut self, entry: &Entry) {
        let (segment, now) = (entry.segment, self.world.truth());
        let staked = self.ongoing.stakes.contains(&segment);
        if self.book.page(segment).is_none() {
            // The process was killed before it could say that it had begun.
            self.book.add(Page::new(segment, now, entry.deadline.time()));
        }
        let Some(page) = self.book.page(segment) else { return };
        page.buried = false;
        // The process was killed while somebody wished this; it had been done, or not.
        if staked && (entry.deadline.time() < page.promised || !entry.state.is_readable()) {
            page.erased = true;
        }
        match entry.state {
            State::Writing => {}
            State::Sealed | State::Recovered => {
                let recovered = entry.state == State::Recovered;
                if page.life == Life::Uncertain {
                    page.life = Life::Kept;
                    page.recovered = recovered;
                    page.digest.take_if(|_| recovered);
                }
                self.book.tell_once("begun", segment);
                self.book.tell_once(if recovered { "recovered" } else { "sealed" }, segment);
            }
            State::Shredded | State::Destroyed | State::Abandoned | State::Lost => {
                page.buried = entry.state != State::Shredded;
                let early = page.must_live(now);
                page.life = Life::Ended;
                page.dead.get_or_insert(now);
                let buried = page.buried;
                if early {
                    self.accuse(segment, &format!("it is {} already", entry.state));
                }
                self.book.tell_once("keys-destroyed", segment);
                if buried {
                    self.book.tell_once("destroyed", segment);
                }
            }
        }
    }

    /// A segment is lost. Told once.
    fn accuse(&mut self, segment: sluis_segment::SegmentId, why: &str) {
        if let Some(page) = self.book.page(segment)
            && !std::mem::replace(&mut page.accused, true)
        {
            self.fail(Failure::Lost, &format!("segment {segment}: {why}"));
        }
    }

    /// The vault has swept, by the time that it must know: what is past its deadline or erased must be gone from now on, for good.
    pub(crate) fn bury(&mut self) {
        let (now, least) = (self.world.truth(), self.known.least);
        for page in &mut self.book.pages {
            if page.erased || least >= page.promised || page.life == Life::Ended {
                page.dead.get_or_insert(now);
            } else if !page.outlived && page.life == Life::Kept && page.due + TOLERANCE + SWEEPS < now {
                page.outlived = true;
                self.report.kept_while_unsure += 1;
            }
        }
    }

    /// Tries everything: to read what must be gone, and what must be there.
    pub(crate) fn check(&mut self, full: bool) -> Result<(), Error> {
        if self.shop.vault().is_none() {
            return Ok(());
        }
        let loot = Loot::take(&self.shop.folder(), self.shop.elsewhere("loot"))?;
        let wrapped = loot.wrapped()?;
        for key in &wrapped {
            self.remembered.insert(key.segment, *key);
        }
        self.hoard.gather(&[&self.shop.here()?, &self.shop.cloud()?])?;
        loot.forget_time()?;
        self.check_living(&loot, full)?;
        self.check_dead(&loot, &wrapped, "from the files as they are")?;
        self.check_doors()?;
        if full {
            self.check_old_copies()?;
            self.check_traces()?;
            self.check_receipts_of_bytes()?;
            if self.day % 5 == 4 {
                self.check_ledger()?;
            }
        }
        Ok(())
    }

    /// What must be there opens, and is what was recorded.
    fn check_living(&mut self, loot: &Loot, full: bool) -> Result<(), Error> {
        let living = self.book.living(self.world.truth());
        let look = if full { living } else { (0..QUICK).filter_map(|_| self.random.pick(&living).copied()).collect() };
        let archive = loot.archive(Arc::new(self.shop.here()?), Some(Arc::new(self.shop.cloud()?)));
        let archive = archive.map_err(|source| Error::Vault { day: self.day, source: Box::new(source) })?;
        for segment in look {
            match attack::read(&archive, segment) {
                Ok(digest) => self.compare(segment, digest),
                Err(why) => self.accuse(segment, &why),
            }
        }
        Ok(())
    }

    /// What must be gone does not open, whatever is tried.
    fn check_dead(&mut self, loot: &Loot, wrapped: &[Wrapped], how: &str) -> Result<(), Error> {
        let gone = |key: &&Wrapped| self.book.find(key.segment).is_none_or(|page| page.dead.is_some());
        let mut keys: Vec<Wrapped> = wrapped.iter().filter(gone).copied().collect();
        self.report.checks += keys.len() as u64;
        // One key of each segment at a time: a broken recovery may have left two.
        while !keys.is_empty() {
            let (mut first, mut rest) = (Vec::<Wrapped>::new(), Vec::new());
            for key in keys {
                let again = first.last().is_some_and(|other| other.segment == key.segment);
                if again { rest.push(key) } else { first.push(key) }
            }
            loot.pretend(&first)?;
            let places = vec![self.shop.here()?, self.shop.cloud()?];
            // An index and a keyring that do not even open give nothing.
            if let Ok(archive) = loot.archive(attack::anywhere(places, &self.hoard), None) {
                for key in first {
                    let bytes = attack::steal(&archive, key.segment);
                    if bytes > 0 {
                        self.accuse_of_reading(key.segment, &format!("{bytes} bytes of it can be read {how}"));
                    }
                }
            }
            keys = rest;
        }
        Ok(())
    }

    fn accuse_of_reading(&mut self, segment: sluis_segment::SegmentId, what: &str) {
        if let Some(page) = self.book.page(segment)
            && !std::mem::replace(&mut page.accused, true)
        {
            let (promised, erased, now) = (page.promised, page.erased, self.world.truth());
            let since = now.since(promised).as_secs() / 60;
            self.fail(Failure::Readable, &format!("segment {segment}, {since} minutes over, erased: {erased}: {what}"));
        }
    }

    /// The vault itself lets nobody in, also where its keys outlive their time because it cannot know that.
    fn check_doors(&mut self) -> Result<(), Error> {
        let latest = self.known.remembered.max(self.clock());
        let closed = |page: &&Page| page.dead.is_some() || page.life == Life::Kept && page.promised <= latest;
        let shut: Vec<_> = self.book.pages.iter().rev().filter(closed).map(|page| page.segment).take(20).collect();
        for segment in shut {
            self.report.checks += 1;
            if let Some(Ok(bytes)) = self.attempt(|vault| Ok(attack::steal(vault.archive(), segment)))?
                && bytes > 0
            {
                self.accuse_of_reading(segment, &format!("the vault opens it: {bytes} bytes"));
            }
        }
        Ok(())
    }

    /// An older copy of the keyring with the index as it is, and the other way round.
    fn check_old_copies(&mut self) -> Result<(), Error> {
        let (now, to) = (self.shop.folder(), self.shop.elsewhere("loot"));
        let picked = self.random.pick(&self.ongoing.backups).map(|backup| backup.folder.clone());
        if let Some(old) = picked {
            for (index, keyring, how) in
                [(&now, &old, "with an older keyring"), (&old, &now, "with an older index and the present keyring")]
            {
                let loot = Loot::mix(index, keyring, to.clone())?;
                let wrapped = loot.wrapped()?;
                loot.forget_time()?;
                self.check_dead(&loot, &wrapped, how)?;
            }
        }
        Ok(())
    }

    /// Nowhere in the vault's files stands a wrapped key of what is destroyed, nor any key in the clear.
    fn check_traces(&mut self) -> Result<(), Error> {
        let mut wanted = HashMap::new();
        for page in &self.book.pages {
            let wrapped = self.remembered.get(&page.segment).filter(|_| page.buried);
            wanted.extend(wrapped.and_then(|key| Some((attack::beginning(&key.bytes)?, page.segment))));
            wanted.extend(page.key.and_then(|key| Some((attack::beginning(&key)?, page.segment))));
        }
        self.report.checks += wanted.len() as u64;
        for segment in attack::traces(&self.shop.folder(), &wanted)? {
            self.accuse_of_reading(segment, "its key still stands in the vault's files");
        }
        Ok(())
    }

    /// What has its receipt lies nowhere any more.
    fn check_receipts_of_bytes(&mut self) -> Result<(), Error> {
        let mut names = String::new();
        for store in [self.shop.here()?, self.shop.cloud()?] {
            for info in store.list()?.into_iter().chain(store.partials()?) {
                if !info.name.as_str().starts_with("gone-") && !info.name.as_str().starts_with("grant-") {
                    names.push_str(info.name.as_str());
                    names.push('\n');
                }
            }
        }
        let buried = self.book.pages.iter().filter(|page| page.buried && !page.accused).map(|page| page.segment);
        for segment in buried.collect::<Vec<_>>() {
            self.report.checks += 1;
            let name = segment.to_string();
            if let Some(object) = names.lines().find(|line| line.contains(&name)) {
                let object = object.to_owned();
                if let Some(page) = self.book.page(segment) {
                    page.accused = true;
                }
                self.fail(Failure::Untrue, &format!("segment {segment} has its receipt, and {object} is still there"));
            }
        }
        Ok(())
    }

    /// Of grants that are over nothing lies in the cloud. Called when the vault has just looked there.
    pub(crate) fn check_exchange(&mut self) -> Result<(), Error> {
        let Some(vault) = self.shop.vault() else { return Ok(()) };
        let grants =
            vault.archive().grants().map_err(|source| Error::Vault { day: self.day, source: Box::new(source) })?;
        let open: HashSet<_> = grants.iter().filter(|grant| grant.ended.is_none()).map(|grant| grant.id).collect();
        for info in self.shop.cloud()?.list()? {
            let over = |document: &Document| {
                !matches!(document, Document::Ask(..)) && !open.contains(document.grant().as_bytes())
            };
            self.report.checks += 1;
            if info.name.as_str().parse::<Document>().is_ok_and(|document| over(&document)) {
                self.fail(Failure::Readable, &format!("{} of a grant that is over lies in the cloud", info.name));
            }
        }
        Ok(())
    }
}
