//! From the camera onto the delay line.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Frame, Person, Raw, Rect, Visit};
use sluis_guard::{Detection, Floor, Found, Guard, Leaving, Ticket};
use sluis_segment::PluginFact;
use sluis_stage::{FilterChamber, Subject, World};

use super::account::{Seen, Station};
use super::intake::{Open, Taken};
use super::live::{End, Live};
use super::meter::{Counts, Meter};
use super::shadow::{Chamber, Shadow};
use super::swap::{Change, Order};
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
    /// Tried beside the filter or the meter.
    pub(super) shadow: Option<Shadow>,
    pub(super) line: Line,
}

/// Which components the frames on the delay line were shown.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Frames that have come onto it, and gone.
    entered: u64,
    left: u64,
    /// Changes, each with how many frames had come before it.
    changes: VecDeque<(u64, Changed)>,
}

/// Another component is at work.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) fact: PluginFact,
    pub(super) independent: bool,
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
    /// The next frame was shown another component.
    Changed(Changed),
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
                if self.pass_on(leaving, back).is_err() {
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

    /// Passes on a frame that has left the delay line, and what was changed before it came onto it.
    fn pass_on(&mut self, leaving: Leaving, back: &SyncSender<Told>) -> Result<(), NobodyListens> {
        let line = &mut self.line;
        while let Some((_, changed)) = line.changes.pop_front_if(|(before, _)| *before <= line.left) {
            back.send(Told::Changed(changed)).map_err(|_| NobodyListens)?;
        }
        line.left += 1;
        back.send(Told::Leaving(Box::new(leaving))).map_err(|_| NobodyListens)
    }

    /// Puts other components in their places, before the next frame.
    fn obey(&mut self) {
        for order in self.live.orders(End::Front) {
            match order {
                Order::PutIn(change) => {
                    let Change { chamber, fact, independent, obeyed: _obeyed } = *change;
                    match (chamber, &mut self.filter, &mut self.meter) {
                        (Chamber::Filter(chamber), Some(filter), _) => *filter = chamber,
                        (Chamber::Audience(chamber), _, Some(meter)) => meter.change(chamber),
                        // Nothing of this world is at work here.
                        _ => continue,
                    }
                    self.line.changes.push_back((self.line.entered, Changed { fact, independent }));
                }
                Order::Try(shadow) => self.shadow = Some(*shadow),
                Order::EndTrial => self.shadow = None,
            }
        }
    }

    /// Looks at a frame and puts it on the delay line; gives the visits that are over with it.
    fn enter(&mut self, frame: Frame<Raw>) -> Vec<Visit> {
        self.obey();
        let Self { live, seen, floor, meter, shadow, .. } = self;
        let sight = measure(live, seen, Station::Floor, || floor.observe(&frame));
        let visits = meter.as_mut().map(|meter| {
            measure(live, seen, Station::Audience, || meter.measure(&frame, sight.hints())).unwrap_or_else(|error| {
                let (camera, class) = (self.camera.clone(), error.class());
                self.tell.tell(Event::ComponentFailed { camera, component: World::AudienceMeter, class });
                Vec::new()
            })
        });
        if let Some(shadow) = shadow {
            at_post(live, Station::Audience, || shadow.audience(&frame, sight.hints()));
        }
        self.count_visits();
        let found = self.find(&frame, sight.hints());
        let Self { live, seen, guard, filter, meter, .. } = self;
        seen.filter_memory = filter.as_ref().map_or(0, FilterChamber::memory) as u64;
        seen.audience_memory = meter.as_ref().map_or(0, Meter::memory) as u64;
        measure(live, seen, Station::Hold, || guard.enter(frame, sight, found));
        self.line.entered += 1;
        visits.unwrap_or_default()
    }

    fn find(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Found {
        let Self { live, seen, filter, shadow, .. } = self;
        // Where no picture is kept nothing needs a mask.
        let Some(filter) = filter else { return Found::Detections(Vec::new()) };
        let answer = measure(live, seen, Station::Filter, || filter.find(frame, people));
        if let Some(shadow) = shadow {
            at_post(live, Station::Filter, || shadow.filter(frame, people));
        }
        match answer {
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
            self.pass_on(leaving, back)?;
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
    at_post(live, station, || seen.times.measure(station, what))
}

/// Does something at a station, where it is seen if it gets stuck; its time is not the station's.
fn at_post<T>(live: &Live, station: Station, what: impl FnOnce() -> T) -> T {
    let post = live.post(End::Front);
    post.come(station);
    let result = what();
    post.leave();
    result
}
