//! A partner's whole day, by the program alone: a new filter, built, tested, measured, signed and published; in a running shop tried, put in force, and, when it does harm, taken
//! back. What was typed and what was answered is written to `partners-day.txt` in the target folder; `docs/partners-day.md` is made of it.

#![allow(clippy::print_stderr, reason = "figures are told aloud")]
#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sluis_tests::program::{errors, json, sluis};
use sluis_tests::service::Service;
use sluis_tests::transcript::Transcript;
use sluis_tests::{footage, home};

/// The shop's cameras. Few frames are enough, and each is shown: the day is to end.
const SHOP: &str = "[segment]\nseconds = 5\n\
    [plugins]\nfilter = \"red-coats\"\n\
    [plugins.registry]\npath = \"registry\"\n\
    [plugins.update]\nautomatic = false\npeople-frames = 10\nshare-percent = 100\n\
    [[camera]]\nid = \"shelf\"\ndriver = \"synthetic\"\n\
    [[camera]]\nid = \"till\"\ndriver = \"synthetic\"\nsynthetic = { seed = 2 }\n";

const GRANT: &str =
    "[plugins.grants.red-coats]\npublisher = \"acme\"\nsees = \"raw\"\nmemory-mib = 64\ncall-ms = 500\n";

/// Where everything happens, and what was said.
struct Day {
    folder: PathBuf,
    home: PathBuf,
    plugin: PathBuf,
    transcript: Transcript,
}

impl Day {
    fn new(folder: &Path) -> Self {
        let home = folder.join("home");
        let made = home::without_models();
        assert!(Command::new("cp").arg("-r").arg(&made).arg(&home).status().unwrap().success());
        // Always the same place, so that what Cargo compiles is there the next time.
        let plugin = home::components().with_file_name("workbench-tests").join("red-coats");
        let _ = fs::remove_dir_all(&plugin);
        let places = [(plugin.as_path(), "red-coats"), (folder, "."), (footage::checkout(), "CHECKOUT")];
        let transcript = Transcript::new(&places);
        Self { folder: folder.to_owned(), home, plugin, transcript }
    }

    fn command(&self) -> Command {
        let mut command = sluis(&self.home);
        command.current_dir(&self.folder).env("SLUIS_BUILD_DIR", home::components().join("build"));
        command
    }

    fn chapter(&mut self, title: &str) {
        self.transcript.chapter(title);
    }

    /// What a person types, and what the program answers.
    fn call(&mut self, arguments: &[&str]) -> Output {
        self.transcript.call(self.command(), arguments)
    }

    fn ok(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        errors(&output)
    }

    /// An event of the service.
    fn heard(&mut self, event: &Value) {
        self.transcript.note(&format!("# the service: {}", message(event)));
    }

    fn change(&self, change: impl FnOnce(String) -> String) {
        let source = self.plugin.join("src/lib.rs");
        fs::write(&source, change(fs::read_to_string(&source).unwrap())).unwrap();
    }

    /// The partner builds, signs and sends a version, the owner publishes it.
    fn publish(&mut self, version: &str, changelog: &str) {
        let manifest = self.plugin.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let before = text.lines().find(|line| line.starts_with("version = ")).unwrap().to_owned();
        fs::write(&manifest, text.replacen(&before, &format!("version = \"{version}\""), 1)).unwrap();
        let plugin = self.plugin.display().to_string();
        self.ok(&["plugin", "build", &plugin]);
        let entry = self.plugin.join("registry.json");
        let mut told: Value = serde_json::from_str(&fs::read_to_string(&entry).unwrap()).unwrap();
        told["components"][0]["version"] = version.into();
        told["components"][0]["changelog"] = changelog.into();
        fs::write(&entry, serde_json::to_string_pretty(&told).unwrap()).unwrap();
        let entry = entry.display().to_string();
        self.ok(&[
            "registry",
            "add",
            "registry",
            "--publisher",
            "acme",
            "--manifest",
            &entry,
            "--component",
            "red-coats=target/components/red-coats.wasm",
            "--key",
            "acme.key",
        ]);
        self.ok(&["registry", "publish", "registry", "--key", "online.key"]);
    }

    fn in_force(&self) -> String {
        let status = json(self.command().args(["rollout", "status", "--json"]));
        let components = status["components"].as_array().unwrap();
        let ours = components.iter().find(|component| component["name"] == "red-coats").unwrap();
        ours["in-force"].as_str().unwrap().to_owned()
    }
}

fn message(event: &Value) -> &str {
    event["message"].as_str().unwrap_or_default()
}

#[test]
fn a_partners_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut day = Day::new(folder.path());
    let plugin = day.plugin.display().to_string();
    let sdk = footage::checkout().join("plugins/sdk").display().to_string();

    day.chapter("Written");
    day.ok(&["plugin", "new", "red-coats", "--world", "privacy-filter", "--to", &plugin, "--sdk", &sdk]);
    fs::copy(footage::checkout().join("Cargo.lock"), day.plugin.join("Cargo.lock")).unwrap();
    day.chapter("Tested and measured");
    day.ok(&["plugin", "test", &plugin, "--bless"]);
    day.ok(&["plugin", "test", &plugin]);
    day.ok(&["plugin", "bench", &plugin, "--frames", "100"]);

    day.chapter("Signed and published");
    let mut keys = Vec::new();
    for name in ["root.key", "targets.key", "online.key", "acme.key"] {
        keys.push(day.ok(&["registry", "key", name]).trim().to_owned());
    }
    let [root, targets, online, acme] = keys.try_into().unwrap();
    day.ok(&[
        "registry",
        "init",
        "registry",
        "--root-key",
        &root,
        "--threshold",
        "1",
        "--targets-key",
        &targets,
        "--online-key",
        &online,
    ]);
    day.ok(&["registry", "delegate", "registry", "--publisher", "acme", "--publisher-key", &acme]);
    day.ok(&["registry", "sign", "registry", "--key", "root.key"]);
    day.ok(&["registry", "sign", "registry", "--key", "targets.key"]);
    day.publish("0.1.0", "the first");

    day.chapter("Installed in a shop");
    Service::write_configuration(folder.path(), SHOP);
    day.ok(&["plugin", "pin", "--registry", "registry", "--root", "registry/metadata/1.root.json"]);
    let told = day.refused(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);
    assert!(told.contains("[plugins.grants.red-coats]"), "{told}");
    let shop = format!("{SHOP}{GRANT}");
    Service::write_configuration(folder.path(), &shop);
    day.ok(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);

    let mut service = Service::start(&day.home, folder.path(), &shop);
    service.wait("camera-opened");
    service.wait("camera-opened");

    day.chapter("A better version");
    day.change(|source| source.replace("least_contrast: 8", "least_contrast: 4"));
    day.publish("0.2.0", "sees heads in the dark");
    day.ok(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);
    let began = service.wait("trial-began");
    day.heard(&began);
    day.ok(&["rollout", "status", "--config", "sluis.toml"]);
    let changed = service.wait("component-changed");
    day.heard(&changed);
    assert_eq!(day.in_force(), "0.2.0");
    eprintln!("promotion: {}", message(&changed));

    day.chapter("A version that finds nobody");
    let good = fs::read_to_string(day.plugin.join("src/lib.rs")).unwrap();
    day.change(|source| source.replace(".take(MOST_ANSWERS)", ".take(MOST_ANSWERS - MOST_ANSWERS)"));
    day.publish("0.3.0", "quicker");
    day.ok(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);
    let refused = service.wait("candidate-refused");
    day.heard(&refused);
    assert!(message(&refused).contains("it missed"), "{refused}");

    day.chapter("A version that breaks down in use");
    let tired =
        "let picture = frame.size().rect();\n        assert!(frame.elapsed_ms() < 20_000, \"a counter ran over\");";
    day.change(|_| good.replacen("let picture = frame.size().rect();", tired, 1));
    day.publish("0.4.0", "remembers more");
    day.ok(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);
    let changed = service.wait("component-changed");
    day.heard(&changed);
    assert_eq!(day.in_force(), "0.4.0");
    let back = service.wait("rolled-back");
    day.heard(&back);
    let changed = service.wait("component-changed");
    day.heard(&changed);
    assert_eq!(day.in_force(), "0.2.0");
    day.ok(&["rollout", "status", "--config", "sluis.toml"]);
    let told = day.refused(&["plugin", "install", "red-coats", "--config", "sluis.toml"]);
    assert!(told.contains("refused before"), "{told}");

    assert!(service.stop().success());
    assert!(!service.told("frames-lost"), "{:#?}", service.heard);
    for camera in ["shelf", "till"] {
        let (entered, fates) = service.totals(camera);
        assert_eq!(entered, fates.iter().sum::<u64>(), "{camera}: {fates:?}");
        day.transcript.note(&format!(
            "# {camera}: {entered} frames entered, {} recorded, {} quarantined, {} blanked, {} dropped, 0 lost",
            fates[0], fates[1], fates[2], fates[3]
        ));
    }
    let opened = service.heard.iter().filter(|event| event["event"] == "camera-opened").count();
    assert_eq!(opened, 2, "no camera was closed for any of it");
    day.transcript.keep("partners-day.txt");
}
