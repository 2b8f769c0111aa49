//! `sluis pause`, `sluis resume`: a camera, or a zone of one, sees nothing for a while.

use clap::{Args, Subcommand};
use miette::IntoDiagnostic;
use sluis_frame::{CameraId, Clock, SystemClock, Timestamp};
use sluis_vault::{Act, Archive, Pause};

use super::place::{Asker, Look, Place};
use super::{Outcome, complain, say, say_json, when};
use crate::config::{Camera, Config, Driver};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Pausing {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    what: What,
    /// For how long: `90s`, `15m`, `2h`, `1d`, or several together, as `1h 30m`. Without this and `--until`: until `sluis resume`.
    #[arg(long = "for", value_name = "TIME", conflicts_with = "until")]
    length: Option<String>,
    /// Until when: 2026-06-28, or 2026-06-28T09:30.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// What is paused now, since when, until when, and why.
    Ls(Look),
}

#[derive(Debug, Args)]
pub(super) struct Resuming {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

/// What is paused, or not any more.
#[derive(Debug, Args)]
struct What {
    /// The camera, as the configuration names it.
    #[arg(long, value_name = "ID", required = true)]
    camera: Option<CameraId>,
    /// A zone of it; without this, all that the camera sees.
    #[arg(long, value_name = "ID")]
    zone: Option<String>,
}

/// What becomes of a zone that is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Black {
    /// It is black, and the camera goes on.
    Zone,
    /// The same if the camera tells its lens when it is opened; else the camera is closed.
    ZoneIfTold,
    /// Nobody knows where it lies in the picture: the camera is closed.
    Camera,
}

pub(super) fn pause(arguments: &Pausing) -> miette::Result<Outcome> {
    if let Some(Task::Ls(look)) = &arguments.task {
        return list(look);
    }
    let Pausing { what, length, until, place, asker, .. } = arguments;
    let (config, archive) = (place.config()?, place.visit()?);
    let camera = what.camera()?;
    let black = known(config.as_ref(), &archive, camera, what.zone.as_deref())?;
    let until = match (length, until) {
        (Some(length), _) => Some(after(SystemClock.now(), length)?),
        (None, Some(until)) => Some(when::moment(until, &when::zone(None)?).into_diagnostic()?),
        (None, None) => None,
    };
    let reason = asker.reason(&archive, Act::Pause)?;
    let pause = archive.pause(camera, what.zone.as_deref(), until, &reason).into_diagnostic()?;
    say(&format!("{} is paused {}", name(&pause), end(&pause)));
    match black.filter(|_| what.zone.is_some()) {
        Some(Black::Zone) => complain("the zone is black before anything looks at it; the camera goes on"),
        Some(Black::ZoneIfTold) => complain(
            "the zone is black if the camera tells its lens; if it does not, the whole camera is closed (add `[camera.lens]`)",
        ),
        Some(Black::Camera) => complain(&format!(
            "where the zone lies in the picture is not known (no lens, or it reaches behind the camera): the whole camera {camera} is closed instead"
        )),
        None if what.zone.is_some() => {
            complain(
                "without `--config` it is not known whether there is such a zone; if not, the whole camera is closed",
            );
        }
        None => {}
    }
    complain("a recorder that runs obeys within a few seconds; what was captured before is still sealed");
    Ok(Outcome::Done)
}

pub(super) fn resume(arguments: &Resuming) -> miette::Result<Outcome> {
    let Resuming { what, place, asker } = arguments;
    let (archive, camera) = (place.visit()?, what.camera()?);
    let reason = asker.reason(&archive, Act::Decide)?;
    if archive.resume(camera, what.zone.as_deref(), &reason).into_diagnostic()? == 0 {
        miette::bail!("no such pause: `sluis pause ls` lists them");
    }
    let left: Vec<Pause> =
        archive.pauses().into_diagnostic()?.into_iter().filter(|pause| pause.camera == *camera).collect();
    match &left[..] {
        [] => say(&format!("camera {camera} sees again")),
        left => left.iter().for_each(|pause| say(&format!("{} is still paused {}", name(pause), end(pause)))),
    }
    Ok(Outcome::Done)
}

fn list(look: &Look) -> miette::Result<Outcome> {
    let pauses = look.place.visit()?.pauses().into_diagnostic()?;
    if look.json {
        let listed = pauses.iter().map(|pause| {
            serde_json::json!({
                "camera": pause.camera,
                "zone": pause.zone,
                "since": when::utc(pause.at),
                "until": pause.until.map(when::utc),
                "reason": pause.reason,
            })
        });
        say_json(&serde_json::json!({ "pauses": listed.collect::<Vec<_>>() }))?;
        return Ok(Outcome::Done);
    }
    if pauses.is_empty() {
        say("Nothing is paused.");
    }
    for pause in &pauses {
        say(&format!("{}  since {}  {}  {}", name(pause), when::utc(pause.at), end(pause), pause.reason));
    }
    Ok(Outcome::Done)
}

/// Looks that there is such a camera, and zone; says what becomes of the zone. Without a configuration a camera is known by what was recorded of it, and its zones are not.
fn known(
    config: Option<&Config>,
    archive: &Archive,
    camera: &CameraId,
    zone: Option<&str>,
) -> miette::Result<Option<Black>> {
    let Some(config) = config else {
        if !archive.list().into_diagnostic()?.iter().any(|entry| entry.camera == *camera) {
            miette::bail!(
                "nothing of a camera `{camera}` is in this vault: look at its name, or name the configuration (`--config`)"
            );
        }
        return Ok(None);
    };
    let camera = config.camera(camera.as_str())?;
    let Some(zone) = zone else { return Ok(Some(Black::Camera)) };
    if !camera.has_zone(zone) {
        miette::bail!("camera `{}` has no zone `{zone}`: `sluis zones draw` shows what there is", camera.id());
    }
    Ok(Some(black(camera, zone)))
}

fn black(camera: &Camera, zone: &str) -> Black {
    let tells_lens = matches!(camera.driver, Driver::File | Driver::Realsense) && camera.lens.is_none();
    match camera.outline(zone, None) {
        Some(_) => Black::Zone,
        None if tells_lens => Black::ZoneIfTold,
        None => Black::Camera,
    }
}

/// So much later.
fn after(now: Timestamp, length: &str) -> miette::Result<Timestamp> {
    let no =
        || miette::miette!("`{length}` is no length of time: write 90s, 15m, 2h, 1d or several together, as `1h 30m`");
    let span: jiff::Span = length.parse().map_err(|_| no())?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| no())?;
    Ok(now + std::time::Duration::try_from(length).map_err(|_| no())?)
}

fn name(pause: &Pause) -> String {
    match &pause.zone {
        Some(zone) => format!("zone {zone} of camera {}", pause.camera),
        None => format!("camera {}", pause.camera),
    }
}

fn end(pause: &Pause) -> String {
    pause.until.map_or_else(|| "until `sluis resume`".to_owned(), |until| format!("until {}", when::utc(until)))
}

// === impl What ===

impl What {
    fn camera(&self) -> miette::Result<&CameraId> {
        self.camera.as_ref().ok_or_else(|| miette::miette!("name the camera: `--camera ID`"))
    }
}

#[cfg(test)]
mod tests {
    use sluis_tests::service::NOTICE;

    use super::*;

    fn camera(tables: &str) -> Camera {
        // A camera that films for real needs a notice.
        let text =
            format!("[shop]\nid = \"a\"\nname = \"A\"\n[vault]\ndir = \"v\"\n[[camera]]\nid = \"c\"\n{tables}{NOTICE}");
        Config::from_str("sluis.toml", &text).unwrap().cameras.remove(0)
    }

    const QUEUE: &str = "[[camera.zone]]\nid = \"queue\"\nkind = \"queue\"\n";
    const BOX: &str = "box = { min = [-0.5, 1.0, 0.0], max = [0.5, 2.0, 1.0] }\n[camera.pose]\nposition = [0.0, 0.0, 2.0]\ntilt = 45.0\n";

    #[test]
    fn where_a_zone_lies_decides_what_is_black() {
        let v4l2 = "driver = \"v4l2\"\ndevice = \"/dev/video0\"\n";
        let lens = "[camera.lens]\nfx = 600.0\nfy = 600.0\ncx = 320.0\ncy = 240.0\n";
        let polygon = format!("{v4l2}{QUEUE}polygon = [[0, 0], [9, 0], [9, 9]]\n");
        assert_eq!(black(&camera(&polygon), "queue"), Black::Zone);
        assert_eq!(black(&camera(&format!("{v4l2}{QUEUE}{BOX}{lens}")), "queue"), Black::Zone);
        assert_eq!(black(&camera(&format!("{v4l2}{QUEUE}{BOX}")), "queue"), Black::Camera);
        let folder = format!("driver = \"file\"\npath = \"p\"\n{QUEUE}{BOX}");
        assert_eq!(black(&camera(&folder), "queue"), Black::ZoneIfTold);
        let around = BOX
            .replace("max = [0.5, 2.0, 1.0]", "max = [0.5, 2.0, 3.0]")
            .replace("min = [-0.5, 1.0, 0.0]", "min = [-0.5, -1.0, 0.0]");
        assert_eq!(black(&camera(&format!("{v4l2}{QUEUE}{around}{lens}")), "queue"), Black::Camera);
    }

    #[test]
    fn the_drawn_shop_has_zones_without_a_configuration() {
        let drawn = camera("driver = \"synthetic\"\n");
        let zone = drawn.synthetic.shop().zones()[0].id;
        assert!(drawn.has_zone(zone) && !drawn.has_zone("nowhere"));
        assert_eq!(drawn.outline("nowhere", None), None);
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let now = Timestamp::from_secs(1_000);
        let seconds = |text: &str| after(now, text).map(|at| at.as_secs() - 1_000);
        assert_eq!(seconds("90s").unwrap(), 90);
        assert_eq!(seconds("2h").unwrap(), 7_200);
        assert_eq!(seconds("1h 30m").unwrap(), 5_400);
        assert_eq!(seconds("1d").unwrap(), 86_400);
        for text in ["", "soon", "2", "-2h"] {
            assert!(seconds(text).is_err(), "{text} was accepted");
        }
    }
}
