//! Looks at what was recorded as the [floor](crate::floor) looked at what was captured: who can be told from the place.
//!
//! It has the floor's model of the place and nothing else of the floor: no head zones, no tracks. And it has time: it looks at all the recordings once before it says anything, so it knows the place from the first frame on.
//! It takes cleared frames, in which heads are masked: what is masked is never taken for the place, and belongs to the silhouette that it touches. What it says is for filling more, never less.

use ndarray::Array2;
use sluis_frame::{Cause, Cleared, Fate, Frame, Mask, Rect, Size};

use crate::floor::grid::{Grid, Tone};
use crate::floor::model::Model;

/// How much what is masked differs, in the floor's units: above 1 is foreground, and this is far above whatever else a silhouette needs.
const MASKED: f32 = 10.0;

/// The most pictures that the place is learned from, spread evenly. A median of so many errs by less than the floor's least difference.
const MOST: usize = 96;

/// A place that was seen less often than this while nobody was known to be there is learned from all that is not masked.
const LEAST: usize = 4;

/// Learns the place of one camera's recordings: in each cell the median of what was seen there while nobody was known to be.
#[derive(Debug)]
pub struct Learning {
    grid: Grid,
    /// Some of the pictures, in cells.
    pictures: Vec<Array2<Sample>>,
    /// One picture in so many is kept.
    stride: u64,
    seen: u64,
}

/// What a picture says of the place in a cell.
#[derive(Debug, Clone, Copy)]
enum Sample {
    /// It is masked.
    Masked,
    /// Somebody may be there.
    Body(Tone),
    /// Nobody is known to be there.
    Place(Tone),
}

/// Tells who is in one camera's recordings.
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
    /// The greater part of the picture differs. The place stays what it was: when the camera was turned, this holds for all that follows.
    pub upheaval: bool,
    /// The camera itself moves, or did a moment ago.
    pub camera_moves: bool,
}

// === impl Learning ===

impl Learning {
    /// For frames of `size`.
    pub fn new(size: Size) -> Self {
        Self { grid: Grid::new(size), pictures: Vec::new(), stride: 1, seen: 0 }
    }

    /// Learns from a frame of that size; others, and blanks, say nothing of this place. What is masked is never learned, and what shows where somebody may be, in `bodies`, only where nothing
    /// else was seen: so nobody becomes part of the place by standing still for a while.
    pub fn observe(&mut self, frame: &Frame<Cleared>, bodies: impl IntoIterator<Item = Rect>) {
        if frame.size() != self.grid.size() || frame.fate() == Fate::Blanked {
            return;
        }
        let is_due = self.seen.is_multiple_of(self.stride);
        self.seen += 1;
        if !is_due {
            return;
        }
        let tones = self.grid.reduce(frame.picture());
        let mut samples = tones.mapv(Sample::Place);
        let bodies: Vec<Mask> = bodies.into_iter().map(|body| Mask::rect(body, Cause::Hold)).collect();
        touched(&bodies, &self.grid, |cell| samples[cell] = Sample::Body(tones[cell]));
        touched(frame.masks(), &self.grid, |cell| samples[cell] = Sample::Masked);
        self.pictures.push(samples);
        if self.pictures.len() > MOST {
            let mut keep = false;
            self.pictures.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
    }

    /// Now the recordings come again from the first.
    pub fn finish(self) -> Hindsight {
        let mut place = Array2::default(self.grid.shape());
        for (cell, tone) in place.indexed_iter_mut() {
            let samples = || self.pictures.iter().map(|picture| picture[cell]);
            let free = samples().filter_map(|sample| if let Sample::Place(tone) = sample { Some(tone) } else { None });
            let mut tones: Vec<Tone> = free.collect();
            if tones.len() < LEAST {
                tones.extend(
                    samples().filter_map(|sample| if let Sample::Body(tone) = sample { Some(tone) } else { None }),
                );
            }
            tones.sort_by(|a, b| a.luma.total_cmp(&b.luma));
            // Where the place was never seen it is black, and whatever is seen there differs.
            *tone = tones.get(tones.len() / 2).copied().unwrap_or_default();
        }
        Hindsight { model: Model::new(self.grid.size()).knowing(&place) }
    }
}

// === impl Hindsight ===

impl Hindsight {
    /// Looks at the next frame. Frames come in the order of capture.
    ///
    /// Depth is not looked at: under masks it is flattened, and there it would see what is not there. Of a blank, or a frame of another size than the place, everything differs.
    pub fn observe(&mut self, frame: &Frame<Cleared>) -> Outlines {
        if frame.size() != self.model.grid.size() || frame.fate() == Fate::Blanked {
            let shape = self.model.grid.shape();
            return Outlines {
                cell: self.model.grid.cell as u32,
                silhouettes: Array2::zeros(shape),
                differs: Array2::from_elem(shape, true),
                upheaval: true,
                camera_moves: false,
            };
        }
        let mut look = self.model.look(frame.header().captured, frame.picture(), None);
        let grid = self.model.grid;
        touched(frame.masks(), &grid, |cell| look.change.degree[cell] = MASKED);
        let looked = self.model.learn(look);
        Outlines {
            cell: grid.cell as u32,
            silhouettes: looked.silhouettes.numbers,
            differs: looked.change.degree.map(|degree| *degree > 1.0),
            upheaval: looked.upheaval,
            camera_moves: looked.camera_moves,
        }
    }
}

/// Calls `put` for every cell of which a mask covers a pixel.
fn touched(masks: &[Mask], grid: &Grid, mut put: impl FnMut((usize, usize))) {
    for mask in masks {
        mask.shape.spans(grid.size(), |y, x| {
            let columns = x.start / grid.cell..x.end.div_ceil(grid.cell);
            columns.for_each(|column| put((y / grid.cell, column)));
        });
    }
}
