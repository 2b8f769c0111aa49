//! One camera in the process that sees: opened, run, and opened again.

use std::fs::File;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sluis_camera::{Backoff, Description, Driver, Fault, Polled, rtsp};
use sluis_frame::{Calibration, CameraId, Clock, Frame, Raw, SystemClock};
use sluis_segment::handover::EyeEnd;
use sluis_segment::handover::packets::Packets;

use super::control::{Credentials, ToKeep};
use super::eye::Eye;
use super::pauses::{Paused, Pauses};
use super::random;
use crate::assembly::Place;
use crate::cameras;
use crate::config::{self, Camera, Config, Deferred};
use crate::events::{Event, PipelineFault};
use crate::pipeline::{self, Driven, Parts, Running, Spool, Stop, Unwatched};

/// What is to be done with a camera.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) config: Arc<Config>,
    pub(super) camera: Camera,
    /// What of it may not be seen.
    pub(super) paused: Option<Paused>,
}

/// What `keep` answers a camera that has asked.
#[derive(Debug)]
pub(super) enum Answer {
    Line(Packets),
    Spool(Option<File>),
    Reached(UnixStream, Option<Credentials>),
    Unreachable(Fault),
}

/// The place of a camera in the process, whether or not the camera is there.
#[derive(Debug)]
pub(super) struct Seat {
    orders: Arc<Mutex<Orders>>,
    leave: Stop,
    inbox: Sender<Answer>,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Orders {
    plan: Plan,
    /// Ends the run that is going on.
    run: Stop,
}

/// The thread of a seat.
struct Sitting {
    eye: Arc<Eye>,
    camera: CameraId,
    orders: Arc<Mutex<Orders>>,
    leave: Stop,
    answers: Receiver<Answer>,
    backoff: Backoff,
    /// Where frames wait that there is no time for, by which setting, and as what camera they were taken.
    spool: Option<(Deferred, Arc<Spool>)>,
    description: Option<Description>,
    /// What was paused when it was last looked at.
    paused: Option<Paused>,
}

/// How a run ended.
enum Ended {
    /// It was asked to: the camera may have more.
    Asked(Driven),
    /// The camera has no more.
    Over,
    /// The camera failed.
    Camera(Fault),
    /// Something else failed.
    Pipeline(PipelineFault),
    /// A zone is paused, and nobody knows where it lies in the picture: nothing may be seen.
    Closed,
    /// `keep` is gone.
    Alone,
}

/// How long `keep` may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a seat that waits looks whether there is something else to do.
const LOOK: Duration = Duration::from_millis(100);

/// Of a pipeline that fails again and again, how long after a fault of ours it is tried again at least.
const REST: Duration = Duration::from_secs(2);

// === impl Seat ===

impl Seat {
    pub(super) fn take(eye: &Arc<Eye>, plan: Plan) -> Self {
        let (inbox, answers) = mpsc::channel();
        let leave = Stop::default();
        let camera = plan.camera.id().clone();
        let orders = Arc::new(Mutex::new(Orders { plan, run: Stop::default() }));
        eye.seats.fetch_add(1, Ordering::SeqCst);
        let sitting = Sitting {
            eye: Arc::clone(eye),
            camera,
            orders: Arc::clone(&orders),
            leave: leave.clone(),
            answers,
            backoff: Backoff::new(),
            spool: None,
            description: None,
            paused: None,
        };
        Self { orders, leave, inbox, thread: thread::spawn(move || sitting.sit()) }
    }

    pub(super) fn answer(&self, answer: Answer) {
        // A seat that has been left needs none.
        let _ = self.inbox.send(answer);
    }

    /// Whether nothing would change for the camera by this plan.
    pub(super) fn is_as(&self, plan: &Plan) -> bool {
        let orders = self.orders();
        let (old, new) = (&orders.plan, plan);
        let shared = |config: &Config| {
            let audience = config.audience.as_ref().and_then(|a| a.demographics.as_ref()).map(|d| d.model.clone());
            (
                config.shop.clone(),
                config.plugins.at_work(),
                config.segment,
                config.schedule(),
                config.deferred(),
                audience,
            )
        };
        old.camera == new.camera
            && old.paused == new.paused
            && shared(&old.config) == shared(&new.config)
            && !self.is_left()
    }

    /// Puts a plan in force under which nothing changes.
    pub(super) fn take_note(&self, plan: Plan) {
        self.orders().plan = plan;
    }

    /// Puts another plan in force: the run that is going on is ended gracefully, and the next begins with the same camera if it still is the same.
    pub(super) fn change(&self, plan: Plan) {
        let mut orders = self.orders();
        orders.plan = plan;
        orders.run.ask();
    }

    /// Puts pauses in force, or ends them: the run that is going on is ended gracefully, if they say something new of this camera.
    pub(super) fn pause(&self, pauses: &Pauses) {
        let mut orders = self.orders();
        let paused = pauses.of(orders.plan.camera.id());
        if orders.plan.paused != paused {
            orders.plan.paused = paused;
            orders.run.ask();
        }
    }

    /// Asks for the end; what is on its way is still sealed.
    pub(super) fn leave(&self) {
        self.leave.ask();
        self.orders().run.ask();
    }

    /// Whether nobody sits there any more.
    pub(super) fn is_left(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the end.
    pub(super) fn wait(self) {
        let _ = self.thread.join();
    }

    fn orders(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Sitting ===

impl Sitting {
    fn sit(mut self) {
        let mut opened: Option<(Camera, Driven)> = None;
        let mut rests = false;
        while !self.leave.asked() {
            let (plan, stop) = self.orders();
            if self.spool.as_ref().is_some_and(|(deferred, _)| plan.config.deferred() != Some(*deferred)) {
                self.give_up();
            }
            if self.obeys(plan.paused.as_ref()) {
                (opened, rests) = (None, false);
                self.stay_closed(&stop);
                continue;
            }
            let schedule = plan.config.schedule();
            if !schedule.admits(SystemClock.now()) {
                opened = None;
                if !std::mem::replace(&mut rests, true) {
                    self.eye.tell.tell(Event::CameraRests { camera: self.camera.clone() });
                }
                let opens = move || schedule.admits(SystemClock.now());
                self.pause(&plan, &stop, Duration::from_secs(1), Box::new(opens));
                continue;
            }
            rests = false;
            let begun = Instant::now();
            let held = opened.take().filter(|(camera, _)| same_source(camera, &plan.camera)).map(|(_, driver)| driver);
            let run = guarded(|| self.run(&plan, held, &stop));
            match run {
                Ended::Asked(driver) => opened = Some((plan.camera, driver)),
                // At the end of its hours it is not over: it rests.
                Ended::Over if !plan.config.schedule().admits(SystemClock.now()) => {}
                Ended::Over => {
                    while !stop.asked() && self.waits() {
                        self.pause(&plan, &stop, Duration::ZERO, Box::new(|| false));
                    }
                    if !stop.asked() {
                        self.eye.tell.tell(Event::CameraEnded { camera: self.camera.clone() });
                        break;
                    }
                }
                // Left before it was there.
                Ended::Camera(_) | Ended::Pipeline(_) if self.leave.asked() => {}
                Ended::Camera(fault) => {
                    let wait = self.backoff.after(begun.elapsed(), random);
                    let (camera, again_in_ms) = (self.camera.clone(), wait.as_millis() as u64);
                    self.eye.tell.tell(Event::CameraFailed { camera, fault, again_in_ms });
                    let end = Instant::now() + wait;
                    self.pause(&plan, &stop, wait, Box::new(move || Instant::now() >= end));
                }
                Ended::Pipeline(why) => self.failed(why, begun.elapsed(), &stop),
                Ended::Closed => {
                    self.tell_paused(None);
                    self.stay_closed(&stop);
                }
                Ended::Alone => break,
            }
        }
        self.give_up();
        self.eye.ended();
    }

    /// Takes note of what is paused, and tells it when it is another. Says whether the camera is to be closed.
    ///
    /// What waits, sealed, when a pause begins is destroyed and counts as dropped: some of it may have been captured after somebody asked for the pause, and nobody works at raw pictures of
    /// a camera that is said to see nothing.
    fn obeys(&mut self, paused: Option<&Paused>) -> bool {
        if self.paused.as_ref() == paused {
            return paused.is_some_and(|paused| paused.all);
        }
        let before = std::mem::replace(&mut self.paused, paused.cloned());
        match paused {
            Some(paused) => {
                if before.is_none_or(|before| before.since < paused.since || before.all != paused.all) {
                    self.give_up();
                }
                self.tell_paused((!paused.all).then_some(paused.zones.len() as u32));
                paused.all
            }
            None => {
                self.eye.tell.tell(Event::CameraResumed { camera: self.camera.clone() });
                false
            }
        }
    }

    fn tell_paused(&self, zones: Option<u32>) {
        self.eye.tell.tell(Event::CameraPaused { camera: self.camera.clone(), zones });
    }

    /// Does nothing until there is something else to do.
    fn stay_closed(&self, stop: &Stop) {
        while !stop.asked() && !self.leave.asked() {
            thread::sleep(LOOK);
        }
    }

    /// Whether frames wait that may still be looked at.
    fn waits(&self) -> bool {
        self.spool.as_ref().is_some_and(|(_, spool)| {
            spool.tidy();
            !spool.is_empty()
        })
    }

    /// Nobody will come back for what waits.
    fn give_up(&mut self) {
        let frames = self.spool.take().map_or(0, |(_, spool)| spool.clear());
        if frames > 0 {
            let _ = self.eye.control.say(&ToKeep::Dropped { camera: self.camera.clone(), frames }, None);
        }
    }

    /// The camera's pipeline has failed, after so long: waits, unless there is something else to do.
    fn failed(&mut self, why: PipelineFault, after: Duration, stop: &Stop) {
        let wait = REST + self.backoff.after(after, random);
        let (camera, again_in_ms) = (self.camera.clone(), wait.as_millis() as u64);
        self.eye.tell.tell(Event::PipelineFailed { camera, why, again_in_ms });
        self.sleep(stop, wait);
    }

    /// The plan in force, and what ends a run under it.
    fn orders(&self) -> (Plan, Stop) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.run = Stop::default();
        if self.leave.asked() {
            orders.run.ask();
        }
        (orders.plan.clone(), orders.run.clone())
    }

    /// Without the camera: works at frames that wait, until there are none or `over`; then waits until `time` has gone by. Both end when there is something else to do.
    fn pause(&mut self, plan: &Plan, stop: &Stop, time: Duration, over: Box<dyn Fn() -> bool + Send>) {
        let begun = Instant::now();
        if self.waits()
            && let (Some((_, spool)), Some(description)) = (&self.spool, &self.description)
        {
            let backlog = Backlog { description: description.clone(), spool: Arc::clone(spool), over };
            if let Ended::Pipeline(why) = guarded(|| self.see(plan, Box::new(backlog), stop)) {
                self.failed(why, begun.elapsed(), stop);
            }
        }
        self.sleep(stop, time.saturating_sub(begun.elapsed()));
    }

    fn sleep(&self, stop: &Stop, time: Duration) {
        let end = Instant::now() + time;
        while !stop.asked() && !self.leave.asked() && Instant::now() < end {
            self.waits();
            thread::sleep(LOOK.min(end.saturating_duration_since(Instant::now())));
        }
    }

    /// One run of the camera.
    fn run(&mut self, plan: &Plan, held: Option<Driven>, stop: &Stop) -> Ended {
        let driver = match held {
            Some(Driven(driver)) => Ok(driver),
            None => self.open(&plan.camera),
        };
        let driver = match driver {
            Ok(driver) => driver,
            Err(fault) => return Ended::Camera(fault),
        };
        let description = driver.description().clone();
        if plan.config.check_zones(&plan.camera, description.size).is_err() {
            return Ended::Pipeline(PipelineFault::Settings);
        }
        if excluded(plan, description.calibration).is_none() {
            self.give_up();
            return Ended::Closed;
        }
        let camera = self.camera.clone();
        let opened = Event::CameraOpened {
            camera,
            width: description.size.width,
            height: description.size.height,
            rate: description.rate.per_second(),
            depth: description.depth_unit.is_some(),
        };
        self.description = Some(description);
        if self.spool.is_none() {
            self.spool = plan.config.deferred().and_then(|deferred| Some((deferred, self.new_spool(deferred)?)));
        }
        self.eye.tell.tell(opened);
        self.see(plan, driver, stop)
    }

    /// One run of the camera's pipeline.
    fn see(&mut self, plan: &Plan, driver: Box<dyn Driver>, stop: &Stop) -> Ended {
        let Plan { config, camera, .. } = plan;
        let Some(line) = self.line() else { return Ended::Pipeline(PipelineFault::Recording) };
        let mut treatment = cameras::treatment(config, camera, driver.as_ref());
        match excluded(plan, driver.description().calibration) {
            Some(zones) => treatment.exclusions.extend(zones),
            None => return Ended::Closed,
        }
        let (place, changes) = (Place::new(driver.description(), &treatment), self.eye.assembly.changes());
        let parts = match self.eye.assembly.pipeline(driver, &treatment, Some(line), Box::new(Unwatched)) {
            Ok(parts) => Parts { spool: self.spool.as_ref().map(|(_, spool)| Arc::clone(spool)), ..parts },
            Err(error) => return Ended::Pipeline(why(&error)),
        };
        if let Some(hook) = self.eye.hook {
            thread::spawn(hook);
        }
        let running = Running::start(parts, stop);
        let live = Arc::clone(running.live());
        self.eye.begun(&self.camera, &live, place, changes);
        let over = running.join();
        self.eye.over(&self.camera);
        let (camera, progress) = (self.camera.clone(), Box::new(live.progress()));
        if self.eye.control.say(&ToKeep::Over { camera, progress }, None).is_err() {
            return Ended::Alone;
        }
        match over.ended {
            Ok(driver) if stop.asked() => Ended::Asked(driver),
            Ok(_) => Ended::Over,
            Err(pipeline::Error::Camera(error)) => Ended::Camera(error.fault()),
            Err(pipeline::Error::Segment(_)) => {
                // The vault takes nothing: what waits would be used up by trying, and takes the room that it may be short of.
                self.give_up();
                Ended::Pipeline(PipelineFault::Recording)
            }
            Err(_) => Ended::Pipeline(PipelineFault::Program),
        }
    }

    /// A place for frames to wait. Without one they are dropped; `keep` has said why.
    fn new_spool(&self, deferred: Deferred) -> Option<Arc<Spool>> {
        let file = self.ask(&ToKeep::Spool { camera: self.camera.clone() }, |answer| match answer {
            Answer::Spool(file) => Some(file),
            _ => None,
        });
        let spool = Spool::new(file.flatten()?, deferred.patience(), deferred.bytes(), Arc::new(SystemClock));
        Some(Arc::new(spool))
    }

    fn open(&self, camera: &Camera) -> Result<Box<dyn Driver>, Fault> {
        let clock = Arc::new(SystemClock);
        if camera.driver != config::Driver::Rtsp {
            return cameras::open(camera, None, clock).map_err(|error| error.fault());
        }
        let found = self.ask(&ToKeep::Reach { camera: self.camera.clone() }, |answer| match answer {
            Answer::Reached(line, credentials) => Some(Ok((line, credentials))),
            Answer::Unreachable(fault) => Some(Err(fault)),
            Answer::Line(_) | Answer::Spool(_) => None,
        });
        let (line, credentials) = found.unwrap_or(Err(Fault::Lost))?;
        let settings = rtsp::Settings {
            credentials: credentials.as_ref().map(Into::into),
            ..rtsp::Settings::new(
                camera.url.clone().expect("the configuration was checked: this camera has an address"),
            )
        };
        rtsp::open_over(settings, line, self.camera.clone(), clock).map_err(|error| error.fault())
    }

    /// A line for the segments of the next run.
    fn line(&self) -> Option<EyeEnd> {
        self.ask(&ToKeep::Line { camera: self.camera.clone() }, |answer| match answer {
            Answer::Line(socket) => Some(EyeEnd::over(socket)),
            _ => None,
        })
    }

    /// Asks `keep` and waits for the answer, unless the camera is left meanwhile. An answer to a question of before is passed over.
    fn ask<T>(&self, question: &ToKeep, mut is: impl FnMut(Answer) -> Option<T>) -> Option<T> {
        self.eye.control.say(question, None).ok()?;
        let end = Instant::now() + PATIENCE;
        while !self.leave.asked() && Instant::now() < end {
            match self.answers.recv_timeout(LOOK) {
                Ok(answer) => match is(answer) {
                    Some(answer) => return Some(answer),
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        None
    }
}

/// Where the zones lie that are paused; `None` when that is not known of one of them.
fn excluded(plan: &Plan, calibration: Option<Calibration>) -> Option<Vec<Vec<[f64; 2]>>> {
    let zones = plan.paused.iter().flat_map(|paused| &paused.zones);
    let outlines: Option<Vec<_>> = zones.map(|zone| plan.camera.outline(zone, calibration)).collect();
    Some(outlines?.concat())
}

/// A fault of a driver is its camera's alone.
fn guarded(run: impl FnOnce() -> Ended) -> Ended {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Ended::Pipeline(PipelineFault::Program))
}

/// A camera that is not there: only what waits of it is worked at.
struct Backlog {
    description: Description,
    spool: Arc<Spool>,
    /// Whether it is enough for now.
    over: Box<dyn Fn() -> bool + Send>,
}

impl Driver for Backlog {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
        Ok(None)
    }

    fn poll(&mut self, patience: Duration) -> Result<Polled, sluis_camera::Error> {
        self.spool.tidy();
        if self.spool.is_empty() || (self.over)() {
            return Ok(Polled::End);
        }
        thread::sleep(patience.min(LOOK));
        Ok(Polled::Waiting)
    }

    fn is_live(&self) -> bool {
        true
    }
}

/// Whether the same pictures come from both.
fn same_source(one: &Camera, other: &Camera) -> bool {
    let of = |camera: &Camera| {
        let Camera { driver, path, synthetic, pace, repeat, pictures_per_second, .. } = camera.clone();
        let Camera { url, credentials, device, serial, size, .. } = camera.clone();
        (driver, path, synthetic, pace, repeat, pictures_per_second, url, credentials, device, serial, size)
    };
    of(one) == of(other)
}

fn why(error: &crate::assembly::Error) -> PipelineFault {
    match error {
        crate::assembly::Error::Guard(_) => PipelineFault::Settings,
        crate::assembly::Error::Segment(_) => PipelineFault::Recording,
        _ => PipelineFault::Component,
    }
}
