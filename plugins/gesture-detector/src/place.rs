//! How a place looks when nobody is in the way.
//!
//! Every cell has a *settled* look: what stands there, or the bare shelf. It is followed slowly while it is seen, and kept while something is in front. Beside it runs
//! how the cell looks now and since when, so that a new look can settle after the hand has gone.

use crate::grid::{Grid, parts};
use crate::look::Look;

/// Looks nearer than this to a run belong to it.
const SAME_RUN: f32 = 0.75;
/// A cell looks otherwise than settled beyond this.
const DIFFERS: f32 = 1.0;
/// How fast a settled look is followed, per second.
const FOLLOW: f32 = 0.15;
/// Depth that differs by more than this share of the distance squared (metres) plus [`DEPTH_LEAST`] is another thing: four standard deviations of a stereo sensor
/// (RealSense D400: 2 % at 4 m, so 1.25 mm per square metre).
const DEPTH_SQUARE: f32 = 5.0;
/// Millimetres.
const DEPTH_LEAST: f32 = 12.0;

/// What is seen of a zone at one time.
#[derive(Debug, Clone)]
pub struct View {
    /// Milliseconds since the detector was made.
    pub at_ms: u64,
    /// How each cell looks.
    pub looks: Vec<Look>,
    /// Which cells are not under a mask.
    pub known: Vec<bool>,
    /// The depth of each cell in millimetres, 0 for none.
    pub depth: Option<Vec<u16>>,
    /// Tracks of people at that time, with their bodies.
    pub people: std::rc::Rc<[crate::people::Seen]>,
}

/// A zone's memory.
#[derive(Debug)]
pub struct Place {
    /// What is known of each cell.
    pub cells: Vec<Cell>,
    last_ms: u64,
}

/// What is known of one cell.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// How it looks when nobody is in the way.
    pub settled: Look,
    /// Its depth then, in millimetres; 0 when unknown.
    pub settled_depth: f32,
    /// What counts as a difference here, in units of [`Look::distance`]: more where it flickers.
    pub noise: f32,
    /// How it looks now, over the run.
    pub run: Look,
    /// Its depth over the run; 0 when unknown.
    pub run_depth: f32,
    /// Since when it looks so.
    pub run_start: u64,
    /// For how many frames.
    pub run_frames: u32,
    /// When it last looked settled.
    pub matched: u64,
    /// How it looked before its last change, and which way that went: 1 for a product gone, −1 for one come.
    pub former: Option<(Look, f32)>,
    /// Whether it looks otherwise than settled, in this frame.
    pub differs: bool,
}

// === impl Place ===

impl Place {
    /// From the first seconds. Somebody may stand in the way in part of them, so each cell takes the look that it has longest; but what stands still from the first
    /// frame and is gone later is a product, unless it comes from outside the zone.
    pub fn begin(grid: &Grid, views: &[View]) -> Self {
        let kinds: Vec<Vec<Sort>> = (0..grid.len()).map(|cell| sorts(cell, views)).collect();
        let start_ms = views.first().map_or(0, |v| v.at_ms);
        let mut cells: Vec<Cell> = kinds.iter().map(|sorts| Cell::begin(longest(sorts), start_ms)).collect();
        let first = |cell: usize| kinds[cell].first().filter(|s| s.at_start && s.first_run >= 2);
        let other = |cell: usize| first(cell).is_some_and(|s| s.look.distance(cells[cell].settled) > DIFFERS);
        let gone: Vec<bool> = (0..grid.len()).map(other).collect();
        for part in parts(grid, &gone) {
            let inside = part.iter().filter(|cell| grid.inside(**cell)).count();
            let in_zone = inside * 10 >= part.len() * 8;
            if in_zone && part.len() >= 6 {
                for cell in part {
                    if let Some(sort) = first(cell) {
                        let noise = cells[cell].noise;
                        cells[cell] = Cell { noise, ..Cell::begin(Some(sort), start_ms) };
                    }
                }
            }
        }
        Self { cells, last_ms: start_ms }
    }

    /// Takes in the next view.
    pub fn see(&mut self, view: &View) {
        let seconds = view.at_ms.saturating_sub(self.last_ms).min(500) as f32 / 1000.0;
        self.last_ms = view.at_ms;
        for (i, cell) in self.cells.iter_mut().enumerate() {
            if !view.known[i] {
                cell.differs = false;
                cell.run_frames = 0;
                continue;
            }
            let depth = view.depth.as_ref().map_or(0.0, |d| f32::from(d[i]));
            cell.see(view.looks[i], depth, view.at_ms, seconds);
        }
    }

    /// The looks of these cells now become settled; `gone` is 1 when a product went, −1 when one came, 0 when neither is known.
    pub fn settle(&mut self, part: &[usize], gone: f32) {
        for &i in part {
            let cell = &mut self.cells[i];
            cell.former = Some((cell.settled, gone));
            cell.settled = cell.run;
            if cell.run_depth > 0.0 {
                cell.settled_depth = cell.run_depth;
            }
            cell.matched = self.last_ms;
            cell.differs = false;
        }
    }
}

// === impl Cell ===

impl Cell {
    fn begin(sort: Option<&Sort>, at_ms: u64) -> Self {
        let (look, depth, noise) = sort.map_or((Look::default(), 0.0, 0.0), |s| (s.look, s.depth, s.noise()));
        Self {
            settled: look,
            settled_depth: depth,
            noise: (3.5 * noise).clamp(1.0, 2.5),
            run: look,
            run_depth: depth,
            run_start: at_ms,
            run_frames: 0,
            matched: at_ms,
            former: None,
            differs: false,
        }
    }

    fn see(&mut self, look: Look, depth: f32, at_ms: u64, seconds: f32) {
        let other_depth = self.run_depth > 0.0 && depth > 0.0 && depth_differs(self.run_depth, depth);
        if self.run_frames > 0 && look.distance(self.run) < SAME_RUN * self.noise && !other_depth {
            self.run_frames += 1;
            let share = 1.0 / self.run_frames.min(10) as f32;
            self.run = self.run.towards(look, share);
            if depth > 0.0 {
                self.run_depth =
                    if self.run_depth > 0.0 { self.run_depth + (depth - self.run_depth) * share } else { depth };
            }
        } else {
            (self.run, self.run_depth, self.run_start, self.run_frames) = (look, depth, at_ms, 1);
        }
        let deeper = self.settled_depth > 0.0 && depth > 0.0 && depth_differs(self.settled_depth, depth);
        self.differs = look.distance(self.settled) > DIFFERS * self.noise || deeper;
        if !self.differs {
            self.matched = at_ms;
            self.settled = self.settled.towards(look, FOLLOW * seconds);
            if depth > 0.0 {
                let by = if self.settled_depth > 0.0 { FOLLOW * seconds } else { 1.0 };
                self.settled_depth += (depth - self.settled_depth) * by;
            }
        }
    }

    /// By how many millimetres what is here now is farther away than what is settled; `None` when either is unknown.
    pub fn deepened(&self) -> Option<f32> {
        (self.settled_depth > 0.0 && self.run_depth > 0.0).then_some(self.run_depth - self.settled_depth)
    }

    /// How much nearer than what is settled this depth (millimetres) is, in units of what can be told apart; `None` when either is unknown.
    pub fn nearer_by(&self, depth: f32) -> Option<f32> {
        (self.settled_depth > 0.0 && depth > 0.0).then(|| (self.settled_depth - depth) / depth_noise(depth))
    }
}

/// Whether two depths, in millimetres, are of different things.
fn depth_differs(a: f32, b: f32) -> bool {
    (a - b).abs() > depth_noise(a.min(b))
}

/// What counts as a difference in depth at this distance; both in millimetres.
pub fn depth_noise(depth: f32) -> f32 {
    let metres = depth / 1000.0;
    DEPTH_LEAST + DEPTH_SQUARE * metres * metres
}

/// A look that a cell has had in the first seconds.
#[derive(Debug)]
struct Sort {
    look: Look,
    depth: f32,
    frames: u32,
    squares: f32,
    at_start: bool,
    /// Frames from the first one on without a break.
    first_run: u32,
}

impl Sort {
    fn noise(&self) -> f32 {
        if self.frames < 4 { 0.0 } else { (self.squares / self.frames as f32).sqrt() }
    }
}

fn sorts(cell: usize, views: &[View]) -> Vec<Sort> {
    let mut sorts: Vec<Sort> = Vec::new();
    let mut last = None;
    for (number, view) in views.iter().enumerate() {
        if !view.known[cell] {
            last = None;
            continue;
        }
        let look = view.looks[cell];
        let depth = view.depth.as_ref().map_or(0.0, |d| f32::from(d[cell]));
        let of_same = |s: &Sort| {
            s.look.distance(look) < SAME_RUN && !(s.depth > 0.0 && depth > 0.0 && depth_differs(s.depth, depth))
        };
        let index = match sorts.iter().position(of_same) {
            Some(index) => {
                let sort = &mut sorts[index];
                sort.frames += 1;
                let off = sort.look.distance(look);
                sort.squares += off * off;
                sort.look = sort.look.towards(look, 1.0 / sort.frames as f32);
                if depth > 0.0 {
                    sort.depth =
                        if sort.depth > 0.0 { sort.depth + (depth - sort.depth) / sort.frames as f32 } else { depth };
                }
                if sort.at_start && last == Some(index) && sort.first_run == number as u32 {
                    sort.first_run += 1;
                }
                index
            }
            None => {
                let at_start = number == 0;
                sorts.push(Sort { look, depth, frames: 1, squares: 0.0, at_start, first_run: u32::from(at_start) });
                sorts.len() - 1
            }
        };
        last = Some(index);
    }
    sorts
}

fn longest(sorts: &[Sort]) -> Option<&Sort> {
    sorts.iter().max_by_key(|sort| sort.frames)
}
