//! What differs from the place and from a moment ago: what the floor has in common with whoever looks at pictures that were cleared.

use std::time::Duration;

use ndarray::Array2;
use sluis_frame::{Depth, Picture, Size, Timestamp};

use super::background::{Background, Change};
use super::depth::DepthBackground;
use super::grid::{Grid, Tone};
use super::silhouette::Silhouettes;

/// Share of the picture that must change at once to be an upheaval: nobody fills that much of a shop camera's picture for long.
const UPHEAVAL: f32 = 0.6;

/// The share of outlines that must have moved in most parts of the picture for the camera itself to move. With fixed cameras it was 0.25 at most, before a man who came close; with a camera in a hand
/// 0.55 on average.
const CAMERA_MOVES: f32 = 0.35;
/// A camera that has moved counts as moving for this long.
const COMES_TO_REST: Duration = Duration::from_secs(1);

/// The model of the place of one camera.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) grid: Grid,
    background: Background,
    pub(crate) depth: DepthBackground,
    /// When the camera itself moved last.
    moved: Option<Duration>,
    /// The last capture, and its time since the first.
    last: Option<(Timestamp, Duration)>,
}

/// One picture, compared and not yet learned.
#[derive(Debug)]
pub(crate) struct Look {
    at: Duration,
    now: Array2<Tone>,
    /// How it differs in colour.
    pub(crate) change: Change,
    /// Its distances.
    pub(crate) distances: Option<Array2<f32>>,
    /// It has another size than the one before: the model began anew.
    pub(crate) resized: bool,
}

/// One picture, compared and learned.
#[derive(Debug)]
pub(crate) struct Looked {
    /// How it differs in colour and in depth.
    pub(crate) change: Change,
    pub(crate) silhouettes: Silhouettes,
    pub(crate) upheaval: bool,
    pub(crate) camera_moves: bool,
}

// === impl Model ===

impl Model {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            grid: Grid::new(size),
            background: Background::new(),
            depth: DepthBackground::new(),
            moved: None,
            last: None,
        }
    }

    /// The same model, and the place is known already.
    pub(crate) fn knowing(self, place: &Array2<Tone>) -> Self {
        Self { background: Background::known(Duration::ZERO, place), ..self }
    }

    /// Compares the next picture, captured at `captured`. Pictures come in the order of capture; a clock that is set back stands still.
    pub(crate) fn look(&mut self, captured: Timestamp, picture: &Picture, depth: Option<&Depth>) -> Look {
        let resized = picture.size() != self.grid.size();
        if resized {
            *self = Self { last: self.last, ..Self::new(picture.size()) };
        }
        // Only distances count, so a clock that is set back does no harm.
        let at = self.last.map_or(Duration::ZERO, |(before, at)| at + captured.since(before));
        self.last = Some((captured, at));
        let now = self.grid.reduce(picture);
        let change = self.background.compare(at, &now);
        let distances = depth.map(|depth| self.grid.reduce_depth(depth));
        Look { at, now, change, distances, resized }
    }

    /// Adds what its depth says, and learns from the picture.
    pub(crate) fn learn(&mut self, look: Look) -> Looked {
        let Look { at, now, mut change, distances, resized } = look;
        if let Some(distances) = &distances {
            self.depth.compare(distances, &mut change);
            self.depth.learn(at, distances, &change);
        }
        let silhouettes = Silhouettes::of(&change.degree);
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
        Looked { change, silhouettes, upheaval, camera_moves }
    }
}

/// Share of cells that differ.
fn share(degree: &Array2<f32>) -> f32 {
    degree.iter().filter(|d| **d > 1.0).count() as f32 / degree.len() as f32
}
