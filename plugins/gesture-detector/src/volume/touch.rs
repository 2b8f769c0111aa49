//! One hand in the space of a zone, and what it changed there.

use super::Sight;
use super::hands::Hand;
use crate::people::most_often;

/// The hand was at a place while it was no farther from it than this beyond the least distance, in metres.
const AT: f32 = 0.05;
/// What is seen this near to the middle of a hand, in metres, may be the hand or its arm.
const NEAR: f32 = 0.25;
/// Parts that changed no farther apart than this, in metres, are of one product.
const ONE_PRODUCT: f32 = 0.16;
/// When less than this share of what moved is left in sum, it was only shifted.
const SHIFTED: f32 = 0.3;
/// What is less than this, in cubic metres as seen along the rays, is no product: a tenth of a litre.
const PRODUCT: f32 = 1e-4;
/// And what the sensor's noise can feign is none: patches of six pixels err together, so their surface, and the depth by which they err, each grow with the square of
/// the distance. A quarter of a litre at five metres is a patch or two by three standard deviations; in cubic metres at one metre.
const FEIGNED: f32 = 4e-7;
/// A hand that is not seen for so long has gone.
const GONE_MS: u64 = 400;
/// Unless a mask lies where it was, or something that may be it: then it is waited for so long.
const HIDDEN_MS: u64 = 2_000;
/// A hand is seen so many times; noise is not.
const SIGHTINGS: usize = 4;
/// Or fewer times, when it is this large, in square metres: most of a hand.
const LARGE: f32 = 0.0060;
const LARGE_SIGHTINGS: usize = 2;
/// Who comes no farther into the box than this (metres), and for less than this (milliseconds), has brushed past: reaches last a second and more, and bags swing.
const GRAZE: f32 = 0.05;
const GRAZE_MS: u64 = 1_000;
/// A hand that is seen for less than this, and was first seen beside a mask, had been behind it before.
const SHORT_MS: u64 = 500;
/// But no longer than this, in milliseconds: hands come in and go out again within one or two seconds.
const BEFORE_MS: u64 = 1_000;

/// A hand that is, or was, in the space of a zone.
#[derive(Debug, Default)]
pub struct Touch {
    /// The first frame, in milliseconds.
    pub start_ms: u64,
    /// The last frame on which it was there.
    pub seen_ms: u64,
    /// When it had gone; `None` while it is there.
    pub ended_ms: Option<u64>,
    /// Whether the reach was told.
    pub told: bool,
    /// Whether what it did was told.
    pub done: bool,
    /// The largest surface that was seen of it in the zone, in square metres.
    pub largest: f32,
    /// The cells in which it was last seen.
    pub cells: Vec<usize>,
    /// Where its middle was, frame by frame: time, metres in the shop's frame, camera pixels.
    pub path: Vec<(u64, [f32; 3], [f32; 2])>,
    /// Who was nearest, frame by frame.
    pub near: Vec<u32>,
    /// How far it came into the box, in metres.
    pub depth: f32,
    /// Frames in which it was not seen though nothing hid it.
    pub misses: usize,
    /// Since when a mask hid what is beside it, when it was first seen beside one.
    pub hidden_ms: Option<u64>,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// A part of the settled surface that is another one after a hand was there.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its surface, in square metres.
    pub area: f32,
    /// How far from the camera it is, in metres.
    pub distance: f32,
    /// What went (positive) or came (negative), in cubic metres along the rays.
    pub volume: f32,
    /// By how much the surface moved, in units of what can be told apart.
    pub steps: f32,
    /// Its middle, in metres in the shop's frame.
    pub at: [f32; 3],
    /// The same in camera pixels.
    pub pixel: [f32; 2],
}

// === impl Touch ===

impl Touch {
    /// How near it came to a place, in metres, and the first and last time when it was there.
    pub fn visit(&self, place: [f32; 3]) -> Option<(f32, u64, u64)> {
        let least = self.path.iter().map(|(_, at, _)| distance(*at, place)).reduce(f32::min)?;
        let mut there = self.path.iter().filter(|(_, at, _)| distance(*at, place) <= least + AT).map(|(ms, ..)| *ms);
        let first = there.next()?;
        Some((least, first, there.next_back().unwrap_or(first)))
    }

    /// Whether it is, in this frame, so near to a place that it may be what is seen there.
    pub fn is_at(&self, place: [f32; 3]) -> bool {
        self.ended_ms.is_none() && self.path.last().is_some_and(|(_, at, _)| distance(*at, place) < NEAR)
    }

    /// The person who was nearest most of the time.
    pub fn person(&self) -> Option<u32> {
        most_often(&self.near)
    }

    /// A hand that nobody saw between two times, and that changed something.
    pub fn hidden(start_ms: u64, end_ms: u64, change: &Change) -> Self {
        let path = [start_ms, end_ms].map(|ms| (ms, change.at, change.pixel)).to_vec();
        Self { start_ms, seen_ms: end_ms, ended_ms: Some(end_ms), largest: LARGE, path, ..Self::default() }
    }

    /// It is seen in the next frame.
    pub fn go_on(&mut self, sight: &Sight, hand: Hand) {
        self.seen_ms = sight.at_ms;
        self.largest = self.largest.max(hand.area);
        self.depth = self.depth.max(hand.depth);
        self.path.push((sight.at_ms, hand.middle, hand.pixel));
        self.cells = hand.cells;
        let away = |person: &&crate::people::Seen| person.distance(hand.pixel);
        let nearest = sight.people.iter().min_by(|a, b| away(a).total_cmp(&away(b)));
        if let Some(person) = nearest.filter(|person| away(person) < person.reach()) {
            self.near.push(person.track);
        }
    }

    /// It is not seen in the next frame: hidden, or where only `doubtful` cells (in order) are, or gone.
    pub fn miss(&mut self, sight: &Sight, doubtful: &[usize]) {
        let hidden =
            self.cells.iter().filter(|cell| !sight.known[**cell] || doubtful.binary_search(cell).is_ok()).count();
        let hidden = hidden * 3 > self.cells.len();
        self.misses += usize::from(!hidden);
        if sight.at_ms - self.seen_ms > if hidden { HIDDEN_MS } else { GONE_MS } {
            self.end();
        }
    }

    /// It has gone.
    pub fn end(&mut self) {
        if self.ended_ms.replace(self.seen_ms).is_none()
            && self.seen_ms - self.start_ms < SHORT_MS
            && let Some(hidden_ms) = self.hidden_ms
        {
            self.start_ms = hidden_ms.max(self.start_ms.saturating_sub(BEFORE_MS)).min(self.start_ms);
            if let Some(first) = self.path.first().copied() {
                self.path.insert(0, (self.start_ms, first.1, first.2));
            }
        }
    }

    /// Whether it was seen well enough to be a hand.
    pub fn is_sure(&self) -> bool {
        let enough = if self.largest >= LARGE { LARGE_SIGHTINGS } else { SIGHTINGS };
        // After its end it was missed until it was given up.
        let given_up = if self.ended_ms.is_some() { self.misses.min(6) } else { 0 };
        self.path.len() >= enough && self.path.len() + given_up >= self.misses
    }

    /// Whether somebody only brushed past.
    pub fn grazes(&self) -> bool {
        self.depth < GRAZE && self.seen_ms - self.start_ms < GRAZE_MS
    }

    /// What was done, if that is sure and was not given out yet. A hand does one thing: when it seems to have done several, the one that moved most.
    pub fn act(&mut self) -> Option<Change> {
        if self.done {
            return None;
        }
        let acts = self.changes.iter().filter_map(|change| self.around(change));
        let act = acts.max_by(|a, b| a.volume.abs().total_cmp(&b.volume.abs()))?;
        self.done = true;
        Some(act)
    }

    /// The product around a change: parts near it in one.
    fn around(&self, change: &Change) -> Option<Change> {
        let near = || self.changes.iter().filter(|other| distance(other.at, change.at) <= ONE_PRODUCT);
        let moved: f32 = near().map(|part| part.volume.abs()).sum();
        let volume: f32 = near().map(|part| part.volume).sum();
        let mut sum = Change { volume, at: [0.0; 3], pixel: [0.0; 2], ..change.clone() };
        let same = || near().filter(|part| part.volume * volume > 0.0);
        let whole: f32 = same().map(|part| part.area).sum();
        for part in same() {
            let share = part.area / whole.max(f32::EPSILON);
            (0..3).for_each(|i| sum.at[i] += part.at[i] * share);
            (0..2).for_each(|i| sum.pixel[i] += part.pixel[i] * share);
        }
        (sum.is_product() && volume.abs() > SHIFTED * moved && volume * change.volume > 0.0).then_some(sum)
    }
}

// === impl Change ===

impl Change {
    /// Whether it is large enough to be a product and no noise.
    pub fn is_product(&self) -> bool {
        self.volume.abs() >= self.least()
    }

    /// Whether it is so even where nobody's hand was seen: twice as large.
    pub fn is_sure(&self) -> bool {
        self.volume.abs() >= 2.0 * self.least()
    }

    fn least(&self) -> f32 {
        PRODUCT.max(FEIGNED * self.distance.powi(4))
    }
}

/// In metres.
pub fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
}
