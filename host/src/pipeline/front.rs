//! From the camera onto the delay line.

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use sluis_camera::Driver;
use sluis_frame::{Frame, Person, Raw, Rect, Visit};
use sluis_guard::{Detection, Floor, Found, Guard, Leaving, Ticket};
use sluis_stage::{FilterChamber, Subject};

use super::account::{Station, Times};
use super::meter::{Counts, Meter};
use super::{Error, Stop};

pub(super) struct Front {
    pub(super) driver: Box<dyn Driver>,
    pub(super) floor: Floor,
    /// `None` when no picture is kept.
    pub(super) filter: Option<FilterChamber>,
    pub(super) meter: Option<Meter>,
    pub(super) guard: Guard,
    /// What the audit found in frames that have left the guard.
    pub(super) findings: Receiver<Findings>,
    pub(super) limit: Option<Duration>,
    pub(super) times: Times,
    pub(super) failures: u64,
}

/// What the front did.
pub(super) struct Done {
    pub(super) times: Times,
    pub(super) failures: u64,
    pub(super) entered: u64,
    pub(super) counts: Counts,
}

/// What the back is told, in order.
pub(super) enum Told {
    /// A frame leaves the delay line.
    Leaving(Box<Leaving>),
    /// Visits are over.
    Visits(Vec<Visit>),
}

/// What the audit found in a frame.
pub(super) struct Findings {
    pub(super) frame: Ticket,
    pub(super) areas: Vec<Rect>,
}

/// The back has ended.
struct NobodyListens;

impl Front {
    pub(super) fn run(mut self, back: &SyncSender<Told>, stop: &Stop) -> Result<Done, Error> {
        let mut first = None;
        let mut entered = 0;
        while !stop.asked() {
            let frame = self.times.measure(Station::Camera, || self.driver.next());
            let frame = match frame {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    // What is on the delay line was good before the camera failed: it is still masked and recorded.
                    let _ = self.drain(back);
                    return Err(error.into());
                }
            };
            let captured = frame.header().captured;
            if self.limit.is_some_and(|limit| captured.since(*first.get_or_insert(captured)) >= limit) {
                break;
            }
            entered += 1;
            let visits = self.enter(frame);
            while let Some(leaving) = self.leave(Guard::leave) {
                if back.send(Told::Leaving(Box::new(leaving))).is_err() {
                    return Ok(self.done(entered));
                }
            }
            if !visits.is_empty() && back.send(Told::Visits(visits)).is_err() {
                return Ok(self.done(entered));
            }
        }
        let _ = self.drain(back);
        Ok(self.done(entered))
    }

    /// The next frame that leaves the delay line, masked where the audit has found something lately.
    fn leave(&mut self, how: impl FnOnce(&mut Guard) -> Option<Leaving>) -> Option<Leaving> {
        let Self { times, guard, findings, .. } = self;
        times.measure(Station::Hold, || {
            findings.try_iter().for_each(|Findings { frame, areas }| guard.learn(frame, areas));
            how(guard)
        })
    }

    /// Looks at a frame and puts it on the delay line; gives the visits that are over with it.
    fn enter(&mut self, frame: Frame<Raw>) -> Vec<Visit> {
        let sight = self.times.measure(Station::Floor, || self.floor.observe(&frame));
        let visits = self
            .meter
            .as_mut()
            .map(|meter| self.times.measure(Station::Audience, || meter.measure(&frame, sight.hints())));
        let found = self.find(&frame, sight.hints());
        self.times.measure(Station::Hold, || self.guard.enter(frame, sight, found));
        visits.unwrap_or_default()
    }

    fn find(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Found {
        // Where no picture is kept nothing needs a mask.
        let Some(filter) = &mut self.filter else { return Found::Detections(Vec::new()) };
        match self.times.measure(Station::Filter, || filter.find(frame, people)) {
            Ok(regions) => {
                let detections = regions.iter().map(|region| Detection {
                    area: region.area,
                    head_like: matches!(region.subject, Subject::Face | Subject::Head),
                });
                Found::Detections(detections.collect())
            }
            Err(error) => {
                self.failures += 1;
                tracing::warn!(%error, "the privacy filter failed: the frame is masked more strictly");
                Found::FilterFailed
            }
        }
    }

    fn drain(&mut self, back: &SyncSender<Told>) -> Result<(), NobodyListens> {
        while let Some(leaving) = self.leave(Guard::flush) {
            back.send(Told::Leaving(Box::new(leaving))).map_err(|_| NobodyListens)?;
        }
        let visits = self.meter.as_mut().map(Meter::finish).unwrap_or_default();
        back.send(Told::Visits(visits)).map_err(|_| NobodyListens)
    }

    fn done(self, entered: u64) -> Done {
        let counts = self.meter.map(|meter| meter.counts()).unwrap_or_default();
        Done { times: self.times, failures: self.failures + counts.failures, entered, counts }
    }
}
