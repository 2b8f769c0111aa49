//! A request is decided, and that is carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use miette::{IntoDiagnostic, WrapErr};
use sluis_frame::{CameraId, Clock, SystemClock};
use sluis_rights::letter::{Notice, Order, Pause};
use sluis_rights::receipt::Left;
use sluis_rights::{
    Change, ErasureReceipt, Ground, Kind, Letter, Outcome as Decided, Private, Request, RequestNumber, SegmentName,
    State, decision::Why,
};
use sluis_vault::Reason;

use super::session::taken_for;
use super::{Decide, Deleted, Longer, Session, WithLetters, door};
use crate::cli::{Outcome, complain, say, some, when};
use crate::config::deferred::Deferred;
use crate::rights::stills::{Listed, Silhouette};
use crate::rights::{copy, erasure, window};

/// How long a decision to erase waits for the recorder's sweep.
const PATIENCE: Duration = Duration::from_secs(75);

/// By when a partner confirms, in days.
const CONFIRM: i64 = 14;

pub(super) fn decide(arguments: &Decide) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    let why = |ground| Why { ground, reason: arguments.because.clone().unwrap_or_default() };
    let outcome = match (arguments.partly, arguments.refuse) {
        _ if arguments.grant => Decided::Granted,
        _ if arguments.nothing_found => Decided::NothingFound,
        (Some(ground), _) => Decided::Partly(why(ground)),
        (None, Some(ground)) => Decided::Refused(why(ground)),
        (None, None) => {
            miette::bail!("say what is decided: --grant, --partly GROUND, --refuse GROUND or --nothing-found")
        }
    };
    let letters = &arguments.letters.letters;
    let number = request.number;
    match (&outcome, request.kind) {
        (Decided::Refused(why), kind) => {
            let letter = match (kind, why.ground) {
                (Kind::Objection, _) => Letter::ObjectionRefused,
                (Kind::Rectification, Ground::NothingToRectify) => Letter::Rectification,
                _ => Letter::Refusal,
            };
            session.conclude(number, vec![Change::Decide(outcome)], &[letter], letters)?;
            complain("what is held stays held until its end: the person may complain, or go to court");
        }
        (Decided::NothingFound, _) => {
            session.check_whole(&request)?;
            let retention_hours = session.office.facts(request.language).into_diagnostic()?.retention_hours;
            let letter = Letter::NothingFound { retention_hours };
            let request = session.conclude(number, vec![Change::Decide(outcome)], &[letter], letters)?;
            session.let_go(&request, |_| true)?;
        }
        (_, Kind::Access) => access(&session, arguments, &request, outcome)?,
        (_, Kind::Erasure) => erase(&session, arguments, &request, outcome)?,
        (_, Kind::Restriction) => restrict(&session, arguments, &request, outcome)?,
        (_, Kind::Objection) => object(&session, arguments, &request, outcome)?,
        (_, Kind::Complaint) => {
            session.conclude(number, vec![Change::Decide(outcome)], &[Letter::Complaint], letters)?;
        }
        (_, Kind::Rectification) => {
            session.apply(request.number, Change::Decide(outcome))?;
        }
    }
    if let Some(stills) = &arguments.stills {
        complain(&format!("delete {}: pictures of people are in it", stills.display()));
    }
    Ok(Outcome::Done)
}

fn access(session: &Session, arguments: &Decide, request: &Request, outcome: Decided) -> miette::Result<()> {
    let Some(folder) = &arguments.copy else {
        miette::bail!("a copy is made for an access request: name its folder with --copy DIR");
    };
    if arguments.all {
        miette::bail!("a copy is of one person: name the silhouettes with --stills DIR --person CAMERA:NUMBER");
    }
    let (chosen, silhouettes) = session.person(arguments, request)?;
    let number = request.number;
    let changes = vec![Change::Choose(chosen.clone()), Change::Decide(outcome)];
    session.rehearse(number, &changes)?;
    let copies = session.copies_of(number, &chosen)?;
    let facts = session.office.facts_with(request.language, copies.partners_to_tell().into_keys()).into_diagnostic()?;
    let reason = session.reason(number)?;
    let folder = std::path::absolute(folder).into_diagnostic()?;
    let choices =
        silhouettes.into_iter().map(|(camera, of)| (camera, of.iter().map(Silhouette::choice).collect())).collect();
    let wanted = copy::Wanted { request, chosen: &chosen, choices: &choices, poses: &session.office.poses() };
    let made = copy::make(&session.archive, &door()?, &wanted, &folder, &reason).into_diagnostic()?;
    for about in &made.cameras {
        let frames = about.frames;
        say(&format!(
            "{}: pictures of the person: {}, of nobody: {}, of nothing: {}; events that are theirs: {}",
            folder.join(about.camera.as_str()).display(),
            frames.shown,
            frames.filled,
            frames.blanked,
            about.events.given
        ));
    }
    session.office.desk().copy_made(number, &folder, session.by()).into_diagnostic()?;
    let letter = Letter::Access { facts: &facts, copy: &made.contents };
    let request = session.conclude(number, changes, &[letter], &arguments.letters.letters)?;
    complain(&format!(
        "look at the copy before it is sent; once the person has it: `sluis rights deleted {number} --folder {}`",
        folder.display()
    ));
    session.let_go(&request, |_| true)
}

fn erase(session: &Session, arguments: &Decide, request: &Request, outcome: Decided) -> miette::Result<()> {
    let (chosen, _) = session.person(arguments, request)?;
    session.check_whole(request)?;
    session.check_others(request.number, &chosen, &arguments.despite)?;
    session.erase(request.number, chosen, vec![Change::Decide(outcome)], &arguments.letters.letters)
}

pub(super) fn receipt(arguments: &WithLetters) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    // Where a decision was interrupted, it is carried out now.
    session.carry_out(&request)?;
    follow(&session, &request, &arguments.letters.letters, Instant::now())?;
    Ok(Outcome::Done)
}

/// Looks what became of an erasure, until it is done or the time is over; then writes the letters.
fn follow(session: &Session, request: &Request, letters: &Path, until: Instant) -> miette::Result<()> {
    let number = request.number;
    let Some(mut receipt) = request.receipt.clone() else {
        miette::bail!("nothing was erased for request {number}");
    };
    let in_vault =
        |receipt: &ErasureReceipt| receipt.left().into_iter().filter(|left| !matches!(left, Left::Export(..))).count();
    loop {
        receipt = erasure::look(&session.archive, &receipt).into_diagnostic()?;
        if in_vault(&receipt) == 0 || Instant::now() >= until {
            break;
        }
        thread::sleep(Duration::from_secs(1));
    }
    let request = session.apply(number, Change::CarriedOut(receipt.clone()))?;
    for segment in &receipt.segments {
        let destroyed = segment
            .vault
            .key_destroyed
            .map_or_else(|| "not destroyed yet".to_owned(), |at| format!("key destroyed {}", when::utc(at)));
        say(&format!("{}  {}  {destroyed}", segment.segment, segment.camera));
        if let Some(cloud) = &segment.cloud {
            let gone = cloud.gone.map_or_else(|| "not gone yet".to_owned(), |at| format!("gone {}", when::utc(at)));
            say(&format!("  cloud   {}, {}: {gone}", cloud.place, cloud.object));
        }
        for export in &segment.exports {
            let removed = export
                .removed
                .map_or_else(|| "to be deleted there".to_owned(), |at| format!("deleted {}", when::utc(at)));
            say(&format!("  export  {} ({}), by {}: {removed}", export.destination, export.form, export.who));
        }
        for grant in &segment.grants {
            let opened = match grant.opened.as_slice() {
                [] => "never opened".to_owned(),
                opened => format!("opened {}, must be told", some(opened.len(), "time")),
            };
            say(&format!("  grant   {} to {}: {opened}", grant.grant, grant.partner));
        }
    }
    if in_vault(&receipt) > 0 {
        complain(&format!(
            "not done yet: does the recorder run? Look again with `sluis rights receipt {number} --letters {}`",
            letters.display()
        ));
        return Ok(());
    }
    match request.kind {
        Kind::Objection => session.send(&request, Letter::ObjectionGranted, letters)?,
        _ => session.send(&request, Letter::Erased, letters)?,
    }
    let by = session.confirmed_by();
    for (partner, opened) in receipt.partners_to_tell() {
        let notice = Notice { partner, order: Order::Erase, opened: &opened, by };
        session.send(&request, Letter::Partner(notice), letters)?;
    }
    for left in receipt.left() {
        if let Left::Export(segment, export) = left {
            complain(&format!(
                "delete segment {segment} from {}, then: `sluis rights deleted {number} --folder {}`",
                export.destination, export.destination
            ));
        }
    }
    Ok(())
}

fn restrict(session: &Session, arguments: &Decide, request: &Request, outcome: Decided) -> miette::Result<()> {
    let (chosen, _) = session.person(arguments, request)?;
    session.check_whole(request)?;
    let number = request.number;
    let changes = vec![Change::Choose(chosen.clone()), Change::Decide(outcome)];
    session.rehearse(number, &changes)?;
    let reason = session.reason(number)?;
    for segment in &chosen {
        session.archive.restrict(window::segment(*segment), &reason).into_diagnostic()?;
    }
    say(&format!("only stored from now on: {}", some(chosen.len(), "segment")));
    let copies = session.copies_of(number, &chosen)?;
    let (partners, by) = (copies.partners_to_tell(), session.confirmed_by());
    let mut all = vec![Letter::Restricted];
    for (partner, opened) in &partners {
        all.push(Letter::Partner(Notice { partner, order: Order::Restrict, opened, by }));
    }
    let request = session.conclude(number, changes, &all, &arguments.letters.letters)?;
    session.let_go(&request, |segment| !chosen.contains(&segment))
}

fn object(session: &Session, arguments: &Decide, request: &Request, outcome: Decided) -> miette::Result<()> {
    let Some(what) = &arguments.pause else {
        miette::bail!("an objection is granted by a pause: name it with --pause CAMERA or --pause CAMERA/ZONE");
    };
    let (camera, zone) = what.split_once('/').map_or((what.as_str(), None), |(camera, zone)| (camera, Some(zone)));
    let camera = session.office.config().camera(camera)?;
    if let Some(zone) = zone.filter(|zone| !camera.has_zone(zone)) {
        miette::bail!("camera `{}` has no zone `{zone}`: `sluis zones draw` shows what there is", camera.id());
    }
    let number = request.number;
    let reason = session.reason(number)?;
    let calendar = session.office.calendar();
    let until =
        arguments.until.as_deref().map(|text| when::moment(text, calendar.zone())).transpose().into_diagnostic()?;
    let erases = arguments.all || !arguments.person.is_empty();
    if !erases && !arguments.not_told_apart {
        miette::bail!(
            help = "`--stills DIR --person CAMERA:NUMBER` or `--all` erases it; `--not-told-apart` when nobody can tell which it is",
            "what is recorded of the person already is not used any more either (Art. 21(1), Art. 17(1)(c)): say what that is"
        );
    }
    let chosen = if erases { session.person(arguments, request)?.0 } else { BTreeSet::new() };
    if erases {
        session.check_whole(request)?;
    }
    session.check_others(number, &chosen, &arguments.despite)?;
    let pause = Pause { camera: camera.id().clone(), zone: zone.map(str::to_owned), from: SystemClock.now(), until };
    session.rehearse(number, &[Change::Pause(pause.clone()), Change::Decide(outcome.clone())])?;
    // The pause first: it is what the person wants, and a decision without it would be untrue.
    let pause = session.pause(number, pause, &reason)?;
    say(&format!("{what} is paused{}", until.map(|until| format!(" until {}", when::utc(until))).unwrap_or_default()));
    let letters = &arguments.letters.letters;
    let changes = vec![Change::Pause(pause), Change::Decide(outcome)];
    if erases {
        return session.erase(number, chosen, changes, letters);
    }
    let request = session.conclude(number, changes, &[Letter::ObjectionGranted], letters)?;
    session.let_go(&request, |_| true)
}

pub(super) fn deleted(arguments: &Deleted) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let (number, folder) = (arguments.number, std::path::absolute(&arguments.folder).into_diagnostic()?);
    let desk = session.office.desk();
    let ours = desk.copies().into_diagnostic()?.iter().any(|copy| copy.number == number && copy.folder == folder);
    if ours {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).into_diagnostic().wrap_err_with(|| format!("cannot delete {}", folder.display()));
            }
            _ => {}
        }
        desk.copy_deleted(number, &folder, session.by()).into_diagnostic()?;
        say(&format!("{} is deleted", folder.display()));
        return Ok(Outcome::Done);
    }
    let mut receipt = session.request(number)?.receipt;
    let destination = folder.display().to_string();
    let known = receipt.as_mut().map_or(0, |receipt| erasure::export_removed(receipt, &destination, SystemClock.now()));
    let Some(receipt) = receipt.filter(|_| known > 0) else {
        miette::bail!(
            "request {number} knows of nothing in {destination}: `sluis rights receipt` and `ls` list what is to be deleted"
        );
    };
    if folder.exists() {
        miette::bail!(
            "{destination} is still there: delete what was exported first (of training data: `sluis dataset erase`)"
        );
    }
    let complete = receipt.left().is_empty();
    session.apply(number, Change::CarriedOut(receipt))?;
    say(&format!("noted as deleted: what was in {destination} ({})", some(known, "segment")));
    if complete {
        complain(&format!("no copy is left: tell the person with `sluis rights receipt {number} --letters DIR`"));
    }
    Ok(Outcome::Done)
}

pub(super) fn longer(arguments: &Longer) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let until = when::moment(&arguments.until, session.office.calendar().zone()).into_diagnostic()?;
    let reason = Private::new(&arguments.because);
    session.apply(arguments.number, Change::KeepUntil { until, reason })?;
    say(&format!("request {} is kept until {}", arguments.number, when::utc(until)));
    Ok(Outcome::Done)
}

// === impl Session ===

impl Session {
    /// That everything is known of the cameras and time that are meant: the time is over, no frame of it waits to be masked, and what was recorded is held. Else a decision would miss some of it.
    fn check_whole(&self, request: &Request) -> miette::Result<()> {
        let number = request.number;
        let window = request.window.ok_or(crate::rights::Error::NotNarrowed { number }).into_diagnostic()?;
        let waits = self.office.config().deferred().map_or(Duration::ZERO, Deferred::patience);
        if window.to + waits > self.archive.time().into_diagnostic()? {
            miette::bail!(
                help = "decide then; or, when less is meant, say so: `sluis rights narrow`",
                "pictures of the time that is meant may still be recorded until {}{}",
                when::utc(window.to + waits),
                if waits.is_zero() { "" } else { ": they wait to be masked (`[deferred]`)" }
            );
        }
        let held: BTreeSet<SegmentName> = request.held.iter().map(|held| held.segment).collect();
        let longest = self.longest();
        let entries = self.archive.list().into_diagnostic()?;
        let missed = entries.iter().filter(|entry| {
            request.cameras.contains(&entry.camera)
                && window::overlaps(entry, window, longest)
                && (entry.state == sluis_vault::State::Writing || entry.state.is_readable())
                && !held.contains(&window::name(entry.segment))
        });
        let missed = missed.count();
        if missed > 0 {
            miette::bail!(
                help = format!("`sluis rights hold {number}`, and look at it before you decide"),
                "of the time that is meant more is recorded than is held: {}",
                some(missed, "segment")
            );
        }
        Ok(())
    }

    /// What is chosen, with every copy that there is of it now.
    fn copies_of(&self, number: RequestNumber, chosen: &BTreeSet<SegmentName>) -> miette::Result<ErasureReceipt> {
        erasure::plan(&self.archive, number, chosen, &self.office.cloud()).into_diagnostic()
    }

    /// By when a partner confirms.
    fn confirmed_by(&self) -> Date {
        self.office.calendar().day(SystemClock.now()).saturating_add(jiff::ToSpan::days(CONFIRM))
    }

    /// That nobody else waits for what is to be erased, but for those whom the officer names: who asked for a copy, or has had it restricted (Art. 18), would lose it by another's right. Comes before
    /// the decision, so that none is made that cannot be carried out.
    fn check_others(
        &self,
        number: RequestNumber,
        chosen: &BTreeSet<SegmentName>,
        despite: &[RequestNumber],
    ) -> miette::Result<()> {
        for segment in chosen {
            if let Some(since) = self.archive.entry(window::segment(*segment)).into_diagnostic()?.restricted {
                miette::bail!(
                    help = "decide what it was taken for, then `sluis vault lift`; or refuse: `--partly`, `--refuse`",
                    "segment {segment} is restricted since {} (Art. 18): nobody erases it before its deadline",
                    when::utc(since)
                );
            }
        }
        let now = self.archive.time().into_diagnostic()?;
        for other in self.office.desk().list().into_diagnostic()? {
            if other.number == number || other.state == State::Forgotten || despite.contains(&other.number) {
                continue;
            }
            let request = self.request(other.number)?;
            // What was refused, in part or whole, is held for a complaint or a court.
            let why = match request.decision.as_ref().map(|decision| &decision.outcome) {
                None => "is not decided",
                Some(Decided::Refused(_) | Decided::Partly(_)) => "was refused, and the person may complain",
                Some(_) => continue,
            };
            let shared = request.held.iter().filter(|held| chosen.contains(&held.segment) && held.until > now).count();
            if shared > 0 {
                miette::bail!(
                    help = format!("decide that first, or erase all the same: `--despite {}`", other.number),
                    "{} of these is held for request {} ({}), which {why}",
                    some(shared, "segment"),
                    other.number,
                    other.kind.as_str()
                );
            }
        }
        Ok(())
    }

    /// Decides to erase, does it, and follows it to its end. What is to be erased is kept with the decision: `sluis rights receipt` goes on where this was interrupted.
    fn erase(
        &self,
        number: RequestNumber,
        chosen: BTreeSet<SegmentName>,
        decision: Vec<Change>,
        letters: &Path,
    ) -> miette::Result<()> {
        let planned = self.copies_of(number, &chosen)?;
        let mut changes = vec![Change::Choose(chosen)];
        changes.extend(decision);
        changes.push(Change::CarriedOut(planned));
        let request = self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()?;
        self.carry_out(&request)?;
        say(&format!(
            "cannot be opened any more, and is destroyed by the recorder's next sweep: {}",
            some(request.chosen.len(), "segment")
        ));
        follow(self, &request, letters, Instant::now() + PATIENCE)
    }

    /// Erases what is not erased yet, and lets go of the rest.
    fn carry_out(&self, request: &Request) -> miette::Result<()> {
        let Some(planned) = &request.receipt else { return Ok(()) };
        erasure::carry_out(&self.archive, planned, &self.reason(request.number)?).into_diagnostic().wrap_err_with(
            || format!("not all is erased; once it can be: `sluis rights receipt {}`", request.number),
        )?;
        self.let_go(request, |_| true)
    }

    /// Pauses for an objection, or finds the pause that an interrupted decision left.
    fn pause(&self, number: RequestNumber, pause: Pause, reason: &Reason) -> miette::Result<Pause> {
        let taken = taken_for(number);
        let mut pauses = self.archive.pauses().into_diagnostic()?.into_iter();
        let same = pauses.find(|old| {
            (&old.reason, &old.camera, &old.zone, old.until) == (&taken, &pause.camera, &pause.zone, pause.until)
        });
        let paused = match same {
            Some(pause) => pause,
            None => {
                let zone = pause.zone.as_deref();
                self.archive.pause(&pause.camera, zone, pause.until, reason).into_diagnostic()?
            }
        };
        Ok(Pause { camera: paused.camera, zone: paused.zone, from: paused.at, until: paused.until })
    }

    /// Which segments show the person, and the silhouettes that were chosen.
    #[allow(clippy::type_complexity, reason = "both halves are used once, at once")]
    fn person(
        &self,
        arguments: &Decide,
        request: &Request,
    ) -> miette::Result<(BTreeSet<SegmentName>, BTreeMap<CameraId, Vec<Silhouette>>)> {
        if arguments.all {
            return Ok((request.held.iter().map(|held| held.segment).collect(), BTreeMap::new()));
        }
        let Some(folder) = arguments.stills.as_deref().filter(|_| !arguments.person.is_empty()) else {
            miette::bail!(
                "say which silhouettes are the person: `sluis rights stills {0} --to DIR`, then --stills DIR --person CAMERA:NUMBER; or --all",
                request.number
            );
        };
        let listed = Listed::read(folder, request.number).into_diagnostic()?;
        let (mut segments, mut silhouettes) = (BTreeSet::new(), BTreeMap::<_, Vec<_>>::new());
        for which in &arguments.person {
            let (camera, silhouette) = listed.find(which, folder).into_diagnostic()?;
            segments.extend(window::between(&request.held, &camera, silhouette.followed()));
            silhouettes.entry(camera).or_default().push(silhouette);
        }
        Ok((segments, silhouettes))
    }
}
