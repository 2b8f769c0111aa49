//! A service with a camera in the network: a real RTSP server on loopback, which is cut, silent, and there again.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "what a test prepares is there, or it says so")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use sluis_tests::program::{count, json, sluis};
use sluis_tests::service::{NOTICE, Service, signal};
use sluis_tests::{footage, home};

/// GStreamer's RTSP server, playing a clip. It ends when it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// At this port, or at any that is free for 0. `None`, said plainly, without footage or server.
    fn start(port: u16) -> Option<Self> {
        let Some(clip) = footage::folder().map(|folder| folder.join("clips/one-by-one.mp4")) else {
            eprintln!("SKIPPED: there is no footage");
            return None;
        };
        let script = footage::checkout().join("host/camera/tests/servers/rtsp.py");
        let mut process = Command::new("/usr/bin/python3")
            .arg(&script)
            .arg(clip)
            .arg(port.to_string())
            .args(["viewer", "secret"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .inspect_err(|error| eprintln!("SKIPPED: there is no /usr/bin/python3 ({error})"))
            .ok()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take()?).read_line(&mut line).ok()?;
        let Ok(port) = line.trim().parse() else {
            let _ = process.wait();
            eprintln!("SKIPPED: there is no RTSP server of GStreamer; {} names what it needs", script.display());
            return None;
        };
        Some(Self { process, port })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_camera_that_is_cut_or_silent_comes_back_and_everything_before_is_kept() {
    let Some(server) = Server::start(0) else { return };
    let port = server.port;
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("credentials");
    fs::create_dir(&secrets).unwrap();
    fs::write(secrets.join("door"), "viewer:secret\n").unwrap();
    fs::set_permissions(secrets.join("door"), fs::Permissions::from_mode(0o600)).unwrap();
    let camera = |secret: &str| {
        format!(
            "credentials-dir = \"credentials\"\n[segment]\nseconds = 2\n[[camera]]\nid = \"door\"\ndriver = \"rtsp\"\n\
             url = \"rtsp://127.0.0.1:{port}/stream\"\n{secret}{NOTICE}"
        )
    };
    let mut service = Service::start(&home::without_models(), folder.path(), &camera("credentials = \"door\"\n"));
    service.wait("serving");
    // A camera that films for real waits for its notice.
    service.wait("notice-missing");
    service.publish(&home::without_models());
    service.wait("camera-opened");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);

    // Cut, and there again at the same address.
    let cut = Instant::now();
    drop(server);
    let failed = service.wait("camera-failed");
    let told = cut.elapsed();
    assert!(failed["message"].as_str().unwrap().contains("Lost"), "{failed}");
    assert_eq!(service.page("/healthz").0, 503);
    let server = Server::start(port).expect("it was there before");
    let there = Instant::now();
    service.wait("camera-opened");
    eprintln!("server cut: told after {told:.1?}; frames again {:.1?} after it was there again", there.elapsed());

    // Connected, and silent.
    let silent = Instant::now();
    signal(server.process.id(), "STOP");
    let failed = service.wait("camera-failed");
    let told = silent.elapsed();
    assert!(failed["message"].as_str().unwrap().contains("Silent"), "{failed}");
    signal(server.process.id(), "CONT");
    let there = Instant::now();
    service.wait("camera-opened");
    eprintln!("server stalled: told after {told:.1?}; frames again {:.1?} after it went on", there.elapsed());
    service.until("health", |s| s.page("/healthz").0 == 200);
    assert!(service.stop().success());
    let (entered, fates) = service.totals("door");
    eprintln!(
        "server cut, server stalled: {entered} frames entered, {} dropped, lost told: {}",
        fates[3],
        service.told("frames-lost")
    );
    let vault = folder.path().join("vault");
    let answer = json(sluis(&home::without_models()).args(["vault", "verify", "--json", "--vault"]).arg(&vault));
    assert_eq!(count(&answer, "ok"), count(&answer, "segments"), "{answer}");

    // Without the password it is told what is wrong, and the password is in no log.
    let mut service = Service::start(&home::without_models(), folder.path(), &camera(""));
    let failed = service.wait("camera-failed");
    assert!(failed["message"].as_str().unwrap().contains("Denied"), "{failed}");
    assert!(service.stop().success());
    assert!(!format!("{:?}", service.heard).contains("secret"));
}
