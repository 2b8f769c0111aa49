//! The process that sees pictures.
//!
//! It begins as an ordinary process with one thread; takes its orders from the socket that is its standard input; gives up the network and all files but components,
//! models and its cameras; loads; gives up the rest; and only then opens a camera. When `keep` goes away, it ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sluis_confine::{Confinement, Network};
use sluis_frame::{CameraId, SystemClock};
use sluis_registry::{Home, Sha256};
use sluis_segment::handover::packets::Packets;

use super::camera::{Answer, Plan, Seat};
use super::components::{AtWork, OnTrial};
use super::control::{CameraPulse, Control, Pulse, ToEye, ToKeep};
use super::pauses::Pauses;
use crate::assembly::{Assembly, Choice};
use crate::config::{Camera, Config, Deferred, Driver};
use crate::events::{Event, Tell, Throttled};
use crate::pipeline::{Common, Turns};

/// What all parts of the process share.
#[derive(Debug)]
pub(super) struct Eye {
    pub(super) assembly: Assembly,
    pub(super) control: Arc<Control>,
    pub(super) tell: Arc<dyn Tell>,
    /// The pipelines that run.
    pub(super) live: Mutex<BTreeMap<CameraId, AtWork>>,
    /// The component that is tried beside one at work.
    pub(super) trial: Mutex<Option<OnTrial>>,
    /// The release that is being loaded to be tried.
    pub(super) wanted: Mutex<Option<Sha256>>,
    /// Cameras that have not ended for good.
    pub(super) seats: AtomicUsize,
    /// Called once for every pipeline as it starts; for tests that take the process over.
    pub(super) hook: Option<fn()>,
}

/// Tells events to `keep`.
#[derive(Debug)]
struct ToKeepEvents(Arc<Control>);

/// Why the process could not begin. It has seen no picture.
type Why = String;

/// How often `keep` is told how things are.
const PULSE: Duration = Duration::from_secs(1);

/// Exit codes: nothing to do any more; could not begin; `keep` is gone.
const COULD_NOT_BEGIN: u8 = 1;
const ORPHANED: u8 = 3;

/// Runs the process. `hook` is called as each pipeline starts, in a thread of this process, when everything is confined: a test takes the process over with it.
pub fn run(hook: Option<fn()>) -> ExitCode {
    let socket = match std::io::stdin().as_fd().try_clone_to_owned() {
        Ok(socket) => Packets::from(socket),
        Err(_) => return ExitCode::from(COULD_NOT_BEGIN),
    };
    let control = Arc::new(Control::over(socket));
    let Ok((ToEye::Begin { file, text, home }, _)) = control.hear(None) else {
        return ExitCode::from(ORPHANED);
    };
    match begin(&control, &file, &text, &home, hook) {
        Ok((eye, config)) => serve(&Arc::new(eye), &file, config),
        Err(why) => {
            let _ = control.say(&ToKeep::CannotBegin { why }, None);
            ExitCode::from(COULD_NOT_BEGIN)
        }
    }
}

/// Loads everything and confines the process.
fn begin(
    control: &Arc<Control>,
    file: &Path,
    text: &str,
    home: &Home,
    hook: Option<fn()>,
) -> Result<(Eye, Config), Why> {
    let config = Config::from_file_text(file, text).map_err(|e| e.to_string())?;
    // The time zone is looked up while files can still be read.
    let _ = config.schedule();
    let nowhere = File::options().write(true).open("/dev/null").map_err(|e| format!("/dev/null: {e}"))?;
    let (confinement, opens_files) = walls(&config, home);
    let confined = confinement.begin().map_err(|e| e.to_string())?;
    let tell: Arc<dyn Tell> = Arc::new(Throttled::new(ToKeepEvents(Arc::clone(control))));
    let choice = Choice::of(&config);
    let common =
        Common { turns: Arc::new(Turns::of_this_machine()), tell: Arc::clone(&tell), clock: Arc::new(SystemClock) };
    let (assembly, _reader) = Assembly::new(home, &choice).map_err(|e| chain(&e))?;
    let assembly = assembly.sharing(common);
    // Recordings and devices are opened again and again; without them no file is needed any more.
    let confined = if opens_files { confined } else { confined.close_files() };
    quiet(&nowhere).map_err(|e| format!("standard error cannot be closed: {e}"))?;
    confined.seal().map_err(|e| e.to_string())?;
    let (control, live) = (Arc::clone(control), Mutex::default());
    let (trial, wanted, seats) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
    Ok((Eye { assembly, control, tell, live, trial, wanted, seats, hook }, config))
}

/// How the process is walled in under this configuration: its confinement, and whether it opens files once it is sealed. Under another configuration for which this is the
/// same, the same process can go on.
pub(super) fn walls(config: &Config, home: &Home) -> (Confinement, bool) {
    (confinement(config, home), config.cameras.iter().any(opens_files))
}

/// What the allocator and the thread library look at.
const SYSTEM: [&str; 3] = ["/proc/self", "/sys/fs/cgroup", "/sys/devices/system/cpu"];

/// What the process keeps of files and network.
fn confinement(config: &Config, home: &Home) -> Confinement {
    let recordings = config.cameras.iter().filter_map(|camera| camera.path.clone());
    let mut confinement = Confinement {
        read: recordings.chain(home.folders()).chain(SYSTEM.map(PathBuf::from)).collect(),
        largest_file: config.deferred().map_or(0, Deferred::bytes),
        ..Confinement::default()
    };
    for camera in &config.cameras {
        match camera.driver {
            Driver::File | Driver::Synthetic => {}
            Driver::Rtsp => confinement.network = Network::Isolated,
            Driver::V4l2 => confinement.devices.extend(camera.device.clone()),
            Driver::Realsense => {
                confinement.devices.extend(["/dev", "/dev/bus/usb"].map(PathBuf::from));
                // Where librealsense finds devices by their numbers.
                confinement.read.extend(["/sys", "/run/udev"].map(PathBuf::from));
            }
        }
    }
    confinement
}

fn opens_files(camera: &Camera) -> bool {
    match camera.driver {
        Driver::File | Driver::V4l2 | Driver::Realsense => true,
        Driver::Synthetic | Driver::Rtsp => false,
    }
}

/// From here on nothing that this process prints is seen by anybody: a log is no way out.
fn quiet(nowhere: &File) -> std::io::Result<()> {
    rustix::stdio::dup2_stdout(nowhere)?;
    rustix::stdio::dup2_stderr(nowhere)?;
    Ok(())
}

fn serve(eye: &Arc<Eye>, file: &Path, config: Config) -> ExitCode {
    let loaded = eye.assembly.releases();
    if eye.control.say(&ToKeep::Ready { loaded }, None).is_err() {
        return ExitCode::from(ORPHANED);
    }
    let pulsing = Arc::clone(eye);
    thread::spawn(move || pulse(&pulsing));
    let mut seats: BTreeMap<CameraId, Seat> = BTreeMap::new();
    // Of cameras that have gone from the configuration: what is on their way is still sealed.
    let mut leaving: Vec<Seat> = Vec::new();
    let mut config = Arc::new(config);
    let mut pauses = Pauses::default();
    loop {
        let Ok((message, socket)) = eye.control.hear::<ToEye>(None) else {
            // `keep` is gone, and with it whatever could be sealed.
            return ExitCode::from(ORPHANED);
        };
        match message {
            ToEye::Begin { .. } => {}
            ToEye::Go => {
                for camera in config.cameras.clone() {
                    let plan = Plan { paused: pauses.of(camera.id()), config: Arc::clone(&config), camera };
                    seats.insert(plan.camera.id().clone(), Seat::take(eye, plan));
                }
            }
            ToEye::Pauses(new) => {
                pauses = new;
                seats.values().filter(|seat| !seat.is_left()).for_each(|seat| seat.pause(&pauses));
            }
            ToEye::Change { text } => match Config::from_file_text(file, &text) {
                Ok(new) => {
                    config = Arc::new(new);
                    leaving.retain(|seat| !seat.is_left());
                    let changed = change(eye, &mut seats, &mut leaving, &config, &pauses);
                    let _ = eye.control.say(&changed, None);
                }
                // `keep` has checked it: it cannot be.
                Err(_) => eye.tell.tell(Event::NotReloaded),
            },
            ToEye::Line { camera } => {
                if let (Some(seat), Some(socket)) = (seats.get(&camera), socket) {
                    seat.answer(Answer::Line(Packets::from(socket)));
                }
            }
            ToEye::Spool { camera } => {
                if let Some(seat) = seats.get(&camera) {
                    seat.answer(Answer::Spool(socket.map(File::from)));
                }
            }
            ToEye::Reached { camera, credentials } => {
                if let (Some(seat), Some(line)) = (seats.get(&camera), socket) {
                    seat.answer(Answer::Reached(UnixStream::from(line), credentials));
                }
            }
            ToEye::Unreachable { camera, fault } => {
                if let Some(seat) = seats.get(&camera) {
                    seat.answer(Answer::Unreachable(fault));
                }
            }
            ToEye::Try { release, share_percent } => {
                if let Some(bundle) = socket {
                    eye.try_out(release, File::from(bundle), f64::from(share_percent) / 100.0);
                }
            }
            ToEye::EndTrial => eye.end_trial(),
            ToEye::PutIn { release } => {
                if let Some(bundle) = socket {
                    eye.put_in(release, File::from(bundle));
                }
            }
            ToEye::End => {
                seats.values().for_each(Seat::leave);
                let ending: Vec<Seat> = std::mem::take(&mut seats).into_values().chain(leaving.drain(..)).collect();
                // Meanwhile it is listened on: when `keep` goes away, so does this process.
                thread::spawn(move || {
                    ending.into_iter().for_each(Seat::wait);
                    std::process::exit(0);
                });
            }
        }
    }
}

/// Puts another configuration in force. Cameras that are the same in it go on untouched.
fn change(
    eye: &Arc<Eye>,
    seats: &mut BTreeMap<CameraId, Seat>,
    leaving: &mut Vec<Seat>,
    config: &Arc<Config>,
    pauses: &Pauses,
) -> ToKeep {
    let (mut started, mut kept) = (0, 0);
    let gone: Vec<CameraId> =
        seats.keys().filter(|id| config.cameras.iter().all(|camera| camera.id() != *id)).cloned().collect();
    let stopped = gone.len() as u32;
    for seat in gone.iter().filter_map(|id| seats.remove(id)) {
        seat.leave();
        leaving.push(seat);
    }
    for camera in config.cameras.clone() {
        let plan = Plan { paused: pauses.of(camera.id()), config: Arc::clone(config), camera };
        match seats.get(plan.camera.id()) {
            Some(seat) if seat.is_as(&plan) => {
                seat.take_note(plan);
                kept += 1;
            }
            Some(seat) if !seat.is_left() => {
                seat.change(plan);
                started += 1;
            }
            _ => {
                seats.insert(plan.camera.id().clone(), Seat::take(eye, plan));
                started += 1;
            }
        }
    }
    ToKeep::Changed { started, stopped, kept }
}

/// Says how things are, every second, until nobody listens.
fn pulse(eye: &Arc<Eye>) {
    loop {
        let cameras = {
            let live = eye.live.lock().unwrap_or_else(PoisonError::into_inner);
            let of = |(camera, AtWork { live, .. }): (&CameraId, &AtWork)| CameraPulse {
                camera: camera.clone(),
                progress: live.progress(),
                busy: live.busy().collect(),
            };
            live.iter().map(of).collect::<Vec<_>>()
        };
        // A packet holds about ten cameras.
        let mut packets: Vec<_> = cameras.chunks(8).collect();
        if packets.is_empty() {
            packets.push(&[]);
        }
        for cameras in packets {
            if eye.control.say(&ToKeep::Pulse(Pulse { cameras: cameras.to_vec() }), None).is_err() {
                return;
            }
        }
        if let Some((release, seen)) = eye.seen_of_trial()
            && eye.control.say(&ToKeep::Tried { release, seen: Box::new(seen) }, None).is_err()
        {
            return;
        }
        eye.move_trial_on();
        thread::sleep(PULSE);
    }
}

impl Eye {
    /// A camera has ended for good; when it was the last one, `keep` is told.
    pub(super) fn ended(&self) {
        if self.seats.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = self.control.say(&ToKeep::Idle, None);
        }
    }
}

impl Tell for ToKeepEvents {
    fn tell(&self, event: Event) {
        // When nobody listens any more the process is about to end.
        let _ = self.0.say(&ToKeep::Event(event), None);
    }
}

/// An error with all its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |e| e.source()).map(|e| format!(": {e}"));
    format!("{error}{}", causes.collect::<String>())
}

/// Loads components in a process of its own, so that their compiled code is there when `eye` may write no file any more.
///
/// # Errors
///
/// What is missing, in words.
pub fn warm(home: &Home, config: &Config) -> Result<(), String> {
    compile_within_walls(home)?;
    Assembly::new(home, &Choice::of(config)).map(|_| ()).map_err(|e| chain(&e))
}

/// Compiles and tries the release of the component `name` with this digest, in force or a candidate, and writes it in a bundle: for the process that sees, which may not do it
/// itself.
///
/// # Errors
///
/// [`NotPacked`]: why it is refused, or why that could not be found out now.
pub fn pack(home: &Home, name: &str, digest: &str, to: &mut impl std::io::Write) -> Result<(), NotPacked> {
    let not_now = |e: sluis_registry::Error| NotPacked::NotNow(chain(&e));
    let standing = home.standing(name).map_err(not_now)?;
    let component = home.manifest().map_err(not_now)?.component(name).cloned();
    let in_force = component.map(|component| home.release(&component)).transpose().map_err(not_now)?;
    let releases = standing.candidate.into_iter().chain(in_force);
    let release = releases.into_iter().find(|release| release.digest().to_string() == digest);
    let release = release.ok_or_else(|| NotPacked::NotNow(format!("`{name}` has no such release any more")))?;
    compile_within_walls(home).map_err(NotPacked::NotNow)?;
    super::bundle::pack(home, &release, to)
}

/// What compiles and tries components of partners reads the home, and writes compiled code and what is open already. It keeps no secret and sees no picture. The network is not taken from
/// it: that is a part of the second wall, which would also take what compiling needs.
fn compile_within_walls(home: &Home) -> Result<(), String> {
    home.code_key().map_err(|e| chain(&e))?;
    let code = home.code_folder();
    std::fs::create_dir_all(&code).map_err(|e| format!("{}: {e}", code.display()))?;
    let read = home.folders().into_iter().chain(SYSTEM.map(PathBuf::from)).collect();
    let walls = Confinement { read, write: vec![code], ..Confinement::default() };
    walls.begin().map(drop).map_err(|e| e.to_string())
}

/// Why a release was not packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPacked {
    /// The engine refuses it: it will each time.
    Refused(String),
    /// It takes too long: it always will, unless the machine had other things to do.
    TooSlow(String),
    /// Something else failed, and may not the next time.
    NotNow(String),
}

/// The exit code of a process that packs when the engine refuses the release.
pub const REFUSED: u8 = 5;
