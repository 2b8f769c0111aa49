//! Whether what is seen in front of a zone is in it.

use sluis_sdk::layout::{Layout, Shape, SpaceBox, Zone};

use crate::grid::Grid;
use crate::place::{Place, View};

/// Metres around a box that still count: as good as calibration and sensor are. Boxes of neighbouring shelves touch, and a hand should be in one.
const MARGIN: f32 = 0.02;

/// How far a zone reaches into the room.
#[derive(Debug)]
pub enum Space {
    /// A box in the shop: each cell is a ray from the camera.
    Box {
        /// The zone.
        space: SpaceBox,
        /// Where the camera is, in metres in the shop's frame.
        from: [f32; 3],
        /// For each cell the way that one metre of depth goes.
        rays: Vec<[f32; 3]>,
    },
    /// So many millimetres before what stands there.
    Before(f32),
}

// === impl Space ===

impl Space {
    /// Of a zone; `front` in millimetres for zones that are drawn on the picture.
    pub fn of(zone: &Zone, layout: &Layout, grid: &Grid, front: f32) -> Self {
        let (Shape::Box(space), Some(pose), Some(lens)) = (&zone.shape, layout.pose(), layout.lens()) else {
            return Self::Before(front);
        };
        let ray = |cell| {
            let to = pose.to_shop(lens.to_camera(grid.centre(cell), 1.0));
            std::array::from_fn(|i| to[i] - pose.position[i])
        };
        Self::Box { space: *space, from: pose.position, rays: (0..grid.len()).map(ray).collect() }
    }

    /// For each cell whether what is seen there is in the zone; `None` where there is no depth.
    pub fn holds(&self, view: &View, place: &Place) -> Vec<Option<bool>> {
        let Some(depth) = &view.depth else { return vec![None; view.looks.len()] };
        let holds = |cell: usize| {
            let depth = f32::from(depth[cell]);
            if depth == 0.0 {
                return None;
            }
            match self {
                Self::Box { space, from, rays } => {
                    let at = std::array::from_fn(|i| from[i] + rays[cell][i] * depth / 1000.0);
                    Some(space.contains(at, MARGIN))
                }
                Self::Before(front) => {
                    let settled = place.cells[cell].settled_depth;
                    (settled > 0.0).then_some(settled - depth < *front)
                }
            }
        };
        (0..view.looks.len()).map(holds).collect()
    }
}
