//! Writes what a camera shows into sealed segments.

mod outlet;
mod segment;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use sluis_frame::{Calibration, CameraId, Cleared, Event, Frame, Size, Style, Timestamp, Visit};

use self::outlet::Outlet;
use self::segment::OpenSegment;
use crate::error::Error;
use crate::handover::{EyeEnd, Lost, ToEye, ToKeep};
use crate::header::SegmentHeader;
use crate::id::SegmentId;
use crate::summary::{FrameCounts, PluginFact, Summary};
use crate::video::{Encoder, Quality};

/// How a camera is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct RecorderSettings {
    /// The shop's name.
    pub shop: String,
    /// The camera.
    pub camera: CameraId,
    /// The size of its pictures.
    pub size: Size,
    /// Its frames per second, nominal.
    pub rate: f64,
    /// Metres per count of its depth; `None` when it has no depth.
    pub depth_unit: Option<f32>,
    /// How it maps directions to pixels, if that is known.
    pub calibration: Option<Calibration>,
    /// How its frames are masked. It goes into the header, and the gate holds the pictures against it.
    pub style: Style,
    /// How much time a segment covers.
    pub segment_length: Duration,
    /// The components at work, for the header.
    pub plugins: Vec<PluginFact>,
}

/// Records one camera: cleared frames in, sealed segments out to the vault.
///
/// It holds the frame that it is writing, up to a second of encoded video, and the key of one segment; never a segment. A segment ends when its time is over, and
/// the next begins with a key picture. When anything fails while a segment is written, the gate first of all, the segment is abandoned: the vault destroys its
/// key, and the next frame begins a new segment. Dropped without [`finish`](Self::finish), it leaves the segment to the vault's recovery.
pub struct Recorder {
    settings: RecorderSettings,
    link: Arc<Mutex<EyeEnd>>,
    random: SystemRandom,
    encoder: Encoder,
    /// Capture of the first frame of all: the encoder counts from it.
    first: Option<Timestamp>,
    open: Option<OpenSegment>,
    /// Told while no segment was open: they go with the next frame.
    untold: Vec<Visit>,
    finished: Finished,
}

/// What a recorder has recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Segments that the vault has.
    pub segments: u64,
    /// Segments that were abandoned. What is below does not count them.
    pub abandoned: u64,
    /// Sealed bytes.
    pub sealed_bytes: u64,
    /// Frames by how they ended.
    pub frames: FrameCounts,
    /// Masks.
    pub masks: u64,
    /// Events.
    pub events: u64,
    /// Visits to a screen.
    pub visits: u64,
}

/// How long the vault may take to answer. It writes to a disk that can be busy; beyond this something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

// === impl Recorder ===

impl Recorder {
    /// A recorder that hands over through `link`. Nothing is opened before the first frame.
    ///
    /// # Errors
    ///
    /// [`Error::VideoSize`] or [`Error::Video`] when the camera's pictures cannot be encoded; [`Error::NotASegment`] when the shop's name holds a zero byte.
    pub fn new(settings: RecorderSettings, link: EyeEnd) -> Result<Self, Error> {
        if settings.shop.contains('\0') {
            return Err(Error::NotASegment("the shop's name holds a zero byte: choose another one".to_owned()));
        }
        Ok(Self {
            encoder: Encoder::new(settings.size, settings.rate, Quality::Recording)?,
            settings,
            link: Arc::new(Mutex::new(link)),
            random: SystemRandom::new(),
            first: None,
            open: None,
            untold: Vec::new(),
            finished: Finished::default(),
        })
    }

    /// Records the next frame with the events that were told at it. Frames come in the order of capture.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] when the frame is not this camera's: nothing is recorded of it. [`Error::Abandoned`] when the segment was lost with it.
    /// [`Error::Refused`], [`Error::Handover`] and [`Error::OutOfStep`] when the vault cannot take it.
    pub fn record(&mut self, frame: &Frame<Cleared>, events: &[Event]) -> Result<(), Error> {
        self.check(frame)?;
        let at = frame.header().captured;
        if self.open.as_ref().is_some_and(|open| !open.covers(at, self.settings.segment_length)) {
            self.close()?;
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(at)?,
        };
        let since_first = at.since(*self.first.get_or_insert(at));
        let written = open.write(frame, events, &mut self.encoder, since_first);
        match written.and_then(|()| open.tell(&self.untold)) {
            Ok(()) => {
                self.untold.clear();
                self.open = Some(open);
                Ok(())
            }
            Err(error) => {
                let segment = open.abort();
                Err(self.abandon(segment, error))
            }
        }
    }

    /// Records visits that are over, with the last frame that was recorded; with the next one when no segment is open. Visits that no frame follows or precedes
    /// are not kept.
    ///
    /// # Errors
    ///
    /// As in [`record`](Self::record).
    pub fn tell(&mut self, visits: &[Visit]) -> Result<(), Error> {
        let Some(mut open) = self.open.take() else {
            self.untold.extend_from_slice(visits);
            return Ok(());
        };
        match open.tell(visits) {
            Ok(()) => {
                self.open = Some(open);
                Ok(())
            }
            Err(error) => {
                let segment = open.abort();
                Err(self.abandon(segment, error))
            }
        }
    }

    /// From the next frame on another component is at work in its world: the open segment is closed, for its header names those that were.
    ///
    /// # Errors
    ///
    /// As in [`record`](Self::record).
    pub fn change(&mut self, plugin: PluginFact) -> Result<(), Error> {
        let plugins = &mut self.settings.plugins;
        match plugins.iter_mut().find(|other| other.world == plugin.world) {
            Some(other) if *other == plugin => return Ok(()),
            Some(other) => *other = plugin,
            None => plugins.push(plugin),
        }
        self.close()
    }

    /// Closes the last segment.
    ///
    /// # Errors
    ///
    /// As in [`record`](Self::record).
    pub fn finish(mut self) -> Result<Finished, Error> {
        self.close()?;
        Ok(self.finished)
    }

    /// What has been recorded in segments that are closed.
    pub const fn finished(&self) -> Finished {
        self.finished
    }

    fn check(&self, frame: &Frame<Cleared>) -> Result<(), Error> {
        let RecorderSettings { camera, size, depth_unit, .. } = &self.settings;
        let header = frame.header();
        let refuse = |what: String| Err(Error::Frame { camera: camera.clone(), frame: header.number, what });
        if header.camera != *camera {
            return refuse(format!("it is of camera {}", header.camera));
        }
        if frame.size() != *size {
            return refuse(format!(
                "it is of {}, and the camera was opened with {size}; restart the camera",
                frame.size()
            ));
        }
        match (frame.depth(), depth_unit) {
            (Some(depth), Some(unit)) if depth.unit() == *unit => Ok(()),
            (None, _) => Ok(()),
            (Some(_), _) => refuse("its depth is in another unit than the camera was opened with".to_owned()),
        }
    }

    /// Asks the vault for a segment and begins it.
    fn begin(&mut self, started: Timestamp) -> Result<OpenSegment, Error> {
        let camera = self.settings.camera.clone();
        let (segment, key, deadline) = match self.ask(ToKeep::Open { camera, started })? {
            ToEye::Opened { segment, key, deadline } => (segment, key, deadline),
            other => return Err(self.no(other)),
        };
        let RecorderSettings { shop, camera, size, rate, depth_unit, calibration, style, plugins, .. } =
            self.settings.clone();
        let header = SegmentHeader { shop, camera, segment, size, rate, depth_unit, style, started, deadline, plugins };
        let outlet = Outlet::new(Arc::clone(&self.link), header.camera.clone(), segment);
        OpenSegment::begin(header, calibration, &key, outlet, &self.random).map_err(|e| self.abandon(segment, e))
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let segment = open.id();
        let visits = open.visits();
        let summary = open.finish().map_err(|e| self.abandon(segment, e))?;
        let Summary { sealed_bytes, frames, masks, events, .. } = summary;
        match self.ask(ToKeep::Close { segment, summary: Box::new(summary) })? {
            ToEye::Closed { segment: closed } if closed == segment => {}
            other => return Err(self.no(other)),
        }
        self.finished.segments += 1;
        self.finished.sealed_bytes += sealed_bytes;
        self.finished.frames.recorded += frames.recorded;
        self.finished.frames.quarantined += frames.quarantined;
        self.finished.frames.blanked += frames.blanked;
        self.finished.masks += masks;
        self.finished.events += events;
        self.finished.visits += visits;
        Ok(())
    }

    /// Has a segment destroyed because of `error`.
    fn abandon(&mut self, segment: SegmentId, error: Error) -> Error {
        self.finished.abandoned += 1;
        let camera = self.settings.camera.clone();
        tracing::error!(%camera, %segment, %error, "a segment is abandoned");
        match self.ask(ToKeep::Abandon { segment, reason: error.to_string() }) {
            Ok(ToEye::Closed { segment: closed }) if closed == segment => {}
            // The vault destroys what was never closed when it next starts; the first error tells more than this one.
            Ok(other) => tracing::error!(%camera, %segment, answer = ?other, "the vault did not confirm it"),
            Err(lost) => tracing::error!(%camera, %segment, error = %lost, "the vault did not confirm it"),
        }
        Error::Abandoned { camera, segment, source: Box::new(error) }
    }

    fn ask(&self, message: ToKeep) -> Result<ToEye, Error> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = |source: Lost| Error::Handover { camera: self.settings.camera.clone(), source };
        link.send(message).map_err(lost)?;
        link.receive(PATIENCE).map_err(lost)
    }

    fn no(&self, answer: ToEye) -> Error {
        let camera = self.settings.camera.clone();
        match answer {
            ToEye::Refused { reason } => Error::Refused { camera, reason },
            _ => Error::OutOfStep { camera },
        }
    }
}

// === impl Finished ===

impl Finished {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: &Self) -> Self {
        Self {
            segments: self.segments + other.segments,
            abandoned: self.abandoned + other.abandoned,
            sealed_bytes: self.sealed_bytes + other.sealed_bytes,
            frames: self.frames.plus(&other.frames),
            masks: self.masks + other.masks,
            events: self.events + other.events,
            visits: self.visits + other.visits,
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("settings", &self.settings)
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}
