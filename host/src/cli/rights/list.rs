//! What there is at the desk.

use miette::IntoDiagnostic;
use sluis_frame::{Clock, SystemClock};
use sluis_rights::Outcome as Decided;
use sluis_rights::request::Did;

use super::{List, Session, Show};
use crate::cli::{Outcome, complain, say, say_json, some, when};

pub(super) fn list(arguments: &List) -> miette::Result<Outcome> {
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

pub(super) fn show(arguments: &Show) -> miette::Result<Outcome> {
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
