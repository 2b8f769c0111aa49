//! What was seen in one frame: by the floor, and by the privacy filter.

use sluis_frame::{Person, Rect};

/// What the host's floor saw in one frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Silhouettes with their head zones, largest first. Two people who overlap are two silhouettes if two heads show.
    pub people: Vec<Person>,
    /// What stands before the place without a head: an arm that reaches in from beyond the picture, a thing that was carried. Masked where whole people are.
    pub limbs: Vec<Rect>,
    /// Everything that moved or changed, in blocks that do not overlap: more than the silhouettes.
    pub moving: Vec<Rect>,
    /// The greater part of the picture changed at once: the camera moved, or the light was switched. The silhouettes mean little then.
    pub upheaval: bool,
    /// The camera itself moves, or did a moment ago: whoever stands still before it cannot be told from the place.
    pub camera_moves: bool,
}

/// What the privacy filter found: one region of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detection {
    /// Where. It may reach beyond the picture.
    pub area: Rect,
    /// Whether it is a face or a head, rather than a whole person or a thing. Only likes are linked from frame to frame.
    pub head_like: bool,
}

/// What became of the filter's call for one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It answered. An empty list means that it found nothing.
    Detections(Vec<Detection>),
    /// It trapped, ran out of time or answered nonsense: this frame is masked more strictly than the camera's mode.
    FilterFailed,
}

// === impl Sight ===

impl Sight {
    /// The most people that a component is told of: the contract's bound on `people`.
    pub const MOST_HINTS: usize = 64;

    /// The people to tell components of: the largest [`MOST_HINTS`](Self::MOST_HINTS). All of them are masked.
    pub fn hints(&self) -> &[Person] {
        &self.people[..self.people.len().min(Self::MOST_HINTS)]
    }
}
