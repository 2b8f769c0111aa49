//! The way of a frame, for one camera.
//!
//! Three threads share the work: [`intake`] takes frames from the camera into a bounded queue; [`front`] asks the floor and the filter, and puts them on the
//! guard's delay line; [`back`] paints what leaves the delay line, has it audited, and records it. Only bounded channels lie between them, so none can run
//! ahead. What they compute, they compute when it is their camera's turn.
//!
//! - [`Parts`]: what a camera's pipeline is made of.
//! - [`Running`]: a pipeline at work, to the end of the camera, or until it is told to stop. [`run`] starts one and waits.
//! - [`Live`]: what can be seen of it meanwhile.
//! - [`Meter`]: counts who looks at a screen, beside that way.
//! - [`account`]: what became of the frames. [`histogram`]: how long it took.
//! - [`Spool`]: where raw frames wait, sealed, on a machine that is too slow.
//! - [`turns`]: who may compute now.
//! - [`shadow`]: a new version of a component, tried beside the working one. [`swap`]: put in its place between two frames.

pub mod account;
mod back;
mod front;
pub mod histogram;
mod intake;
mod live;
mod meter;
pub mod shadow;
mod spool;
pub mod swap;
pub mod turns;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sluis_camera::Driver;
use sluis_frame::{CameraId, Cleared, Clock, Event, Exclusion, Finding, Frame, Header, Mask, Style, SystemClock};
use sluis_guard::{Floor, Guard, Judge};
use sluis_segment::Recorder;
use sluis_stage::{AuditChamber, FilterChamber, GestureChamber};

pub use account::{Account, Progress, Station, Times};
pub use histogram::Histogram;
pub use intake::Taken;
pub use live::Live;
pub use meter::Meter;
pub use shadow::{Chamber, Shadow, Side, Trial};
pub use spool::Spool;
pub use swap::{Change, Order};
pub use turns::Turns;

use self::intake::{Intake, Open};
use self::turns::Share;
use crate::config::Schedule;
use crate::events::{Log, Tell, Throttled};

/// What a camera's pipeline is made of.
pub struct Parts {
    /// Where frames come from.
    pub driver: Box<dyn Driver>,
    /// What the host itself sees.
    pub floor: Floor,
    /// What makes pictures that may be kept. `None` keeps none: every frame is recorded as a blank with its time.
    pub redaction: Option<Redaction>,
    /// Counts who looks at the camera's screen, if that is asked for.
    pub meter: Option<Meter>,
    /// Delay line, tracks and hold.
    pub guard: Guard,
    /// Paints, and decides what may be kept.
    pub judge: Arc<Judge>,
    /// The gesture detector of this camera, if one is installed.
    pub gestures: Option<GestureChamber>,
    /// Where cleared frames go. `None` keeps nothing: only [`watch`](Self::watch) sees them.
    pub recorder: Option<Recorder>,
    /// How masks look.
    pub style: Style,
    /// Looks at every cleared frame after it is recorded.
    pub watch: Box<dyn Watch>,
    /// What is let in.
    pub admission: Admission,
    /// Where frames of a live camera wait that there is no time for. `None` drops them.
    pub spool: Option<Arc<Spool>>,
    /// What all cameras share.
    pub common: Common,
}

/// What is let in from a camera. What is not does not enter: it is not counted, and nothing looks at it.
#[derive(Debug, Clone)]
pub struct Admission {
    /// When the camera may see.
    pub schedule: Schedule,
    /// What it may not see.
    pub exclusion: Exclusion,
    /// End after this much of the camera's own time.
    pub limit: Option<Duration>,
}

/// What the pipelines of all cameras share.
#[derive(Debug, Clone)]
pub struct Common {
    /// Who may compute now.
    pub turns: Arc<Turns>,
    /// Who is told what happens.
    pub tell: Arc<dyn Tell>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A pipeline at work.
#[derive(Debug)]
pub struct Running {
    camera: CameraId,
    live: Arc<Live>,
    independent: bool,
    intake: JoinHandle<Box<dyn Driver>>,
    front: JoinHandle<Result<(), sluis_camera::Error>>,
    back: JoinHandle<Result<(), Error>>,
}

/// A pipeline that is over.
#[derive(Debug)]
pub struct Over {
    /// What became of the frames. After a fault of the program it may tell of fewer than there were.
    pub account: Account,
    /// The camera, which may have more frames; or why the pipeline could not go on.
    pub ended: Result<Driven, Error>,
}

/// A camera whose pipeline has ended in order.
pub struct Driven(pub Box<dyn Driver>);

/// What makes pictures of a camera that may be kept.
#[derive(Debug)]
pub struct Redaction {
    /// The privacy filter.
    pub filter: FilterChamber,
    /// The auditor.
    pub audit: AuditChamber,
    /// Whether the auditor's detector is of another family than the filter's.
    pub independent: bool,
}

/// Somebody who looks at cleared frames: a contact sheet, a video, a progress bar.
pub trait Watch: Send {
    /// Called for every cleared frame of the camera with the events that were told at it, in order, on the pipeline's thread.
    ///
    /// # Errors
    ///
    /// An error ends the camera's pipeline.
    fn see(&mut self, frame: &Frame<Cleared>, events: &[Event]) -> Result<(), WatchError>;

    /// Called for every frame of which the audit did not pass the first masking, before it is seen. There is no picture: nobody has cleared one.
    fn rejected(&mut self, _frame: &Header, _masks: &[Mask], _findings: &[Finding]) {}

    /// Called once, after the last frame.
    ///
    /// # Errors
    ///
    /// An error voids the camera's run.
    fn finish(&mut self) -> Result<(), WatchError>;
}

/// Nobody looks on.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn see(&mut self, _: &Frame<Cleared>, _: &[Event]) -> Result<(), WatchError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), WatchError> {
        Ok(())
    }
}

/// Why somebody could not look on.
pub type WatchError = Box<dyn std::error::Error + Send + Sync>;

/// Tells pipelines to end gracefully: what is on the delay line is still masked, audited and sealed.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// A pipeline that could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The camera failed.
    #[error(transparent)]
    Camera(#[from] sluis_camera::Error),
    /// Nothing can be recorded.
    #[error(transparent)]
    Segment(#[from] sluis_segment::Error),
    /// Somebody who looks at cleared frames failed.
    #[error("camera {camera}: {source}")]
    Watch {
        /// Which camera.
        camera: CameraId,
        /// What went wrong.
        source: WatchError,
    },
    /// A thread of the pipeline panicked.
    #[error(
        "camera {camera}: the pipeline stopped by a fault of the program; its open segment is recovered at the next start"
    )]
    Panicked {
        /// Which camera.
        camera: CameraId,
    },
}

/// Frames between front and back: a few, so that raw pictures wait on the delay line and not here.
const BETWEEN: usize = 2;

/// Runs a camera to its end.
///
/// # Errors
///
/// [`Error`] when the camera, the recorder or a watcher fails. Frames that were not recorded then are counted as dropped in no account: the run is void.
pub fn run(parts: Parts, stop: &Stop) -> Result<Account, Error> {
    let Over { account, ended } = Running::start(parts, stop).join();
    ended.map(|_| account)
}

// === impl Common ===

impl Default for Common {
    /// For one run on this machine: all its processors, its clock, events to the log.
    fn default() -> Self {
        let turns = Arc::new(Turns::of_this_machine());
        Self { turns, tell: Arc::new(Throttled::new(Log)), clock: Arc::new(SystemClock) }
    }
}

// === impl Running ===

impl Running {
    /// Starts a pipeline. It ends with the camera, when `stop` asks for it, or when something fails.
    pub fn start(parts: Parts, stop: &Stop) -> Self {
        let Parts {
            mut driver,
            floor,
            redaction,
            meter,
            guard,
            judge,
            gestures,
            recorder,
            style,
            watch,
            admission,
            spool,
            common,
        } = parts;
        let Common { turns, tell, clock } = common;
        let camera = driver.description().camera.clone();
        let (to_back, from_front) = mpsc::sync_channel(BETWEEN);
        let (findings_to_front, findings) = mpsc::channel();
        let (filter, audit) = match redaction {
            Some(Redaction { filter, audit, independent }) => (Some(filter), Some((audit, independent))),
            None => (None, None),
        };
        // Of what is not kept there is no verdict that could be anything else.
        let independent = audit.as_ref().is_none_or(|(_, independent)| *independent);
        let intake = Arc::new(Intake::new(driver.description(), driver.is_live(), admission, spool));
        let live = Arc::new(Live::new(Arc::clone(&intake)));
        let share = Share::default();
        let front = front::Front {
            camera: camera.clone(),
            intake: Open(Arc::clone(&intake)),
            live: Arc::clone(&live),
            turns: Arc::clone(&turns),
            share: share.clone(),
            tell: Arc::clone(&tell),
            floor,
            filter,
            meter,
            guard,
            findings,
            seen: account::Seen::default(),
            drops: front::Drops::default(),
            shadow: None,
            line: front::Line::default(),
        };
        let back = back::Back {
            camera: camera.clone(),
            live: Arc::clone(&live),
            turns,
            share,
            tell,
            clock,
            judge,
            findings: findings_to_front,
            audit,
            gestures,
            recorder,
            style,
            watch,
            decided: account::Decided::default(),
            stepped_up: None,
            shadow: None,
        };
        let asked = stop.clone();
        Self {
            camera,
            live,
            independent,
            intake: thread::spawn(move || {
                let intake = intake::Camera(intake);
                intake.0.run(driver.as_mut(), &asked);
                driver
            }),
            front: thread::spawn(move || front.run(&to_back)),
            back: thread::spawn(move || back.run(&from_front)),
        }
    }

    /// What can be seen of it, now and after.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Waits until it is over.
    pub fn join(self) -> Over {
        let Self { camera, live, independent, intake, front, back } = self;
        let panicked = || Error::Panicked { camera: camera.clone() };
        let front = front.join().map_err(|_| panicked()).and_then(|result| result.map_err(Error::from));
        let driver = intake.join().map_err(|_| panicked());
        // When the recorder fails, the front ends because nobody listens: the back's error is the cause.
        let back = back.join().map_err(|_| panicked()).and_then(|result| result);
        let ended = back.and(front).and(driver).map(Driven);
        let mut progress = live.progress();
        progress.back.over = true;
        Over { account: progress.account(camera, independent), ended }
    }
}

// === impl Stop ===

impl Stop {
    /// Asks for the end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("camera", &self.driver.description().camera).finish_non_exhaustive()
    }
}

impl fmt::Debug for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Driven").field(&self.0.description().camera).finish()
    }
}
