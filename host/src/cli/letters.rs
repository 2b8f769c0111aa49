//! Letters on the disk: as text, and as a page to print. What is in them is personal, so they are their writer's alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr};

/// Writes `NAME.txt` and `NAME.html` into a folder, which is made if it is not there, and gives the page.
pub(super) fn write(folder: &Path, name: &str, text: &str, page: &str) -> miette::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot make {}", folder.display()))?;
    let [plain, html] = ["txt", "html"].map(|kind| folder.join(format!("{name}.{kind}")));
    for (path, text) in [(&plain, text), (&html, page)] {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
    }
    Ok(html)
}
