//! The way of a frame, for one camera.
//!
//! Two threads share the work: [`front`] takes frames from the camera, asks the floor and the filter, and puts them on the guard's delay line;
//! [`back`] paints what leaves the delay line, has it audited, and records it. Only a bounded channel lies between them, so neither can run ahead.
//!
//! - [`Parts`]: what a camera's pipeline is made of.
//! - [`run`]: runs it to the end of the camera, or until it is told to stop.
//! - [`Meter`]: counts who looks at a screen, beside that way.
//! - [`account`]: what became of the frames.

pub mod account;
mod back;
mod front;
mod meter;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use sluis_camera::Driver;
use sluis_frame::{CameraId, Cleared, Event, Finding, Frame, Header, Mask, Style};
use sluis_guard::{Floor, Guard, Judge};
use sluis_segment::Recorder;
use sluis_stage::{AuditChamber, FilterChamber, GestureChamber};

pub use account::{Account, Station, Times};
pub use meter::Meter;

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
    /// End after this much of the camera's own time.
    pub limit: Option<Duration>,
    /// Looks at every cleared frame after it is recorded.
    pub watch: Box<dyn Watch>,
}

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

/// Frames between the two threads: a few, so that raw pictures wait on the delay line and not here.
const BETWEEN: usize = 2;

/// Runs a camera to its end.
///
/// # Errors
///
/// [`Error`] when the camera, the recorder or a watcher fails. Frames that were not recorded then are counted as dropped in no account: the run is void.
pub fn run(parts: Parts, stop: &Stop) -> Result<Account, Error> {
    let camera = parts.driver.description().camera.clone();
    let (to_back, from_front) = mpsc::sync_channel(BETWEEN);
    let (findings_to_front, findings) = mpsc::channel();
    let (filter, audit) = match parts.redaction {
        Some(Redaction { filter, audit, independent }) => (Some(filter), Some((audit, independent))),
        None => (None, None),
    };
    let front = front::Front {
        driver: parts.driver,
        floor: parts.floor,
        filter,
        meter: parts.meter,
        guard: parts.guard,
        findings,
        limit: parts.limit,
        times: Times::default(),
        failures: 0,
    };
    let back = back::Back {
        camera: camera.clone(),
        judge: parts.judge,
        findings: findings_to_front,
        audit,
        gestures: parts.gestures,
        recorder: parts.recorder,
        style: parts.style,
        watch: parts.watch,
        tally: back::Tally::default(),
        stepped_up: None,
    };
    thread::scope(|scope| {
        let front = scope.spawn(move || front.run(&to_back, stop));
        let back = scope.spawn(move || back.run(&from_front));
        let front = front.join().map_err(|_| Error::Panicked { camera: camera.clone() })?;
        let back = back.join().map_err(|_| Error::Panicked { camera: camera.clone() })?;
        // When the recorder fails, the front ends because nobody listens: the back's error is the cause.
        let back = back?;
        let front = front?;
        Ok(back.account(camera, front))
    })
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
