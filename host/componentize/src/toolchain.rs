//! Which compiler can build components here.
//!
//! First the active toolchain, when it has the standard library for the target. Else Debian's `rustc-web`, which has the library's source and builds it
//! on the way. Else an error with the one command that fixes it. Nothing here installs anything, and nothing calls rustup: where `rustc` and `cargo` are
//! rustup's proxies, they are told not to download.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::{Serialize, Serializer};

use crate::error::Error;

/// What components are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The packages that give Debian 12 a toolchain for components.
pub const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Edition 2024 needs this minor version of Rust 1. Debian 12's ordinary `rustc` is 1.63.
const OLDEST_MINOR: u32 = 85;

/// What a process that builds something else may have left in the environment, and what would change the component or confuse another
/// toolchain.
const FOREIGN: [&str; 10] = [
    "CARGO",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// A compiler that can build components, with its Cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    origin: Origin,
    rustc: PathBuf,
    cargo: PathBuf,
    /// What `rustc --version` says.
    version: String,
    sysroot: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// The one that the folder uses anyway.
    Active,
    /// Debian's, with the linker that it needs to be told of; it compiles the standard library from its source.
    Debian { linker: PathBuf },
}

/// Where to look.
#[derive(Debug)]
struct Places {
    rustc: PathBuf,
    cargo: PathBuf,
    debian_bin: PathBuf,
}

// === impl Toolchain ===

impl Toolchain {
    /// The toolchain for the current folder.
    ///
    /// # Errors
    ///
    /// As [`find_for`](Self::find_for).
    pub fn find() -> Result<Self, Error> {
        Self::find_for(Path::new("."))
    }

    /// The toolchain for the crate in `dir`: a `rust-toolchain.toml` there or above it counts.
    ///
    /// # Errors
    ///
    /// [`Error::NoToolchain`] with the one command that fixes it.
    pub fn find_for(dir: &Path) -> Result<Self, Error> {
        Places { rustc: "rustc".into(), cargo: "cargo".into(), debian_bin: "/usr/bin".into() }.find(dir)
    }

    /// Whether it builds the standard library itself, which takes about a minute the first time.
    pub fn builds_std(&self) -> bool {
        matches!(self.origin, Origin::Debian { .. })
    }

    /// What its `rustc --version` says.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its folder.
    pub(crate) fn sysroot(&self) -> &Path {
        &self.sysroot
    }

    /// Its Cargo, started in `dir` without what the environment would add.
    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        let mut command = command(&self.cargo, dir);
        if self.builds_std() {
            // A stable compiler allows `-Zbuild-std` only to those who ask by this name. RUSTUP_TOOLCHAIN is of another toolchain.
            command.env("RUSTC", &self.rustc).env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
        }
        command
    }

    /// Arguments for Cargo, and flags for the compiler, that this toolchain needs.
    pub(crate) fn build_flags(&self) -> (Vec<&'static str>, Vec<OsString>) {
        match &self.origin {
            Origin::Active => (vec![], vec![]),
            Origin::Debian { linker } => {
                let mut with_linker = OsString::from("linker=");
                with_linker.push(linker);
                (vec!["-Zbuild-std=std,panic_abort"], vec!["-C".into(), with_linker])
            }
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Active => f.write_str(&self.version),
            Origin::Debian { .. } => write!(f, "{}, from Debian", self.version),
        }
    }
}

impl Serialize for Toolchain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

// === impl Places ===

impl Places {
    fn find(&self, dir: &Path) -> Result<Toolchain, Error> {
        let active = self.active(dir);
        let debian = if active.is_ok() { Err(String::new()) } else { self.debian(dir) };
        match (active, debian) {
            (Ok(toolchain), _) | (Err(_), Ok(toolchain)) => Ok(toolchain),
            (Err(active), Err(debian)) => {
                Err(Error::NoToolchain { reason: format!("{active}; {debian}"), fix: self.fix(dir) })
            }
        }
    }

    /// The toolchain of the folder, or why not.
    fn active(&self, dir: &Path) -> Result<Toolchain, String> {
        let version = rustc_version(&self.rustc, dir)?;
        let libdir = rustc_prints(&self.rustc, dir, &["--print", "target-libdir", "--target", TARGET])?;
        let has_std = std::fs::read_dir(&libdir)
            .is_ok_and(|files| files.flatten().any(|file| file.file_name().as_encoded_bytes().starts_with(b"libstd-")));
        if !has_std {
            return Err(format!("the active toolchain ({version}) has no standard library for it"));
        }
        let sysroot = rustc_prints(&self.rustc, dir, &["--print", "sysroot"])?.into();
        let (rustc, cargo) = (self.rustc.clone(), self.cargo.clone());
        Ok(Toolchain { origin: Origin::Active, rustc, cargo, version, sysroot })
    }

    /// Debian's toolchain, or why not.
    fn debian(&self, dir: &Path) -> Result<Toolchain, String> {
        let (rustc, cargo) = (self.debian_bin.join("rustc"), self.debian_bin.join("cargo"));
        let missing = |what: &str| format!("Debian's {what} is not installed");
        if !rustc.exists() || !cargo.exists() {
            return Err(missing("rustc-web or cargo-web"));
        }
        let version = rustc_version(&rustc, dir)?;
        let sysroot = PathBuf::from(rustc_prints(&rustc, dir, &["--print", "sysroot"])?);
        if !sysroot.join("lib/rustlib/src/rust/library/std").exists() {
            return Err(missing("rust-web-src"));
        }
        let linker = newest_linker(&self.debian_bin).ok_or_else(|| missing("lld-22"))?;
        Ok(Toolchain { origin: Origin::Debian { linker }, rustc, cargo, version, sysroot })
    }

    /// The one command that gives this machine a toolchain.
    fn fix(&self, dir: &Path) -> String {
        let sysroot = rustc_prints(&self.rustc, dir, &["--print", "sysroot"]).map(PathBuf::from);
        let of_rustup = |sysroot: &PathBuf| sysroot.parent().is_some_and(|parent| parent.ends_with("toolchains"));
        match sysroot.as_ref().ok().filter(|sysroot| of_rustup(sysroot)).and_then(|sysroot| sysroot.file_name()) {
            _ if self.debian_bin.join("apt-get").exists() => format!("apt-get install {}", DEBIAN_PACKAGES.join(" ")),
            Some(name) => format!("rustup target add {TARGET} --toolchain {}", name.display()),
            None => format!("rustup target add {TARGET}"),
        }
    }
}

/// A program in `dir`, without what the environment of another build would add.
pub fn command(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    for name in FOREIGN {
        command.env_remove(name);
    }
    let profile = |name: &OsString| name.as_encoded_bytes().starts_with(b"CARGO_PROFILE_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| profile(name)) {
        command.env_remove(name);
    }
    command.env("RUSTUP_AUTO_INSTALL", "0");
    command
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| Error::Start { program: command.get_program().into(), source })
}

fn rustc_prints(rustc: &Path, dir: &Path, args: &[&str]) -> Result<String, String> {
    let mut command = command(rustc, dir);
    if rustc.is_absolute() {
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
    let output = run(command.args(args)).map_err(|e| e.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim();
        Err(format!("{} fails: {first}", rustc.display()))
    }
}

/// The version of a compiler that is new enough.
fn rustc_version(rustc: &Path, dir: &Path) -> Result<String, String> {
    let version = rustc_prints(rustc, dir, &["--version"])?;
    match minor(&version) {
        Some(minor) if minor >= OLDEST_MINOR => Ok(version),
        _ => Err(format!("{} is {version}, and 1.{OLDEST_MINOR} is the oldest that will do", rustc.display())),
    }
}

/// The minor version in `rustc 1.96.0 (…)`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

/// `wasm-ld-22` and the like: the newest, for a linker must not be older than the compiler's LLVM.
fn newest_linker(bin: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(bin).ok()?.flatten();
    let version = |name: &OsString| name.to_str()?.strip_prefix("wasm-ld-")?.parse::<u32>().ok();
    files.filter_map(|file| Some((version(&file.file_name())?, file.path()))).max().map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Places {
        Places { rustc: "/nowhere/rustc".into(), cargo: "/nowhere/cargo".into(), debian_bin: "/nowhere".into() }
    }

    #[test]
    fn without_any_compiler_the_error_names_one_command() {
        let error = nowhere().find(Path::new(".")).unwrap_err().to_string();
        assert!(error.ends_with("This fixes it: rustup target add wasm32-unknown-unknown"), "{error}");
    }

    #[test]
    fn on_debian_the_one_command_is_of_apt() {
        let bin = tempfile::tempdir().unwrap();
        std::fs::write(bin.path().join("apt-get"), "").unwrap();
        let places = Places { debian_bin: bin.path().to_owned(), ..nowhere() };
        let error = places.find(Path::new(".")).unwrap_err().to_string();
        assert!(error.ends_with("apt-get install rustc-web cargo-web rust-web-src lld-22"), "{error}");
    }

    #[test]
    fn an_old_compiler_is_not_taken() {
        assert_eq!(minor("rustc 1.63.0 (4b91a6ea7 2022-08-08)"), Some(63));
        assert_eq!(minor("rustc 1.96.0 (built from a source tarball)"), Some(96));
        assert_eq!(minor("clang 14"), None);
    }

    #[test]
    fn the_newest_linker_is_taken() {
        let bin = tempfile::tempdir().unwrap();
        for name in ["wasm-ld-9", "wasm-ld-22", "wasm-ld-14", "wasm-ld-next", "ld"] {
            std::fs::write(bin.path().join(name), "").unwrap();
        }
        assert_eq!(newest_linker(bin.path()).unwrap(), bin.path().join("wasm-ld-22"));
    }
}
