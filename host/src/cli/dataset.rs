//! `sluis dataset`: training data out of a vault, and out of the way again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::IntoDiagnostic;
use serde::Serialize;
use sluis_dataset::{Exported, Form, Request, export, forget};
use sluis_frame::{CameraId, Clock, Doors, Gesture, SystemClock};
use sluis_segment::SegmentId;
use sluis_vault::{Act, Export};

use super::place::{Asker, Place};
use super::{Outcome, complain, progress, say, say_json, when};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Write cleared recordings as training data: MCAP, ActivityNet, COCO, WebDataset.
    ///
    /// Broken off, it goes on where it was when the same is asked again. What is past its deadline or held back is refused. Every segment is logged in the vault
    /// with the reason and the folder.
    Export(Box<Write>),
    /// Which segments were written out of a vault, when, why, and where to.
    Ls(Ls),
    /// Take out of an exported folder what is past its deadline.
    Purge(Purge),
    /// Take segments out of an exported folder, for somebody's erasure; and what is past its deadline too.
    Erase(Erase),
}

#[derive(Debug, Args)]
pub(super) struct Write {
    #[command(flatten)]
    place: Place,
    /// The folder to write: new, empty, or of the same export that was broken off.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only this segment, as `sluis vault ls` names it; can be given more than once. When one that is named may not be handed out, nothing is.
    #[arg(long, value_name = "ID")]
    segment: Vec<SegmentId>,
    /// Only this camera; can be given more than once.
    #[arg(long, value_name = "ID")]
    camera: Vec<CameraId>,
    /// Segments begun at or after this day or time: 2026-06-28, or 2026-06-28T09:30.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Segments begun before this day or time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The time zone of --from and --to. Default: this machine's.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Only events of this kind: approach, dwell, reach, take, put-back, wait, leave; can be given more than once.
    #[arg(long, value_name = "KIND", value_parser = gesture)]
    event: Vec<Gesture>,
    /// In these forms, separated by commas.
    #[arg(long, value_name = "FORMS", value_delimiter = ',', default_value = "mcap,activitynet,coco,webdataset")]
    formats: Vec<Form>,
    /// Write clips in which nothing happens too, as many as there are events.
    #[arg(long)]
    with_nothing: bool,
    /// A shard ends when it has this many megabytes.
    #[arg(long, value_name = "MB", default_value_t = Request::SHARD_BYTES / 1_000_000)]
    shard_size: u64,
    #[command(flatten)]
    asker: Asker,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Ls {
    #[command(flatten)]
    place: Place,
    /// Only of this segment.
    #[arg(long, value_name = "ID")]
    segment: Option<SegmentId>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Purge {
    /// The exported folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The exported folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The segment; can be given more than once.
    #[arg(long, value_name = "ID", required = true)]
    segment: Vec<SegmentId>,
}

/// What an export has come to, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Told<'a> {
    out: String,
    segments: usize,
    read: usize,
    was_complete: bool,
    refused: &'a [sluis_dataset::manifest::Refusal],
    files: usize,
    bytes: u64,
    delete_by: Option<&'a str>,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Export(arguments) => write(arguments),
        Task::Ls(arguments) => list(arguments),
        Task::Purge(arguments) => take_out(&arguments.out, &[]),
        Task::Erase(arguments) => take_out(&arguments.out, &arguments.segment),
    }
}

fn gesture(name: &str) -> Result<Gesture, String> {
    let known = "approach, dwell, reach, take, put-back, wait, leave";
    serde_json::from_value(name.into()).map_err(|_| format!("a kind of event is one of {known}"))
}

fn write(arguments: &Write) -> miette::Result<Outcome> {
    let zone = when::zone(arguments.time_zone.as_deref())?;
    let moment =
        |text: &Option<String>| text.as_deref().map(|text| when::moment(text, &zone)).transpose().into_diagnostic();
    let request = Request {
        segments: arguments.segment.iter().copied().collect(),
        cameras: arguments.camera.iter().cloned().collect(),
        from: moment(&arguments.from)?,
        to: moment(&arguments.to)?,
        events: arguments.event.iter().copied().collect(),
        forms: arguments.formats.iter().copied().collect(),
        with_nothing: arguments.with_nothing,
        shard_bytes: arguments.shard_size.saturating_mul(1_000_000),
    };
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::HandOut)?;
    let doors = Doors::mint().ok_or_else(|| miette::miette!("this program reads recordings in one place only"))?;
    let bar = progress::segments(arguments.json);
    let exported = export(&archive, &doors.reader, &request, &arguments.out, &reason, &mut |progress| {
        bar.set_length(progress.of as u64);
        bar.set_position(progress.done as u64);
    });
    bar.finish_and_clear();
    tell(arguments, &exported.into_diagnostic()?)
}

fn tell(arguments: &Write, exported: &Exported) -> miette::Result<Outcome> {
    let manifest = &exported.manifest;
    let told = Told {
        out: arguments.out.display().to_string(),
        segments: manifest.segments.len(),
        read: exported.read,
        was_complete: exported.was_complete,
        refused: &manifest.refused,
        files: manifest.files.len(),
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        delete_by: manifest.delete_by.as_deref(),
    };
    if arguments.json {
        say_json(&told)?;
    } else {
        let was = if told.was_complete { " (was complete already)" } else { "" };
        say(&format!("{}: {} segments in {} files{was}", told.out, told.segments, told.files));
        for refusal in told.refused {
            complain(&format!("left out: segment {}: {}", refusal.segment, refusal.why));
        }
    }
    if let Some(by) = told.delete_by {
        complain(&format!(
            "it holds people in the clear but for their faces; the first of it must be deleted by {by} (`sluis dataset purge`)"
        ));
    }
    Ok(if told.refused.is_empty() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

fn list(arguments: &Ls) -> miette::Result<Outcome> {
    let exports = arguments.place.visit()?.exports(arguments.segment).into_diagnostic()?;
    if arguments.json {
        say_json(&serde_json::json!({ "exports": exports }))?;
        return Ok(Outcome::Done);
    }
    if exports.is_empty() {
        say("Nothing was written out of this vault.");
    }
    for Export { opening, form, destination } in &exports {
        let at = when::utc(opening.at);
        say(&format!("{}  {at}  {form:8}  {}  {destination}  {}", opening.segment, opening.who, opening.reason));
    }
    Ok(Outcome::Done)
}

fn take_out(out: &std::path::Path, segments: &[SegmentId]) -> miette::Result<Outcome> {
    let erase: BTreeSet<SegmentId> = segments.iter().copied().collect();
    let forgotten = forget(out, SystemClock.now(), &erase).into_diagnostic()?;
    let next = forgotten.next.map_or_else(String::new, |by| format!("; the next must be gone by {by}"));
    say(&format!("{}: {} segments taken out, {} left{next}", out.display(), forgotten.segments.len(), forgotten.left));
    Ok(Outcome::Done)
}
