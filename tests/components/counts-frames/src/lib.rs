//! A gesture detector that tells of every third frame: a reach into its zone that lasted these three frames. It
//! remembers, so it shows whether its chamber stayed warm. In its settings, `long-zone` makes the zone's name too long,
//! `tomorrow` lets the event end after now, and `panics-at-400` lets it panic when its time is 400 ms.

use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::{Camera, Frame, GestureDetector, Point};

struct CountsFrames {
    zone: String,
    ahead_ms: u64,
    panics_at: Option<u64>,
    frames: u32,
    start_ms: u64,
}

impl GestureDetector for CountsFrames {
    fn new(_: Camera, settings: &str) -> Result<Self, String> {
        let zone = if settings.contains("long-zone") { "z".repeat(65) } else { "shelf".to_owned() };
        let ahead_ms = if settings.contains("tomorrow") { 86_400_000 } else { 0 };
        let panics_at = settings.contains("panics-at-400").then_some(400);
        Ok(Self { zone, ahead_ms, panics_at, frames: 0, start_ms: 0 })
    }

    fn observe(&mut self, frame: &Frame<'_>) -> Vec<Event> {
        let now = frame.elapsed_ms();
        assert!(Some(now) != self.panics_at, "as its settings say");
        if self.frames % 3 == 0 {
            self.start_ms = now;
        }
        self.frames += 1;
        if self.frames % 3 != 0 {
            return Vec::new();
        }
        vec![Event {
            kind: Kind::Reach,
            track: self.frames / 3,
            zone: Some(self.zone.clone()),
            start_ms: self.start_ms,
            end_ms: now + self.ahead_ms,
            contact: Some(Point { x: 3, y: 4 }),
            position: None,
            confidence: 70,
        }]
    }
}

sluis_sdk::gesture_detector!(CountsFrames);
