//! Python programs of others that tests are held against: their packages in a virtual environment, installed once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn python(own: &str, environment: &Path, requirements: &[PathBuf]) -> Result<PathBuf, String> {
    if let Some(python) = std::env::var_os(own) {
        return Ok(python.into());
    }
    let python = environment.join("bin/python");
    let read = |list: &PathBuf| fs::read_to_string(list).map_err(|e| format!("{}: {e}", list.display()));
    let wanted = requirements.iter().map(read).collect::<Result<String, _>>()?;
    let installed = environment.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:"]);
    for list in requirements {
        install.arg("-r").arg(list);
    }
    run(&mut install)?;
    fs::write(&installed, wanted).map_err(|e| format!("{}: {e}", installed.display()))?;
    Ok(python)
}

/// A Python with the packages of these requirement files; where there is none, `None` with a loud word that says what was left out. The environment is made at
/// the first call, in `environment`, and again when a file has changed. The environment variable `own` may name a Python that has the packages already. Two
/// processes must not prepare one folder at once.
///
/// # Panics
///
/// Where there is none in CI.
#[allow(clippy::print_stdout, reason = "a test that leaves something out says so")]
pub fn python_or_skip(own: &str, environment: &Path, requirements: &[PathBuf], left_out: &str) -> Option<PathBuf> {
    match python(own, environment, requirements) {
        Ok(python) => Some(python),
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "the packages could not be installed: {why}");
            println!("SKIPPED, {left_out}: {why}");
            None
        }
    }
}

/// What a program printed.
///
/// # Errors
///
/// That it could not be started, or failed, with what it printed.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(text) } else { Err(format!("{command:?}: {text}")) }
}
