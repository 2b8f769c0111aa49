//! Hands in one zone, and what they change there.
//!
//! 1. What looks otherwise than settled is in the way, or has changed.
//! 2. What of it is in the zone, hangs together with something outside and moves, is a hand: a [reach](crate::reach).
//! 3. When the hand has gone from a part that still looks otherwise, and that part stands still, the part has changed; [witnesses](crate::change) tell which way.
//! 4. A while after the hand has left the zone, the reach and its changes are told.

use std::mem;

use sluis_sdk::gestures::Kind;

use crate::act::acts;
use crate::change::{self, Colours};
use crate::grid::{Grid, parts};
use crate::hand::{HAND_CELLS, Piece, hands, in_front, moving};
use crate::look::Look;
use crate::place::{Place, View};
use crate::reach::{Change, Reach};
use crate::space;

/// The first so many milliseconds are looked at as a whole, before anything is told.
const BEGIN_MS: u64 = 3_000;
/// A part that has stood still for so long has settled.
const SETTLE_MS: u64 = 400;
/// The same, in frames.
const SETTLE_FRAMES: u32 = 3;
/// What looks otherwise and was touched by nobody settles after so long.
const UNCLAIMED_MS: u64 = 5_000;
/// What hangs together with the outside settles after so long without movement: somebody left a trolley there.
const LEFT_MS: u64 = 30_000;
/// A hand that is not seen for so long has gone.
const GONE_MS: u64 = 350;
/// A hand that does not move for so long is none: it is something that was left there.
const STILL_MS: u64 = 2_000;
/// After a hand has gone, its changes are waited for so long.
const WAIT_MS: u64 = 1_500;
/// The fewest cells of a changed part.
const CHANGE_CELLS: usize = 10;
/// A hand must be so many cells deep in the zone at least once.
const DEEP: u8 = 3;
/// A hand that a mask hides is waited for so long.
const HIDDEN_MS: u64 = 3_000;
/// Where a mask lies over what a hand has touched, its changes are waited for this long in all: masks outlast what they are for by half a second, and more while
/// something there is new.
const MASKED_MS: u64 = 6_000;
/// Pieces of one hand that are seen within so short a time of each other are one reach.
const ONE_REACH_MS: u64 = 450;
/// And those that a mask lay between.
const ONE_MASKED_REACH_MS: u64 = 1_200;
/// Pieces that are nearer to each other than this share of the side of the larger one are of one hand.
const ONE_HAND: f32 = 0.5;

/// Something that happened in the zone.
#[derive(Debug, Clone)]
pub struct Happening {
    /// Reach, take or put-back.
    pub kind: Kind,
    /// First frame.
    pub start_ms: u64,
    /// Last frame.
    pub end_ms: u64,
    /// Where, in camera pixels.
    pub contact: [f32; 2],
    /// Who, when somebody was near.
    pub person: Option<u32>,
    /// 0 to 1.
    pub confidence: f32,
}

/// The watch over one zone.
#[derive(Debug)]
pub struct Watch {
    /// Its cells.
    pub grid: Grid,
    /// With depth: how far before what stands there something counts as in the zone, in millimetres.
    front: f32,
    reach_ms: u64,
    begin: Vec<View>,
    place: Option<Place>,
    before: Vec<View>,
    reaches: Vec<Reach>,
}

// === impl Watch ===

impl Watch {
    /// Over a zone of these cells; reaches shorter than `reach_ms` are not told.
    pub fn new(grid: Grid, front: f32, reach_ms: u64) -> Self {
        Self { grid, front, reach_ms, begin: Vec::new(), place: None, before: Vec::new(), reaches: Vec::new() }
    }

    /// Takes in the next view, and tells what has ended.
    pub fn see(&mut self, view: View) -> Vec<Happening> {
        if self.place.is_some() {
            return self.step(view);
        }
        let since = self.begin.first().map_or(0, |first| view.at_ms - first.at_ms);
        self.begin.push(view);
        if since < BEGIN_MS { Vec::new() } else { self.start() }
    }

    /// Tells what is still going on: nothing more is seen for a while.
    pub fn finish(&mut self) -> Vec<Happening> {
        let mut told = self.start();
        let Some(place) = &mut self.place else { return told };
        let now = self.before.last().map_or(0, |view| view.at_ms);
        judge(&self.grid, place, &mut self.reaches, &vec![false; self.grid.len()], now, true);
        for reach in &mut self.reaches {
            reach.ended_ms.get_or_insert(reach.seen_ms);
        }
        join(&self.grid, &mut self.reaches);
        for reach in mem::take(&mut self.reaches) {
            told.extend(self.tell(&reach));
        }
        self.before.clear();
        told
    }

    /// The first seconds as a whole.
    fn start(&mut self) -> Vec<Happening> {
        let begin = mem::take(&mut self.begin);
        if begin.is_empty() {
            return Vec::new();
        }
        self.place = Some(Place::begin(&self.grid, &begin));
        begin.into_iter().flat_map(|view| self.step(view)).collect()
    }

    fn step(&mut self, view: View) -> Vec<Happening> {
        let Some(place) = &mut self.place else { return Vec::new() };
        let grid = &self.grid;
        place.see(&view);
        let now = view.at_ms;
        let moving = moving(&view, self.before.first());
        let front = in_front(grid, place, &view);
        let holds = space::holds(&view, place, self.front);
        let hands = hands(grid, &view, &front, &moving, &holds);
        // Behind what comes from outside, and before the zone, nothing can be seen to have changed.
        let mut blocked: Vec<bool> = (0..grid.len()).map(|i| front[i] && holds[i] == Some(false)).collect();
        hands.iter().flat_map(|piece| &piece.cells).for_each(|cell| blocked[*cell] = true);
        link(grid, &view, &mut self.reaches, hands, place);
        for reach in self.reaches.iter_mut().filter(|r| r.ended_ms.is_none()) {
            if covered(&view, &reach.cells) && now - reach.seen_ms <= HIDDEN_MS {
                reach.moved_ms = now;
                reach.masked = true;
            } else if now - reach.seen_ms > GONE_MS {
                reach.ended_ms = Some(reach.seen_ms);
            } else if !reach.in_space && now - reach.moved_ms > STILL_MS {
                reach.ended_ms = Some(reach.moved_ms);
            }
        }
        join(grid, &mut self.reaches);
        judge(grid, place, &mut self.reaches, &blocked, now, false);
        let over = |r: &Reach| {
            let ago = r.ended_ms.map_or(0, |end| now.saturating_sub(end));
            ago > MASKED_MS || (ago > WAIT_MS && !covered(&view, &r.been))
        };
        let (ended, going) = mem::take(&mut self.reaches).into_iter().partition(over);
        self.reaches = going;
        // Movement is looked for over a tenth of a second: at 30 frames a second, a slow hand moves less than a cell between two.
        self.before.push(view);
        while self.before.len() > 1 && now - self.before[1].at_ms >= 90 {
            self.before.remove(0);
        }
        let ended: Vec<Reach> = ended;
        ended.iter().flat_map(|reach| self.tell(reach)).collect()
    }

    /// What is told of a reach that has ended.
    fn tell(&self, reach: &Reach) -> Vec<Happening> {
        let Some(end_ms) = reach.ended_ms else { return Vec::new() };
        let long = end_ms - reach.start_ms >= self.reach_ms && reach.frames >= 2;
        if !long || (!reach.in_space && reach.deepest.0 < DEEP) || reach.most < HAND_CELLS {
            return Vec::new();
        }
        let person = reach.person();
        let sure = 0.5 + 0.5 * (reach.frames as f32 / 10.0).min(1.0) * (f32::from(reach.deepest.0) / 10.0).min(1.0);
        let contact = reach.changes.first().map_or(self.grid.centre(reach.deepest.1), |change| change.centre);
        let mut told =
            vec![Happening { kind: Kind::Reach, start_ms: reach.start_ms, end_ms, contact, person, confidence: sure }];
        let acts = acts(&reach.changes, self.grid.cell_side());
        for (i, act) in acts.iter().enumerate() {
            let next = acts[i + 1..].iter().map(|c| c.covered_ms).find(|at| *at > act.settled_ms);
            let last = acts[..i].iter().map(|c| c.settled_ms).rfind(|at| *at < act.covered_ms);
            let (kind, start_ms, end) = if act.gone > 0.0 {
                // From contact until the product has left with the hand, or the hand turned to something else.
                (Kind::Take, act.covered_ms, next.unwrap_or(end_ms).min(end_ms))
            } else {
                // From when the product came with the hand until the hand has let go.
                (Kind::PutBack, last.unwrap_or(reach.start_ms), act.settled_ms)
            };
            let start_ms = start_ms.clamp(reach.start_ms, end_ms);
            told.push(Happening {
                kind,
                start_ms,
                end_ms: end.clamp(start_ms, end_ms),
                contact: act.centre,
                person,
                confidence: act.gone.abs().min(1.0),
            });
        }
        told
    }
}

/// Follows reaches from frame to frame.
fn link(grid: &Grid, view: &View, reaches: &mut Vec<Reach>, pieces: Vec<Piece>, place: &Place) {
    let going: Vec<usize> = (0..reaches.len()).filter(|i| reaches[*i].ended_ms.is_none()).collect();
    let near: Vec<Vec<bool>> = going.iter().map(|i| grid.grown(&grid.grown(&reaches[*i].cells))).collect();
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); going.len()];
    let mut new = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let touches = |g: usize| piece.cells.iter().filter(|cell| near[g][**cell]).count();
        let touched: Vec<usize> = (0..going.len()).filter(|g| touches(*g) > 0).collect();
        if touched.is_empty() && piece.moving && piece.attached {
            new.push(number);
        }
        touched.iter().for_each(|g| of[*g].push(number));
    }
    for number in new {
        reaches.push(Reach::new(view.at_ms, grid.len()));
        let reach = reaches.last_mut().expect("just pushed");
        follow(grid, view, reach, &[&pieces[number]], place);
    }
    for (g, numbers) in of.iter().enumerate().filter(|(_, numbers)| !numbers.is_empty()) {
        let pieces: Vec<&Piece> = numbers.iter().map(|n| &pieces[*n]).collect();
        follow(grid, view, &mut reaches[going[g]], &pieces, place);
    }
}

fn follow(grid: &Grid, view: &View, reach: &mut Reach, pieces: &[&Piece], place: &Place) {
    reach.cells.fill(false);
    reach.seen_ms = view.at_ms;
    reach.frames += 1;
    let mut colours: Colours = vec![0.0; Look::SORTS];
    let mut count = 0;
    for piece in pieces {
        if piece.moving {
            reach.moved_ms = view.at_ms;
        }
        reach.in_space |= piece.in_space;
        for &cell in &piece.cells {
            reach.cells[cell] = true;
            reach.been[cell] = true;
            if grid.within(cell) > reach.deepest.0 {
                reach.deepest = (grid.within(cell), cell);
            }
            count += 1;
        }
        // What stands still is not carried.
        for &cell in piece.cells.iter().chain(&piece.arm).filter(|c| place.cells[**c].run_frames < 4) {
            colours[view.looks[cell].sort()] += 1.0;
        }
    }
    reach.most = reach.most.max(count);
    reach.carries(colours);
    let touches = grid.centre(pieces[0].cells[0]);
    let from = pieces.iter().find_map(|p| p.arm.first()).map_or(touches, |cell| grid.centre(*cell));
    let nearest = view.people.iter().min_by(|a, b| a.distance(from).total_cmp(&b.distance(from)));
    if let Some(person) = nearest.filter(|p| p.distance(from) < p.reach()) {
        reach.near.push(person.track);
    }
}

/// Whether a mask lies over a third of these cells.
fn covered(view: &View, cells: &[bool]) -> bool {
    let (mut count, mut hidden) = (0, 0);
    for (known, _) in view.known.iter().zip(cells).filter(|(_, is)| **is) {
        count += 1;
        hidden += usize::from(!known);
    }
    hidden * 3 > count
}

/// Makes one reach of pieces of one hand: an arm may be seen in parts, where a sleeve looks like what is behind it.
fn join(grid: &Grid, reaches: &mut Vec<Reach>) {
    let meet = |a: &Reach, b: &Reach| {
        let end = |r: &Reach| r.ended_ms.unwrap_or(r.seen_ms);
        let gap = if a.masked || b.masked { ONE_MASKED_REACH_MS } else { ONE_REACH_MS };
        let near = a.start_ms <= end(b) + gap && b.start_ms <= end(a) + gap;
        near && {
            let apart = 3.max((ONE_HAND * (a.most.max(b.most) as f32).sqrt()) as u8);
            let steps = grid.steps_to(|cell| a.been[cell]);
            steps.iter().zip(&b.been).any(|(steps, been)| *been && *steps <= apart)
        }
    };
    let pair = |reaches: &[Reach]| {
        (0..reaches.len())
            .flat_map(|i| (i + 1..reaches.len()).map(move |j| (i, j)))
            .find(|(i, j)| meet(&reaches[*i], &reaches[*j]))
    };
    while let Some((i, j)) = pair(reaches) {
        let other = reaches.remove(j);
        reaches[i].join(other);
    }
}

/// Settles what has changed, and says which reach changed it.
fn judge(grid: &Grid, place: &mut Place, reaches: &mut [Reach], blocked: &[bool], now: u64, last: bool) {
    let still = |i: usize| {
        let cell = &place.cells[i];
        cell.differs && cell.run_frames >= SETTLE_FRAMES && now - cell.run_start >= SETTLE_MS
    };
    // A trolley that was left before the zone.
    let left = |i: usize| now - place.cells[i].run_start > LEFT_MS;
    let busy = grid.grown(blocked);
    let changed: Vec<bool> = (0..grid.len()).map(|i| still(i) && (last || !blocked[i] || left(i))).collect();
    if !changed.contains(&true) {
        return;
    }
    for part in parts(grid, &changed) {
        let middle = |time: &dyn Fn(usize) -> u64| {
            let mut times: Vec<u64> = part.iter().map(|c| time(*c)).collect();
            times.sort_unstable();
            times[times.len() / 2]
        };
        let settled_ms = middle(&|c| place.cells[c].run_start);
        let covered_ms = middle(&|c| place.cells[c].matched);
        let stood = now - settled_ms;
        if part.len() < CHANGE_CELLS {
            if stood > UNCLAIMED_MS {
                place.settle(&part, 0.0);
            }
            continue;
        }
        // Still in somebody's hand, or behind somebody's arm.
        if !last && stood <= LEFT_MS && part.iter().any(|cell| busy[*cell]) {
            continue;
        }
        let inside = part.iter().filter(|cell| grid.inside(**cell)).count();
        if inside * 2 < part.len() {
            // Something of the surroundings.
            if stood > if inside > 0 { LEFT_MS } else { UNCLAIMED_MS } {
                place.settle(&part, 0.0);
            }
            continue;
        }
        let touched = |r: &Reach| part.iter().filter(|cell| r.been[**cell]).count() * 3 >= part.len();
        let during = |r: &Reach| r.start_ms <= settled_ms + 200 && r.ended_ms.is_none_or(|end| covered_ms <= end + 200);
        let whose = (0..reaches.len()).filter(|i| touched(&reaches[*i]) && during(&reaches[*i])).max_by_key(|i| {
            let r = &reaches[*i];
            (part.iter().filter(|cell| r.been[**cell]).count(), r.start_ms)
        });
        match whose {
            Some(whose) => {
                let gone = change::gone(grid, place, &part, Some(&reaches[whose].carried()));
                let change = Change {
                    gone,
                    covered_ms,
                    settled_ms,
                    centre: centre(grid, &part),
                    size: part.len(),
                    looks: change::looks(place, &part),
                };
                reaches[whose].changes.push(change);
                place.settle(&part, gone.clamp(-1.0, 1.0));
            }
            None if stood > UNCLAIMED_MS => place.settle(&part, 0.0),
            None => {}
        }
    }
}

fn centre(grid: &Grid, part: &[usize]) -> [f32; 2] {
    let mut sum = [0.0; 2];
    for cell in part {
        let at = grid.centre(*cell);
        sum = [sum[0] + at[0], sum[1] + at[1]];
    }
    sum.map(|v| v / part.len() as f32)
}
