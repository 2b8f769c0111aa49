//! Installed components and models for the program, made once and kept under the target folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::LazyLock;

use crate::footage;
use crate::program::{build_folder, errors, sluis};

/// The components that the project ships.
const COMPONENTS: [&str; 4] =
    ["plugins/face-blur", "plugins/anonymisation-audit", "plugins/gesture-detector", "plugins/audience-meter"];

static FULL: LazyLock<PathBuf> = LazyLock::new(|| make("sluis-tests", &COMPONENTS, true));
static BARE: LazyLock<PathBuf> = LazyLock::new(|| make("sluis-tests-bare", &COMPONENTS, false));

/// The shipped components, with the models of the footage folder where that is there.
pub fn with_models() -> PathBuf {
    FULL.clone()
}

/// The shipped components without any model.
pub fn without_models() -> PathBuf {
    BARE.clone()
}

/// The shipped components and the planted ones in `crates` (folders from the root of the checkout), with models. Kept under `name`.
pub fn with_planted(name: &str, crates: &[&str]) -> PathBuf {
    make(name, &[&COMPONENTS, crates].concat(), true)
}

/// Where components are built: what Cargo compiles for them is in `build` there, the standard library once for all plugins that stand alone.
///
/// # Panics
///
/// When this is not run by Cargo.
pub fn components() -> PathBuf {
    build_folder().parent().expect("the build folder lies in the target folder").join("components")
}

fn make(name: &str, crates: &[&str], models: bool) -> PathBuf {
    let target = build_folder().parent().expect("the build folder lies in the target folder").to_owned();
    let home = target.join(name);
    fs::create_dir_all(&home).expect("the target folder can be written");
    // Several test programs may make it at the same time.
    let lock = File::create(home.join(".lock")).expect("the target folder can be written");
    lock.lock().expect("a file in the target folder can be locked");
    let mut build = sluis(&home);
    build.args(["plugin", "build", "--install", "--out"]).arg(components()).args(crates);
    let output = build.current_dir(footage::checkout()).output();
    let output = output.expect("the program starts");
    assert!(
        output.status.success(),
        "the components were not built; `cargo demo` brings what is missing:\n{}",
        errors(&output)
    );
    if models && let Some(footage) = footage::folder() {
        for (model, file) in [("centerface", "centerface.onnx"), ("yunet", "face_detection_yunet_2023mar.onnx")] {
            let output =
                sluis(&home).args(["model", "add", model, "--from"]).arg(footage.join("models").join(file)).output();
            let output = output.expect("the program starts");
            assert!(output.status.success(), "{}", errors(&output));
        }
    }
    home
}
