//! A camera, or a zone of one, that sees nothing for a while.

#![allow(clippy::print_stderr, reason = "figures are told aloud")]
#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use sluis_frame::{Clock, Doors, SystemClock, Timestamp};
use sluis_segment::Reader;
use sluis_tests::home;
use sluis_tests::program::{errors, json, sluis};
use sluis_tests::service::Service;
use sluis_vault::Reason;

/// The zone covers the right side of the picture. Masks have a colour that the shop has not, so that they are told from the zone.
const SHOP: &str = "[segment]\nseconds = 2\n\
    [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\nmask = { colour = \"ff00ff\" }\n\
    [[camera.zone]]\nid = \"till\"\nkind = \"counter\"\npolygon = [[400, 0], [640, 0], [640, 480], [400, 480]]\n";

/// How long after a command something of before may still be captured: a look every second, a message, and the camera's own poll.
const OBEYED: Duration = Duration::from_secs(5);

/// A recorded frame: when it was captured, which share of the zone can be seen (it is neither black nor masked), and which share of the rest.
struct Seen {
    captured: Timestamp,
    zone: f64,
    rest: f64,
}

fn call(at: &Path, arguments: &[&str]) -> Output {
    let mut command = sluis(&home::without_models());
    let output = command.current_dir(at).args(arguments).args(["--config", "sluis.toml"]).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
    output
}

fn by_petra(at: &Path, arguments: &[&str]) -> Output {
    call(at, &[arguments, &["--as", "petra.key", "--reason", "a guest objects"]].concat())
}

fn start(at: &Path) -> Service {
    let mut service = Service::start(&home::without_models(), at, SHOP);
    service.wait("serving");
    service
}

fn sealed(service: &mut Service, more: f64) {
    let before = service.metric("sluis_segments_sealed_total", "one");
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "one") >= before + more);
}

fn report(service: &Service) -> (u16, Value) {
    let (code, page) = service.page("/healthz");
    (code, serde_json::from_str::<Value>(&page).unwrap()["cameras"][0].clone())
}

/// Every frame in the vault, in the order of capture.
fn recorded(vault: &Path) -> Vec<Seen> {
    let doors = Doors::mint().unwrap();
    let archive = sluis::keep::visit(vault).unwrap();
    let reason = Reason::new("a test").unwrap();
    let mut seen = Vec::new();
    for entry in archive.list().unwrap() {
        let opened = archive.open_segment(entry.segment, &reason).unwrap();
        for recorded in Reader::new(opened, &doors.reader).unwrap() {
            let frame = recorded.unwrap().frame;
            let width = frame.size().width as usize;
            let pixels: Vec<_> = frame.picture().pixels().chunks_exact(3).enumerate().collect();
            let is_seen = |pixel: &[u8]| {
                let (black, mask) = (pixel.iter().all(|v| *v < 24), pixel[0] > 150 && pixel[1] < 100 && pixel[2] > 150);
                !black && !mask
            };
            // H.264 leaves a little of the neighbourhood at an edge.
            let share = |from: usize, to: usize| {
                let of: Vec<_> = pixels.iter().filter(|(n, _)| (from..to).contains(&(n % width))).collect();
                of.iter().filter(|(_, pixel)| is_seen(pixel)).count() as f64 / of.len() as f64
            };
            seen.push(Seen { captured: frame.header().captured, zone: share(408, 640), rest: share(0, 392) });
        }
    }
    seen.sort_by_key(|seen| seen.captured);
    seen
}

#[test]
fn what_is_paused_is_not_recorded_over_restarts_and_the_rest_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let now = || SystemClock.now();
    let mut service = start(at);
    call(at, &["staff", "add", "Petra", "--role", "privacy-officer", "--key", "petra.key"]);
    service.wait("camera-opened");
    sealed(&mut service, 1.0);

    // The camera. The command returns when the pause is stored.
    let paused = now();
    by_petra(at, &["pause", "--camera", "one"]);
    service.wait("camera-paused");
    let told = now();
    service.until("it is paused", |s| s.metric("sluis_camera_paused", "one") == 1.0);
    let (code, camera) = report(&service);
    assert_eq!((code, camera["state"].as_str()), (200, Some("paused")), "{camera}");
    let entered = service.metric("sluis_frames_entered_total", "one");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(service.metric("sluis_frames_entered_total", "one"), entered, "frames come in during a pause");
    assert!(service.stop().success());
    assert!(!service.told("frames-lost") && !service.told("pipeline-failed"), "{:#?}", service.heard);

    // It is paused after a restart, too.
    let mut service = start(at);
    service.wait("camera-paused");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(service.metric("sluis_frames_entered_total", "one"), 0.0, "a restart has ended the pause");
    let listed = json(sluis(&home::without_models()).args(["pause", "ls", "--json", "--vault"]).arg(at.join("vault")));
    assert_eq!(listed["pauses"][0]["camera"], "one", "{listed}");
    let resumed = now();
    by_petra(at, &["resume", "--camera", "one"]);
    service.wait("camera-resumed");
    service.wait("camera-opened");
    sealed(&mut service, 2.0);

    // The zone.
    let zone_paused = now();
    let said = by_petra(at, &["pause", "--camera", "one", "--zone", "till", "--for", "1h"]);
    assert!(errors(&said).contains("the camera goes on"), "{}", errors(&said));
    service.wait("camera-paused");
    service.wait("camera-opened");
    service.until("the zone is paused", |s| s.metric("sluis_zones_paused", "one") == 1.0);
    sealed(&mut service, 2.0);
    assert!(service.stop().success());
    let restarted = now();
    let mut service = start(at);
    service.wait("camera-opened");
    sealed(&mut service, 1.0);
    let zone_resumed = now();
    by_petra(at, &["resume", "--camera", "one", "--zone", "till"]);
    service.wait("camera-resumed");
    service.wait("camera-opened");
    sealed(&mut service, 1.0);
    assert!(service.stop().success());

    let seen = recorded(&at.join("vault"));
    let between = |from: Timestamp, to: Timestamp| seen.iter().filter(move |s| s.captured >= from && s.captured < to);
    let last = between(Timestamp::from_secs(0), resumed).next_back().unwrap().captured;
    eprintln!(
        "paused: told after {:.2?}; the last frame was captured {:.2?} after the command was given",
        told.since(paused),
        last.since(paused)
    );
    assert!(last.since(paused) < OBEYED, "a frame was captured {:?} after the command", last.since(paused));
    assert!(between(resumed, zone_paused).count() > 0, "it records again");
    // Some frames may be blanks, or masked nearly altogether.
    let mostly = |frames: &[&Seen], is: fn(&Seen) -> bool| frames.iter().filter(|s| is(s)).count() * 2 > frames.len();
    let before: Vec<_> = between(Timestamp::from_secs(0), zone_paused).collect();
    assert!(mostly(&before, |s| s.zone > 0.2 && s.rest > 0.2), "before, both are seen");
    let black = between(zone_paused, zone_resumed).find(|s| s.zone < 0.02).unwrap().captured;
    eprintln!("zone paused: black {:.2?} after the command was given", black.since(zone_paused));
    assert!(black.since(zone_paused) < OBEYED);
    for (from, to) in [(black, restarted), (restarted, zone_resumed)] {
        let frames: Vec<_> = between(from, to).collect();
        assert!(!frames.is_empty(), "nothing is recorded beside the zone");
        let most = frames.iter().map(|s| s.zone).fold(0.0, f64::max);
        assert!(most < 0.05, "{most:.2} of the zone is seen");
        assert!(mostly(&frames, |s| s.rest > 0.2), "more than the zone is black");
    }
    let after: Vec<_> = seen.iter().rev().take(10).collect();
    assert!(mostly(&after, |s| s.zone > 0.2), "at the end nothing is paused");

    let ledger = fs::read_to_string(at.join("vault.ledger/ledger.jsonl")).unwrap();
    assert_eq!((ledger.matches("\"paused\"").count(), ledger.matches("\"resumed\"").count()), (2, 2));
    assert!(ledger.contains("\"zone\":\"till\"") && ledger.contains("a guest objects"));
}

#[test]
fn when_it_cannot_be_read_what_is_paused_all_cameras_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut service = start(at);
    service.wait("camera-opened");
    // As a damaged index would be.
    let index = rusqlite::Connection::open(at.join("vault/index.sqlite")).unwrap();
    index.busy_timeout(Duration::from_secs(10)).unwrap();
    index.execute("ALTER TABLE pauses RENAME TO away", []).unwrap();
    service.wait("pauses-unknown");
    service.wait("camera-paused");
    assert_eq!(service.page("/healthz").0, 503);
    index.execute("ALTER TABLE away RENAME TO pauses", []).unwrap();
    service.wait("camera-resumed");
    service.wait("camera-opened");
    service.until("health", |s| s.page("/healthz").0 == 200);
    assert!(service.stop().success());
}

#[test]
fn what_is_not_there_is_not_paused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut service = start(at);
    call(at, &["staff", "add", "Petra", "--role", "privacy-officer", "--key", "petra.key"]);
    call(at, &["staff", "add", "Omar", "--role", "operator", "--key", "omar.key", "--as", "petra.key"]);
    let refused = |arguments: &[&str]| {
        let mut command = sluis(&home::without_models());
        let output = command.current_dir(at).args(arguments).args(["--config", "sluis.toml"]).output().unwrap();
        assert!(!output.status.success(), "{arguments:?} was accepted");
        errors(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let petra = ["--as", "petra.key", "--reason", "a guest objects"];
    let omar = ["--as", "omar.key", "--reason", "a guest objects"];
    let said = refused(&[&["pause", "--camera", "two"][..], &petra].concat());
    assert!(said.contains("two") && said.contains("one"), "{said}");
    let said = refused(&[&["pause", "--camera", "one", "--zone", "shelf"][..], &petra].concat());
    assert!(said.contains("no zone `shelf`"), "{said}");
    let said = refused(&[&["resume", "--camera", "one"][..], &petra].concat());
    assert!(said.contains("no such pause"), "{said}");
    call(at, &[&["pause", "--camera", "one"][..], &omar].concat());
    let said = refused(&[&["resume", "--camera", "one"][..], &omar].concat());
    assert!(said.contains("does not allow this"), "whoever pauses is not who decides that it is over: {said}");
    assert!(service.stop().success());
}
