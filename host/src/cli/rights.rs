//! `sluis rights`: what people who were filmed ask for, from letter to receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use sluis_frame::{CameraId, Clock, Doors, ReaderDoor, SystemClock, Timestamp};
use sluis_rights::letter::{Notice, Order, Pause};
use sluis_rights::receipt::Left;
use sluis_rights::request::Did;
use sluis_rights::translate::{self, Assumed, Telling};
use sluis_rights::{
    AnswerTo, By, Change, Document, Ground, Held, Kind, Language, Letter, New, Outcome as Decided, Person, Private,
    Request, RequestNumber, SegmentName, State, Window, decision::Why,
};
use sluis_vault::{Act, Archive, Entry, Reason, StaffKey};

use super::{Outcome, complain, say, say_json, some, when};
use crate::config::Config;
use crate::config::deferred::Deferred;
use crate::keep;
use crate::rights::stills::{Listed, Silhouette};
use crate::rights::{Office, copy, erasure, window};

/// Whose desk, and who sits at it.
#[derive(Debug, Args)]
struct At {
    /// The configuration of the shop.
    #[arg(long, value_name = "FILE", default_value = "sluis.toml")]
    config: PathBuf,
    /// The key file of the privacy officer.
    #[arg(id = "as", long = "as", value_name = "KEYFILE", env = "SLUIS_STAFF_KEY")]
    key: PathBuf,
}

#[derive(Debug, Args)]
struct Letters {
    /// The folder that letters are written to, as text and as a page to print; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    letters: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Enter a request. What was recorded then and there is held at once, against the sweep too, for 30 days from its recording; the acknowledgement is written.
    New(Entered),
    /// All requests, what is due, and copies that must be deleted.
    Ls(List),
    /// One request, with all that was done about it.
    Show(Show),
    /// Say which cameras and time a request means, and hold that.
    Narrow(Narrow),
    /// Hold again what a request means: segments that were still being written when it came in.
    Hold(Which),
    /// Write stills of what is held, with a number beside each silhouette, to choose the person from.
    Stills(Stills),
    /// Write the letter that asks for more.
    Ask(Letter1),
    /// Write down what the person said then.
    Heard(Words),
    /// Take two further months (Art. 12(3)), and write the letter that says so.
    Extend(Extend),
    /// Decide: it is done at once, and the letter is written.
    Decide(Box<Decide>),
    /// See what became of an erasure, and write the letters to the person and to partners once it is done.
    Receipt(Letter1),
    /// A copy, or what was exported of an erased segment, is deleted from this folder now: the desk's own copies are deleted by this command.
    Deleted(Deleted),
    /// Keep a decided request for longer than others, because of a complaint or a claim.
    Keep(Longer),
}

#[derive(Debug, Args)]
pub(super) struct Entered {
    /// access, rectification, erasure, restriction, objection or complaint.
    #[arg(value_parser = kind)]
    kind: Kind,
    #[command(flatten)]
    at: At,
    /// What the person remembers, in their words: "red coat, with a pram".
    #[arg(long, value_name = "WORDS")]
    remembers: String,
    /// Where it was, in their words: "the shelf by the door". Or name cameras with --camera.
    #[arg(long = "where", value_name = "WORDS", conflicts_with = "camera")]
    place: Option<String>,
    /// When it was, in their words: "about ten past two", "gisteren rond tien over twee", "2026-11-27 14:10". Or give --from and --to.
    #[arg(long = "when", value_name = "WORDS", conflicts_with_all = ["from", "to"])]
    time: Option<String>,
    /// A camera that is meant; can be given more than once.
    #[arg(long, value_name = "ID")]
    camera: Vec<CameraId>,
    /// From when, by the shop's clock: 2026-06-28T14:00.
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// Until when.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// When it was received, if not now: its month runs from that day.
    #[arg(long, value_name = "TIME")]
    received: Option<String>,
    /// The language of the letters: nl, de or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "nl", value_parser = language)]
    lang: Language,
    /// The person's name, if it was given. It is not needed.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The address of electronic mail to answer to.
    #[arg(long, value_name = "ADDRESS", group = "answer")]
    email: Option<String>,
    /// The postal address to answer to, with a comma between its lines.
    #[arg(long, value_name = "ADDRESS", group = "answer")]
    post: Option<String>,
    /// The person comes to the shop and says the number.
    #[arg(long, group = "answer")]
    collect: bool,
    #[command(flatten)]
    letters: Letters,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    at: At,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Which {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(super) struct Narrow {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// A camera that is meant; can be given more than once.
    #[arg(long, value_name = "ID", required = true)]
    camera: Vec<CameraId>,
    /// From when, by the shop's clock: 2026-06-28T14:00.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// Until when.
    #[arg(long, value_name = "TIME")]
    to: String,
}

#[derive(Debug, Args)]
pub(super) struct Stills {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// The folder to make. It holds pictures of people, with their heads masked: delete it when the request is decided.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Letter1 {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    letters: Letters,
}

#[derive(Debug, Args)]
pub(super) struct Words {
    number: RequestNumber,
    /// What the person said.
    words: String,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(super) struct Extend {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// Why, in the language of the letter.
    #[arg(long, value_name = "WHY")]
    because: String,
    #[command(flatten)]
    letters: Letters,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// All that was asked for.
    #[arg(long, group = "outcome")]
    grant: bool,
    /// Some of it; the ground for not all: rights-of-others, legal-claims, …
    #[arg(long, value_name = "GROUND", group = "outcome", requires = "because", value_parser = ground)]
    partly: Option<Ground>,
    /// None of it; the ground: not-identified, compelling-grounds, …
    #[arg(long, value_name = "GROUND", group = "outcome", requires = "because", value_parser = ground)]
    refuse: Option<Ground>,
    /// There is no recording of the time and place, or none any more.
    #[arg(long, group = "outcome")]
    nothing_found: bool,
    /// What it is in this case that meets the ground, in the language of the letter.
    #[arg(long, value_name = "WHY")]
    because: Option<String>,
    /// The folder of the stills on which the person was chosen.
    #[arg(long, value_name = "DIR")]
    stills: Option<PathBuf>,
    /// A silhouette on the stills that is the person, as CAMERA:NUMBER; can be given more than once.
    #[arg(long, value_name = "CAMERA:NUMBER", requires = "stills")]
    person: Vec<String>,
    /// Everything that is held, also where others are in it. Not for a copy.
    #[arg(long, conflicts_with = "person")]
    all: bool,
    /// Of an access request: the folder to make for the copy.
    #[arg(long, value_name = "DIR")]
    copy: Option<PathBuf>,
    /// Erase also what is held for this other request; can be given more than once.
    #[arg(long, value_name = "NUMBER")]
    despite: Vec<RequestNumber>,
    /// Of an objection: the camera to pause, or a zone of it as CAMERA/ZONE. What shows the person is erased as well, when --person or --all says what that is (Art. 17(1)(c)).
    #[arg(long, value_name = "CAMERA[/ZONE]")]
    pause: Option<String>,
    /// Of an objection: nobody can tell which of what is recorded already shows the person, so none of it is erased, and the letter says so.
    #[arg(long, conflicts_with_all = ["person", "all"])]
    not_told_apart: bool,
    /// Until when it is paused; until `sluis resume` when nothing is said.
    #[arg(long, value_name = "TIME", requires = "pause")]
    until: Option<String>,
    #[command(flatten)]
    letters: Letters,
}

#[derive(Debug, Args)]
pub(super) struct Deleted {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// The folder.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Longer {
    number: RequestNumber,
    #[command(flatten)]
    at: At,
    /// When it is forgotten, by the shop's clock: 2027-12-31T00:00.
    #[arg(long, value_name = "TIME")]
    until: String,
    /// Why.
    #[arg(long, value_name = "WHY")]
    because: String,
}

/// Somebody at the desk.
struct Session {
    office: Office,
    archive: Archive,
    key: StaffKey,
    who: String,
}

/// How long a decision to erase waits for the recorder's sweep.
const PATIENCE: Duration = Duration::from_secs(75);

/// By when a partner confirms, in days.
const CONFIRM: i64 = 14;

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::New(arguments) => enter(arguments),
        Task::Ls(arguments) => list(arguments),
        Task::Show(arguments) => show(arguments),
        Task::Narrow(arguments) => narrow(arguments),
        Task::Hold(arguments) => hold(arguments),
        Task::Stills(arguments) => stills(arguments),
        Task::Ask(arguments) => ask(arguments),
        Task::Heard(arguments) => heard(arguments),
        Task::Extend(arguments) => extend(arguments),
        Task::Decide(arguments) => decide(arguments),
        Task::Receipt(arguments) => receipt(arguments),
        Task::Deleted(arguments) => deleted(arguments),
        Task::Keep(arguments) => longer(arguments),
    }
}

fn enter(arguments: &Entered) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let (zone, now) = (session.office.calendar().zone().clone(), SystemClock.now());
    let received = arguments.received.as_deref().map(|text| when::moment(text, &zone)).transpose().into_diagnostic()?;
    let hours = session.office.hours();
    let telling = Telling { now, zone: &zone, language: arguments.lang, hours: hours.as_ref() };
    let cameras = session.cameras(&arguments.camera, arguments.place.as_deref())?;
    let window = match (&arguments.from, &arguments.to, &arguments.time) {
        (Some(from), Some(to), _) => Some(session.window(from, to)?),
        (_, _, Some(words)) => understood(words, telling, &session)?,
        _ => None,
    };
    let answer_to = match (&arguments.email, &arguments.post) {
        (Some(address), _) => AnswerTo::Email(Private::new(address)),
        (None, Some(address)) => AnswerTo::Post(address.split(',').map(|line| Private::new(line.trim())).collect()),
        (None, None) if arguments.collect => AnswerTo::Collect,
        (None, None) => miette::bail!("say how the person is answered: --email, --post or --collect"),
    };
    let new = New {
        kind: arguments.kind,
        received: received.unwrap_or(now),
        language: arguments.lang,
        person: Person { name: arguments.name.as_deref().map(Private::new), answer_to },
        remembers: Private::new(&arguments.remembers),
        window,
        cameras,
    };
    let request = session.office.desk().enter(new, session.by()).into_diagnostic()?;
    say(&format!(
        "{}  {} ({}), to be answered by {}",
        request.number,
        request.kind.as_str(),
        request.kind.article(),
        request.due
    ));
    let request = if request.window.is_some() && !request.cameras.is_empty() {
        session.tell_window(&request);
        session.hold(&request)?
    } else {
        complain(&format!(
            "nothing is held yet: say which cameras and time are meant (`sluis rights narrow {} --camera CAMERA --from TIME --to TIME`)",
            request.number
        ));
        request
    };
    session.send(&request, Letter::Acknowledgement, &arguments.letters.letters)?;
    Ok(Outcome::Done)
}

/// The window that words mean; more than one is for the officer to choose from.
fn understood(words: &str, telling: Telling<'_>, session: &Session) -> miette::Result<Option<Window>> {
    let understood = translate::when(words, telling).into_diagnostic()?;
    let assumed: Vec<&str> = understood.assumed.iter().map(|assumed| said(*assumed)).collect();
    if !assumed.is_empty() {
        complain(&format!("taken for granted: {}", assumed.join("; ")));
    }
    match understood.candidates.as_slice() {
        [one] => Ok(Some(one.window)),
        several => {
            complain("this can be more than one time; say which with `sluis rights narrow`:");
            several.iter().for_each(|one| complain(&format!("  {}", session.shown(one.window))));
            Ok(None)
        }
    }
}

const fn said(assumed: Assumed) -> &'static str {
    match assumed {
        Assumed::Today => "no day was named: today",
        Assumed::Yesterday => "no day was named, and today that time is still to come: yesterday",
        Assumed::Year => "no year was named: the latest one",
        Assumed::Weekday => "a day of the week: the latest such day",
        Assumed::OpenThen => "of two times, the one at which the shop is open",
        Assumed::ClosedThen => "the shop is closed then",
        Assumed::ClocksChanged => "the clocks were changed in that hour",
    }
}

fn list(arguments: &List) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let (desk, now) = (session.office.desk(), SystemClock.now());
    let requests = desk.list().into_diagnostic()?;
    let (reminders, copies) = (desk.reminders(now).into_diagnostic()?, desk.copies().into_diagnostic()?);
    if arguments.json {
        say_json(&serde_json::json!({ "requests": requests, "reminders": reminders, "copies": copies }))?;
        return Ok(Outcome::Done);
    }
    if requests.is_empty() {
        say("No requests.");
    }
    for listed in &requests {
        let held = listed.held_until.map(|until| format!("  held until {}", when::utc(until))).unwrap_or_default();
        say(&format!(
            "{}  {:13}  {:9}  received {}  due {}{held}",
            listed.number,
            listed.kind.as_str(),
            listed.state.as_str(),
            session.office.calendar().day(listed.received),
            listed.due
        ));
    }
    for reminder in &reminders {
        let what = match reminder.of {
            sluis_rights::term::Of::Answer => "the answer is due",
            sluis_rights::term::Of::EndOfHold => "what is held is destroyed, whatever is decided,",
        };
        complain(&format!("{}: {what} on {} ({} days)", reminder.number, reminder.date, reminder.days_left));
        desk.reminded(reminder.number, now).into_diagnostic()?;
    }
    for copy in copies.iter().filter(|copy| copy.delete_by <= now) {
        complain(&format!(
            "{}: the copy in {} must be deleted: `sluis rights deleted {} --folder {}`",
            copy.number,
            copy.folder.display(),
            copy.number,
            copy.folder.display()
        ));
    }
    Ok(Outcome::Done)
}

fn show(arguments: &Show) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    if arguments.json {
        say_json(&request)?;
        return Ok(Outcome::Done);
    }
    say(&format!(
        "{}  {} ({}), {}, received {}, due {}",
        request.number,
        request.kind.as_str(),
        request.kind.article(),
        request.state.as_str(),
        session.office.calendar().day(request.received),
        request.due
    ));
    for words in &request.remembers {
        say(&format!("  remembers: {}", words.expose()));
    }
    session.tell_window(&request);
    if let Some(until) = request.held_until() {
        say(&format!("  held: {}, the first until {}", some(request.held.len(), "segment"), when::utc(until)));
    }
    if let Some(decision) = &request.decision {
        say(&format!("  decided {} by {}: {}", when::utc(decision.at), decision.by, outcome(&decision.outcome)));
    }
    for step in &request.steps {
        say(&format!("  {}  {}  {}", when::utc(step.at), step.who, did(&step.did)));
    }
    Ok(Outcome::Done)
}

fn narrow(arguments: &Narrow) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let window = session.window(&arguments.from, &arguments.to)?;
    let cameras = session.cameras(&arguments.camera, None)?;
    let request = session.narrow(arguments.number, window, cameras)?;
    session.hold(&request).map(|_| Outcome::Done)
}

fn hold(arguments: &Which) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    session.hold(&request).map(|_| Outcome::Done)
}

fn stills(arguments: &Stills) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    let reason = session.reason(request.number)?;
    let listed =
        crate::rights::stills::write(&session.archive, &door()?, &request, &arguments.to, &reason).into_diagnostic()?;
    for (camera, silhouettes) in &listed.cameras {
        let sheet = arguments.to.join(format!("{camera}.png"));
        match silhouettes.len() {
            0 => say(&format!("{camera}: nobody is seen who moves")),
            count => say(&format!("{}: {}", sheet.display(), some(count, "silhouette"))),
        }
        for silhouette in silhouettes {
            let (from, to) = silhouette.followed();
            say(&format!("  {camera}:{}  {}", silhouette.number, session.shown(Window { from, to })));
        }
    }
    complain("pictures of people, heads masked: delete the folder when the request is decided");
    Ok(Outcome::Done)
}

fn ask(arguments: &Letter1) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.apply(arguments.number, Change::AskForMore)?;
    session.send(&request, Letter::MoreDetails, &arguments.letters.letters)?;
    Ok(Outcome::Done)
}

fn heard(arguments: &Words) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    session.apply(arguments.number, Change::Heard(Private::new(&arguments.words)))?;
    say(&format!("{} is open again", arguments.number));
    Ok(Outcome::Done)
}

fn extend(arguments: &Extend) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.apply(arguments.number, Change::Extend { reason: arguments.because.clone() })?;
    say(&format!("{} is to be answered by {}", request.number, request.due));
    session.send(&request, Letter::Extension, &arguments.letters.letters)?;
    Ok(Outcome::Done)
}

fn decide(arguments: &Decide) -> miette::Result<Outcome> {
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
    let partners = session.opened_by(&chosen)?;
    let facts = session.office.facts_with(request.language, partners.keys().map(String::as_str)).into_diagnostic()?;
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

fn receipt(arguments: &Letter1) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    if request.receipt.is_none() {
        miette::bail!("nothing was erased for request {}", request.number);
    }
    // Where a decision was interrupted, it is carried out now.
    session.carry_out(&request)?;
    follow(&session, arguments.number, &arguments.letters.letters, Instant::now())?;
    Ok(Outcome::Done)
}

/// Looks what became of an erasure, until it is done or the time is over; then writes the letters.
fn follow(session: &Session, number: RequestNumber, letters: &Path, until: Instant) -> miette::Result<()> {
    let request = session.request(number)?;
    let Some(mut receipt) = request.receipt.clone() else {
        miette::bail!("nothing was erased for request {number}");
    };
    let in_vault = |receipt: &sluis_rights::ErasureReceipt| {
        receipt.left().into_iter().filter(|left| !matches!(left, Left::Export(..))).count()
    };
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
    let by = session.office.calendar().day(SystemClock.now()).saturating_add(jiff::ToSpan::days(CONFIRM));
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
    let partners = session.opened_by(&chosen)?;
    let opened: Vec<(&String, Vec<_>)> = partners
        .iter()
        .map(|(partner, opened)| {
            let opened = opened.iter();
            let opened =
                opened.map(|(grant, segment, at)| sluis_rights::receipt::Opened { grant, segment: *segment, at: *at });
            (partner, opened.collect())
        })
        .collect();
    let by = session.office.calendar().day(SystemClock.now()).saturating_add(jiff::ToSpan::days(CONFIRM));
    let mut all = vec![Letter::Restricted];
    for (partner, opened) in &opened {
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

fn deleted(arguments: &Deleted) -> miette::Result<Outcome> {
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

fn longer(arguments: &Longer) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let until = when::moment(&arguments.until, session.office.calendar().zone()).into_diagnostic()?;
    let reason = Private::new(&arguments.because);
    session.apply(arguments.number, Change::KeepUntil { until, reason })?;
    say(&format!("request {} is kept until {}", arguments.number, when::utc(until)));
    Ok(Outcome::Done)
}

fn door() -> miette::Result<ReaderDoor> {
    Ok(Doors::mint().ok_or_else(|| miette::miette!("recordings are being read already"))?.reader)
}

fn outcome(outcome: &Decided) -> String {
    match outcome {
        Decided::Granted => "granted".to_owned(),
        Decided::Partly(why) => format!("granted in part ({}): {}", why.ground.as_str(), why.reason),
        Decided::Refused(why) => format!("refused ({}): {}", why.ground.as_str(), why.reason),
        Decided::NothingFound => "nothing was found".to_owned(),
    }
}

fn did(did: &Did) -> String {
    match did {
        Did::Entered => "entered it".to_owned(),
        Did::Narrowed => "said which cameras and time are meant".to_owned(),
        Did::Held(count) => format!("held {}", some(*count, "segment")),
        Did::LetGo(count) => format!("let go of {}", some(*count, "segment")),
        Did::Paused => "paused a camera".to_owned(),
        Did::Chose(count) => format!("chose {}", some(*count, "segment")),
        Did::AskedForMore => "asked for more".to_owned(),
        Did::Heard => "heard more".to_owned(),
        Did::Extended => "took two further months".to_owned(),
        Did::Decided => "decided".to_owned(),
        Did::CarriedOut(0) => "erased; nothing is left".to_owned(),
        Did::CarriedOut(left) => format!("erased; copies left: {left}"),
        Did::Wrote(letter) => format!("wrote the letter `{letter}`"),
        Did::CopyMade => "made a copy".to_owned(),
        Did::CopyDeleted => "deleted a copy".to_owned(),
        Did::KeptLonger(why) => format!("keeps the request for longer: {}", why.expose()),
        Did::Noted(text) => text.expose().to_owned(),
        _ => "did something else".to_owned(),
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| one_of(Kind::ALL.map(Kind::as_str)))
}

fn language(text: &str) -> Result<Language, String> {
    Language::ALL
        .into_iter()
        .find(|language| language.tag() == text)
        .ok_or_else(|| one_of(Language::ALL.map(Language::tag)))
}

fn ground(text: &str) -> Result<Ground, String> {
    Ground::ALL
        .into_iter()
        .find(|ground| ground.as_str() == text)
        .ok_or_else(|| one_of(Ground::ALL.map(Ground::as_str)))
}

fn one_of<const N: usize>(names: [&str; N]) -> String {
    format!("it is one of {}", names.join(", "))
}

// === impl Session ===

impl Session {
    /// Opens desk and vault for the member of staff whose key this is.
    fn open(at: &At) -> miette::Result<Self> {
        let config = Config::read(&at.config)?;
        let archive = keep::visit_configured(&config).into_diagnostic()?;
        let key = StaffKey::read(&at.key).into_diagnostic()?;
        let reason = Reason::new("the rights desk").into_diagnostic()?;
        let who = super::officer(&archive, &key, reason)?;
        Ok(Self { office: Office::open(config).into_diagnostic()?, archive, key, who })
    }

    fn by(&self) -> By<'_> {
        By { who: &self.who, at: SystemClock.now() }
    }

    /// Why something is done in the vault. Holds and restrictions of a request are found again by it.
    fn reason(&self, number: RequestNumber) -> miette::Result<Reason> {
        let reason = Reason::new(&format!("rights request {number}")).into_diagnostic()?;
        self.archive.authorise(&self.key, Act::Decide, reason).into_diagnostic()
    }

    fn request(&self, number: RequestNumber) -> miette::Result<Request> {
        self.office.desk().show(number).into_diagnostic()
    }

    fn apply(&self, number: RequestNumber, change: Change) -> miette::Result<Request> {
        self.office.desk().apply(number, change, self.by()).into_diagnostic()
    }

    /// The cameras that were named, or that words mean.
    fn cameras(&self, named: &[CameraId], place: Option<&str>) -> miette::Result<BTreeSet<CameraId>> {
        let config = self.office.config();
        for camera in named {
            config.camera(camera.as_str())?;
        }
        let Some(place) = place else { return Ok(named.iter().cloned().collect()) };
        let found = translate::place(place, &self.office.cameras()).into_diagnostic()?;
        if !found.unused.is_empty() {
            complain(&format!("not used to find the place: {}", found.unused.join(", ")));
        }
        Ok(found.cameras())
    }

    /// A window by the shop's clock.
    fn window(&self, from: &str, to: &str) -> miette::Result<Window> {
        let zone = self.office.calendar().zone();
        let moment = |text| when::moment(text, zone).into_diagnostic();
        Ok(Window { from: moment(from)?, to: moment(to)? })
    }

    /// A window, by the shop's clock.
    fn shown(&self, window: Window) -> String {
        let [from, to] = [window.from, window.to].map(|at| self.office.calendar().zoned(at));
        format!("{} to {}", from.strftime("%Y-%m-%d %H:%M:%S"), to.strftime("%H:%M:%S"))
    }

    fn tell_window(&self, request: &Request) {
        let Some(window) = request.window else { return };
        let cameras: Vec<&str> = request.cameras.iter().map(CameraId::as_str).collect();
        say(&format!("  {}, cameras: {}", self.shown(window), cameras.join(", ")));
    }

    /// Holds what the request means, and says so.
    fn hold(&self, request: &Request) -> miette::Result<Request> {
        let number = request.number;
        let window = request.window.ok_or(crate::rights::Error::NotNarrowed { number }).into_diagnostic()?;
        let reason = self.reason(number)?;
        let holding =
            window::hold(&self.archive, &request.cameras, window, self.longest(), &reason).into_diagnostic()?;
        if holding.gone > 0 {
            complain(&format!("destroyed already: {} of that time", some(holding.gone, "segment")));
        }
        if holding.writing > 0 {
            complain(&format!(
                "still being written: {}; hold that in a minute with `sluis rights hold {number}`",
                some(holding.writing, "segment")
            ));
        }
        let Some(until) = holding.held.iter().map(|held| held.until).min() else {
            complain("nothing that was recorded then and there is left to be held");
            return Ok(request.clone());
        };
        say(&format!(
            "  held against every sweep: {}; the first until {}: 30 days from its recording at the most",
            some(holding.held.len(), "segment"),
            when::utc(until)
        ));
        self.apply(number, Change::Hold(holding.held))
    }

    /// Says which cameras and time are meant, and lets go of what was held and is not.
    fn narrow(&self, number: RequestNumber, window: Window, cameras: BTreeSet<CameraId>) -> miette::Result<Request> {
        let longest = self.longest();
        let entries: BTreeMap<SegmentName, Entry> = self
            .archive
            .list()
            .into_diagnostic()?
            .into_iter()
            .map(|entry| (window::name(entry.segment), entry))
            .collect();
        let meant = |held: &Held| {
            let overlaps = |entry: &Entry| window::overlaps(entry, window, longest);
            cameras.contains(&held.camera) && entries.get(&held.segment).is_some_and(overlaps)
        };
        let request = self.request(number)?;
        let others: BTreeSet<SegmentName> =
            request.held.iter().filter(|held| !meant(held)).map(|held| held.segment).collect();
        let mut changes = vec![Change::Narrow { window, cameras: cameras.clone() }];
        if !others.is_empty() {
            changes.push(Change::LetGo(others.clone()));
        }
        self.rehearse(number, &changes)?;
        // Before the desk forgets that it held them: else nobody would know what to let go of.
        self.let_go(&request, |segment| others.contains(&segment))?;
        self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()
    }

    /// How long a recording can be.
    fn longest(&self) -> Duration {
        Duration::from_secs(u64::from(self.office.config().segment.seconds.get()))
    }

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

    /// What these changes would be refused for.
    fn rehearse(&self, number: RequestNumber, changes: &[Change]) -> miette::Result<Request> {
        self.office.desk().rehearse(number, changes.iter().cloned(), self.by()).into_diagnostic()
    }

    /// Writes letters, and then does what they tell: a letter that cannot be written leaves nothing decided that nobody is told of.
    fn conclude(
        &self,
        number: RequestNumber,
        mut changes: Vec<Change>,
        letters: &[Letter<'_>],
        folder: &Path,
    ) -> miette::Result<Request> {
        let request = self.rehearse(number, &changes)?;
        let mut pages = Vec::new();
        for letter in letters {
            let at = SystemClock.now();
            let document = letter.write(&request, self.office.letters(), request.language, at).into_diagnostic()?;
            pages.push(write_letter(number, letter, &document, folder)?);
            let text = Private::new(document.text());
            changes.push(Change::Wrote { letter: letter.kind(), language: document.language, text });
        }
        let request = self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()?;
        pages.iter().for_each(|page| say(&format!("letter: {}", page.display())));
        Ok(request)
    }

    /// Who had opened some of these segments under a grant: what, and when.
    #[allow(clippy::type_complexity, reason = "used once, at once")]
    fn opened_by(
        &self,
        chosen: &BTreeSet<SegmentName>,
    ) -> miette::Result<BTreeMap<String, Vec<(String, SegmentName, Timestamp)>>> {
        let mut partners: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for release in self.archive.releases(None).into_diagnostic()? {
            let segment = window::name(release.segment);
            if chosen.contains(&segment) {
                partners.entry(release.partner).or_default().push((hex::encode(release.grant), segment, release.at));
            }
        }
        Ok(partners)
    }

    /// Lets go of what was held for a request. What others hold, and what is gone, stays as it is.
    fn let_go(&self, request: &Request, which: impl Fn(SegmentName) -> bool) -> miette::Result<()> {
        let reason = self.reason(request.number)?;
        let taken = Reason::new(&format!("rights request {}", request.number)).into_diagnostic()?;
        for held in request.held.iter().filter(|held| which(held.segment)) {
            match self.archive.release_hold_taken_for(window::segment(held.segment), &taken, &reason) {
                Ok(_)
                | Err(
                    sluis_vault::Error::NotHeld { .. }
                    | sluis_vault::Error::NotReadable { .. }
                    | sluis_vault::Error::PastDeadline { .. }
                    | sluis_vault::Error::HeldByOlder { .. },
                ) => {}
                Err(error) => return Err(error).into_diagnostic(),
            }
        }
        Ok(())
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
        let planned = erasure::plan(&self.archive, number, &chosen, &self.office.cloud()).into_diagnostic()?;
        let mut changes = vec![Change::Choose(chosen)];
        changes.extend(decision);
        changes.push(Change::CarriedOut(planned));
        let request = self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()?;
        self.carry_out(&request)?;
        say(&format!(
            "cannot be opened any more, and is destroyed by the recorder's next sweep: {}",
            some(request.chosen.len(), "segment")
        ));
        follow(self, number, letters, Instant::now() + PATIENCE)
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
        let taken = format!("rights request {number}");
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

    /// Writes a letter to a folder, and notes it at the desk.
    fn send(&self, request: &Request, letter: Letter<'_>, folder: &Path) -> miette::Result<()> {
        self.conclude(request.number, Vec::new(), &[letter], folder).map(drop)
    }
}

/// Writes a letter as text and as a page, and gives the page.
fn write_letter(
    number: RequestNumber,
    letter: &Letter<'_>,
    document: &Document,
    folder: &Path,
) -> miette::Result<PathBuf> {
    let whom = match letter {
        Letter::Partner(notice) => format!("-{}", notice.partner.replace(|c: char| !c.is_alphanumeric(), "-")),
        _ => String::new(),
    };
    let name = format!("{number}-{}{whom}", letter.kind());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot make {}", folder.display()))?;
    let page = folder.join(format!("{name}.html"));
    for (path, text) in [(folder.join(format!("{name}.txt")), document.text()), (page.clone(), document.html())] {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
    }
    Ok(page)
}
