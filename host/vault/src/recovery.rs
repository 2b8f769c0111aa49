//! Saving what a crash left.
//!
//! A segment that broke off has whole sealed chunks, and no end. What is complete in them is sealed anew, under a new key, as a new object of the same
//! segment, and passes the gate again on its way. Then the old key and bytes are destroyed. A kill at any moment leaves the segment as it was, to be
//! recovered again; what the broken attempt left is removed.

use std::io::{self, Read, Write};
use std::sync::PoisonError;

use serde::Serialize;
use sluis_segment::recovery::{Recovered, recover};
use sluis_segment::{Error as SegmentError, SegmentId, SegmentKey};
use sluis_store::{ByteRange, Error as StoreError, ObjectWriter};

use crate::error::{Error, chain};
use crate::index::entry::object;
use crate::index::segments::{Restored, StoredKey};
use crate::index::{Ending, Entry, State};
use crate::sweep::{Swept, Unfinished};
use crate::vault::Vault;

/// What became of the segments that broke off.
#[derive(Debug, Default, Serialize)]
pub struct Recovery {
    /// What could be saved of them was sealed anew.
    pub recovered: Vec<SegmentId>,
    /// Nothing could be saved; their receipts say why.
    pub lost: Vec<SegmentId>,
    /// What was left did not pass the gate, and was destroyed.
    pub abandoned: Vec<SegmentId>,
    /// Index or store failed on the way: the next start tries again.
    pub unfinished: Vec<Unfinished>,
}

/// What became of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Recovered,
    Lost,
    Abandoned,
}

// === impl Vault ===

impl Vault {
    /// Recovers all segments that are being written: called at the start, when nobody can be writing.
    pub(crate) fn recover_all(&self) -> Result<Recovery, Error> {
        let mut recovery = Recovery::default();
        for entry in self.index().in_state(State::Writing)? {
            let segment = entry.segment;
            match self.recover(segment) {
                Ok(Outcome::Recovered) => recovery.recovered.push(segment),
                Ok(Outcome::Lost) => recovery.lost.push(segment),
                Ok(Outcome::Abandoned) => recovery.abandoned.push(segment),
                Err(error) => {
                    tracing::error!(%segment, error = chain(&error), "a segment could not be recovered; the next start tries again");
                    recovery.unfinished.push(Unfinished { segment, why: chain(&error), cloud: false });
                }
            }
        }
        Ok(recovery)
    }

    /// Recovers one segment that broke off. Nobody may be writing to it any more.
    pub(crate) fn recover(&self, segment: SegmentId) -> Result<Outcome, Error> {
        let entry = self.index().get(segment)?;
        if entry.state != State::Writing {
            return Err(Error::Transition { segment, from: entry.state, to: State::Recovered });
        }
        if entry.deadline.has_passed(self.archive().now()?) {
            return self.end(&entry, Ending::Destroyed, "its deadline has come");
        }
        let old_key = match self.recorded_key(&entry) {
            Ok(key) => key,
            Err(error @ Error::Key { .. }) => return self.end(&entry, Ending::Lost, &chain(&error)),
            Err(error) => return Err(error),
        };
        let Some(from) = self.remains(&entry)? else {
            return self.end(&entry, Ending::Lost, "it broke off before its first byte was stored");
        };

        let new_key = SegmentKey::random(&self.random).map_err(|_| Error::Random)?;
        let generation = {
            let _together = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
            let (day, wrapping) = self.day(entry.started, entry.deadline)?;
            let wrap = |generation| {
                let wrapped = wrapping.wrap(&entry.binding(), generation, &new_key)?;
                Ok(StoredKey { day: Some(day), wrapped })
            };
            self.index().add_key(segment, wrap)?
        };
        let mut writer = self.store().create(&object(segment, generation))?;
        let poured = recover(from, &old_key, &entry.binding(), Pour(&mut writer), &new_key, &self.random);
        match poured {
            Ok(Some(recovered)) => {
                writer.commit()?;
                self.adopt(&entry, generation, &recovered)?;
                Ok(Outcome::Recovered)
            }
            Ok(None) => self.end(&entry, Ending::Lost, "it broke off before its first whole frame was stored"),
            // The disk, not the segment: what is there stays, to be tried again.
            Err(SegmentError::Io { source, .. }) => {
                self.store().discard(&object(segment, generation))?;
                Err(Error::reading(segment, entry.object(), source))
            }
            Err(error @ SegmentError::Gate { .. }) => self.end(&entry, Ending::Abandoned, &chain(&error)),
            Err(error @ (SegmentError::NotASegment(_) | SegmentError::Container(_) | SegmentError::Depth(_))) => {
                self.end(&entry, Ending::Lost, &chain(&error))
            }
            Err(source) => Err(Error::Damage { segment, source: Box::new(source) }),
        }
    }

    /// The new object counts from now on; the old key and bytes go.
    fn adopt(&self, entry: &Entry, generation: u32, recovered: &Recovered) -> Result<(), Error> {
        let Recovered { summary, salvaged } = recovered;
        let frames = summary.frames.total();
        let note = format!("it broke off; {frames} frames were saved from {} whole chunks of 4 KB", salvaged.chunks);
        let restored = Restored { generation, bytes: summary.sealed_bytes, summary, note: &note };
        self.index().recover(entry.segment, &restored)?;
        // From here on it is recovered, whatever fails: what stays is without a key, and goes at the next start.
        let old = entry.object();
        let discarded = self.store().discard(&old).and(self.store().delete(&old));
        let removed = self.index().checkpoint().and(discarded.map_err(Error::from));
        if let Err(error) = removed {
            tracing::warn!(segment = %entry.segment, error = chain(&error), "what a recovered segment replaces is not gone yet");
        }
        Ok(())
    }

    fn end(&self, entry: &Entry, ending: Ending, reason: &str) -> Result<Outcome, Error> {
        self.destroy(std::slice::from_ref(entry), ending, reason, &mut Swept::default())?;
        Ok(match ending {
            Ending::Abandoned => Outcome::Abandoned,
            Ending::Lost | Ending::Destroyed => Outcome::Lost,
        })
    }

    fn recorded_key(&self, entry: &Entry) -> Result<SegmentKey, Error> {
        let stored = self.index().key(entry)?.ok_or(Error::Key { segment: entry.segment })?;
        self.archive().unwrap(entry, &stored)
    }

    /// The sealed bytes that are there: of the partial object, or of the whole one, when the end came between storing its bytes and recording that.
    fn remains(&self, entry: &Entry) -> Result<Option<Box<dyn Read + Send>>, Error> {
        let name = entry.object();
        for opened in [self.store().open_partial(&name), self.store().open(&name, ByteRange::ALL)] {
            match opened {
                Err(StoreError::ObjectMissing { .. }) => {}
                other => return Ok(Some(other?)),
            }
        }
        Ok(None)
    }
}

/// An object as something that `std::io` writes to.
struct Pour<'a>(&'a mut Box<dyn ObjectWriter>);

// === impl Pour ===

impl Write for Pour<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.append(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
