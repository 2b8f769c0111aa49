//! One mask that is followed from frame to frame.

use sluis_detect::Area;

use sluis_detect::plane::Plane;

/// Two lumas that differ by more than this are of different things: above the noise of cameras and codecs once averaged over a cell.
const DIFFERS: u8 = 16;
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
        Self { area, still_ms, lost_ms: None, around: bare.map(|cell| (cell, look.plane.luma()[cell])).collect() }
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
        twice_bare.len() as f32 >= ENOUGH * all as f32 && alike(&twice_bare, look.plane) < 1.0 - CHANGED
    }
}

fn surroundings(area: Area) -> Area {
    let (x, y) = (area.width() * AROUND, area.height() * AROUND);
    area.widen(x, y, y)
}

/// The share of these cells, 0 to 1, that still look as they did; 0 when there are none.
pub fn alike(then: &[(usize, u8)], now: &Plane) -> f32 {
    if then.is_empty() {
        return 0.0;
    }
    let same = then.iter().filter(|(cell, luma)| now.luma()[*cell].abs_diff(*luma) <= DIFFERS).count();
    same as f32 / then.len() as f32
}
