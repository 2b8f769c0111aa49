//! Real footage, which is no part of the project.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of footage, or `None` after saying aloud that it is missing.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn folder() -> Option<PathBuf> {
    let folder = env::var_os("SLUIS_FOOTAGE").map_or_else(|| checkout().join("../shared/footage"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no footage at {}: set SLUIS_FOOTAGE to run this test", folder.display());
    None
}

/// The root of the checkout.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in `tests` of the checkout")
}
