//! A loaded component, and what its chambers are given.

use std::fmt;
use std::sync::Arc;

use sluis_frame::{Calibration, CameraId, Pose, Size};

use crate::chamber::{AudienceChamber, AuditChamber, FilterChamber, GestureChamber};
use crate::contract::Linked;
use crate::digest::Digest;
use crate::error::{Error, Place};
use crate::inspect::Examined;
use crate::limits::Limits;
use crate::models::Models;
use crate::world::World;

/// A component that has been checked, compiled, linked and tried. Cheap to clone; it keeps its engine alive.
#[derive(Clone)]
pub struct Plugin(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    examined: Examined,
    linked: Linked,
    engine: wasmtime::Engine,
    models: Arc<Models>,
}

/// What a chamber is given when it is made.
#[derive(Debug, Clone)]
pub struct ChamberSettings {
    /// The camera that it serves.
    pub camera: CameraId,
    /// What it is told about that camera.
    pub facts: CameraFacts,
    /// Its settings: a JSON object, `{}` when there are none.
    pub settings: String,
    /// Its limits.
    pub limits: Limits,
    /// The models that it may load, by name.
    pub models: Vec<String>,
}

/// What a chamber is told about its camera. It holds for the life of the chamber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraFacts {
    /// The size of every picture.
    pub size: Size,
    /// Nominal pictures per second, above 0.
    pub rate: f64,
    /// Whether the camera has depth.
    pub depth: bool,
    /// How it hangs, where that is known. Components of contract 0.1 are not told.
    pub mount: Option<Mount>,
    /// How it sees, at `size`, where that is known. Components of contract 0.1 are not told.
    pub lens: Option<Calibration>,
}

/// How a camera hangs. Of its [`Pose`], what a chamber may know: not where in the shop it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mount {
    /// How high it is above the floor, in metres; above 0.
    pub height: f64,
    /// How far it looks down, in degrees: 0 is level, 90 straight down.
    pub tilt: f64,
    /// How far it is turned about its optical axis, in degrees, clockwise as it sees.
    pub roll: f64,
}

// === impl CameraFacts ===

impl CameraFacts {
    /// Pictures per second, times 1000: as the contract tells it.
    pub fn millihertz(&self) -> u32 {
        thousandths(self.rate) as u32
    }

    /// The mount as the contract tells it: height in millimetres; tilt and roll in thousandths of a degree.
    pub fn mount_in_thousandths(&self) -> Option<(u32, [i32; 2])> {
        let Mount { height, tilt, roll } = self.mount?;
        Some((thousandths(height).max(1.0) as u32, [tilt, roll].map(|degrees| thousandths(degrees) as i32)))
    }

    /// The lens as the contract tells it, in thousandths of a pixel: both focal lengths; where the optical axis meets the picture.
    pub fn lens_in_thousandths(&self) -> Option<([u32; 2], [i32; 2])> {
        let Calibration { fx, fy, cx, cy } = self.lens?;
        let focal = [fx, fy].map(|focal| thousandths(focal).max(1.0) as u32);
        Some((focal, [cx, cy].map(|pixels| thousandths(pixels) as i32)))
    }
}

/// Components are told whole numbers: of what is not whole, the nearest thousandth.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round()
}

// === impl Mount ===

impl Mount {
    /// How a camera of this pose hangs; `None` when it would be below the floor, which says nothing of how it hangs.
    pub fn of(pose: &Pose) -> Option<Self> {
        let [_, _, height] = pose.position;
        (height > 0.0).then_some(Self { height, tilt: pose.tilt, roll: pose.roll })
    }
}

// === impl Plugin ===

impl Plugin {
    pub(crate) fn new(
        name: Arc<str>,
        examined: Examined,
        linked: Linked,
        engine: wasmtime::Engine,
        models: Arc<Models>,
    ) -> Self {
        Self(Arc::new(Inner { name, examined, linked, engine, models }))
    }

    /// The name that it was loaded under.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its world.
    pub fn world(&self) -> World {
        self.0.examined.world
    }

    /// The SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        self.0.examined.sha256
    }

    /// What else is known of it.
    pub fn examined(&self) -> &Examined {
        &self.0.examined
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.0.name)
    }

    pub(crate) fn engine(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    pub(crate) fn models(&self) -> &Arc<Models> {
        &self.0.models
    }

    /// Makes the privacy filter of one camera.
    ///
    /// # Errors
    ///
    /// [`Error::WrongWorld`], [`Error::NoModel`], [`Error::Refused`], and how making it may fail: trap, time, memory,
    /// model.
    pub fn filter(&self, settings: &ChamberSettings) -> Result<FilterChamber, Error> {
        match &self.0.linked {
            Linked::Filter(component) => FilterChamber::new(self.clone(), component.clone(), settings.clone()),
            _ => Err(self.wrong(settings, World::PrivacyFilter)),
        }
    }

    /// Makes the auditor of one camera.
    ///
    /// # Errors
    ///
    /// As for [`filter`](Self::filter).
    pub fn audit(&self, settings: &ChamberSettings) -> Result<AuditChamber, Error> {
        match &self.0.linked {
            Linked::Audit(component) => AuditChamber::new(self.clone(), component.clone(), settings.clone()),
            _ => Err(self.wrong(settings, World::AnonymisationAudit)),
        }
    }

    /// Makes the gesture detector of one camera.
    ///
    /// # Errors
    ///
    /// As for [`filter`](Self::filter).
    pub fn gestures(&self, settings: &ChamberSettings) -> Result<GestureChamber, Error> {
        match &self.0.linked {
            Linked::Gestures(component) => GestureChamber::new(self.clone(), component.clone(), settings.clone()),
            _ => Err(self.wrong(settings, World::GestureDetector)),
        }
    }

    /// Makes the audience meter of one camera.
    ///
    /// # Errors
    ///
    /// As for [`filter`](Self::filter).
    pub fn audience(&self, settings: &ChamberSettings) -> Result<AudienceChamber, Error> {
        match &self.0.linked {
            Linked::Audience(component) => AudienceChamber::new(self.clone(), component.clone(), settings.clone()),
            _ => Err(self.wrong(settings, World::AudienceMeter)),
        }
    }

    fn wrong(&self, settings: &ChamberSettings, wanted: World) -> Error {
        let at = Place { plugin: self.shared_name(), camera: settings.camera.clone(), frame: None };
        Error::WrongWorld { at, found: self.world(), wanted }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.0.name)
            .field("world", &self.world())
            .field("sha256", &self.digest())
            .finish_non_exhaustive()
    }
}
