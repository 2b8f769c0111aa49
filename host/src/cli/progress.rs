//! A progress bar over segments, on standard error; hidden when that is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of which the length is told later; hidden too when the answer is for programs.
pub(super) fn segments(hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} segments eta {eta}");
    ProgressBar::new(0).with_style(style.expect("the template is well formed"))
}
