//! New versions of a component in a running service: tried, put in force, refused, taken back; and no frame is lost by any of it.

#![allow(clippy::print_stderr, reason = "figures are told aloud")]
#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use sluis_registry::{Artefact, Component, Home, Release, Sha256};
use sluis_tests::home;
use sluis_tests::program::{json, sluis};
use sluis_tests::service::Service;

/// One service at a time: each has two cameras.
static ALONE: Mutex<()> = Mutex::new(());

/// The filter that is in force; the others take its name.
const NAME: &str = "follows-people";

/// Few frames are enough, and each is shown: the test is to end.
const SHOP: &str = "[segment]\nseconds = 5\n\
    [plugins]\nfilter = \"follows-people\"\n\
    [plugins.update]\npeople-frames = 10\nshare-percent = 100\n\
    [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n\
    [[camera]]\nid = \"two\"\ndriver = \"synthetic\"\nsynthetic = { seed = 2 }\n";

/// A home of its own, with the planted components.
fn home_in(folder: &Path) -> Home {
    let planted = ["follows-people", "answers-nothing", "tires"].map(|name| format!("tests/components/{name}"));
    let planted: Vec<&str> = planted.iter().map(String::as_str).collect();
    let made = home::with_planted("sluis-tests-rollout", &planted);
    let home = folder.join("home");
    assert!(Command::new("cp").arg("-r").arg(&made).arg(&home).status().unwrap().success());
    Home::at(home)
}

/// The component `behaves` as another version of the filter. A section that means nothing makes its digest another.
fn version(home: &Home, version: &str, behaves: &str) -> (Release, Vec<u8>) {
    let manifest = home.manifest().unwrap();
    let wasm = home.read_component(manifest.component(behaves).unwrap()).unwrap();
    let section = [&[0, version.len() as u8 + 1, version.len() as u8], version.as_bytes()].concat();
    let wasm = [wasm, section].concat();
    let artefact = Some(Artefact { sha256: Sha256::of(&wasm), size: wasm.len() as u64 });
    let component = manifest.component(NAME).unwrap().clone();
    (Release { component: Component { version: version.to_owned(), artefact, ..component }, models: Vec::new() }, wasm)
}

fn whole_status(home: &Home) -> Value {
    json(sluis(home.folder()).args(["rollout", "status", "--json"]))
}

fn status(home: &Home) -> Value {
    let status = whole_status(home);
    let components = status["components"].as_array().unwrap();
    components.iter().find(|component| component["name"] == NAME).unwrap().clone()
}

fn message(event: &Value) -> &str {
    event["message"].as_str().unwrap_or_default()
}

/// Milliseconds that an event tells of.
fn milliseconds(event: &Value) -> &str {
    message(event).split(", ").nth(1).and_then(|rest| rest.split(" after").next()).unwrap_or_default()
}

#[test]
fn a_version_that_is_no_worse_is_put_in_force_and_one_that_does_harm_there_comes_back_out() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let mut service = Service::start(home.folder(), folder.path(), SHOP);
    service.wait("camera-opened");
    service.wait("camera-opened");
    let eye = service.eye();

    let (better, wasm) = version(&home, "0.2.0", "follows-people");
    home.propose(&better, &wasm, &[]).unwrap();
    service.wait("trial-began");
    let now = whole_status(&home);
    assert_eq!(now["trial"]["version"], "0.2.0", "it shows as soon as it is told: {now}");
    assert_eq!(status(&home)["candidate"], "0.2.0");
    let changed = service.wait("component-changed");
    eprintln!("put in force on two cameras {} after it was decided", milliseconds(&changed));
    let now = status(&home);
    assert_eq!((&now["in-force"], &now["previous"]), (&"0.2.0".into(), &"0.1.0".into()), "{now}");

    // One that sees nobody would expose everybody who sits still.
    let (blind, wasm) = version(&home, "0.3.0", "answers-nothing");
    home.propose(&blind, &wasm, &[]).unwrap();
    let refused = service.wait("candidate-refused");
    assert!(message(&refused).contains("it missed"), "{refused}");
    let now = status(&home);
    assert_eq!((&now["in-force"], &now["refused"][0]["version"]), (&"0.2.0".into(), &"0.3.0".into()), "{now}");
    assert!(home.propose(&blind, &wasm, &[]).unwrap_err().to_string().contains("refused before: it missed"));

    // One that is no component at all never gets to a camera.
    let (mut foreign, _) = version(&home, "0.4.0", "follows-people");
    foreign.component.artefact = Some(Artefact { sha256: Sha256::of(b"core"), size: 4 });
    home.propose(&foreign, b"core", &[]).unwrap();
    service.wait_for("candidate-refused", |event| message(event).contains("when it was loaded"));
    assert!(status(&home)["refused"][0]["why"].as_str().unwrap().contains("component"), "{}", status(&home));

    // One that works for twenty seconds, and that long it is tried.
    let (tires, wasm) = version(&home, "0.5.0", "tires");
    home.propose(&tires, &wasm, &[]).unwrap();
    service.wait("component-changed");
    assert_eq!(status(&home)["in-force"], "0.5.0");
    let back = service.wait("rolled-back");
    assert!(message(&back).contains("calls failed"), "{back}");
    let changed = service.wait("component-changed");
    eprintln!("the version before it was back {} after that was decided", milliseconds(&changed));
    assert_eq!(status(&home)["in-force"], "0.2.0");

    assert_eq!(service.eye(), eye, "the process that sees went on");
    assert!(service.stop().success());
    let opened = service.heard.iter().filter(|event| event["event"] == "camera-opened").count();
    assert_eq!(opened, 2, "no camera was closed for it");
    assert!(!service.told("frames-lost"), "{:#?}", service.heard);
    for camera in ["one", "two"] {
        let (entered, fates) = service.totals(camera);
        assert_eq!(entered, fates.iter().sum::<u64>(), "{camera}: {fates:?}");
        eprintln!("{camera}: {entered} frames entered, 0 lost, {} dropped by a machine that was too slow", fates[3]);
    }
    // Each version is in the ledger from when it was in force.
    let vault = folder.path().join("vault");
    let ledger = sluis(home.folder())
        .args(["ledger", "ls", "--json", "--last", "10000", "--vault"])
        .arg(&vault)
        .output()
        .unwrap();
    let ledger = String::from_utf8(ledger.stdout).unwrap();
    let first = |version: &str| ledger.find(&format!("\"{version}\"")).unwrap_or_else(|| panic!("{version}: {ledger}"));
    assert!(first("0.2.0") < first("0.5.0"), "{ledger}");
    assert!(!ledger.contains("\"0.3.0\"") && !ledger.contains("\"0.4.0\""), "{ledger}");
}

#[test]
fn a_service_that_starts_again_begins_with_what_was_put_in_force() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let (better, wasm) = version(&home, "0.2.0", "follows-people");
    home.propose(&better, &wasm, &[]).unwrap();
    let mut service = Service::start(home.folder(), folder.path(), SHOP);
    service.wait("component-changed");
    assert!(service.stop().success());
    let mut service = Service::start(home.folder(), folder.path(), SHOP);
    service.wait("camera-opened");
    // Somebody takes it back by hand, and the service that runs obeys.
    home.roll_back(NAME, "somebody took it back").unwrap();
    service.wait("component-changed");
    assert_eq!(status(&home)["in-force"], "0.1.0");
    assert!(service.stop().success());
}
