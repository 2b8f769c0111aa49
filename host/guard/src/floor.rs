//! The floor: what the host sees for itself.
//!
//! A background model finds what differs from the place as it is when nothing happens, and what differs from a moment ago. It works on a reduced
//! picture of [cells](grid), follows changes of light, and learns slowly, but never what looks like a person until that has not moved for
//! five minutes. From the second frame on everything that moves is seen. What differs is joined into silhouettes, and the top of each is a head zone.
//!
//! Where the camera has depth, and it is known where it stands, heads are sought [in space](heads): depth decides wherever it says anything, and colour elsewhere
//! ([`solid`]).
//!
//! Somebody who is there in the first frame and never moves is not seen: finding such people is the filter's work.

mod background;
mod depth;
mod grid;
mod head;
mod heads;
mod moving;
mod silhouette;
mod solid;
mod space;
mod width;

use std::time::Duration;

use ndarray::Array2;
use sluis_frame::{Frame, Person, Raw, Size, Timestamp};

use self::background::{Background, Change};
use self::depth::DepthBackground;
use self::grid::Grid;
use self::silhouette::Silhouettes;
use self::solid::Found;
use self::space::Space;
use crate::sight::Sight;
use crate::vantage::Vantage;

/// Share of the picture that must change at once to be an upheaval: nobody fills that much of a shop camera's picture for long.
const UPHEAVAL: f32 = 0.6;

/// The share of outlines that must have moved in most parts of the picture for the camera itself to move. With fixed cameras it was 0.25 at most, before a man who came close; with a camera in a hand
/// 0.55 on average.
const CAMERA_MOVES: f32 = 0.35;
/// A camera that has moved counts as moving for this long.
const COMES_TO_REST: Duration = Duration::from_secs(1);

/// The floor of one camera.
#[derive(Debug)]
pub struct Floor {
    grid: Grid,
    background: Background,
    depth: DepthBackground,
    /// `None` when it is not known where the camera stands and how it sees.
    space: Option<Space>,
    /// When the camera itself moved last.
    moved: Option<Duration>,
    /// The last capture, and its time since the first.
    last: Option<(Timestamp, Duration)>,
}

// === impl Floor ===

impl Floor {
    /// A floor for pictures of `size` that has not seen anything.
    pub fn new(size: Size) -> Self {
        Self {
            grid: Grid::new(size),
            background: Background::new(),
            depth: DepthBackground::new(),
            space: None,
            moved: None,
            last: None,
        }
    }

    /// The same, and it is known from where the camera sees: with depth, only heads in space are masked, not the upper part of every silhouette.
    #[must_use]
    pub fn seen_from(mut self, vantage: Option<Vantage>) -> Self {
        self.space = vantage.map(|vantage| Space::new(&self.grid, &vantage));
        self
    }

    /// Looks at the next frame. Frames come in the order of capture.
    ///
    /// A frame of another size is an upheaval: the floor begins anew with that size, and does not know how such pictures are taken.
    pub fn observe(&mut self, frame: &Frame<Raw>) -> Sight {
        let resized = frame.size() != self.grid.size();
        if resized {
            *self = Self { last: self.last, ..Self::new(frame.size()) };
        }
        let captured = frame.header().captured;
        // Only distances count, so a clock that is set back does no harm.
        let at = self.last.map_or(Duration::ZERO, |(before, at)| at + captured.since(before));
        self.last = Some((captured, at));

        let now = self.grid.reduce(frame.picture());
        let mut change = self.background.compare(at, &now);
        let distances = frame.depth().map(|depth| self.grid.reduce_depth(depth));
        let solid = self.space.as_ref().zip(distances.as_ref());
        let solid = solid.and_then(|(space, now)| solid::people(&self.grid, space, &self.depth, now, &change));
        if let Some(distances) = &distances {
            self.depth.compare(distances, &mut change);
            self.depth.learn(at, distances, &change);
        }
        let silhouettes = Silhouettes::of(&change.degree);
        let Found { mut people, limbs } = solid.unwrap_or_else(|| self.flat(&change, &silhouettes));
        people.sort_by_key(|person| std::cmp::Reverse(person.body.area()));
        let moving = moving::blocks(&self.grid, &change.degree);
        if change.outlines > CAMERA_MOVES {
            self.moved = Some(at);
        }
        let camera_moves = self.moved.is_some_and(|then| at.saturating_sub(then) < COMES_TO_REST);
        let upheaval = resized || share(&change.degree) > UPHEAVAL;
        if upheaval {
            self.background.restart(at, now);
            // Distances that were learned from elsewhere would explain away whoever is farther.
            self.depth = DepthBackground::new();
        } else {
            self.background.learn(at, now, &change, &silhouettes.numbers);
        }
        Sight { people, limbs, moving, upheaval, camera_moves }
    }

    /// People as silhouettes.
    fn flat(&self, change: &Change, silhouettes: &Silhouettes) -> Found {
        let mut people = head::people(&self.grid, silhouettes);
        // Whoever walks in front of others is one silhouette with them, but moves alone.
        for walking in head::people(&self.grid, &Silhouettes::of(&change.motion)) {
            // Much the same zone need not be told twice; a small one within a large one must have a track of its own.
            let known = |p: &Person| p.head.union(walking.head) == p.head && p.head.iou(walking.head) > 0.5;
            if !people.iter().any(known) {
                people.push(walking);
            }
        }
        Found { people, limbs: Vec::new() }
    }
}

/// Share of cells that differ.
fn share(degree: &Array2<f32>) -> f32 {
    degree.iter().filter(|d| **d > 1.0).count() as f32 / degree.len() as f32
}
