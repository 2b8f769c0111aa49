//! Who is at which zone: approach, dwell, wait and leave.

use std::collections::BTreeMap;

use sluis_sdk::gestures::Kind;
use sluis_sdk::layout::{Layout, Shape, Zone, ZoneKind};

use crate::people::Track;
use crate::settings::Settings;

/// Somebody is at a zone when they have stood there for so long in all: who stands for less only passes by.
const SURE_MS: u64 = 1_500;
/// And has left when they have not been there for so long: feet flicker.
const LEFT_MS: u64 = 1_000;
/// Metres on the floor beyond the outline of a queue that still are in it.
const QUEUE_MARGIN: f32 = 0.25;

/// Something that somebody did without their hands.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// Approach, dwell, wait or leave.
    pub kind: Kind,
    /// Who.
    pub track: u32,
    /// The index of the zone; `None` for the picture.
    pub zone: Option<usize>,
    /// First frame.
    pub start_ms: u64,
    /// Last frame.
    pub end_ms: u64,
    /// Where they stood, in metres on the shop's floor.
    pub position: Option<[f32; 2]>,
}

/// Who is where.
#[derive(Debug, Default)]
pub struct Presence {
    stays: BTreeMap<(u32, usize), Stay>,
    /// For each track since when it is at no zone, for the way to the next.
    free: BTreeMap<u32, u64>,
}

#[derive(Debug)]
struct Stay {
    since_ms: u64,
    last_ms: u64,
    stood_ms: u64,
    sure: bool,
    position: Option<[f32; 2]>,
}

// === impl Presence ===

impl Presence {
    /// Takes in where somebody is at this time.
    pub fn see(
        &mut self,
        track: &Track,
        position: Option<[f32; 2]>,
        now: u64,
        layout: &Layout,
        settings: &Settings,
    ) -> Vec<Happening> {
        let mut told = Vec::new();
        self.free.entry(track.id).or_insert(track.first_ms);
        for (index, zone) in layout.zones().iter().enumerate() {
            let key = (track.id, index);
            if is_at(track, position, zone, layout, settings) {
                let new = Stay { since_ms: now, last_ms: now, stood_ms: 0, sure: false, position };
                let stay = self.stays.entry(key).or_insert(new);
                if track.stands() {
                    stay.stood_ms += now - stay.last_ms;
                }
                (stay.last_ms, stay.position) = (now, position.or(stay.position));
                if !stay.sure && stay.stood_ms >= SURE_MS {
                    stay.sure = true;
                    let start_ms = self.free.get(&track.id).copied().unwrap_or(track.first_ms).min(stay.since_ms);
                    let (zone, end_ms) = (Some(index), stay.since_ms);
                    told.push(Happening { kind: Kind::Approach, track: track.id, zone, start_ms, end_ms, position });
                }
            } else if self.stays.get(&key).is_some_and(|stay| now - stay.last_ms > LEFT_MS)
                && let Some(stay) = self.stays.remove(&key)
            {
                self.free.insert(track.id, stay.last_ms);
                told.extend(left(track.id, index, &stay, zone.kind, settings));
            }
        }
        told
    }

    /// Somebody is not there any more.
    pub fn ended(&mut self, track: &Track, layout: &Layout, settings: &Settings) -> Vec<Happening> {
        let mut told = Vec::new();
        let mut position = None;
        for (index, zone) in layout.zones().iter().enumerate() {
            if let Some(stay) = self.stays.remove(&(track.id, index)) {
                position = stay.position;
                told.extend(left(track.id, index, &stay, zone.kind, settings));
            }
        }
        self.free.remove(&track.id);
        let (start_ms, end_ms) = (track.seen_ms, track.seen_ms);
        told.push(Happening { kind: Kind::Leave, track: track.id, zone: None, start_ms, end_ms, position });
        told
    }
}

fn left(track: u32, index: usize, stay: &Stay, kind: ZoneKind, settings: &Settings) -> Vec<Happening> {
    if !stay.sure {
        return Vec::new();
    }
    let (zone, start_ms, end_ms, position) = (Some(index), stay.since_ms, stay.last_ms, stay.position);
    let stayed = end_ms - start_ms;
    let happening = |kind, start_ms| Happening { kind, track, zone, start_ms, end_ms, position };
    let mut told = Vec::new();
    match kind {
        ZoneKind::Queue if stayed >= settings.wait_ms => told.push(happening(Kind::Wait, start_ms)),
        ZoneKind::Queue => {}
        _ if stayed >= settings.dwell_ms => told.push(happening(Kind::Dwell, start_ms)),
        _ => {}
    }
    told.push(happening(Kind::Leave, end_ms));
    told
}

fn is_at(track: &Track, position: Option<[f32; 2]>, zone: &Zone, layout: &Layout, settings: &Settings) -> bool {
    let metres = if zone.kind == ZoneKind::Queue { QUEUE_MARGIN } else { settings.near_mm as f32 / 1000.0 };
    if let (Shape::Box(space), Some(position)) = (&zone.shape, position) {
        return space.floor_distance(position) <= metres;
    }
    let outline = layout.outline(zone);
    let height = track.area[3] - track.area[1];
    let near = height * settings.near_percent as f32 / 100.0;
    match zone.kind {
        // Drawn on the floor.
        ZoneKind::Queue => outline.distance(track.feet()) <= height * 0.05,
        // Drawn around things that stand above the floor: whoever's silhouette comes near stands there, unless they are far behind or before it. That cannot be
        // told from one picture without a pose.
        _ => {
            let [l, t, r, b] = track.area;
            let [x, y] = [(l + r) / 2.0, (t + b) / 2.0];
            let rows = [t, t + (b - t) * 0.25, y, t + (b - t) * 0.75, b];
            rows.iter().flat_map(|y| [[l, *y], [x, *y], [r, *y]]).any(|point| outline.distance(point) <= near)
        }
    }
}
