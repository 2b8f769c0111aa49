//! Somebody who watches the story and tells the truth.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use glam::Vec3;
use sluis_frame::Gesture;

use super::hand::Sight;
use super::heads::{self, Limbs, THICKNESS};
use super::shelf::{self, AtShelf};
use super::visit::{self, Visit};
use super::{FrameTruth, HandTruth, PersonTruth, TruthEvent};
use crate::driver::Rate;
use crate::synthetic::body::Side;
use crate::synthetic::plan::Plan;
use crate::synthetic::render::Solid;
use crate::synthetic::story::{Figure, Story};
use crate::synthetic::view::{self, View};
use crate::synthetic::zone::{Zone, ZoneKind};

/// A hand is inside a zone when its palm's middle is this near to it, in metres: fingers and the edge of the hand reach so far.
const HAND: f32 = 0.06;

/// Tells what each frame of a shop's camera shows, in order, without drawing it.
#[derive(Debug, Clone)]
pub struct Witness {
    plan: Arc<Plan>,
    view: View,
    story: Story,
    rate: Rate,
    /// The next frame.
    number: u64,
    /// What never moves and can hide a head or a hand.
    fixed: Vec<Solid>,
    shelves: BTreeMap<(u32, usize), AtShelf>,
    visits: BTreeMap<(u32, usize), Visit>,
    /// What has been told, as it ended: each reach before what was done in it.
    told: Vec<TruthEvent>,
}

// === impl Witness ===

impl Witness {
    pub(in crate::synthetic) fn new(plan: Arc<Plan>, view: View, story: Story, rate: Rate) -> Self {
        let fixed = plan.solids().into_iter().filter(|(_, floor)| !floor).map(|(solid, _)| solid).collect();
        Self {
            plan,
            view,
            story,
            rate,
            number: 0,
            fixed,
            shelves: BTreeMap::new(),
            visits: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    /// What the next frame shows.
    pub fn next_frame(&mut self) -> FrameTruth {
        let figures = self.watch();
        let limbs: Vec<Limbs> = figures.iter().map(|figure| heads::limbs(figure, &self.plan)).collect();
        let hides = |point: Vec3| {
            let clear = |solids: &[Solid]| heads::first_of(solids, &self.view, point, THICKNESS);
            !(clear(&self.fixed) && limbs.iter().all(|limbs| clear(&limbs.all)))
        };
        let look = |(figure, limbs)| heads::look(figure, limbs, &self.view, hides);
        FrameTruth {
            number: self.number - 1,
            heads: figures.iter().zip(&limbs).filter_map(look).collect(),
            hands: figures.iter().flat_map(|figure| Side::BOTH.map(|side| self.hand(figure, side))).collect(),
            people: figures.iter().map(person).collect(),
        }
    }

    /// Passes over the next frame: its events are told, its heads are not looked for. Much quicker.
    pub fn skip_frame(&mut self) {
        self.watch();
    }

    /// Everything that has happened so far, in order of its first frame; what still goes on is cut.
    pub fn events(&self) -> Vec<TruthEvent> {
        let mut ended = self.clone();
        let last = self.number.saturating_sub(1);
        for mut shelf in std::mem::take(&mut ended.shelves).into_values() {
            ended.told.extend(shelf.end(true));
        }
        for mut visit in std::mem::take(&mut ended.visits).into_values() {
            ended.told.extend(visit.end(last, true));
        }
        in_order(ended.told)
    }

    fn watch(&mut self) -> Vec<Figure> {
        let number = self.number;
        self.number += 1;
        self.story.go_on_until(self.rate.time_of(number).as_secs_f64());
        let figures = self.story.figures();
        let (plan, view, rate) = (Arc::clone(&self.plan), self.view, self.rate.per_second());
        // Most frames show no hand in a shelf, and nobody's limbs are asked for.
        let limbs = LazyCell::new(|| figures.iter().map(|f| heads::limbs(f, &plan)).collect::<Vec<Limbs>>());
        for (whose, figure) in figures.iter().enumerate() {
            for (index, zone) in plan.zones.iter().enumerate() {
                let key = (figure.person, index);
                if zone.kind == ZoneKind::Shelf {
                    let at = self.shelves.entry(key).or_insert_with(|| AtShelf::new(figure.person, zone.id, rate));
                    let (side, mut look) = at_shelf(figure, zone, &plan, &view);
                    if look.inside || at.reaches() {
                        let sight = Sight { plan: &plan, view: &view, fixed: &self.fixed, limbs: &limbs };
                        look.seen = sight.sees(whose, figure, side);
                    }
                    self.told.extend(at.look(number, &look));
                }
                let visit =
                    self.visits.entry(key).or_insert_with(|| Visit::new(figure.person, zone.id, zone.kind, rate));
                self.told.extend(visit.look(number, from_afar(figure, zone, &view)));
            }
        }
        // Who has gone makes no more events.
        let here = |person: u32| figures.iter().any(|figure| figure.person == person);
        for (_, mut shelf) in self.shelves.extract_if(.., |(person, _), _| !here(*person)) {
            self.told.extend(shelf.end(false));
        }
        for (_, mut visit) in self.visits.extract_if(.., |(person, _), _| !here(*person)) {
            self.told.extend(visit.end(number.saturating_sub(1), false));
        }
        figures
    }

    fn hand(&self, figure: &Figure, side: Side) -> HandTruth {
        let palm = figure.bones.palms[side.index()];
        let seen = self.view.see(palm).map(|seen| seen.pixel).filter(|pixel| self.view.holds(*pixel));
        let shelves = self.plan.zones.iter().filter(|zone| zone.kind == ZoneKind::Shelf);
        HandTruth {
            person: figure.person,
            side,
            position: palm.to_array(),
            pixel: seen.map(view::point),
            holding: figure.held.filter(|(held_in, ..)| *held_in == side).map(|(_, product, ..)| product),
            inside: shelves.filter(|zone| hand_inside(figure, side, zone, &self.plan)).map(|zone| zone.id).next(),
        }
    }
}

fn person(figure: &Figure) -> PersonTruth {
    PersonTruth {
        person: figure.person,
        position: figure.place.to_array(),
        speed: figure.velocity.length(),
        works_here: figure.build.works_here(),
    }
}

/// Whether the product in a hand is inside a zone: any of it, taken as a ball as wide as its narrowest side.
fn product_inside(figure: &Figure, side: Side, zone: &Zone, plan: &Plan) -> bool {
    figure.held.is_some_and(|(held_in, product, at, _)| {
        held_in == side && zone.distance(at) <= plan.products[usize::from(product.0)].half.min_element()
    })
}

fn hand_inside(figure: &Figure, side: Side, zone: &Zone, plan: &Plan) -> bool {
    zone.distance(figure.bones.palms[side.index()]) <= HAND || product_inside(figure, side, zone, plan)
}

/// What is seen of a person at a shelf, but for whether its hand is, and which hand that would be.
fn at_shelf(figure: &Figure, zone: &Zone, plan: &Plan, view: &View) -> (Side, shelf::Look) {
    let reaching = Side::BOTH.into_iter().find(|side| hand_inside(figure, *side, zone, plan));
    let off = |side: &Side| zone.distance(figure.bones.palms[side.index()]);
    let nearest = if off(&Side::Left) < off(&Side::Right) { Side::Left } else { Side::Right };
    let palm = reaching.map(|side| figure.bones.palms[side.index()]);
    let pixel = palm.and_then(|palm| view.see(palm)).map(|seen| seen.pixel).filter(|pixel| view.holds(*pixel));
    let look = shelf::Look {
        inside: reaching.is_some(),
        seen: false,
        held: figure.held.map(|(side, product, ..)| (product, product_inside(figure, side, zone, plan))),
        touching: figure.touching,
        point: pixel.map(view::point),
        position: figure.place.to_array(),
    };
    (reaching.unwrap_or(nearest), look)
}

fn from_afar(figure: &Figure, zone: &Zone, view: &View) -> visit::Look {
    let seen = view.see(figure.place.extend(0.0)).map(|seen| seen.pixel).filter(|pixel| view.holds(*pixel));
    visit::Look {
        distance: zone.floor_distance(figure.place),
        speed: figure.velocity.length(),
        point: seen.map(view::point),
        position: figure.place.to_array(),
    }
}

/// Sorts by first frame and says which reach takes and put-backs lie in.
fn in_order(told: Vec<TruthEvent>) -> Vec<TruthEvent> {
    let mut events = told;
    // A stable sort: a reach stays before what began with it.
    events.sort_by_key(|event| (event.first, event.gesture != Gesture::Reach, event.person));
    let reaches: Vec<usize> = (0..events.len()).filter(|i| events[*i].gesture == Gesture::Reach).collect();
    for i in 0..events.len() {
        if !matches!(events[i].gesture, Gesture::Take | Gesture::PutBack) {
            continue;
        }
        let inner = events[i].clone();
        events[i].in_reach = reaches.iter().copied().find(|reach| {
            let reach = &events[*reach];
            (reach.person, reach.zone) == (inner.person, inner.zone)
                && reach.first <= inner.first
                && inner.last <= reach.last
        });
    }
    events
}
