//! Reaches, takes and put-backs of one person at one shelf, frame by frame.

use sluis_frame::{Gesture, Point};

use super::TruthEvent;
use crate::synthetic::product::ProductId;

/// A hand that is outside for fewer frames than this share of a second has not left: it trembles at the border.
const TREMOR_SECONDS: f64 = 0.2;

/// A hand that touches nothing and is inside for less than this only grazes the border: nobody would call it a reach.
const GRAZE_SECONDS: f64 = 0.2;

/// What one frame shows of one person at one shelf.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether a hand, or the product in it, is inside.
    pub(super) inside: bool,
    /// The product in a hand, if any, and whether it is inside.
    pub(super) held: Option<(ProductId, bool)>,
    /// The product that a hand lies on.
    pub(super) touching: Option<ProductId>,
    /// Whether the camera can see the hand.
    pub(super) seen: bool,
    /// Where the hand is, in pixels; where the person stands.
    pub(super) point: Option<Point>,
    pub(super) position: [f32; 2],
}

/// What goes on between one person and one shelf.
#[derive(Debug, Clone)]
pub(super) struct AtShelf {
    person: u32,
    zone: &'static str,
    tremor: u64,
    graze: u64,
    reach: Option<Reach>,
    /// The product in the hand in the frame before.
    held: Option<ProductId>,
}

/// A reach that goes on.
#[derive(Debug, Clone)]
struct Reach {
    event: TruthEvent,
    /// First frame in which the hand lies on a product, and which.
    contact: Option<(ProductId, u64)>,
    /// A take that began; its product has not left yet.
    take: Option<TruthEvent>,
    /// A product that came in with the hand and is still in it.
    coming: Option<TruthEvent>,
    within: Vec<TruthEvent>,
    /// Whether the camera could see the hand, frame by frame from the first one.
    seen: Vec<bool>,
}

// === impl Reach ===

impl Reach {
    /// With the share of its frames in which the camera could see the hand.
    fn witnessed(&self, event: TruthEvent) -> TruthEvent {
        let at = |frame: u64| (frame - self.event.first) as usize;
        let frames = self.seen.get(at(event.first)..=at(event.last)).unwrap_or_default();
        let seen = frames.iter().filter(|seen| **seen).count();
        TruthEvent { seen: seen as f32 / frames.len().max(1) as f32, ..event }
    }
}

// === impl AtShelf ===

impl AtShelf {
    pub(super) fn new(person: u32, zone: &'static str, rate: f64) -> Self {
        let frames = |seconds: f64| (seconds * rate).ceil() as u64;
        Self { person, zone, tremor: frames(TREMOR_SECONDS), graze: frames(GRAZE_SECONDS), reach: None, held: None }
    }

    /// Whether a reach goes on.
    pub(super) fn reaches(&self) -> bool {
        self.reach.is_some()
    }

    /// Looks at the next frame. A reach that has ended is told, followed by what was done in it.
    pub(super) fn look(&mut self, frame: u64, look: &Look) -> Vec<TruthEvent> {
        let before = std::mem::replace(&mut self.held, look.held.map(|(product, _)| product));
        let mut told = Vec::new();
        if self.reach.as_ref().is_some_and(|reach| !look.inside && frame > reach.event.last + self.tremor) {
            told = self.end(false);
        }
        if look.inside && self.reach.is_none() {
            let event = self.event(Gesture::Reach, frame, look);
            let (within, seen) = (Vec::new(), Vec::new());
            self.reach = Some(Reach { event, contact: None, take: None, coming: None, within, seen });
        }
        let (person, zone) = (self.person, self.zone);
        let Some(reach) = &mut self.reach else { return told };
        reach.seen.push(look.seen);
        if look.inside {
            reach.event.last = frame;
        }
        let event = |gesture, first, product| TruthEvent {
            gesture,
            person,
            zone,
            first,
            last: frame,
            product: Some(product),
            in_reach: None,
            point: look.point,
            position: look.position,
            cut: false,
            seen: 0.0,
        };
        match look.touching {
            Some(product) if reach.contact.is_none_or(|(known, _)| known != product) => {
                reach.contact = Some((product, frame));
                reach.event.product.get_or_insert(product);
            }
            _ => {}
        }
        match (before, look.held) {
            // It came off the shelf.
            (None, Some((product, _))) => {
                let first = reach.contact.filter(|(known, _)| *known == product).map_or(frame, |(_, first)| first);
                reach.take = look.inside.then(|| event(Gesture::Take, first, product));
            }
            // It stays on the shelf.
            (Some(_), None) => {
                if let Some(mut back) = reach.coming.take() {
                    back.last = frame;
                    reach.event.product.get_or_insert(back.product.unwrap_or(ProductId(0)));
                    reach.within.push(back);
                }
            }
            _ => {}
        }
        match look.held {
            Some((_, false)) => {
                reach.coming = None;
                if let Some(mut take) = reach.take.take() {
                    take.last = frame;
                    reach.event.last = reach.event.last.max(frame);
                    reach.within.push(take);
                }
            }
            Some((product, true)) if reach.take.is_none() && reach.coming.is_none() => {
                reach.coming = Some(event(Gesture::PutBack, frame, product));
            }
            _ => {}
        }
        told
    }

    /// Ends what goes on. `cut` says that there are no more frames.
    pub(super) fn end(&mut self, cut: bool) -> Vec<TruthEvent> {
        let Some(mut reach) = self.reach.take() else { return Vec::new() };
        let frames = reach.event.last - reach.event.first + 1;
        if !cut && reach.contact.is_none() && reach.within.is_empty() && frames < self.graze {
            return Vec::new();
        }
        reach.event.cut = cut;
        let mut told = vec![reach.event.clone()];
        told.append(&mut reach.within);
        // A take that the end of the frames cuts off began; a product that came in and was not let go was not put back.
        told.extend(reach.take.take().filter(|_| cut).map(|take| TruthEvent { cut, ..take }));
        told.into_iter().map(|event| reach.witnessed(event)).collect()
    }

    fn event(&self, gesture: Gesture, frame: u64, look: &Look) -> TruthEvent {
        TruthEvent {
            gesture,
            person: self.person,
            zone: self.zone,
            first: frame,
            last: frame,
            product: None,
            in_reach: None,
            point: look.point,
            position: look.position,
            cut: false,
            seen: 0.0,
        }
    }
}
