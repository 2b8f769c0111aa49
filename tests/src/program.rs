//! The built program, run as a user would.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The cargo profile folder that this test was built into: `target/debug`.
pub fn build_folder() -> PathBuf {
    let test = env::current_exe().expect("a running test has a path");
    // target/debug/deps/test-0123
    test.ancestors().nth(2).expect("tests lie in the `deps` folder").to_owned()
}

/// The program, with the installed things at `home`.
///
/// # Panics
///
/// When it has not been built: `cargo test --workspace` builds it.
pub fn sluis(home: &Path) -> Command {
    let program = build_folder().join("sluis");
    assert!(program.is_file(), "{} is not built: run `cargo test --workspace`", program.display());
    let mut command = Command::new(program);
    command.env("SLUIS_HOME", home).env_remove("SLUIS_LOG").env("NO_COLOR", "1");
    command
}

/// The program, started by another one (`launcher`, with its arguments) that becomes it.
///
/// # Panics
///
/// As [`sluis`].
pub fn sluis_by(mut launcher: Command, home: &Path) -> Command {
    let program = sluis(home);
    launcher.arg(program.get_program());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => launcher.env(name, value),
            None => launcher.env_remove(name),
        };
    }
    launcher
}

/// Runs it and reads the JSON object that it prints.
///
/// # Panics
///
/// When it fails or prints something else; the message has what it said.
pub fn json(command: &mut Command) -> Value {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?} ended with {}:\n{}", output.status, errors(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{command:?} printed no JSON object ({e}):\n{}", String::from_utf8_lossy(&output.stdout))
    })
}

/// What it wrote to standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A number in the answer.
///
/// # Panics
///
/// When the field is missing or no whole number.
pub fn count(answer: &Value, field: &str) -> u64 {
    answer[field].as_u64().unwrap_or_else(|| panic!("no whole number `{field}` in {answer}"))
}
