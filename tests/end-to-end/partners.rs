//! A registry from its first key to a component in a shop, by the built program as owner, publisher and shop use it.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use sluis_tests::footage::checkout;
use sluis_tests::program::{build_folder, errors, sluis};
use tempfile::TempDir;

/// Folders of owner, publisher and shop.
struct Scene {
    folder: TempDir,
    wasm: Vec<u8>,
}

impl Scene {
    /// A registry whose root two of three keys have signed, with the publisher `acme`, whose component is not there yet; and a shop without any component.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scene = Self { wasm: built(), folder };
        let keys = ["root-1", "root-2", "root-3", "targets", "online", "acme"].map(|name| scene.key(name));
        let [root_1, root_2, root_3, targets, online, acme] = keys.each_ref().map(String::as_str);
        scene.ok(&[
            "registry",
            "init",
            "registry",
            "--root-key",
            root_1,
            "--root-key",
            root_2,
            "--root-key",
            root_3,
            "--threshold",
            "2",
            "--targets-key",
            targets,
            "--online-key",
            online,
        ]);
        scene.ok(&["registry", "delegate", "registry", "--publisher", "acme", "--publisher-key", acme]);
        fs::write(scene.path("sluis.toml"), SHOP).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn call(&self, arguments: &[&str]) -> Output {
        sluis(&self.path("home")).current_dir(self.folder.path()).args(arguments).output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn fails(&self, arguments: &[&str]) -> String {
        self.ends(1, arguments)
    }

    /// What a command line that is wrong in itself is told.
    fn is_no_command(&self, arguments: &[&str]) -> String {
        self.ends(2, arguments)
    }

    fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", errors(&output));
        // Wrapped for a terminal.
        errors(&output).replace("\n  │ ", " ").replace("│ ", "")
    }

    /// Makes a key and gives its public half.
    fn key(&self, name: &str) -> String {
        self.ok(&["registry", "key", &format!("{name}.key")]).trim().to_owned()
    }

    /// The publisher adds a version, and the owner publishes it.
    fn publish(&self, version: &str) {
        self.build(version);
        self.ok(&[&ADD[..], &["--key", "acme.key"]].concat());
        self.ok(&["registry", "publish", "registry", "--key", "online.key"]);
    }

    /// A version of the publisher's component. What makes it another is a section that nothing reads.
    fn build(&self, version: &str) {
        self.write_entry(version, CONTRACT);
        let mut wasm = self.wasm.clone();
        wasm.extend([0, 1 + version.len() as u8, version.len() as u8]);
        wasm.extend(version.bytes());
        fs::write(self.path("shelf-watch.wasm"), wasm).unwrap();
    }

    fn write_entry(&self, version: &str, contract: &str) {
        let component = |name: &str| {
            json!({
                "name": name, "world": "gesture-detector", "contract": contract, "version": version,
                "licence": "MIT", "sees": "cleared", "limits": { "memory-mib": 128, "call-ms": 500 },
            })
        };
        let entry =
            json!({ "version": 1, "components": [component("shelf-watch"), component("till-watch")], "models": [] });
        fs::write(self.path("entry.json"), entry.to_string()).unwrap();
    }

    fn sign(&self, keys: &[&str]) {
        for key in keys {
            self.ok(&["registry", "sign", "registry", "--key", &format!("{key}.key")]);
        }
    }
}

/// The contract that the component is built against.
const CONTRACT: &str = "sluis:stage@0.2.0";

/// The publisher adds what [`Scene::build`] has made.
const ADD: [&str; 9] = [
    "registry",
    "add",
    "registry",
    "--publisher",
    "acme",
    "--manifest",
    "entry.json",
    "--component",
    "shelf-watch=shelf-watch.wasm",
];

const SHOP: &str = r#"
[shop]
id = "hilversum"
name = "Bakery Hilversum"
[[camera]]
id = "one"
driver = "synthetic"
synthetic = { seed = 3, view = "oblique" }
[vault]
dir = "vault"
[plugins.registry]
path = "registry"
"#;

/// A component that any host loads.
fn built() -> Vec<u8> {
    let out = build_folder().parent().unwrap().join("components");
    let mut build = sluis(Path::new("/nowhere"));
    build.args(["plugin", "build", "plugins/gesture-detector", "--out"]).arg(&out).current_dir(checkout());
    let output = build.output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    fs::read(out.join("gesture-detector.wasm")).unwrap()
}

#[test]
fn a_component_comes_from_its_publisher_into_a_shop_and_goes_again() {
    let scene = Scene::new();
    let told = scene.fails(&["registry", "publish", "registry", "--key", "online.key"]);
    assert!(told.contains("0 of the 2 signatures"), "{told}");
    scene.sign(&["root-1", "root-3", "targets"]);
    scene.publish("0.1.0");

    let shop = ["--config", "sluis.toml"];
    let install = [&["plugin", "install", "shelf-watch"][..], &shop].concat();
    let told = scene.fails(&install);
    assert!(told.contains("no registry is pinned"), "{told}");
    scene.ok(&["plugin", "pin", "--registry", "registry", "--root", "registry/metadata/1.root.json"]);
    let shown = scene.json(&[&["plugin", "ls", "--available"][..], &shop].concat());
    assert_eq!(shown["available"][0]["component"]["version"], "0.1.0", "{shown}");
    assert_eq!(shown["installed"].as_array().unwrap().len(), 0);

    // Nothing is granted: what it asks for is shown, as the table that grants it.
    let told = scene.fails(&install);
    assert!(told.contains("acme/shelf-watch 0.1.0 waits for your permission"), "{told}");
    let table = "[plugins.grants.shelf-watch]\npublisher = \"acme\"\nsees = \"cleared\"\nmemory-mib = 128\ncall-ms = 500\nmodels = []\n";
    for line in table.lines() {
        assert!(told.contains(line), "{line}: {told}");
    }
    fs::write(scene.path("sluis.toml"), format!("{SHOP}{table}")).unwrap();
    assert_eq!(scene.json(&install)["state"], "in-force");
    assert_eq!(scene.json(&install)["state"], "in-force", "once more changes nothing");
    let told = scene.ok(&install);
    assert!(told.contains("0.1.0 is in force already: the registry offers nothing newer"), "{told}");
    let told = scene.fails(&["plugin", "install", "shelf-watch"]);
    assert!(told.contains("waits for your permission") && told.contains("name it with `--config FILE`"), "{told}");

    scene.publish("0.2.0");
    let told = scene.fails(&[&install[..], &["--version", "0.1.0"]].concat());
    assert!(told.contains("offers acme/shelf-watch 0.2.0, and not 0.1.0"), "{told}");
    assert_eq!(scene.json(&install)["state"], "candidate");
    let shown = scene.json(&[&["plugin", "ls"][..], &shop].concat());
    assert_eq!(shown["installed"][0]["version"], "0.1.0", "{shown}");
    assert_eq!(shown["installed"][0]["candidate"]["component"]["version"], "0.2.0", "{shown}");
    assert_eq!(shown["installed"][0]["publisher"], "acme", "{shown}");
    let told = scene.fails(&["plugin", "rollback", "shelf-watch"]);
    assert!(told.contains("has no previous version"), "{told}");
    for task in ["rollback", "remove"] {
        let told = scene.fails(&["plugin", task, "nosuch"]);
        assert!(told.contains("no component `nosuch` is installed; installed are: shelf-watch"), "{told}");
    }

    // What is older comes only when it is asked for.
    scene.publish("0.0.9");
    let told = scene.fails(&install);
    assert!(told.contains("0.0.9 is offered, and 0.2.0 is the candidate"), "{told}");
    let older = scene.json(&[&install[..], &["--version", "0.0.9"]].concat());
    assert_eq!(older["state"], "candidate");

    scene.ok(&["plugin", "remove", "shelf-watch"]);
    let shown = scene.json(&[&["plugin", "ls"][..], &shop].concat());
    assert_eq!(shown["installed"].as_array().unwrap().len(), 0);
}

#[test]
fn what_no_host_would_load_is_not_added_and_a_wrong_root_is_not_pinned() {
    let scene = Scene::new();
    fs::write(scene.path("broken.wasm"), b"no component").unwrap();
    fs::write(scene.path("entry.json"), r#"{"version": 1, "components": [], "models": []}"#).unwrap();
    let add = &ADD[..7];
    let told = scene.fails(&[add, &["--component", "shelf-watch=broken.wasm"]].concat());
    assert!(told.contains("shelf-watch"), "{told}");
    let told = scene.is_no_command(add);
    assert!(told.contains("--component <NAME=FILE>"), "{told}");

    scene.sign(&["root-1", "root-2", "targets"]);
    scene.publish("0.1.0");
    let other = Scene::new();
    other.sign(&["root-1", "root-2", "targets"]);
    other.publish("0.1.0");
    let root = other.path("registry/metadata/1.root.json");
    let told = scene.fails(&["plugin", "pin", "--registry", "registry", "--root", root.to_str().unwrap()]);
    assert!(told.contains("the pinned root is of another registry"), "{told}");
    let told = scene.fails(&["plugin", "install", "shelf-watch", "--config", "sluis.toml"]);
    assert!(told.contains("no registry is pinned"), "{told}");
}

#[test]
fn a_publisher_is_told_what_was_added_and_no_other_contract_is_written_down() {
    let scene = Scene::new();
    scene.build("0.2.0");
    let told = scene.ok(&ADD);
    let size = fs::metadata(scene.path("shelf-watch.wasm")).unwrap().len();
    assert!(told.contains(&format!("added acme/shelf-watch 0.2.0, {size} bytes, sha256 ")), "{told}");
    assert!(told.contains("not added: till-watch, its file was not named"), "{told}");
    let told = scene.json(&ADD);
    assert_eq!((&told["added"][0]["name"], &told["added"][0]["size"]), (&json!("acme/shelf-watch"), &json!(size)));
    assert_eq!((&told["not-added"], &told["roles"][2]["role"]), (&json!(["till-watch"]), &json!("acme")));

    scene.sign(&["root-1", "root-2", "targets"]);
    scene.publish("0.2.0");
    scene.build("0.1.0");
    let told = errors(&scene.call(&ADD));
    assert!(told.contains("warning: acme/shelf-watch 0.1.0 is lower than 0.2.0"), "{told}");

    scene.write_entry("0.3.0", "sluis:stage@0.1.0");
    let told = scene.fails(&ADD);
    assert!(told.contains("is built against sluis:stage@0.2.0, and the manifest says sluis:stage@0.1.0"), "{told}");
}

#[test]
fn what_is_signed_holds_for_no_longer_than_it_should() {
    let scene = Scene::new();
    let publish = ["registry", "publish", "registry", "--key", "online.key", "--days"];
    let renew = ["registry", "renew", "registry", "--role", "root", "--days"];
    for (task, days) in [(publish, "0"), (publish, "91"), (renew, "0"), (renew, "3651")] {
        let told = scene.is_no_command(&[&task[..], &[days]].concat());
        assert!(told.contains("--days"), "{told}");
    }
}

#[test]
fn keys_are_told_apart_and_listed_with_what_they_sign() {
    let scene = Scene::new();
    let key = |name: &str| scene.json(&["registry", "key", &format!("{name}.key"), "--public"]);
    let root = key("root-1");
    fs::write(scene.path("root-1.pub"), root["public"].as_str().unwrap()).unwrap();
    let told = scene.fails(&["registry", "sign", "registry", "--key", "root-1.pub"]);
    assert!(told.contains("root-1.pub is the public half of a key") && !told.contains("chmod"), "{told}");
    let rotate = ["registry", "rotate", "registry", "--role", "root", "--new"];
    let told = scene.is_no_command(&[&rotate[..], &["root-1.key"]].concat());
    assert!(told.contains("root-1.key is a private key"), "{told}");

    scene.sign(&["root-1"]);
    let told = scene.ok(&["registry", "ls", "registry"]);
    let id = |name: &str| key(name)["id"].as_str().unwrap().to_owned();
    let [first, second] = ["root-2", "root-3"].map(id);
    let waits = told.lines().next().unwrap();
    assert!(waits.contains("draft, 1 of 2 signatures; may still sign: "), "{told}");
    assert!(waits.contains(&first) && waits.contains(&second) && !waits.contains(&id("root-1")), "{told}");
    let acme = format!("publisher acme: signed by {}; has signed nothing yet", id("acme"));
    assert!(told.contains(&acme), "{told}");

    // Keys of a new root sign for the root before it as well, and both are counted.
    scene.sign(&["root-2", "targets"]);
    scene.publish("0.1.0");
    let (old, new) = (root["public"].as_str().unwrap(), scene.key("root-4"));
    scene.ok(&[&rotate[..], &[&new, "--out", old]].concat());
    scene.sign(&["root-4", "root-2"]);
    let told = scene.ok(&["registry", "ls", "registry"]);
    assert!(told.contains("draft, 2 of 2 signatures, and 1 of 2 of the root before it; may still sign: "), "{told}");
    let output = scene.call(&["registry", "publish", "registry", "--key", "online.key"]);
    assert!(errors(&output).contains("1 of the 2 signatures that the root before it asks for"), "{}", errors(&output));
}

#[test]
fn a_pinned_root_gives_way_to_another_only_when_somebody_says_so() {
    let (scene, other) = (Scene::new(), Scene::new());
    for scene in [&scene, &other] {
        scene.sign(&["root-1", "root-2", "targets"]);
        scene.publish("0.1.0");
    }
    let pin = |registry: &Path| {
        let root = registry.join("metadata/1.root.json");
        ["plugin", "pin", "--registry", registry.to_str().unwrap(), "--root", root.to_str().unwrap()].map(str::to_owned)
    };
    let (theirs, others) = (pin(&scene.path("registry")), pin(&other.path("registry")));
    let (theirs, others) = (theirs.each_ref().map(String::as_str), others.each_ref().map(String::as_str));
    let told = scene.ok(&theirs);
    assert!(told.contains("is pinned; the registry offers 1 component\n"), "{told}");
    let pinned = told.split(' ').nth(1).unwrap().to_owned();
    scene.ok(&theirs);
    let told = scene.fails(&others);
    assert!(told.contains(&pinned) && told.contains("--replace"), "{told}");
    let told = scene.ok(&[&others[..], &["--replace"]].concat());
    assert!(told.contains(&format!("is pinned in place of {pinned};")), "{told}");

    let root = theirs[5];
    let told = scene.fails(&["plugin", "pin", "--registry", "regsitry", "--root", root, "--replace"]);
    assert!(told.contains("there is no folder ") && told.contains("/regsitry: name the folder"), "{told}");
}
