//! The connection to a camera: it goes on by itself, and fills the inbox.

use std::io;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use retina::client::{
    Demuxed, PlayOptions, Session, SessionGroup, SessionOptions, SetupOptions, Stream as Offer,
    UnassignedChannelDataPolicy,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoFrame, VideoParametersCodec};
use sluis_frame::{Clock, Timestamp};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::inbox::{Inbox, Unit};
use super::relay::{Cut, Relay};
use super::{Credentials, Settings};
use crate::driver::Rate;
use crate::error::Error;
use crate::h264::{Format, Unfit};

/// A connection and what it needs.
pub(super) struct Connection {
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) inbox: Arc<Inbox>,
    /// When the camera was opened: the beginning of steady time.
    pub(super) opened: Instant,
    /// When it must play.
    pub(super) deadline: Instant,
    /// The way to the camera, when somebody else has connected.
    pub(super) line: Mutex<Option<UnixStream>>,
}

/// A camera that plays.
struct Playing {
    stream: usize,
    demuxed: Pin<Box<Demuxed>>,
    format: Option<Arc<Format>>,
    tempo: Tempo,
    /// Something is missing before the next picture.
    gap: bool,
}

/// How often pictures come.
struct Tempo {
    known: bool,
    /// The device time of the first picture, and how many came after it.
    first: Option<(i64, u32)>,
}

/// The most that a camera may send before it has answered: 1 MiB, where whole session descriptions are a few KiB.
const ANSWER: usize = 1 << 20;

/// The most that a camera may send for one picture: 8 MiB, four times what a key picture of 8K takes at the usual qualities.
const PICTURE: usize = 8 << 20;

/// How long a camera gets to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Rates that a camera can have, in pictures per second. What it declares is not believed beyond.
const RATES: std::ops::RangeInclusive<f64> = 0.1..=120.0;

/// What is measured when a camera declares no rate: this many pictures,
const MEASURED: u32 = 10;

/// or this long, in nanoseconds.
const MEASURED_FOR: i64 = 2_000_000_000;

/// The most of a camera's own words that is repeated, in characters.
const QUOTED: usize = 80;

// === impl Connection ===

impl Connection {
    /// Connects and receives until `stopped`, or until an error, which is put into the inbox.
    pub(super) async fn run(self, stopped: impl Future<Output = ()>) {
        // So that it can be seen when the camera has been told.
        let group = Arc::new(SessionGroup::default());
        tokio::select! {
            error = self.receive(&group) => self.inbox.end(error),
            () = stopped => {}
        }
        // The session was dropped, and says goodbye. Some cameras let in only a few at a time, and count those that just go away.
        let _ = timeout(GOODBYE, group.await_teardown()).await;
    }

    async fn receive(&self, group: &Arc<SessionGroup>) -> Error {
        let at = &self.settings.address;
        let unreachable = |source| Error::Unreachable { at: at.clone(), source };
        let relay = match timeout_at(self.deadline, self.connect()).await {
            Ok(Ok(relay)) => relay,
            Ok(Err(source)) => return unreachable(source),
            Err(_) => return unreachable(io::ErrorKind::TimedOut.into()),
        };
        let mut playing = match timeout_at(self.deadline, self.play(&relay, group)).await {
            Ok(Ok(playing)) => playing,
            Ok(Err(error)) => return error,
            Err(_) => {
                return Error::Silent {
                    at: at.clone(),
                    missing: "no answer",
                    waited: self.settings.connect_within,
                    advice: "Check that it is an RTSP camera, and restart it",
                };
            }
        };
        relay.allow(PICTURE);
        loop {
            match playing.next(self, &relay).await {
                Ok(unit) => {
                    relay.allow(PICTURE);
                    let Some(unit) = unit else { continue };
                    let dropped = self.inbox.put(unit);
                    if dropped > 0 {
                        tracing::warn!(camera = %at, pictures = dropped, "nobody takes the pictures of a camera: dropped the oldest");
                    }
                }
                Err(error) => return error,
            }
        }
    }

    /// Connects to the camera, or takes the line that was given.
    async fn connect(&self) -> io::Result<Relay> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
        match line {
            Some(line) => {
                line.set_nonblocking(true)?;
                Relay::start(tokio::net::UnixStream::from_std(line)?, ANSWER).await
            }
            None => {
                let at = &self.settings.address;
                Relay::start(TcpStream::connect((at.host(), at.port())).await?, ANSWER).await
            }
        }
    }

    /// Asks for the first H.264 video and nothing else.
    async fn play(&self, relay: &Relay, group: &Arc<SessionGroup>) -> Result<Playing, Error> {
        let failed = |error| self.explain(&error, relay);
        let options = SessionOptions::default()
            .creds(self.settings.credentials.as_ref().map(Credentials::to_retina))
            .user_agent("sluis".to_owned())
            // Some cameras send what nobody asked for.
            .unassigned_channel_data(UnassignedChannelDataPolicy::Ignore)
            .session_group(Arc::clone(group));
        let mut session = Session::describe(self.settings.address.here(relay.port()), options).await.map_err(failed)?;
        relay.allow(ANSWER);
        let stream = self.choose(session.streams())?;
        let offer = &session.streams()[stream];
        let mut tempo = Tempo { known: false, first: None };
        tempo.declared(&self.inbox, offer.framerate().map(f64::from));
        session.setup(stream, SetupOptions::default().frame_format(FrameFormat::SIMPLE)).await.map_err(failed)?;
        relay.allow(ANSWER);
        let demuxed = session.play(PlayOptions::default()).await.and_then(Session::demuxed).map_err(failed)?;
        Ok(Playing { stream, demuxed: Box::pin(demuxed), format: None, tempo, gap: false })
    }

    /// The first H.264 video that is offered.
    fn choose(&self, offers: &[Offer]) -> Result<usize, Error> {
        let video = || offers.iter().filter(|offer| offer.media() == "video");
        let h264 = |offer: &Offer| offer.media() == "video" && offer.encoding_name() == "h264";
        offers.iter().position(h264).ok_or_else(|| {
            let found = match video().next().map(Offer::encoding_name) {
                Some("h265") => "H.265 (HEVC) video".to_owned(),
                Some("jpeg") => "Motion JPEG video".to_owned(),
                Some("mp4v-es") => "MPEG-4 part 2 video".to_owned(),
                Some(other) => format!("video of kind `{}`", quote(other)),
                None => "no video".to_owned(),
            };
            Error::Stream { at: self.settings.address.clone(), found }
        })
    }

    /// What an error of `retina` means, which says so in words only.
    fn explain(&self, error: &retina::Error, relay: &Relay) -> Error {
        if relay.cut() == Some(Cut::Flooded) {
            return self.hung_up(relay);
        }
        let at = self.settings.address.clone();
        let text = error.to_string();
        let reason = quote(at.conceal(text.lines().next().unwrap_or_default()).as_str());
        match error.status_code() {
            Some(200..=299) => Error::Garbled { at, reason },
            Some(status @ (401 | 403 | 407)) => Error::NotLetIn { at, status, advice: advice(status, &self.settings) },
            // Not acceptable, unsupported media type, unsupported transport (RFC 2326, 7.1.1).
            Some(status @ (406 | 415 | 461)) => {
                Error::Stream { at, found: format!("no video over TCP (it answers {status})") }
            }
            Some(status) => Error::Refused { at, status },
            None if lost(&text) => self.hung_up(relay),
            None => Error::Garbled { at, reason },
        }
    }

    /// What it means that no more comes.
    fn hung_up(&self, relay: &Relay) -> Error {
        let at = self.settings.address.clone();
        match relay.cut() {
            Some(Cut::Flooded) => {
                Error::Garbled { at, reason: "it sends on and on, and no picture comes of it".to_owned() }
            }
            Some(Cut::Failed(kind)) => Error::Lost { at, reason: kind.to_string() },
            Some(Cut::Closed) | None => Error::Lost { at, reason: "it closed the connection".to_owned() },
        }
    }

    /// The steady clock since the camera was opened, and ours, `ago`.
    fn now(&self, ago: Duration) -> (Duration, Timestamp) {
        // When the machine stops this thread between two clocks, it looks as if ours had been set.
        const AT_ONCE: Duration = Duration::from_millis(10);
        let mut before = Instant::now();
        let mut clock = self.clock.now();
        for _ in 0..3 {
            if before.elapsed() <= AT_ONCE {
                break;
            }
            (before, clock) = (Instant::now(), self.clock.now());
        }
        (before.duration_since(self.opened).saturating_sub(ago), clock - ago)
    }
}

// === impl Playing ===

impl Playing {
    /// The next coded picture; `None` when one came that cannot be of use.
    async fn next(&mut self, connection: &Connection, relay: &Relay) -> Result<Option<Unit>, Error> {
        let silent_after = connection.settings.silent_after;
        let deadline = super::after(std::time::Instant::now(), silent_after).into();
        let frame = loop {
            match timeout_at(deadline, self.demuxed.next()).await {
                Ok(Some(Ok(CodecItem::VideoFrame(frame)))) => break frame,
                // Reports of the sender, which are no pictures.
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => return Err(connection.explain(&error, relay)),
                Ok(None) => return Err(connection.hung_up(relay)),
                Err(_) => {
                    return Err(Error::Silent {
                        at: connection.settings.address.clone(),
                        missing: "no picture",
                        waited: silent_after,
                        advice: "Check its cable and its power supply, and restart it",
                    });
                }
            }
        };
        self.unit(connection, frame)
    }

    fn unit(&mut self, connection: &Connection, frame: VideoFrame) -> Result<Option<Unit>, Error> {
        self.gap |= frame.loss() > 0;
        if frame.has_new_parameters() || self.format.is_none() {
            let format = self.format(connection)?.map(Arc::new);
            self.gap |= format != self.format;
            self.format = format;
        }
        let Some(format) = &self.format else {
            // Without parameters nothing can be decoded.
            self.gap = true;
            return Ok(None);
        };
        let (steady, clock) = connection.now(frame.start_ctx().received().elapsed());
        let device = nanos(frame.timestamp());
        self.tempo.declared(&connection.inbox, format.rate.map(Rate::per_second));
        self.tempo.measured(&connection.inbox, device);
        Ok(Some(Unit {
            key: frame.is_random_access_point(),
            gap: std::mem::take(&mut self.gap),
            format: Arc::clone(format),
            device,
            steady,
            clock,
            data: frame.into_data(),
        }))
    }

    /// How the pictures are coded from now on; `None` when the camera has not said.
    fn format(&self, connection: &Connection) -> Result<Option<Format>, Error> {
        let Some(ParametersRef::Video(video)) = self.demuxed.streams()[self.stream].parameters() else {
            return Ok(None);
        };
        let VideoParametersCodec::H264 { sps, pps } = video.codec_params() else { return Ok(None) };
        let at = connection.settings.address.clone();
        Format::new(&[sps, pps]).map(Some).map_err(|unfit| match unfit {
            Unfit::Variety(found) => Error::Stream { at, found },
            Unfit::Damaged(reason) => Error::Garbled { at, reason: quote(&reason) },
        })
    }
}

// === impl Tempo ===

impl Tempo {
    /// The camera says how often pictures come, if it does.
    fn declared(&mut self, inbox: &Inbox, per_second: Option<f64>) {
        if !self.known
            && let Some(rate) = per_second.filter(|rate| RATES.contains(rate))
        {
            self.tell(inbox, rate);
        }
    }

    /// A picture has come that was taken at `device`, in nanoseconds.
    fn measured(&mut self, inbox: &Inbox, device: i64) {
        if self.known {
            return;
        }
        let (first, after) = *self.first.get_or_insert((device, 0));
        let passed = device.saturating_sub(first);
        if after > 0 && passed > 0 && (after >= MEASURED || passed >= MEASURED_FOR) {
            self.tell(inbox, f64::from(after) / Duration::from_nanos(passed.unsigned_abs()).as_secs_f64());
        }
        self.first = Some((first, after.saturating_add(1)));
    }

    fn tell(&mut self, inbox: &Inbox, per_second: f64) {
        if let Ok(rate) = Rate::new(per_second.clamp(*RATES.start(), *RATES.end())) {
            self.known = true;
            inbox.set_rate(rate);
        }
    }
}

/// What to do about an answer that does not let us in.
fn advice(status: u16, settings: &Settings) -> &'static str {
    match (status, &settings.credentials) {
        (401 | 407, None) => "Give its user name and password",
        (401 | 407, Some(_)) => "Check its user name and password",
        _ => "Check what this user may do in the camera",
    }
}

/// Whether an error of `retina` says that the connection is gone. It has no kind that could be asked for; the words are those of 0.4.21.
fn lost(text: &str) -> bool {
    ["Error reading from RTSP peer", "Error writing to RTSP peer", "Unable to connect"]
        .iter()
        .any(|s| text.starts_with(s))
        || text.contains("at EOF")
}

/// A camera's own words, as far as they are repeated: printable ASCII, and not many.
fn quote(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).take(QUOTED).collect()
}

/// A time of the stream in nanoseconds.
fn nanos(time: retina::Timestamp) -> i64 {
    let nanos = i128::from(time.timestamp()) * 1_000_000_000 / i128::from(time.clock_rate().get());
    nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}
