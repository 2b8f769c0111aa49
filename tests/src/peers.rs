//! Other people's programs, to check ours against.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::footage::checkout;
use crate::program::build_folder;

static PYTHON: LazyLock<Result<PathBuf, String>> = LazyLock::new(make);

/// A Python with the packages of `tests/peers/requirements.txt`, made once under the target folder. `None`, after saying so aloud, when it cannot
/// be made; in CI that is a failure.
///
/// # Panics
///
/// In CI, when the packages cannot be installed.
#[allow(clippy::print_stderr, clippy::panic, reason = "a test that is skipped says so, and must not be skipped in CI")]
pub fn python() -> Option<PathBuf> {
    match &*PYTHON {
        Ok(python) => Some(python.clone()),
        Err(problem) if env::var_os("CI").is_some() => panic!("no Python with the peers' packages: {problem}"),
        Err(problem) => {
            eprintln!("SKIPPED: no Python with the peers' packages: {problem}");
            None
        }
    }
}

fn make() -> Result<PathBuf, String> {
    let requirements = checkout().join("tests/peers/requirements.txt");
    let folder = build_folder().parent().ok_or("no target folder")?.join("peers");
    let python = folder.join("bin/python");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let lock = std::fs::File::create(folder.join(".lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    // Quick when everything is there already.
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(requirements))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}
