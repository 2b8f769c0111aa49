//! The `sluis` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sluis::cli::run()
}
