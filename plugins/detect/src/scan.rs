//! Which parts of a picture must be looked at again.
//!
//! A detector is slow, and most of what a fixed camera sees stays as it is. What has been looked at and has not changed since needs no second look; what is new does: it
//! moved, it was lit, or it was under a mask until now. The whole picture is looked at all the same every now and then, because a detector can miss a face in one frame and find it in
//! the next, and because what changes slowly never is new.
//!
//! What is new is told on a coarse picture, in [tiles](TILE): a tile is new when a few of its cells differ from how they were when somebody last looked. New tiles that touch are one part; a part
//! is shown with a margin around it, at the scale of the whole view and in one of a [few sizes](SHAPES), for a network is prepared for each size.
//!
//! Somebody who comes close fills the picture, and so does a crowd. Then the whole picture is looked at, but not in every frame: in between it is looked at in half its scale, where large faces are
//! found, and in full scale only what is urgent: what was under a mask, and where heads are expected.

use std::ops::Range;

use sluis_sdk::{Rect, Size};

use crate::area::Area;
use crate::plane::{Grid, Plane};
use crate::view::View;

/// Cells along a tile's side: about 27 pixels of 640.
pub const TILE: usize = 8;
/// A cell differs when its luma does by more than this: above the noise of cameras and codecs, averaged over a cell.
const DIFFERS: u8 = 10;
/// A tile is new when this many of its 64 cells differ. A face of 12 pixels, of 640, covers as many.
const NEW_CELLS: usize = 4;
/// Input pixels that are shown around what is new, on each side: a face whose edge moved is seen whole.
const MARGIN: u32 = 32;
/// The sizes of input for parts, in pixels, by area. Multiples of [`STEP`](crate::view::STEP).
pub const SHAPES: [Size; 3] = [Size::new(192, 192), Size::new(192, 384), Size::new(384, 192)];
/// Parts that together have more than this share of the whole view's pixels are not worth it: then the whole is looked at.
const WORTHWHILE: f32 = 0.5;
/// However few frames there are, the whole picture is looked at after so many times [`Pace::whole_ms`]: sooner than a filter forgets a face (3 s) and a host lets go of one that
/// stands still (5 s).
pub const STRETCH: u64 = 3;

/// How often a scanner looks.
///
/// Where much is new, and for what rests, milliseconds alone count: then every frame that there is may show somebody new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The whole picture is looked at after so many milliseconds, new or not...
    pub whole_ms: u64,
    /// ...and so many frames: on a machine that is too slow frames are few, and to look at each of them whole would make them fewer. After [`STRETCH`] times as long it is looked
    /// at all the same.
    pub whole_frames: u32,
    /// Where much is new, the whole picture is looked at no sooner than after so many milliseconds.
    pub crowded_ms: u64,
    /// What was looked at is left alone for so many milliseconds, though it has changed; not what was under a mask until now.
    pub rest_ms: u64,
}

/// Remembers what of a camera's pictures has been looked at.
#[derive(Debug)]
pub struct Scanner {
    whole: View,
    /// The whole picture in half the scale.
    coarse: View,
    pace: Pace,
    grid: Grid,
    /// How each cell looked when somebody last looked at it; `None` when nobody has, or it was hidden.
    known: Vec<Option<u8>>,
    /// When somebody last looked at each tile.
    looked_ms: Vec<u64>,
    whole_ms: Option<u64>,
    /// Frames since then.
    frames: u32,
    /// The tiles that are new in the frame that is planned.
    new: Vec<bool>,
    /// Those of them of which something was never seen, or not lately: a mask has left it.
    bared: Vec<bool>,
}

/// A rectangle of tiles, ends excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tiles {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

// === impl Scanner ===

impl Scanner {
    /// For pictures of a size, of which `whole` shows all. Nothing has been looked at.
    pub fn new(picture: Size, whole: View, pace: Pace) -> Self {
        let grid = Grid::of(picture);
        let tiles = tile_columns(grid) * tile_rows(grid);
        Self {
            whole,
            coarse: View::whole(picture, whole.input.width.max(whole.input.height) / 2),
            pace,
            grid,
            known: vec![None; grid.len()],
            looked_ms: vec![0; tiles],
            whole_ms: None,
            frames: 0,
            new: vec![true; tiles],
            bared: vec![true; tiles],
        }
    }

    /// The grid of the planes that it wants.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The sizes of input that its views have, for a network to prepare.
    pub fn inputs(&self) -> impl Iterator<Item = Size> {
        let worthwhile = |shape: &Size| self.is_worthwhile(shape.pixels());
        [self.whole.input, self.coarse.input].into_iter().chain(SHAPES.into_iter().filter(worthwhile))
    }

    /// What to look at in the frame that looks like `plane`, at `now_ms`. `hidden` are its cells under masks, or empty when nothing is masked; what is new in an `urgent` area
    /// (camera pixels) is looked at in full scale. Whoever asks looks at all of it: from then on it is known.
    pub fn plan(&mut self, now_ms: u64, plane: &Plane, hidden: &[bool], urgent: &[Area]) -> Vec<View> {
        self.find_new(plane, hidden);
        self.frames = self.frames.saturating_add(1);
        let views = self.choose(now_ms, urgent);
        for view in &views {
            self.note(now_ms, plane, hidden, view);
        }
        views
    }

    fn choose(&self, now_ms: u64, urgent: &[Area]) -> Vec<View> {
        let since_whole = self.whole_ms.map(|then| now_ms.saturating_sub(then));
        let few = self.frames < self.pace.whole_frames;
        let due = if few { STRETCH * self.pace.whole_ms } else { self.pace.whole_ms };
        let Some(since_whole) = since_whole.filter(|since| *since < due) else { return vec![self.whole] };
        let rested = |looked: &u64| now_ms.saturating_sub(*looked) >= self.pace.rest_ms;
        let ripe: Vec<bool> =
            self.new.iter().zip(&self.looked_ms).map(|(new, looked)| *new && rested(looked)).collect();
        let urgent = self.tiles(urgent);
        let mut views = Vec::new();
        // What was under a mask first: it must be seen now. Then where heads are expected, and last what else is new.
        let Some(()) = self.add(&mut views, |tile| self.new[tile] && self.bared[tile]) else { return vec![self.whole] };
        let all = self.add(&mut views, |tile| ripe[tile] && urgent[tile]);
        match all.and_then(|()| self.add(&mut views, |tile| ripe[tile])) {
            Some(()) => views,
            None if since_whole >= self.pace.crowded_ms => vec![self.whole],
            None => {
                views.push(self.coarse);
                views
            }
        }
    }

    /// Adds views of those of these tiles that `views` do not show; `None`, and nothing is added, when that is too much.
    fn add(&self, views: &mut Vec<View>, these: impl Fn(usize) -> bool) -> Option<()> {
        let shown: Vec<Area> = views.iter().map(|view| Area::from(view.part)).collect();
        let tiles = (0..self.new.len()).map(|tile| these(tile) && !covers(&shown, self.area_of(tile)));
        let more = self.parts(tiles.collect())?;
        let pixels: usize = views.iter().chain(&more).map(|view| view.input.pixels()).sum();
        self.is_worthwhile(pixels).then(|| views.extend(more))
    }

    fn is_worthwhile(&self, pixels: usize) -> bool {
        pixels as f32 <= self.whole.input.pixels() as f32 * WORTHWHILE
    }

    /// The tiles that these areas touch.
    fn tiles(&self, areas: &[Area]) -> Vec<bool> {
        let mut tiles = vec![false; self.new.len()];
        for cell in areas.iter().flat_map(|area| self.grid.touched(*area)) {
            tiles[self.tile_of(cell)] = true;
        }
        tiles
    }

    fn tile_of(&self, cell: usize) -> usize {
        let width = self.grid.cells().width as usize;
        cell / width / TILE * tile_columns(self.grid) + cell % width / TILE
    }

    /// The camera pixels of a tile.
    fn area_of(&self, tile: usize) -> Area {
        let (columns, rows) = self.cells_of(tile);
        self.grid.area(columns, rows)
    }

    /// Columns and rows of a tile's cells.
    fn cells_of(&self, tile: usize) -> (Range<usize>, Range<usize>) {
        let Size { width, height } = self.grid.cells();
        let columns = tile_columns(self.grid);
        let (row, column) = (tile / columns * TILE, tile % columns * TILE);
        (column..(column + TILE).min(width as usize), row..(row + TILE).min(height as usize))
    }

    /// Whoever looked saw something in `area` that must be looked at again in the next frame, changed or not.
    pub fn look_again(&mut self, area: Area) {
        for cell in self.grid.touched(area) {
            self.known[cell] = None;
        }
    }

    fn find_new(&mut self, plane: &Plane, hidden: &[bool]) {
        let mut differing = vec![0; self.new.len()];
        self.bared.fill(false);
        for (cell, luma) in plane.luma().iter().enumerate() {
            if hidden.get(cell).copied().unwrap_or(false) {
                // Whatever it looked like: nobody sees it now, and it is new when it is bare.
                self.known[cell] = None;
            } else if self.differs(cell, *luma) {
                let tile = self.tile_of(cell);
                differing[tile] += 1;
                self.bared[tile] |= self.known[cell].is_none();
            }
        }
        // Where the network is shown more pixels, smaller faces matter; and a grid of very few cells has tiles of fewer.
        let shown = self.whole.input.width.max(self.whole.input.height) as usize;
        let enough = (NEW_CELLS * 640 / shown.max(640)).clamp(1, self.grid.len());
        self.new = differing.into_iter().map(|cells| cells >= enough).collect();
    }

    /// Whether a cell of this luma looks otherwise than it did, half way to its neighbours counted: mounts tremble, and what is at an edge becomes what is beside it.
    fn differs(&self, cell: usize, luma: u8) -> bool {
        let Some(known) = self.known[cell] else { return true };
        if known.abs_diff(luma) <= DIFFERS {
            return false;
        }
        let Size { width, height } = self.grid.cells();
        let (width, height) = (width as usize, height as usize);
        let (row, column) = (cell / width, cell % width);
        // At the very edge it is not known what was beside it; a face is wider than that.
        let inside = |at: usize, of: usize| of < 3 || (at > 0 && at + 1 < of);
        if !inside(column, width) || !inside(row, height) {
            return false;
        }
        let beside = [cell.checked_sub(1), Some(cell + 1), cell.checked_sub(width), Some(cell + width)];
        let beside = beside.into_iter().flatten().filter_map(|cell| self.known.get(cell).copied().flatten());
        let (low, high) = beside.fold((known, known), |(low, high), luma| (low.min(luma), high.max(luma)));
        let half_way = |to: u8| known.midpoint(to);
        luma < half_way(low).saturating_sub(DIFFERS) || luma > half_way(high).saturating_add(DIFFERS)
    }

    /// Views of these tiles; `None` when one of them does not fit any.
    fn parts(&self, tiles: Vec<bool>) -> Option<Vec<View>> {
        let mut parts = connected(tiles, tile_columns(self.grid));
        self.merge(&mut parts)?;
        parts.iter().map(|part| self.view(*part)).collect()
    }

    /// Puts parts together while that shows no more pixels. `None` when one of them is too large.
    fn merge(&self, parts: &mut Vec<Tiles>) -> Option<()> {
        let pixels = |part: Tiles| self.view(part).map(|view| view.input.pixels());
        let mut i = 0;
        while i < parts.len() {
            let own = pixels(parts[i])?;
            let better = (i + 1..parts.len()).find(|j| {
                let apart = pixels(parts[*j]).map(|other| own + other);
                pixels(parts[i].with(parts[*j])).zip(apart).is_some_and(|(together, apart)| together <= apart)
            });
            match better {
                Some(j) => {
                    let other = parts.swap_remove(j);
                    parts[i] = parts[i].with(other);
                    // The first may fit it now.
                    i = 0;
                }
                None => i += 1,
            }
        }
        Some(())
    }

    /// The smallest view of these tiles with a margin; `None` when none is large enough.
    fn view(&self, tiles: Tiles) -> Option<View> {
        let area = self.grid.area(tiles.left * TILE..tiles.right * TILE, tiles.top * TILE..tiles.bottom * TILE);
        let scale = self.whole.scale();
        let wanted = |side: f32| (side * scale).ceil() as u32 + 2 * MARGIN;
        let (width, height) = (wanted(area.width()), wanted(area.height()));
        let shape = SHAPES.into_iter().find(|shape| shape.width >= width && shape.height >= height)?;
        let side = |input: u32| (input as f32 / scale).round().max(1.0) as u32;
        let (across, down) = (side(shape.width), side(shape.height));
        let (x, y) = area.centre();
        let Size { width, height } = self.grid.picture();
        // Within the picture where it fits: what lies beyond is black, and shows nothing.
        let corner = |centre: f32, side: u32, of: u32| {
            let latest = i64::from(of) - i64::from(side);
            let corner = (centre - side as f32 / 2.0).round() as i64;
            if latest < 0 { latest / 2 } else { corner.clamp(0, latest) }
        };
        let part = Rect::new(corner(x, across, width) as i32, corner(y, down, height) as i32, across, down);
        Some(View { part, input: shape })
    }

    /// Somebody looks at what `view` shows: the tiles that lie in it wholly are known from now on. In half the scale not all is seen: they rest, and stay new.
    fn note(&mut self, now_ms: u64, plane: &Plane, hidden: &[bool], view: &View) {
        let (whole, coarse) = (*view == self.whole, *view == self.coarse);
        if whole {
            (self.whole_ms, self.frames) = (Some(now_ms), 0);
        }
        let shown = [Area::from(view.part)];
        let width = self.grid.cells().width as usize;
        for tile in 0..self.new.len() {
            if !whole && !coarse && !covers(&shown, self.area_of(tile)) {
                continue;
            }
            self.looked_ms[tile] = now_ms;
            if coarse && !whole {
                continue;
            }
            let (columns, rows) = self.cells_of(tile);
            for cell in rows.flat_map(|row| columns.clone().map(move |column| row * width + column)) {
                let is_hidden = hidden.get(cell).copied().unwrap_or(false);
                self.known[cell] = (!is_hidden).then_some(plane.luma()[cell]);
            }
        }
    }
}

// === impl Tiles ===

impl Tiles {
    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

fn tile_columns(grid: Grid) -> usize {
    (grid.cells().width as usize).div_ceil(TILE)
}

fn tile_rows(grid: Grid) -> usize {
    (grid.cells().height as usize).div_ceil(TILE)
}

/// Whether one of these areas holds all of another.
fn covers(areas: &[Area], other: Area) -> bool {
    areas.iter().any(|area| area.intersect(other).surface() >= other.surface() * 0.999)
}

/// The bounds of each group of marked tiles that touch, corners too.
fn connected(mut left: Vec<bool>, columns: usize) -> Vec<Tiles> {
    let mut found = Vec::new();
    for start in 0..left.len() {
        if !std::mem::take(&mut left[start]) {
            continue;
        }
        let mut waiting = vec![start];
        let mut bounds: Option<Tiles> = None;
        while let Some(tile) = waiting.pop() {
            let (row, column) = (tile / columns, tile % columns);
            let own = Tiles { left: column, top: row, right: column + 1, bottom: row + 1 };
            bounds = Some(bounds.map_or(own, |b| b.with(own)));
            for beside_row in row.saturating_sub(1)..(row + 2).min(left.len() / columns) {
                for beside in column.saturating_sub(1)..(column + 2).min(columns) {
                    let beside = beside_row * columns + beside;
                    if std::mem::take(&mut left[beside]) {
                        waiting.push(beside);
                    }
                }
            }
        }
        found.extend(bounds);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PICTURE: Size = Size::new(640, 480);
    const PACE: Pace = Pace { whole_ms: 1_000, whole_frames: 0, crowded_ms: 200, rest_ms: 0 };

    fn scanner(pace: Pace) -> Scanner {
        Scanner::new(PICTURE, View::whole(PICTURE, 640), pace)
    }

    /// A grey place with something bright on it.
    fn plane(grid: Grid, bright: &[Area]) -> Plane {
        let mut luma = vec![100; grid.len()];
        bright.iter().flat_map(|area| grid.touched(*area)).for_each(|cell| luma[cell] = 180);
        Plane::new(grid, luma).unwrap()
    }

    fn is_whole(views: &[View]) -> bool {
        matches!(views, [view] if view.input == PICTURE)
    }

    #[test]
    fn the_first_frame_is_looked_at_whole_and_what_stays_is_not_looked_at_again() {
        let mut scanner = scanner(PACE);
        let empty = plane(scanner.grid(), &[]);
        assert!(is_whole(&scanner.plan(0, &empty, &[], &[])));
        assert_eq!(scanner.plan(40, &empty, &[], &[]), []);
        assert_eq!(scanner.plan(999, &empty, &[], &[]), []);
        assert!(is_whole(&scanner.plan(1_000, &empty, &[], &[])));
    }

    #[test]
    fn when_frames_are_few_the_whole_is_looked_at_less_often_but_not_for_long() {
        let looks = |apart_ms: u64| -> Vec<u64> {
            let mut scanner = scanner(Pace { whole_frames: 10, ..PACE });
            let empty = plane(scanner.grid(), &[]);
            let times = (0..40).map(|frame| frame * apart_ms);
            times.filter(|now_ms| is_whole(&scanner.plan(*now_ms, &empty, &[], &[]))).collect()
        };
        // 10 and more a second: every second. 4 a second: every ten frames. 1 a second: every three seconds.
        assert_eq!(looks(50), [0, 1_000]);
        assert_eq!(looks(100), [0, 1_000, 2_000, 3_000]);
        assert_eq!(looks(250), [0, 2_500, 5_000, 7_500]);
        assert_eq!(looks(1_000), (0..40_000).step_by(3_000).collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_is_looked_at_with_a_margin_and_so_is_what_it_leaves() {
        let mut scanner = scanner(PACE);
        let grid = scanner.grid();
        let head = Area::new(300.0, 200.0, 16.0, 20.0);
        scanner.plan(0, &plane(grid, &[]), &[], &[]);
        for (now_ms, bright) in [(40, vec![head]), (80, vec![])] {
            let views = scanner.plan(now_ms, &plane(grid, &bright), &[], &[]);
            let [View { part, input }] = views[..] else { panic!("{views:?}") };
            assert_eq!(input, SHAPES[0]);
            let shown = Area::from(part);
            assert_eq!(head.widen(32.0, 32.0, 32.0).intersect(shown), head.widen(32.0, 32.0, 32.0));
        }
        assert_eq!(scanner.plan(120, &plane(grid, &[]), &[], &[]), []);
    }

    #[test]
    fn what_was_hidden_is_new_when_it_is_bare_though_it_looks_the_same() {
        let mut scanner = scanner(PACE);
        let grid = scanner.grid();
        let place = plane(grid, &[]);
        let hidden = grid.under(&[Area::new(300.0, 200.0, 30.0, 40.0)]);
        scanner.plan(0, &place, &hidden, &[]);
        assert_eq!(scanner.plan(40, &place, &hidden, &[]), []);
        assert_eq!(scanner.plan(80, &place, &[], &[]).len(), 1);
        assert_eq!(scanner.plan(120, &place, &[], &[]), []);
    }

    #[test]
    fn what_is_hidden_is_never_new() {
        let mut scanner = scanner(PACE);
        let grid = scanner.grid();
        let head = Area::new(300.0, 200.0, 16.0, 20.0);
        scanner.plan(0, &plane(grid, &[]), &[], &[]);
        assert_eq!(scanner.plan(40, &plane(grid, &[head]), &grid.under(&[head]), &[]), []);
    }

    #[test]
    fn what_keeps_changing_is_left_alone_between_two_looks_and_then_is_still_new() {
        let mut scanner = scanner(Pace { rest_ms: 100, ..PACE });
        let grid = scanner.grid();
        scanner.plan(0, &plane(grid, &[]), &[], &[]);
        let looks: Vec<usize> = (1..=10)
            .map(|i| {
                scanner
                    .plan(i * 40, &plane(grid, &[Area::new(300.0 + 4.0 * i as f32, 200.0, 16.0, 20.0)]), &[], &[])
                    .len()
            })
            .collect();
        assert_eq!(looks, [0, 0, 1, 0, 0, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn somebody_asks_for_a_second_look_and_gets_it_in_the_next_frame_only() {
        let mut scanner = scanner(PACE);
        let empty = plane(scanner.grid(), &[]);
        scanner.plan(0, &empty, &[], &[]);
        scanner.look_again(Area::new(300.0, 200.0, 16.0, 20.0));
        assert_eq!(scanner.plan(40, &empty, &[], &[]).len(), 1);
        assert_eq!(scanner.plan(80, &empty, &[], &[]), []);
    }

    #[test]
    fn when_much_is_new_the_whole_is_looked_at_now_and_then_and_coarsely_in_between() {
        let mut scanner = scanner(PACE);
        let grid = scanner.grid();
        scanner.plan(0, &plane(grid, &[]), &[], &[]);
        let crowd = |shift: u64| {
            let person = |i: u64| Area::new((16 * i + shift) as f32, (12 * i) as f32, 20.0, 20.0);
            plane(grid, &(0..40).map(person).collect::<Vec<_>>())
        };
        let coarse = View::whole(PICTURE, 320);
        assert_eq!(scanner.plan(40, &crowd(0), &[], &[]), [coarse]);
        // Nothing has moved since, but half the scale is not enough.
        assert_eq!(scanner.plan(80, &crowd(0), &[], &[]), [coarse]);
        // Somebody expects a head.
        let head = Area::new(320.0, 240.0, 20.0, 20.0);
        let views = scanner.plan(120, &crowd(10), &[], &[head]);
        assert!(
            views.len() == 2 && views[1] == coarse && Area::from(views[0].part).intersect(head) == head,
            "{views:?}"
        );
        assert!(is_whole(&scanner.plan(200, &crowd(20), &[], &[])));
    }

    #[test]
    fn a_camera_that_trembles_by_a_pixel_shows_nothing_new() {
        let mut scanner = scanner(PACE);
        let grid = scanner.grid();
        // Bright posts 30 pixels wide, 60 pixels apart; a cell holds as much of them as it covers.
        let shelf = |shift: f32| {
            let bright = |cell: f32| {
                (0..11)
                    .map(|i| (60.0 * i as f32 + shift, cell))
                    .map(|(post, cell)| {
                        let (left, right) = (cell * 640.0 / 192.0, (cell + 1.0) * 640.0 / 192.0);
                        (right.min(post + 30.0) - left.max(post)).max(0.0) / (right - left)
                    })
                    .sum::<f32>()
            };
            let luma = (0..grid.len()).map(|cell| 100 + (80.0 * bright((cell % 192) as f32)) as u8);
            Plane::new(grid, luma.collect()).unwrap()
        };
        scanner.plan(0, &shelf(0.0), &[], &[]);
        assert_eq!(scanner.plan(40, &shelf(1.0), &[], &[]), []);
        assert_ne!(scanner.plan(80, &shelf(12.0), &[], &[]), []);
    }

    proptest! {
        #[test]
        fn whatever_is_new_is_shown(
            (w, h) in (16u32..2_000, 16u32..2_000),
            spots in prop::collection::vec((0.0f32..1.0, 0.0f32..1.0, 20.0f32..200.0), 1..6),
        ) {
            let picture = Size::new(w, h);
            let mut scanner = Scanner::new(picture, View::whole(picture, 640), Pace { crowded_ms: 0, ..PACE });
            let grid = scanner.grid();
            let spots: Vec<Area> = spots.iter().map(|(x, y, side)| Area::new(x * w as f32, y * h as f32, *side, *side)).collect();
            scanner.plan(0, &plane(grid, &[]), &[], &[]);
            let views = scanner.plan(40, &plane(grid, &spots), &[], &[]);
            let shown: Vec<Area> = views.iter().map(|view| Area::from(view.part)).collect();
            let inputs: Vec<Size> = scanner.inputs().collect();
            prop_assert!(views.iter().all(|view| inputs.contains(&view.input)));
            for (tile, _) in scanner.new.iter().enumerate().filter(|(_, new)| **new) {
                let area = scanner.area_of(tile);
                prop_assert!(area.covered_by(&shown) > 0.99, "{area:?} {shown:?}");
            }
            // And once is enough.
            prop_assert_eq!(scanner.plan(80, &plane(grid, &spots), &[], &[]), vec![]);
        }
    }
}
