//! The twin of `counts-frames`, built against the kept contract 0.1.0, as a partner built it when there was no other. It knows none of its settings.

mod contract {
    wit_bindgen::generate!({ world: "gesture-detector", path: "../../../wit/0.1.0", generate_all });
}

use std::cell::Cell;

use contract::exports::sluis::stage::gestures::{Chamber, Event, Guest, GuestChamber, Kind};
use contract::sluis::stage::frames::Frame;
use contract::sluis::stage::types::{Camera, Point};

struct CountsFrames {
    frames: Cell<u32>,
    start_ms: Cell<u64>,
}

impl Guest for CountsFrames {
    type Chamber = Self;
}

impl GuestChamber for CountsFrames {
    fn create(_: Camera, _: String) -> Result<Chamber, String> {
        Ok(Chamber::new(Self { frames: Cell::new(0), start_ms: Cell::new(0) }))
    }

    fn observe(&self, frame: &Frame) -> Vec<Event> {
        let now = frame.elapsed_ms();
        if self.frames.get() % 3 == 0 {
            self.start_ms.set(now);
        }
        self.frames.set(self.frames.get() + 1);
        if self.frames.get() % 3 != 0 {
            return Vec::new();
        }
        vec![Event {
            kind: Kind::Reach,
            track: self.frames.get() / 3,
            zone: Some("shelf".to_owned()),
            start_ms: self.start_ms.get(),
            end_ms: now,
            contact: Some(Point { x: 3, y: 4 }),
            position: None,
            confidence: 70,
        }]
    }
}

contract::export!(CountsFrames with_types_in contract);
