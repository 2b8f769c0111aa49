//! A network camera that speaks RTSP (RFC 2326) and sends H.264 (RFC 6184).
//!
//! [`open`] asks the camera what it has, and plays the first H.264 video of it, over the same TCP connection; sound and other streams are left alone. What cannot be
//! decoded here (H.265, Motion JPEG, interlaced pictures, more than 8 bits) is refused with what to set in the camera.
//!
//! - `address`: where the camera is, and who we are to it.
//! - `session`: the connection, which goes on by itself on a thread of its own.
//! - `relay`: how much a camera can make us hold.
//! - `inbox`: coded pictures between that thread and whoever asks for frames; about 10 s of them at most.
//! - `playback`: coded pictures to pictures with their time of capture.
//!
//! ```no_run
//! use std::sync::Arc;
//! use sluis_camera::{Driver, rtsp};
//! use sluis_frame::{CameraId, SystemClock};
//!
//! let settings = rtsp::Settings {
//!     credentials: Some(rtsp::Credentials::new("viewer", "secret")),
//!     ..rtsp::Settings::new("rtsp://10.0.0.7/stream1".parse()?)
//! };
//! let mut driver = rtsp::open(settings, CameraId::new("shelf-1")?, Arc::new(SystemClock))?;
//! while let Some(frame) = driver.next()? {
//!     println!("{frame:?}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod inbox;
mod playback;
mod relay;
mod session;

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Clock, Frame, Picture, Raw, Timestamp};
use tokio::sync::oneshot;

pub use address::{Address, Credentials, InvalidAddress};

use crate::driver::{Description, Driver, Polled, Rate};
use crate::error::Error;
use crate::pace::Pace;
use crate::stamps::Stamps;
use inbox::{Inbox, Taken};
use playback::Playback;
use session::Connection;

/// What is to be known about a camera before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where it is.
    pub address: Address,
    /// Who we are to it, if it asks.
    pub credentials: Option<Credentials>,
    /// The first picture must have been decoded by then, counted from the call of [`open`].
    pub connect_within: Duration,
    /// A camera that is connected and sends no video for this long is [silent](crate::Fault::Silent).
    pub silent_after: Duration,
}

/// A camera that plays.
struct Rtsp {
    description: Description,
    playback: Playback,
    /// The first picture, which was needed to know the size.
    first: Option<(Picture, Timestamp)>,
    stamps: Stamps,
    /// What comes when there are no more pictures.
    end: Option<End>,
    receiver: Receiver,
}

/// What comes when there are no more pictures.
enum End {
    /// Nothing: the error has been given.
    Quiet,
    /// An error.
    Error(Error),
}

/// The thread that receives. It ends when this is dropped.
struct Receiver {
    inbox: Arc<Inbox>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Ends the inbox when the thread that fills it is gone, whatever the reason.
struct LastWord {
    inbox: Arc<Inbox>,
    at: Address,
}

/// A rate for a camera that declares none and sends too few pictures to measure one.
const UNKNOWN: f64 = 1.0;

/// How long is waited for a rate that has to be measured, which takes 2 s.
const TEMPO_WITHIN: Duration = Duration::from_secs(3);

/// The thread that receives notices the same deadline itself, and knows better what is wrong.
const GRACE: Duration = Duration::from_millis(250);

/// Opens a camera, and waits for its first picture.
///
/// A frame's time of capture follows the camera's own spacing, mapped to `clock` by the quickest arrivals of the last half minute; the date that the camera shows is not
/// believed. The times never run back, except when `clock` is set back. The rate is what the camera declares, or else is measured from its first pictures.
///
/// A driver must not drop frames, and this one does not, as long as they are asked for: what has arrived and is not, is kept for about 10 s (500 coded pictures,
/// 32 MiB), and then dropped, the oldest first, up to a key picture, and that is logged. After damage the frames go on with the next key picture.
/// However much the camera sends, at most about 100 MiB are held besides the pictures themselves.
///
/// Dropping the driver tells the camera, for which it gets a second.
///
/// # Errors
///
/// [`Error`] names host, port and path, what is wrong, and what to do. Of the camera's own words it repeats at most 80 characters.
pub fn open(settings: Settings, camera: CameraId, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, Error> {
    begin(settings, None, camera, clock)
}

/// Opens a camera as [`open`] does, to which somebody else has connected: `line` leads there. For a process that has no network. (Within itself it still speaks TCP, from
/// one loopback port to another.)
///
/// # Errors
///
/// As [`open`].
pub fn open_over(
    settings: Settings,
    line: UnixStream,
    camera: CameraId,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Driver>, Error> {
    begin(settings, Some(line), camera, clock)
}

fn begin(
    settings: Settings,
    line: Option<UnixStream>,
    camera: CameraId,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Driver>, Error> {
    let opened = Instant::now();
    let (at, stamps) = (settings.address.clone(), Stamps::new(camera.clone(), Pace::AsFastAsPossible, &*clock));
    let mut playback = Playback::new(at.clone(), clock.now());
    let (deadline, connect_within) = (after(opened, settings.connect_within), settings.connect_within);
    let receiver = Receiver::start(settings, line, clock, opened, deadline)?;
    let patience = after(deadline, GRACE);
    let first = loop {
        if let Some(first) = playback.next()? {
            break first;
        }
        match receiver.inbox.take(patience) {
            Taken::Unit(unit) => playback.put(&unit)?,
            Taken::Ended(Some(error)) => return Err(error),
            Taken::Ended(None) | Taken::Nothing => {
                return Err(Error::Silent {
                    at,
                    missing: "no picture that can be decoded",
                    waited: connect_within,
                    advice: "Set the distance of its key pictures (I frames) to 1 or 2 s",
                });
            }
        }
    };
    let unknown = || Rate::new(UNKNOWN).expect("a picture a second is a rate");
    let description = Description {
        camera,
        size: first.0.size(),
        rate: receiver.inbox.rate(patience.min(Instant::now() + TEMPO_WITHIN)).unwrap_or_else(unknown),
        depth_unit: None,
        calibration: None,
        frames: None,
    };
    Ok(Box::new(Rtsp { description, playback, first: Some(first), stamps, end: None, receiver }))
}

/// The moment `wait` after another; a century after it when that is beyond all time.
fn after(moment: Instant, wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    moment + wait.min(CENTURY)
}

// === impl Settings ===

impl Settings {
    /// How long a camera gets to its first picture, unless something else is said: 10 s. Cameras answer within a second, and send a key picture every few seconds.
    pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);

    /// After how long a camera counts as silent, unless something else is said: 10 s.
    pub const SILENT_AFTER: Duration = Duration::from_secs(10);

    /// The camera at `address`, without credentials and with the usual patience.
    pub fn new(address: Address) -> Self {
        Self { address, credentials: None, connect_within: Self::CONNECT_WITHIN, silent_after: Self::SILENT_AFTER }
    }
}

// === impl Rtsp ===

impl Rtsp {
    /// The next picture; `None` when none came until then.
    fn picture(&mut self, until: Instant) -> Result<Option<(Picture, Timestamp)>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        loop {
            if let Some(next) = self.playback.next()? {
                return Ok(Some(next));
            }
            if self.end.is_some() {
                return Ok(None);
            }
            match self.receiver.inbox.take(until) {
                Taken::Unit(unit) => {
                    if let Err(error) = self.playback.put(&unit) {
                        self.finish(Some(error));
                    }
                }
                Taken::Nothing => return Ok(None),
                Taken::Ended(error) => self.finish(error),
            }
        }
    }

    fn finish(&mut self, error: Option<Error>) {
        self.playback.finish();
        self.end = Some(error.map_or(End::Quiet, End::Error));
    }
}

impl Driver for Rtsp {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        loop {
            match self.poll(Duration::from_secs(60))? {
                Polled::Frame(frame) => return Ok(Some(frame)),
                Polled::Waiting => {}
                Polled::End => return Ok(None),
            }
        }
    }

    fn poll(&mut self, patience: Duration) -> Result<Polled, Error> {
        match self.picture(after(Instant::now(), patience)) {
            Ok(Some((picture, captured))) => {
                let header = self.stamps.at(captured);
                let frame = Frame::capture(header, picture, None).expect("a frame without depth has no mismatch");
                Ok(Polled::Frame(frame))
            }
            Ok(None) => match self.end.as_mut().map(|end| std::mem::replace(end, End::Quiet)) {
                None => Ok(Polled::Waiting),
                Some(End::Quiet) => Ok(Polled::End),
                Some(End::Error(error)) => Err(error),
            },
            Err(error) => {
                self.playback.clear();
                self.end = Some(End::Quiet);
                Err(error)
            }
        }
    }

    fn is_live(&self) -> bool {
        true
    }
}

// === impl Receiver ===

impl Receiver {
    fn start(
        settings: Settings,
        line: Option<UnixStream>,
        clock: Arc<dyn Clock>,
        opened: Instant,
        deadline: Instant,
    ) -> Result<Self, Error> {
        let at = settings.address.clone();
        let unreachable = |source| Error::Unreachable { at: at.clone(), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(unreachable)?;
        let inbox = Arc::new(Inbox::default());
        let (stop, stopped) = oneshot::channel();
        let last_word = LastWord { inbox: Arc::clone(&inbox), at: at.clone() };
        let connection = Connection {
            settings,
            clock,
            inbox: Arc::clone(&inbox),
            opened: opened.into(),
            deadline: deadline.into(),
            line: Mutex::new(line),
        };
        let receive = move || {
            let _last_word = last_word;
            runtime.block_on(connection.run(async {
                // Either way nobody listens any more.
                let _ = stopped.await;
            }));
            // Not waiting for the system's resolver, which can take a minute.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("rtsp".to_owned()).spawn(receive).map_err(unreachable)?;
        Ok(Self { inbox, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        // It ends within a second. A panic in it was told when it happened.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

// === impl LastWord ===

impl Drop for LastWord {
    fn drop(&mut self) {
        let reason = "it cannot be received any more".to_owned();
        self.inbox.end(Error::Lost { at: self.at.clone(), reason });
    }
}
