//! One hand in a zone.

use std::collections::VecDeque;

use crate::change::{Carried, Colours};
use crate::look::Look;
use crate::people::most_often;

/// How many frames at either end tell what the hand carries.
const ENDS: usize = 5;

/// A hand in a zone, from when it comes until it has gone.
#[derive(Debug)]
pub struct Reach {
    /// The first frame.
    pub start_ms: u64,
    /// The last frame on which it was there.
    pub seen_ms: u64,
    /// The last frame on which it moved.
    pub moved_ms: u64,
    /// How many frames it was there.
    pub frames: u32,
    /// Where it is, for each cell.
    pub cells: Vec<bool>,
    /// Where it has been, for each cell.
    pub been: Vec<bool>,
    /// How deep in the zone it was at most, and the cell.
    pub deepest: (u8, usize),
    /// The most cells that it covered.
    pub most: usize,
    /// Whether depth said that it was in the zone.
    pub in_space: bool,
    /// Whether a mask lay over it at some time.
    pub masked: bool,
    /// Who was nearest, for each frame.
    pub near: Vec<u32>,
    /// When it had gone; `None` while it is there.
    pub ended_ms: Option<u64>,
    /// What it changed.
    pub changes: Vec<Change>,
    coming: Vec<Colours>,
    going: VecDeque<Colours>,
}

/// A part of the zone that looks otherwise after a hand was there.
#[derive(Debug, Clone)]
pub struct Change {
    /// Positive when a product went, negative when one came.
    pub gone: f32,
    /// When it was last seen as it had been.
    pub covered_ms: u64,
    /// Since when it is seen as it is.
    pub settled_ms: u64,
    /// Its middle, in camera pixels.
    pub centre: [f32; 2],
    /// How many cells.
    pub size: usize,
    /// Of some of the cells, how they looked and look.
    pub looks: Vec<(Look, Look)>,
}

// === impl Reach ===

impl Reach {
    /// A hand that came into a zone of so many cells.
    pub fn new(at_ms: u64, cells: usize) -> Self {
        Self {
            start_ms: at_ms,
            seen_ms: at_ms,
            moved_ms: at_ms,
            frames: 0,
            cells: vec![false; cells],
            been: vec![false; cells],
            deepest: (0, 0),
            most: 0,
            in_space: false,
            masked: false,
            near: Vec::new(),
            ended_ms: None,
            changes: Vec::new(),
            coming: Vec::new(),
            going: VecDeque::new(),
        }
    }

    /// The colours of the arm on this frame.
    pub fn carries(&mut self, colours: Colours) {
        if self.coming.len() < ENDS {
            self.coming.push(colours.clone());
        }
        self.going.push_back(colours);
        if self.going.len() > ENDS {
            self.going.pop_front();
        }
    }

    /// Takes in another piece of the same hand.
    pub fn join(&mut self, other: Self) {
        if other.start_ms < self.start_ms {
            self.coming = other.coming;
        }
        if other.seen_ms > self.seen_ms {
            self.going = other.going;
        }
        self.start_ms = self.start_ms.min(other.start_ms);
        self.seen_ms = self.seen_ms.max(other.seen_ms);
        self.moved_ms = self.moved_ms.max(other.moved_ms);
        self.frames = self.frames.max(other.frames);
        self.most = self.most.max(other.most);
        self.deepest = self.deepest.max(other.deepest);
        self.in_space |= other.in_space;
        self.masked |= other.masked;
        self.ended_ms = match (self.ended_ms, other.ended_ms) {
            (Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
        self.cells.iter_mut().zip(&other.cells).for_each(|(a, b)| *a |= b);
        self.been.iter_mut().zip(&other.been).for_each(|(a, b)| *a |= b);
        self.near.extend(other.near);
        self.changes.extend(other.changes);
    }

    /// What it carried when it came and when it went (or now, while it is there).
    pub fn carried(&self) -> Carried {
        Carried { coming: mean(self.coming.iter()), going: mean(self.going.iter()) }
    }

    /// The person who was nearest most of the time.
    pub fn person(&self) -> Option<u32> {
        most_often(&self.near)
    }
}

fn mean<'a>(all: impl ExactSizeIterator<Item = &'a Colours>) -> Colours {
    let count = all.len() as f32;
    let mut sum: Colours = Vec::new();
    for colours in all {
        sum.resize(colours.len(), 0.0);
        sum.iter_mut().zip(colours).for_each(|(sum, c)| *sum += c / count);
    }
    sum
}
