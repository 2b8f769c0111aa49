//! Network cameras as GStreamer's RTSP server plays them: a server that knows nothing of ours.
//!
//! Needs the Debian packages that `servers/rtsp.py` names. Without them these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot be set up fails, and one that is skipped says so"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use muxide::api::{MuxerBuilder, VideoCodec};
use rustix::process::{Pid, Signal, kill_process};
use sluis_camera::{Driver, Error, Fault, rtsp};
use sluis_frame::{CameraId, Size, SystemClock};
use support::coded::{COLOURS, colour, coloured};

const SIZE: Size = Size::new(160, 120);

/// A server. It ends when it is dropped.
struct Server {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts a server that plays a minute of coloured pictures, 25 a second. `None`, said plainly, where GStreamer is absent.
    fn start(login: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Vec::new();
        let mut muxer =
            MuxerBuilder::new(&mut file).video(VideoCodec::H264, SIZE.width, SIZE.height, 25.0).build().unwrap();
        for (number, picture) in coloured(SIZE, 60 * 25, 25).iter().enumerate() {
            muxer.write_video(number as f64 / 25.0, &picture.annex_b, picture.key).unwrap();
        }
        muxer.finish().unwrap();
        std::fs::write(folder.path().join("clip.mp4"), file).unwrap();
        Self::on(0, login, folder)
    }

    fn on(port: u16, login: &[&str], folder: tempfile::TempDir) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/rtsp.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(folder.path().join("clip.mp4")).arg(port.to_string()).args(login);
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process =
            process.inspect_err(|error| eprintln!("SKIPPED: there is no /usr/bin/python3 ({error})")).ok()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(port) = line.trim().parse() else {
            process.wait().unwrap();
            eprintln!("SKIPPED: there is no RTSP server of GStreamer; {script} names what it needs");
            return None;
        };
        Some(Self { process, port, folder })
    }

    /// Ends it without warning, and starts it again on the same port.
    fn restart(mut self) -> Option<Self> {
        self.kill();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::on(self.port, &[], folder)
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn settings(&self) -> rtsp::Settings {
        let url = format!("rtsp://127.0.0.1:{}/stream", self.port);
        rtsp::Settings { silent_after: Duration::from_secs(2), ..rtsp::Settings::new(url.parse().unwrap()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that was stopped is killed as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn open(settings: rtsp::Settings) -> Result<Box<dyn Driver>, Error> {
    rtsp::open(settings, CameraId::new("shelf-1").unwrap(), Arc::new(SystemClock))
}

/// Plays until the error with which a camera ends.
fn error(driver: &mut dyn Driver) -> Error {
    loop {
        if let Err(error) = driver.next() {
            assert!(matches!(driver.next(), Ok(None)), "something came after the error");
            return error;
        }
    }
}

#[test]
fn pictures_come_with_their_colours_and_times() {
    let Some(server) = Server::start(&[]) else { return };
    let mut driver = open(server.settings()).unwrap();
    let description = driver.description().clone();
    assert_eq!((description.size, description.frames), (SIZE, None));
    assert!((description.rate.per_second() - 25.0).abs() < 0.5, "{}", description.rate);
    let begun = Instant::now();
    let frames: Vec<_> = (0..50).map(|_| driver.next().unwrap().unwrap()).collect();
    assert!(begun.elapsed() > Duration::from_millis(1200), "played in {:?}", begun.elapsed());
    let first = colour(frames[0].picture());
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(colour(frame.picture()), (first + number) % COLOURS.len(), "picture {number}");
    }
    let times: Vec<i64> = frames.iter().map(|frame| frame.header().captured.as_nanos()).collect();
    // A busy machine may learn only after a while how quick a picture can be.
    let kept = times[10..].windows(2).filter(|pair| (pair[1] - pair[0] - 40_000_000).abs() < 5_000_000).count();
    assert!(kept >= 35, "{kept} of 39: {times:?}");
}

#[test]
fn a_password_is_asked_for() {
    let Some(server) = Server::start(&["viewer", "secret"]) else { return };
    let with = |user, password| rtsp::Settings {
        credentials: Some(rtsp::Credentials::new(user, password)),
        ..server.settings()
    };
    let mut driver = open(with("viewer", "secret")).unwrap();
    for _ in 0..5 {
        driver.next().unwrap().unwrap();
    }
    for wrong in [server.settings(), with("viewer", "wrong"), with("nobody", "secret")] {
        let error = open(wrong).map(|_| ()).unwrap_err();
        assert!(error.fault() == Fault::Denied && error.to_string().contains("password"), "{error}");
    }
}

#[test]
fn a_path_that_does_not_exist_is_missing() {
    let Some(server) = Server::start(&[]) else { return };
    let address = format!("rtsp://127.0.0.1:{}/nothing", server.port).parse().unwrap();
    let error = open(rtsp::Settings::new(address)).map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::Refused { status: 404, .. }) && error.fault() == Fault::Missing, "{error}");
}

#[test]
fn a_server_that_is_killed_is_lost_and_can_be_opened_when_it_is_back() {
    let Some(mut server) = Server::start(&[]) else { return };
    let settings = server.settings();
    let mut driver = open(settings.clone()).unwrap();
    driver.next().unwrap().unwrap();
    server.kill();
    assert_eq!(error(&mut *driver).fault(), Fault::Lost);
    assert_eq!(open(settings.clone()).map(|_| ()).unwrap_err().fault(), Fault::Missing);
    let server = server.restart().unwrap();
    assert_eq!(server.settings(), settings);
    open(settings).unwrap().next().unwrap().unwrap();
}

#[test]
fn a_server_that_is_stopped_is_silent_within_the_set_time() {
    let Some(server) = Server::start(&[]) else { return };
    let mut driver = open(server.settings()).unwrap();
    driver.next().unwrap().unwrap();
    server.signal(Signal::STOP);
    let begun = Instant::now();
    assert_eq!(error(&mut *driver).fault(), Fault::Silent);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    drop(driver);
    // It accepts connections, for the system does that, and says nothing.
    let within = rtsp::Settings { connect_within: Duration::from_secs(1), ..server.settings() };
    assert_eq!(open(within).map(|_| ()).unwrap_err().fault(), Fault::Silent);
    server.signal(Signal::CONT);
    open(server.settings()).unwrap().next().unwrap().unwrap();
}
