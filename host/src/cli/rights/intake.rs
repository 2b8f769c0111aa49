//! A request comes in, is understood, held and looked at.

use miette::IntoDiagnostic;
use sluis_frame::{Clock, SystemClock};
use sluis_rights::translate::{self, Assumed, Telling};
use sluis_rights::{AnswerTo, Change, Letter, New, Person, Private, Window};

use super::{Entered, Extend, Narrow, Session, Stills, Which, WithLetters, Words, door};
use crate::cli::{Outcome, complain, say, some, when};

pub(super) fn enter(arguments: &Entered) -> miette::Result<Outcome> {
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

pub(super) fn narrow(arguments: &Narrow) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let window = session.window(&arguments.from, &arguments.to)?;
    let cameras = session.cameras(&arguments.camera, None)?;
    let request = session.narrow(arguments.number, window, cameras)?;
    session.hold(&request).map(|_| Outcome::Done)
}

pub(super) fn hold(arguments: &Which) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.request(arguments.number)?;
    session.hold(&request).map(|_| Outcome::Done)
}

pub(super) fn stills(arguments: &Stills) -> miette::Result<Outcome> {
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

pub(super) fn ask(arguments: &WithLetters) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.apply(arguments.number, Change::AskForMore)?;
    session.send(&request, Letter::MoreDetails, &arguments.letters.letters)?;
    Ok(Outcome::Done)
}

pub(super) fn heard(arguments: &Words) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    session.apply(arguments.number, Change::Heard(Private::new(&arguments.words)))?;
    say(&format!("{} is open again", arguments.number));
    Ok(Outcome::Done)
}

pub(super) fn extend(arguments: &Extend) -> miette::Result<Outcome> {
    let session = Session::open(&arguments.at)?;
    let request = session.apply(arguments.number, Change::Extend { reason: arguments.because.clone() })?;
    say(&format!("{} is to be answered by {}", request.number, request.due));
    session.send(&request, Letter::Extension, &arguments.letters.letters)?;
    Ok(Outcome::Done)
}
