//! Masks of earlier frames.
//!
//! A mask that has stood in mid-picture and is gone from one frame to the next means one of two things: what it covered has gone as well, or the filter has lost
//! it. What was under the mask cannot be compared, for nobody here ever saw it. What can be compared is
//!
//! - **the place itself**, with how it looked before a mask stood there. If it looks so again, what came has gone;
//! - **its surroundings**, with the last frame on which it stood. A head that leaves takes its shoulders with it; a head whose mask was lost stays between them.
//!
//! So a mask has vanished when the place does not look as before and the surroundings look as they did. Where there is too little to compare, it has vanished
//! too: on doubt mask more. The host masks what is found for some seconds more. The memory insists on a vanished mask for [`INSISTS_MS`], until the host does; when that mask ends as well, it was no
//! face: a filter that had taken a poster for one and has thought better of it must not cost the camera its ordinary masking for good.
//!
//! Not every mask is a filter's. The host's floor masks what moves, hands and trolleys among it, and its masks rightly go when the movement ends. So a mask
//! counts from when it has stood [`STOOD_MS`] where the floor saw nobody: then it is a filter's, of somebody who sits or stands still. What moves and loses its
//! mask is the other questions' business.

use std::mem;

use sluis_detect::Area;
use sluis_sdk::Size;

use crate::standing::{Look, Standing};
use sluis_detect::plane::{Grid, Plane};

/// How long a mask must have stood without movement under it, in milliseconds, all told. The host keeps a mask of the floor for half a second after the
/// movement, and from half a second before it; this is more than both together.
pub const STOOD_MS: u64 = 1_250;
/// How long a vanished mask is a finding, in milliseconds from the first frame without it.
pub const INSISTS_MS: u64 = 500;
/// How long a mask that came back must have stood, in milliseconds, until it can vanish again.
pub const STOOD_AGAIN_MS: u64 = 10_000;

/// How long a place must have been bare, in milliseconds, for it to be known how it looks without anybody.
pub const BARE_MS: u64 = 1_000;

/// The place looks as before when at least this share of what can be compared does.
const AS_BEFORE: f32 = 0.75;
/// Less than this share of cells to compare is too little.
const ENOUGH: f32 = 0.4;
/// More than this share of a mask over heads that move, and it may be the floor's.
const MOVING: f32 = 0.25;
/// Masks of less than this on a side, in pixels, cover no face that matters: those have 16 pixels, and the host's masks are wider.
const LEAST_SIDE: f32 = 20.0;
/// At most so many masks are remembered, those that stood longest.
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

/// A frame, as far as the memory is concerned. All areas are in camera pixels.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// When: milliseconds since the chamber was made.
    pub elapsed_ms: u64,
    /// What it looks like, on the memory's grid.
    pub plane: &'a Plane,
    /// The masks on it.
    pub masks: &'a [Area],
    /// The heads of those whom the host's floor sees move.
    pub moving: &'a [Area],
}

#[derive(Debug, Default)]
struct State {
    /// When the frame was that it comes from.
    at_ms: u64,
    /// Those that stood longest first.
    masks: Vec<Standing>,
    /// How each cell looks without a mask.
    bare: Vec<Bare>,
}

/// A cell without a mask.
#[derive(Debug, Default, Clone, Copy)]
struct Bare {
    /// How it last looked, once it had been bare for [`BARE_MS`]: for a moment anything may be bare, a face among it.
    look: Option<u8>,
    /// How long it has been bare, in milliseconds; 0 under a mask.
    for_ms: u64,
}

// === impl Memory ===

impl Memory {
    /// Of a camera with pictures of this size.
    pub fn new(picture: Size) -> Self {
        Self {
            grid: Grid::of(picture),
            picture: Area::from(picture.rect()),
            before: State::default(),
            seen_ms: None,
            after: State::default(),
        }
    }

    /// The grid of the planes that it wants.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Where masks have vanished on this frame, in camera pixels.
    ///
    /// A frame with the same time as the one before is that frame again, masked more strictly: it is judged by the same past, and what the camera's ordinary
    /// masking was stays remembered.
    pub fn vanished(&mut self, seen: Seen<'_>) -> Vec<Area> {
        let again = self.seen_ms == Some(seen.elapsed_ms);
        if !again {
            self.before = mem::take(&mut self.after);
            self.seen_ms = Some(seen.elapsed_ms);
        }
        let (vanished, after) = self.before.step(seen, self.picture);
        if !again {
            self.after = after;
        }
        vanished
    }
}

// === impl State ===

impl State {
    fn step(&self, seen: Seen<'_>, picture: Area) -> (Vec<Area>, Self) {
        let Seen { elapsed_ms, plane, masks, moving } = seen;
        let look = Look { plane, under: plane.grid().under(masks) };
        let passed_ms = elapsed_ms.saturating_sub(self.at_ms);
        let still_ms = |area: Area| if area.covered_by(moving) > MOVING { 0 } else { passed_ms };
        let mut free: Vec<Area> = masks.to_vec();
        let mut standing = Vec::new();
        let mut vanished = Vec::new();
        for mask in &self.masks {
            if let Some(next) = nearest(mask.area, &free) {
                let area = free.swap_remove(next);
                let still_ms = mask.still_ms + still_ms(area);
                let needs_ms = if mask.lost_ms.is_some() { still_ms + STOOD_AGAIN_MS } else { mask.needs_ms };
                standing.push(Standing::new(area, still_ms, &look).needing(needs_ms));
            } else if masks.iter().any(|m| m.intersect(mask.area).surface() > 0.0) {
                // Another mask has taken it over.
            } else if let Some(lost) = self.lost(mask, elapsed_ms, &look, picture) {
                vanished.push(mask.area);
                standing.push(lost);
            }
        }
        standing.extend(free.into_iter().map(|area| Standing::new(area, 0, &look)));
        standing.sort_by_key(|mask| std::cmp::Reverse(mask.still_ms));
        standing.truncate(MOST);
        // What lies bare only because its mask vanished is not how the place looks without anybody.
        let unsure = plane.grid().under(&vanished);
        let hidden: Vec<bool> = look.under.iter().zip(unsure).map(|(under, unsure)| *under || unsure).collect();
        (vanished, Self { at_ms: elapsed_ms, masks: standing, bare: self.bare_after(plane, &hidden, passed_ms) })
    }

    /// The mask, as it is remembered from now on, if it has vanished.
    fn lost(&self, mask: &Standing, now_ms: u64, look: &Look<'_>, picture: Area) -> Option<Standing> {
        let lost_ms = mask.lost_ms.unwrap_or(now_ms);
        let large = mask.area.width().min(mask.area.height()) >= LEAST_SIDE;
        let counts = large && mask.still_ms >= mask.needs_ms && mask.is_in_the_middle_of(picture);
        let insists = now_ms.saturating_sub(lost_ms) < INSISTS_MS;
        let gone = || self.looks_as_before(mask.area, look.plane) || mask.surroundings_changed(look);
        (counts && insists && !gone()).then(|| mask.clone().lost_since(lost_ms))
    }

    fn looks_as_before(&self, area: Area, plane: &Plane) -> bool {
        let cells: Vec<usize> = plane.grid().touched(area).collect();
        let known = cells.iter().filter_map(|cell| Some((*cell, self.bare.get(*cell)?.look?)));
        let known: Vec<(usize, u8)> = known.collect();
        known.len() as f32 >= ENOUGH * cells.len() as f32 && plane.alike(&known) >= AS_BEFORE
    }

    fn bare_after(&self, plane: &Plane, hidden: &[bool], passed_ms: u64) -> Vec<Bare> {
        let before = |cell: usize| self.bare.get(cell).copied().unwrap_or_default();
        let after = |(cell, (luma, hidden)): (usize, (&u8, &bool))| {
            let Bare { look, for_ms } = before(cell);
            let for_ms = if *hidden { 0 } else { for_ms + passed_ms };
            Bare { look: if for_ms >= BARE_MS { Some(*luma) } else { look }, for_ms }
        };
        plane.luma().iter().zip(hidden).enumerate().map(after).collect()
    }
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
    /// Frames after which a mask has stood.
    const LONG: usize = (STOOD_MS / FRAME_MS) as usize + 2;

    /// A shop: a wall of 100, and whoever stands in it.
    struct Scene {
        memory: Memory,
        now_ms: u64,
        /// Whether the host's floor sees the person.
        floor: bool,
    }

    /// What stands in the shop: head and shoulders about `HEAD`, moved right by so many pixels; or nobody.
    type Person = Option<f32>;

    impl Scene {
        fn new() -> Self {
            Self { memory: Memory::new(SIZE), now_ms: 0, floor: false }
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
            let moving = if self.floor { masks } else { &[] };
            self.memory.vanished(Seen { elapsed_ms: self.now_ms, plane: &plane, masks, moving })
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
        scene.frames(LONG, None, &[]);
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
    }

    #[test]
    fn a_mask_that_was_there_from_the_first_frame_is_missed_too() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
    }

    #[test]
    fn a_mask_that_vanishes_from_a_head_that_walks_on_is_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, None, &[]);
        for x in 0..LONG {
            assert_eq!(scene.frame(Some(x as f32), &[mask_at(x as f32)]), []);
        }
        let last = LONG as f32 - 1.0;
        assert_eq!(scene.frame(Some(last + 1.0), &[]), [mask_at(last)]);
    }

    #[test]
    fn a_mask_that_goes_with_its_person_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, None, &[]);
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn what_was_bare_for_a_moment_is_not_how_the_place_looks() {
        let mut scene = Scene::new();
        scene.frames(LONG, None, &[]);
        for _ in 0..3 {
            scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
            assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
            scene.frames(STOOD_AGAIN_MS as usize / FRAME_MS as usize, Some(0.0), &[mask_at(0.0)]);
        }
    }

    #[test]
    fn a_mask_that_goes_with_a_person_nobody_saw_come_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn a_mask_that_came_and_went_over_the_bare_wall_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, None, &[]);
        scene.frames(LONG, None, &[mask_at(0.0)]);
        scene.frames(5, None, &[]);
    }

    #[test]
    fn a_mask_that_moves_on_or_is_taken_over_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        scene.frames(1, Some(8.0), &[mask_at(8.0)]);
        let whole_body = Area::new(60.0, 30.0, 60.0, 100.0);
        scene.frames(1, Some(8.0), &[whole_body]);
    }

    #[test]
    fn a_mask_that_leaves_by_the_edge_is_not_found() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(-82.0), &[mask_at(-82.0)]);
        scene.frames(5, Some(-82.0), &[]);
    }

    #[test]
    fn a_mask_that_stood_only_shortly_is_not_found() {
        let mut scene = Scene::new();
        scene.frames((STOOD_MS / FRAME_MS) as usize, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, Some(0.0), &[]);
    }

    #[test]
    fn a_mask_of_the_floor_that_goes_when_movement_ends_is_not_found() {
        let mut scene = Scene::new();
        scene.floor = true;
        scene.frames(3 * LONG, Some(0.0), &[mask_at(0.0)]);
        scene.floor = false;
        // The host keeps the mask for half a second longer.
        scene.frames((500 / FRAME_MS) as usize, Some(0.0), &[mask_at(0.0)]);
        scene.frames(5, Some(0.0), &[]);
    }

    #[test]
    fn a_frame_that_comes_back_is_judged_by_the_same_past() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        // Without its mask, with it, and without it again: whoever asks twice is answered twice.
        for _ in 0..3 {
            assert_eq!(scene.frame(Some(0.0), &[]), [mask_at(0.0)]);
            assert_eq!(scene.again(Some(0.0), &[mask_at(0.0)]), []);
            assert_eq!(scene.again(Some(0.0), &[]), [mask_at(0.0)]);
        }
    }

    #[test]
    fn the_memory_insists_for_a_while_and_not_for_ever() {
        let mut scene = Scene::new();
        scene.frames(LONG, Some(0.0), &[mask_at(0.0)]);
        let insisted = (0..100).take_while(|_| !scene.frame(Some(0.0), &[]).is_empty()).count();
        assert_eq!(insisted as u64, INSISTS_MS.div_ceil(FRAME_MS));
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
