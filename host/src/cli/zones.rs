//! `sluis zones`: what an installer needs to set zones.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};

use super::{Outcome, say};
use crate::config::Config;
use crate::zones::{self, Still};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Write the cleared view of a camera as PNG, with a grid to read pixels from and the zones that the configuration has.
    ///
    /// Nobody's face is on it: it is a picture that passed the audit, with its masks. Nothing is recorded.
    Draw(Draw),
}

#[derive(Debug, Args)]
pub(super) struct Draw {
    /// The camera, as the configuration names it.
    #[arg(long, value_name = "ID")]
    camera: String,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "sluis.toml")]
    config: PathBuf,
    /// The picture to write. Default: CAMERA-zones.png.
    #[arg(long, value_name = "FILE.png")]
    out: Option<PathBuf>,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let Task::Draw(arguments) = task;
    let config = Config::read(&arguments.config)?;
    let camera = config.camera(&arguments.camera)?;
    let Still { mut picture, calibration } = super::camera::still(&config, camera, home)?;
    let lens = camera.lens.map(Into::into).or(calibration);
    zones::draw(&mut picture, &camera.zones, lens, camera.pose.map(Into::into));
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-zones.png", camera.id())));
    picture.save(&out).into_diagnostic().wrap_err_with(|| format!("could not write {}", out.display()))?;
    say(&format!(
        "{}: {} zones of camera {}, {}x{}",
        out.display(),
        camera.zones.len(),
        camera.id(),
        picture.width(),
        picture.height()
    ));
    if camera.zones.iter().any(|zone| zone.cuboid.is_some()) && lens.is_none() {
        say("boxes are not drawn: the camera does not say how it maps directions to pixels; add `[camera.lens]`");
    }
    Ok(Outcome::Done)
}
