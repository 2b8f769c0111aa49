//! A raw frame whose time in the delay line is over, with everything that may have to be masked on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::{Cause, Coverage, Frame, Header, Mask, Person, Raw, Rect, Size};

use crate::mode::Mode;

/// Mask edges lie on even pixels: 4:2:0 video shares colour between two by two of them, and an odd edge would let a masked pixel's neighbour
/// bleed into the mask and back.
const EDGE_GRID: u32 = 2;

/// A raw frame that leaves the delay line. It owns the frame until it is judged.
#[derive(Debug)]
pub struct Leaving {
    pub(crate) raw: Frame<Raw>,
    pub(crate) ticket: Ticket,
    /// What the camera announced.
    pub(crate) size: Size,
    pub(crate) mode: Mode,
    pub(crate) stepped_up: Option<SteppedUp>,
    pub(crate) filter_failed: bool,
    pub(crate) upheaval: bool,
    pub(crate) people: Vec<Person>,
    pub(crate) heads: Vec<Mask>,
    pub(crate) bodies: Vec<Mask>,
    pub(crate) moving: Vec<Mask>,
    pub(crate) grow: f32,
}

/// Which frame it was, for the guard that it left: what is found in it is told with this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub(crate) Duration);

/// Why a frame's mode is stricter than its camera's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SteppedUp {
    /// Most of the picture changed at once, so silhouettes mean little.
    Upheaval,
    /// The camera itself moves.
    CameraMoves,
    /// The delay line was full, so the frame left before a face found late could be masked early.
    LeftEarly,
    /// Frames are so few that a face may move on between two of them: a slow machine, or a camera that stutters.
    FarApart,
}

// === impl Leaving ===

impl Leaving {
    /// Which frame it is.
    pub fn header(&self) -> &Header {
        self.raw.header()
    }

    /// The frame as the camera gave it.
    pub fn raw(&self) -> &Frame<Raw> {
        &self.raw
    }

    /// Which frame it is, for its guard.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The size of picture that its camera announced. A frame of another size is blanked, at this size.
    pub fn announced_size(&self) -> Size {
        self.size
    }

    /// The mode for its first masking: the camera's, or the next stricter one.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Why that mode is not the camera's, if it is not.
    pub fn stepped_up(&self) -> Option<SteppedUp> {
        self.stepped_up
    }

    /// The people whom the floor saw in it, for the components that are shown it masked: the largest, at most
    /// [`Sight::MOST_HINTS`](crate::Sight::MOST_HINTS).
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Whether the filter's call for it failed.
    pub fn filter_failed(&self) -> bool {
        self.filter_failed
    }

    /// What `mode` masks on it. Every mask lies in the picture.
    pub fn masks(&self, mode: Mode) -> Vec<Mask> {
        let mut masks = self.heads.clone();
        if mode >= Mode::Persons {
            masks.extend_from_slice(&self.bodies);
        }
        if mode >= Mode::EverythingThatMoves {
            masks.extend_from_slice(&self.moving);
            if self.upheaval {
                masks.push(Mask::rect(self.raw.size().rect(), Cause::Mode));
            }
        }
        masks
    }

    /// A mask on what the audit found, grown as detections are; `None` when it is not in the picture.
    pub(crate) fn found_by_audit(&self, area: Rect) -> Option<Mask> {
        mask(area.grow(self.grow), Cause::Audit, self.raw.size())
    }

    /// Whether `masks` leave nothing of the picture to be seen.
    pub(crate) fn is_all_masked(&self, masks: &[Mask]) -> bool {
        let size = self.raw.size();
        // Adding up is cheap and settles nearly every frame.
        let most: u64 = masks.iter().map(|m| m.bounds().area()).sum();
        most >= size.pixels() as u64 && Coverage::of(masks, size).count() == size.pixels()
    }
}

/// A rectangular mask, widened to whole cells of colour and cut at the edge of the picture; `None` when nothing of it is in the picture.
pub(crate) fn mask(area: Rect, cause: Cause, size: Size) -> Option<Mask> {
    if area.is_empty() {
        return None;
    }
    area.snap_outward(EDGE_GRID).clip(size).map(|area| Mask::rect(area, cause))
}
