//! The keeping side of the hand-over.
//!
//! What `eye` sends is not trusted: bytes that do not follow each other without a gap, too many of them, or a close that does not match what has arrived
//! cost the segment its key. What is broken by this side, a full disk for example, is recovered like after a crash.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ring::rand::SecureRandom;
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::handover::{KeepEnd, ToEye, ToKeep};
use sluis_segment::summary::FrameCounts;
use sluis_segment::{Binding, SegmentId, SegmentKey, Summary};
use sluis_store::ObjectWriter;

use crate::error::{Error, chain};
use crate::index::entry::object;
use crate::index::observe::Observed;
use crate::index::segments::StoredKey;
use crate::index::{Ending, Pause, State};
use crate::keyring::DayClass;
use crate::recovery::Outcome;
use crate::retention::Deadline;
use crate::sweep::Swept;
use crate::vault::Vault;
use crate::wrap::Wrapping;

/// What became of the segments of one hand-over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// Closed and on disk.
    pub sealed: u64,
    /// Destroyed: `eye` said so, or broke the rules.
    pub abandoned: u64,
    /// Broke off and were recovered.
    pub recovered: u64,
    /// Broke off, and nothing could be saved.
    pub lost: u64,
    /// Broke off, and could not be recovered yet: the next start tries again.
    pub left: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Frames in the segments that were sealed or recovered.
    pub frames: FrameCounts,
}

/// One camera's hand-over.
struct Serving<'a> {
    vault: &'a Vault,
    open: HashMap<SegmentId, Line>,
    served: Served,
}

/// A segment whose bytes arrive.
#[derive(Debug)]
struct Line {
    received: u64,
    synced: Instant,
    flow: Flow,
}

#[derive(Debug)]
enum Flow {
    Good(Box<dyn ObjectWriter>),
    /// The store failed: what is there can be saved.
    Broken(String),
    /// `eye` broke the rules: the segment is destroyed already.
    Destroyed(String),
}

/// One segment that ends and one that begins.
const OPEN_AT_ONCE: usize = 2;

/// How many bytes a segment may have: ten minutes at 55 Mbit/s. What sends more is not a camera's recorder.
const LARGEST: u64 = 4 << 30;

/// How long after a pause was stored what is on its way may still begin a segment.
const OBEYED: Duration = Duration::from_secs(10);

/// A power cut costs at most these last seconds; a killed process costs nothing that had arrived.
const SYNC_EVERY: Duration = Duration::from_secs(5);

// === impl Vault ===

impl Vault {
    /// Serves one recorder until it ends. One thread for each.
    ///
    /// Each segment gets a random key, stored wrapped before it is handed out. Its deadline counts from the first frame's capture, but at the
    /// latest from now: a recorder whose clock runs ahead does not keep longer. When the recorder ends in the middle of a segment, that is recovered at
    /// once. What fails is answered, traced, and counted; it does not end the hand-over.
    pub fn serve(&self, end: KeepEnd) -> Served {
        let mut serving = Serving { vault: self, open: HashMap::new(), served: Served::default() };
        while let Some(message) = end.receive() {
            let Some(answer) = serving.take(message) else { continue };
            let opened = if let ToEye::Opened { segment, .. } = &answer { Some(*segment) } else { None };
            if matches!(answer, ToEye::Refused { .. }) {
                serving.served.refused += 1;
            }
            if end.send(answer).is_err() {
                if let Some(segment) = opened {
                    serving.destroy(segment, "the recorder ended before it got the key");
                    serving.open.remove(&segment);
                }
                break;
            }
        }
        serving.recover_rest();
        serving.served
    }

    /// The key of a day, for a segment of then. Called with `wrapping` held, until what is wrapped under it is stored.
    pub(crate) fn day(&self, started: Timestamp, deadline: Deadline) -> Result<(DayClass, Wrapping), Error> {
        let day = DayClass::of(started, deadline);
        let key = self.archive().keyring.get_or_make(self.index(), day)?;
        Ok((day, Wrapping::under(&key)))
    }

    /// Whether anything may be recorded of a camera from `started` on. Whoever records obeys pauses; here, one that does not gets no further segment.
    fn may_see(&self, camera: &CameraId, started: Timestamp) -> Result<(), Error> {
        let pauses = self.archive().pauses()?;
        let over = |pause: &Pause| pause.zone.is_none() && pause.camera == *camera && started > pause.at + OBEYED;
        match pauses.iter().find(|pause| over(pause)) {
            Some(pause) => Err(Error::Paused { camera: camera.clone(), since: pause.at }),
            None => Ok(()),
        }
    }

    /// A new segment: its key is stored, its object begun.
    fn begin(&self, camera: CameraId, started: Timestamp) -> Result<(SegmentId, SegmentKey, Deadline, Line), Error> {
        let Observed { time: now, sure, .. } = self.archive().observe()?;
        if !sure {
            return Err(Error::ClockUnsure { clock: self.archive().clock.now(), counted: now });
        }
        self.has_room()?;
        let started = started.min(now);
        self.may_see(&camera, started)?;
        let deadline = self.retention.deadline(started);
        if deadline.has_passed(now) {
            return Err(Error::BornLate { started, deadline, now });
        }
        let mut id = [0; 16];
        self.random.fill(&mut id).map_err(|_| Error::Random)?;
        let segment = SegmentId::from_bytes(id);
        let binding = Binding { shop: self.shop.clone(), camera, segment };
        let key = SegmentKey::random(&self.random).map_err(|_| Error::Random)?;
        {
            let _together = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
            let (day, wrapping) = self.day(started, deadline)?;
            let stored = StoredKey { day: Some(day), wrapped: wrapping.wrap(&binding, 0, &key)? };
            self.index().begin(&binding, started, deadline, &stored)?;
        }
        let writer = self.store().create(&object(segment, 0)).inspect_err(|_| {
            let entry = self.index().get(segment);
            let why = "the store could not begin its object";
            let ended = entry.and_then(|e| self.destroy(&[e], Ending::Abandoned, why, &mut Swept::default()));
            if let Err(error) = ended {
                tracing::warn!(%segment, error = chain(&error), "a segment that never began is still in the index; the next start removes it");
            }
        })?;
        Ok((segment, key, deadline, Line { received: 0, synced: Instant::now(), flow: Flow::Good(writer) }))
    }
}

// === impl Serving ===

impl Serving<'_> {
    fn take(&mut self, message: ToKeep) -> Option<ToEye> {
        match message {
            ToKeep::Open { camera, started } => Some(self.begin(camera, started)),
            ToKeep::Bytes { segment, offset, bytes } => {
                self.append(segment, offset, &bytes);
                None
            }
            ToKeep::Close { segment, summary } => Some(self.close(segment, &summary)),
            ToKeep::Abandon { segment, reason } => Some(self.abandon(segment, &reason)),
            _ => Some(refused("this message is not known here")),
        }
    }

    fn begin(&mut self, camera: CameraId, started: Timestamp) -> ToEye {
        if self.open.len() >= OPEN_AT_ONCE {
            return refused(format!("camera {camera} has {OPEN_AT_ONCE} segments open already: close one first"));
        }
        match self.vault.begin(camera, started) {
            Ok((segment, key, deadline, line)) => {
                self.open.insert(segment, line);
                ToEye::Opened { segment, key, deadline: deadline.time() }
            }
            Err(error) => refused(chain(&error)),
        }
    }

    fn append(&mut self, segment: SegmentId, offset: u64, bytes: &[u8]) {
        let Some(line) = self.open.get_mut(&segment) else {
            tracing::warn!(%segment, "bytes of a segment that is not open were thrown away");
            return;
        };
        let Flow::Good(writer) = &mut line.flow else { return };
        if offset != line.received {
            let why = format!("bytes for offset {offset} came where offset {} was due", line.received);
            return self.destroy(segment, &why);
        }
        if line.received + bytes.len() as u64 > LARGEST {
            return self.destroy(segment, &format!("it grew beyond {LARGEST} bytes"));
        }
        let mut written = writer.append(bytes);
        if written.is_ok() && line.synced.elapsed() >= SYNC_EVERY {
            written = writer.sync();
            line.synced = Instant::now();
        }
        match written {
            Ok(()) => line.received += bytes.len() as u64,
            Err(error) => {
                tracing::error!(%segment, error = chain(&error), "the store failed in the middle of a segment");
                line.flow = Flow::Broken(chain(&error));
            }
        }
    }

    fn close(&mut self, segment: SegmentId, summary: &Summary) -> ToEye {
        let Some(Line { received, flow, .. }) = self.open.remove(&segment) else { return not_open(segment) };
        let writer = match flow {
            Flow::Good(writer) => writer,
            Flow::Destroyed(why) => return refused(why),
            Flow::Broken(why) => {
                self.recover(segment);
                return refused(format!("the store failed in the middle of segment {segment}: {why}"));
            }
        };
        if summary.sealed_bytes != received {
            let why = format!("it was closed with {} bytes, and {received} had arrived", summary.sealed_bytes);
            self.destroy(segment, &why);
            return refused(format!("segment {segment} is destroyed: {why}"));
        }
        let sealed =
            writer.commit().map_err(Error::from).and_then(|()| self.vault.index().seal(segment, received, summary));
        match sealed {
            Ok(()) => {
                self.served.sealed += 1;
                self.served.frames = self.served.frames.plus(&summary.frames);
                ToEye::Closed { segment }
            }
            Err(error) => self.not_sealed(segment, &error),
        }
    }

    /// The store or the index failed, or a sweep came first: the deadline passed while the segment was written.
    fn not_sealed(&mut self, segment: SegmentId, error: &Error) -> ToEye {
        match self.vault.index().get(segment) {
            Ok(entry) if entry.state != State::Writing => {
                // What was committed after the sweep had looked.
                if let Err(error) = self.vault.store().delete(&entry.object()) {
                    tracing::warn!(%segment, error = chain(&error), "bytes of a destroyed segment are still in the store");
                }
                refused(format!("segment {segment} was destroyed while it was written: its deadline has come"))
            }
            _ => {
                self.recover(segment);
                refused(chain(error))
            }
        }
    }

    fn abandon(&mut self, segment: SegmentId, reason: &str) -> ToEye {
        let Some(line) = self.open.remove(&segment) else { return not_open(segment) };
        if matches!(line.flow, Flow::Destroyed(_)) {
            return ToEye::Closed { segment };
        }
        drop(line);
        // It comes from the other side, and goes into the index.
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
        match self.try_destroy(segment, &reason) {
            Ok(()) => ToEye::Closed { segment },
            Err(error) => refused(chain(&error)),
        }
    }

    /// Destroys a segment for which `eye` broke the rules, and remembers why, to tell it when it asks.
    fn destroy(&mut self, segment: SegmentId, why: &str) {
        tracing::error!(%segment, why, "a segment is destroyed");
        if let Some(line) = self.open.get_mut(&segment) {
            line.flow = Flow::Destroyed(format!("segment {segment} is destroyed: {why}"));
        }
        if let Err(error) = self.try_destroy(segment, why) {
            tracing::error!(%segment, error = chain(&error), "it could not be destroyed completely; the next sweep or start goes on");
        }
    }

    fn try_destroy(&mut self, segment: SegmentId, why: &str) -> Result<(), Error> {
        let entry = self.vault.index().get(segment)?;
        self.served.abandoned += 1;
        self.vault.destroy(&[entry], Ending::Abandoned, why, &mut Swept::default())
    }

    /// The recorder is gone.
    fn recover_rest(&mut self) {
        for (segment, line) in std::mem::take(&mut self.open) {
            if !matches!(line.flow, Flow::Destroyed(_)) {
                drop(line);
                self.recover(segment);
            }
        }
    }

    fn recover(&mut self, segment: SegmentId) {
        match self.vault.recover(segment) {
            Ok(Outcome::Recovered) => {
                self.served.recovered += 1;
                let summary = self.vault.index().get(segment).ok().and_then(|entry| entry.summary);
                let frames = summary.map(|summary| summary.frames).unwrap_or_default();
                self.served.frames = self.served.frames.plus(&frames);
            }
            Ok(Outcome::Lost) => self.served.lost += 1,
            Ok(Outcome::Abandoned) => self.served.abandoned += 1,
            Err(error) => {
                tracing::error!(%segment, error = chain(&error), "a segment broke off and could not be recovered; the next start tries again");
                self.served.left += 1;
            }
        }
    }
}

fn refused(reason: impl Into<String>) -> ToEye {
    ToEye::Refused { reason: reason.into() }
}

fn not_open(segment: SegmentId) -> ToEye {
    refused(format!("segment {segment} is not open in this hand-over"))
}
