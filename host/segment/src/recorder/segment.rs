//! One segment, while it is written.

use std::time::Duration;

use ring::rand::SecureRandom;
use sluis_frame::{Calibration, Cleared, Event, Frame, FrameNumber, Timestamp, Visit};

use super::outlet::Outlet;
use crate::container::Writer;
use crate::error::Error;
use crate::gate::{Gate, Gated};
use crate::header::SegmentHeader;
use crate::id::SegmentId;
use crate::key::SegmentKey;
use crate::message::{self, EventMessage, MasksMessage, VerdictMessage, VisitMessage};
use crate::seal::Sealer;
use crate::summary::{AuditReport, FrameCounts, GateReport, Summary};
use crate::track::Track;
use crate::video::Encoder;

/// How often there is a key picture, and with it the end of a chunk: what a broken stream loses at most, and how exactly a player can seek.
const KEY_EVERY: Duration = Duration::from_secs(1);

/// The way of the bytes: container → gate → seal → hand-over.
pub(super) struct OpenSegment {
    writer: Writer<Gated<Sealer<Outlet>>>,
    /// Capture of the last key picture.
    last_key: Option<Timestamp>,
    /// Number and capture of the last frame.
    last_frame: FrameNumber,
    last: Timestamp,
    frames: FrameCounts,
    audit: AuditReport,
    masks: u64,
    events: u64,
    visits: u64,
}

// === impl OpenSegment ===

impl OpenSegment {
    pub(super) fn begin(
        header: SegmentHeader,
        calibration: Option<Calibration>,
        key: &SegmentKey,
        outlet: Outlet,
        random: &dyn SecureRandom,
    ) -> Result<Self, Error> {
        let sealer = Sealer::new(outlet, key, &header.binding().associated_data(), random)?;
        let started = header.started;
        let mut writer = Writer::new(Gated::new(Gate::new(header.clone())?, sealer), header)?;
        if let Some(calibration) = calibration {
            let message = message::calibration(writer.header(), &calibration)?;
            writer.write(Track::Calibration, FrameNumber(0), started, &message)?;
        }
        Ok(Self {
            writer,
            last_key: None,
            last_frame: FrameNumber(0),
            last: started,
            frames: FrameCounts::default(),
            audit: AuditReport::default(),
            masks: 0,
            events: 0,
            visits: 0,
        })
    }

    pub(super) const fn id(&self) -> SegmentId {
        self.writer.header().segment
    }

    /// Whether a frame captured `at` still belongs in it. When the clock was set back it does not: log times in a segment only grow.
    pub(super) fn covers(&self, at: Timestamp, length: Duration) -> bool {
        at >= self.last && at < self.writer.header().started + length
    }

    /// Writes a frame that it [`covers`](Self::covers).
    pub(super) fn write(
        &mut self,
        frame: &Frame<Cleared>,
        events: &[Event],
        encoder: &mut Encoder,
        since_first: Duration,
    ) -> Result<(), Error> {
        let (number, at) = (frame.header().number, frame.header().captured);
        let key = self.last_key.is_none_or(|last| at.since(last) >= KEY_EVERY);
        if key {
            // A chunk ends; not at the first frame, which shares it with the calibration.
            if self.last_key.replace(at).is_some() {
                self.writer.flush()?;
            }
        }
        let camera = self.writer.header().camera.clone();
        let masks = MasksMessage { frame: number, fate: frame.fate(), masks: frame.masks().to_vec() };
        self.writer.write(Track::Masks, number, at, &message::to_json(&masks)?)?;
        let verdict = VerdictMessage { frame: number, verdict: frame.verdict().cloned() };
        self.writer.write(Track::Verdicts, number, at, &message::to_json(&verdict)?)?;
        if let Some(depth) = frame.depth() {
            self.writer.write(Track::Depth, number, at, &message::compressed_depth(&camera, at, depth)?)?;
        }
        let encoded = encoder.encode(frame.picture(), since_first, key)?;
        self.writer.write(Track::Video, number, at, &message::video(&camera, at, encoded.data)?)?;
        for event in events {
            let event = EventMessage { frame: number, event: event.clone() };
            self.writer.write(Track::Events, number, at, &message::to_json(&event)?)?;
        }
        (self.last_frame, self.last) = (number, at);
        self.frames.add(frame.fate());
        self.audit.add(frame.fate(), frame.verdict());
        self.masks += frame.masks().len() as u64;
        self.events += events.len() as u64;
        Ok(())
    }

    /// Writes visits that are over, with the last frame. There must be one.
    pub(super) fn tell(&mut self, visits: &[Visit]) -> Result<(), Error> {
        for visit in visits {
            let message = VisitMessage { frame: self.last_frame, visit: visit.clone() };
            self.writer.write(Track::Audience, self.last_frame, self.last, &message::to_json(&message)?)?;
        }
        self.visits += visits.len() as u64;
        Ok(())
    }

    /// Visits written so far.
    pub(super) const fn visits(&self) -> u64 {
        self.visits
    }

    /// Ends the container, hears the gate, and only then ends the seal.
    pub(super) fn finish(self) -> Result<Summary, Error> {
        let header = self.writer.header().clone();
        let (gate, sealer): (GateReport, _) = self.writer.finish()?.finish()?;
        let (_, sealed_bytes) = sealer.finish()?;
        Ok(Summary {
            sealed_bytes,
            frames: self.frames,
            masks: self.masks,
            events: self.events,
            first_captured: header.started,
            last_captured: self.last,
            audit: Some(self.audit),
            gate,
            plugins: header.plugins,
        })
    }

    /// Ends it without an end.
    pub(super) fn abort(self) -> SegmentId {
        let segment = self.id();
        drop(self.writer.abort());
        segment
    }
}
