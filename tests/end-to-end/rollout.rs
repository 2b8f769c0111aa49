//! New versions of a component in a running service: tried, put in force, refused, taken back; and no frame is lost by any of it.

#![allow(clippy::print_stderr, reason = "figures are told aloud")]
#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sluis_registry::repository::{Beginning, Entry, Role};
use sluis_registry::{
    Artefact, Component, Detector, Home, Manifest, Model, Place, Release, Repository, Sha256, SigningKey,
};
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

/// The same with one camera.
fn one_camera() -> String {
    SHOP.split("[[camera]]\nid = \"two\"").next().unwrap_or_default().to_owned()
}

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

    // Nor does one that would see other frames than it is published for.
    let (spy, wasm) = version(&home, "0.4.1", "anonymisation-audit");
    home.propose(&spy, &wasm, &[]).unwrap();
    service.wait_for("candidate-refused", |event| message(event).contains("when it was loaded"));
    let now = status(&home);
    let why = now["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("is published as privacy-filter, and is anonymisation-audit"), "{now}");

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
    let mut service = Service::start(home.folder(), folder.path(), &one_camera());
    service.wait("component-changed");
    assert!(service.stop().success());
    let mut service = Service::start(home.folder(), folder.path(), &one_camera());
    service.wait("camera-opened");
    // Somebody takes it back by hand, and the service that runs obeys.
    home.roll_back(NAME, "somebody took it back").unwrap();
    service.wait("component-changed");
    assert_eq!(status(&home)["in-force"], "0.1.0");
    assert!(service.stop().success());

    // Whether a service would begin with what a configuration names, and with no other.
    let check = |tables: &str| {
        Service::write_configuration(folder.path(), tables);
        let file = folder.path().join("sluis.toml");
        String::from_utf8(sluis(home.folder()).args(["check", "--config"]).arg(file).output().unwrap().stdout).unwrap()
    };
    let said = check(&one_camera());
    assert!(said.contains("privacy-filter ok       follows-people 0.1.0"), "{said}");
    let said = check(&one_camera().replace("\"follows-people\"", "\"anonymisation-audit\""));
    assert!(said.contains("privacy-filter missing  no component `anonymisation-audit`"), "{said}");
}

/// A release with a model of its own, with which it says that it detects.
fn with_model(release: Release, model: &[u8]) -> Release {
    let name = "looks".to_owned();
    let detectors = vec![Detector { family: name.clone(), model: Some(name.clone()) }];
    let (sha256, size) = (Sha256::of(model), model.len() as u64);
    let (family, licence, origin) = (name.clone(), "MIT".to_owned(), "made for a test".to_owned());
    let models = vec![Model { name, family, sha256, size, licence, origin, pull: None }];
    Release { component: Component { detectors, ..release.component }, models }
}

#[test]
fn what_needs_a_stricter_mode_is_gone_back_to_all_the_same_and_a_model_comes_as_an_update() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let (release, wasm) = version(&home, "0.2.0", "follows-people");
    let (one, two) = (with_model(release.clone(), b"one"), with_model(release, b"two"));
    home.put_in_force(&one, &wasm, &[("looks", b"one")]).unwrap();
    let mut service = Service::start(home.folder(), folder.path(), &one_camera());
    service.wait("camera-opened");
    let eye = service.eye();

    // The one before it has no network: masks of heads only would not be enough with it.
    home.roll_back(NAME, "the model is worse").unwrap();
    let ended = service.wait("eye-ended");
    assert!(message(&ended).contains("(code 0)"), "in order: {ended}");
    service.wait("camera-opened");
    let again = service.eye();
    assert_ne!(again, eye);
    assert_eq!(status(&home)["in-force"], "0.1.0");

    home.propose(&two, &wasm, &[("looks", b"two")]).unwrap();
    service.wait("component-changed");
    let component = home.component("privacy-filter", Some(NAME)).unwrap();
    assert_eq!(home.release(&component).unwrap().models, two.models);
    assert_eq!(service.eye(), again, "a less strict mode is not needed");
    assert!(service.stop().success());
    assert!(!service.told("frames-lost"), "{:#?}", service.heard);
    let vault = folder.path().join("vault");
    let ledger =
        sluis(home.folder()).args(["ledger", "ls", "--json", "--last", "1000", "--vault"]).arg(&vault).output();
    let ledger = String::from_utf8(ledger.unwrap().stdout).unwrap();
    assert!(ledger.contains(&Sha256::of(b"two").to_string()), "it tells with which model: {ledger}");
}

/// A registry with the publisher `acme`.
struct Registry {
    repository: Repository,
    folder: PathBuf,
}

impl Registry {
    fn new(folder: &Path) -> Self {
        let repository = Repository::at(folder.join("registry"));
        let registry = Self { repository, folder: folder.to_owned() };
        let role = |name: &str| Role::of(registry.key(name).public());
        let beginning = Beginning {
            root: role("root"),
            targets: role("targets"),
            snapshot: role("online"),
            timestamp: role("online"),
            root_expires: soon(),
            targets_expires: soon(),
        };
        registry.repository.begin(&beginning).unwrap();
        registry.repository.delegate("acme", &role("acme"), soon()).unwrap();
        registry.repository.sign(&[registry.key("root"), registry.key("targets")]).unwrap();
        registry
    }

    fn key(&self, name: &str) -> SigningKey {
        let file = self.folder.join(format!("{name}.key"));
        if file.exists() { SigningKey::read(&file).unwrap() } else { SigningKey::create(&file).unwrap() }
    }

    /// Offers this component, with so much memory.
    fn offer(&self, component: &Component, memory_mib: u32, wasm: &[u8]) {
        let mut component = Component { artefact: None, ..component.clone() };
        component.limits.memory_mib = memory_mib;
        let manifest = Manifest { version: 1, components: vec![component], models: Vec::new() };
        let (entry, file) = (self.folder.join("entry.json"), self.folder.join("entry.wasm"));
        fs::write(&entry, serde_json::to_string(&manifest).unwrap()).unwrap();
        fs::write(&file, wasm).unwrap();
        let entry = Entry { manifest: entry, components: vec![(NAME.to_owned(), file)], models: Vec::new() };
        self.repository.add("acme", &entry, soon()).unwrap();
        self.publish();
    }

    fn publish(&self) {
        self.repository.sign(&[self.key("acme")]).unwrap();
        self.repository.publish(&[self.key("online")], soon()).unwrap();
    }
}

fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(1)
}

#[test]
fn a_service_looks_at_the_registry_takes_what_is_granted_and_tells_what_waits_or_was_withdrawn() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let registry = Registry::new(folder.path());
    let (next, wasm) = version(&home, "0.2.0", "follows-people");
    registry.offer(&next.component, 64, &wasm);
    let root = fs::read(folder.path().join("registry/metadata/1.root.json")).unwrap();
    home.pin(&Place::Folder(folder.path().join("registry")), &root).unwrap();
    let grant =
        "[plugins.grants.follows-people]\npublisher = \"acme\"\nsees = \"raw\"\nmemory-mib = 64\ncall-ms = 2000\n";
    let shop = one_camera().replace("[plugins.update]\n", "[plugins.update]\nautomatic = true\n");
    let shop = format!("{shop}[plugins.registry]\npath = \"registry\"\n{grant}");
    let mut service = Service::start(home.folder(), folder.path(), &shop);
    service.wait("trial-began");
    service.wait("component-changed");
    assert_eq!(status(&home)["in-force"], "0.2.0");
    assert!(service.stop().success());

    let (greedy, wasm) = version(&home, "0.3.0", "follows-people");
    registry.offer(&greedy.component, 65, &wasm);
    let mut service = Service::start(home.folder(), folder.path(), &shop);
    service.wait("updates-wait");
    let waits = || whole_status(&home)["waiting"][0]["why"].as_str().unwrap_or_default().to_owned();
    service.until("what waits is told", |_| waits().contains("it asks for 65 MiB of memory, and 64 are granted"));
    assert_eq!(status(&home)["candidate"], Value::Null);
    assert!(service.stop().success());

    registry.repository.withdraw("acme", &[NAME.to_owned()], &[], soon()).unwrap();
    registry.publish();
    // Of the same publisher, and offered no more: it was proposed before.
    home.propose(
        &Release { component: Component { publisher: Some("acme".into()), ..greedy.component }, models: Vec::new() },
        &wasm,
        &[],
    )
    .unwrap();
    let mut service = Service::start(home.folder(), folder.path(), &shop);
    service.until("what is in force is told to be withdrawn", |_| waits().contains("offers it in no version any more"));
    service.until("the candidate is let go of", |_| status(&home)["candidate"] == Value::Null);
    let now = status(&home);
    assert_eq!((&now["in-force"], &now["refused"]), (&"0.2.0".into(), &serde_json::json!([])), "{now}");
    assert!(service.stop().success());
}
