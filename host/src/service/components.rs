//! Components that come while cameras run, in the process that sees: tried beside those at work, and put in their places.

use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluis_frame::CameraId;
use sluis_registry::{Release, Sha256};
use sluis_stage::World;

use super::bundle;
use super::control::ToKeep;
use super::eye::Eye;
use super::trial::Setback;
use crate::assembly::{self, Bundle, Loaded, Place};
use crate::pipeline::{Live, Order, Shadow, Trial};

/// A camera's pipeline that runs.
#[derive(Debug)]
pub(super) struct AtWork {
    pub(super) live: Arc<Live>,
    place: Place,
}

/// A component that is tried.
#[derive(Debug)]
pub(super) struct OnTrial {
    loaded: Loaded,
    release: Sha256,
    share: f64,
    seen: Arc<Mutex<Trial>>,
    /// Where it is tried; `None` while no camera runs that it is for.
    camera: Option<CameraId>,
}

impl Eye {
    /// Tries a component. It is loaded on a thread of its own: cameras go on meanwhile.
    pub(super) fn try_out(self: &Arc<Self>, bundle: File, share: f64) {
        self.handed(bundle, move |eye, bundle| {
            let release = digest_of(&bundle);
            let loaded = eye.assembly.load(bundle)?;
            let on_trial = OnTrial { loaded, release, share, seen: Arc::default(), camera: None };
            eye.end_trial();
            *eye.trial() = Some(on_trial);
            eye.place_trial()
        });
    }

    /// Ends the trial that is going on.
    pub(super) fn end_trial(&self) {
        let Some(OnTrial { camera: Some(camera), .. }) = self.trial().take() else { return };
        if let Some(at_work) = self.at_work().get(&camera) {
            at_work.live.order(Order::EndTrial);
        }
    }

    /// Puts a component in the place of the one of its world, on all cameras.
    pub(super) fn put_in(self: &Arc<Self>, bundle: File) {
        self.handed(bundle, |eye, bundle| {
            let release = digest_of(&bundle);
            let tried = eye.trial().take_if(|trial| trial.release == release);
            if let Some(camera) = tried.as_ref().and_then(|trial| trial.camera.clone())
                && let Some(at_work) = eye.at_work().get(&camera)
            {
                at_work.live.order(Order::EndTrial);
            }
            let loaded = tried.map_or_else(|| eye.assembly.load(bundle), |trial| Ok(trial.loaded))?;
            let at_work = eye.at_work();
            let changes = at_work.values().filter_map(|running| {
                let change = eye.assembly.change(&loaded, &running.place).transpose()?;
                Some(change.map(|change| (&running.live, change)))
            });
            // All of them or none.
            let changes = changes.collect::<Result<Vec<_>, assembly::Error>>()?;
            let component = World::ALL.into_iter().find(|world| world.name() == loaded.component().world);
            eye.assembly.replace(loaded);
            changes.into_iter().for_each(|(live, change)| live.order(Order::PutIn(change)));
            if let Some(component) = component {
                let _ = eye.control.say(&ToKeep::PutIn { component }, None);
            }
            Ok(())
        });
    }

    /// A camera's pipeline has begun. It was made after so many changes.
    pub(super) fn begun(&self, camera: &CameraId, live: &Arc<Live>, place: Place, changes: u64) {
        {
            let mut at_work = self.at_work();
            // What was put in while it was made. If that fails here, the next pipeline has it.
            let missed = self.assembly.since(changes, &place).unwrap_or_default();
            missed.into_iter().for_each(|change| live.order(Order::PutIn(change)));
            at_work.insert(camera.clone(), AtWork { live: Arc::clone(live), place });
        }
        self.continue_trial();
    }

    /// A camera's pipeline is over.
    pub(super) fn over(&self, camera: &CameraId) {
        self.at_work().remove(camera);
        if let Some(trial) = self.trial().as_mut().filter(|trial| trial.camera.as_ref() == Some(camera)) {
            trial.camera = None;
        }
        self.continue_trial();
    }

    /// What has been seen of the component that is tried.
    pub(super) fn seen_of_trial(&self) -> Option<Trial> {
        let trial = self.trial();
        trial.as_ref().map(|trial| *trial.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn continue_trial(&self) {
        if let Err(error) = self.place_trial() {
            *self.trial() = None;
            let _ = self.control.say(&ToKeep::Cannot { setback: setback(&error) }, None);
        }
    }

    /// Lets the trial go on at the first camera that it is for, if it is at none.
    fn place_trial(&self) -> Result<(), assembly::Error> {
        let mut trial = self.trial();
        let Some(trial) = trial.as_mut().filter(|trial| trial.camera.is_none()) else { return Ok(()) };
        for (camera, running) in self.at_work().iter() {
            let Some(change) = self.assembly.change(&trial.loaded, &running.place)? else { continue };
            let shadow = Shadow::new(change.chamber, trial.share, Arc::clone(&trial.seen));
            running.live.order(Order::Try(Box::new(shadow)));
            trial.camera = Some(camera.clone());
            break;
        }
        Ok(())
    }

    /// Does something with a bundle on a thread of its own; when that fails, `keep` is told why.
    fn handed(
        self: &Arc<Self>,
        mut file: File,
        what: impl FnOnce(&Self, Bundle) -> Result<(), assembly::Error> + Send + 'static,
    ) {
        let eye = Arc::clone(self);
        std::thread::spawn(move || {
            let done = bundle::read(&mut file).map_err(|_| Setback::Load);
            let done = done.and_then(|bundle| what(&eye, bundle).map_err(|error| setback(&error)));
            if let Err(setback) = done {
                let _ = eye.control.say(&ToKeep::Cannot { setback }, None);
            }
        });
    }

    fn trial(&self) -> MutexGuard<'_, Option<OnTrial>> {
        self.trial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_work(&self) -> MutexGuard<'_, std::collections::BTreeMap<CameraId, AtWork>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest_of(bundle: &Bundle) -> Sha256 {
    let models = bundle.models.iter().map(|(model, _)| model.clone()).collect();
    Release { component: bundle.component.clone(), models }.digest()
}

fn setback(error: &assembly::Error) -> Setback {
    match error {
        assembly::Error::Unfit(_) => Setback::Unfit,
        _ => Setback::Load,
    }
}
