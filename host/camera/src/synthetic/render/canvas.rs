//! Drawing solids into a picture with depth.

use glam::Vec3;
use sluis_frame::Rect;

use super::meet;
use super::paint::lit;
use super::solid::{Form, Sight, Solid};
use crate::synthetic::view::View;

/// Who a pixel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::synthetic) enum Owner {
    /// Nothing was drawn.
    #[default]
    Nothing,
    /// Walls, furniture, products.
    Shop,
    /// The floor, on which shadows fall.
    Floor,
    /// The head of the person in this place of the frame's list.
    Head(u8),
    /// The rest of that person, and what it carries.
    Body(u8),
}

/// A window of the picture being drawn: colour, depth and owner of each of its pixels.
#[derive(Debug, Clone)]
pub(in crate::synthetic) struct Canvas {
    /// Which pixels of the picture it holds.
    window: Rect,
    /// Where in a pixel it looks; the middle is (0.5, 0.5).
    within: (f32, f32),
    /// 3 bytes a pixel.
    pub(in crate::synthetic) colour: Vec<u8>,
    /// Along the optical axis, in metres; infinite where nothing is.
    pub(in crate::synthetic) depth: Vec<f32>,
    pub(in crate::synthetic) owner: Vec<Owner>,
}

/// Pixels of a canvas's window, counted within it.
#[derive(Debug, Clone, Copy)]
struct Range {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

// === impl Canvas ===

impl Canvas {
    pub(in crate::synthetic) fn new(window: Rect, within: (f32, f32)) -> Self {
        let pixels = window.area() as usize;
        Self {
            window,
            within,
            colour: vec![0; pixels * 3],
            depth: vec![f32::INFINITY; pixels],
            owner: vec![Owner::Nothing; pixels],
        }
    }

    /// Takes over everything from a canvas of the same window.
    pub(in crate::synthetic) fn copy_from(&mut self, other: &Self) {
        self.colour.copy_from_slice(&other.colour);
        self.depth.copy_from_slice(&other.depth);
        self.owner.copy_from_slice(&other.owner);
    }

    /// Takes over the pixels of a canvas whose window lies within this one's.
    pub(in crate::synthetic) fn paste(&mut self, patch: &Self) {
        let width = patch.window.width as usize;
        for row in 0..patch.window.height as usize {
            let y = (patch.window.top() - self.window.top()) as usize + row;
            let to = y * self.window.width as usize + (patch.window.left() - self.window.left()) as usize;
            let from = row * width;
            self.colour[to * 3..(to + width) * 3].copy_from_slice(&patch.colour[from * 3..(from + width) * 3]);
            self.depth[to..to + width].copy_from_slice(&patch.depth[from..from + width]);
            self.owner[to..to + width].copy_from_slice(&patch.owner[from..from + width]);
        }
    }

    /// Draws what of the solid lies before everything drawn so far.
    pub(in crate::synthetic) fn draw(&mut self, solid: &Solid, view: &View, owner: Owner) {
        let Some(range) = self.range(solid, view) else { return };
        let sight = solid.sight(view.origin);
        let origin = sight.origin();
        // One loop for each form, so that the form is not asked for at every pixel.
        match sight.form() {
            Form::Ball => self.scan(solid, view, owner, range, &sight, |ray| meet::ball(origin, ray, 1.0)),
            Form::Cube => self.scan(solid, view, owner, range, &sight, |ray| meet::cube(origin, ray)),
            Form::Drum => self.scan(solid, view, owner, range, &sight, |ray| meet::drum(origin, ray)),
            Form::Limb { length, low, high } => {
                self.scan(solid, view, owner, range, &sight, |ray| meet::limb(origin, ray, length, low, high));
            }
        }
    }

    /// Multiplies the colour of floor pixels in a rectangle by what `light` says for their place on the floor.
    pub(in crate::synthetic) fn shade_floor(&mut self, view: &View, bounds: Rect, light: impl Fn(Vec3) -> f32) {
        let Some(inside) = bounds.intersect(self.window) else { return };
        let width = self.window.width as usize;
        for y in inside.top() - self.window.top()..inside.bottom() - self.window.top() {
            for x in inside.left() - self.window.left()..inside.right() - self.window.left() {
                let (x, y) = (x as usize, y as usize);
                let at = y * width + x;
                if self.owner[at] != Owner::Floor {
                    continue;
                }
                let place = self.place(x, y);
                let share = light(view.origin + view.ray(place.0, place.1) * self.depth[at]);
                if share < 1.0 {
                    for value in &mut self.colour[at * 3..at * 3 + 3] {
                        *value = (f32::from(*value) * share) as u8;
                    }
                }
            }
        }
    }

    fn place(&self, x: usize, y: usize) -> (f32, f32) {
        (self.window.x as f32 + x as f32 + self.within.0, self.window.y as f32 + y as f32 + self.within.1)
    }

    fn range(&self, solid: &Solid, view: &View) -> Option<Range> {
        let (min, max) = solid.bounds(view)?;
        let (left, top) = (self.window.x as f32, self.window.y as f32);
        // Casts saturate: what lies to the left or above begins at 0.
        let range = Range {
            left: (min.x - left).floor() as usize,
            top: (min.y - top).floor() as usize,
            right: ((max.x - left).ceil() as usize + 1).min(self.window.width as usize),
            bottom: ((max.y - top).ceil() as usize + 1).min(self.window.height as usize),
        };
        (max.x >= left && max.y >= top && range.left < range.right && range.top < range.bottom).then_some(range)
    }

    #[inline]
    fn scan(
        &mut self,
        solid: &Solid,
        view: &View,
        owner: Owner,
        range: Range,
        sight: &Sight,
        meet: impl Fn(Vec3) -> Option<f32>,
    ) {
        let width = self.window.width as usize;
        let step = view.ray_steps().0;
        let step_inward = sight.inward(step);
        for y in range.top..range.bottom {
            // Counted from the edge of the picture, not of the window: a mended picture is the same to the last bit.
            let first = view.ray(self.within.0, self.place(0, y).1);
            let first_inward = sight.inward(first);
            for x in range.left..range.right {
                let along = (self.window.x + x as i32) as f32;
                let inward = first_inward + step_inward * along;
                let Some(distance) = meet(inward) else { continue };
                let at = y * width + x;
                if distance >= self.depth[at] {
                    continue;
                }
                self.depth[at] = distance;
                self.owner[at] = owner;
                let local = sight.origin() + inward * distance;
                let point = view.origin + (first + step * along) * distance;
                let colour = solid.paint.colour(local, point, view.footprint(distance));
                let colour = lit(colour, solid.normal(local)).to_array().map(|v| v as u8);
                self.colour[at * 3..at * 3 + 3].copy_from_slice(&colour);
            }
        }
    }
}
