//! The process that keeps: vault, keys, deadlines, network, health. It starts the process that sees, watches it, ends it when a frame is stuck, and starts it again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;

use sd_notify::NotifyState;
use sluis_camera::Backoff;
use sluis_frame::{CameraId, SystemClock};
use sluis_registry::{Home, Release, Sha256};
use sluis_vault::record::{Component, ComponentModel};
use sluis_vault::{Record, Served, Vault};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::control::{Pulse, ToEye, ToKeep};
use super::health::Health;
use super::housekeeping::{Housekeeping, Orders, TellHouse, tell_reconciled};
use super::notice::Gate;
use super::now::Shown;
use super::pauses::Pauses;
use super::process::{Eye, Program};
use super::random;
use super::registry::Asked;
use super::rollout::{Packed, Rollout};
use super::tally::Tally;
use crate::bounded::Bounded;
use crate::breach;
use crate::config::{Config, ConfigError};
use crate::events::{Event, Tell};
use crate::keep::Made;
use crate::pipeline::Station;
use crate::rights::office;

/// What a service is made of.
#[derive(Debug)]
pub struct Service {
    /// The configuration's file: it is read again when it is asked for.
    pub file: PathBuf,
    /// What is in it.
    pub config: Config,
    /// Components and models.
    pub home: Home,
    /// The process that sees.
    pub eye: Program,
    /// Who is told what happens.
    pub tell: Arc<dyn Tell>,
}

/// The service could not begin, or not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The vault cannot be kept.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// Root secret, cloud or ledger cannot be used.
    #[error(transparent)]
    Place(#[from] crate::keep::PlaceError),
    /// Nothing can be served at this address.
    #[error(
        "cannot serve health and metrics at {address}: {source}. Name another address under `[service] listen`, or `false`"
    )]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The process that sees cannot be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// What was started.
        program: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The process that sees has looked at what is installed and cannot use it.
    #[error("cameras and components cannot begin: {0}")]
    CannotBegin(String),
    /// The system refuses something that every program needs.
    #[error("the system refused {what}: {source}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

/// What the main loop hears.
pub(super) enum News {
    /// A process that sees says something.
    Said(u64, ToKeep),
    /// It says nothing any more.
    Closed(u64),
    /// The segments of a run are all closed, recovered or lost.
    Kept { camera: CameraId, run: u64, served: Served },
    /// Something about deadlines, copies or partners.
    House(Event),
    /// A camera in the network was connected to, or could not be.
    Found(Box<Found>),
    /// What is paused was looked at.
    Pauses(Pauses),
    /// The registry was looked at.
    Asked(Box<Asked>),
    /// A version of a component is compiled and packed, or was refused.
    Packed(Box<Packed>),
    /// Compiled code was made for another configuration, or could not be.
    Warmed { reload: u64, config: Arc<Config>, warmed: Result<(), Error> },
}

/// What came of connecting to a camera in the network.
pub(super) struct Found {
    /// For which process that sees.
    pub(super) eye: u64,
    pub(super) camera: CameraId,
    pub(super) answer: ToEye,
    pub(super) line: Option<OwnedFd>,
    /// Ends the connection.
    pub(super) relay: Option<AbortHandle>,
}

/// The service at work.
pub(super) struct Keeper {
    pub(super) file: PathBuf,
    pub(super) config: Arc<Config>,
    pub(super) home: Home,
    pub(super) program: Program,
    told: Arc<dyn Tell>,
    pub(super) vault: Arc<Vault>,
    tally: Arc<Mutex<Tally>>,
    pub(super) news: mpsc::Sender<News>,
    pub(super) eye: Option<Eye>,
    /// Comes in its place: with other components.
    pub(super) next: Option<Eye>,
    /// When it is started again.
    again: Option<Instant>,
    backoff: Backoff,
    ids: u64,
    /// How often the configuration was read again.
    pub(super) reloads: u64,
    pub(super) runs: u64,
    /// Runs whose segments are not all closed.
    pub(super) open: HashMap<u64, CameraId>,
    stopping: Option<Instant>,
    /// What is paused, once that was looked at, and when it was.
    pauses: Option<Pauses>,
    looked: Instant,
    /// Updates of components.
    pub(super) rollout: Rollout,
    /// Whether another process takes the place of the one that was, with other components.
    replacing: bool,
    pub(super) announced: bool,
    /// Whether cameras may see.
    pub(super) gate: Gate,
    /// What was counted, for the page of the notice.
    pub(super) shown: Shown,
}

/// How often everything is looked at.
const TICK: Duration = Duration::from_millis(500);

/// How long a process that sees may say nothing. Its pulse comes every second, on a thread of its own.
const SILENCE: Duration = Duration::from_secs(15);

/// How long it may load. Compiled code is there by then.
const LOADING: Duration = Duration::from_secs(120);

/// How long what is paused may not have been looked at. Every second it is; else it is not known.
const UNLOOKED: Duration = Duration::from_secs(10);

/// How long a graceful end may take: the delay line and the last segments. Then it is ended by force, and what is left is recovered.
const GRACE: Duration = Duration::from_secs(25);

/// What is heard waits in a queue of this length; who speaks waits when it is full.
const NEWS: usize = 256;

/// Events of a process that sees that are told in a tick. It may have been taken over: its events are no way to fill a disk.
const EVENTS: u32 = 25;

/// Runs the service until it is told to end (SIGTERM, SIGINT), or every camera is a recording that is over. SIGHUP reads the configuration again.
///
/// # Errors
///
/// [`Error`], when it cannot begin. Later it goes on, whatever fails.
pub async fn run(service: Service) -> Result<(), Error> {
    let Service { file, config, home, eye: program, tell } = service;
    let on = |kind| signal(kind).map_err(|source| Error::System { what: "signals", source });
    let (mut term, mut int, mut hup) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?, on(SignalKind::hangup())?);
    // Not on a thread of the runtime: the cloud blocks, and what is to be destroyed or recovered takes its time.
    let (opened, (config, home)) = tokio::task::spawn_blocking(move || (open(&config, &home), (config, home)))
        .await
        .map_err(|e| Error::System { what: "a thread", source: e.into() })?;
    let vault = opened?;
    let start = vault.start();
    let recovered = start.recovery.recovered.len() + start.recovery.lost.len() + start.recovery.abandoned.len();
    if recovered > 0 {
        tracing::warn!(
            recovered = start.recovery.recovered.len(),
            lost = start.recovery.lost.len() + start.recovery.abandoned.len(),
            "segments had broken off when the service last ended"
        );
    }
    let mut tally = Tally::default();
    for camera in &config.cameras {
        tally.cameras.entry(camera.id().clone()).or_default();
    }
    let tally = Arc::new(Mutex::new(tally));
    let health = Health::new(Arc::clone(&tally), &config.vault.dir);
    if let Some(address) = config.service.listen.address() {
        let listener =
            tokio::net::TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
        let address = listener.local_addr().unwrap_or(address);
        tell.tell(Event::Serving { address });
        let router = health.router();
        tokio::spawn(async move { axum::serve(Bounded::new(listener), router).await });
    }
    // Else whoever publishes the first notice makes it, and may be another user.
    if let Some(Err(error)) = config.notice.as_ref().map(|_| crate::notice::store(&config).make()) {
        tracing::error!(error = &error as &dyn std::error::Error, "the notice's page cannot tell what the cameras do");
    }
    // It must be there when the process that sees confines itself. Where it cannot be made there are no updates.
    if let Err(error) = home.make_updates_folder() {
        tracing::warn!(error = &error as &dyn std::error::Error, "components cannot be updated while the service runs");
    }
    program.warm(&file, &home)?;
    let (news, mut heard) = mpsc::channel(NEWS);
    let (house, upload) = (news.clone(), config.cloud().map(|cloud| u64::from(cloud.upload_mbit.get()) * 125_000));
    let tell_house: TellHouse = Arc::new(move |event| {
        // When nobody listens any more, this process is about to end.
        let _ = house.blocking_send(News::House(event));
    });
    let found = vault.start().reconciled.clone();
    let paused = news.clone();
    let desk = match config.notice.as_ref().map(|_| office::desk(&config)) {
        Some(Err(error)) => {
            // Cameras do not wait for it, and whoever uses the desk is told why.
            tracing::error!(error = &error as &dyn std::error::Error, "the rights desk cannot be opened");
            None
        }
        desk => desk.transpose().ok().flatten(),
    };
    let orders = Orders {
        desk,
        breaches: config.notice.as_ref().map(|_| breach::register(&config)),
        paused: Arc::new(move |pauses| {
            let _ = paused.blocking_send(News::Pauses(pauses));
        }),
        vault: Arc::clone(&vault),
        tally: Arc::clone(&tally),
        tell: Arc::clone(&tell_house),
        upload,
        checkpoint: config.ledger.checkpoint_file.clone(),
    };
    let housekeeping = Housekeeping::start(orders).map_err(|source| Error::System { what: "a thread", source })?;
    std::thread::spawn(move || tell_reconciled(&found, &tell_house));
    let mut keeper = Keeper {
        file,
        config: Arc::new(config),
        home,
        program,
        told: tell,
        vault,
        tally,
        news,
        eye: None,
        next: None,
        again: None,
        backoff: Backoff::new(),
        ids: 0,
        reloads: 0,
        runs: 0,
        open: HashMap::new(),
        stopping: None,
        pauses: None,
        looked: Instant::now(),
        rollout: Rollout::default(),
        replacing: false,
        announced: false,
        gate: Gate::default(),
        shown: Shown::default(),
    };
    keeper.resume_rollout();
    keeper.eye = Some(keeper.start()?);
    let mut tick = tokio::time::interval(TICK);
    while !keeper.is_done() {
        tokio::select! {
            Some(news) = heard.recv() => keeper.hear(news)?,
            _ = tick.tick() => {
                keeper.look();
                keeper.look_at_notice();
                keeper.roll();
                keeper.show_now();
            }
            Some(()) = next(&mut term) => keeper.stop(),
            Some(()) = next(&mut int) => keeper.stop(),
            Some(()) = next(&mut hup) => keeper.reload(),
        }
    }
    keeper.settle();
    // Its threads tell what they do, so it is listened until they have ended.
    let vault = Arc::clone(&keeper.vault);
    let mut ended = tokio::task::spawn_blocking(move || {
        housekeeping.end();
        vault.stop();
    });
    loop {
        tokio::select! {
            Some(news) = heard.recv() => keeper.hear(news)?,
            _ = &mut ended => break,
        }
    }
    let fates: Vec<_> = keeper.tally().cameras.iter().map(|(id, camera)| (id.clone(), camera.fates())).collect();
    fates.into_iter().for_each(|(camera, fates)| keeper.tell(&Event::Totals { camera, fates }));
    keeper.tell(&Event::Stopped);
    Ok(())
}

/// Opens the vault of a configuration, and writes down what is in force.
fn open(config: &Config, home: &Home) -> Result<Arc<Vault>, Error> {
    let root = crate::keep::root(config, Made::AtFirst)?;
    let settings = crate::keep::settings(config)?;
    let store = crate::keep::store(&config.vault.dir)?;
    let vault = Arc::new(Vault::open(settings, Arc::new(SystemClock), store, &root)?);
    match crate::keep::second_belt(config) {
        Ok(Some(belt)) => tracing::info!(?belt, "the bucket's own lifecycle"),
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the bucket's own lifecycle could not be set");
        }
    }
    write_down(&vault, config, home);
    Ok(vault)
}

/// Writes into the ledger what is in force from now on.
pub(super) fn write_down(vault: &Vault, config: &Config, home: &Home) {
    let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, config.text().as_bytes()));
    let configuration = Record::Configuration {
        sha256: &sha256,
        retention_hours: (config.vault.retention().as_secs() / 3600) as u32,
        retention_reason: config.vault.retention_reason.as_ref().map(|reason| reason.localised().en.as_str()),
    };
    if let Err(error) = vault.archive().note(&configuration) {
        tracing::error!(error = &error as &dyn std::error::Error, "what is in force could not be written down");
    }
    write_down_components(vault, home);
}

/// Writes into the ledger which components are in force from now on.
pub(super) fn write_down_components(vault: &Vault, home: &Home) {
    let in_force = home.in_force().unwrap_or_default();
    let components = in_force.values().map(|Release { component, models }| Component {
        name: &component.name,
        version: &component.version,
        digest: component.artefact.as_ref().map(|artefact| artefact.sha256.to_string()),
        publisher: component.publisher.as_deref(),
        models: models.iter().map(|m| ComponentModel { name: &m.name, digest: m.sha256.to_string() }).collect(),
    });
    let components = Record::Components { components: components.collect() };
    if let Err(error) = vault.archive().note(&components) {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "which components are in force could not be written down"
        );
    }
}

async fn next(signal: &mut Signal) -> Option<()> {
    signal.recv().await
}

// === impl Keeper ===

impl Keeper {
    /// Starts a process that sees. It opens cameras when it is told to.
    pub(super) fn start(&mut self) -> Result<Eye, Error> {
        self.ids += 1;
        let begin =
            ToEye::Begin { file: self.file.clone(), text: self.config.text().to_owned(), home: self.home.clone() };
        let (id, news) = (self.ids, self.news.clone());
        let eye = self.program.start(id, Arc::clone(&self.config), &begin, move |said| {
            // When nobody listens any more, this process is about to end.
            let _ = news.blocking_send(said.map_or(News::Closed(id), |said| News::Said(id, said)));
        })?;
        self.tally().eye_starts += 1;
        Ok(eye)
    }

    fn hear(&mut self, news: News) -> Result<(), Error> {
        match news {
            News::Said(id, said) => self.take(id, said)?,
            News::Closed(id) => self.closed(id),
            News::Found(found) => self.found(*found),
            News::House(event) => self.tell(&event),
            News::Pauses(pauses) => {
                self.looked = Instant::now();
                self.obey(pauses);
            }
            News::Asked(asked) => self.asked(*asked),
            News::Packed(packed) => self.packed(*packed),
            News::Warmed { reload, config, warmed } => self.warmed(reload, &config, warmed),
            News::Kept { camera, run, served } => {
                self.open.remove(&run);
                self.tally().kept(&camera, run, served.frames);
                if served.recovered + served.lost + served.left > 0 {
                    let (recovered, lost) = (served.recovered, served.lost + served.left);
                    self.tell(&Event::SegmentsRecovered { camera, recovered, lost });
                }
                self.settle();
            }
        }
        Ok(())
    }

    fn take(&mut self, id: u64, said: ToKeep) -> Result<(), Error> {
        let current = self.eye.as_ref().is_some_and(|eye| eye.id == id && !eye.ending);
        match said {
            ToKeep::CannotBegin { why } if !self.announced => return Err(Error::CannotBegin(printable(&why))),
            ToKeep::CannotBegin { why } => {
                tracing::error!(why = printable(&why), "cameras and components cannot begin");
                self.next_failed(id);
            }
            ToKeep::Ready { loaded } => self.ready(id, loaded),
            ToKeep::Changed { started, stopped, kept } => self.tell(&Event::Reloaded { started, stopped, kept }),
            ToKeep::Pulse(Pulse { cameras }) => {
                if let Some(eye) = self.eye_of(id) {
                    eye.pulse = Instant::now();
                }
                let limit = Duration::from_secs(self.config.service.stuck_seconds.get().into());
                let mut stuck = None;
                for pulse in cameras {
                    let over = |(station, time): &&(Station, Duration)| match station {
                        // The disk may be slow: what waits for it is not stuck.
                        Station::Record => *time > 4 * limit,
                        _ => *time > limit,
                    };
                    stuck = stuck.or_else(|| pulse.busy.iter().find(over).map(|b| (pulse.camera.clone(), *b)));
                    self.tally().progress(&pulse.camera, pulse.progress, false);
                }
                if let Some((camera, (station, time))) = stuck {
                    let ms = time.as_millis() as u64;
                    self.tell(&Event::EyeStuck { camera: Some(camera), station: Some(station), ms });
                    self.stuck_at(Some(station));
                    self.end_by_force(id);
                }
            }
            ToKeep::Event(event) => self.pass_on(id, &event),
            ToKeep::Line { camera } => self.line(id, camera),
            ToKeep::Reach { camera } => self.reach(id, camera),
            ToKeep::Spool { camera } => self.spool(id, camera),
            ToKeep::Dropped { camera, frames } => self.tally().dropped(&camera, frames),
            ToKeep::Over { camera, progress } => {
                self.tally().progress(&camera, *progress, true);
                self.settle();
            }
            ToKeep::Tried { release, seen } if current => self.tried(release, *seen),
            ToKeep::PutIn { release, component } if current => self.is_put_in(release, component),
            ToKeep::Cannot { release, setback } if current => self.cannot(release, setback),
            ToKeep::Tried { .. } | ToKeep::PutIn { .. } | ToKeep::Cannot { .. } => {}
            ToKeep::Idle if current => self.stop(),
            ToKeep::Idle => {}
        }
        Ok(())
    }

    /// A process that sees has loaded and is confined.
    fn ready(&mut self, id: u64, loaded: Vec<(String, Sha256)>) {
        if let Some(eye) = self.eye_of(id) {
            (eye.ready, eye.pulse, eye.loaded) = (true, Instant::now(), loaded);
        }
        if self.eye.as_ref().is_some_and(|eye| eye.id == id) {
            self.go();
        } else if self.next.as_ref().is_some_and(|eye| eye.id == id) {
            match &mut self.eye {
                // Cameras can be opened once: first the old process closes them.
                Some(eye) => eye.ask_to_end(),
                None => self.take_over(),
            }
        }
    }

    /// The process with other components takes the place of the one that has ended.
    fn take_over(&mut self) {
        self.eye = self.next.take();
        self.replacing = self.eye.is_some();
        self.go();
    }

    /// The process with other components has failed: what runs goes on as it was.
    fn next_failed(&mut self, id: u64) {
        if self.next.take_if(|eye| eye.id == id).is_some() {
            if let Some(config) = self.eye.as_ref().map(|eye| Arc::clone(&eye.config)) {
                self.put_in_force(&config);
            }
            self.tell(&Event::NotReloaded);
        }
    }

    /// Lets the process that sees open its cameras, if the notice of what they do is published.
    pub(super) fn go(&mut self) {
        let waits = self.eye.as_ref().filter(|eye| eye.ready && !eye.going && self.stopping.is_none());
        let Some(config) = waits.map(|eye| Arc::clone(&eye.config)) else { return };
        if !self.may_see(&config) {
            // It is up all the same, and systemd is not to end it.
            return self.tell_up();
        }
        if let Some(eye) = &mut self.eye {
            eye.going = true;
            eye.say(&ToEye::Pauses(self.pauses.clone().unwrap_or_default()), None);
            eye.say(&ToEye::Go, None);
            let (process, loaded) = (eye.process(), std::mem::take(&mut eye.loaded));
            {
                let mut tally = self.tally();
                (tally.eye_ready, tally.eye_process) = (true, Some(process));
            }
            self.tell(&Event::EyeReady);
            self.note_at_work(loaded);
            if std::mem::take(&mut self.replacing) {
                let started = self.config.cameras.len() as u32;
                self.tell(&Event::Reloaded { started, stopped: 0, kept: 0 });
            }
            self.tell_up();
        }
    }

    /// A process that sees has closed its line: it has ended, or soon will.
    fn closed(&mut self, id: u64) {
        self.next_failed(id);
        let Some(mut eye) = self.eye.take_if(|eye| eye.id == id) else { return };
        let status = eye.end();
        {
            let mut tally = self.tally();
            tally.all_over();
            (tally.eye_ready, tally.eye_process) = (false, None);
        }
        self.settle();
        let graceful = eye.ending && status.is_some_and(|status| status.success());
        if self.stopping.is_some() {
            return;
        }
        if self.next.is_some() {
            self.take_over();
            if graceful {
                return;
            }
        }
        if !graceful {
            self.crashed();
        }
        let at_once = graceful || self.eye.is_some();
        let wait = if at_once { Duration::ZERO } else { self.backoff.after(eye.started.elapsed(), random) };
        self.again = self.eye.is_none().then(|| Instant::now() + wait);
        let (code, signal) = (status.and_then(|s| s.code()), status.and_then(|s| s.signal()));
        self.tell(&Event::EyeEnded { code, signal, again_in_ms: wait.as_millis() as u64 });
    }

    /// This is paused from now on. The process that sees is told when it is something new.
    fn obey(&mut self, pauses: Pauses) {
        let is_known = pauses != Pauses::Unknown;
        self.tally().pauses_unknown = !is_known;
        if self.pauses.as_ref() == Some(&pauses) {
            return;
        }
        if let Some(eye) = self.eye.as_mut().filter(|eye| eye.going && !eye.ending) {
            eye.say(&ToEye::Pauses(pauses.clone()), None);
        }
        self.pauses = Some(pauses);
        if !is_known {
            self.tell(&Event::PausesUnknown);
        }
    }

    /// An event that a process that sees tells: it is about a camera that there is, and there are not too many.
    fn pass_on(&mut self, id: u64, event: &Event) {
        if !event.camera().is_none_or(|camera| self.knows(camera)) {
            return;
        }
        let Some(eye) = self.eye_of(id) else { return };
        if eye.told >= EVENTS {
            eye.untold += 1;
            return;
        }
        eye.told += 1;
        self.tell(event);
    }

    /// Everything that is to be looked at again and again.
    fn look(&mut self) {
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        if self.looked.elapsed() > UNLOOKED {
            self.obey(Pauses::Unknown);
        }
        for id in [self.eye.as_ref().map(|e| e.id), self.next.as_ref().map(|e| e.id)].into_iter().flatten() {
            let Some(eye) = self.eye_of(id) else { continue };
            eye.told = 0;
            let untold = std::mem::take(&mut eye.untold);
            let (silent, limit) = (eye.pulse.elapsed(), if eye.ready { SILENCE } else { LOADING });
            if untold > 0 {
                self.tell(&Event::EventsLeftOut { events: untold });
            }
            if silent > limit {
                self.tell(&Event::EyeStuck { camera: None, station: None, ms: silent.as_millis() as u64 });
                self.end_by_force(id);
            }
        }
        if self.again.is_some_and(|at| at <= Instant::now()) && self.eye.is_none() && self.stopping.is_none() {
            self.again = None;
            match self.start() {
                Ok(eye) => self.eye = Some(eye),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the process that sees cannot be started"
                    );
                    self.again = Some(Instant::now() + self.backoff.after(Duration::ZERO, random));
                }
            }
        }
        if self.stopping.is_some_and(|since| since.elapsed() > GRACE)
            && let Some(id) = self.eye.as_ref().map(|eye| eye.id)
        {
            self.end_by_force(id);
        }
    }

    /// Ends gracefully: what is on its way is sealed.
    fn stop(&mut self) {
        if self.stopping.replace(Instant::now()).is_some() {
            return;
        }
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        self.next = None;
        if let Some(eye) = &mut self.eye {
            eye.ask_to_end();
        }
    }

    pub(super) const fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }

    fn settle(&mut self) {
        let lost = self.tally().settle();
        for (camera, frames) in lost {
            self.tell(&Event::FramesLost { camera, frames });
        }
    }

    fn is_done(&self) -> bool {
        self.stopping.is_some() && self.eye.is_none() && self.open.is_empty()
    }

    fn end_by_force(&mut self, id: u64) {
        if let Some(eye) = self.eye_of(id) {
            eye.kill();
        }
    }

    /// Whether there is such a camera.
    pub(super) fn knows(&self, camera: &CameraId) -> bool {
        self.config.cameras.iter().any(|known| known.id() == camera)
    }

    pub(super) fn eye_of(&mut self, id: u64) -> Option<&mut Eye> {
        [&mut self.eye, &mut self.next].into_iter().flatten().find(|eye| eye.id == id)
    }

    pub(super) fn tell(&self, event: &Event) {
        self.tally().note(event);
        self.told.tell(event.clone());
    }

    pub(super) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text of the process that sees, from before it has seen anything, for the log.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(2000).collect()
}
