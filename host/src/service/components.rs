//! Components that come while cameras run, in the process that sees: tried beside those at work, and put in their places.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use sluis_frame::CameraId;
use sluis_registry::Sha256;
use sluis_stage::World;

use super::bundle;
use super::control::ToKeep;
use super::eye::Eye;
use super::trial::Setback;
use crate::assembly::{self, Bundle, Loaded, Place};
use crate::pipeline::{Change, Live, Order, Trial};

/// A camera's pipeline that runs.
#[derive(Debug)]
pub(super) struct AtWork {
    pub(super) live: Arc<Live>,
    place: Place,
    /// When it began, or a trial last came to it.
    since: Instant,
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

/// How long it is waited for cameras to give the frame before which a component is put in.
const OBEYED: Duration = Duration::from_secs(5);

/// How long a trial is at one camera, while there are others: there may be nobody to be seen.
const STAY: Duration = Duration::from_secs(600);

impl Eye {
    /// Tries a component. It is loaded on a thread of its own: cameras go on meanwhile.
    pub(super) fn try_out(self: &Arc<Self>, release: Sha256, bundle: File, share: f64) {
        self.end_trial();
        *self.wanted() = Some(release);
        self.handed(release, bundle, move |eye, bundle| {
            let loaded = eye.assembly.load(bundle)?;
            // While it was loaded, the trial may have been ended.
            if eye.wanted().take_if(|wanted| *wanted == release).is_some() {
                *eye.trial() = Some(OnTrial { loaded, release, share, seen: Arc::default(), camera: None });
            }
            eye.place_trial()
        });
    }

    /// Ends the trial that is going on.
    pub(super) fn end_trial(&self) {
        *self.wanted() = None;
        let Some(OnTrial { camera: Some(camera), .. }) = self.trial().take() else { return };
        if let Some(at_work) = self.at_work().get(&camera) {
            at_work.live.order(Order::EndTrial);
        }
    }

    /// Puts a component in the place of the one of its world, on all cameras.
    pub(super) fn put_in(self: &Arc<Self>, release: Sha256, bundle: File) {
        self.handed(release, bundle, move |eye, bundle| {
            let tried = eye.trial().take_if(|trial| trial.release == release);
            if let Some(camera) = tried.as_ref().and_then(|trial| trial.camera.clone())
                && let Some(at_work) = eye.at_work().get(&camera)
            {
                at_work.live.order(Order::EndTrial);
            }
            let loaded = tried.map_or_else(|| eye.assembly.load(bundle), |trial| Ok(trial.loaded))?;
            let changes = eye.places().into_iter().filter_map(|(camera, live, place)| {
                let change = eye.assembly.change(&loaded, &place).transpose()?;
                Some(change.map(|change| (camera, live, change)))
            });
            // All of them or none.
            let changes = changes.collect::<Result<Vec<_>, assembly::Error>>()?;
            let component = World::ALL.into_iter().find(|world| world.name() == loaded.component().world);
            let before = eye.assembly.changes();
            let mut others = Vec::new();
            {
                let at_work = eye.at_work();
                eye.assembly.replace(loaded);
                for (camera, running) in at_work.iter() {
                    let had = changes.iter().any(|(of, live, _)| of == camera && Arc::ptr_eq(live, &running.live));
                    if !had {
                        others.push((Arc::clone(&running.live), running.place.clone()));
                    }
                }
            }
            let (obeyed, all_obeyed) = mpsc::channel();
            let order = |live: &Live, mut change: Change| {
                change.obeyed = Some(obeyed.clone());
                live.order(Order::PutIn(Box::new(change)));
            };
            changes.into_iter().for_each(|(_, live, change)| order(&live, change));
            // Pipelines that have begun meanwhile with what was at work before.
            for (live, place) in others {
                eye.assembly.since(before, &place)?.into_iter().for_each(|change| order(&live, change));
            }
            // It closes when all have. A camera that gives no frames obeys with its next one.
            drop(obeyed);
            let _ = all_obeyed.recv_timeout(OBEYED);
            if let Some(component) = component {
                let _ = eye.control.say(&ToKeep::PutIn { release, component }, None);
            }
            Ok(())
        });
    }

    /// A camera's pipeline has begun. It was made after so many changes.
    pub(super) fn begun(&self, camera: &CameraId, live: &Arc<Live>, place: Place, changes: u64) {
        let at_work = AtWork { live: Arc::clone(live), place: place.clone(), since: Instant::now() };
        self.at_work().insert(camera.clone(), at_work);
        // What was put in while it was made. If that fails here, the next pipeline has it.
        let missed = self.assembly.since(changes, &place).unwrap_or_default();
        missed.into_iter().for_each(|change| live.order(Order::PutIn(Box::new(change))));
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

    /// Lets the trial go on at the next camera, when it has been at one for long. What was seen so far is kept.
    pub(super) fn move_trial_on(self: &Arc<Self>) {
        {
            let (mut trial, at_work) = (self.trial(), self.at_work());
            let is_long = |running: &AtWork| at_work.len() > 1 && running.since.elapsed() > STAY;
            let camera = trial
                .as_mut()
                .and_then(|trial| trial.camera.take_if(|camera| at_work.get(&*camera).is_some_and(is_long)));
            let Some(running) = camera.and_then(|camera| at_work.get(&camera)) else { return };
            running.live.order(Order::EndTrial);
        }
        let eye = Arc::clone(self);
        // Not on this thread, which has to say every second how things are.
        std::thread::spawn(move || eye.continue_trial());
    }

    /// What has been seen of the component that is tried.
    pub(super) fn seen_of_trial(&self) -> Option<(Sha256, Trial)> {
        let trial = self.trial();
        let seen = |trial: &OnTrial| *trial.seen.lock().unwrap_or_else(PoisonError::into_inner);
        trial.as_ref().map(|trial| (trial.release, seen(trial)))
    }

    fn continue_trial(&self) {
        if let Err(error) = self.place_trial()
            && let Some(OnTrial { release, .. }) = self.trial().take()
        {
            let _ = self.control.say(&ToKeep::Cannot { release, setback: setback(&error) }, None);
        }
    }

    /// Lets the trial go on at the next camera that it is for, if it is at none. Chambers are made without holding anybody up: that may take a component's whole time.
    fn place_trial(&self) -> Result<(), assembly::Error> {
        let waiting = |trial: &OnTrial| trial.camera.is_none();
        let Some((loaded, release, share, seen)) = self
            .trial()
            .as_ref()
            .filter(|trial| waiting(trial))
            .map(|trial| (trial.loaded.clone(), trial.release, trial.share, Arc::clone(&trial.seen)))
        else {
            return Ok(());
        };
        for (camera, live, place) in self.places() {
            let Some(shadow) = self.assembly.trial(&loaded, &place, share, Arc::clone(&seen))? else { continue };
            let mut trial = self.trial();
            let Some(trial) = trial.as_mut().filter(|trial| trial.release == release && waiting(trial)) else {
                return Ok(());
            };
            live.order(Order::Try(Box::new(shadow)));
            // One that has ended meanwhile will not say so again.
            if let Some(running) = self.at_work().get_mut(&camera) {
                (running.since, trial.camera) = (Instant::now(), Some(camera));
            }
            return Ok(());
        }
        Ok(())
    }

    /// The pipelines that run. That at which nothing was tried for the longest time comes first.
    fn places(&self) -> Vec<(CameraId, Arc<Live>, Place)> {
        let at_work = self.at_work();
        let mut pipelines: Vec<_> = at_work.iter().collect();
        pipelines.sort_by_key(|(_, running)| running.since);
        let of = |(camera, running): (&CameraId, &AtWork)| {
            (camera.clone(), Arc::clone(&running.live), running.place.clone())
        };
        pipelines.into_iter().map(of).collect()
    }

    /// Does something with a bundle on a thread of its own; when that fails, `keep` is told why.
    fn handed(
        self: &Arc<Self>,
        release: Sha256,
        mut file: File,
        what: impl FnOnce(&Self, Bundle) -> Result<(), assembly::Error> + Send + 'static,
    ) {
        let eye = Arc::clone(self);
        std::thread::spawn(move || {
            let bundle = bundle::read(&mut file).ok().filter(|bundle| bundle.release().digest() == release);
            let work = || bundle.map_or(Err(Setback::Load), |bundle| what(&eye, bundle).map_err(|e| setback(&e)));
            let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Setback::Crash));
            if let Err(setback) = done {
                let _ = eye.control.say(&ToKeep::Cannot { release, setback }, None);
            }
        });
    }

    fn trial(&self) -> MutexGuard<'_, Option<OnTrial>> {
        self.trial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> MutexGuard<'_, Option<Sha256>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_work(&self) -> MutexGuard<'_, BTreeMap<CameraId, AtWork>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn setback(error: &assembly::Error) -> Setback {
    match error {
        assembly::Error::Unfit(_) => Setback::Unfit,
        _ => Setback::Load,
    }
}
