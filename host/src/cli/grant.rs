//! `sluis grant`: what partners may open.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use sluis_frame::CameraId;
use sluis_segment::SegmentId;
use sluis_share::GrantId;
use sluis_vault::{Act, Archive, EndOfGrant, Entry};

use super::place::{Asker, Look, Place};
use super::{Outcome, complain, say, say_json, some, when};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Grant segments to a partner. Each that it opens is logged; past its deadline none opens.
    New(Box<New>),
    /// List all grants, and what was opened under them.
    Ls(Look),
    /// Take a grant back: nothing more is released under it.
    Revoke(End),
    /// The partner has trained with it: the grant ends, and segments that no other open grant needs are destroyed.
    Done(End),
    /// The shop's public key, with which a partner checks grants and releases.
    Key(Place),
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// The partner.
    partner: String,
    /// This segment; can be given more than once.
    #[arg(long, value_name = "ID")]
    segment: Vec<SegmentId>,
    /// Segments of this camera; can be given more than once.
    #[arg(long, value_name = "ID")]
    camera: Vec<CameraId>,
    /// Segments begun at or after this day or time.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Segments begun before this day or time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Segments with at least one event (reach, take, ...) in them.
    #[arg(long)]
    with_events: bool,
    /// The grant's own end, if it is to be before the deadlines of its segments.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// The time zone of all these times. Default: this machine's.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Write the grant to this file as well, for a partner that does not look into the bucket by itself.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Args)]
pub(super) struct End {
    /// The grant, as `sluis grant ls` names it.
    grant: GrantId,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asker: Asker,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::New(arguments) => new(arguments),
        Task::Ls(arguments) => list(arguments),
        Task::Revoke(arguments) => end(arguments, EndOfGrant::Revoked),
        Task::Done(arguments) => end(arguments, EndOfGrant::Done),
        Task::Key(place) => {
            say(&place.visit()?.shop_public_key().to_string());
            Ok(Outcome::Done)
        }
    }
}

fn new(arguments: &New) -> miette::Result<Outcome> {
    let zone = when::zone(arguments.time_zone.as_deref())?;
    let time =
        |text: &Option<String>| text.as_deref().map(|text| when::moment(text, &zone)).transpose().into_diagnostic();
    let (from, to, expires) = (time(&arguments.from)?, time(&arguments.to)?, time(&arguments.expires)?);
    let archive = arguments.place.visit()?;
    arguments.asker.reason(&archive, Act::Decide)?;
    check_notice(arguments, &archive)?;
    let segments = if arguments.segment.is_empty() {
        let wanted = |entry: &Entry| {
            (arguments.camera.is_empty() || arguments.camera.contains(&entry.camera))
                && from.is_none_or(|from| entry.started >= from)
                && to.is_none_or(|to| entry.started < to)
                && (!arguments.with_events || entry.summary.as_ref().is_some_and(|summary| summary.events > 0))
        };
        choose(&archive, wanted)?
    } else {
        arguments.segment.clone()
    };
    if segments.is_empty() {
        miette::bail!(
            "no segment that may be handed out is of these cameras and times: `sluis vault ls` lists what there is"
        );
    }
    let (grant, document) = archive.grant(&arguments.partner, &segments, expires).into_diagnostic()?;
    if let Some(out) = &arguments.out {
        std::fs::write(out, &document).into_diagnostic().wrap_err_with(|| format!("cannot write {}", out.display()))?;
    }
    say(&grant.to_string());
    complain(&format!(
        "granted to {}: {}; its reader needs the shop's key: `sluis grant key`",
        arguments.partner,
        some(segments.len(), "segment")
    ));
    Ok(Outcome::Done)
}

/// Nobody is granted anything of whom guests are not told (GDPR, Art. 13(1)(e) and (f)), where they are told anything.
fn check_notice(arguments: &New, archive: &Archive) -> miette::Result<()> {
    let (store, needed) = arguments.place.notices()?;
    let version = store.current().into_diagnostic()?;
    let partners = archive.partners().into_diagnostic()?;
    // Whom nobody knows, the vault refuses.
    let Some(partner) = partners.iter().find(|partner| partner.name.as_str() == arguments.partner) else {
        return Ok(());
    };
    let recipient = crate::notice::recipient(partner).into_diagnostic()?;
    match version {
        Some(version) if version.facts.recipients.contains(&recipient) => Ok(()),
        None if !needed => Ok(()),
        version => {
            let which = version.map_or("no notice is published".to_owned(), |version| {
                format!("version {} of the notice does not name it as it is known here", version.number)
            });
            miette::bail!(
                help = "publish the notice first: `sluis notice diff` shows what is new, `sluis notice publish` puts it in force",
                "{} may not be granted anything: {which}",
                partner.name
            )
        }
    }
}

/// All segments that may be handed out now and that are wanted. Those that are not in the cloud yet are left out, and told.
fn choose(archive: &Archive, wanted: impl Fn(&Entry) -> bool) -> miette::Result<Vec<SegmentId>> {
    let entries = archive.list().into_diagnostic()?;
    let may = entries.into_iter().filter(|entry| wanted(entry) && archive.may_leave(entry).is_ok());
    let (there, waiting): (Vec<_>, Vec<_>) =
        may.map(|entry| entry.segment).partition(|segment| archive.is_uploaded(*segment).unwrap_or(false));
    if !waiting.is_empty() {
        complain(&format!("left out, not in the cloud yet: {}", some(waiting.len(), "segment")));
    }
    Ok(there)
}

fn list(arguments: &Look) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    let (grants, openings) = (archive.grants().into_diagnostic()?, archive.releases(None).into_diagnostic()?);
    if arguments.json {
        say_json(&serde_json::json!({ "grants": grants, "openings": openings }))?;
        return Ok(Outcome::Done);
    }
    if grants.is_empty() {
        say("Nothing was granted.");
    }
    for grant in &grants {
        let opened = openings.iter().filter(|opening| opening.grant == grant.id).count();
        let state = grant.how.clone().unwrap_or_else(|| "open".to_owned());
        say(&format!(
            "{}  {}  {state}  until {}  {}, {}",
            hex::encode(grant.id),
            grant.partner,
            when::utc(grant.expires),
            some(grant.segments.len(), "segment"),
            some(opened, "opening")
        ));
    }
    for opening in &openings {
        say(&format!("  {}  {}  {}  {}", when::utc(opening.at), opening.segment, opening.partner, opening.who));
    }
    Ok(Outcome::Done)
}

fn end(arguments: &End, how: EndOfGrant) -> miette::Result<Outcome> {
    let archive = arguments.place.visit()?;
    arguments.asker.reason(&archive, Act::Decide)?;
    let used = archive.end_grant(*arguments.grant.as_bytes(), how).into_diagnostic()?;
    say(&format!("grant {} has ended", arguments.grant));
    if !used.is_empty() {
        complain(&format!("destroyed by the recorder's next sweep: {}", some(used.len(), "segment")));
    }
    Ok(Outcome::Done)
}
