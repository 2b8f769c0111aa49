//! Tells what people do at shelves, counters and in queues, from cleared frames.
//!
//! ```text
//! frame ─► light ─► view of each zone ─► watch (settled looks, hands, changes) ─► reach, take, put-back
//!       └► people (tracks) ─► presence ─────────────────────────────────────────► approach, dwell, wait, leave
//! ```
//!
//! No model is needed. A zone is remembered as it looks when nobody is in the way; a hand is what comes into it from outside; and what a hand has changed is judged when it
//! has gone, by outline, colour, texture and depth. What the host has masked is unknown: it is neither a hand nor a change.
//!
//! - [`settings`]: what an installer may set.
//! - [`light`]: exposure, flicker and white balance, taken out before anything is compared.
//! - [`look`], [`grid`], [`place`]: a zone in cells, and how each looks when nobody is in the way.
//! - [`space`]: with depth, whether what is seen before a zone is in it.
//! - [`watch`], [`hand`], [`reach`], [`change`], [`act`]: hands, what they change, and whether a product went or came.
//! - [`volume`]: the same for boxes in the shop seen with depth, by surfaces alone.
//! - [`stand`], [`people`], [`presence`]: who is there, and where they stay.
//!
//! Events are told when they have ended and are sure, up to some seconds later; times are those of the pictures.

pub mod act;
pub mod change;
pub mod grid;
pub mod hand;
pub mod light;
pub mod look;
pub mod people;
pub mod place;
pub mod presence;
pub mod reach;
pub mod settings;
pub mod space;
pub mod stand;
pub mod volume;
pub mod watch;

use std::rc::Rc;

use sluis_sdk::gestures::{Event, FloorPosition, Kind};
use sluis_sdk::layout::{Layout, ZoneKind};
use sluis_sdk::{Camera, Frame, GestureDetector, MOST_ANSWERS, Point, Rect};

use grid::Grid;
use light::Light;
use people::{People, Seen};
use place::View;
use presence::Presence;
use settings::Settings;
use stand::Standing;
use volume::{Sight, Volume};
use watch::Watch;

/// After so long without a frame, what went on has ended with the last one: nobody knows what happened since.
pub const GAP_MS: u64 = 2_000;

/// The detector of one camera.
#[derive(Debug)]
pub struct Detector {
    settings: Settings,
    layout: Layout,
    light: Light,
    people: People,
    presence: Presence,
    /// The zones that hands reach into, by index.
    watches: Vec<(usize, Watch)>,
    /// The zones that are boxes in the shop and seen with depth, by index.
    volumes: Vec<(usize, Volume)>,
    /// Where each track stood last, in metres on the shop's floor.
    positions: std::collections::BTreeMap<u32, [f32; 2]>,
    last_ms: Option<u64>,
    /// What did not fit into the answers of a frame.
    waiting: std::collections::VecDeque<Event>,
}

// === impl Detector ===

impl GestureDetector for Detector {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let (settings, layout) = Settings::read(settings, camera.size)?;
        let reached = |kind| matches!(kind, ZoneKind::Shelf | ZoneKind::Basket);
        let zones = layout.zones().iter().enumerate().filter(|(_, zone)| reached(zone.kind));
        let (mut watches, mut volumes) = (Vec::new(), Vec::new());
        for (index, zone) in zones {
            let grid = Grid::of(layout.outline(zone), camera.size);
            if let Some(volume) = Volume::of(zone, &layout, &grid, settings.reach_ms).filter(|_| camera.depth) {
                volumes.push((index, volume));
                continue;
            }
            watches.push((index, Watch::new(grid, settings.front_mm as f32, settings.reach_ms)));
        }
        Ok(Self {
            settings,
            layout,
            light: Light::default(),
            people: People::default(),
            presence: Presence::default(),
            watches,
            volumes,
            positions: std::collections::BTreeMap::new(),
            last_ms: None,
            waiting: std::collections::VecDeque::new(),
        })
    }

    fn observe(&mut self, frame: &Frame<'_>) -> Vec<Event> {
        let now = frame.elapsed_ms();
        if self.last_ms.is_some_and(|last| now.saturating_sub(last) > GAP_MS) {
            self.finish();
        }
        self.last_ms = Some(now);
        let masks = frame.masks();
        let gains = self.light.measure(frame, &masks);
        let seen = self.follow(frame, now);
        self.watch(frame, &masks, gains, &seen);
        self.measure(frame, &masks, &seen);
        let most = self.waiting.len().min(MOST_ANSWERS);
        self.waiting.drain(..most).collect()
    }
}

impl Detector {
    /// Ends everything that goes on.
    fn finish(&mut self) {
        for index in 0..self.watches.len() {
            let told = self.watches[index].1.finish();
            self.tell_hands(self.watches[index].0, told);
        }
        for index in 0..self.volumes.len() {
            let told = self.volumes[index].1.finish();
            self.tell_hands(self.volumes[index].0, told);
        }
        for track in self.people.clear() {
            self.end(&track);
        }
    }

    /// Follows people; gives those who are there.
    fn follow(&mut self, frame: &Frame<'_>, now: u64) -> Rc<[Seen]> {
        let standing = frame.people().iter().filter_map(|p| Standing::of(frame, &self.layout, p)).collect();
        for track in self.people.see(frame, standing) {
            self.end(&track);
        }
        let tracks: Vec<_> = self.people.tracks().iter().filter(|t| t.is_somebody()).cloned().collect();
        for track in &tracks {
            let position = track.place;
            if let Some(position) = position {
                self.positions.insert(track.id, position);
            }
            let told = self.presence.see(track, position, now, &self.layout, &self.settings);
            self.tell_presence(told);
        }
        tracks.iter().map(|t| Seen { track: t.id, body: t.body() }).collect()
    }

    fn end(&mut self, track: &people::Track) {
        if track.is_somebody() {
            let told = self.presence.ended(track, &self.layout, &self.settings);
            self.tell_presence(told);
        }
        self.positions.remove(&track.id);
    }

    fn watch(&mut self, frame: &Frame<'_>, masks: &[Rect], gains: [f32; 3], seen: &Rc<[Seen]>) {
        for index in 0..self.watches.len() {
            let (zone, watch) = &mut self.watches[index];
            let zone = *zone;
            let view = View {
                at_ms: frame.elapsed_ms(),
                looks: watch.grid.looks(frame, gains),
                known: watch.grid.free_of(masks),
                depth: watch.grid.depths(frame),
                people: Rc::clone(seen),
            };
            let told = watch.see(view);
            self.tell_hands(zone, told);
        }
    }

    fn measure(&mut self, frame: &Frame<'_>, masks: &[Rect], seen: &Rc<[Seen]>) {
        for index in 0..self.volumes.len() {
            let (zone, volume) = &mut self.volumes[index];
            let zone = *zone;
            let Some(depth) = volume.grid.depths(frame) else { continue };
            let known = volume.grid.free_of(masks);
            let told = volume.see(&Sight { at_ms: frame.elapsed_ms(), depth, known, people: Rc::clone(seen) });
            self.tell_hands(zone, told);
        }
    }

    fn tell_hands(&mut self, zone: usize, told: Vec<watch::Happening>) {
        // Of one hand without a body, all that it did is one track's.
        let mut nameless = None;
        for happening in told {
            if happening.kind == Kind::Reach {
                nameless = None;
            }
            let track = happening.person.unwrap_or_else(|| *nameless.get_or_insert_with(|| self.people.nameless()));
            let [x, y] = happening.contact.map(|v| v.round() as i32);
            self.waiting.push_back(Event {
                kind: happening.kind,
                track,
                zone: Some(self.layout.zones()[zone].id.clone()),
                start_ms: happening.start_ms,
                end_ms: happening.end_ms,
                contact: Some(Point { x, y }),
                position: self.positions.get(&track).copied().map(on_floor),
                confidence: (happening.confidence.clamp(0.0, 1.0) * 100.0).round() as u8,
            });
        }
    }

    fn tell_presence(&mut self, told: Vec<presence::Happening>) {
        for happening in told {
            self.waiting.push_back(Event {
                kind: happening.kind,
                track: happening.track,
                zone: happening.zone.map(|zone| self.layout.zones()[zone].id.clone()),
                start_ms: happening.start_ms,
                end_ms: happening.end_ms,
                contact: None,
                position: happening.position.or(self.positions.get(&happening.track).copied()).map(on_floor),
                // How sure a silhouette is somebody is the floor's matter, and it says nothing of it.
                confidence: 80,
            });
        }
    }
}

fn on_floor([x, y]: [f32; 2]) -> FloorPosition {
    FloorPosition { x: (x * 1000.0).round() as i32, y: (y * 1000.0).round() as i32 }
}

sluis_sdk::gesture_detector!(Detector);
