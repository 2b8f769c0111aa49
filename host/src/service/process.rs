//! The process that sees, from outside: started, spoken to, ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sluis_frame::CameraId;
use sluis_registry::{Home, Release, Sha256};
use sluis_segment::handover::packets::Packets;
use tokio::task::AbortHandle;

use super::control::{Control, ToEye, ToKeep};
use super::eye::{NotPacked, REFUSED};
use super::keep::Error;
use crate::config::Config;

/// How the process that sees is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// What comes first on its command line. Without more it takes its orders from standard input; with `--warm` it only prepares compiled code.
    pub arguments: Vec<String>,
}

/// A process that sees.
pub(super) struct Eye {
    pub(super) id: u64,
    child: Child,
    control: Arc<Control>,
    /// What it works by.
    pub(super) config: Arc<Config>,
    pub(super) started: Instant,
    /// When it last said how things are.
    pub(super) pulse: Instant,
    pub(super) ready: bool,
    /// What it has loaded, until it may open cameras: names of components, and digests of their releases.
    pub(super) loaded: Vec<(String, Sha256)>,
    /// Whether it may open cameras.
    pub(super) going: bool,
    pub(super) ending: bool,
    /// Events told in this tick.
    pub(super) told: u32,
    pub(super) untold: u64,
    /// Files in which its cameras' frames may wait. None of them has a name: with this process and that one they are gone.
    pub(super) spools: HashMap<CameraId, File>,
    /// Connections to its cameras in the network: one for each.
    pub(super) relays: HashMap<CameraId, AbortHandle>,
}

/// How long compiling and trying a component may take, and the longest reason for refusing one that is kept, in bytes.
const PACKING: Duration = Duration::from_secs(300);
const LONGEST_WHY: u64 = 4096;

/// How long `eye` may leave what it is told unread. It does nothing but read there.
const UNREAD: Duration = Duration::from_secs(1);

/// What a process that compiles needs of this one's environment: its home, which may be a package's, and how much it logs.
const KEPT: [&str; 6] = ["HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "CACHE_DIRECTORY", "TZ", "SLUIS_LOG"];

/// Without the rest of this process's environment: where credentials lie is in it, and in some installations they are.
fn bare(command: &mut Command) -> &mut Command {
    let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(kept)
}

// === impl Program ===

impl Program {
    /// Has compiled code made, by a process of its own that ends: components of partners are compiled there, not here.
    pub(super) fn warm(&self, file: &Path, home: &Home) -> Result<(), Error> {
        let start = |source| Error::Start { program: self.path.clone(), source };
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).arg("--warm").arg("--config").arg(file).arg("--home").arg(home.folder());
        bare(&mut command);
        let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(start)?;
        if done.status.success() {
            return Ok(());
        }
        Err(Error::CannotBegin(String::from_utf8_lossy(&done.stderr).trim().to_owned()))
    }

    /// Has a release of a home compiled and tried, by a process of its own that ends, and packed into a file without a name in `folder`. What comes back can be read and not
    /// written.
    pub(super) fn pack(&self, home: &Home, release: &Release, folder: &Path) -> Result<File, NotPacked> {
        let not_now = |what: &str, error: std::io::Error| NotPacked::NotNow(format!("{what}: {error}"));
        let file =
            tempfile::tempfile_in(folder).map_err(|e| not_now(&format!("no file in {}", folder.display()), e))?;
        let again = File::open(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let bundle = again.map_err(|e| not_now("the bundle cannot be read", e))?;
        let mut command = Command::new(&self.path);
        let name = &release.component.name;
        command.args(&self.arguments).args(["--pack", name, "--release", &release.digest().to_string()]);
        command.arg("--home").arg(home.folder()).stdin(Stdio::null()).stdout(file).stderr(Stdio::piped());
        bare(&mut command);
        let start = |e| not_now(&format!("cannot start {}", self.path.display()), e);
        let mut child = command.spawn().map_err(start)?;
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().map_err(|e| not_now("the process that packs is lost", e))? {
                Some(status) => break status,
                None if begun.elapsed() > PACKING => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(NotPacked::TooSlow(format!("it took more than {} s to compile", PACKING.as_secs())));
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        // It says a sentence or two at its end, which waits in the pipe.
        let mut why = String::new();
        let _ = child.stderr.take().map(|said| said.take(LONGEST_WHY).read_to_string(&mut why));
        let why = why.trim().to_owned();
        match status.code() {
            Some(0) => Ok(bundle),
            Some(code) if code == i32::from(REFUSED) => Err(NotPacked::Refused(why)),
            _ => Err(NotPacked::NotNow(why)),
        }
    }

    /// Starts a process that sees. It loads as `begin` says, and opens cameras when it is told to. `hear` is called, on a thread of its own, with all that it says, and with
    /// `None` at its end.
    pub(super) fn start(
        &self,
        id: u64,
        config: Arc<Config>,
        begin: &ToEye,
        hear: impl Fn(Option<ToKeep>) + Send + 'static,
    ) -> Result<Eye, Error> {
        let system = |what| move |source| Error::System { what, source };
        let (ours, theirs) = Packets::pair().map_err(system("a pair of sockets"))?;
        let child = Command::new(&self.path)
            .args(&self.arguments)
            .env_clear()
            .envs(std::env::var_os("TZ").map(|zone| ("TZ", zone)))
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            // Ctrl-C at a terminal is for this process, which then lets the other end in order.
            .process_group(0)
            .spawn()
            .map_err(|source| Error::Start { program: self.path.clone(), source })?;
        ours.limit_sending(UNREAD).map_err(system("a limit on a socket"))?;
        let control = Arc::new(Control::over(ours));
        let listening = Arc::clone(&control);
        thread::spawn(move || {
            // Open files that it sends along are closed: nothing is wanted of them.
            while let Ok((said, _)) = listening.hear(None) {
                hear(Some(said));
            }
            hear(None);
        });
        // One that has ended already shows as closed.
        let _ = control.say(begin, None);
        let now = Instant::now();
        Ok(Eye {
            id,
            child,
            control,
            config,
            started: now,
            pulse: now,
            ready: false,
            loaded: Vec::new(),
            going: false,
            ending: false,
            told: 0,
            untold: 0,
            spools: HashMap::new(),
            relays: HashMap::new(),
        })
    }
}

impl Drop for Eye {
    /// Nobody who sees is left behind.
    fn drop(&mut self) {
        let _ = self.end();
        self.relays.values().for_each(AbortHandle::abort);
    }
}

// === impl Eye ===

impl Eye {
    /// Its number in the system.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Tells it something. One that does not listen is ended: nobody waits for it.
    pub(super) fn say(&mut self, message: &ToEye, file: Option<&OwnedFd>) {
        if self.control.say(message, file).is_err() {
            self.kill();
        }
    }

    /// Asks it to end gracefully, once: asked again it would end before everything is sealed.
    pub(super) fn ask_to_end(&mut self) {
        if !std::mem::replace(&mut self.ending, true) {
            self.say(&ToEye::End, None);
        }
    }

    /// Ends it by force. Its line closes then.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Waits a moment for its end, and then ends it.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        // It closes its line a moment before it ends.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}
