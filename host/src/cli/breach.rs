//! `sluis breach`: the breach register, from a sign to a closed breach.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, WrapErr};
use serde::Serialize;
use sluis_breach::affected::Standing;
use sluis_breach::papers::{self, Writing};
use sluis_breach::register::Contents;
use sluis_breach::{
    Breach, BreachNumber, By, Duty, Entered, Exemption, Kind, Register, Risk, Signs, Step, Taken, Trouble, Whom, term,
};
use sluis_frame::{CameraId, Clock, SystemClock, Timestamp};
use sluis_notice::{Document, Language, html, text};
use sluis_rights::{Calendar, SegmentName, Window};
use sluis_vault::{Archive, Reason, StaffKey};

use super::{Outcome, complain, letters, say, say_json, some, when};
use crate::breach::signs::{self, Sign};
use crate::breach::{self, LedgerBook, Scope};
use crate::config::Config;
use crate::keep;
use crate::rights::office;

/// Whose register.
#[derive(Debug, Args)]
struct Of {
    /// The configuration of the shop.
    #[arg(long, value_name = "FILE", default_value = "sluis.toml")]
    config: PathBuf,
}

/// Whose register, and who writes into it.
#[derive(Debug, Args)]
struct At {
    #[command(flatten)]
    of: Of,
    /// The key file of the privacy officer.
    #[arg(id = "as", long = "as", value_name = "KEYFILE", env = "SLUIS_STAFF_KEY")]
    key: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Enter a breach. The authority is due 72 hours after somebody became aware of it (Art. 33(1)); what the vault knows of it is written down at once.
    New(Box<New>),
    /// All breaches, and what is owed because of them. Exit code 3 when a step was changed, or something is late.
    Ls(Look),
    /// One breach: what it concerns, what was done about it, what is owed.
    Show(Show),
    /// Write down what was found out, or what was done about it.
    Note(Note),
    /// Judge the risk for people: all that is owed follows from it.
    Assess(Assess),
    /// Write down that somebody was told.
    Told(Told),
    /// Write the letter to somebody. Sending it, and then saying so with `told`, is yours.
    Letter(LetterTo),
    /// Close it. Refused while something is owed.
    Close(Close),
    /// The whole register as a paper (Art. 33(5)).
    Register(Paper),
    /// Signs of a breach in vault and ledger that nobody has entered. Exit code 3 when there are any.
    Signs(SignsOf),
}

#[derive(Debug, Args)]
pub(super) struct New {
    #[command(flatten)]
    at: At,
    /// When somebody was reasonably sure that there is a breach, by the shop's clock: 2026-06-28T22:15.
    #[arg(long, value_name = "TIME")]
    aware: String,
    /// confidentiality, integrity or availability; can be given more than once.
    #[arg(long, value_name = "KIND", required = true)]
    kind: Vec<Kind>,
    /// What happened. It is read by the authority and, at a high risk, by the public: name no guest, and no member of staff who need not be named.
    #[arg(long, value_name = "WORDS")]
    happened: String,
    /// From when the recordings are that it concerns. Without a time and a segment it concerns all that is kept, until somebody knows better.
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// Until when.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// A camera that it concerns; can be given more than once. All when none is named.
    #[arg(long, value_name = "ID")]
    camera: Vec<CameraId>,
    /// A segment that it concerns; can be given more than once.
    #[arg(long, value_name = "ID")]
    segment: Vec<SegmentName>,
    /// Faces can be recognised in what it concerns: letters then do not say that they cannot.
    #[arg(long)]
    faces: bool,
    /// A sign that it is entered for, as `sluis breach signs` names it; can be given more than once.
    #[arg(long, value_name = "SIGN")]
    sign: Vec<String>,
    /// The language of your words, and of the letters: nl, de or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "nl")]
    lang: Language,
}

#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    of: Of,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    number: BreachNumber,
    #[command(flatten)]
    of: Of,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Note {
    number: BreachNumber,
    /// What was found out, or done.
    words: String,
    #[command(flatten)]
    at: At,
    /// It is a remedial action: letters and register list it among the measures (Art. 33(3)(d), Art. 33(5)).
    #[arg(long)]
    measure: bool,
}

#[derive(Debug, Args)]
pub(super) struct Assess {
    number: BreachNumber,
    #[command(flatten)]
    at: At,
    /// none: nobody is told, and why is kept. risk: the authority is told (Art. 33). high: people are told too (Art. 34).
    #[arg(long, value_name = "RISK")]
    risk: Risk,
    /// Why it is judged so, and what may follow for people.
    #[arg(long, value_name = "WORDS")]
    because: String,
    /// Why people are not told one by one of a high risk (Art. 34(3)): encrypted, measures, or effort, which means the public is told in their place. effort is the usual one: nobody's name is known.
    #[arg(long, value_name = "WHY")]
    exempt: Option<Exemption>,
}

#[derive(Debug, Args)]
pub(super) struct Told {
    number: BreachNumber,
    /// authority, people, or partner:NAME.
    whom: Whom,
    #[command(flatten)]
    at: At,
    /// When, if not now.
    #[arg(long = "at", value_name = "TIME")]
    time: Option<String>,
    /// Under which reference: the authority's number, or where it was published.
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Why the authority was not told within 72 hours (Art. 33(1)).
    #[arg(long, value_name = "WHY-LATE")]
    because: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct LetterTo {
    number: BreachNumber,
    /// authority, people, or partner:NAME.
    whom: Whom,
    #[command(flatten)]
    at: At,
    /// The folder that letters are written to, as text and as a page to print; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    letters: PathBuf,
    /// The language of the letter: nl, de or en. Default: the breach's.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Why the authority was not told within 72 hours, for a letter that is late (Art. 33(1)).
    #[arg(long, value_name = "WHY-LATE")]
    because: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Close {
    number: BreachNumber,
    #[command(flatten)]
    at: At,
    /// Why nothing is left to be done.
    #[arg(long, value_name = "WORDS")]
    because: String,
}

#[derive(Debug, Args)]
pub(super) struct Paper {
    #[command(flatten)]
    of: Of,
    /// The language.
    #[arg(long, value_name = "nl|de|en", default_value = "nl")]
    lang: Language,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// The file to write. Default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page that needs nothing else.
    Html,
    /// Plain text.
    Text,
}

#[derive(Debug, Args)]
pub(super) struct SignsOf {
    #[command(flatten)]
    of: Of,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Write down that this sign was looked into and is no breach; it is not told again.
    #[arg(long, value_name = "SIGN", requires_all = ["because", "as"])]
    dismiss: Option<String>,
    /// Why it is none.
    #[arg(long, value_name = "WORDS", requires = "dismiss")]
    because: Option<String>,
    /// The key file of the privacy officer, who dismisses.
    #[arg(id = "as", long = "as", value_name = "KEYFILE", env = "SLUIS_STAFF_KEY")]
    key: Option<PathBuf>,
}

/// Somebody who writes into the register.
struct Session {
    config: Config,
    archive: Archive,
    register: Register,
    calendar: Calendar,
    who: String,
}

/// What `--json` prints of a breach.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown<'a> {
    number: BreachNumber,
    aware: String,
    due: String,
    hours_left: i64,
    kinds: &'a BTreeSet<Kind>,
    risk: Option<Risk>,
    owed: Vec<Duty>,
    late: bool,
    closed: Option<String>,
    segments: usize,
    partners_not_told: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<&'a [Taken]>,
}

pub(super) fn run(task: &Task, home: Option<PathBuf>) -> miette::Result<Outcome> {
    match task {
        Task::New(arguments) => new(arguments, home),
        Task::Ls(arguments) => list(arguments),
        Task::Show(arguments) => show(arguments),
        Task::Note(Note { number, words, at, measure }) => {
            let step = Step::Noted { words: words.clone(), measure: *measure };
            Session::open(at)?.take(*number, step).map(|_| Outcome::Done)
        }
        Task::Assess(arguments) => assess(arguments),
        Task::Told(arguments) => told(arguments),
        Task::Letter(arguments) => letter(arguments),
        Task::Close(Close { number, at, because }) => {
            let session = Session::open(at)?;
            let breach = session.take(*number, Step::Closed { because: because.clone() })?;
            session.tell_partners(&breach);
            Ok(Outcome::Done)
        }
        Task::Register(arguments) => paper(arguments),
        Task::Signs(arguments) => signs_of(arguments, home),
    }
}

fn new(arguments: &New, home: Option<PathBuf>) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let (config, zone) = (&session.config, session.calendar.zone());
    // Also one that is configured no more, while something of it is known.
    let recorded: BTreeSet<CameraId> =
        session.archive.list().into_diagnostic()?.into_iter().map(|entry| entry.camera).collect();
    for camera in arguments.camera.iter().filter(|camera| !recorded.contains(camera)) {
        config.camera(camera.as_str())?;
    }
    let moment = |text: &str| when::moment(text, zone).into_diagnostic();
    let window = match (&arguments.from, &arguments.to) {
        (Some(from), Some(to)) => Some(Window { from: moment(from)?, to: moment(to)? }),
        _ => None,
    };
    let scope = Scope {
        cameras: arguments.camera.iter().cloned().collect(),
        window,
        segments: arguments.segment.iter().copied().collect(),
    };
    let signs = session.signs(&arguments.sign, home)?;
    let entered = Entered {
        aware: moment(&arguments.aware)?,
        kinds: arguments.kind.iter().copied().collect(),
        happened: arguments.happened.clone(),
        faces: arguments.faces,
        window,
        signs,
        language: arguments.lang,
        facts: breach::facts(&session.archive, config).into_diagnostic()?,
        affected: scope.affected(&session.archive, config).into_diagnostic()?,
        cameras: scope.cameras,
        segments: scope.segments,
    };
    let book = LedgerBook(&session.archive);
    let breach = session.register.enter(&book, entered, &session.calendar, session.by()).into_diagnostic()?;
    say(&line(&breach, &session.calendar));
    tell_affected(&breach);
    session.tell_partners(&breach);
    tell_owed(&breach);
    Ok(Outcome::Done)
}

fn assess(arguments: &Assess) -> miette::Result<Outcome> {
    let Assess { number, at, risk, because, exempt } = arguments;
    let session = Session::open(at)?;
    let breach = session.take(*number, Step::Assessed { risk: *risk, because: because.clone(), exempt: *exempt })?;
    if *exempt == Some(Exemption::Encrypted) && breach.entered.affected.was_in_the_clear() {
        complain(
            "some of it was exported or opened by a partner: for who has that, it is not encrypted, and Art. 34(3)(a) does not cover it",
        );
    }
    if *risk == Risk::High && exempt.is_none() {
        complain(
            "people are to be told one by one; where nobody's address is known, a public communication does it: assess it again with --exempt effort (Art. 34(3)(c))",
        );
    }
    tell_owed(&breach);
    Ok(Outcome::Done)
}

fn told(arguments: &Told) -> miette::Result<Outcome> {
    let Told { number, whom, at, time, reference, because } = arguments;
    let session = Session::open(at)?;
    let zone = session.calendar.zone();
    let when = time.as_deref().map(|text| when::moment(text, zone)).transpose().into_diagnostic()?;
    let when = when.unwrap_or_else(|| SystemClock.now());
    let (reference, late) = (reference.clone(), because.clone());
    let breach = session.take(*number, Step::Told { whom: whom.clone(), when, reference, late })?;
    tell_owed(&breach);
    Ok(Outcome::Done)
}

fn letter(arguments: &LetterTo) -> miette::Result<Outcome> {
    let LetterTo { number, whom, at, letters, lang, because } = arguments;
    let session = Session::open(at)?;
    let book = LedgerBook(&session.archive);
    let (breach, trouble) = session.register.show(&book, *number).into_diagnostic()?;
    tell_trouble(&trouble);
    breach.check_partner(whom).into_diagnostic()?;
    let language = lang.unwrap_or(breach.entered.language);
    let writing = Writing { language, calendar: &session.calendar, at: SystemClock.now() };
    let late = term::is_late(breach.entered.aware, writing.at) && !breach.told.contains_key(&Whom::Authority);
    let document = match whom {
        Whom::Authority if late && because.is_none() => {
            miette::bail!(
                "the 72 hours are over, and the notification is then accompanied by reasons for the delay (Art. 33(1)): say them with --because"
            );
        }
        Whom::Authority => papers::authority(&breach, because.as_deref(), &writing),
        Whom::People => papers::people(&breach, &writing),
        Whom::Partner(name) => papers::partner(&breach, name, &writing),
    };
    let path = write_letter(*number, whom, &document, letters)?;
    let step = Step::Wrote { whom: whom.clone(), language, text: text::page(&document) };
    session.register.take(&book, *number, step, session.by()).into_diagnostic()?;
    say(&format!("letter: {}", path.display()));
    complain(&format!("send it, and then say so: `sluis breach told {number} {}`", quoted(&whom.to_string())));
    Ok(Outcome::Done)
}

/// Writes a letter as text and as a page, and gives the page.
fn write_letter(number: BreachNumber, whom: &Whom, document: &Document, folder: &Path) -> miette::Result<PathBuf> {
    let whom = whom.to_string().replace(|c: char| !c.is_alphanumeric(), "-");
    // In several languages, and in phases: none takes the place of another.
    let name = |again: usize| {
        let again = if again == 0 { String::new() } else { format!("-{}", again + 1) };
        format!("{number}-{whom}.{}{again}", document.language)
    };
    let taken =
        |name: &String| folder.join(format!("{name}.html")).exists() || folder.join(format!("{name}.txt")).exists();
    let name = (0..).map(name).find(|name| !taken(name)).unwrap_or_default();
    letters::write(folder, &name, &text::page(document), &html::page(document))
}

fn list(arguments: &Look) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.of.config)?;
    let (contents, whole) = contents(&config)?;
    let (calendar, now) = (office::calendar(&config), SystemClock.now());
    let late = contents.breaches.iter().any(|breach| is_late(breach, now));
    if arguments.json {
        let breaches: Vec<_> = contents.breaches.iter().map(|breach| shown(breach, now, None)).collect();
        say_json(
            &serde_json::json!({ "breaches": breaches, "held-against-ledger": whole, "trouble": contents.trouble }),
        )?;
    } else {
        if contents.breaches.is_empty() {
            say("No breach is entered. `sluis breach signs` looks for signs of one.");
        }
        for breach in &contents.breaches {
            say(&line(breach, &calendar));
            let owed = if breach.closed.is_none() { breach.owed() } else { Vec::new() };
            owed.iter().for_each(|duty| say(&format!("  owed: {}", owes(*duty))));
        }
        tell_trouble(&contents.trouble);
    }
    Ok(outcome(whole && contents.trouble.is_empty() && !late))
}

fn show(arguments: &Show) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.of.config)?;
    let (mut contents, whole) = contents(&config)?;
    let (number, calendar, now) = (arguments.number, office::calendar(&config), SystemClock.now());
    contents.trouble.retain(|trouble| trouble.number == number.to_string());
    let Some(breach) = contents.breaches.iter().find(|breach| breach.number == number) else {
        tell_trouble(&contents.trouble);
        return Err(sluis_breach::Error::Unknown { number }).into_diagnostic();
    };
    if arguments.json {
        let shown = shown(breach, now, Some(&breach.steps));
        say_json(&serde_json::json!({ "breach": shown, "held-against-ledger": whole, "trouble": contents.trouble }))?;
    } else {
        say(&line(breach, &calendar));
        say(&format!("  {}", breach.entered.happened));
        tell_affected(breach);
        for (who, times) in breach.entered.affected.openers() {
            say(&format!("  opened {} by {who}", some(times, "time")));
        }
        if let Some(assessment) = &breach.assessment {
            let exempt = assessment.exempt.map(|exempt| format!(", exempt: {exempt}")).unwrap_or_default();
            say(&format!("  risk: {}{exempt}: {}", assessment.risk, assessment.because));
        }
        for taken in &breach.steps {
            say(&format!("  {:>3}  {}  {}  {}", taken.number, when::utc(taken.at), taken.who, did(&taken.step)));
        }
        tell_owed(breach);
        tell_trouble(&contents.trouble);
    }
    Ok(outcome(whole && contents.trouble.is_empty() && !is_late(breach, now)))
}

fn paper(arguments: &Paper) -> miette::Result<Outcome> {
    let config = Config::read(&arguments.of.config)?;
    let (contents, whole) = contents(&config)?;
    let calendar = office::calendar(&config);
    let writing = Writing { language: arguments.lang, calendar: &calendar, at: SystemClock.now() };
    let document = papers::register(&contents, whole, config.shop.name.as_str(), &writing);
    let page = match arguments.format {
        Format::Html => html::page(&document),
        Format::Text => text::page(&document),
    };
    match &arguments.out {
        None => say(page.trim_end()),
        Some(path) => {
            fs::write(path, page).into_diagnostic().wrap_err_with(|| format!("cannot write {}", path.display()))?;
        }
    }
    let late = contents.breaches.iter().any(|breach| is_late(breach, writing.at));
    Ok(outcome(whole && contents.trouble.is_empty() && !late))
}

fn signs_of(arguments: &SignsOf, home: Option<PathBuf>) -> miette::Result<Outcome> {
    if let (Some(sign), Some(because), Some(key)) = (&arguments.dismiss, &arguments.because, &arguments.key) {
        let of = Of { config: arguments.of.config.clone() };
        let session = Session::open(&At { of, key: key.clone() })?;
        let found = session.look(home)?;
        let sign = find(&found, sign)?;
        let (book, facts) = (LedgerBook(&session.archive), sign.facts.clone());
        session.register.dismiss(&book, facts, &sign.what, because, session.by()).into_diagnostic()?;
        say(&format!("{} is dismissed: {because}", sign.id));
        return Ok(Outcome::Done);
    }
    let config = Config::read(&arguments.of.config)?;
    let archive = keep::visit_configured(&config).into_diagnostic()?;
    let found = look(&archive, &config, home.clone())?;
    if arguments.json {
        say_json(&serde_json::json!({ "signs": found }))?;
    } else {
        if found.is_empty() {
            say("No sign of a breach that is not entered or dismissed.");
        }
        let (calendar, now) = (office::calendar(&config), SystemClock.now());
        for sign in &found {
            tell_sign(sign, &calendar, &arguments.of.config, home.as_deref(), now);
        }
        if !found.is_empty() {
            complain(
                "look into each. Is it a breach, enter it: the 72 hours run from when you are reasonably sure. Is it none, say why: `sluis breach signs --dismiss SIGN --because WORDS`",
            );
        }
    }
    Ok(outcome(found.is_empty()))
}

fn tell_sign(sign: &Sign, calendar: &Calendar, config: &Path, home: Option<&Path>, now: Timestamp) {
    let shown = |at: Timestamp| calendar.zoned(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let cameras: Vec<&str> = sign.cameras.iter().map(CameraId::as_str).collect();
    let place = if cameras.is_empty() { String::new() } else { format!(", cameras: {}", cameras.join(", ")) };
    say(&format!("{}  {}  {}", sign.id, sign.sign.as_str(), sign.what));
    let span =
        if sign.from == sign.to { shown(sign.from) } else { format!("{} to {}", shown(sign.from), shown(sign.to)) };
    say(&format!("  {span}{place}"));
    let home = home.map_or_else(String::new, |home| format!(" --home {}", quoted(&home.display().to_string())));
    let mut command = format!("sluis breach new{home} --config {} --as KEYFILE", quoted(&config.display().to_string()));
    command += &format!(" --aware {}", calendar.zoned(now).strftime("%Y-%m-%dT%H:%M"));
    sign.kinds.iter().for_each(|kind| command += &format!(" --kind {kind}"));
    command += &format!(" --happened {}", quoted(&sign.what));
    if sign.sign.is_of_recordings() {
        // Whole seconds, and none of a recording left out.
        let (from, to) = (sign.from.as_secs(), sign.to.as_secs() + 1);
        let [from, to] = [from, to].map(|at| when::utc(Timestamp::from_secs(at)));
        command += &format!(" --from {from} --to {to}");
        sign.cameras.iter().for_each(|camera| command += &format!(" --camera {camera}"));
    }
    say(&format!("  {command} --sign {}", sign.id));
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn find<'a>(found: &'a [Sign], id: &str) -> miette::Result<&'a Sign> {
    found.iter().find(|sign| sign.id == id).ok_or_else(|| {
        miette::miette!("there is no sign {id} that is not entered or dismissed; when a fact is added, its name changes: `sluis breach signs`")
    })
}

fn look(archive: &Archive, config: &Config, home: Option<PathBuf>) -> miette::Result<Vec<Sign>> {
    let home = super::home(home.or_else(|| config.plugins.home.clone()))?;
    let contents = breach::register(config).read(Some(&LedgerBook(archive))).into_diagnostic()?;
    signs::look(archive, config, &home, &contents).into_diagnostic()
}

/// All that the register has, and whether it could be held against the ledger. It is readable without the vault: that may be what was lost.
fn contents(config: &Config) -> miette::Result<(Contents, bool)> {
    let register = breach::register(config);
    let why = match keep::visit_configured(config) {
        Ok(archive) => match register.read(Some(&LedgerBook(&archive))) {
            Ok(contents) if breach::is_ledger_whole(&archive).into_diagnostic()? => return Ok((contents, true)),
            Ok(contents) => {
                complain(
                    "the ledger is not what was written, so nothing proves that the register is: `sluis ledger verify`",
                );
                return Ok((contents, false));
            }
            Err(error @ sluis_breach::Error::Book { .. }) => miette::Report::from_err(error),
            Err(error) => return Err(error).into_diagnostic(),
        },
        Err(error) => miette::Report::from_err(error),
    };
    complain(&format!(
        "what was changed in the register cannot be told, for it cannot be held against the ledger: {why}"
    ));
    Ok((register.read(None).into_diagnostic()?, false))
}

fn outcome(good: bool) -> Outcome {
    if good { Outcome::Done } else { Outcome::NotAsItShouldBe }
}

fn is_late(breach: &Breach, now: Timestamp) -> bool {
    breach.runs() && term::is_late(breach.entered.aware, now)
}

fn shown<'a>(breach: &'a Breach, now: Timestamp, steps: Option<&'a [Taken]>) -> Shown<'a> {
    Shown {
        number: breach.number,
        aware: when::utc(breach.entered.aware),
        due: when::utc(breach.due()),
        hours_left: term::hours_left(breach.entered.aware, now),
        kinds: &breach.entered.kinds,
        risk: breach.assessment.as_ref().map(|assessment| assessment.risk),
        owed: breach.owed(),
        late: is_late(breach, now),
        closed: breach.closed.map(when::utc),
        segments: breach.entered.affected.segments.len(),
        partners_not_told: breach.partners_not_told(),
        steps,
    }
}

/// A breach in one line.
fn line(breach: &Breach, calendar: &Calendar) -> String {
    let (number, now) = (breach.number, SystemClock.now());
    let kinds: Vec<&str> = breach.entered.kinds.iter().map(|kind| kind.as_str()).collect();
    let due = calendar.zoned(breach.due()).strftime("%Y-%m-%d %H:%M").to_string();
    let state = match breach.closed {
        Some(at) => format!("closed {}", calendar.zoned(at).strftime("%Y-%m-%d")),
        None if !breach.runs() => "open; the 72 hours run no more".to_owned(),
        None => {
            let left = term::hours_left(breach.entered.aware, now);
            let left = if left < 0 {
                format!("LATE for {}", some(-left, "hour"))
            } else {
                format!("{} left", some(left, "hour"))
            };
            format!("the authority is due by {due}, {left} (Art. 33(1))")
        }
    };
    format!("{number}  {}  {state}", kinds.join(", "))
}

fn tell_affected(breach: &Breach) {
    let affected = &breach.entered.affected;
    let cameras: Vec<&str> = affected.cameras().into_iter().map(CameraId::as_str).collect();
    let (segments, minutes) = (affected.segments.len(), affected.minutes());
    if segments == 0 {
        complain("the vault knows of no recording of that time and those cameras");
        return;
    }
    let stand = |standing| affected.standing(standing);
    say(&format!(
        "  {}, about {}, cameras: {}",
        some(segments, "segment"),
        some(minutes, "minute"),
        cameras.join(", ")
    ));
    say(&format!(
        "  readable here: {}, being written: {}, destroyed: {}, lost: {}; with an encrypted copy in the cloud: {}",
        stand(Standing::Readable),
        stand(Standing::Writing),
        stand(Standing::Destroyed),
        stand(Standing::Lost),
        affected.in_cloud()
    ));
    say("  how many people that is cannot be known: nobody is counted or kept by name");
    let opened = affected.opened();
    for (partner, granted) in affected.granted() {
        let times = opened.get(partner).map_or(0, Vec::len);
        say(&format!("  {partner} was granted {granted} of them, and opened {}", some(times, "time")));
    }
    for export in affected.exports() {
        say(&format!("  exported to {} ({}) by {}", export.destination, export.form, export.who));
    }
}

fn tell_owed(breach: &Breach) {
    let owed = if breach.closed.is_none() { breach.owed() } else { Vec::new() };
    for duty in &owed {
        say(&format!("  owed: {}: {}", owes(*duty), duty.command(breach.number)));
    }
    if owed.is_empty() && breach.closed.is_none() {
        say(&format!("  nothing is owed any more: `sluis breach close {} --because WORDS`", breach.number));
    }
}

fn tell_trouble(trouble: &[Trouble]) {
    trouble.iter().for_each(|trouble| complain(&format!("problem: {trouble}")));
}

const fn owes(duty: Duty) -> &'static str {
    match duty {
        Duty::Assess => "judge the risk",
        Duty::TellAuthority => "tell the authority (Art. 33(1))",
        Duty::TellPeople => "tell the people concerned (Art. 34(1))",
        Duty::TellPublic => "tell the public in place of the people concerned (Art. 34(3)(c))",
    }
}

fn did(step: &Step) -> String {
    match step {
        Step::Entered(_) => "entered it".to_owned(),
        Step::Noted { words, measure: true } => format!("did: {words}"),
        Step::Noted { words, measure: false } => format!("found out: {words}"),
        Step::Assessed { risk, .. } => format!("judged the risk: {risk}"),
        Step::Told { whom, when, reference, late } => {
            let reference = reference.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
            let late = late.as_ref().map(|text| format!("; late, for: {text}")).unwrap_or_default();
            format!("told {whom} at {}{reference}{late}", when::utc(*when))
        }
        Step::Wrote { whom, language, .. } => format!("wrote the letter to {whom} ({language})"),
        Step::Closed { because } => format!("closed it: {because}"),
        _ => "did something else".to_owned(),
    }
}

// === impl Session ===

impl Session {
    /// Opens register and vault for the member of staff whose key this is.
    fn open(at: &At) -> miette::Result<Self> {
        let config = Config::read(&at.of.config)?;
        let archive = keep::visit_configured(&config).into_diagnostic()?;
        let key = StaffKey::read(&at.key).into_diagnostic()?;
        let who = super::officer(&archive, &key, Reason::new("the breach register").into_diagnostic()?)?;
        let (register, calendar) = (breach::register(&config), office::calendar(&config));
        Ok(Self { config, archive, register, calendar, who })
    }

    fn by(&self) -> By<'_> {
        By { who: &self.who, at: SystemClock.now() }
    }

    /// Takes a step, and says how the breach stands then.
    fn take(&self, number: BreachNumber, step: Step) -> miette::Result<Breach> {
        let book = LedgerBook(&self.archive);
        let breach = self.register.take(&book, number, step, self.by()).into_diagnostic()?;
        say(&line(&breach, &self.calendar));
        tell_trouble(&self.register.show(&book, number).into_diagnostic()?.1);
        Ok(breach)
    }

    fn look(&self, home: Option<PathBuf>) -> miette::Result<Vec<Sign>> {
        look(&self.archive, &self.config, home)
    }

    /// The facts of the signs that were named.
    fn signs(&self, named: &[String], home: Option<PathBuf>) -> miette::Result<Signs> {
        if named.is_empty() {
            return Ok(Signs::new());
        }
        let found = self.look(home)?;
        let facts = named.iter().map(|id| find(&found, id).map(|sign| sign.facts.clone()));
        Ok(facts.collect::<miette::Result<Vec<Signs>>>()?.into_iter().flatten().collect())
    }

    fn tell_partners(&self, breach: &Breach) {
        for partner in breach.partners_not_told() {
            complain(&format!(
                "{partner} has opened some of it and has not been told: `sluis breach letter {} {} --letters DIR`",
                breach.number,
                quoted(&format!("partner:{partner}"))
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_copied_into_a_shell() {
        assert_eq!(quoted("partner:Models-BV"), "partner:Models-BV");
        assert_eq!(quoted("partner:Models BV"), "'partner:Models BV'");
        assert_eq!(quoted("the shop's"), r"'the shop'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
