//! From the camera onto the delay line.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use sluis_camera::Driver;
use sluis_frame::{Frame, Raw};
use sluis_guard::{Detection, Floor, Found, Guard, Leaving};
use sluis_stage::{FilterChamber, Subject};

use super::account::{Station, Times};
use super::{Error, Stop};

pub(super) struct Front {
    pub(super) driver: Box<dyn Driver>,
    pub(super) floor: Floor,
    pub(super) filter: FilterChamber,
    pub(super) guard: Guard,
    pub(super) limit: Option<Duration>,
    pub(super) times: Times,
    pub(super) failures: u64,
}

/// What the front did.
pub(super) struct Done {
    pub(super) times: Times,
    pub(super) failures: u64,
    pub(super) entered: u64,
}

/// The back has ended.
struct NobodyListens;

impl Front {
    pub(super) fn run(mut self, back: &SyncSender<Leaving>, stop: &Stop) -> Result<Done, Error> {
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
            self.enter(frame);
            while let Some(leaving) = self.times.measure(Station::Hold, || self.guard.leave()) {
                if back.send(leaving).is_err() {
                    return Ok(self.done(entered));
                }
            }
        }
        let _ = self.drain(back);
        Ok(self.done(entered))
    }

    fn enter(&mut self, frame: Frame<Raw>) {
        let sight = self.times.measure(Station::Floor, || self.floor.observe(&frame));
        let found = self.times.measure(Station::Filter, || self.filter.find(&frame, sight.hints()));
        let found = match found {
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
        };
        self.times.measure(Station::Hold, || self.guard.enter(frame, sight, found));
    }

    fn drain(&mut self, back: &SyncSender<Leaving>) -> Result<(), NobodyListens> {
        while let Some(leaving) = self.times.measure(Station::Hold, || self.guard.flush()) {
            back.send(leaving).map_err(|_| NobodyListens)?;
        }
        Ok(())
    }

    fn done(self, entered: u64) -> Done {
        Done { times: self.times, failures: self.failures, entered }
    }
}
