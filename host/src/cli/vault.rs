//! `sluis vault`: list, verify, open, export, erase, hold, restrict.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_segment::PluginFact;
use sluis_segment::SegmentId;
use sluis_segment::summary::{AuditReport, GateReport};
use sluis_vault::{Act, Archive, Entry, Exemption, Reason};

use super::place::{Asker, Look, Place};
use super::{Outcome, complain, say, say_json, when};
use crate::keep::Machine;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List the segments: camera, time, deadline, state.
    Ls(Look),
    /// Open every segment to its authenticated end, and compare index and store. Exit code 3 when something is wrong.
    Verify(Look),
    /// Write one segment as plain MCAP, readable by Foxglove and by `pip install mcap`. The opening is logged with its reason.
    Open(Open),
    /// Hand out one segment as it is sealed, with its key, for a reader elsewhere. Logged likewise.
    Export(Export),
    /// Destroy segments before their deadline, for somebody's right to that. The recorder's next sweep does it, within half a minute; nobody opens them meanwhile.
    Erase(Erase),
    /// Keep a segment beyond its deadline, for somebody's right to that: for 30 days from its recording at the most.
    Hold(Hold),
    /// End the holds of a segment before their time: what they were taken for is decided. Its deadline goes back to what it was.
    Release(Release),
    /// Have a segment only stored (Art. 18 GDPR): nobody opens it, hands it out or copies it to the cloud, and partners get no key of it. It still goes at its deadline, unless it is held.
    Restrict(Restrict),
    /// Lift the restrictions of a segment. Whoever had it restricted is told before (Art. 18(3) GDPR).
    Lift(Release),
    /// Say that the machine's clock is right, after the recorder has found that it jumped and nothing confirmed it.
    TrustTime(TrustTime),
}

#[derive(Debug, Args)]
pub(super) struct Open {
    /// The segment, as `sluis vault ls` names it.
    id: SegmentId,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
    /// The file to write. It holds pictures of people in the clear: delete it when it has served.
    #[arg(long, value_name = "FILE.mcap")]
    to: PathBuf,
    /// Open it though it is restricted, for what Art. 18(2) GDPR allows.
    #[arg(long, value_name = "WHAT", value_parser = exemption)]
    exempt: Option<Exemption>,
}

#[derive(Debug, Args)]
pub(super) struct Restrict {
    /// The segments, as `sluis vault ls` names them.
    #[arg(required = true)]
    id: Vec<SegmentId>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    /// The segment, as `sluis vault ls` names it.
    id: SegmentId,
    /// Only what was taken for exactly this reason; what others have asked for stays.
    #[arg(long, value_name = "WHY")]
    taken_for: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The segment, as `sluis vault ls` names it.
    id: SegmentId,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
    /// The folder to write: `segment.sealed`, `keyset.json`, `associated-data.txt`.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The segments, as `sluis vault ls` names them.
    #[arg(required = true)]
    id: Vec<SegmentId>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
pub(super) struct Hold {
    /// The segment, as `sluis vault ls` names it.
    id: SegmentId,
    /// Until when: 2026-06-28, or 2026-06-28T09:30.
    #[arg(long, value_name = "TIME")]
    until: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
pub(super) struct TrustTime {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

/// A segment, as `ls --json` prints it.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: String,
    camera: &'a str,
    state: &'a str,
    started: String,
    deadline: String,
    bytes: u64,
    frames: Option<u64>,
    masks: Option<u64>,
    /// What the audit said, and who was at work.
    audit: Option<AuditReport>,
    gate: Option<GateReport>,
    components: &'a [PluginFact],
    note: Option<&'a str>,
    /// Whether its bytes lie here, and whether the cloud has a copy.
    here: bool,
    in_cloud: bool,
    /// Since when it is only stored.
    restricted: Option<String>,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::Ls(look) => list(look),
        Task::Verify(look) => verify(look),
        Task::Open(arguments) => open(arguments),
        Task::Export(arguments) => export(arguments),
        Task::Erase(arguments) => erase(arguments),
        Task::Hold(arguments) => hold(arguments),
        Task::Release(arguments) => release(arguments),
        Task::Restrict(arguments) => restrict(arguments),
        Task::Lift(arguments) => lift(arguments),
        Task::TrustTime(arguments) => trust_time(arguments),
    }
}

fn list(look: &Look) -> miette::Result<Outcome> {
    let archive = look.place.visit()?;
    let entries = archive.list().into_diagnostic()?;
    let listed: Vec<Listed<'_>> = entries.iter().map(|entry| Listed::new(entry, &archive)).collect();
    if look.json {
        say_json(&serde_json::json!({ "segments": listed }))?;
        return Ok(Outcome::Done);
    }
    if listed.is_empty() {
        say("The vault is empty.");
        return Ok(Outcome::Done);
    }
    let wide = listed.iter().map(|l| l.camera.len()).max().unwrap_or(0).max("camera".len());
    let mut out = String::new();
    let heads = ("segment", "camera", "state", "started", "deadline", "frames", "bytes");
    let _ = writeln!(
        out,
        "{:32}  {:wide$}  {:9}  {:20}  {:20}  {:>6}  {:>10}",
        heads.0, heads.1, heads.2, heads.3, heads.4, heads.5, heads.6
    );
    for l in &listed {
        let frames = l.frames.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let _ = writeln!(
            out,
            "{:32}  {:wide$}  {:9}  {:20}  {:20}  {frames:>6}  {:>10}{}",
            l.id,
            l.camera,
            l.state,
            l.started,
            l.deadline,
            l.bytes,
            if l.restricted.is_some() { "  restricted" } else { "" }
        );
    }
    say(out.trim_end());
    Ok(Outcome::Done)
}

fn verify(look: &Look) -> miette::Result<Outcome> {
    let bar = if look.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let verified = look.place.visit()?.verify_with(&mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let verified = verified.into_diagnostic()?;
    if look.json {
        say_json(&verified)?;
    } else {
        say(&format!("{} segments: {} ok, {} lost", verified.segments, verified.ok, verified.lost));
        if verified.writing > 0 {
            say(&format!(
                "{} more are being written, or were when the program stopped: its next start recovers them",
                verified.writing
            ));
        }
        verified.problems.iter().for_each(|problem| say(&format!("problem: {problem}")));
    }
    Ok(if verified.problems.is_empty() { Outcome::Done } else { Outcome::NotAsItShouldBe })
}

fn open(arguments: &Open) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let act = if arguments.exempt.is_some() { Act::Decide } else { Act::Open(arguments.id) };
    let reason = arguments.asker.reason(&archive, act)?;
    let segment = archive.open_to(arguments.id, &arguments.to, arguments.exempt, &reason).into_diagnostic()?;
    // Beside the target, so that a broken segment leaves no half file under the name that was asked for.
    let folder = arguments.to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write in {}", folder.display()))?;
    let mut writer = BufWriter::new(file.as_file_mut());
    let contents = segment.write_plain(&mut writer).into_diagnostic()?;
    writer.flush().into_diagnostic()?;
    drop(writer);
    file.persist(&arguments.to)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", arguments.to.display()))?;
    complain(&format!(
        "{}: {} frames of camera {}, in the clear; to be deleted by {}",
        arguments.to.display(),
        contents.frames.total(),
        contents.header.camera,
        when::utc(contents.header.deadline)
    ));
    Ok(Outcome::Done)
}

fn export(arguments: &Export) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::HandOut)?;
    let exported = archive.export(arguments.id, &arguments.to, &reason).into_diagnostic()?;
    for file in [&exported.sealed, &exported.keyset, &exported.associated_data] {
        say(&file.display().to_string());
    }
    complain("the keyset opens the segment: whoever has both can see it");
    Ok(Outcome::Done)
}

fn erase(arguments: &Erase) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Decide)?;
    for segment in &arguments.id {
        if archive.erase(*segment, &reason).into_diagnostic()? {
            say(&format!("{segment} is destroyed by the recorder's next sweep"));
        } else {
            say(&format!("{segment} was gone already"));
        }
    }
    Ok(Outcome::Done)
}

fn hold(arguments: &Hold) -> miette::Result<Outcome> {
    let until = when::moment(&arguments.until, &when::zone(None)?).into_diagnostic()?;
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Decide)?;
    let until = archive.hold(arguments.id, until, &reason).into_diagnostic()?;
    say(&format!("{} is held until {until}, from the recorder's next sweep on", arguments.id));
    Ok(Outcome::Done)
}

fn release(arguments: &Release) -> miette::Result<Outcome> {
    let Release { id, taken_for, place, asker } = arguments;
    let archive = place.visit()?;
    let reason = asker.reason(&archive, Act::Decide)?;
    let deadline = match taken(taken_for.as_deref())? {
        Some(taken) => archive.release_hold_taken_for(*id, &taken, &reason),
        None => archive.release_hold(*id, &reason),
    };
    say(&format!("{id} is due on {} now", deadline.into_diagnostic()?));
    Ok(Outcome::Done)
}

fn restrict(arguments: &Restrict) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Decide)?;
    for segment in &arguments.id {
        archive.restrict(*segment, &reason).into_diagnostic()?;
        let deadline = archive.entry(*segment).into_diagnostic()?.deadline;
        say(&format!("{segment} is only stored from now on, until {deadline}"));
    }
    let opened: Vec<_> = archive.releases(None).into_diagnostic()?;
    let partners: std::collections::BTreeSet<_> =
        opened.iter().filter(|o| arguments.id.contains(&o.segment)).map(|o| o.partner.as_str()).collect();
    for partner in partners {
        complain(&format!("{partner} has opened some of it: tell it of the restriction (Art. 19 GDPR)"));
    }
    Ok(Outcome::Done)
}

fn lift(arguments: &Release) -> miette::Result<Outcome> {
    let Release { id, taken_for, place, asker } = arguments;
    let archive = place.visit()?;
    let reason = asker.reason(&archive, Act::Decide)?;
    let free = match taken(taken_for.as_deref())? {
        Some(taken) => archive.lift_restriction_taken_for(*id, &taken, &reason).into_diagnostic()?,
        None => archive.lift_restriction(*id, &reason).map(|()| true).into_diagnostic()?,
    };
    say(&format!("{id} {}", if free { "is free again" } else { "is still restricted, by others" }));
    Ok(Outcome::Done)
}

fn taken(reason: Option<&str>) -> miette::Result<Option<Reason>> {
    reason.map(Reason::new).transpose().into_diagnostic()
}

fn exemption(text: &str) -> Result<Exemption, String> {
    Exemption::ALL.into_iter().find(|exemption| exemption.as_str() == text).ok_or_else(|| {
        let known = Exemption::ALL.map(Exemption::as_str).join(", ");
        format!("Art. 18(2) GDPR allows: {known}")
    })
}

fn trust_time(arguments: &TrustTime) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Decide)?;
    let now = archive.trust_time(&Machine, &reason).into_diagnostic()?;
    say(&format!(
        "it is {}: what is past its deadline by that is destroyed by the recorder's next sweep",
        when::utc(now)
    ));
    Ok(Outcome::Done)
}

// === impl Listed ===

impl<'a> Listed<'a> {
    fn new(entry: &'a Entry, archive: &Archive) -> Self {
        Self {
            id: entry.segment.to_string(),
            camera: entry.camera.as_str(),
            state: entry.state.as_str(),
            started: when::utc(entry.started),
            deadline: when::utc(entry.deadline.time()),
            bytes: entry.bytes,
            frames: entry.summary.as_ref().map(|s| s.frames.total()),
            masks: entry.summary.as_ref().map(|s| s.masks),
            audit: entry.summary.as_ref().and_then(|s| s.audit),
            gate: entry.summary.as_ref().map(|s| s.gate),
            components: entry.summary.as_ref().map_or(&[], |s| &s.plugins),
            note: entry.note.as_deref(),
            here: entry.here,
            restricted: entry.restricted.filter(|_| entry.state.is_readable()).map(when::utc),
            in_cloud: archive.is_uploaded(entry.segment).unwrap_or(false),
        }
    }
}
