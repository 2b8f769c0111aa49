//! A gesture detector: it tells what people do, from cleared frames.
//!
//! This one is to begin with. It tells `dwell` when somebody has stood at a zone for a while and is gone. Faces are masked in what it sees: `frame.masks()` says where, and what
//! lies under a mask is not the shop.

use serde::Deserialize;
use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::layout::{Layout, Lens, Pose, Zone};
use sluis_sdk::{Camera, Frame, GestureDetector, MOST_ANSWERS, Rect};

/// The detector of one camera.
#[derive(Debug)]
pub struct Detector {
    layout: Layout,
    dwell_ms: u64,
    /// For each zone.
    stays: Vec<Option<Stay>>,
    tracks: u32,
}

/// Somebody is at a zone.
#[derive(Debug, Clone, Copy)]
struct Stay {
    start_ms: u64,
    end_ms: u64,
}

/// What an installer may write for it. The host adds the zones, and lens and pose where they are known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    #[serde(default)]
    zones: Vec<Zone>,
    lens: Option<Lens>,
    pose: Option<Pose>,
    /// How long somebody must have been there, in milliseconds.
    #[serde(default = "one_second")]
    dwell_ms: u64,
}

fn one_second() -> u64 {
    1_000
}

/// Who is not seen for so long has gone.
const GONE_MS: u64 = 500;

impl GestureDetector for Detector {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let settings: Settings = serde_json::from_str(settings).map_err(|e| format!("its settings: {e}"))?;
        let layout = Layout::new(settings.zones, settings.lens, settings.pose, camera.size);
        let layout = layout.map_err(|e| e.to_string())?;
        let stays = vec![None; layout.zones().len()];
        Ok(Self { layout, dwell_ms: settings.dwell_ms, stays, tracks: 0 })
    }

    fn observe(&mut self, frame: &Frame<'_>) -> Vec<Event> {
        let (now, people) = (frame.elapsed_ms(), frame.people());
        let mut events = Vec::new();
        for (zone, stay) in self.layout.zones().iter().zip(&mut self.stays) {
            let outline = self.layout.outline(zone);
            if people.iter().any(|person| stands(person.body).into_iter().any(|point| outline.contains(point))) {
                let start_ms = stay.map_or(now, |stay| stay.start_ms);
                *stay = Some(Stay { start_ms, end_ms: now });
                continue;
            }
            let Some(Stay { start_ms, end_ms }) = *stay else { continue };
            if now - end_ms < GONE_MS {
                continue;
            }
            *stay = None;
            if end_ms - start_ms < self.dwell_ms {
                continue;
            }
            self.tracks += 1;
            events.push(Event {
                kind: Kind::Dwell,
                track: self.tracks,
                zone: Some(zone.id.clone()),
                start_ms,
                end_ms,
                contact: None,
                position: None,
                confidence: 50,
            });
        }
        events.truncate(MOST_ANSWERS);
        events
    }
}

/// Where somebody may be said to stand: the middle of the body, and the feet.
fn stands(body: Rect) -> [[f32; 2]; 2] {
    let (middle, half) = (body.x as f32 + body.width as f32 / 2.0, body.height as f32 / 2.0);
    [[middle, body.y as f32 + half], [middle, body.y as f32 + 2.0 * half]]
}

sluis_sdk::gesture_detector!(Detector);
