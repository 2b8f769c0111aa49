//! The shop with its people, drawn.

use std::sync::Arc;

use glam::{Vec2, Vec3};
use sluis_frame::Rect;

use super::body::flesh::{self, Part};
use super::plan::Plan;
use super::render::{Canvas, Owner, Scenery, Solid};
use super::story::{Figure, Story};
use super::view::View;

/// Draws moments of a story as one camera sees them.
#[derive(Debug)]
pub(super) struct Painter {
    plan: Arc<Plan>,
    view: View,
    scenery: Scenery,
    canvas: Canvas,
}

/// Around each foot and around the whole body: how far the shadow reaches, in metres, and how dark it is in its middle.
const FOOT_SHADOW: (f32, f32) = (0.26, 0.34);
const BODY_SHADOW: (f32, f32) = (0.55, 0.26);

// === impl Painter ===

impl Painter {
    pub(super) fn new(plan: Arc<Plan>, view: View) -> Self {
        let scenery = Scenery::new(&plan, &view);
        let canvas = Canvas::new(view.size.rect(), (0.5, 0.5));
        Self { plan, view, scenery, canvas }
    }

    /// Draws the present moment of the story.
    pub(super) fn draw(&mut self, story: &Story) -> &Canvas {
        self.canvas.copy_from(self.scenery.with(story.stock(), &self.plan, &self.view));
        let figures = story.figures();
        for figure in &figures {
            shadows(&mut self.canvas, &self.view, figure);
        }
        for (i, figure) in figures.iter().enumerate() {
            let (canvas, view) = (&mut self.canvas, &self.view);
            let i = i as u8;
            solids(figure, &self.plan, |solid, part| {
                canvas.draw(&solid, view, if part == Part::Head { Owner::Head(i) } else { Owner::Body(i) });
            });
        }
        &self.canvas
    }
}

/// Everything that is drawn of a person, with what it carries.
pub(super) fn solids(figure: &Figure, plan: &Plan, mut put: impl FnMut(Solid, Part)) {
    flesh::solids(&figure.build, &figure.bones, figure.eyes, &mut put);
    if figure.build.basket {
        flesh::basket(&figure.bones, |solid| put(solid, Part::Body));
    }
    if let Some((_, product, at, axes)) = figure.held {
        plan.products[usize::from(product.0)].solids(at, axes, |solid| put(solid, Part::Body));
    }
}

fn shadows(canvas: &mut Canvas, view: &View, figure: &Figure) {
    let feet = figure.bones.ankles.map(Vec3::truncate);
    let spots = [(feet[0], FOOT_SHADOW), (feet[1], FOOT_SHADOW), (figure.place, BODY_SHADOW)];
    for (middle, (reach, dark)) in spots {
        let Some(bounds) = on_floor(view, middle, reach) else { continue };
        canvas.shade_floor(view, bounds, |point| {
            let off = (point.truncate() - middle).length_squared() / (reach * reach);
            let share = (1.0 - off).max(0.0);
            1.0 - dark * share * share
        });
    }
}

/// The pixels that a disc on the floor can touch.
fn on_floor(view: &View, middle: Vec2, reach: f32) -> Option<Rect> {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)];
    let mut bounds: Option<(Vec2, Vec2)> = None;
    for (x, y) in corners {
        // What is partly behind the camera is too near for its shadow to be seen.
        let pixel = view.see((middle + Vec2::new(x, y) * reach).extend(0.0))?.pixel;
        let (min, max) = bounds.unwrap_or((pixel, pixel));
        bounds = Some((min.min(pixel), max.max(pixel)));
    }
    let (min, max) = bounds?;
    Rect::from_edges(min.x as i64, min.y as i64, max.x as i64 + 1, max.y as i64 + 1).clip(view.size)
}
