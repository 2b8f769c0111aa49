//! `sluis camera`: what is connected, what it gives, what of it would be kept.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_frame::SystemClock;

use super::{Outcome, say, say_json};
use crate::assembly::{Assembly, Choice};
use crate::cameras;
use crate::config::{Camera, Config};
use crate::zones::Still;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List the cameras that are connected to this machine, with what they can give.
    ///
    /// Cameras in the network do not say that they are there: their address stands in their manual.
    Ls {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Open a camera of a configuration and say what it gives.
    Probe {
        #[command(flatten)]
        which: Which,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a picture of a camera as it would be kept: masked and audited.
    View {
        #[command(flatten)]
        which: Which,
        /// The picture to write. Default: CAMERA.png.
        #[arg(long, value_name = "FILE.png")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The camera, by its id in the configuration.
    #[arg(value_name = "CAMERA")]
    camera: String,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "sluis.toml")]
    config: PathBuf,
}

/// Something that is connected.
#[derive(Debug, Serialize)]
struct Connected {
    driver: &'static str,
    /// What stands in the configuration: `device` or `serial`.
    name: String,
    about: String,
    /// Formats, sizes and rates.
    modes: Vec<String>,
}

/// What a camera gives.
#[derive(Debug, Serialize)]
struct Probed {
    camera: String,
    width: u32,
    height: u32,
    /// Pictures per second.
    rate: f64,
    /// Metres per count of depth, if it has depth.
    depth_unit: Option<f32>,
    /// Focal lengths and the middle of the picture, in pixels, if it says so.
    lens: Option<[f64; 4]>,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    match task {
        Task::Ls { json } => list(*json),
        Task::Probe { which, json } => probe(which, *json),
        Task::View { which, out } => view(which, out.clone(), home),
    }
}

fn list(json: bool) -> miette::Result<Outcome> {
    let connected = connected()?;
    if json {
        say_json(&connected)?;
        return Ok(Outcome::Done);
    }
    for Connected { driver, name, about, modes } in &connected {
        say(&format!("{driver:10} {name}\n           {about}"));
        modes.iter().for_each(|mode| say(&format!("           {mode}")));
    }
    let without: Vec<&str> = [("v4l2", cfg!(feature = "v4l2")), ("realsense", cfg!(feature = "realsense"))]
        .into_iter()
        .filter_map(|(feature, built)| (!built).then_some(feature))
        .collect();
    if !without.is_empty() {
        say(&format!("not looked for, because this program was built without them: {}", without.join(", ")));
    } else if connected.is_empty() {
        say("no camera is connected");
    }
    Ok(Outcome::Done)
}

#[allow(clippy::unnecessary_wraps, reason = "with the feature `realsense` it can fail")]
fn connected() -> miette::Result<Vec<Connected>> {
    #[allow(unused_mut, reason = "without features nothing is looked for")]
    let mut all = Vec::new();
    #[cfg(feature = "v4l2")]
    all.extend(sluis_camera::v4l2::list().into_iter().map(|found| Connected {
        driver: "v4l2",
        name: found.device.display().to_string(),
        about: format!("{}, at {}", found.name, found.bus),
        modes: found.modes.iter().map(|mode| format!("{mode:?}")).collect(),
    }));
    #[cfg(feature = "realsense")]
    all.extend(sluis_camera::realsense::list().into_diagnostic()?.into_iter().map(|found| Connected {
        driver: "realsense",
        name: found.serial.clone(),
        about: format!("{found:?}"),
        modes: Vec::new(),
    }));
    Ok(all)
}

fn probe(which: &Which, json: bool) -> miette::Result<Outcome> {
    let config = Config::read(&which.config)?;
    let camera = config.camera(&which.camera)?;
    let driver = cameras::open_here(&config, camera, Arc::new(SystemClock)).into_diagnostic()?;
    let description = driver.description();
    let probed = Probed {
        camera: camera.id().to_string(),
        width: description.size.width,
        height: description.size.height,
        rate: description.rate.per_second(),
        depth_unit: description.depth_unit,
        lens: description.calibration.map(|lens| [lens.fx, lens.fy, lens.cx, lens.cy]),
    };
    if json {
        say_json(&probed)?;
        return Ok(Outcome::Done);
    }
    let Probed { camera, width, height, rate, depth_unit, lens } = probed;
    say(&format!("{camera}: {width}x{height}, {rate:.2} pictures per second"));
    say(&depth_unit.map_or("no depth".to_owned(), |unit| format!("depth, {unit} m per count")));
    say(&lens.map_or("it does not say how it maps directions to pixels".to_owned(), |[fx, fy, cx, cy]| {
        format!("lens: fx {fx:.1}, fy {fy:.1}, cx {cx:.1}, cy {cy:.1} pixels")
    }));
    Ok(Outcome::Done)
}

fn view(which: &Which, out: Option<PathBuf>, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let config = Config::read(&which.config)?;
    let camera = config.camera(&which.camera)?;
    let Still { picture, .. } = still(&config, camera, home)?;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{}.png", camera.id())));
    picture.save(&out).into_diagnostic().wrap_err_with(|| format!("could not write {}", out.display()))?;
    say(&format!("{}: camera {}, {}x{}", out.display(), camera.id(), picture.width(), picture.height()));
    Ok(Outcome::Done)
}

/// A cleared picture of a camera of a configuration.
pub(super) fn still(config: &Config, camera: &Camera, home: Option<PathBuf>) -> miette::Result<Still> {
    let driver = cameras::open_here(config, camera, Arc::new(SystemClock)).into_diagnostic()?;
    config.check_zones(camera, driver.description().size)?;
    let treatment = cameras::treatment(config, camera, driver.as_ref());
    let home = super::home(home.or_else(|| config.plugins.home.clone()))?;
    let choice = Choice {
        filter: Some(config.plugins.filter.clone()),
        audit: Some(config.plugins.audit.clone()),
        gestures: None,
        audience: None,
    };
    let (assembly, _reader) = Assembly::new(&home, &choice).into_diagnostic()?;
    Still::take(&assembly, driver, &treatment).into_diagnostic()
}
