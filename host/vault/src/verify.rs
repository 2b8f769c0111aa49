//! Whether everything that should be there is there, whole, and nothing else.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;

use serde::Serialize;
use sluis_segment::SegmentId;
use sluis_store::{Error as StoreError, ObjectInfo, ObjectName};

use crate::archive::Archive;
use crate::error::{Error, chain};
use crate::index::entry::segment_of;
use crate::index::{Entry, State};

/// What verifying has found. `segments` = `ok` + `lost` + the segments among the `problems`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Segments that were closed or broke off, and are not destroyed.
    pub segments: usize,
    /// Of these: opened and authenticated from the first byte to the last.
    pub ok: usize,
    /// Of these: recorded as lost, because nothing of them could be saved after a crash.
    pub lost: usize,
    /// Segments that are being written now, or that a crash left: not counted above.
    pub writing: usize,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
#[non_exhaustive]
pub enum Problem {
    /// A segment cannot be read to its end.
    Unreadable {
        /// Which.
        segment: SegmentId,
        /// Why.
        why: String,
    },
    /// A segment is past its deadline and has a key: the recorder does not run, or cannot sweep.
    Overdue {
        /// Which.
        segment: SegmentId,
    },
    /// A segment's key is destroyed, and its bytes may still lie in the store: the next sweep goes on.
    Unfinished {
        /// Which.
        segment: SegmentId,
    },
    /// An object that belongs to no segment. Nobody can read it; the next start of the recorder removes it.
    Orphan {
        /// Its name.
        object: String,
    },
}

// === impl Archive ===

impl Archive {
    /// Opens every sealed segment from its first byte to its last, and compares index and store both ways. Nothing is shown to anybody, so it is not
    /// logged as an opening.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] and [`Error::Store`] when index or store as a whole cannot be read. What is wrong with single segments is in the result.
    pub fn verify(&self) -> Result<Verified, Error> {
        self.verify_with(&mut |_, _| {})
    }

    /// As [`verify`](Self::verify); `progress` is called before each segment with how many are done, and how many there are.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_with(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<Verified, Error> {
        let now = self.time()?;
        let entries = self.index.list()?;
        let mut verified = Verified::default();
        let mut problems = Vec::new();
        for (done, entry) in entries.iter().enumerate() {
            progress(done, entries.len());
            let segment = entry.segment;
            match entry.state {
                State::Writing => verified.writing += 1,
                State::Lost => {
                    verified.segments += 1;
                    verified.lost += 1;
                }
                State::Shredded => problems.push(Problem::Unfinished { segment }),
                State::Destroyed | State::Abandoned => {}
                State::Sealed | State::Recovered => {
                    verified.segments += 1;
                    match self.read_through(entry) {
                        _ if entry.deadline.has_passed(now) => problems.push(Problem::Overdue { segment }),
                        Ok(()) => verified.ok += 1,
                        Err(error) => problems.push(Problem::Unreadable { segment, why: chain(&error) }),
                    }
                }
            }
        }
        problems.extend(self.orphans()?.into_iter().map(|o| Problem::Orphan { object: o.to_string() }));
        verified.problems = self.still_there(problems, &mut verified.segments)?;
        Ok(verified)
    }

    /// Objects in the store, whole or partial, that no segment has.
    pub(crate) fn orphans(&self) -> Result<Vec<Orphan>, Error> {
        // The store first: what the recorder adds meanwhile is in the index before it is in the store.
        let (whole, partial) = (self.store.list()?, self.store.partials()?);
        let entries: HashMap<_, _> = self.index.list()?.into_iter().map(|e| (e.segment, e)).collect();
        let mut orphans = Vec::new();
        let mut look = |objects: Vec<ObjectInfo>, whole: bool| {
            for ObjectInfo { name, .. } in objects {
                // Other objects than segments are not ours to judge.
                let Some((segment, generation)) = segment_of(&name) else { continue };
                let expected = entries.get(&segment).is_some_and(|entry| match entry.state {
                    // A recovery in progress writes a later generation.
                    State::Writing => generation >= entry.generation,
                    State::Sealed | State::Recovered => whole && generation == entry.generation,
                    // Told as unfinished.
                    State::Shredded => true,
                    State::Destroyed | State::Abandoned | State::Lost => false,
                });
                if !expected {
                    orphans.push(Orphan { name, whole });
                }
            }
        };
        look(whole, true);
        look(partial, false);
        Ok(orphans)
    }

    fn read_through(&self, entry: &Entry) -> Result<(), Error> {
        let key = self.key(entry)?;
        let size = match (entry.here, &self.cloud) {
            (true, _) => self.store.size(&entry.object())?,
            (false, Some(cloud)) => cloud.size(&entry.object())?,
            (false, None) => return Err(Error::InTheCloud { segment: entry.segment }),
        };
        let size = size.ok_or_else(|| StoreError::ObjectMissing { object: entry.object() })?;
        if size != entry.bytes {
            return Err(Error::Length { segment: entry.segment, expected: entry.bytes, found: size });
        }
        let mut unsealed = self.unseal(entry, &key)?;
        io::copy(&mut unsealed, &mut io::sink()).map_err(|e| Error::reading(entry.segment, entry.object(), e))?;
        Ok(())
    }

    /// Looks again at what seemed wrong: meanwhile the recorder may have destroyed a segment whose time was over. Segments that have gone are not counted.
    fn still_there(&self, problems: Vec<Problem>, segments: &mut usize) -> Result<Vec<Problem>, Error> {
        if problems.is_empty() {
            return Ok(problems);
        }
        let states: HashMap<_, _> = self.index.list()?.into_iter().map(|e| (e.segment, e.state)).collect();
        let orphans: HashSet<_> = self.orphans()?.into_iter().map(|o| o.to_string()).collect();
        let state = |segment: &SegmentId| states.get(segment).copied();
        let mut left = Vec::new();
        for problem in problems {
            let stays = match &problem {
                Problem::Unreadable { segment, .. } | Problem::Overdue { segment } => {
                    let stays = state(segment).is_some_and(State::is_readable);
                    *segments -= usize::from(!stays);
                    stays
                }
                Problem::Unfinished { segment } => state(segment) == Some(State::Shredded),
                Problem::Orphan { object } => orphans.contains(object),
            };
            if stays {
                left.push(problem);
            }
        }
        Ok(left)
    }
}

/// An object that belongs to no segment.
#[derive(Debug)]
pub(crate) struct Orphan {
    pub(crate) name: ObjectName,
    pub(crate) whole: bool,
}

impl fmt::Display for Orphan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.whole { "" } else { " (partial)" })
    }
}

// === impl Problem ===

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { segment, why } => write!(f, "segment {segment} cannot be read: {why}"),
            Self::Overdue { segment } => {
                write!(f, "segment {segment} is past its deadline: start the recorder, which destroys it")
            }
            Self::Unfinished { segment } => {
                write!(f, "segment {segment} has lost its key and may still have bytes: the next sweep removes them")
            }
            Self::Orphan { object } => {
                write!(f, "{object} belongs to no segment: the next start of the recorder removes it")
            }
        }
    }
}
