//! Whether what is seen before a zone that is drawn on the picture is in it, where there is depth. (A box in the shop is [`volume`](crate::volume)'s business.)

use crate::place::{Place, View};

/// For each cell whether what is seen there is less than `front` millimetres before what stands there; `None` where there is no depth.
pub fn holds(view: &View, place: &Place, front: f32) -> Vec<Option<bool>> {
    let Some(depth) = &view.depth else { return vec![None; view.looks.len()] };
    let holds = |cell: usize| {
        let (seen, settled) = (f32::from(depth[cell]), place.cells[cell].settled_depth);
        (seen > 0.0 && settled > 0.0).then_some(settled - seen < front)
    };
    (0..view.looks.len()).map(holds).collect()
}
