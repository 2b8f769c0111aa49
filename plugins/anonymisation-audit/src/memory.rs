//! Masks of earlier frames.
//!
//! A mask that has stood in mid-picture and is gone from one frame to the next means one of two things: what it covered has gone as well, or the filter has lost
//! it. What was under the mask cannot be compared, for nobody here ever saw it. What can be compared is
//!
//! - **the place itself**, with how it looked before a mask stood there. If it looks so again, what came has gone;
//! - **its surroundings**, with the last frame on which it stood. A head that leaves takes its shoulders with it; a head whose mask was lost stays between them.
//!
//! So a mask has vanished when the place does not look as before and the surroundings look as they did. Where there is too little to compare, it has vanished
//! too: on doubt mask more. The memory insists on a vanished mask for [`INSISTS_MS`], then takes it that it was no face: a filter that had taken a poster for one
//! and has thought better of it must not cost the camera its ordinary masking for good.

use std::mem;

use sluis_detect::Area;
use sluis_sdk::Size;

use crate::plane::{Grid, Plane};

/// A mask has stood when it was there on so many frames in a row.
pub const STOOD_FRAMES: u32 = 5;
/// How long a vanished mask is a finding, in milliseconds from the first frame without it.
pub const INSISTS_MS: u64 = 1_000;

/// Two lumas that differ by more than this are of different things: above the noise of cameras and codecs once averaged over a cell.
const DIFFERS: u8 = 16;
/// The surroundings have changed when more than this share of what can be compared differs.
const CHANGED: f32 = 0.25;
/// The place looks as before when at least this share of what can be compared does.
const AS_BEFORE: f32 = 0.75;
/// Less than this share of cells to compare is too little.
const ENOUGH: f32 = 0.4;
/// The surroundings, in widths and heights of the mask, on each side. Below there is more of the body.
const AROUND: f32 = 0.5;
/// At most so many masks are remembered, those that stood longest; a frame has seldom more than 20.
const MOST: usize = 64;

/// What is remembered of one camera.
#[derive(Debug)]
pub struct Memory {
    grid: Grid,
    picture: Area,
    /// As it was before the frame of `seen_ms`, which may come back masked more strictly.
    before: State,
    seen_ms: Option<u64>,
    after: State,
}

#[derive(Debug, Default)]
struct State {
    masks: Vec<Standing>,
    /// How each cell last looked without a mask.
    bare: Vec<Option<u8>>,
}

/// A mask that is followed.
#[derive(Debug, Clone)]
struct Standing {
    area: Area,
    frames: u32,
    /// The surroundings on the last frame on which it stood.
    around: Vec<(usize, u8)>,
    /// The first frame without it.
    lost_ms: Option<u64>,
}

// === impl Memory ===

impl Memory {
    /// Of a camera with pictures of this size.
    pub fn new(picture: Size) -> Self {
        let picture_area = Area::from(picture.rect());
        Self {
            grid: Grid::of(picture),
            picture: picture_area,
            before: State::default(),
            seen_ms: None,
            after: State::default(),
        }
    }

    /// The grid of the planes that it wants.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Where masks have vanished (camera pixels), on a frame that looks like `plane` under `masks` (camera pixels).
    ///
    /// A frame with the same time as the one before is that frame again, masked more strictly: it is judged by the same past, and what the camera's ordinary
    /// masking was stays remembered.
    pub fn vanished(&mut self, elapsed_ms: u64, plane: &Plane, masks: &[Area]) -> Vec<Area> {
        let again = self.seen_ms == Some(elapsed_ms);
        if !again {
            self.before = mem::take(&mut self.after);
            self.seen_ms = Some(elapsed_ms);
        }
        let (vanished, after) = self.before.step(elapsed_ms, plane, masks, self.picture);
        if !again {
            self.after = after;
        }
        vanished
    }
}

// === impl State ===

impl State {
    fn step(&self, now_ms: u64, plane: &Plane, masks: &[Area], picture: Area) -> (Vec<Area>, Self) {
        let under = plane.grid().under(masks);
        let mut free: Vec<Area> = masks.to_vec();
        let mut standing = Vec::new();
        let mut vanished = Vec::new();
        for mask in &self.masks {
            if let Some(next) = nearest(mask.area, &free) {
                standing.push(Standing::seen(free.swap_remove(next), mask.frames + 1, plane, &under));
            } else if masks.iter().any(|m| m.intersect(mask.area).surface() > 0.0) {
                // Another mask has taken it over.
            } else if let Some(lost) = self.lost(mask, now_ms, plane, &under, picture) {
                vanished.push(mask.area);
                standing.push(lost);
            }
        }
        standing.extend(free.into_iter().map(|area| Standing::seen(area, 1, plane, &under)));
        standing.sort_by_key(|mask| std::cmp::Reverse(mask.frames));
        standing.truncate(MOST);
        // What lies bare only because its mask vanished is not how the place looks without anybody.
        let unsure = plane.grid().under(&vanished);
        let hidden: Vec<bool> = under.iter().zip(unsure).map(|(under, unsure)| *under || unsure).collect();
        (vanished, Self { masks: standing, bare: self.bare_after(plane, &hidden) })
    }

    /// The mask, as it is remembered from now on, if it has vanished.
    fn lost(&self, mask: &Standing, now_ms: u64, plane: &Plane, under: &[bool], picture: Area) -> Option<Standing> {
        let lost_ms = mask.lost_ms.unwrap_or(now_ms);
        let stood = mask.frames >= STOOD_FRAMES && mask.in_the_middle_of(picture);
        let insists = now_ms.saturating_sub(lost_ms) < INSISTS_MS;
        let gone = || self.looks_as_before(mask.area, plane) || mask.surroundings_changed(plane, under);
        (stood && insists && !gone()).then(|| Standing { lost_ms: Some(lost_ms), ..mask.clone() })
    }

    fn looks_as_before(&self, area: Area, plane: &Plane) -> bool {
        let cells: Vec<usize> = plane.grid().touched(area).collect();
        let known = cells.iter().filter_map(|cell| Some((*cell, self.bare.get(*cell).copied()??)));
        let known: Vec<(usize, u8)> = known.collect();
        let same = 1.0 - differing(&known, plane);
        known.len() as f32 >= ENOUGH * cells.len() as f32 && same >= AS_BEFORE
    }

    fn bare_after(&self, plane: &Plane, hidden: &[bool]) -> Vec<Option<u8>> {
        let before = |cell: usize| self.bare.get(cell).copied().flatten();
        let cells = plane.luma().iter().zip(hidden).enumerate();
        cells.map(|(cell, (luma, hidden))| if *hidden { before(cell) } else { Some(*luma) }).collect()
    }
}

// === impl Standing ===

impl Standing {
    fn seen(area: Area, frames: u32, plane: &Plane, under: &[bool]) -> Self {
        let cells = plane.grid().touched(surroundings(area)).filter(|cell| !under[*cell]);
        Self { area, frames, around: cells.map(|cell| (cell, plane.luma()[cell])).collect(), lost_ms: None }
    }

    /// So far from the edges that what it covers cannot have left between two frames.
    fn in_the_middle_of(&self, picture: Area) -> bool {
        let wide = surroundings(self.area);
        wide.left >= picture.left
            && wide.top >= picture.top
            && wide.right <= picture.right
            && wide.bottom <= picture.bottom
    }

    fn surroundings_changed(&self, plane: &Plane, under: &[bool]) -> bool {
        let seen_twice: Vec<(usize, u8)> = self.around.iter().filter(|(cell, _)| !under[*cell]).copied().collect();
        let all = plane.grid().touched(surroundings(self.area)).count();
        let inside = plane.grid().touched(self.area).count();
        let enough = seen_twice.len() as f32 >= ENOUGH * all.saturating_sub(inside) as f32;
        enough && differing(&seen_twice, plane) > CHANGED
    }
}

fn surroundings(area: Area) -> Area {
    let (x, y) = (area.width() * AROUND, area.height() * AROUND);
    area.widen(x, y, y)
}

/// The share of cells that look otherwise now; 1 when there are none.
fn differing(then: &[(usize, u8)], now: &Plane) -> f32 {
    if then.is_empty() {
        return 1.0;
    }
    let differ = then.iter().filter(|(cell, luma)| now.luma()[*cell].abs_diff(*luma) > DIFFERS).count();
    differ as f32 / then.len() as f32
}

/// The mask that overlaps `area` most, if any does.
fn nearest(area: Area, masks: &[Area]) -> Option<usize> {
    let overlap = |i: &usize| area.iou(masks[*i]);
    (0..masks.len()).filter(|i| overlap(i) > 0.0).max_by(|a, b| overlap(a).total_cmp(&overlap(b)))
}

#[cfg(test)]
mod tests {
    use sluis_sdk::Still;

    use super::*;

    const SIZE: Size = Size::new(192, 144);
    const HEAD: Area = Area::new(80.0, 40.0, 16.0, 20.0);
    const FRAME_MS: u64 = 40;

    /// A shop: a wall of 100, and whoever stands in it.
    struct Scene {
        memory: Memory,
        now_ms: u64,
    }

    /// What stands in the shop: head and shoulders about `HEAD`, moved right by so many pixels; or nobody.
    type Person = Option<f32>;

    impl Scene {
        fn new() -> Self {
            Self { memory: Memory::new(SIZE), now_ms: 0 }
        }

        fn plane(&self, person: Person, masks: &[Area]) -> Plane {
            let mut rgb = vec![100; SIZE.pixels() * 3];
            let mut paint = |area: Area, luma: u8| {
                let Some(area) = area.pixels(SIZE) else { return };
                for y in area.y as usize..area.bottom() as usize {
                    let row = y * SIZE.width as usize;
                    rgb[(row + area.x as usize) * 3..(row + area.right() as usize) * 3].fill(luma);
                }
            };
            if let Some(x) = person {
                paint(Area::new(HEAD.left + x, HEAD.top, HEAD.width(), HEAD.height()), 180);
                paint(Area::new(HEAD.left + x - 12.0, HEAD.bottom, HEAD.width() + 24.0, 60.0), 30);
            }
            masks.iter().for_each(|mask| paint(*mask, 0));
            Plane::read(&Still::new(SIZE, rgb).frame(), self.memory.grid())
        }

        /// The next frame.
        fn frame(&mut self, person: Person, masks: &[Area]) -> Vec<Area> {
            self.now_ms += FRAME_MS;
            self.again(person, masks)
        }

        /// The same frame, masked otherwise.
        fn again(&mut self, person: Person, masks: &[Area]) -> Vec<Area> {
            let plane = self.plane(person, masks);
            self.memory.vanished(self.now_ms, &plane, masks)
        }

        fn frames(&mut self, count: usize, person: Person, masks: &[Area]) {
            for _ in 0..count {
                assert_eq!(self.frame(person, masks), []);
            }
        }
    }

    fn mask_at(x: f32) -> Area {
        Area::new(HEAD.left + x, HEAD.top, HEAD.width(), HEAD.height()).widen(2.0, 2.0, 2.0)
    }

    #[test]
    fn a_mask_that_vanishes_from_a_head_that_stays_is_found() {
        let mut scene = Scene::new();
        scene.frames(3, None, &[]);
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
    }

    #[test]
    fn a_mask_that_was_there_from_the_first_frame_is_missed_too() {
        let mut scene = Scene::new();
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
    }

    #[test]
    fn a_mask_that_vanishes_from_a_head_that_walks_on_is_found() {
        let mut scene = Scene::new();
        scene.frames(3, None, &[]);
        for x in 0..10 {
            assert_eq!(scene.frame(Some(x as f32), &[mask_at(x as f32)]), []);
        }
        assert_eq!(scene.frame(Some(10.0), &[]), [mask_at(9.0)]);
    }

    #[test]
    fn a_mask_that_goes_with_its_person_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(3, None, &[]);
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn a_mask_that_goes_with_a_person_nobody_saw_come_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn a_mask_that_came_and_went_over_the_bare_wall_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(3, None, &[]);
        scene.frames(10, None, &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn a_mask_that_moves_on_or_is_taken_over_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        scene.frames(1, Some(8.0), &[mask_at(8.0)]);
        let whole_body = Area::new(60.0, 30.0, 60.0, 100.0);
        scene.frames(1, Some(8.0), &[whole_body]);
    }

    #[test]
    fn a_mask_that_leaves_by_the_edge_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(10, Some(-82.0), &[mask_at(-82.0)]);
        scene.frames(5, Some(-82.0), &[]);
    }

    #[test]
    fn a_mask_that_only_flickered_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(STOOD_FRAMES as usize - 1, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, Some(0.0), &[]);
    }

    #[test]
    fn a_frame_that_comes_back_is_judged_by_the_same_past() {
        let mut scene = Scene::new();
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        // Without its mask, with it, and without it again: whoever asks twice is answered twice.
        for _ in 0..3 {
            assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
            assert_eq!(scene.again(Some(0.0), &[mask_at(0.0)]), []);
            assert_eq!(scene.again(Some(0.0), &[]), [mask_at(0.0)]);
        }
    }

    #[test]
    fn the_memory_insists_for_a_second_and_not_for_ever() {
        let mut scene = Scene::new();
        scene.frames(10, Some(0.0), &[mask_at(0.0)]);
        let insisted = (0..100).take_while(|_| !scene.frame(Some(0.0), &[]).is_empty()).count();
        assert_eq!(insisted as u64, INSISTS_MS / FRAME_MS);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut scene = Scene::new();
        for shift in 0..5 {
            let many: Vec<Area> =
                (0..500).map(|i| Area::new((i % 100) as f32, (i / 100 + shift) as f32, 3.0, 3.0)).collect();
            scene.frame(None, &many);
            assert!(scene.memory.after.masks.len() <= MOST);
        }
    }
}
