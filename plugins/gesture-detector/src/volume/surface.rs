//! What a depth camera sees of a zone: the settled surface, and what lies before it.

use crate::grid::Grid;
use crate::place::depth_noise;

/// A surface is known, and a change of it is one, after so many frames: the mean of so many readings has a third of the noise of one.
const SURE_FRAMES: u32 = 7;
/// It is seen where it is settled when so many readings in a row say so.
const MATCH_FRAMES: u32 = 3;
/// The mean counts at most so many readings, so that it follows.
const MEAN_FRAMES: u32 = 15;
/// A surface not seen for so long is begun anew when it is seen again.
const UNSEEN_MS: u64 = 500;
/// How fast the settled surface is followed, per second: sensors drift as they warm up.
const FOLLOW: f32 = 0.15;
/// A mean that differs from the settled one by this many millimetres, and this many more per square metre of distance, is another surface. Three standard deviations of
/// the mean of [`SURE_FRAMES`] readings of a stereo sensor (2.6 mm per square metre), each the middle one of some pixels.
const CHANGE_LEAST: f32 = 10.0;
const CHANGE_SQUARE: f32 = 1.5;
/// Neighbours whose depths differ by no more than this (millimetres) and half a step of the sensor are of one thing.
const ONE_THING: f32 = 60.0;

/// The surface along one ray; depths in millimetres, 0 for unknown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ray {
    /// Where it is when nobody is in the way.
    pub settled: f32,
    /// Where it is now: the mean since `since_ms`.
    pub run: f32,
    /// Since when it is there.
    pub since_ms: u64,
    /// When it was last seen where it is settled.
    pub matched_ms: u64,
    /// When it was last seen at all.
    pub seen_ms: u64,
    frames: u32,
    /// The reading of this frame; 0 for none.
    pub now: f32,
}

/// The surface of a zone and its surroundings.
#[derive(Debug)]
pub struct Surface {
    /// One for each cell of the grid.
    pub rays: Vec<Ray>,
}

// === impl Ray ===

impl Ray {
    fn see(&mut self, reading: f32, at_ms: u64, seconds: f32) {
        self.now = reading;
        if reading == 0.0 {
            return;
        }
        let noise = depth_noise(reading);
        if self.frames > 0 && (reading - self.run).abs() < noise && at_ms - self.seen_ms <= UNSEEN_MS {
            self.frames += 1;
            self.run += (reading - self.run) / self.frames.min(MEAN_FRAMES) as f32;
        } else {
            (self.run, self.since_ms, self.frames) = (reading, at_ms, 1);
        }
        self.seen_ms = at_ms;
        if self.settled == 0.0 {
            if self.frames >= SURE_FRAMES {
                (self.settled, self.matched_ms) = (self.run, at_ms);
            }
        } else if !self.unsettled() && (reading - self.settled).abs() < noise {
            // One reading of a surface a little off may lie near the settled one by chance.
            if self.frames >= MATCH_FRAMES {
                self.matched_ms = at_ms;
            }
            if self.frames >= SURE_FRAMES {
                self.settled += (self.run - self.settled) * FOLLOW * seconds;
            }
        }
    }

    /// Whether a surface is surely another one than settled.
    pub fn changed(&self) -> bool {
        self.frames >= SURE_FRAMES && self.unsettled()
    }

    /// Whether something lies before the settled surface in this frame.
    pub fn covered(&self) -> bool {
        self.now > 0.0 && self.settled - self.now > depth_noise(self.now)
    }

    /// Whether what is seen in this frame may be of one thing with what a neighbour sees.
    pub fn is_one_thing(&self, neighbour: &Self) -> bool {
        (self.now - neighbour.now).abs() < ONE_THING + depth_noise(self.now.min(neighbour.now)) / 2.0
    }

    /// By how much another surface is farther away, in millimetres, once it is sure enough to be told from the settled one.
    fn step(&self) -> f32 {
        CHANGE_LEAST + CHANGE_SQUARE * (self.run / 1000.0).powi(2)
    }

    /// Whether it is, or may be about to become, another one than settled.
    pub fn unsettled(&self) -> bool {
        self.settled > 0.0 && (self.run - self.settled).abs() > self.step()
    }

    /// The nearer of the settled and the present surface: where the product was, or is.
    pub fn nearer(&self) -> f32 {
        self.settled.min(self.run)
    }
}

// === impl Surface ===

impl Surface {
    /// Of so many cells, of which nothing is known.
    pub fn new(cells: usize) -> Self {
        Self { rays: vec![Ray::default(); cells] }
    }

    /// Takes in the depths of a frame, in millimetres; 0, and cells that are not `known`, say nothing.
    pub fn see(&mut self, depth: &[u16], known: &[bool], at_ms: u64, seconds: f32) {
        for (i, ray) in self.rays.iter_mut().enumerate() {
            ray.see(if known[i] { f32::from(depth[i]) } else { 0.0 }, at_ms, seconds);
        }
    }

    /// The present surface of these cells becomes the settled one.
    pub fn settle(&mut self, part: &[usize], at_ms: u64) {
        for cell in part {
            let ray = &mut self.rays[*cell];
            (ray.settled, ray.matched_ms) = (ray.run, at_ms);
        }
    }

    /// What lies before the settled surface, in things: neighbours at about one depth.
    pub fn things(&self, grid: &Grid) -> Vec<Vec<usize>> {
        let covered: Vec<bool> = self.rays.iter().map(Ray::covered).collect();
        self.joined(grid, &covered, Ray::is_one_thing)
    }

    /// Cells of a set in parts: neighbours of which `one` holds.
    pub fn joined(&self, grid: &Grid, set: &[bool], one: impl Fn(&Ray, &Ray) -> bool) -> Vec<Vec<usize>> {
        let mut left = set.to_vec();
        let mut parts = Vec::new();
        for start in 0..set.len() {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            let (mut part, mut next) = (vec![start], 0);
            while next < part.len() {
                for near in grid.around(part[next]) {
                    if left[near] && one(&self.rays[part[next]], &self.rays[near]) {
                        left[near] = false;
                        part.push(near);
                    }
                }
                next += 1;
            }
            parts.push(part);
        }
        parts
    }
}
