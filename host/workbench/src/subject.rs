//! A chamber of any world, and its answers as lines of text.
//!
//! A line has closed types only, but for a zone's name: `head 72x56+96+48 sure 50`. The SDK writes the same lines of a plugin that runs natively (`mock::serve`).

use std::time::{Duration, Instant};

use serde::Serialize;
use sluis_frame::{Event, Face, Finding, Timestamp};
use sluis_stage::{
    AudienceChamber, AuditChamber, ChamberSettings, Error, FilterChamber, GestureChamber, Inspection, Plugin, Region,
    World,
};

use crate::showing::{Showing, Shown};

/// The chamber that is looked at.
#[derive(Debug)]
pub enum Subject {
    /// A filter's.
    Filter(FilterChamber),
    /// An auditor's.
    Audit(AuditChamber),
    /// A gesture detector's.
    Gestures(GestureChamber),
    /// An audience meter's.
    Audience(AudienceChamber),
}

/// What came of a call.
#[derive(Debug)]
pub struct Call {
    /// How long it took, with the crossing into the sandbox and back.
    pub took: Duration,
    /// The answer, one line each.
    pub answer: Result<Vec<String>, Error>,
}

// === impl Subject ===

impl Subject {
    /// Makes the chamber of the plugin's own world.
    ///
    /// # Errors
    ///
    /// As when a camera's chamber is made: it refuses its settings, traps, or lacks a model.
    pub fn new(plugin: &Plugin, settings: &ChamberSettings) -> Result<Self, Error> {
        Ok(match plugin.world() {
            World::PrivacyFilter => Self::Filter(plugin.filter(settings)?),
            World::AnonymisationAudit => Self::Audit(plugin.audit(settings)?),
            World::GestureDetector => Self::Gestures(plugin.gestures(settings)?),
            World::AudienceMeter => Self::Audience(plugin.audience(settings)?),
        })
    }

    /// Bytes of memory that it takes now.
    pub fn memory(&self) -> usize {
        match self {
            Self::Filter(chamber) => chamber.memory(),
            Self::Audit(chamber) => chamber.memory(),
            Self::Gestures(chamber) => chamber.memory(),
            Self::Audience(chamber) => chamber.memory(),
        }
    }

    /// Shows it a frame. `first` is when the first frame was taken: events are told in milliseconds since.
    ///
    /// # Panics
    ///
    /// When the frame is not in the state that its world sees: [`Show`](crate::Show) gives those that are.
    pub fn show(&mut self, showing: &Showing, first: Timestamp) -> Call {
        let people = &showing.people;
        match (self, &showing.shown) {
            (Self::Filter(chamber), Shown::Raw(frame)) => {
                timed(|| chamber.find(frame, people), |regions| regions.iter().map(region).collect())
            }
            (Self::Audience(chamber), Shown::Raw(frame)) => {
                timed(|| chamber.measure(frame, people), |faces| faces.iter().map(face).collect())
            }
            (Self::Audit(chamber), Shown::Redacted(frame)) => {
                timed(|| chamber.inspect(frame, people), |inspection| inspected(&inspection))
            }
            (Self::Gestures(chamber), Shown::Cleared(frame)) => {
                timed(|| chamber.observe(frame, people), |events| events.iter().map(|e| event(e, first)).collect())
            }
            (subject, shown) => unreachable!("{subject:?} is not shown {shown:?}"),
        }
    }

    /// Asks a gesture detector, at its last frame, what it was not sure of yet. `None` of another world.
    pub fn conclude(&mut self, last: &Showing, first: Timestamp) -> Option<Call> {
        match (self, &last.shown) {
            (Self::Gestures(chamber), Shown::Cleared(frame)) => {
                Some(timed(|| chamber.conclude(frame), |events| events.iter().map(|e| event(e, first)).collect()))
            }
            _ => None,
        }
    }
}

fn timed<A>(call: impl FnOnce() -> Result<A, Error>, lines: impl FnOnce(A) -> Vec<String>) -> Call {
    let start = Instant::now();
    let answer = call();
    Call { took: start.elapsed(), answer: answer.map(lines) }
}

fn region(region: &Region) -> String {
    format!("{} {} sure {}", word(&region.subject), region.area, region.confidence)
}

fn inspected(inspection: &Inspection) -> Vec<String> {
    let finding = |f: &Finding| format!("{} {} score {}", word(&f.fault), f.area, f.score);
    let worst = (inspection.worst_score > 0).then(|| format!("worst score {}", inspection.worst_score));
    inspection.findings.iter().map(finding).chain(worst).collect()
}

fn event(event: &Event, first: Timestamp) -> String {
    let zone = event.zone.as_ref().map_or_else(String::new, |zone| format!(" in {zone}"));
    let contact = event.contact.map_or_else(String::new, |(x, y)| format!(" contact {x},{y}"));
    let position = event.position.map_or_else(String::new, |(x, y)| format!(" position {x},{y} mm"));
    let (start, end) = (event.start.since(first).as_millis(), event.end.since(first).as_millis());
    let (kind, track, sure) = (event.gesture, event.track, event.confidence);
    format!("{kind} by {track}{zone} {start} to {end} ms{contact}{position} sure {sure}")
}

fn face(face: &Face) -> String {
    let attentive = if face.attentive { "attentive" } else { "inattentive" };
    let (size, age, sex) = (word(&face.size), word(&face.age), word(&face.sex));
    format!("{size} face {} {attentive}, age {age}, sex {sex}", face.area)
}

/// A value of a closed type, as the contract writes it.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("an enumeration is written as a word: {other:?}"),
    }
}
