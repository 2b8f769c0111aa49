//! Hands in the space of a zone that is a box, seen with depth.
//!
//! 1. Along each ray the settled [surface](surface) is known. What lies before it hangs together in things.
//! 2. A thing that is partly in the box and goes on outside of it is an arm, and its part in the box a [hand](hands). Each hand is followed by itself; as long as
//!    enough of it is in the box, it is a [reach](touch).
//! 3. When the surface is seen again and is another one, a product came (nearer) or went (farther); whoever's hand was there did it. That is judged once nobody is in
//!    the way beside it, and what changed while a mask hid it was done by a hand that nobody saw.
//!
//! Colours are not asked: light and shadow do not matter here, nor what products look like.

pub mod hands;
pub mod surface;
pub mod touch;

use std::rc::Rc;

use sluis_sdk::gestures::Kind;
use sluis_sdk::layout::{Layout, Shape, SpaceBox, Zone};

use crate::grid::Grid;
use crate::people::Seen;
use crate::watch::Happening;
use hands::{Hand, Hands, Space};
use surface::{Ray, Surface};
use touch::{Change, Touch, distance};

/// Metres around a box that still are in it.
const MARGIN: f32 = 0.02;
/// A hand is in the zone while so much of its surface is seen there, in square metres; a hand is 80 cm² large.
const HAND: f32 = 0.0025;
/// And it stays there while it is so much.
const HAND_STAYS: f32 = 0.001;
/// From one frame in which it is seen to the next a hand moves no farther than this, in metres: at 2 m/s, and unseen for a fifth of a second.
const STRIDE: f32 = 0.40;
/// Parts of what is seen of a hand have their middles no farther apart than this, in metres: half a forearm, 25 cm long (DIN 33402-2).
const ONE_HAND: f32 = 0.25;
/// The least surface of a part that changed, in square metres: 2 by 4 cm, a patch of six pixels at three metres. Smaller ones are the sensor's.
const CHANGE: f32 = 0.0008;
/// More than this is not counted as a product's thickness, in millimetres: few things that one hand takes are thicker, and what is seen where it was may be far behind it.
const THICK: f32 = 200.0;
/// A new surface has settled after so long.
const SETTLE_MS: u64 = 600;
/// The same where nobody's hand was: it may be that nobody saw it, but the next hand has not done it.
const UNCLAIMED_MS: u64 = 700;
/// What changed behind a mask, or behind somebody, within such a time, in milliseconds, was done by a hand that nobody saw. What was hidden for longer may have been
/// changed at any time.
const HIDDEN_MS: std::ops::RangeInclusive<u64> = 200..=2_500;
/// A change with more than this share of its cells beside somebody who is in the way may not be whole yet.
const RAGGED: f32 = 0.25;
/// But it is waited for no longer than this.
const PATIENCE_MS: u64 = 3_000;
/// An obstacle that stands still for so long belongs to the place.
const LEFT_MS: u64 = 30_000;
/// How far from a change a hand's middle may have been, in metres: a forearm of 25 cm is in the zone, too, and a product of 20 cm before the hand.
const TOUCHED: f32 = 0.40;
/// After a hand has gone, its changes are waited for so long before anything is told; what shows later is told then.
const WAIT_MS: u64 = 1_500;
/// From the contact with a product until it has left the box, and from its entering until it stands, it takes at least so long: half a metre at the 0.7 m/s of a hand
/// that starts and stops.
const ACT_MS: u64 = 700;
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
    /// Cells behind which nothing can be seen to have changed.
    blocked: Vec<bool>,
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
        let side = distance(way([0.0, 0.0]), way([grid.cell_side(), 0.0]));
        Some(Self {
            space: *space,
            others: others.collect(),
            from: pose.position,
            ways: (0..grid.len()).map(|cell| way(grid.centre(cell))).collect(),
            footprint: side * side,
            reach_ms,
            surface: Surface::new(grid.len()),
            blocked: vec![false; grid.len()],
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
        for (i, blocked) in blocked.into_iter().enumerate() {
            // An arm that a mask has come over since may still be there.
            self.blocked[i] = blocked || (self.blocked[i] && self.surface.rays[i].now == 0.0);
        }
        self.judge(now);
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
            if touch.ended_ms.is_none() {
                touch.end();
            }
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

    /// Follows the hands; gives the cells behind which nothing can be seen to have changed.
    fn follow(&mut self, sight: &Sight) -> Vec<bool> {
        let space = Space {
            grid: &self.grid,
            surface: &self.surface,
            own: &self.space,
            others: &self.others,
            at: &|cell| self.at(cell, self.surface.rays[cell].now),
            area: &|cell| self.area(self.surface.rays[cell].now),
        };
        let Hands { hands, doubtful, blocked } = space.hands(sight);
        for (going, hand) in self.pair(hands) {
            let going = going.unwrap_or_else(|| {
                let hidden_ms = self.hidden_beside(&hand, sight);
                self.touches.push(Touch { start_ms: sight.at_ms, hidden_ms, ..Touch::default() });
                self.touches.len() - 1
            });
            self.touches[going].go_on(sight, hand);
        }
        for touch in self.touches.iter_mut().filter(|t| t.ended_ms.is_none() && t.seen_ms < sight.at_ms) {
            touch.miss(sight, &doubtful);
        }
        blocked
    }

    /// Since when a mask hides what is beside a hand; `None` where there is none.
    fn hidden_beside(&self, hand: &Hand, sight: &Sight) -> Option<u64> {
        let mut since: Vec<u64> = (hand.cells.iter())
            .filter_map(|cell| self.grid.square(*cell, 2).find(|near| !sight.known[*near]))
            .map(|cell| self.surface.rays[cell].seen_ms)
            .collect();
        since.sort_unstable();
        (since.len() > 3).then(|| since[since.len() / 2])
    }

    /// Which touch each hand goes on with, `None` for a new one. The nearest belong together.
    fn pair(&self, hands: Vec<Hand>) -> Vec<(Option<usize>, Hand)> {
        let going = || self.touches.iter().enumerate().filter(|(_, touch)| touch.ended_ms.is_none());
        let off =
            |touch: &Touch, hand: &Hand| touch.path.last().map_or(f32::MAX, |(_, at, _)| distance(*at, hand.middle));
        let mut pairs: Vec<(f32, usize, usize)> = going()
            .flat_map(|(t, touch)| hands.iter().enumerate().map(move |(h, hand)| (off(touch, hand), t, h)))
            .filter(|(off, _, h)| *off < STRIDE && hands[*h].area >= HAND_STAYS)
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut paired: Vec<(Option<usize>, Hand)> = Vec::new();
        let mut left: Vec<Option<Hand>> = hands.iter().cloned().map(Some).collect();
        for (_, t, h) in pairs {
            if !paired.iter().any(|(of, _)| *of == Some(t))
                && let Some(hand) = left[h].take()
            {
                paired.push((Some(t), hand));
            }
        }
        left.sort_by(|a, b| b.as_ref().map_or(0.0, |h| h.area).total_cmp(&a.as_ref().map_or(0.0, |h| h.area)));
        for hand in left.into_iter().flatten() {
            let near = paired.iter_mut().find(|(_, of)| distance(of.middle, hand.middle) < ONE_HAND);
            match near {
                Some((_, of)) => of.join(&hand),
                None if hand.area >= HAND => paired.push((None, hand)),
                None => {}
            }
        }
        paired
    }

    /// Settles what is another surface now, and says which hand did it.
    fn judge(&mut self, now: u64) {
        let changed: Vec<bool> = (self.surface.rays.iter().zip(&self.blocked))
            .map(|(ray, blocked)| {
                ray.changed() && ray.seen_ms - ray.since_ms >= if *blocked { LEFT_MS } else { SETTLE_MS }
            })
            .collect();
        if !changed.contains(&true) {
            return;
        }
        let deeper = |ray: &Ray| ray.run > ray.settled;
        for part in self.surface.joined(&self.grid, &changed, |a, b| deeper(a) == deeper(b)) {
            let since = middle(part.iter().map(|cell| self.surface.rays[*cell].since_ms));
            let stood = now.saturating_sub(since);
            if stood < PATIENCE_MS && self.is_ragged(&part) {
                continue;
            }
            let (change, inside) = self.change(&part);
            let product = change.area >= CHANGE && inside;
            if !product {
                if stood > UNCLAIMED_MS || !inside {
                    self.surface.settle(&part, now);
                }
                continue;
            }
            let matched = middle(part.iter().map(|cell| self.surface.rays[*cell].matched_ms));
            let whose = self.whose(change.at, since, matched);
            let hidden = stood > UNCLAIMED_MS
                && change.is_sure()
                && change.area >= HAND
                && HIDDEN_MS.contains(&since.saturating_sub(matched));
            if stood < PATIENCE_MS && whose.is_some_and(|whose| self.touches[whose].is_at(change.at)) {
                continue;
            }
            if whose.is_none() && hidden {
                self.touches.push(Touch::hidden(matched, since, &change));
            }
            if let Some(whose) = whose.or_else(|| hidden.then(|| self.touches.len() - 1)) {
                self.touches[whose].changes.push(change);
            } else if stood <= UNCLAIMED_MS {
                continue;
            }
            self.surface.settle(&part, now);
        }
    }

    /// Whether a change may go on behind somebody who is in the way.
    fn is_ragged(&self, part: &[usize]) -> bool {
        let edge = part.iter().filter(|cell| self.grid.around(**cell).any(|near| self.blocked[near])).count();
        edge as f32 > part.len() as f32 * RAGGED
    }

    /// What changed in a part, and whether that was in the box.
    fn change(&self, part: &[usize]) -> (Change, bool) {
        let share = 1.0 / part.len() as f32;
        let mut change = Change::default();
        for &cell in part {
            let ray = self.surface.rays[cell];
            let (place, centre, area) = (self.at(cell, ray.nearer()), self.grid.centre(cell), self.area(ray.nearer()));
            let deepened = ray.run - ray.settled;
            change.area += area;
            change.volume += area * deepened.clamp(-THICK, THICK) / 1000.0;
            change.steps += deepened / crate::place::depth_noise(ray.run) * share;
            change.distance += ray.nearer() / 1000.0 * share;
            (0..3).for_each(|i| change.at[i] += place[i] * share);
            (0..2).for_each(|i| change.pixel[i] += centre[i] * share);
        }
        let inside = self.space.contains(change.at, 0.0);
        (change, inside)
    }

    /// Whose hand changed what was last seen as settled at one time, and as it is now since another: that which came nearest.
    fn whose(&self, at: [f32; 3], since: u64, matched: u64) -> Option<usize> {
        let near = self.touches.iter().enumerate().filter_map(|(i, touch)| {
            let during = touch.start_ms <= since + 300 && touch.ended_ms.is_none_or(|end| matched <= end + 300);
            let (least, ..) = touch.visit(at).filter(|_| during && touch.is_sure())?;
            (least < TOUCHED).then_some((i, least))
        });
        near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    }
}

/// What is told of a hand that has gone.
fn tell(touch: &mut Touch, reach_ms: u64) -> Vec<Happening> {
    let Some(end_ms) = touch.ended_ms.filter(|_| touch.is_sure()) else { return Vec::new() };
    let act = touch.act();
    if touch.told && act.is_none() {
        return Vec::new();
    }
    let person = touch.person();
    if act.is_some() && end_ms - touch.start_ms < ACT_MS {
        // It cannot have been done so quickly: the hand was hidden before.
        touch.start_ms = end_ms.saturating_sub(ACT_MS);
    }
    let start_ms = touch.start_ms;
    let mut told = Vec::new();
    let reaches = end_ms - start_ms >= reach_ms && !touch.grazes();
    if (reaches || act.is_some()) && !std::mem::replace(&mut touch.told, true) {
        let contact = touch.path.get(touch.path.len() / 2).map_or([0.0; 2], |(.., pixel)| *pixel);
        let contact = act.as_ref().map_or(contact, |act| act.pixel);
        let confidence = 0.5 + 0.5 * (touch.largest / (4.0 * HAND)).min(1.0);
        told.push(Happening { kind: Kind::Reach, start_ms, end_ms, contact, person, confidence });
    }
    if let Some((act, (_, first, last))) = act.and_then(|act| Some((touch.visit(act.at)?, act))).map(|(v, a)| (a, v)) {
        let (kind, start_ms, end_ms) = if act.volume > 0.0 {
            (Kind::Take, first.min(end_ms.saturating_sub(ACT_MS)).max(start_ms), end_ms)
        } else {
            (Kind::PutBack, start_ms, last.max(start_ms + ACT_MS).min(end_ms))
        };
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
