//! Between the camera and its pipeline: a bounded queue, and what happens when it is full.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_camera::{Description, Driver, Polled};
use sluis_frame::{Frame, Raw};

use super::{Admission, Spool, Stop};

/// Takes frames from the camera as they come. A camera that is live does not wait: when the pipeline is behind, frames wait in the spool; where there is none, or it is full, the
/// oldest is dropped, and when that goes on the rate is lowered, so that what is left is evenly spaced. What is not live waits for the pipeline.
#[derive(Debug)]
pub(super) struct Intake {
    queue: Mutex<Queue>,
    changed: Condvar,
    live: bool,
    admission: Admission,
    /// What lies there is younger than what is in the queue. It outlives the pipeline: what is left at the end is for the camera's next one.
    spool: Option<Arc<Spool>>,
}

#[derive(Debug)]
struct Queue {
    frames: VecDeque<Frame<Raw>>,
    /// Why there is no more to come, once that is so.
    ended: Option<Result<(), sluis_camera::Error>>,
    closed: bool,
    rate: Thinning,
    taken: Taken,
}

/// What came from a camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Frames that the camera gave.
    pub entered: u64,
    /// Frames that had been waiting in the spool since an earlier pipeline of the camera.
    pub adopted: u64,
    /// Of both, dropped before anything looked at them.
    pub dropped: u64,
    /// In the queue now.
    pub queued: u32,
    /// In the spool now; at the end, those that are left to the next pipeline.
    pub deferred: u64,
    /// One in so many frames is taken; 1 is all of them.
    pub one_in: u32,
}

/// How many frames are taken.
#[derive(Debug)]
struct Thinning {
    one_in: u32,
    /// Frames to pass over before the next is taken.
    skip: u32,
    /// When the pipeline last fell behind, or the rate was last changed.
    strained: Instant,
    /// Drops since then.
    drops: u32,
}

/// How long a frame of a live camera waits at the most: a search of a whole picture takes a few frames' time, and no frame need be lost for it. Longer would only make what is
/// recorded later, not more of it.
const LINGER: Duration = Duration::from_secs(1);

/// Frames that wait, at most, however quickly they come.
const MOST: usize = 32;

/// Frames that wait of what is not live.
const AHEAD: usize = 4;

/// Drops in a row of this many frames lower the rate...
const DROPS: u32 = 4;

/// ...to no less than one frame in so many...
const THINNEST: u32 = 10;

/// ...and this long without one raises it again.
const CALM: Duration = Duration::from_secs(10);

/// How long a camera is waited for before it is looked whether the end was asked for.
const PATIENCE: Duration = Duration::from_millis(200);

// === impl Intake ===

impl Intake {
    pub(super) fn new(camera: &Description, live: bool, admission: Admission, spool: Option<Arc<Spool>>) -> Self {
        let rate = Thinning { one_in: 1, skip: 0, strained: Instant::now(), drops: 0 };
        let mut taken = Taken { one_in: 1, ..Taken::default() };
        if let Some(spool) = &spool {
            // What was destroyed since the last pipeline ended waited when it did.
            spool.keep_only(camera.size, camera.depth_unit);
            taken.dropped = spool.take_lost();
            taken.adopted = spool.waiting() + taken.dropped;
        }
        let queue = Queue { frames: VecDeque::new(), ended: None, closed: false, rate, taken };
        Self { queue: Mutex::new(queue), changed: Condvar::new(), live, admission, spool }
    }

    /// Takes frames until the camera has no more, its hours or its limit are over, the end is asked for, or nobody takes them any more.
    pub(super) fn run(&self, driver: &mut dyn Driver, stop: &Stop) {
        let mut first = None;
        let mut too_late = |frame: &Frame<Raw>| {
            let captured = frame.header().captured;
            self.admission.limit.is_some_and(|limit| captured.since(*first.get_or_insert(captured)) >= limit)
        };
        let ended = loop {
            if stop.asked() || self.lock().closed {
                break Ok(());
            }
            match driver.poll(PATIENCE) {
                // Before anything else: what was taken outside the hours does not enter, and is not counted.
                Ok(Polled::Frame(frame))
                    if !self.admission.schedule.admits(frame.header().captured) || too_late(&frame) =>
                {
                    break Ok(());
                }
                Ok(Polled::Frame(frame)) => self.push(frame),
                Ok(Polled::Waiting) => {}
                Ok(Polled::End) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.end(ended);
    }

    fn end(&self, ended: Result<(), sluis_camera::Error>) {
        self.lock().ended.get_or_insert(ended);
        self.changed.notify_all();
    }

    /// The next frame; waits for it. `None` at the end.
    pub(super) fn next(&self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
        loop {
            if let Some(next) = self.next_but_spooled()? {
                return Ok(next);
            }
            if let Some(frame) = self.spool.as_ref().and_then(|spool| spool.pop()) {
                // When and what may be seen may have changed while it waited.
                if self.admission.schedule.admits(frame.header().captured) {
                    return Ok(Some(frame.without(&self.admission.exclusion)));
                }
                self.lock().taken.dropped += 1;
            }
        }
    }

    /// The next frame of the queue, or `Some(None)` at the end; waits for either, unless a frame waits in the spool.
    fn next_but_spooled(&self) -> Result<Option<Option<Frame<Raw>>>, sluis_camera::Error> {
        let mut queue = self.lock();
        loop {
            if let Some(frame) = queue.frames.pop_front() {
                self.changed.notify_all();
                return Ok(Some(Some(frame)));
            }
            // Told once: after an error there is nothing more.
            if let Some(ended) = queue.ended.take() {
                queue.ended = Some(Ok(()));
                return ended.map(|()| Some(None));
            }
            if !self.spools_nothing() {
                return Ok(None);
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn spools_nothing(&self) -> bool {
        self.spool.as_ref().is_none_or(|spool| spool.is_empty())
    }

    /// Nobody takes frames any more.
    pub(super) fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        // They entered, and nobody will look at them.
        queue.taken.dropped += queue.frames.len() as u64;
        queue.frames.clear();
        self.changed.notify_all();
    }

    pub(super) fn taken(&self) -> Taken {
        let mut queue = self.lock();
        let (queued, one_in) = (queue.frames.len() as u32, queue.rate.one_in);
        let mut deferred = 0;
        if let Some(spool) = &self.spool {
            // In this order, what is destroyed in between is counted the next time, and no frame twice.
            queue.taken.dropped += spool.take_lost();
            deferred = spool.waiting();
        }
        Taken { queued, one_in, deferred, ..queue.taken }
    }

    fn push(&self, frame: Frame<Raw>) {
        let frame = frame.without(&self.admission.exclusion);
        let mut queue = self.lock();
        queue.taken.entered += 1;
        if !self.live {
            while queue.frames.len() >= AHEAD && !queue.closed {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        } else if queue.rate.passes_over() {
            queue.taken.dropped += 1;
            return;
        }
        if queue.closed {
            queue.taken.dropped += 1;
            return;
        }
        let oldest = queue.frames.front().map(|oldest| oldest.header().captured);
        let lingers = oldest.is_some_and(|oldest| frame.header().captured.since(oldest) >= LINGER);
        let is_full = self.live && (lingers || queue.frames.len() >= MOST);
        if self.live
            && let Some(spool) = &self.spool
            && (is_full || !spool.is_empty())
        {
            drop(queue);
            spool.push(frame);
            queue = self.lock();
            let lost = spool.take_lost();
            queue.taken.dropped += lost;
            queue.rate.learn(lost > 0);
        } else {
            if is_full {
                queue.frames.pop_front();
                queue.taken.dropped += 1;
            }
            queue.rate.learn(is_full);
            queue.frames.push_back(frame);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Taken ===

impl Taken {
    /// Frames that the pipeline has to answer for.
    pub const fn due(&self) -> u64 {
        (self.entered + self.adopted).saturating_sub(self.deferred)
    }
}

// === impl Thinning ===

impl Thinning {
    /// Whether the next frame is one of those that are not taken at this rate.
    fn passes_over(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return true;
        }
        self.skip = self.one_in - 1;
        false
    }

    /// A frame was taken, and the queue was full or not.
    fn learn(&mut self, behind: bool) {
        if behind {
            self.drops += 1;
            self.strained = Instant::now();
            if self.drops >= DROPS && self.one_in < THINNEST {
                (self.one_in, self.drops) = (self.one_in + 1, 0);
            }
        } else if self.strained.elapsed() >= CALM {
            self.one_in = (self.one_in - 1).max(1);
            (self.strained, self.drops) = (Instant::now(), 0);
        }
    }
}

/// Ends an intake when its camera's thread does, however it ends: the pipeline must not wait for frames for ever.
pub(super) struct Camera(pub(super) Arc<Intake>);

impl Drop for Camera {
    fn drop(&mut self) {
        self.0.end(Ok(()));
    }
}

/// Closes an intake when its pipeline ends, however it ends: the camera's thread must not wait for room for ever.
pub(super) struct Open(pub(super) Arc<Intake>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use sluis_camera::Rate;
    use sluis_frame::{CameraId, Clock, Exclusion, FrameNumber, Header, Picture, Size, SystemClock};

    use super::*;
    use crate::config::Schedule;

    /// Gives so many frames as fast as it is asked.
    struct Burst {
        description: Description,
        left: u64,
        live: bool,
    }

    impl Burst {
        fn of(frames: u64, live: bool) -> Self {
            let description = Description {
                camera: CameraId::new("burst").expect("the name has the right alphabet"),
                size: Size::new(16, 16),
                rate: Rate::TEN,
                depth_unit: None,
                calibration: None,
                frames: Some(frames),
            };
            Self { description, left: frames, live }
        }
    }

    impl Driver for Burst {
        fn description(&self) -> &Description {
            &self.description
        }

        fn next(&mut self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
            if self.left == 0 {
                return Ok(None);
            }
            self.left -= 1;
            let number = FrameNumber(self.description.frames.unwrap_or(0) - self.left - 1);
            let header = Header { camera: self.description.camera.clone(), number, captured: SystemClock.now() };
            let picture = Picture::new(self.description.size, vec![0; 16 * 16 * 3]).expect("it is of this size");
            Ok(Some(Frame::capture(header, picture, None).expect("there is no depth")))
        }

        fn is_live(&self) -> bool {
            self.live
        }
    }

    fn intake(live: bool, spool: Option<Arc<Spool>>) -> Intake {
        let exclusion = Exclusion::none(Size::new(16, 16));
        let admission = Admission { schedule: Schedule::default(), exclusion, limit: None };
        Intake::new(&Burst::of(0, live).description, live, admission, spool)
    }

    fn spool() -> Arc<Spool> {
        let file = tempfile::tempfile().expect("there is a folder for temporary files");
        Arc::new(Spool::new(file, Duration::from_secs(3600), 1 << 20, Arc::new(SystemClock)))
    }

    fn numbers(intake: &Intake) -> Vec<u64> {
        std::iter::from_fn(|| intake.next().expect("the camera does not fail")).map(|f| f.header().number.0).collect()
    }

    #[test]
    fn a_live_camera_that_nobody_takes_from_drops_its_oldest_frames_and_counts_them() {
        let intake = intake(true, None);
        intake.run(&mut Burst::of(35, true), &Stop::default());
        let taken = intake.taken();
        assert_eq!((taken.entered, taken.dropped, taken.queued), (35, 3, 32));
        assert_eq!(numbers(&intake), (3..35).collect::<Vec<_>>());
    }

    #[test]
    fn a_machine_that_stays_behind_takes_fewer_frames_evenly() {
        let intake = intake(true, None);
        intake.run(&mut Burst::of(200, true), &Stop::default());
        let taken = intake.taken();
        assert!(taken.one_in > 1, "{taken:?}");
        let numbers = numbers(&intake);
        let apart = numbers.windows(2).next_back().map(|pair| pair[1] - pair[0]);
        assert!(apart >= Some(u64::from(taken.one_in) - 1), "{numbers:?}");
        assert_eq!(taken.entered, taken.dropped + numbers.len() as u64);
    }

    #[test]
    fn a_recording_waits_and_loses_nothing() {
        let intake = intake(false, None);
        thread::scope(|scope| {
            scope.spawn(|| intake.run(&mut Burst::of(50, false), &Stop::default()));
            assert_eq!(numbers(&intake), (0..50).collect::<Vec<_>>());
        });
        assert_eq!(intake.taken().dropped, 0);
    }

    #[test]
    fn with_a_spool_a_live_camera_loses_nothing_and_what_is_left_is_for_the_next_pipeline() {
        let spool = spool();
        let first = intake(true, Some(Arc::clone(&spool)));
        first.run(&mut Burst::of(50, true), &Stop::default());
        // The camera has ended: its pipeline ends, and does not work for hours at what waits.
        assert_eq!(numbers(&first), (0..32).collect::<Vec<_>>());
        let taken = first.taken();
        assert_eq!((taken.entered, taken.dropped, taken.deferred, taken.due()), (50, 0, 18, 32));
        let second = intake(true, Some(Arc::clone(&spool)));
        let found = thread::scope(|scope| {
            let found = scope.spawn(|| numbers(&second));
            while !spool.is_empty() {
                thread::yield_now();
            }
            second.end(Ok(()));
            found.join().expect("it ends")
        });
        assert_eq!(found, (32..50).collect::<Vec<_>>());
        let taken = second.taken();
        assert_eq!((taken.entered, taken.adopted, taken.deferred, taken.due()), (0, 18, 0, 18));
    }

    #[test]
    fn order_holds_while_frames_come_and_go() {
        let intake = intake(true, Some(spool()));
        let found = thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..200 {
                    thread::sleep(Duration::from_micros(300));
                    intake.push(Burst::of(1, true).next().expect("it does not fail").expect("there is one"));
                }
                while !intake.spools_nothing() {
                    thread::yield_now();
                }
                intake.end(Ok(()));
            });
            let mut times = Vec::new();
            while let Ok(Some(frame)) = intake.next() {
                times.push(frame.header().captured);
                thread::sleep(Duration::from_micros(if times.len() % 50 < 25 { 1200 } else { 10 }));
            }
            times
        });
        assert_eq!(found.len(), 200);
        assert!(found.is_sorted());
        assert_eq!(intake.taken().dropped, 0);
    }

    #[test]
    fn a_pipeline_that_has_gone_does_not_keep_its_camera() {
        let intake = Arc::new(intake(false, None));
        thread::scope(|scope| {
            let camera = scope.spawn(|| intake.run(&mut Burst::of(50, false), &Stop::default()));
            drop(Open(Arc::clone(&intake)));
            camera.join().expect("it ends");
        });
        let taken = intake.taken();
        assert_eq!(taken.entered, taken.dropped);
    }
}
