//! What happens in the shop: people come, walk, shop, pay and go. Nothing here is drawn.
//!
//! - [`visitor`]: one person, and how its body goes on.
//! - [`errand`]: what people do, step by step; [`shopping`]: what they do at a shelf; [`queue`]: how they wait and pay.
//! - [`arm`]: how a hand gets somewhere; [`walk`]: how people get around each other.

mod arm;
mod errand;
mod queue;
mod shopping;
mod visitor;
mod walk;

use std::sync::Arc;

use glam::{Mat3, Vec2, Vec3};

use super::body::{Build, Side, Skeleton};
use super::plan::{Gate, Plan};
use super::product::ProductId;
use super::random::Random;
use errand::Errand;
use visitor::Visitor;

/// The step of the story, in seconds: every usual frame rate is a divisor of 60, 75 or 100 and comes out even enough.
pub(super) const TICK: f32 = 1.0 / 60.0;

/// Ticks per second.
pub(super) const TICKS: f64 = 60.0;

/// Nobody walks nearer than this to the middle of somebody else, in metres.
const SHOULDERS: f32 = 0.42;

/// Everything that goes on in the shop, at a moment.
#[derive(Debug, Clone)]
pub(super) struct Story {
    plan: Arc<Plan>,
    random: Random,
    seed: u64,
    /// Ticks since the shop opened.
    tick: u64,
    most: usize,
    visitors: Vec<Visitor>,
    /// Persons who wait to pay, first come first.
    queue: Vec<u32>,
    paying: Option<u32>,
    /// What lies in each slot.
    stock: Vec<Option<ProductId>>,
    /// Who is about to put something into a slot.
    reserved: Vec<Option<u32>>,
    /// Products that were carried out, or never put on the shelf.
    away: Vec<ProductId>,
    next_person: u32,
    /// Seconds until somebody may come in.
    pause: f32,
}

/// One person as it is seen at a moment.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) person: u32,
    pub(super) build: Build,
    pub(super) bones: Skeleton,
    pub(super) place: Vec2,
    pub(super) velocity: Vec2,
    pub(super) eyes: f32,
    /// The product in a hand: which hand, which product, where its middle is and how it is turned.
    pub(super) held: Option<(Side, ProductId, Vec3, Mat3)>,
    /// The product that a hand lies on.
    pub(super) touching: Option<ProductId>,
}

// === impl Story ===

impl Story {
    /// The shop opens, empty of people.
    pub(super) fn new(plan: Arc<Plan>, seed: u64, most: usize) -> Self {
        let stock = plan.stock.clone();
        let inside = |product: &ProductId| stock.contains(&Some(*product));
        let away = (0..plan.products.len() as u16).map(ProductId).filter(|p| !inside(p)).collect();
        let reserved = vec![None; stock.len()];
        Self {
            plan,
            random: Random::keyed(seed, 2, 0),
            seed,
            tick: 0,
            most,
            visitors: Vec::new(),
            queue: Vec::new(),
            paying: None,
            stock,
            reserved,
            away,
            next_person: 0,
            pause: 0.0,
        }
    }

    /// Goes on until a moment, in seconds since the shop opened.
    pub(super) fn go_on_until(&mut self, seconds: f64) {
        let until = (seconds * TICKS + 1e-6).floor() as u64;
        while self.tick < until {
            self.step();
        }
    }

    pub(super) fn stock(&self) -> &[Option<ProductId>] {
        &self.stock
    }

    /// Everybody in the shop, in order of coming in.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let figure = |visitor: &Visitor| {
            let bones = visitor.skeleton();
            let held = visitor.held.zip(visitor.carried(&bones));
            Figure {
                person: visitor.person,
                build: visitor.build,
                place: visitor.place,
                velocity: visitor.velocity,
                eyes: visitor.eyes(),
                held: held.map(|(grip, (product, at, axes))| (grip.side, product, at, axes)),
                touching: visitor.touching,
                bones,
            }
        };
        self.visitors.iter().map(figure).collect()
    }

    fn step(&mut self) {
        self.tick += 1;
        self.admit();
        for index in 0..self.visitors.len() {
            let walking = self.act(index);
            let apart = if walking { self.pressed(index) } else { Vec2::ZERO };
            self.visitors[index].go_on(walking, apart);
        }
        for visitor in self.visitors.extract_if(.., |visitor| visitor.gone) {
            self.away.extend(visitor.kept);
            self.away.extend(visitor.held.map(|grip| grip.product));
        }
    }

    /// Lets the next person in when it is time.
    fn admit(&mut self) {
        self.pause -= TICK;
        if self.pause > 0.0 || self.visitors.len() >= self.most {
            return;
        }
        self.pause = self.random.between(1.5, 6.0);
        let person = self.next_person;
        self.next_person += 1;
        let mut random = Random::keyed(self.seed, 3, u64::from(person));
        let gate = random.pick(&[Gate::Door, Gate::Door, Gate::Side]);
        let mut build = Build::drawn(&mut random);
        // When a third of the shelf is empty, somebody brings what is missing.
        let stocking = self.away.len() * 3 > self.stock.len() && !self.visitors.iter().any(|v| v.build.works_here());
        if stocking {
            build = build.at_work();
        } else {
            build.basket = random.chance(0.45);
        }
        let places = gate.places();
        // Nobody comes in on top of somebody who goes out.
        if self.visitors.iter().any(|v| v.place.distance(places[0]) < 0.8) {
            self.next_person -= 1;
            self.pause = 1.0;
            return;
        }
        let mut visitor = Visitor::new(person, build, random, places);
        visitor.errands.push_back(Errand::Pass(places[1]));
        if stocking {
            let brought = self.away.len().min(6);
            visitor.kept = self.away.split_off(self.away.len() - brought);
            visitor.errands.extend(Errand::round(brought, gate));
        } else {
            let visit = Errand::visit(&mut visitor);
            visitor.errands.extend(visit);
        }
        self.visitors.push(visitor);
    }

    /// How far a walker is pressed back in a tick by those whom it would walk into, in metres.
    fn pressed(&self, index: usize) -> Vec2 {
        let place = self.visitors[index].place;
        let others = self.visitors.iter().enumerate().filter(|(i, _)| *i != index);
        others.fold(Vec2::ZERO, |sum, (_, other)| {
            let off = place - other.place;
            sum + off.normalize_or_zero() * (SHOULDERS - off.length()).max(0.0) * 0.5
        })
    }

    /// Places and speeds of everybody else.
    fn others(&self, index: usize) -> Vec<(Vec2, Vec2)> {
        let others = self.visitors.iter().enumerate().filter(|(i, _)| *i != index);
        others.map(|(_, visitor)| (visitor.place, visitor.velocity)).collect()
    }
}
