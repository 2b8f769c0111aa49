//! From the camera onto the delay line.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Frame, Person, Raw, Rect, Visit};
use sluis_guard::{Detection, Floor, Found, Guard, Leaving, Ticket};
use sluis_stage::{FilterChamber, Subject, World};

use super::account::{Seen, Station};
use super::intake::{Open, Taken};
use super::live::{End, Live};
use super::meter::{Counts, Meter};
use super::turns::{Share, Turns};
use crate::events::{Event, Tell};

pub(super) struct Front {
    pub(super) camera: CameraId,
    pub(super) intake: Open,
    pub(super) live: Arc<Live>,
    pub(super) turns: Arc<Turns>,
    pub(super) share: Share,
    pub(super) tell: Arc<dyn Tell>,
    pub(super) floor: Floor,
    /// `None` when no picture is kept.
    pub(super) filter: Option<FilterChamber>,
    pub(super) meter: Option<Meter>,
    pub(super) guard: Guard,
    /// What the audit found in frames that have left the guard.
    pub(super) findings: Receiver<Findings>,
    pub(super) seen: Seen,
    pub(super) drops: Drops,
}

/// Frames dropped at the camera, as far as they were told.
#[derive(Debug, Default)]
pub(super) struct Drops {
    told: u64,
    at: Option<Instant>,
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

/// Drops are told this often at most.
const DROPS_TOLD: Duration = Duration::from_secs(60);

impl Front {
    /// Takes frames to the camera's end, and says how it ended.
    pub(super) fn run(mut self, back: &SyncSender<Told>) -> Result<(), sluis_camera::Error> {
        let ended = loop {
            let waiting = Instant::now();
            let frame = match self.intake.0.next() {
                Ok(Some(frame)) => frame,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            let (turns, share) = (Arc::clone(&self.turns), self.share.clone());
            let turn = turns.take(&share);
            self.seen.times.add(Station::Camera, waiting.elapsed());
            let visits = self.enter(frame);
            drop(turn);
            self.live.show_front(&self.seen);
            self.tell_drops();
            while let Some(leaving) = self.leave(Guard::leave) {
                if back.send(Told::Leaving(Box::new(leaving))).is_err() {
                    return Ok(());
                }
            }
            if !visits.is_empty() && back.send(Told::Visits(visits)).is_err() {
                return Ok(());
            }
        };
        // What is on the delay line was good before the camera failed: it is still masked and recorded.
        let _ = self.drain(back);
        ended
    }

    /// The next frame that leaves the delay line, masked where the audit has found something lately.
    fn leave(&mut self, how: impl FnOnce(&mut Guard) -> Option<Leaving>) -> Option<Leaving> {
        let Self { seen, live, guard, findings, .. } = self;
        measure(live, seen, Station::Hold, || {
            findings.try_iter().for_each(|Findings { frame, areas }| guard.learn(frame, areas));
            how(guard)
        })
    }

    /// Looks at a frame and puts it on the delay line; gives the visits that are over with it.
    fn enter(&mut self, frame: Frame<Raw>) -> Vec<Visit> {
        let Self { live, seen, floor, meter, .. } = self;
        let sight = measure(live, seen, Station::Floor, || floor.observe(&frame));
        let visits = meter.as_mut().map(|meter| {
            measure(live, seen, Station::Audience, || meter.measure(&frame, sight.hints())).unwrap_or_else(|error| {
                let (camera, class) = (self.camera.clone(), error.class());
                self.tell.tell(Event::ComponentFailed { camera, component: World::AudienceMeter, class });
                Vec::new()
            })
        });
        self.count_visits();
        let found = self.find(&frame, sight.hints());
        let Self { live, seen, guard, filter, meter, .. } = self;
        seen.filter_memory = filter.as_ref().map_or(0, FilterChamber::memory) as u64;
        seen.audience_memory = meter.as_ref().map_or(0, Meter::memory) as u64;
        measure(live, seen, Station::Hold, || guard.enter(frame, sight, found));
        visits.unwrap_or_default()
    }

    fn find(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Found {
        let Self { live, seen, filter, .. } = self;
        // Where no picture is kept nothing needs a mask.
        let Some(filter) = filter else { return Found::Detections(Vec::new()) };
        match measure(live, seen, Station::Filter, || filter.find(frame, people)) {
            Ok(regions) => {
                let detections = regions.iter().map(|region| Detection {
                    area: region.area,
                    head_like: matches!(region.subject, Subject::Face | Subject::Head),
                });
                Found::Detections(detections.collect())
            }
            Err(error) => {
                self.seen.filter_failures += 1;
                let (camera, class) = (self.camera.clone(), error.class());
                self.tell.tell(Event::ComponentFailed { camera, component: World::PrivacyFilter, class });
                Found::FilterFailed
            }
        }
    }

    fn drain(&mut self, back: &SyncSender<Told>) -> Result<(), NobodyListens> {
        while let Some(leaving) = self.leave(Guard::flush) {
            back.send(Told::Leaving(Box::new(leaving))).map_err(|_| NobodyListens)?;
        }
        let visits = self.meter.as_mut().map(Meter::finish).unwrap_or_default();
        self.count_visits();
        self.live.show_front(&self.seen);
        back.send(Told::Visits(visits)).map_err(|_| NobodyListens)
    }

    /// Says that the machine is too slow, when it is.
    fn tell_drops(&mut self) {
        let Taken { dropped, one_in, .. } = self.intake.0.taken();
        let frames = dropped - self.drops.told;
        if frames > 0 && self.drops.at.is_none_or(|at| at.elapsed() >= DROPS_TOLD) {
            self.drops = Drops { told: dropped, at: Some(Instant::now()) };
            self.tell.tell(Event::FramesDropped { camera: self.camera.clone(), frames, one_in });
        }
    }

    fn count_visits(&mut self) {
        if let Some(meter) = &self.meter {
            let Counts { visits, glances, failures } = meter.counts();
            (self.seen.visits, self.seen.glances, self.seen.audience_failures) = (visits, glances, failures);
        }
    }
}

/// Does something at a station, and counts its time.
fn measure<T>(live: &Live, seen: &mut Seen, station: Station, what: impl FnOnce() -> T) -> T {
    let post = live.post(End::Front);
    post.come(station);
    let result = seen.times.measure(station, what);
    post.leave();
    result
}
