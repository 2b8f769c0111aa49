//! What is on paper: the ledger while the study goes on, and every receipt at its end.

use std::collections::BTreeMap;
use std::sync::Arc;

use sluis_store::ObjectStore;
use sluis_vault::{Archive, State};

use crate::book::{Life, Page};
use crate::error::{Error, chain};
use crate::report::Failure;
use crate::settings::Planted;
use crate::study::Study;

// === impl Study ===

impl Study {
    /// Everything in the book is in the ledger, and the ledger is whole.
    pub(crate) fn check_ledger(&mut self) -> Result<(), Error> {
        if self.ask(Archive::tell_ledger)?.is_none() {
            return Ok(());
        }
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        for entry in sluis_ledger::read(&self.shop.ledger())? {
            let what = match entry {
                Ok(entry) => entry.what,
                Err(error) => {
                    self.fail(Failure::Untold, &chain(&error));
                    break;
                }
            };
            let text = |key: &str| what[key].as_str().unwrap_or_default().to_owned();
            let of = match text("event").as_str() {
                "released" => format!("{}/{}", text("grant"), text("segment")),
                "granted" | "grant-ended" => text("grant"),
                _ => text("segment"),
            };
            *found.entry((text("event"), of)).or_default() += 1;
        }
        let mut missing = Vec::new();
        for ((event, of), times) in &self.book.told {
            let there = found.get(&((*event).to_owned(), of.clone())).copied().unwrap_or(0);
            if there < *times {
                missing.push(format!("`{event}` of {of} is there {there} times, and happened {times} times"));
            }
        }
        self.report.checks += self.book.told.len() as u64;
        for what in missing {
            self.fail(Failure::Untold, &what);
        }
        let Some(key) = self.ask(Archive::ledger_public_key)? else { return Ok(()) };
        let verified = sluis_ledger::verify(&self.shop.ledger(), &key, &self.checkpoints)?;
        for problem in verified.problems.iter().filter(|problem| !problem.is_torn()) {
            self.fail(Failure::Untold, &problem.to_string());
        }
        Ok(())
    }

    /// Long after the last recording: nothing is left, every receipt is there and says what was.
    pub(crate) fn check_end(&mut self) -> Result<(), Error> {
        self.poll()?;
        if self.settings.planted == Some(Planted::LedgerLineRemoved)
            || self.settings.planted == Some(Planted::LedgerCut)
        {
            self.cut_ledger()?;
        }
        self.check_ledger()?;
        let left = |page: &&Page| !page.buried && page.life != Life::Forgotten && !page.accused;
        let left: Vec<_> = self.book.pages.iter().filter(left).map(|page| page.segment).collect();
        for segment in left {
            self.fail(Failure::Untrue, &format!("segment {segment} has no receipt, 31 days after the study"));
        }
        for store in [self.shop.here()?, self.shop.cloud()?] {
            for info in
                store.list()?.into_iter().chain(store.partials()?).filter(|o| o.name.as_str().contains(".sealed"))
            {
                self.fail(Failure::Untrue, &format!("{} is still there, 31 days after the study", info.name));
            }
        }
        let Some(vault) = self.shop.vault().map(Arc::clone) else { return Ok(()) };
        let failed = |source| Error::Vault { day: self.day, source: Box::new(source) };
        let receipts = vault.archive().receipts().map_err(failed)?;
        for receipt in &receipts {
            let Some(page) = self.book.page(receipt.segment) else { continue };
            let (openings, releases) = (receipt.openings.len() as u64, receipt.releases.len() as u64);
            if openings < page.openings || releases < page.releases {
                let (opened, released) = (page.openings, page.releases);
                let what = format!(
                    "the receipt of {} tells {openings} of {opened} openings, and {releases} of {released} releases",
                    receipt.segment
                );
                self.fail(Failure::Untrue, &what);
            }
        }
        for entry in vault.list().map_err(|source| Error::Vault { day: self.day, source: Box::new(source) })? {
            let recovered = entry.note.is_some_and(|note| note.contains("broke off"));
            self.report.recovered += u64::from(recovered);
            match entry.state {
                State::Destroyed => self.report.destroyed += 1,
                State::Abandoned => self.report.abandoned += 1,
                State::Lost => self.report.broken_off += 1,
                _ => {}
            }
        }
        Ok(())
    }
}
