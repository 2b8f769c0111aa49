//! `sluis evaluate`: how good is what is installed?

mod gestures;
mod privacy;

use std::path::PathBuf;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use super::Outcome;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Score the installed gesture detector on labelled clips and in synthetic shops.
    ///
    /// Everything runs through the real pipeline: floor, filter, hold and audit mask, and the detector sees cleared frames only. An event counts as found when what was
    /// told has its type and zone and a temporal intersection over union of at least 0.3. Uncertain labels count neither way. Rates come with their 95 % intervals.
    Gestures(gestures::Arguments),
    /// Measure how well faces are hidden by the installed filter and audit, on labelled clips.
    ///
    /// Every clip is recorded through the real pipeline into a vault of its own in a temporary folder, opened again, and the decoded pictures are held against the labels. A visible
    /// face of at least 16 pixels is exposed when less than 90 % of its box is masked. Heads seen from behind are counted apart.
    Privacy(privacy::Arguments),
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    match task {
        Task::Gestures(arguments) => gestures::run(arguments, home),
        Task::Privacy(arguments) => privacy::run(arguments, home),
    }
}

fn progress(hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} done, last {msg} {elapsed}");
    ProgressBar::new_spinner().with_style(style.expect("the template is well formed"))
}
