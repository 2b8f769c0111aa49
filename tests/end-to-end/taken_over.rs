//! Somebody takes the process that sees pictures over, and tries to get out with what it has.
//!
//! This program plays all parts: the test, the process that keeps (as `sluis run` runs it), and the process that sees, with one thread more. That thread runs in the real
//! process, confined as in a shop, once its camera is open.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use sluis::config::Config;
use sluis::events::{Event, Tell};
use sluis::service::Program;
use sluis::service::keep::Service;
use sluis::service::{eye, keep};
use sluis_registry::Home;
use sluis_tests::home;
use sluis_tests::service::{NOTICE, signal};

/// What the intruder knows: an address that listens outside, and the vault's folder.
#[derive(Debug, Clone)]
struct Known {
    attempt: String,
    address: String,
    vault: PathBuf,
    home: PathBuf,
}

static KNOWN: OnceLock<Known> = OnceLock::new();

/// The intruder's exit code when an attempt failed as it must, and when it worked.
const HELD: i32 = 42;
const ESCAPED: i32 = 77;

type Attempt = (&'static str, fn(&Known) -> bool);

/// Each says whether it worked.
const ATTEMPTS: [Attempt; 10] = [
    ("the internet, by TCP", |k| TcpStream::connect(&k.address).is_ok()),
    ("the internet, by UDP", |k| UdpSocket::bind("0.0.0.0:0").and_then(|s| s.send_to(b"face", &k.address)).is_ok()),
    ("the vault's root secret", |k| fs::read(k.vault.join("root.key")).is_ok()),
    ("the vault's index", |k| File::open(k.vault.join("index.sqlite")).is_ok()),
    ("the vault's folder", |k| File::create(k.vault.join("faces.raw")).is_ok()),
    ("the disk", |_| File::create(std::env::temp_dir().join("faces.raw")).is_ok()),
    ("the installed components", |k| {
        let planted = File::create(k.home.join("faces.raw")).is_ok();
        planted || File::options().append(true).open(k.home.join("code.key")).is_ok()
    }),
    ("the memory of the process that keeps", |_| {
        File::open(format!("/proc/{}/mem", std::os::unix::process::parent_id())).is_ok()
    }),
    ("another program", |_| Command::new("/bin/true").status().is_ok()),
    ("a local service", |k| UnixStream::connect(k.vault.join("socket")).is_ok()),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--keep") => play_keep(&arguments[2..]),
        Some("--eye") => play_eye(&arguments[2..]),
        _ => {
            let names = || ATTEMPTS.iter().map(|(name, _)| *name);
            let trials = names().map(|name| Trial::test(format!("out of reach: {name}"), move || try_it(name, "")));
            // With a camera in the network, the process can make sockets, in a network of its own.
            let in_network = names().take(3).map(|name| {
                Trial::test(format!("with a camera in the network, out of reach: {name}"), move || {
                    try_it(name, &format!("{CAMERA}{NOTICE}"))
                })
            });
            let more = Trial::test("who becomes another program is ended", || try_it(BECOME, ""));
            let arguments = Arguments { test_threads: Some(2), ..Arguments::from_args() };
            libtest_mimic::run(&arguments, trials.chain(in_network).chain([more]).collect()).exit_code()
        }
    }
}

/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Not a matter of refusing: the process ends at once.
const BECOME: &str = "become another program";

/// Nobody answers there.
const CAMERA: &str = "[[camera]]\nid = \"two\"\ndriver = \"rtsp\"\nurl = \"rtsp://127.0.0.1:1/stream\"\n";

/// Runs a service whose process that sees is taken over, until that process has ended.
fn try_it(attempt: &str, more: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let file = folder.path().join("sluis.toml");
    fs::write(
        &file,
        format!(
            "[shop]\nid = \"test\"\nname = \"Test\"\n[vault]\ndir = \"vault\"\n[service]\nlisten = false\n\
             [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n{more}"
        ),
    )?;
    // A camera that films for real sees nothing before its notice is published.
    let config = Config::read(&file)?;
    if let Some(facts) = sluis::notice::facts(&config, Vec::new()) {
        sluis::notice::store(&config).publish(&facts, jiff::Timestamp::UNIX_EPOCH)?;
    }
    let mut keep = Command::new(std::env::current_exe()?)
        .args(["--keep", attempt, &listener.local_addr()?.to_string()])
        .args([&file, &folder.path().join("vault"), &home::without_models()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let said = BufReader::new(keep.stdout.take().unwrap());
    // Without the process that keeps the other one ends, and so does what it says.
    let (end, process) = (Instant::now() + PATIENCE, keep.id());
    let (done, over) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if over.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            signal(process, "KILL");
        }
    });
    let events = said.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str::<Event>(&line).ok());
    let mut all = Vec::new();
    let ended = events.inspect(|event| all.push(event.clone())).find_map(|event| match event {
        Event::EyeEnded { code, signal, .. } => Some((code, signal)),
        _ => None,
    });
    drop(done);
    let _ = watch.join();
    let _ = keep.kill();
    let _ = keep.wait();
    if Instant::now() >= end {
        return Err(format!("the intruder was not heard of: {all:?}").into());
    }
    // 31: SIGSYS.
    let wanted = if attempt == BECOME { (None, Some(31)) } else { (Some(HELD), None) };
    if ended != Some(wanted) {
        return Err(format!("it ended with {ended:?} and not {wanted:?}: {all:?}").into());
    }
    if listener.accept().is_ok() {
        return Err("somebody connected".into());
    }
    Ok(())
}

/// Tells events on standard output.
#[derive(Debug)]
struct Aloud;

impl Tell for Aloud {
    #[allow(clippy::print_stdout, reason = "this is how the test hears")]
    fn tell(&self, event: Event) {
        println!("{}", serde_json::to_string(&event).unwrap());
    }
}

fn play_keep(arguments: &[String]) -> ExitCode {
    let [attempt, address, file, vault, home] = arguments else { return ExitCode::FAILURE };
    let config = Config::read(file.as_ref()).unwrap();
    let arguments = ["--eye", attempt, address, vault, home].map(str::to_owned).to_vec();
    let eye = Program { path: std::env::current_exe().unwrap(), arguments };
    let service = Service { file: file.into(), config, home: Home::at(home), eye, tell: Arc::new(Aloud) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(keep::run(service)).unwrap();
    ExitCode::SUCCESS
}

fn play_eye(arguments: &[String]) -> ExitCode {
    let [attempt, address, vault, home, more @ ..] = arguments else { return ExitCode::FAILURE };
    if let [_warm, _, file, ..] = more {
        eye::warm(&Home::at(home), &Config::read(file.as_ref()).unwrap()).unwrap();
        return ExitCode::SUCCESS;
    }
    KNOWN
        .set(Known { attempt: attempt.clone(), address: address.clone(), vault: vault.into(), home: home.into() })
        .unwrap();
    eye::run(Some(intrude))
}

/// What the intruder does in the process that sees.
fn intrude() {
    let known = KNOWN.get().expect("it was set before");
    if known.attempt == BECOME {
        use std::os::unix::process::CommandExt;
        let _ = Command::new("/bin/true").exec();
        std::process::exit(ESCAPED);
    }
    let attempt = ATTEMPTS.iter().find(|(name, _)| *name == known.attempt).expect("there is such an attempt").1;
    std::process::exit(if attempt(known) { ESCAPED } else { HELD });
}
