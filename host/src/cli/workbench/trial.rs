//! `sluis plugin try`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use miette::IntoDiagnostic;
use serde_json::{Map, Value};
use sluis_frame::CameraId;
use sluis_segment::SegmentId;
use sluis_share::GrantId;
use sluis_stage::{Limits, World, examine};
use sluis_vault::Act;
use sluis_workbench::trial::{Told, Trial, Which};
use sluis_workbench::{Camera, Workbench};

use super::{Given, loaded_from, read};
use crate::cli::place::{Asker, Place};
use crate::cli::{Outcome, complain, progress, say, say_json};
use crate::config;

#[derive(Debug, Args)]
pub(in crate::cli) struct Try {
    /// A component: of a gesture detector or an auditor. Filters and meters see raw frames, and there are none in a vault.
    #[arg(value_name = "FILE")]
    component: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
    /// A segment, as `sluis vault ls` names it; can be given more than once.
    #[arg(long, value_name = "ID", required_unless_present = "grant", conflicts_with = "grant")]
    segment: Vec<SegmentId>,
    /// All segments of an open grant, as `sluis grant ls` names it.
    #[arg(long, value_name = "ID")]
    grant: Option<GrantId>,
    #[command(flatten)]
    given: Given,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Try, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let file = &arguments.component;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    // Read once: what is logged is what is run.
    let wasm = read(file)?;
    let examined = examine(&name, &wasm).into_diagnostic()?;
    if examined.world.sees_raw() {
        return Err(sluis_workbench::Error::RawWorld { world: examined.world }).into_diagnostic();
    }
    let settings = arguments.given.settings()?.unwrap_or_default();
    let config = arguments.place.config()?;
    let archive = arguments.place.visit()?;
    // Somebody else's program runs on recordings, and figures go out: who decides on that may decide on grants.
    let what = format!("try of {name} (sha256 {:.12})", examined.sha256.to_string());
    let reason = arguments.asker.reason_of(&archive, Act::Decide, &what)?;
    let (models, granted) = arguments.given.models(None, home)?;
    let plugin = loaded_from(&name, &wasm, models)?;
    let which = match arguments.grant {
        Some(grant) => Which::Grant(*grant.as_bytes()),
        None => Which::Segments(arguments.segment.clone()),
    };
    let said = arguments.given.camera();
    let unknown = RefCell::new(BTreeSet::new());
    let told = |camera: &CameraId| {
        let known = config.as_ref().and_then(|config| config.cameras.iter().find(|known| known.id() == camera));
        if known.is_none() {
            unknown.borrow_mut().insert(camera.clone());
        }
        of_camera(&settings, said, known, examined.world)
    };
    let trial = Trial {
        plugin: &plugin,
        archive: &archive,
        reason: &reason,
        told: &told,
        models: granted,
        limits: Limits::default(),
    };
    let bar = progress::segments(arguments.json);
    let report = trial.run(&Workbench::new().into_diagnostic()?, &which, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    if examined.world == World::GestureDetector && !settings.contains_key("zones") {
        for camera in unknown.take() {
            complain(&format!(
                "the detector was told no zones of camera `{camera}`: name the configuration that has this camera, `--config FILE`, or give `zones` in --settings"
            ));
        }
    }
    let report = report.into_diagnostic()?;
    if arguments.json {
        say_json(&report)?;
    } else {
        say(&report.table());
        report.left_out.iter().for_each(|left| complain(&format!("left out: segment {}: {}", left.segment, left.why)));
    }
    Ok(if report.is_clean() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

/// What is told of a camera: what is said here counts more than what is known of it.
fn of_camera(given: &Map<String, Value>, said: Camera, known: Option<&config::Camera>, world: World) -> Told {
    let nothing = || config::Place { zones: Vec::new(), lens: None, pose: None };
    let place = known.map_or_else(nothing, |known| known.place(None));
    let camera = said.or(Camera { pose: place.pose, lens: place.lens });
    let mut settings = Map::new();
    if world == World::GestureDetector {
        config::Place { pose: camera.pose, lens: camera.lens, ..place }.tell(&mut settings);
    }
    settings.extend(given.clone());
    Told { camera, settings: Value::Object(settings).to_string() }
}
