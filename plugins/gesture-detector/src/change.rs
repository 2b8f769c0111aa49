//! Whether a product went or came.
//!
//! When a hand has gone, a part of the zone may look otherwise than before. Which of the two looks had a product in it is asked of several witnesses, none of which
//! needs to know what products look like:
//!
//! - **Outline.** A product stands out from what is around it, a bare shelf goes on behind. The look with the sharper outline has the product. (San Miguel and
//!   Martínez 2008, *Robust unattended and stolen object detection by fusing simple algorithms*.)
//! - **Surroundings.** A bare shelf has the colours of what is around it.
//! - **Texture.** Products are printed, shelves are plain.
//! - **Hand.** What was taken leaves with the hand, and was not there when it came: the colours of the arm's silhouette when it comes and when it goes.
//! - **Memory.** A place that looks as it did before its last change has undone it.
//! - **Depth**, when there is any: where it grew, something went. It outweighs all others.

use crate::grid::Grid;
use crate::look::Look;
use crate::place::{Place, depth_noise};

/// How much each witness weighs against the outline.
const SURROUNDINGS: f32 = 0.8;
const TEXTURE: f32 = 0.5;
const HAND: f32 = 0.8;
const MEMORY: f32 = 1.5;
const DEPTH: f32 = 4.0;
/// Looks nearer than this are of the same thing at another place, in its own light.
const MOVED: f32 = 0.5;

/// Cells of each sort of colour, in the silhouette of an arm.
pub type Colours = Vec<f32>;

/// The colours of the arm of a reach.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// When it came.
    pub coming: Colours,
    /// When it went.
    pub going: Colours,
}

/// What the witnesses say of a part of the zone, settled against now: positive when a product went, negative when one came; beyond ±1 they are sure.
pub fn gone(grid: &Grid, place: &Place, part: &[usize], carried: Option<&Carried>) -> f32 {
    let mut in_part = vec![false; grid.len()];
    part.iter().for_each(|cell| in_part[*cell] = true);
    let before = |cell: usize| place.cells[cell].settled;
    let now = |cell: usize| if in_part[cell] { place.cells[cell].run } else { place.cells[cell].settled };
    let near = grid.grown(&in_part);
    let beyond = grid.grown(&grid.grown(&near));
    // One step off the part is neither the one nor the other: cells on the outline hold some of both.
    let around: Vec<usize> = (0..grid.len())
        .filter(|c| beyond[*c] && !near[*c] && !place.cells[*c].differs && place.cells[*c].run_frames > 0)
        .collect();

    let mut sum = witness(outline(grid, &in_part, part, &around, before), outline(grid, &in_part, part, &around, now));
    sum += SURROUNDINGS * witness(strangeness(part, &around, before), strangeness(part, &around, now));
    sum += TEXTURE * witness(texture(grid, &in_part, part, before), texture(grid, &in_part, part, now));
    sum += HAND * carried.map_or(0.0, |carried| hand(part, carried, before, now));
    sum += MEMORY * memory(place, part);
    sum + DEPTH * deepened(place, part)
}

/// How some of the cells of a part looked, and look now.
pub fn looks(place: &Place, part: &[usize]) -> Vec<(Look, Look)> {
    let step = part.len().div_ceil(64).max(1);
    part.iter().step_by(step).map(|c| (place.cells[*c].settled, place.cells[*c].run)).collect()
}

/// Whether something has only moved: all that was there before is there now, and the other way round, though at other places.
pub fn is_move(looks: &[(Look, Look)]) -> bool {
    let far = |look: Look, others: &dyn Fn(usize) -> Look| {
        (0..looks.len()).map(|i| look.distance(others(i))).fold(f32::INFINITY, f32::min)
    };
    let lost = looks.iter().filter(|(before, _)| far(*before, &|i| looks[i].1) > MOVED).count();
    let new = looks.iter().filter(|(_, now)| far(*now, &|i| looks[i].0) > MOVED).count();
    lost.max(new) * 5 < looks.len()
}

/// −1 to 1: how much more of something there was before than there is now.
fn witness(before: f32, now: f32) -> f32 {
    (before - now) / (before + now + 0.2)
}

/// The mean contrast across the part's outline.
fn outline(grid: &Grid, in_part: &[bool], part: &[usize], around: &[usize], look: impl Fn(usize) -> Look) -> f32 {
    let mut outside = vec![false; grid.len()];
    around.iter().for_each(|cell| outside[*cell] = true);
    let (mut sum, mut count) = (0.0, 0.0f32);
    for &cell in part.iter().filter(|cell| grid.around(**cell).any(|near| !in_part[near])) {
        // The nearest cell outside, two or three steps away.
        let beside = grid.around(cell).flat_map(|n| grid.around(n)).find(|n| outside[*n]);
        let beside = beside.or_else(|| {
            grid.around(cell).flat_map(|n| grid.around(n)).flat_map(|n| grid.around(n)).find(|n| outside[*n])
        });
        if let Some(beside) = beside {
            sum += look(cell).distance(look(beside)).min(6.0);
            count += 1.0;
        }
    }
    sum / count.max(1.0)
}

/// How far the colours of the part are from the nearest colours around it, on average.
fn strangeness(part: &[usize], around: &[usize], look: impl Fn(usize) -> Look) -> f32 {
    if around.is_empty() {
        return 0.0;
    }
    // A sample is enough, and bounds the work.
    let step = |len: usize, most: usize| len.div_ceil(most).max(1);
    let near: Vec<Look> = around.iter().step_by(step(around.len(), 64)).map(|c| look(*c)).collect();
    let cells: Vec<usize> = part.iter().copied().step_by(step(part.len(), 128)).collect();
    let nearest = |cell: usize| near.iter().map(|n| look(cell).distance(*n)).fold(6.0, f32::min);
    cells.iter().map(|cell| nearest(*cell)).sum::<f32>() / cells.len().max(1) as f32
}

/// The mean contrast between neighbours within the part.
fn texture(grid: &Grid, in_part: &[bool], part: &[usize], look: impl Fn(usize) -> Look) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0f32);
    for &cell in part {
        let (right, below) = grid.next(cell);
        for near in [right, below].into_iter().flatten().filter(|near| in_part[*near]) {
            sum += look(cell).distance(look(near)).min(6.0);
            count += 1.0;
        }
    }
    sum / count.max(1.0)
}

/// −1 to 1: whether the old look went away with the hand, or the new one came with it.
fn hand(part: &[usize], carried: &Carried, before: impl Fn(usize) -> Look, now: impl Fn(usize) -> Look) -> f32 {
    if carried.coming.is_empty() || carried.going.is_empty() {
        return 0.0;
    }
    // A few cells of a colour may be anything.
    let few = 4.0;
    let grew = |look: Look| ((carried.going[look.sort()] + few) / (carried.coming[look.sort()] + few)).ln();
    let mean = part.iter().map(|c| (grew(before(*c)) - grew(now(*c))).clamp(-2.0, 2.0)).sum::<f32>();
    mean / part.len() as f32 / 2.0
}

/// −1 to 1: which change was undone.
fn memory(place: &Place, part: &[usize]) -> f32 {
    let undone = part.iter().filter_map(|c| {
        let cell = &place.cells[*c];
        let (look, gone) = cell.former?;
        (look.distance(cell.run) < 1.2).then_some(-gone)
    });
    undone.sum::<f32>() / part.len() as f32
}

/// −1 to 1: by how much the depth grew, in units of what can be told apart.
fn deepened(place: &Place, part: &[usize]) -> f32 {
    let mut by: Vec<f32> = part.iter().filter_map(|c| place.cells[*c].deepened()).collect();
    if by.len() * 3 < part.len() {
        return 0.0;
    }
    by.sort_by(f32::total_cmp);
    let middle = by[by.len() / 2];
    let depths = part.iter().map(|c| place.cells[*c].settled_depth).filter(|d| *d > 0.0);
    let depth = depths.clone().sum::<f32>() / depths.count().max(1) as f32;
    let sure = depth_noise(depth);
    // Half a step may be the sensor; one step is something.
    if middle.abs() < sure / 2.0 { 0.0 } else { (middle / sure).clamp(-1.0, 1.0) }
}
