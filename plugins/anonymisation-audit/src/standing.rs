//! One mask that is followed from frame to frame.

use sluis_detect::Area;

use sluis_detect::plane::Plane;

use crate::memory::STOOD_MS;

/// The surroundings have changed when more than this share of what can be compared differs.
const CHANGED: f32 = 0.25;
/// Less than this share of the surroundings to compare is too little.
const ENOUGH: f32 = 0.4;
/// The surroundings, in widths and heights of the mask, on each side.
const AROUND: f32 = 0.5;

/// A mask that stands, or stood when it was last seen. In camera pixels.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Where.
    pub area: Area,
    /// How long it has stood without movement under it, in milliseconds, all told.
    pub still_ms: u64,
    /// How long it must have stood so until it can be missed, in milliseconds.
    pub needs_ms: u64,
    /// The first frame without it, as its `elapsed-ms`, once it has vanished.
    pub lost_ms: Option<u64>,
    /// The bare cells around it and their luma, on the last frame on which it stood.
    around: Vec<(usize, u8)>,
}

/// What a frame shows between its masks.
#[derive(Debug)]
pub struct Look<'a> {
    /// Its luma.
    pub plane: &'a Plane,
    /// Which cells lie under a mask or beside one.
    pub under: Vec<bool>,
}

// === impl Standing ===

impl Standing {
    /// On a frame on which it stands.
    pub fn new(area: Area, still_ms: u64, look: &Look<'_>) -> Self {
        let bare = look.plane.grid().touched(surroundings(area)).filter(|cell| !look.under[*cell]);
        Self {
            area,
            still_ms,
            needs_ms: STOOD_MS,
            lost_ms: None,
            around: bare.map(|cell| (cell, look.plane.luma()[cell])).collect(),
        }
    }

    /// The same, missed only when it has stood for so long.
    #[must_use]
    pub fn needing(self, needs_ms: u64) -> Self {
        Self { needs_ms, ..self }
    }

    /// The same, gone since then.
    #[must_use]
    pub fn lost_since(self, lost_ms: u64) -> Self {
        Self { lost_ms: Some(lost_ms), ..self }
    }

    /// So far from the edges of the picture that what it covers cannot have left between two frames.
    pub fn is_in_the_middle_of(&self, picture: Area) -> bool {
        let wide = surroundings(self.area);
        let (across, down) = (picture.left..=picture.right, picture.top..=picture.bottom);
        [wide.left, wide.right].iter().all(|x| across.contains(x))
            && [wide.top, wide.bottom].iter().all(|y| down.contains(y))
    }

    /// Whether its surroundings look otherwise than when it stood. When too little of them is bare to tell, they have not changed.
    pub fn surroundings_changed(&self, look: &Look<'_>) -> bool {
        let twice_bare: Vec<_> = self.around.iter().filter(|(cell, _)| !look.under[*cell]).copied().collect();
        let grid = look.plane.grid();
        let all = grid.touched(surroundings(self.area)).count().saturating_sub(grid.touched(self.area).count());
        twice_bare.len() as f32 >= ENOUGH * all as f32 && look.plane.alike(&twice_bare) < 1.0 - CHANGED
    }
}

fn surroundings(area: Area) -> Area {
    let (x, y) = (area.width() * AROUND, area.height() * AROUND);
    area.widen(x, y, y)
}
