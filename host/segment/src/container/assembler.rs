//! Puts the messages of a frame together again.

use sluis_frame::{Fate, Timestamp};

use super::parser::Message;
use crate::error::Error;
use crate::message::{self, EventMessage, MasksMessage, VerdictMessage, VisitMessage};
use crate::track::Track;

/// Collects messages until a frame is complete, and refuses any other order than masks, verdict, depth, video, then events and visits.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    masks: Option<(MasksMessage, Message)>,
    verdict: Option<(VerdictMessage, Message)>,
    depth: Option<Message>,
    /// The last complete frame: events and visits belong to it.
    last: Option<MasksMessage>,
    calibrated: bool,
}

/// What a segment is made of.
#[derive(Debug)]
pub(crate) enum Part {
    /// Before the first frame, or never.
    Calibration(Message),
    /// A frame.
    Shot(Box<Shot>),
    /// An event, told at the last frame.
    Event(EventMessage, Message),
    /// A visit to a screen, told at the last frame.
    Visit(VisitMessage, Message),
}

/// A recorded frame, still encoded.
#[derive(Debug)]
pub(crate) struct Shot {
    pub(crate) at: Timestamp,
    pub(crate) masks: MasksMessage,
    pub(crate) verdict: VerdictMessage,
    pub(crate) depth: Option<Message>,
    pub(crate) video: Message,
    /// The masks and the verdict as they stood in the stream.
    pub(crate) raw: [Message; 2],
}

// === impl Assembler ===

impl Assembler {
    /// Takes the next message; gives what is complete with it.
    pub(crate) fn take(&mut self, message: Message) -> Result<Option<Part>, Error> {
        match (message.track, &self.masks, &self.verdict, &self.depth) {
            (Track::Calibration, None, _, _) if self.last.is_none() && !self.calibrated => {
                self.calibrated = true;
                Ok(Some(Part::Calibration(message)))
            }
            (Track::Masks, None, _, _) => {
                let masks: MasksMessage = message::from_json(message.track, &message.data)?;
                if self.last.as_ref().is_some_and(|last| last.frame >= masks.frame) {
                    return Err(out_of_order(&message));
                }
                self.masks = Some((masks, message));
                Ok(None)
            }
            (Track::Verdicts, Some((masks, of_masks)), None, _) if message.at == of_masks.at => {
                let verdict: VerdictMessage = message::from_json(message.track, &message.data)?;
                let belongs = verdict.frame == masks.frame
                    && verdict.verdict.is_some() == (masks.fate != Fate::Blanked)
                    && verdict.verdict.as_ref().is_none_or(sluis_frame::Verdict::passed);
                if !belongs {
                    return Err(out_of_order(&message));
                }
                self.verdict = Some((verdict, message));
                Ok(None)
            }
            (Track::Depth | Track::PlainDepth, Some((_, of_masks)), Some(_), None) if message.at == of_masks.at => {
                self.depth = Some(message);
                Ok(None)
            }
            (Track::Video, Some((_, of_masks)), Some(_), _) if message.at == of_masks.at => {
                let (masks, raw_masks) = self.masks.take().expect("matched above");
                let (verdict, raw_verdict) = self.verdict.take().expect("matched above");
                let depth = self.depth.take();
                self.last = Some(masks.clone());
                let raw = [raw_masks, raw_verdict];
                Ok(Some(Part::Shot(Box::new(Shot { at: message.at, masks, verdict, depth, video: message, raw }))))
            }
            (Track::Events, None, _, _) => {
                let event: EventMessage = message::from_json(message.track, &message.data)?;
                if self.last.as_ref().is_none_or(|last| last.frame != event.frame) {
                    return Err(out_of_order(&message));
                }
                Ok(Some(Part::Event(event, message)))
            }
            (Track::Audience, None, _, _) => {
                let visit: VisitMessage = message::from_json(message.track, &message.data)?;
                if self.last.as_ref().is_none_or(|last| last.frame != visit.frame) {
                    return Err(out_of_order(&message));
                }
                Ok(Some(Part::Visit(visit, message)))
            }
            _ => Err(out_of_order(&message)),
        }
    }

    /// Whether a frame has begun and is not complete.
    pub(crate) const fn is_in_the_middle(&self) -> bool {
        self.masks.is_some()
    }
}

fn out_of_order(message: &Message) -> Error {
    Error::NotASegment(format!("a message on {:?} of {} ns is not in its place", message.track, message.at.as_nanos()))
}
