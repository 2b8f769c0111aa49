//! One hand in the space of a zone, and what it changed there.

/// The hand was at a place while it was no farther from it than this beyond the least distance, in metres.
const AT: f32 = 0.05;
/// Parts that changed no farther apart than this, in metres, are of one product.
const ONE_PRODUCT: f32 = 0.16;
/// When less than this share of what moved is left in sum, it was only shifted.
const SHIFTED: f32 = 0.3;

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
    /// The largest surface that was seen of it in the zone, in square metres.
    pub largest: f32,
    /// The cells in which it was last seen.
    pub cells: Vec<usize>,
    /// Where its middle was, frame by frame: time, metres in the shop's frame, camera pixels.
    pub path: Vec<(u64, [f32; 3], [f32; 2])>,
    /// Who was nearest, frame by frame.
    pub near: Vec<u32>,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// A part of the settled surface that is another one after a hand was there.
#[derive(Debug, Clone)]
pub struct Change {
    /// What went (positive) or came (negative), in cubic metres along the rays.
    pub volume: f32,
    /// By how much the surface moved, in units of what can be told apart.
    pub steps: f32,
    /// Its middle, in metres in the shop's frame.
    pub at: [f32; 3],
    /// The same in camera pixels.
    pub pixel: [f32; 2],
    /// When it was found.
    pub found_ms: u64,
    /// Whether what was done here was told.
    pub told: bool,
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

    /// The person who was nearest most of the time.
    pub fn person(&self) -> Option<u32> {
        let count = |track: u32| self.near.iter().filter(|t| **t == track).count();
        self.near.iter().copied().max_by_key(|track| (count(*track), std::cmp::Reverse(*track)))
    }

    /// What was done and not told yet: changes near one another in one.
    pub fn acts(&mut self) -> Vec<Change> {
        let mut acts = Vec::new();
        while let Some(first) = self.changes.iter().position(|change| !change.told) {
            let at = self.changes[first].at;
            let group: Vec<usize> =
                (0..self.changes.len()).filter(|i| distance(self.changes[*i].at, at) <= ONE_PRODUCT).collect();
            let known = group.iter().any(|i| self.changes[*i].told);
            let moved: f32 = group.iter().map(|i| self.changes[*i].volume.abs()).sum();
            let volume: f32 = group.iter().map(|i| self.changes[*i].volume).sum();
            let with = group.iter().filter(|i| self.changes[**i].volume * volume > 0.0);
            let largest = with.max_by(|a, b| self.changes[**a].volume.abs().total_cmp(&self.changes[**b].volume.abs()));
            // More of a product that was told already is no second one.
            if let Some(largest) = largest.filter(|_| !known && volume.abs() > SHIFTED * moved) {
                acts.push(Change { volume, ..self.changes[*largest].clone() });
            }
            group.iter().for_each(|i| self.changes[*i].told = true);
        }
        acts
    }
}

/// In metres.
pub fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
}
