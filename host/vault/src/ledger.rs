//! Bringing records into the ledger, and holding the vault against it.
//!
//! The ledger lies outside the vault's folder, so it does not go back when a copy of that is put back. Then it knows what was destroyed since, and the vault destroys it again.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Timestamp};
use sluis_ledger::{Checkpoint, Entry, EntryId, Error as LedgerError, Ledger, LedgerKey, New, PublicKey};
use sluis_segment::SegmentId;
use sluis_store::{Error as StoreError, ObjectName};

use crate::archive::Archive;
use crate::cloud::{put, read_small};
use crate::error::{Error, chain};
use crate::index::outbox::Waiting;
use crate::index::{Ending, GrantEnd, Pause};
use crate::record::Record;
use crate::retention::Deadline;
use crate::sweep::Swept;
use crate::vault::Vault;

/// How the names of checkpoints in the cloud begin.
const CHECKPOINT: &str = "checkpoint-";

/// Records that go into the ledger at once: one write to disk for all.
const BATCH: u32 = 1_000;

/// How long one process waits for another that is writing to the ledger: milliseconds, as a rule.
const PATIENCE: Duration = Duration::from_secs(10);

/// What shows that a record stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// Signed after it.
    pub checkpoint: Checkpoint,
    /// The lines of the ledger from the record up to the end of what was signed.
    pub lines: Vec<u8>,
}

// === impl Archive ===

impl Archive {
    /// Brings the records that wait into the ledger. Any process may: one after another.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`]; [`Error::Index`]. Nothing is lost: the next call goes on.
    pub fn tell_ledger(&self) -> Result<(), Error> {
        if self.index.outbox(1)?.is_empty() {
            return Ok(());
        }
        self.drain(&mut self.open_ledger()?)
    }

    /// The records that wait for the ledger, the oldest first: also where it cannot be written, for it is damaged.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn waiting(&self) -> Result<Vec<serde_json::Value>, Error> {
        let waiting = self.index.outbox(u32::MAX)?;
        let read = |waits: &Waiting| {
            let text = &waits.what;
            serde_json::from_str(text)
                .map_err(|e| self.index.damaged(format!("a record that waits cannot be read: {e}")))
        };
        waiting.iter().map(read).collect()
    }

    /// As [`tell_ledger`](Self::tell_ledger), where a failure is no reason to fail: what happened is written down already.
    pub fn tell_ledger_soon(&self) {
        if let Err(error) = self.tell_ledger() {
            tracing::warn!(error = chain(&error), "records wait for the ledger; the next sweep tries again");
        }
    }

    /// Signs the ledger as it is now. The text is to be kept where who can write the ledger cannot.
    ///
    /// # Errors
    ///
    /// As [`tell_ledger`](Self::tell_ledger).
    pub fn checkpoint(&self) -> Result<Checkpoint, Error> {
        let mut ledger = self.open_ledger()?;
        self.drain(&mut ledger)?;
        Ok(ledger.checkpoint(self.clock.now().as_nanos())?)
    }

    /// Writes down that an evidence pack was made, whose manifest has this SHA-256 (hexadecimal digits), and signs the ledger. The lines go from that record to the end of what was
    /// signed: with the public key they show to anybody that it stands in the ledger ([`sluis_ledger::trace`]).
    ///
    /// # Errors
    ///
    /// As [`tell_ledger`](Self::tell_ledger). The record may be written then, of a pack that nobody has.
    pub fn attest(&self, sha256: &str, shortcomings: u32) -> Result<Attested, Error> {
        self.observe()?;
        let mut ledger = self.open_ledger()?;
        self.drain(&mut ledger)?;
        // The ledger is ours until this returns: the record stands somewhere after here.
        let before = ledger.head().entries;
        self.index.note(&Record::Evidence { sha256, shortcomings })?;
        self.drain(&mut ledger)?;
        let checkpoint = ledger.checkpoint(self.clock.now().as_nanos())?;
        let after = sluis_ledger::read_tail(&self.ledger, checkpoint.head().entries - before)?;
        let mut from = before;
        for entry in after {
            let Entry { number, what, .. } = entry?;
            if what.get("event").is_some_and(|event| event == "evidence")
                && what.get("sha256").is_some_and(|told| told == sha256)
            {
                from = number;
                break;
            }
        }
        let lines = sluis_ledger::excerpt(&self.ledger, from, &checkpoint)?;
        Ok(Attested { checkpoint, lines })
    }

    /// As [`checkpoint`](Self::checkpoint), kept in the cloud and in this file as well. The file is replaced whole or not at all; in the cloud each has a name of its own.
    ///
    /// # Errors
    ///
    /// As there; [`Error::File`]; [`Error::Store`] when the cloud does not take it.
    pub fn keep_checkpoint(&self, file: Option<&Path>) -> Result<Checkpoint, Error> {
        let checkpoint = self.checkpoint()?;
        let text = checkpoint.to_string();
        let written = file.map_or(Ok(()), |file| {
            let new = file.with_extension("new");
            let written = fs::write(&new, &text).and_then(|()| fs::rename(&new, file));
            written.map_err(Error::file(file, "write the checkpoint"))
        });
        if let Some(cloud) = &self.cloud {
            let name = ObjectName::new(format!("{CHECKPOINT}{}.txt", checkpoint.head().entries));
            match put(cloud.as_ref(), &name.expect("digits make a name"), text.as_bytes()) {
                // Of the same length, an hour ago.
                Err(StoreError::ObjectExists { .. }) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // One place that fails keeps it from no other.
        written.map(|()| checkpoint)
    }

    /// The checkpoints that lie in the cloud, the longest ledger last.
    ///
    /// # Errors
    ///
    /// [`Error::Store`]. What is no checkpoint there is left out.
    pub fn checkpoints_in_cloud(&self) -> Result<Vec<Checkpoint>, Error> {
        let Some(cloud) = &self.cloud else { return Ok(vec![]) };
        let mut found = Vec::new();
        for info in cloud.list_prefix(CHECKPOINT)? {
            let text = read_small(cloud.as_ref(), &info.name, 4096)?;
            found.extend(str::from_utf8(&text).ok().and_then(|text| text.parse::<Checkpoint>().ok()));
        }
        found.sort_by_key(|checkpoint| checkpoint.head().entries);
        Ok(found)
    }

    /// What others need to check the ledger's checkpoints.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`]; [`Error::Index`].
    pub fn ledger_public_key(&self) -> Result<PublicKey, Error> {
        Ok(self.ledger_key().public(&self.origin()?)?)
    }

    /// The ledger's folder.
    pub fn ledger_folder(&self) -> &Path {
        &self.ledger
    }

    fn ledger_key(&self) -> LedgerKey {
        LedgerKey::from_seed(*self.root.derive("ledger signing key"))
    }

    /// The name of the ledger: its shop's, without what a signed note does not allow in a name.
    fn origin(&self) -> Result<String, Error> {
        let shop = self.index.shop()?;
        let plain = |c: char| if c == '+' || c.is_whitespace() { '-' } else { c };
        Ok(format!("sluis/{}", shop.chars().map(plain).collect::<String>()))
    }

    fn open_ledger(&self) -> Result<Ledger, Error> {
        let begun = Instant::now();
        loop {
            match Ledger::open(&self.ledger, self.ledger_key(), &self.origin()?) {
                Err(LedgerError::InUse { .. }) if begun.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(20));
                }
                other => return Ok(other?),
            }
        }
    }

    fn drain(&self, ledger: &mut Ledger) -> Result<(), Error> {
        // Only the start of the recorder catches up with a ledger that is longer: until then nothing may hide that it is.
        if !self.unknown(ledger)?.is_empty() {
            return Err(Error::PutBack);
        }
        loop {
            let waiting = self.index.outbox(BATCH)?;
            let Some(last) = waiting.last().map(|record| record.number) else { return Ok(()) };
            let entries = waiting.into_iter().map(|record| {
                let what = serde_json::from_str(&record.what).unwrap_or(serde_json::Value::Null);
                New { at: record.at.as_nanos(), id: EntryId::from_bytes(record.id), what }
            });
            let head = ledger.append(&entries.collect::<Vec<_>>())?;
            self.index.told(last, head.entries)?;
        }
    }

    /// What the ledger has, and this folder neither knows nor has under way: a copy of the folder was put back. The ledger is ours meanwhile.
    fn unknown(&self, ledger: &Ledger) -> Result<Vec<serde_json::Value>, Error> {
        let (found, known) = (ledger.head().entries, self.index.ledger_length()?);
        if found <= known {
            return Ok(vec![]);
        }
        let own: HashSet<_> = self.index.outbox(u32::MAX)?.into_iter().map(|r| EntryId::from_bytes(r.id)).collect();
        let mut unknown = Vec::new();
        for entry in sluis_ledger::read_tail(&self.ledger, found - known)? {
            let entry = entry?;
            if !own.contains(&entry.id) {
                unknown.push(entry.what);
            }
        }
        Ok(unknown)
    }

    /// Readers beside no recorder: a folder that was put back from a copy shows nothing before the recorder has caught up.
    pub(crate) fn refuse_older_than_ledger(&self) -> Result<(), Error> {
        if !self.ledger.join("ledger.jsonl").exists() {
            return Ok(());
        }
        // As a rule the folder knows all: one look at the last line says so.
        let last = sluis_ledger::read_tail(&self.ledger, 1).and_then(|mut tail| tail.next().transpose());
        if let Ok(last) = last
            && last.map_or(0, |entry| entry.number + 1) <= self.index.ledger_length()?
        {
            return Ok(());
        }
        match self.open_ledger() {
            Ok(ledger) if !self.unknown(&ledger)?.is_empty() => Err(Error::PutBack),
            // Looking must be possible where only the recorder may write.
            Ok(_) | Err(Error::Ledger(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

// === impl Vault ===

impl Vault {
    /// Reads what the ledger has that the folder does not know of, and does again what must stay done. Says how many records those are: 0, unless a copy of the folder was put back.
    pub(crate) fn hold_against_ledger(&self) -> Result<u64, Error> {
        // The folder is made, a torn end cut, and the tail checked. It is held until all is read.
        let ledger = self.archive().open_ledger()?;
        let (found, known) = (ledger.head().entries, self.index().ledger_length()?);
        if found < known {
            self.index().note(&Record::LedgerCut { expected: known, found })?;
            self.index().caught_up(found)?;
            tracing::error!(known, found, "the end of the ledger is missing");
            return Ok(0);
        }
        let unknown = self.archive().unknown(&ledger)?;
        drop(ledger);
        unknown.iter().try_for_each(|what| self.again(what))?;
        let records = unknown.len() as u64;
        if records > 0 {
            tracing::warn!(records, "the vault's folder is older than its ledger: a copy of it was put back");
            self.index().note(&Record::RestoredFromCopy { records })?;
            self.index().caught_up(found)?;
        }
        Ok(records)
    }

    /// What one record of the ledger means for an older copy of the vault.
    fn again(&self, what: &serde_json::Value) -> Result<(), Error> {
        let text = |key: &str| what.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let now = self.archive().now()?;
        let segment = || text("segment").parse::<SegmentId>().ok();
        let time = |key: &str| what.get(key).and_then(serde_json::Value::as_i64).map(Timestamp::from_nanos);
        let zone = || what.get("zone").and_then(serde_json::Value::as_str).map(str::to_owned);
        match text("event") {
            "held" => {
                if let (Some(segment), Some(until)) = (segment(), time("until"))
                    && self.index().get(segment).is_ok_and(|entry| entry.state.is_readable())
                {
                    // The first sweep applies it, before anything is destroyed.
                    self.index().hold_again(segment, Deadline::at(until), text("reason"))?;
                }
            }
            "hold-released" => {
                let deadline = time("deadline").map(Deadline::at);
                if let (Some(segment), Some(deadline)) = (segment(), deadline)
                    && self.index().get(segment).is_ok()
                {
                    self.index().release_again(segment, deadline, text("reason"))?;
                }
            }
            "restricted" => {
                if let Some(segment) = segment()
                    && self.index().get(segment).is_ok()
                {
                    self.index().restrict_again(segment, text("reason"))?;
                }
            }
            "restriction-lifted" => {
                if let Some(segment) = segment() {
                    let taken = what.get("taken").and_then(serde_json::Value::as_str);
                    match self.index().lift_restrictions(segment, taken, text("reason")) {
                        Ok(_) | Err(Error::NotRestricted { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            "paused" => {
                if let Ok(camera) = CameraId::new(text("camera")) {
                    let (until, reason) = (time("until"), text("reason").to_owned());
                    self.index().pause(&Pause { camera, zone: zone(), at: now, until, reason })?;
                }
            }
            "resumed" if what.get("free") == Some(&serde_json::Value::Bool(true)) => {
                if let Ok(camera) = CameraId::new(text("camera")) {
                    self.index().resume(&camera, zone().as_deref(), text("reason"))?;
                }
            }
            // Something of it may lie in the cloud: it goes with the segment.
            "uploaded" => {
                if let Some(entry) = segment().and_then(|segment| self.index().get(segment).ok()) {
                    self.index().upload_begins(&entry)?;
                }
            }
            "keys-destroyed" | "erased" => {
                let Some(segment) = segment() else { return Ok(()) };
                let Ok(entry) = self.index().get(segment) else { return Ok(()) };
                if entry.state.may_become(crate::index::State::Shredded) {
                    let why = format!("{}; destroyed again, for a copy of the vault was put back", text("reason"));
                    self.destroy(&[entry], Ending::Destroyed, &why, &mut Swept::default())?;
                }
            }
            "grant-ended" => {
                let mut id = [0; 16];
                if hex::decode_to_slice(text("grant"), &mut id).is_ok() {
                    let end = if text("how") == "done" { GrantEnd::Done } else { GrantEnd::Revoked };
                    self.index().end_grant(id, end, now)?;
                }
            }
            "partner-removed" => self.index().remove_partner(text("partner")).map(drop)?,
            "staff-removed" => self.index().remove_staff(text("name")).map(drop)?,
            _ => {}
        }
        Ok(())
    }
}
