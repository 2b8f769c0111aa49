//! The contract is not Rust's alone: `examples/partner-plugin-js`, a filter in JavaScript, is built as its author builds it, and loaded and run as any other component.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what a test prepares is there, or the test fails; what is left out is said"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Rect, Size, Timestamp};
use sluis_stage::{
    CameraFacts, ChamberSettings, Engine, EngineSettings, Error, FilterChamber, Limits, Plugin, Subject, World,
};
use sluis_tests::footage;
use sluis_tests::peers::run;
use sluis_tests::program::{build_folder, json, sluis};

const SIZE: Size = Size::new(640, 480);
/// What its README tells an operator to allow.
const MEMORY: usize = 64 << 20;

/// The component, built in a copy under the target folder; `None`, with a loud word, where there is no Node.js or no npm.
fn built() -> Option<PathBuf> {
    if let Err(why) = tools() {
        println!("SKIPPED, a component in JavaScript: {why}");
        return None;
    }
    let copy = build_folder().parent().expect("the build folder lies in the target folder").join("other-language");
    fs::create_dir_all(&copy).unwrap();
    // Kept from run to run, with what npm installs.
    let lock = File::create(copy.join(".lock")).unwrap();
    lock.lock().unwrap();
    let plugin = copy.join("examples/partner-plugin-js");
    for folder in ["examples/partner-plugin-js", "wit/0.2.0"] {
        copied(&footage::checkout().join(folder), &copy.join(folder));
    }
    let npm = |arguments: &[&str]| run(Command::new("npm").args(arguments).current_dir(&plugin));
    let (wanted, installed) =
        (fs::read(plugin.join("package-lock.json")).unwrap(), plugin.join("node_modules/.installed"));
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        if let Err(why) = npm(&["ci", "--no-audit", "--no-fund"]) {
            assert!(std::env::var_os("CI").is_none(), "what it is built with could not be installed: {why}");
            println!("SKIPPED, a component in JavaScript: what it is built with could not be installed: {why}");
            return None;
        }
        fs::write(&installed, wanted).unwrap();
    }
    npm(&["test"]).unwrap();
    npm(&["run", "build"]).unwrap();
    Some(plugin.join("dist/paper-and-screens.wasm"))
}

/// Whether there are the tools that its README asks for.
fn tools() -> Result<(), String> {
    let version = run(Command::new("node").arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("Node.js 20 is needed, and this is {}", version.trim()));
    }
    run(Command::new("npm").arg("--version")).map(drop)
}

/// Copies a folder, with what its links lead to, and without what was built or installed in it.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if name == "node_modules" || name == "dist" {
            continue;
        }
        if path.is_dir() {
            copied(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn given(settings: &str) -> ChamberSettings {
    ChamberSettings {
        camera: CameraId::new("till-1").unwrap(),
        facts: CameraFacts { size: SIZE, rate: 15.0, depth: false, mount: None, lens: None },
        settings: settings.to_owned(),
        limits: Limits { memory: MEMORY, ..Limits::default() },
        models: Vec::new(),
    }
}

/// A dark picture with one white sheet in it, or none.
fn frame(number: u64, sheet: Option<Rect>) -> Frame<Raw> {
    let mut pixels = vec![40; SIZE.pixels() * 3];
    if let Some(area) = sheet {
        for y in area.y as u32..area.y as u32 + area.height {
            let start = (y * SIZE.width + area.x as u32) as usize * 3;
            pixels[start..start + area.width as usize * 3].fill(240);
        }
    }
    let captured = Timestamp::from_secs(1_000) + Duration::from_millis(66 * number);
    let header = Header { camera: CameraId::new("till-1").unwrap(), number: FrameNumber(number), captured };
    Frame::capture(header, Picture::new(SIZE, pixels).unwrap(), None).unwrap()
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    println!("{what}: {:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    done
}

fn masks_a_sheet_of_paper(filter: &mut FilterChamber) {
    let sheet = Rect::new(203, 101, 150, 210);
    let regions = timed("first frame", || filter.find(&frame(0, Some(sheet)), &[])).unwrap();
    let [region] = regions[..] else { panic!("{regions:?}") };
    assert_eq!(region.subject, Subject::Identifier);
    assert_eq!(region.area.union(sheet), region.area, "the whole sheet is in it");
    assert!(region.area.area() < sheet.area() * 3 / 2, "and not much else: {}", region.area);
    assert_eq!(filter.find(&frame(1, None), &[]).unwrap(), []);

    let rounds = 300;
    let started = Instant::now();
    for number in 2..2 + rounds {
        assert_eq!(filter.find(&frame(number, Some(sheet)), &[]).unwrap(), regions);
    }
    println!("a frame, of {rounds}: {:.1} ms", started.elapsed().as_secs_f64() * 1000.0 / rounds as f64);
    println!("memory after them: {:.1} MiB", filter.memory() as f64 / f64::from(1 << 20));
}

fn refuses_settings_in_words(plugin: &Plugin) {
    let error = plugin.filter(&given(r#"{"brightnes": 200}"#)).unwrap_err();
    let Error::Refused { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.starts_with("there is no setting `brightnes`"), "{reason}");
}

fn names_what_it_lacks(plugin: &Plugin) {
    // Less than its engine needs: it cannot be made at all, and the error says why.
    let mut scant = given("{}");
    scant.limits.memory = 4 << 20;
    let error = plugin.filter(&scant).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
}

#[test]
fn a_component_in_javascript_is_accepted_and_masks_what_it_should() {
    let Some(path) = built() else { return };
    let home = tempfile::tempdir().unwrap();
    let told = json(sluis(home.path()).args(["plugin", "inspect", "--json"]).arg(&path));
    assert_eq!((told["world"].as_str(), told["contract"]["minor"].as_u64()), (Some("privacy-filter"), Some(2)));

    let wasm = fs::read(&path).unwrap();
    let engine = Engine::new(EngineSettings::default()).unwrap();
    let plugin = timed("compiled, linked and tried", || engine.load("paper-and-screens", &wasm)).unwrap();
    assert_eq!(plugin.world(), World::PrivacyFilter);
    let mut filter = timed("chamber made", || plugin.filter(&given("{}"))).unwrap();
    println!("memory when made: {:.1} MiB", filter.memory() as f64 / f64::from(1 << 20));
    masks_a_sheet_of_paper(&mut filter);
    refuses_settings_in_words(&plugin);
    names_what_it_lacks(&plugin);
}
