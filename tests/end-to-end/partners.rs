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
        let output = self.call(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        // Wrapped for a terminal.
        errors(&output).replace("\n  │ ", " ").replace("│ ", "")
    }

    /// Makes a key and gives its public half.
    fn key(&self, name: &str) -> String {
        self.ok(&["registry", "key", &format!("{name}.key")]).trim().to_owned()
    }

    /// The publisher adds a version, and the owner publishes it. What makes it another is a section that nothing reads.
    fn publish(&self, version: &str) {
        let entry = json!({
            "version": 1,
            "components": [{
                "name": "shelf-watch", "world": "gesture-detector", "contract": "sluis:stage@0.1.0", "version": version,
                "licence": "MIT", "sees": "cleared", "limits": { "memory-mib": 128, "call-ms": 500 },
            }],
            "models": [],
        });
        fs::write(self.path("entry.json"), entry.to_string()).unwrap();
        let mut wasm = self.wasm.clone();
        wasm.extend([0, 1 + version.len() as u8, version.len() as u8]);
        wasm.extend(version.bytes());
        fs::write(self.path("shelf-watch.wasm"), wasm).unwrap();
        let component = "shelf-watch=shelf-watch.wasm";
        let add = [
            "registry",
            "add",
            "registry",
            "--publisher",
            "acme",
            "--manifest",
            "entry.json",
            "--component",
            component,
        ];
        self.ok(&[&add[..], &["--key", "acme.key"]].concat());
        self.ok(&["registry", "publish", "registry", "--key", "online.key"]);
    }

    fn sign(&self, keys: &[&str]) {
        for key in keys {
            self.ok(&["registry", "sign", "registry", "--key", &format!("{key}.key")]);
        }
    }
}

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

    scene.ok(&["plugin", "remove", "shelf-watch"]);
    let shown = scene.json(&[&["plugin", "ls"][..], &shop].concat());
    assert_eq!(shown["installed"].as_array().unwrap().len(), 0);
}

#[test]
fn what_no_host_would_load_is_not_added_and_a_wrong_root_is_not_pinned() {
    let scene = Scene::new();
    fs::write(scene.path("broken.wasm"), b"no component").unwrap();
    fs::write(scene.path("entry.json"), r#"{"version": 1, "components": [], "models": []}"#).unwrap();
    let add = ["registry", "add", "registry", "--publisher", "acme", "--manifest", "entry.json"];
    let told = scene.fails(&[&add[..], &["--component", "shelf-watch=broken.wasm"]].concat());
    assert!(told.contains("shelf-watch"), "{told}");

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
