//! Where heads and faces are, and how much of them is seen.

use glam::{Vec2, Vec3};
use sluis_frame::Rect;

use super::{HeadTruth, HeadView};
use crate::synthetic::body::flesh::{self, Part};
use crate::synthetic::render::Solid;
use crate::synthetic::story::Figure;
use crate::synthetic::view::View;

/// Points looked at on each solid of a head.
const POINTS: u16 = 96;

/// Points across and down the face.
const FACE: (i16, i16) = (10, 12);

/// From ear to ear and from chin to hairline, for a head 23 cm high, in metres: half the width, and the lowest and highest point.
const FACE_HALF: f32 = 0.071;
const FACE_HEIGHT: (f32, f32) = (-0.112, 0.070);

/// A surface is the first thing that a look meets when nothing lies this much before it, in metres.
pub(super) const THICKNESS: f32 = 0.012;

/// Less of a face than this is nobody's face.
const LEAST_FACE: f32 = 0.14;

/// One person's solids, split.
pub(super) struct Limbs {
    pub(super) head: Vec<Solid>,
    pub(super) all: Vec<Solid>,
}

/// The truth about one head. `hides` says whether something of the shop or of any person lies more than a little before a point.
pub(super) fn look(figure: &Figure, limbs: &Limbs, view: &View, hides: impl Fn(Vec3) -> bool) -> Option<HeadTruth> {
    let mut outline = Outline::default();
    let (mut turned, mut seen) = (0u32, 0u32);
    for solid in &limbs.head {
        for point in solid.surface(POINTS) {
            let Some(found) = view.see(point) else { continue };
            outline.add(found.pixel);
            if first_of(&limbs.head, view, point, THICKNESS) {
                turned += 1;
                seen += u32::from(view.holds(found.pixel) && !hides(point));
            }
        }
    }
    let head = outline.rect()?.clip(view.size)?;
    let at = figure.bones.head;
    let off = figure.bones.head_axes.y_axis.angle_between(view.origin - at).to_degrees();
    let (face, share) = face(figure, limbs, view);
    let face = face.and_then(|face| face.clip(view.size)).filter(|_| share >= LEAST_FACE);
    let angle = match off {
        0.0..35.0 => HeadView::Frontal,
        35.0..65.0 => HeadView::ThreeQuarter,
        65.0..105.0 => HeadView::Profile,
        _ => HeadView::Back,
    };
    let face = face.filter(|_| angle != HeadView::Back);
    Some(HeadTruth {
        person: figure.person,
        view: if face.is_some() { angle } else { HeadView::Back },
        head,
        face,
        visible: if turned == 0 { 0.0 } else { seen as f32 / turned as f32 },
        position: at.to_array(),
    })
}

/// The face as far as it is turned to the camera, and which share of it that is.
fn face(figure: &Figure, limbs: &Limbs, view: &View) -> (Option<Rect>, f32) {
    let scale = flesh::head_scale(figure.build.height);
    let (axes, middle) = (figure.bones.head_axes, figure.bones.head);
    let mut outline = Outline::default();
    let (mut all, mut seen) = (0u32, 0u32);
    for column in 0..FACE.0 {
        for row in 0..FACE.1 {
            let across = f32::from(column) / f32::from(FACE.0 - 1) * 2.0 - 1.0;
            let x = across * FACE_HALF;
            // A face is an oval: narrow at chin and hairline.
            let along = f32::from(row) / f32::from(FACE.1 - 1);
            let half = (1.0 - 0.85 * across * across).sqrt();
            let (low, high) = FACE_HEIGHT;
            let z = (low + high) / 2.0 + (high - low) / 2.0 * (2.0 * along - 1.0) * half;
            // From before the face straight back onto it.
            let before = middle + axes * (Vec3::new(x, 0.3, z) * scale);
            let back = -axes.y_axis;
            let met = limbs.head.iter().filter_map(|solid| solid.meets(before, back)).reduce(f32::min);
            let Some(distance) = met.filter(|d| *d < 0.32 * scale) else { continue };
            let point = before + back * distance;
            all += 1;
            if first_of(&limbs.head, view, point, THICKNESS) {
                seen += 1;
                if let Some(found) = view.see(point) {
                    outline.add(found.pixel);
                }
            }
        }
    }
    (outline.rect(), if all == 0 { 0.0 } else { seen as f32 / all as f32 })
}

/// Whether nothing of these solids lies more than `behind` metres before a point.
pub(super) fn first_of(solids: &[Solid], view: &View, point: Vec3, behind: f32) -> bool {
    let to = point - view.origin;
    let near = 1.0 - behind / to.length();
    !solids.iter().any(|solid| solid.meets(view.origin, to).is_some_and(|t| t < near))
}

/// The rectangle around points.
#[derive(Default)]
struct Outline(Option<(Vec2, Vec2)>);

// === impl Outline ===

impl Outline {
    fn add(&mut self, pixel: Vec2) {
        let (min, max) = self.0.unwrap_or((pixel, pixel));
        self.0 = Some((min.min(pixel), max.max(pixel)));
    }

    fn rect(&self) -> Option<Rect> {
        let (min, max) = self.0?;
        let (min, max) = (min.floor(), max.ceil());
        Some(Rect::from_edges(min.x as i64, min.y as i64, max.x as i64, max.y as i64))
    }
}

/// The solids of a person, and those of the head among them.
pub(super) fn limbs(figure: &Figure, plan: &crate::synthetic::plan::Plan) -> Limbs {
    let mut limbs = Limbs { head: Vec::new(), all: Vec::new() };
    crate::synthetic::painter::solids(figure, plan, |solid, part| {
        if part == Part::Head {
            limbs.head.push(solid);
        }
        limbs.all.push(solid);
    });
    limbs
}
