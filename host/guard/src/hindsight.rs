//! Looks at what was recorded as the [floor](crate::floor) looked at what was captured: who can be told from the place.
//!
//! It has the floor's model of the place and nothing else of the floor: no head zones, no tracks. It takes cleared frames, in which heads are masked: what is masked is never taken for the place, and
//! belongs to the silhouette that it touches. What it says is for filling more, never less.

use ndarray::Array2;
use sluis_frame::{Cleared, Frame, Size};

use crate::floor::model::Model;

/// How much what is masked differs, in the floor's units: above 1 is foreground, and this is far above whatever else a silhouette needs.
const MASKED: f32 = 10.0;

/// The model of the place in one camera's recordings.
#[derive(Debug)]
pub struct Hindsight {
    model: Model,
}

/// What differs from the place in one frame, in cells: squares of [`cell`](Self::cell) pixels from the top left, the last of which may reach beyond the picture.
#[derive(Debug, Clone)]
pub struct Outlines {
    /// Pixels along a cell's side.
    pub cell: u32,
    /// The number of the silhouette, with the masks that touch it, that each cell (row, column) belongs to, from 1; 0 for none.
    pub silhouettes: Array2<usize>,
    /// Everything that differs or is masked, also what is too small for a silhouette.
    pub differs: Array2<bool>,
    /// The greater part of the picture changed at once, or the picture has another size than the one before.
    pub upheaval: bool,
    /// The camera itself moves, or did a moment ago.
    pub camera_moves: bool,
}

// === impl Hindsight ===

impl Hindsight {
    /// For frames of `size`.
    pub fn new(size: Size) -> Self {
        Self { model: Model::new(size) }
    }

    /// Looks at the next frame. Frames come in the order of capture.
    pub fn observe(&mut self, frame: &Frame<Cleared>) -> Outlines {
        let mut look = self.model.look(frame.header().captured, frame.picture(), frame.depth());
        let cell = self.model.grid.cell;
        for mask in frame.masks() {
            mask.shape.spans(frame.size(), |y, x| {
                (x.start / cell..=(x.end - 1) / cell)
                    .for_each(|column| look.change.degree[(y / cell, column)] = MASKED);
            });
        }
        let looked = self.model.learn(look);
        Outlines {
            cell: cell as u32,
            silhouettes: looked.silhouettes.numbers,
            differs: looked.change.degree.map(|degree| *degree > 1.0),
            upheaval: looked.upheaval,
            camera_moves: looked.camera_moves,
        }
    }

    /// The same recordings come again from the first, and the place is known now: who was there in the first frame and went away is seen from the first frame on.
    pub fn rewind(&mut self) {
        self.model.rewind();
    }
}
