//! Approaches, dwells, waits and leaves of one person at one zone, frame by frame.

use sluis_frame::{Gesture, Point};

use super::TruthEvent;
use crate::synthetic::zone::ZoneKind;

/// Whoever is this near to a shelf, in metres, is at it; other zones hold their own standing room.
const AT_SHELF: f32 = 0.75;

/// The stretch of the way that approach and leave are, in metres.
const STRETCH: f32 = 0.75;

/// Slower than this, in metres per second, is standing.
const STANDING: f32 = 0.3;

/// Who stands at a zone for fewer seconds only passes.
const LEAST_SECONDS: f64 = 1.5;

/// What one frame shows of one person about one zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// From the person's place to the ground of the zone, in metres.
    pub(super) distance: f32,
    /// In metres per second.
    pub(super) speed: f32,
    /// Where the person is, in pixels and on the floor.
    pub(super) point: Option<Point>,
    pub(super) position: [f32; 2],
}

/// What goes on between one person and one zone.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    person: u32,
    zone: &'static str,
    kind: ZoneKind,
    rate: f64,
    /// First frame of being near without a break, and where that was.
    near: Option<(u64, Look)>,
    /// First frame of being at the zone.
    at: Option<u64>,
    /// First and last frame of standing there, where, and how many frames.
    stood: Option<Stood>,
    /// First frame of going away after a stay.
    going: Option<(u64, Look)>,
}

#[derive(Debug, Clone, Copy)]
struct Stood {
    first: u64,
    last: u64,
    frames: u64,
    look: Look,
}

// === impl Visit ===

impl Visit {
    pub(super) fn new(person: u32, zone: &'static str, kind: ZoneKind, rate: f64) -> Self {
        Self { person, zone, kind, rate, near: None, at: None, stood: None, going: None }
    }

    /// Looks at the next frame. What has ended is told.
    pub(super) fn look(&mut self, frame: u64, look: Look) -> Vec<TruthEvent> {
        let reach = if self.kind == ZoneKind::Shelf { AT_SHELF } else { 0.0 };
        let mut told = Vec::new();
        let standing = look.speed < STANDING;
        if look.distance > reach + STRETCH {
            told = self.depart(frame.saturating_sub(1), false);
            self.near = None;
            return told;
        }
        if look.distance <= reach {
            if self.at.is_none() {
                self.at = Some(frame);
                // Back before having gone: the stay goes on.
                self.going = None;
            }
            if standing {
                let stood = self.stood.get_or_insert(Stood { first: frame, last: frame, frames: 0, look });
                (stood.last, stood.frames) = (frame, stood.frames + 1);
            }
        } else if self.at.take().is_some() {
            self.going = Some((frame, look));
        } else if standing {
            // Who stops short of the zone has come from there, or sets out from here.
            told = self.depart(frame, false);
            self.near = Some((frame, look));
        }
        let near = *self.near.get_or_insert((frame, look));
        // An approach is told once it turns out to be one.
        let least = (LEAST_SECONDS * self.rate).ceil() as u64;
        if let (Some(stood), Some(at)) = (self.stood, self.at)
            && stood.frames == least
            && standing
            && self.going.is_none()
        {
            told.push(self.event(Gesture::Approach, near.0, at.max(near.0), near.1));
        }
        told
    }

    /// The person is gone, or there are no more frames.
    pub(super) fn end(&mut self, frame: u64, cut: bool) -> Vec<TruthEvent> {
        self.depart(frame, cut)
    }

    fn depart(&mut self, frame: u64, cut: bool) -> Vec<TruthEvent> {
        let (stood, going) = (self.stood.take(), self.going.take());
        self.at = None;
        let least = (LEAST_SECONDS * self.rate).ceil() as u64;
        let Some(stood) = stood.filter(|stood| stood.frames >= least) else { return Vec::new() };
        let gesture = if self.kind == ZoneKind::Queue { Gesture::Wait } else { Gesture::Dwell };
        let mut stay = self.event(gesture, stood.first, stood.last, stood.look);
        stay.cut = cut && going.is_none();
        let mut told = vec![stay];
        if let Some((first, look)) = going {
            let mut leave = self.event(Gesture::Leave, first, frame.max(first), look);
            leave.cut = cut;
            told.push(leave);
        }
        told
    }

    fn event(&self, gesture: Gesture, first: u64, last: u64, look: Look) -> TruthEvent {
        TruthEvent {
            gesture,
            person: self.person,
            zone: self.zone,
            first,
            last,
            product: None,
            in_reach: None,
            point: look.point,
            position: look.position,
            cut: false,
            seen: 1.0,
        }
    }
}
