//! From a plugin's crate to a core WebAssembly module.
//!
//! The profile is set here and not in the crate, so that a crate gives the same component inside a workspace and outside. No path of this machine
//! gets into it: the plugin's workspace is written as `/workspace`, other source folders as `/crates/NAME`, Cargo's own as `/cargo`, the
//! compiler's as `/rust`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, InFile as _};
use crate::plugin::Plugin;
use crate::sha256::Sha256;
use crate::toolchain::{TARGET, Toolchain, run};

/// How components are compiled, for the environment of Cargo: optimised, with names of functions, so that a trap's backtrace explains a panic.
pub const PROFILE: [(&str, &str); 9] = [
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "false"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
];

/// One line of Cargo's account of a build, as far as it is needed here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Compiles the crate and gives the bytes of its core module.
///
/// # Errors
///
/// [`Error::BuildFailed`] with what the compiler said.
pub(crate) fn compile(plugin: &Plugin, toolchain: &Toolchain, target_dir: &Path) -> Result<Vec<u8>, Error> {
    let target_dir = target_dir.join(folder_for(plugin, toolchain));
    std::fs::create_dir_all(&target_dir).in_file(&target_dir)?;
    let target_dir = target_dir.canonicalize().in_file(&target_dir)?;
    let (cargo_args, mut rustflags) = toolchain.build_flags();
    rustflags.extend(["-C", "target-feature=+simd128"].map(OsString::from));
    rustflags.extend(flags(renamed(plugin, toolchain, &target_dir)));

    let dir = plugin.manifest.parent().unwrap_or(Path::new("/"));
    let mut cargo = toolchain.cargo(dir);
    cargo
        .args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics", "--color", "never", "--manifest-path"])
        .arg(&plugin.manifest)
        .arg("--target-dir")
        .arg(&target_dir)
        .args(cargo_args)
        .arg("--")
        .args(flags(of_workspace(plugin)))
        // Its flags are parted by the unit separator, so that a path may hold a space.
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags.join(&OsString::from("\x1f")))
        .envs(PROFILE);
    let output = run(&mut cargo)?;
    let failed =
        |output: String| Error::BuildFailed { plugin: plugin.name.clone(), toolchain: toolchain.to_string(), output };
    if !output.status.success() {
        return Err(failed(said(&String::from_utf8_lossy(&output.stderr))));
    }
    let messages = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let of_plugin = messages.filter(|message: &Message| {
        message.reason == "compiler-artifact" && message.manifest_path.as_ref() == Some(&plugin.manifest)
    });
    let is_wasm = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
    let Some(module) = of_plugin.flat_map(|message| message.filenames).rfind(is_wasm) else {
        return Err(failed("Cargo made no .wasm file".to_owned()));
    };
    std::fs::read(&module).in_file(&module)
}

/// The folder of a plugin's build within the target folder: one for each set of renamings. Cargo does not tell renamings apart: in one folder, plugins of two
/// workspaces would each time compile everything anew, the standard library too.
fn folder_for(plugin: &Plugin, toolchain: &Toolchain) -> String {
    let flags = flags(renamed(plugin, toolchain, Path::new("/target"))).join(&OsString::from("\x1f"));
    Sha256::of(flags.as_encoded_bytes()).to_string()[..16].to_owned()
}

/// Which path is written in the place of which path of this machine.
type Renamed = Vec<(PathBuf, String)>;

/// The renamings for all crates that the plugin is made of. They are the same for all plugins of a workspace, and for all stand-alone plugins with the
/// same path dependencies: else Cargo would compile everything, the standard library too, for each plugin anew.
fn renamed(plugin: &Plugin, toolchain: &Toolchain, target_dir: &Path) -> Renamed {
    let mut paths = vec![
        (target_dir.to_owned(), "/target".to_owned()),
        (toolchain.sysroot().join("lib/rustlib/src/rust"), "/rust".to_owned()),
    ];
    if let Some(home) = std::env::home_dir() {
        paths.push((home.join(".cargo"), "/cargo".to_owned()));
        paths.push((home, "/home".to_owned()));
    }
    if let Some(cargo_home) = std::env::var_os("CARGO_HOME") {
        paths.push((cargo_home.into(), "/cargo".to_owned()));
    }
    let (inside, outside): (Vec<_>, Vec<_>) =
        plugin.path_dependencies.iter().partition(|(_, dir)| dir.starts_with(&plugin.workspace));
    paths.extend(outside.into_iter().map(|(name, dir)| (dir.clone(), format!("/crates/{name}"))));
    if !inside.is_empty() {
        paths.extend(of_workspace(plugin));
    }
    paths
}

/// The renaming for the plugin's own crate.
fn of_workspace(plugin: &Plugin) -> Renamed {
    vec![(plugin.workspace.clone(), "/workspace".to_owned())]
}

/// The compiler's flags for these renamings. Of those that fit the last one wins, so the longest come last.
fn flags(mut paths: Renamed) -> Vec<OsString> {
    // The compiler may write a path as it was given or as it is on the disk.
    let real = paths.iter().filter_map(|(path, to)| Some((path.canonicalize().ok()?, to.clone()))).collect::<Vec<_>>();
    paths.extend(real);
    paths.sort_by(|(a, _), (b, _)| (a.as_os_str().len(), a).cmp(&(b.as_os_str().len(), b)));
    paths.dedup();
    let flag = |(path, to): (PathBuf, String)| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(path);
        flag.push("=");
        flag.push(to);
        flag
    };
    paths.into_iter().map(flag).collect()
}

/// What the compiler said, without the progress that came before its first word of fault.
fn said(output: &str) -> String {
    let progress = ["Compiling ", "Blocking ", "Updating ", "Downloading ", "Downloaded ", "Locking "];
    let lines = output.lines().filter(|line| !progress.iter().any(|word| line.trim_start().starts_with(word)));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_does_not_bury_the_fault() {
        let output = "   Compiling a v1.0.0\nerror[E0425]: cannot find value `x`\n --> src/lib.rs:1:1\n";
        assert_eq!(said(output), "error[E0425]: cannot find value `x`\n --> src/lib.rs:1:1");
    }

    #[test]
    fn the_longest_path_is_renamed_last_so_that_it_wins() {
        let paths = vec![("/nowhere/a/b".into(), "/b".into()), ("/nowhere/a".into(), "/a".into())];
        let expected = ["--remap-path-prefix=/nowhere/a=/a", "--remap-path-prefix=/nowhere/a/b=/b"];
        assert_eq!(flags(paths), expected.map(OsString::from));
    }

    #[test]
    fn plugins_of_one_workspace_share_what_they_compile() {
        let toolchain = Toolchain::find().unwrap();
        let plugin = |name: &str, sibling: &str| Plugin {
            name: name.into(),
            version: "1.0.0".into(),
            manifest: format!("/w/{name}/Cargo.toml").into(),
            models: vec![],
            workspace: "/w".into(),
            path_dependencies: vec![(sibling.into(), format!("/w/{sibling}").into()), ("sdk".into(), "/sdk".into())],
        };
        let renamed = |plugin| renamed(&plugin, &toolchain, Path::new("/t"));
        assert_eq!(renamed(plugin("a", "b")), renamed(plugin("b", "a")));
    }
}
