//! Hands in the space of a zone that is a box, seen with depth.
//!
//! 1. Along each ray the settled [surface](surface) is known. What lies before it hangs together in things.
//! 2. A thing that is partly in the box and goes on outside of it is an arm; as long as enough of it is in the box, it is a [reach](touch). An arm that goes into
//!    two boxes is in the one that holds more of it.
//! 3. When the surface is seen again and is another one, a product came (nearer) or went (farther); whoever's hand was there did it.
//!
//! Colours are not asked: light and shadow do not matter here, nor what products look like.

pub mod surface;
pub mod touch;

use std::rc::Rc;

use sluis_sdk::gestures::Kind;
use sluis_sdk::layout::{Layout, Shape, SpaceBox, Zone};

use crate::grid::Grid;
use crate::people::Seen;
use crate::watch::Happening;
use surface::Surface;
use touch::{Change, Touch};

/// Metres around a box that still are in it.
const MARGIN: f32 = 0.02;
/// A hand is in the zone while so much of its surface is seen there, in square metres; a hand is 80 cm² large.
const HAND: f32 = 0.0025;
/// And it stays there while it is so much.
const HAND_STAYS: f32 = 0.001;
/// An arm goes on outside with so many cells.
const ARM_CELLS: usize = 4;
/// A hand that is not seen for so long has gone.
const GONE_MS: u64 = 400;
/// Unless a mask lies where it was: then it is waited for so long.
const HIDDEN_MS: u64 = 2_000;
/// A thing in the zone whose arm is not seen, and that stands still for so long, is a product.
const STILL_MS: u64 = 700;
/// The least surface of a change, in square metres.
const CHANGE: f32 = 0.0020;
/// A new surface has settled after so long.
const SETTLE_MS: u64 = 600;
/// The same where nobody's hand was.
const UNCLAIMED_MS: u64 = 5_000;
/// An obstacle that stands still for so long belongs to the place.
const LEFT_MS: u64 = 30_000;
/// How far from a change a hand's middle may have been, in metres: a forearm is in the zone, too.
const TOUCHED: f32 = 0.40;
/// After a hand has gone, its changes are waited for so long before anything is told; what shows later is told then.
const WAIT_MS: u64 = 1_200;
/// A hand is remembered for so long: somebody may stand before what it changed.
const REMEMBERED_MS: u64 = 20_000;

/// What is seen of a zone in one frame.
#[derive(Debug)]
pub struct Sight {
    /// Milliseconds since the detector was made.
    pub at_ms: u64,
    /// The depth of each cell in millimetres, 0 for none.
    pub depth: Vec<u16>,
    /// Which cells are not under a mask.
    pub known: Vec<bool>,
    /// Who is there.
    pub people: Rc<[Seen]>,
}

/// The watch over one zone.
#[derive(Debug)]
pub struct Volume {
    /// Its cells.
    pub grid: Grid,
    space: SpaceBox,
    /// The other zones that are boxes.
    others: Vec<SpaceBox>,
    from: [f32; 3],
    /// For each cell the way that one metre of depth goes.
    ways: Vec<[f32; 3]>,
    /// The surface of a cell at one metre, in square metres.
    footprint: f32,
    reach_ms: u64,
    surface: Surface,
    touches: Vec<Touch>,
    last_ms: u64,
}

// === impl Volume ===

impl Volume {
    /// Over a zone; `None` when it is no box, or the camera's place is not known. Reaches shorter than `reach_ms` are not told.
    pub fn of(zone: &Zone, layout: &Layout, grid: &Grid, reach_ms: u64) -> Option<Self> {
        let (Shape::Box(space), Some(pose), Some(lens)) = (&zone.shape, layout.pose(), layout.lens()) else {
            return None;
        };
        let way = |pixel| {
            let to = pose.to_shop(lens.to_camera(pixel, 1.0));
            std::array::from_fn(|i| to[i] - pose.position[i])
        };
        let boxes = layout.zones().iter().filter(|other| other.id != zone.id);
        let others = boxes.filter_map(|other| match &other.shape {
            Shape::Box(space) if other.kind == zone.kind => Some(*space),
            _ => None,
        });
        let side = touch::distance(way([0.0, 0.0]), way([grid.cell_side(), 0.0]));
        Some(Self {
            space: *space,
            others: others.collect(),
            from: pose.position,
            ways: (0..grid.len()).map(|cell| way(grid.centre(cell))).collect(),
            footprint: side * side,
            reach_ms,
            surface: Surface::new(grid.len()),
            touches: Vec::new(),
            last_ms: 0,
            grid: grid.clone(),
        })
    }

    /// Takes in the next frame, and tells what has ended.
    pub fn see(&mut self, sight: &Sight) -> Vec<Happening> {
        let now = sight.at_ms;
        let seconds = now.saturating_sub(self.last_ms).min(500) as f32 / 1000.0;
        self.last_ms = now;
        self.surface.see(&sight.depth, &sight.known, now, seconds);
        let blocked = self.follow(sight);
        self.judge(&blocked, now);
        let mut told = Vec::new();
        for touch in &mut self.touches {
            if touch.ended_ms.is_some_and(|end| now.saturating_sub(end) > WAIT_MS) {
                told.extend(tell(touch, self.reach_ms));
            }
        }
        self.touches.retain(|t| t.ended_ms.is_none_or(|end| now.saturating_sub(end) < REMEMBERED_MS));
        told
    }

    /// Tells what is still going on: nothing more is seen for a while.
    pub fn finish(&mut self) -> Vec<Happening> {
        let mut told = Vec::new();
        for mut touch in std::mem::take(&mut self.touches) {
            touch.ended_ms.get_or_insert(touch.seen_ms);
            told.extend(tell(&mut touch, self.reach_ms));
        }
        told
    }

    fn at(&self, cell: usize, depth: f32) -> [f32; 3] {
        std::array::from_fn(|i| self.from[i] + self.ways[cell][i] * depth / 1000.0)
    }

    fn area(&self, depth: f32) -> f32 {
        self.footprint * (depth / 1000.0).powi(2)
    }

    /// Follows the hand; gives the cells behind which nothing can be seen to have changed.
    fn follow(&mut self, sight: &Sight) -> Vec<bool> {
        let now = sight.at_ms;
        let mut blocked = vec![false; self.grid.len()];
        let (mut area, mut hand) = (0.0, Vec::new());
        for thing in self.surface.things(&self.grid) {
            let (mut own, mut outside, mut beyond) = (Vec::new(), 0, vec![0.0; self.others.len()]);
            for &cell in &thing {
                let depth = self.surface.rays[cell].now;
                let at = self.at(cell, depth);
                if self.space.contains(at, MARGIN) {
                    own.push(cell);
                } else if let Some(other) = self.others.iter().position(|other| other.contains(at, MARGIN)) {
                    beyond[other] += self.area(depth);
                } else {
                    outside += 1;
                }
            }
            let seen: f32 = own.iter().map(|cell| self.area(self.surface.rays[*cell].now)).sum();
            let arm = outside >= ARM_CELLS;
            let open =
                |cell: &usize| self.grid.at_edge(*cell) || self.grid.around(*cell).any(|near| !sight.known[near]);
            let still = || {
                let still = own.iter().filter(|c| now - self.surface.rays[**c].since_ms > STILL_MS).count();
                still * 2 > own.len()
            };
            let is_hand = arm || (thing.iter().any(open) && !still());
            if is_hand {
                thing.iter().for_each(|cell| blocked[*cell] = true);
                if beyond.iter().all(|other| *other <= seen) {
                    area += seen;
                    hand.extend(own);
                }
            }
        }
        let going = self.touches.iter().position(|touch| touch.ended_ms.is_none());
        let least = if going.is_some() { HAND_STAYS } else { HAND };
        if area >= least {
            let going = going.unwrap_or_else(|| {
                self.touches.push(Touch { start_ms: now, ..Touch::default() });
                self.touches.len() - 1
            });
            self.extend(going, sight, hand, area);
        } else if let Some(going) = going {
            let touch = &mut self.touches[going];
            let hidden = touch.cells.iter().filter(|cell| !sight.known[**cell]).count();
            let wait = if hidden * 3 > touch.cells.len() { HIDDEN_MS } else { GONE_MS };
            if now - touch.seen_ms > wait {
                touch.ended_ms = Some(touch.seen_ms);
            }
        }
        self.grid.grown(&blocked)
    }

    fn extend(&mut self, going: usize, sight: &Sight, hand: Vec<usize>, area: f32) {
        let count = hand.len().max(1) as f32;
        let (mut middle, mut pixel) = ([0.0; 3], [0.0; 2]);
        for &cell in &hand {
            let (at, centre) = (self.at(cell, self.surface.rays[cell].now), self.grid.centre(cell));
            (0..3).for_each(|i| middle[i] += at[i] / count);
            (0..2).for_each(|i| pixel[i] += centre[i] / count);
        }
        let touch = &mut self.touches[going];
        touch.seen_ms = sight.at_ms;
        touch.largest = touch.largest.max(area);
        touch.path.push((sight.at_ms, middle, pixel));
        touch.cells = hand;
        let nearest = sight.people.iter().min_by(|a, b| a.distance(pixel).total_cmp(&b.distance(pixel)));
        if let Some(person) = nearest.filter(|p| p.distance(pixel) < p.reach()) {
            touch.near.push(person.track);
        }
    }

    /// Settles what is another surface now, and says which hand did it.
    fn judge(&mut self, blocked: &[bool], now: u64) {
        let changed: Vec<bool> = (0..self.grid.len())
            .map(|i| {
                let ray = &self.surface.rays[i];
                let stood = now.saturating_sub(ray.since_ms);
                ray.changed() && (!blocked[i] || stood > LEFT_MS) && stood >= SETTLE_MS
            })
            .collect();
        if !changed.contains(&true) {
            return;
        }
        let deeper = |ray: &surface::Ray| ray.run > ray.settled;
        for part in self.surface.joined(&self.grid, &changed, |a, b| deeper(a) == deeper(b)) {
            let rays = || part.iter().map(|cell| self.surface.rays[*cell]);
            let since = middle(rays().map(|ray| ray.since_ms));
            let matched = middle(rays().map(|ray| ray.matched_ms));
            let stood = now.saturating_sub(since);
            let (mut area, mut volume, mut steps) = (0.0, 0.0, 0.0);
            let (mut at, mut pixel, mut inside) = ([0.0; 3], [0.0; 2], 0);
            for &cell in &part {
                let ray = self.surface.rays[cell];
                let (place, centre) = (self.at(cell, ray.nearer()), self.grid.centre(cell));
                inside += usize::from(self.space.contains(place, MARGIN));
                area += self.area(ray.nearer());
                volume += self.area(ray.nearer()) * (ray.run - ray.settled).clamp(-200.0, 200.0) / 1000.0;
                steps += (ray.run - ray.settled) / crate::place::depth_noise(ray.run) / part.len() as f32;
                (0..3).for_each(|i| at[i] += place[i] / part.len() as f32);
                (0..2).for_each(|i| pixel[i] += centre[i] / part.len() as f32);
            }
            let product = area >= CHANGE && inside * 2 > part.len();
            let whose = self.touches.iter().enumerate().filter_map(|(i, touch)| {
                let during = touch.start_ms <= since + 300 && touch.ended_ms.is_none_or(|end| matched <= end + 300);
                let (least, ..) = touch.visit(at).filter(|_| during)?;
                (least < TOUCHED).then_some((i, least))
            });
            let whose = whose.min_by(|a, b| a.1.total_cmp(&b.1));
            match whose.filter(|_| product) {
                Some((whose, _)) => {
                    let change = Change { volume, steps, at, pixel, found_ms: now, told: false };
                    self.touches[whose].changes.push(change);
                    self.surface.settle(&part, now);
                }
                None if stood > UNCLAIMED_MS || inside * 4 < part.len() => self.surface.settle(&part, now),
                None => {}
            }
        }
    }
}

/// What is told of a hand that has gone.
fn tell(touch: &mut Touch, reach_ms: u64) -> Vec<Happening> {
    let Some(end_ms) = touch.ended_ms else { return Vec::new() };
    let person = touch.person();
    let start_ms = touch.start_ms;
    let mut told = Vec::new();
    let acts = touch.acts();
    if !std::mem::replace(&mut touch.told, true) && (end_ms - start_ms >= reach_ms || !acts.is_empty()) {
        let contact = touch.path.get(touch.path.len() / 2).map_or([0.0; 2], |(.., pixel)| *pixel);
        let contact = acts.first().map_or(contact, |act| act.pixel);
        let confidence = 0.5 + 0.5 * (touch.largest / (4.0 * HAND)).min(1.0);
        told.push(Happening { kind: Kind::Reach, start_ms, end_ms, contact, person, confidence });
    }
    for act in acts {
        let Some((_, first, last)) = touch.visit(act.at) else { continue };
        let (kind, start_ms, end_ms) =
            if act.volume > 0.0 { (Kind::Take, first, end_ms) } else { (Kind::PutBack, start_ms, last.max(start_ms)) };
        let confidence = 0.5 + 0.5 * act.steps.abs().min(1.0);
        told.push(Happening { kind, start_ms, end_ms, contact: act.pixel, person, confidence });
    }
    told
}

fn middle(times: impl Iterator<Item = u64>) -> u64 {
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
