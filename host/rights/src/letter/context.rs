//! What templates see: text, in the letter's language, one line each.

use serde::Serialize;
use sluis_frame::Timestamp;

use super::facts::{Controller, CopyContents, Facts, NationalLaw, Notice, Order, Pause};
use super::{Letter, Office, words};
use crate::decision::Outcome;
use crate::receipt::ErasureReceipt;
use crate::request::{AnswerTo, Kind, Language, Request};
use crate::term::{Calendar, Of, Reminder};

/// What templates see.
#[derive(Serialize)]
pub(super) struct Context {
    pub(super) today: String,
    number: String,
    kind: Kind,
    received: String,
    due: String,
    /// Of whom it is written to, in the salutation.
    name: Option<String>,
    /// Whether the person is the one written to.
    to_person: bool,
    remembers: Vec<String>,
    window: Option<Span>,
    cameras: Vec<String>,
    held: Vec<Recorded>,
    held_until: Option<String>,
    extension: Option<Extended>,
    why: Option<Told>,
    controller: Controller,
    dutch_law: bool,
    keep: String,
    facts: Option<Told15>,
    copy: Option<Copied>,
    receipt: Option<Erased>,
    retention: Option<String>,
    pause: Option<Paused>,
    notice: Option<Noticed>,
    reminder: Option<Reminded>,
}

#[derive(Serialize)]
struct Span {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Recorded {
    camera: String,
    started: String,
    until: String,
}

#[derive(Serialize)]
struct Extended {
    reason: String,
    was_due: String,
}

/// Why not all was granted.
#[derive(Serialize)]
struct Told {
    ground: &'static str,
    reason: String,
    partly: bool,
}

#[derive(Serialize)]
struct Told15 {
    purposes: Vec<String>,
    basis: String,
    categories: Vec<String>,
    recipients: Vec<super::facts::Recipient>,
    retention: String,
}

#[derive(Serialize)]
struct Copied {
    videos: Vec<Video>,
    events: Option<Events>,
}

#[derive(Serialize)]
struct Video {
    file: String,
    camera: String,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Events {
    file: String,
    count: u64,
}

#[derive(Serialize)]
struct Erased {
    segments: Vec<Segment>,
    /// Partners who had opened something.
    partners: Vec<String>,
    complete: bool,
}

#[derive(Serialize)]
struct Segment {
    segment: String,
    camera: String,
    started: String,
    key_destroyed: String,
    bytes_destroyed: Option<String>,
    cloud: Option<Cloud>,
    exports: Vec<Export>,
    grants: Vec<Grant>,
}

#[derive(Serialize)]
struct Cloud {
    object: String,
    place: String,
    gone: Option<String>,
}

#[derive(Serialize)]
struct Export {
    destination: String,
    form: String,
    at: String,
    removed: Option<String>,
}

#[derive(Serialize)]
struct Grant {
    grant: String,
    partner: String,
    opened: Vec<String>,
}

#[derive(Serialize)]
struct Paused {
    camera: String,
    zone: Option<String>,
    from: String,
    until: Option<String>,
}

#[derive(Serialize)]
struct Noticed {
    partner: String,
    erase: bool,
    by: String,
    opened: Vec<Opening>,
}

#[derive(Serialize)]
struct Opening {
    grant: String,
    segment: String,
    at: String,
}

#[derive(Serialize)]
struct Reminded {
    date: String,
    days: u64,
    overdue: bool,
    hold: bool,
}

/// How moments are told in a letter.
struct Teller<'a> {
    calendar: &'a Calendar,
    language: Language,
}

// === impl Context ===

impl Context {
    pub(super) fn new(
        letter: &Letter<'_>,
        request: &Request,
        office: Office<'_>,
        language: Language,
        at: Timestamp,
    ) -> Self {
        let tell = Teller { calendar: office.calendar, language };
        let to_person = !matches!(letter, Letter::Reminder(_) | Letter::Partner(_));
        let outcome = request.decision.as_ref().map(|decision| &decision.outcome);
        let why = outcome.and_then(Outcome::why).map(|why| Told {
            ground: why.ground.as_str(),
            reason: line(&why.reason),
            partly: matches!(outcome, Some(Outcome::Partly(_))),
        });
        let (facts, copy) = match letter {
            Letter::Access { facts, copy } => (Some(tell.facts(facts)), Some(tell.copy(copy))),
            _ => (None, None),
        };
        Self {
            today: tell.day(at),
            number: request.number.to_string(),
            kind: request.kind,
            received: tell.day(request.received),
            due: words::day(request.due, language),
            name: match letter {
                Letter::Reminder(_) => Some(line(&office.controller.officer)),
                Letter::Partner(_) => None,
                _ => request.person.name.as_ref().map(|name| line(name.expose())),
            },
            to_person,
            remembers: request.remembers.iter().map(|said| line(said.expose())).collect(),
            window: request.window.map(|window| tell.span(window.from, window.to)),
            cameras: request.cameras.iter().map(ToString::to_string).collect(),
            held: tell.held(request, matches!(letter, Letter::Restricted)),
            held_until: request.held_until().map(|until| tell.moment(until)),
            extension: request.extension.as_ref().map(|extension| Extended {
                reason: line(&extension.reason),
                was_due: words::day(extension.was_due, language),
            }),
            why,
            controller: office.controller.clone(),
            dutch_law: office.controller.law == NationalLaw::Netherlands,
            keep: words::hours(office.keep.requests.as_secs() / 3600, language),
            facts,
            copy,
            receipt: letter.receipt(request).map(|receipt| tell.receipt(receipt)),
            retention: match letter {
                Letter::NothingFound { retention_hours } => Some(words::hours(u64::from(*retention_hours), language)),
                _ => None,
            },
            pause: request.pause.as_ref().map(|pause| tell.pause(pause)),
            notice: match letter {
                Letter::Partner(notice) => Some(tell.notice(notice)),
                _ => None,
            },
            reminder: match letter {
                Letter::Reminder(reminder) => Some(tell.reminder(reminder)),
                _ => None,
            },
        }
    }

    /// Who writes, and to whom.
    pub(super) fn addresses(&self, letter: &Letter<'_>, request: &Request) -> (Vec<String>, Vec<String>) {
        let controller = &self.controller;
        let mut from = vec![line(&controller.name)];
        from.extend(controller.address.iter().map(|part| line(part)));
        from.push(line(&controller.email));
        let to = match letter {
            Letter::Reminder(_) => vec![line(&controller.officer)],
            Letter::Partner(notice) => vec![line(notice.partner)],
            _ => {
                let name = request.person.name.as_ref().map(|name| line(name.expose()));
                let rest = match &request.person.answer_to {
                    AnswerTo::Email(address) => vec![line(address.expose())],
                    AnswerTo::Post(lines) => lines.iter().map(|part| line(part.expose())).collect(),
                    AnswerTo::Collect => vec![self.number.clone()],
                };
                name.into_iter().chain(rest).collect()
            }
        };
        (from, to)
    }
}

// === impl Teller ===

impl Teller<'_> {
    fn day(&self, at: Timestamp) -> String {
        words::day(self.calendar.day(at), self.language)
    }

    fn moment(&self, at: Timestamp) -> String {
        words::moment(&self.calendar.zoned(at), self.language)
    }

    /// The end without its day, where that is the same.
    fn span(&self, from: Timestamp, to: Timestamp) -> Span {
        let same = self.calendar.day(from) == self.calendar.day(to);
        let to = if same { words::clock(&self.calendar.zoned(to)) } else { self.moment(to) };
        Span { from: self.moment(from), to }
    }

    fn held(&self, request: &Request, chosen: bool) -> Vec<Recorded> {
        let held = request.held.iter().filter(|held| !chosen || request.chosen.contains(&held.segment));
        let recorded = held.map(|held| Recorded {
            camera: held.camera.to_string(),
            started: self.moment(held.started),
            until: self.moment(held.until),
        });
        recorded.collect()
    }

    fn facts(&self, facts: &Facts) -> Told15 {
        let lines = |texts: &[String]| texts.iter().map(|text| line(text)).collect();
        let recipients = facts.recipients.iter().map(|recipient| super::facts::Recipient {
            name: line(&recipient.name),
            country: line(&recipient.country),
            purpose: line(&recipient.purpose),
            safeguard: recipient.safeguard.as_deref().map(line),
        });
        Told15 {
            purposes: lines(&facts.purposes),
            basis: line(&facts.basis),
            categories: lines(&facts.categories),
            recipients: recipients.collect(),
            retention: words::hours(u64::from(facts.retention_hours), self.language),
        }
    }

    fn copy(&self, copy: &CopyContents) -> Copied {
        let videos = copy.videos.iter().map(|video| {
            let Span { from, to } = self.span(video.window.from, video.window.to);
            Video { file: line(&video.file.display().to_string()), camera: video.camera.to_string(), from, to }
        });
        let events = copy.events.as_ref();
        Copied {
            videos: videos.collect(),
            events: events.map(|(file, count)| Events { file: line(&file.display().to_string()), count: *count }),
        }
    }

    fn receipt(&self, receipt: &ErasureReceipt) -> Erased {
        let segments = receipt.segments.iter().map(|erased| Segment {
            segment: erased.segment.to_string(),
            camera: erased.camera.to_string(),
            started: self.moment(erased.started),
            key_destroyed: erased.vault.key_destroyed.map(|at| self.moment(at)).unwrap_or_default(),
            bytes_destroyed: erased.vault.bytes_destroyed.map(|at| self.moment(at)),
            cloud: erased.cloud.as_ref().map(|cloud| Cloud {
                object: line(&cloud.object),
                place: line(&cloud.place),
                gone: cloud.gone.map(|at| self.moment(at)),
            }),
            exports: erased
                .exports
                .iter()
                .map(|export| Export {
                    destination: line(&export.destination),
                    form: line(&export.form),
                    at: self.moment(export.at),
                    removed: export.removed.map(|at| self.moment(at)),
                })
                .collect(),
            grants: erased
                .grants
                .iter()
                .map(|grant| Grant {
                    grant: line(&grant.grant),
                    partner: line(&grant.partner),
                    opened: grant.opened.iter().map(|at| self.moment(*at)).collect(),
                })
                .collect(),
        });
        Erased {
            segments: segments.collect(),
            partners: receipt.partners_to_tell().into_keys().map(line).collect(),
            complete: receipt.left().is_empty(),
        }
    }

    fn pause(&self, pause: &Pause) -> Paused {
        Paused {
            camera: pause.camera.to_string(),
            zone: pause.zone.as_deref().map(line),
            from: self.moment(pause.from),
            until: pause.until.map(|until| self.moment(until)),
        }
    }

    fn notice(&self, notice: &Notice<'_>) -> Noticed {
        let opened = notice.opened.iter().map(|opened| Opening {
            grant: line(opened.grant),
            segment: opened.segment.to_string(),
            at: self.moment(opened.at),
        });
        Noticed {
            partner: line(notice.partner),
            erase: notice.order == Order::Erase,
            by: words::day(notice.by, self.language),
            opened: opened.collect(),
        }
    }

    fn reminder(&self, reminder: &Reminder) -> Reminded {
        Reminded {
            date: words::day(reminder.date, self.language),
            days: reminder.days_left.unsigned_abs(),
            overdue: reminder.days_left < 0,
            hold: reminder.of == Of::EndOfHold,
        }
    }
}

/// Text on one line: what somebody wrote cannot make headings or paragraphs of a letter.
fn line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
