//! From the delay line into the segment.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Cleared, Event, Fate, Frame, Person, Style, Verdict};
use sluis_guard::{Decision, Fates, Judge, Leaving, SteppedUp};
use sluis_segment::summary::FrameCounts;
use sluis_segment::{Finished, Recorder};
use sluis_stage::{AuditChamber, GestureChamber, Inspection};

use super::account::{Account, Station, Times};
use super::front::{Done, Findings, Told};
use super::{Error, Watch};

pub(super) struct Back {
    pub(super) camera: CameraId,
    pub(super) judge: Arc<Judge>,
    /// Tells the front what the audit found.
    pub(super) findings: Sender<Findings>,
    /// The auditor, and whether its detector is independent of the filter's; `None` when no picture is kept.
    pub(super) audit: Option<(AuditChamber, bool)>,
    pub(super) gestures: Option<GestureChamber>,
    pub(super) recorder: Option<Recorder>,
    pub(super) style: Style,
    pub(super) watch: Box<dyn Watch>,
    pub(super) tally: Tally,
    /// Why the last frame was masked more strictly than its camera's mode, if it was.
    pub(super) stepped_up: Option<SteppedUp>,
}

#[derive(Default)]
pub(super) struct Tally {
    masks: u64,
    gestures: u64,
    findings: u64,
    stepped_up: u64,
    failures: u64,
    abandoned: u64,
    decided: FrameCounts,
    times: Times,
}

/// What the back did, once everything is sealed.
pub(super) struct Kept {
    tally: Tally,
    independent: bool,
    /// `None` when nothing was to be recorded.
    finished: Option<Finished>,
}

impl Back {
    pub(super) fn run(mut self, front: &Receiver<Told>) -> Result<Kept, Error> {
        // The last frame waits for the next one: if there is none, what the detector was not sure of yet is told at it.
        let mut last: Option<(Frame<Cleared>, Vec<Event>)> = None;
        while let Ok(told) = front.recv() {
            let leaving = match told {
                Told::Leaving(leaving) => *leaving,
                Told::Visits(visits) => {
                    if let Some(recorder) = &mut self.recorder {
                        let told = self.tally.times.measure(Station::Record, || recorder.tell(&visits));
                        self.tally.survive(told)?;
                    }
                    continue;
                }
            };
            let people = leaving.people().to_vec();
            let frame = self.decide(leaving, &people);
            let events = self.detect(&frame, |detector, frame| detector.observe(frame, &people));
            if let Some((frame, events)) = last.replace((frame, events)) {
                self.keep(&frame, &events)?;
            }
        }
        if let Some((frame, mut events)) = last {
            events.extend(self.detect(&frame, GestureChamber::conclude));
            self.keep(&frame, &events)?;
        }
        let camera = self.camera;
        self.watch.finish().map_err(|source| Error::Watch { camera, source })?;
        let mut tally = self.tally;
        let finish = |recorder: Recorder| {
            let before = recorder.finished();
            let finished = tally.times.measure(Station::Record, || recorder.finish());
            Ok::<_, Error>(tally.survive(finished)?.unwrap_or(before))
        };
        let finished = self.recorder.map(finish).transpose()?;
        // Of what is not kept there is no verdict that could be anything else.
        let independent = self.audit.is_none_or(|(_, independent)| independent);
        Ok(Kept { tally, independent, finished })
    }

    /// Masks the frame and has it audited, at most twice; or blanks it, where no picture is kept.
    fn decide(&mut self, leaving: Leaving, people: &[Person]) -> Frame<Cleared> {
        let start = Instant::now();
        let Some((audit, independent)) = &mut self.audit else {
            let frame = self.judge.withhold(&leaving);
            self.tally.times.add(Station::Paint, start.elapsed());
            self.tally.decided.add(frame.fate());
            return frame;
        };
        let mut audited = Duration::ZERO;
        let independent = *independent;
        let ticket = leaving.ticket();
        let stepped_up = leaving.stepped_up();
        self.tally.stepped_up += u64::from(stepped_up.is_some());
        if let (None, Some(why)) = (std::mem::replace(&mut self.stepped_up, stepped_up), stepped_up) {
            tracing::warn!(camera = %self.camera, frame = leaving.header().number.0, ?why, mode = %leaving.mode(), "the mode steps up");
        }
        let Decision { frame, rejections, audit_error, .. } = self.judge.decide(leaving, self.style, |redacted| {
            let start = Instant::now();
            let inspection = audit.inspect(redacted, people);
            audited += start.elapsed();
            inspection.map(|Inspection { findings, worst_score }| Verdict { findings, worst_score, independent })
        });
        for rejected in &rejections {
            let findings = &rejected.verdict.findings;
            tracing::debug!(camera = %self.camera, frame = frame.header().number.0, ?findings, "the audit found something");
        }
        if let Some(first) = rejections.first() {
            self.watch.rejected(first.frame.header(), first.frame.masks(), &first.verdict.findings);
            let found = rejections.iter().flat_map(|rejected| &rejected.verdict.findings);
            // At the end of the camera nobody listens any more, and nothing is to come.
            let _ = self.findings.send(Findings { frame: ticket, areas: found.map(|f| f.area).collect() });
        }
        let tally = &mut self.tally;
        if let Some(error) = audit_error {
            tally.failures += 1;
            tracing::warn!(%error, "the audit failed: the frame is blanked");
        }
        tally.times.add(Station::Audit, audited);
        tally.times.add(Station::Paint, start.elapsed().saturating_sub(audited));
        tally.masks += frame.masks().len() as u64;
        tally.findings += u64::from(!rejections.is_empty());
        tally.decided.add(frame.fate());
        frame
    }

    fn keep(&mut self, frame: &Frame<Cleared>, events: &[Event]) -> Result<(), Error> {
        if let Some(recorder) = &mut self.recorder {
            let recorded = self.tally.times.measure(Station::Record, || recorder.record(frame, events));
            self.tally.survive(recorded)?;
        }
        let camera = &self.camera;
        self.watch.see(frame, events).map_err(|source| Error::Watch { camera: camera.clone(), source })
    }

    /// Gestures are told of cleared frames only; a blank shows none.
    fn detect(
        &mut self,
        frame: &Frame<Cleared>,
        ask: impl FnOnce(&mut GestureChamber, &Frame<Cleared>) -> Result<Vec<Event>, sluis_stage::Error>,
    ) -> Vec<Event> {
        let Some(detector) = &mut self.gestures else { return Vec::new() };
        if frame.fate() == Fate::Blanked {
            return Vec::new();
        }
        let tally = &mut self.tally;
        let events = tally.times.measure(Station::Gestures, || ask(detector, frame));
        let events = events.unwrap_or_else(|error| {
            tally.failures += 1;
            tracing::warn!(%error, "the gesture detector failed: no events of this frame");
            Vec::new()
        });
        tally.gestures += events.len() as u64;
        events
    }
}

impl Tally {
    /// A segment that was abandoned is lost, and counted; the camera goes on with the next. Any other failure ends it.
    fn survive<T>(&mut self, outcome: Result<T, sluis_segment::Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(error @ sluis_segment::Error::Abandoned { .. }) => {
                self.abandoned += 1;
                tracing::error!(error = &error as &dyn std::error::Error, "a segment is destroyed; the camera goes on");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Kept {
    pub(super) fn account(self, camera: CameraId, front: Done) -> Account {
        let Self { tally, independent, finished } = self;
        // What is in no segment was not recorded, whatever was decided on it.
        let frames = finished.map_or(tally.decided, |finished| finished.frames);
        let FrameCounts { recorded, quarantined, blanked } = frames;
        let dropped = front.entered.saturating_sub(frames.total());
        let Finished { segments, sealed_bytes, .. } = finished.unwrap_or_default();
        Account {
            camera,
            fates: Fates { entered: front.entered, recorded, quarantined, blanked, dropped },
            masks: tally.masks,
            gestures: tally.gestures,
            visits: front.counts.visits,
            glances: front.counts.glances,
            findings: tally.findings,
            stepped_up: tally.stepped_up,
            failures: tally.failures + front.failures,
            independent,
            segments,
            abandoned: tally.abandoned,
            bytes: sealed_bytes,
            times: tally.times.plus(&front.times),
        }
    }
}
