//! Links librealsense when the feature `realsense` is on, and says what to install when it is not there. (`realsense-sys` would do the former, and panic.)

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build script speaks to cargo through its output, and to people through its errors"
)]

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    link()
}

#[cfg(not(feature = "realsense"))]
fn link() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(feature = "realsense")]
fn link() -> ExitCode {
    /// The version whose functions `realsense-sys` declares; later ones of librealsense 2 add to them.
    const AT_LEAST: &str = "2.56.5";
    // Found, it is told to cargo.
    let Err(reason) = pkg_config::Config::new().atleast_version(AT_LEAST).probe("realsense2") else {
        return ExitCode::SUCCESS;
    };
    eprintln!(
        "
The feature `realsense` of sluis-camera needs librealsense {AT_LEAST} or later, and pkg-config does not find it.

- For cameras: install librealsense as docs/cameras.md says. Where it is installed out of pkg-config's sight, set PKG_CONFIG_PATH.
- For tests, without a camera: eval \"$(host/camera/realsense/prepare.sh)\"
- Without RealSense: leave the feature out. It is off by default.

What pkg-config says:
{reason}"
    );
    ExitCode::FAILURE
}
