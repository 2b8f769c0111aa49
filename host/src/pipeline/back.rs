//! From the delay line into the segment.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Cleared, Clock, Event as Gesture, Fate, Frame, Person, Style, Verdict};
use sluis_guard::{Decision, Judge, Leaving, SteppedUp};
use sluis_segment::Recorder;
use sluis_stage::{AuditChamber, GestureChamber, Inspection, World};

use super::account::{Decided, Station};
use super::front::{Changed, Findings, Told};
use super::live::{End, Live};
use super::shadow::{Chamber, Shadow};
use super::swap::{Change, Order};
use super::turns::{Share, Turns};
use super::{Error, Watch};
use crate::events::{Event, Tell};

pub(super) struct Back {
    pub(super) camera: CameraId,
    pub(super) live: Arc<Live>,
    pub(super) turns: Arc<Turns>,
    pub(super) share: Share,
    pub(super) tell: Arc<dyn Tell>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) judge: Arc<Judge>,
    /// Tells the front what the audit found.
    pub(super) findings: Sender<Findings>,
    /// The auditor, and whether its detector is independent of the filter's; `None` when no picture is kept.
    pub(super) audit: Option<(AuditChamber, bool)>,
    pub(super) gestures: Option<GestureChamber>,
    pub(super) recorder: Option<Recorder>,
    pub(super) style: Style,
    pub(super) watch: Box<dyn Watch>,
    pub(super) decided: Decided,
    /// Why the last frame was masked more strictly than its camera's mode, if it was.
    pub(super) stepped_up: Option<SteppedUp>,
    /// Tried beside the auditor or the gesture detector.
    pub(super) shadow: Option<Shadow>,
}

/// The last frame and its gestures: it waits for the next one.
type Last = Option<(Frame<Cleared>, Vec<Gesture>)>;

impl Back {
    pub(super) fn run(mut self, front: &Receiver<Told>) -> Result<(), Error> {
        let taken = self.take_all(front);
        let sealed = match (taken, self.recorder.take()) {
            (Ok(()), Some(recorder)) => self.seal(recorder),
            // A recorder that is dropped leaves its segment to the vault's recovery.
            (taken, _) => taken,
        };
        self.decided.over = true;
        self.live.show_back(&self.decided);
        sealed?;
        let camera = self.camera;
        self.watch.finish().map_err(|source| Error::Watch { camera, source })
    }

    fn take_all(&mut self, front: &Receiver<Told>) -> Result<(), Error> {
        // The last frame waits for the next one: if there is none, what the detector was not sure of yet is told at it.
        let mut last: Last = None;
        while let Ok(told) = front.recv() {
            let leaving = match told {
                Told::Leaving(leaving) => *leaving,
                Told::Visits(visits) => {
                    self.record(|recorder| recorder.tell(&visits))?;
                    continue;
                }
                Told::Changed(changed) => {
                    self.change(changed, &mut last)?;
                    continue;
                }
            };
            self.obey(&mut last)?;
            let people = leaving.people().to_vec();
            let (turns, share) = (Arc::clone(&self.turns), self.share.clone());
            let turn = turns.take(&share);
            let frame = self.decide(leaving, &people);
            let gestures = self.detect(&frame, |detector, frame| detector.observe(frame, &people));
            self.try_beside(&frame, &people);
            drop(turn);
            self.decided.audit_memory = self.audit.as_ref().map_or(0, |(audit, _)| audit.memory()) as u64;
            self.decided.gesture_memory = self.gestures.as_ref().map_or(0, GestureChamber::memory) as u64;
            if let Some((frame, gestures)) = last.replace((frame, gestures)) {
                self.keep(&frame, &gestures)?;
            }
            self.live.show_back(&self.decided);
        }
        if let Some((frame, mut gestures)) = last {
            gestures.extend(self.detect(&frame, GestureChamber::conclude));
            self.keep(&frame, &gestures)?;
        }
        Ok(())
    }

    /// Puts other components in their places, before the next frame.
    fn obey(&mut self, last: &mut Last) -> Result<(), Error> {
        for order in self.live.orders(End::Back) {
            match order {
                Order::PutIn(change) => {
                    let Change { chamber, fact, independent, obeyed: _obeyed } = *change;
                    match (chamber, &mut self.audit, &mut self.gestures) {
                        (Chamber::Audit(chamber), Some((audit, _)), _) => *audit = chamber,
                        (Chamber::Gestures(chamber), _, Some(gestures)) => *gestures = chamber,
                        // Nothing of this world is at work here.
                        _ => continue,
                    }
                    self.change(Changed { fact, independent }, last)?;
                }
                Order::Try(shadow) => self.shadow = Some(*shadow),
                Order::EndTrial => self.shadow = None,
            }
        }
        Ok(())
    }

    /// Another component is at work from the next frame on: it goes into a segment of its own, whose header says so.
    fn change(&mut self, changed: Changed, last: &mut Last) -> Result<(), Error> {
        let Changed { fact, independent } = changed;
        if let Some((frame, gestures)) = last.take() {
            self.keep(&frame, &gestures)?;
        }
        self.audit.iter_mut().for_each(|(_, pair)| *pair = independent);
        self.record(|recorder| recorder.change(fact))
    }

    /// Masks the frame and has it audited, at most twice; or blanks it, where no picture is kept.
    fn decide(&mut self, leaving: Leaving, people: &[Person]) -> Frame<Cleared> {
        let start = Instant::now();
        let post = self.live.post(End::Back);
        post.come(Station::Paint);
        let Some((audit, independent)) = &mut self.audit else {
            let frame = self.judge.withhold(&leaving);
            self.decided.times.add(Station::Paint, start.elapsed());
            self.decided.frames.add(frame.fate());
            post.leave();
            return frame;
        };
        let (mut audited, mut tried) = (Duration::ZERO, Duration::ZERO);
        let (independent, mut shadow) = (*independent, self.shadow.as_mut());
        let (ticket, mode, stepped_up) = (leaving.ticket(), leaving.mode(), leaving.stepped_up());
        self.decided.stepped_up += u64::from(stepped_up.is_some());
        if let (None, Some(why)) = (std::mem::replace(&mut self.stepped_up, stepped_up), stepped_up) {
            self.tell.tell(Event::SteppedUp { camera: self.camera.clone(), why, mode });
        }
        let Decision { frame, rejections, audit_error, .. } = self.judge.decide(leaving, self.style, |redacted| {
            let start = Instant::now();
            post.come(Station::Audit);
            let inspection = audit.inspect(redacted, people);
            let took = start.elapsed();
            audited += took;
            // A frame that comes back is no other frame.
            if let Some(shadow) = shadow.take() {
                shadow.audit(redacted, people);
                tried = start.elapsed().saturating_sub(took);
            }
            post.come(Station::Paint);
            inspection.map(|Inspection { findings, worst_score }| Verdict { findings, worst_score, independent })
        });
        post.leave();
        if let Some(first) = rejections.first() {
            self.watch.rejected(first.frame.header(), first.frame.masks(), &first.verdict.findings);
            let found = rejections.iter().flat_map(|rejected| &rejected.verdict.findings);
            // At the end of the camera nobody listens any more, and nothing is to come.
            let _ = self.findings.send(Findings { frame: ticket, areas: found.map(|f| f.area).collect() });
        }
        let decided = &mut self.decided;
        if let Some(error) = audit_error {
            decided.audit_failures += 1;
            let (camera, class) = (self.camera.clone(), error.class());
            self.tell.tell(Event::ComponentFailed { camera, component: World::AnonymisationAudit, class });
        }
        decided.times.add(Station::Audit, audited);
        decided.times.add(Station::Paint, start.elapsed().saturating_sub(audited + tried));
        decided.masks += frame.masks().len() as u64;
        decided.findings += u64::from(!rejections.is_empty());
        decided.frames.add(frame.fate());
        frame
    }

    /// Gestures are told of cleared frames only; a blank shows none.
    fn detect(
        &mut self,
        frame: &Frame<Cleared>,
        ask: impl FnOnce(&mut GestureChamber, &Frame<Cleared>) -> Result<Vec<Gesture>, sluis_stage::Error>,
    ) -> Vec<Gesture> {
        let Some(detector) = &mut self.gestures else { return Vec::new() };
        if frame.fate() == Fate::Blanked {
            return Vec::new();
        }
        let (decided, post) = (&mut self.decided, self.live.post(End::Back));
        post.come(Station::Gestures);
        let gestures = decided.times.measure(Station::Gestures, || ask(detector, frame));
        post.leave();
        let gestures = gestures.unwrap_or_else(|error| {
            decided.gesture_failures += 1;
            let (camera, class) = (self.camera.clone(), error.class());
            self.tell.tell(Event::ComponentFailed { camera, component: World::GestureDetector, class });
            Vec::new()
        });
        decided.gestures += gestures.len() as u64;
        gestures
    }

    /// Shows the frame to a gesture detector that is tried.
    fn try_beside(&mut self, frame: &Frame<Cleared>, people: &[Person]) {
        let Some(shadow) = self.shadow.as_mut().filter(|_| frame.fate() != Fate::Blanked) else { return };
        let post = self.live.post(End::Back);
        post.come(Station::Gestures);
        shadow.gestures(frame, people);
        post.leave();
    }

    fn keep(&mut self, frame: &Frame<Cleared>, gestures: &[Gesture]) -> Result<(), Error> {
        self.record(|recorder| recorder.record(frame, gestures))?;
        self.decided.latency.add(self.clock.now().since(frame.header().captured));
        let camera = &self.camera;
        self.watch.see(frame, gestures).map_err(|source| Error::Watch { camera: camera.clone(), source })
    }

    fn record(&mut self, what: impl FnOnce(&mut Recorder) -> Result<(), sluis_segment::Error>) -> Result<(), Error> {
        let Self { recorder: Some(recorder), decided, live, .. } = self else { return Ok(()) };
        let post = live.post(End::Back);
        post.come(Station::Record);
        let recorded = decided.times.measure(Station::Record, || what(recorder));
        post.leave();
        decided.sealed = Some(recorder.finished());
        self.survive(recorded).map(|_| ())
    }

    fn seal(&mut self, recorder: Recorder) -> Result<(), Error> {
        let Self { decided, live, .. } = self;
        // If its last segment is abandoned, this is what stays.
        decided.sealed = Some(recorder.finished());
        let post = live.post(End::Back);
        post.come(Station::Record);
        let finished = decided.times.measure(Station::Record, || recorder.finish());
        post.leave();
        if let Some(finished) = self.survive(finished)? {
            self.decided.sealed = Some(finished);
        }
        Ok(())
    }

    /// A segment that was abandoned is lost, and counted; the camera goes on with the next. Any other failure ends it.
    fn survive<T>(&mut self, outcome: Result<T, sluis_segment::Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(error @ sluis_segment::Error::Abandoned { .. }) => {
                self.decided.abandoned += 1;
                tracing::debug!(error = &error as &dyn std::error::Error, "a segment is abandoned");
                self.tell.tell(Event::SegmentAbandoned { camera: self.camera.clone() });
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}
