//! The shop without people: drawn once, and mended where a product has gone or come.

use glam::{Mat3, Vec2};
use sluis_frame::Rect;

use super::canvas::{Canvas, Owner};
use super::solid::Solid;
use crate::synthetic::plan::Plan;
use crate::synthetic::product::ProductId;
use crate::synthetic::view::View;

/// Where in a pixel the colours of the scenery are taken, beside its middle: a turned square, so that slanting edges are smooth.
const SAMPLES: [(f32, f32); 4] = [(0.375, 0.125), (0.875, 0.375), (0.625, 0.875), (0.125, 0.625)];

/// The shop without people, as one camera sees it.
#[derive(Debug)]
pub(in crate::synthetic) struct Scenery {
    fixed: Vec<(Solid, Owner)>,
    /// What lies in each slot of the plan in the picture that is kept.
    stock: Vec<Option<ProductId>>,
    canvas: Canvas,
}

// === impl Scenery ===

impl Scenery {
    pub(in crate::synthetic) fn new(plan: &Plan, view: &View) -> Self {
        let owned = |(solid, floor)| (solid, if floor { Owner::Floor } else { Owner::Shop });
        let fixed = plan.solids().into_iter().map(owned).collect();
        let stock = plan.stock.clone();
        let whole = view.size.rect();
        let mut scenery = Self { fixed, stock, canvas: Canvas::new(whole, (0.5, 0.5)) };
        scenery.draw(plan, view, whole);
        scenery
    }

    /// The picture of the shop with this stock.
    pub(in crate::synthetic) fn with(&mut self, stock: &[Option<ProductId>], plan: &Plan, view: &View) -> &Canvas {
        for (slot, now) in stock.iter().enumerate() {
            let before = std::mem::replace(&mut self.stock[slot], *now);
            if before == *now {
                continue;
            }
            for product in [before, *now].into_iter().flatten() {
                if let Some(bounds) = bounds(plan, slot, product, view) {
                    self.draw(plan, view, bounds);
                }
            }
        }
        &self.canvas
    }

    /// Draws a window of the picture anew.
    fn draw(&mut self, plan: &Plan, view: &View, window: Rect) {
        let draw = |within: (f32, f32)| {
            let mut canvas = Canvas::new(window, within);
            for (solid, owner) in &self.fixed {
                canvas.draw(solid, view, *owner);
            }
            for (slot, product) in self.stock.iter().enumerate() {
                if let Some(product) = product {
                    let at = plan.lies(slot, *product);
                    let looks = &plan.products[usize::from(product.0)];
                    looks.solids(at, Mat3::IDENTITY, |solid| canvas.draw(&solid, view, Owner::Shop));
                }
            }
            canvas
        };
        // Depth and owner from the middle of the pixel, colour from around it.
        let mut middle = draw((0.5, 0.5));
        let around = SAMPLES.map(draw);
        for (i, value) in middle.colour.iter_mut().enumerate() {
            let sum: u16 = around.iter().map(|canvas| u16::from(canvas.colour[i])).sum();
            *value = (sum / SAMPLES.len() as u16) as u8;
        }
        self.canvas.paste(&middle);
    }
}

/// The pixels that a product in a slot can touch.
fn bounds(plan: &Plan, slot: usize, product: ProductId, view: &View) -> Option<Rect> {
    let mut bounds: Option<(Vec2, Vec2)> = None;
    let at = plan.lies(slot, product);
    plan.products[usize::from(product.0)].solids(at, Mat3::IDENTITY, |solid| {
        if let Some((min, max)) = solid.bounds(view) {
            let so_far = bounds.unwrap_or((min, max));
            bounds = Some((so_far.0.min(min), so_far.1.max(max)));
        }
    });
    let (min, max) = bounds?;
    let edges = (min.floor() - Vec2::ONE, max.ceil() + Vec2::ONE);
    Rect::from_edges(edges.0.x as i64, edges.0.y as i64, edges.1.x as i64, edges.1.y as i64).clip(view.size)
}
