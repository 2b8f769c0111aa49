//! `sluis rights`: what people who were filmed ask for, from letter to receipt.
//!
//! - [`intake`]: a request comes in, is understood, held and looked at.
//! - [`list`]: what there is at the desk.
//! - [`decide`]: a request is decided, and that is carried out.
//! - [`session`]: somebody at the desk, and what each command does there.

mod decide;
mod intake;
mod list;
mod session;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sluis_frame::{CameraId, Doors, ReaderDoor};
use sluis_rights::{Ground, Kind, Language, RequestNumber};
use sluis_vault::{Archive, StaffKey};

use super::Outcome;
use crate::rights::Office;

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
    Ask(WithLetters),
    /// Write down what the person said then.
    Heard(Words),
    /// Take two further months (Art. 12(3)), and write the letter that says so.
    Extend(Extend),
    /// Decide: it is done at once, and the letter is written.
    Decide(Box<Decide>),
    /// See what became of an erasure, and write the letters to the person and to partners once it is done.
    Receipt(WithLetters),
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
pub(super) struct WithLetters {
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

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    match task {
        Task::New(arguments) => intake::enter(arguments),
        Task::Ls(arguments) => list::list(arguments),
        Task::Show(arguments) => list::show(arguments),
        Task::Narrow(arguments) => intake::narrow(arguments),
        Task::Hold(arguments) => intake::hold(arguments),
        Task::Stills(arguments) => intake::stills(arguments),
        Task::Ask(arguments) => intake::ask(arguments),
        Task::Heard(arguments) => intake::heard(arguments),
        Task::Extend(arguments) => intake::extend(arguments),
        Task::Decide(arguments) => decide::decide(arguments),
        Task::Receipt(arguments) => decide::receipt(arguments),
        Task::Deleted(arguments) => decide::deleted(arguments),
        Task::Keep(arguments) => decide::longer(arguments),
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

fn door() -> miette::Result<ReaderDoor> {
    Ok(Doors::mint().ok_or_else(|| miette::miette!("recordings are being read already"))?.reader)
}
