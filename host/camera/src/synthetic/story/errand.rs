//! What people do in the shop, step by step.

use glam::{Vec2, Vec3};

use super::super::body::Side;
use super::super::plan::{BEFORE_SCREEN, Gate, SCREEN, SHELF_FRONT};
use super::super::product::ProductId;
use super::arm::Place;
use super::visitor::{Grip, Visitor};
use super::{Story, walk};

/// One step of what a person does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Errand {
    /// Walk to a place on the floor, around whatever is in the way.
    Go(Vec2),
    /// Walk straight there: the last leg of [`Go`](Self::Go).
    Walk(Vec2),
    /// Come by a place on the way; near enough will do, for others pass there too.
    Pass(Vec2),
    /// Turn on the spot until the body faces a heading.
    Face(f32),
    /// Stand for some seconds and look at something.
    Stand(f32, Option<Vec3>),
    /// Send a hand somewhere: over a place, to a place, in seconds; and wait until it is there.
    Hand(Side, Option<Place>, Place, f32),
    /// Pick out a product and do something with it.
    Shop(Wish),
    /// The hand has met the product in a slot.
    Touch(usize),
    /// The hand leaves the product that it touched.
    LetGo,
    /// The hand closes: the product in the slot is now in the hand.
    Grip(Side, usize),
    /// The hand opens: the product lies in the slot.
    PutDown(usize),
    /// The product in the hand is kept: in the basket, or carried on.
    Keep,
    /// Takes a product out of the basket into the hand.
    Unpack(Side, ProductId),
    /// Other visitors may use the place again.
    StepBack,
    /// Stand in the queue until the counter is free.
    Queue,
    /// Pay, and take everything along.
    Pay,
    /// Walk out and be gone.
    Leave(Gate),
}

/// What somebody wants at a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Touch a product and leave it.
    Touch,
    /// Take a product, look at it, and put it back where it was.
    TakeAndReturn,
    /// Take a product, look at it, and put it back somewhere else.
    TakeAndMisplace,
    /// Take a product and keep it.
    Take,
    /// Put a product from the basket where there is room.
    Stock,
}

// === impl Errand ===

impl Errand {
    /// The whole visit of a customer.
    pub(super) fn visit(visitor: &mut Visitor) -> Vec<Self> {
        let random = &mut visitor.random;
        let mut errands = Vec::new();
        if random.chance(0.3) {
            errands.extend(Self::at_screen(random.between(1.5, 5.0), random.unit()));
        }
        for _ in 0..2 + random.below(3) {
            let wish = match random.below(20) {
                0..4 => Wish::Touch,
                4..9 => Wish::TakeAndReturn,
                9..12 => Wish::TakeAndMisplace,
                _ => Wish::Take,
            };
            errands.push(Self::Shop(wish));
        }
        if random.chance(0.15) {
            errands.extend(Self::at_screen(random.between(1.5, 4.0), random.unit()));
        }
        errands.push(Self::Queue);
        let gate = random.pick(&[Gate::Door, Gate::Side]);
        errands.push(Self::Leave(gate));
        errands
    }

    /// The round of somebody who fills the shelves with what the basket holds.
    pub(super) fn round(products: usize, gate: Gate) -> Vec<Self> {
        let mut errands = vec![Self::Shop(Wish::Stock); products];
        errands.push(Self::Leave(gate));
        errands
    }

    fn at_screen(seconds: f32, share: f32) -> [Self; 3] {
        let place = BEFORE_SCREEN[0].lerp(BEFORE_SCREEN[1], share);
        [Self::Go(place), Self::Face(std::f32::consts::PI), Self::Stand(seconds, Some(SCREEN))]
    }

    /// The way out.
    pub(super) fn way_out(gate: Gate) -> [Self; 2] {
        let [outside, inside] = gate.places();
        [Self::Pass(inside), Self::Walk(outside)]
    }
}

// === impl Story ===

impl Story {
    /// Lets one person go on with its errand for one tick. Says whether it walks.
    pub(super) fn act(&mut self, index: usize) -> bool {
        let others = self.others(index);
        let Some(errand) = self.visitors[index].errands.front().copied() else {
            self.visitors[index].gone = true;
            return false;
        };
        let visitor = &mut self.visitors[index];
        let mut walks = false;
        let done = match errand {
            Errand::Go(to) => {
                let by = walk::route(visitor.place, to);
                visitor.errands.pop_front();
                visitor.errands.push_front(Errand::Walk(to));
                if let Some(by) = by {
                    visitor.errands.push_front(Errand::Pass(by));
                }
                visitor.spent = 0.0;
                return true;
            }
            Errand::Walk(to) | Errand::Pass(to) => {
                walks = true;
                visitor.gaze = None;
                let there = visitor.walk(to, &others);
                there || (matches!(errand, Errand::Pass(_)) && visitor.place.distance(to) < NEAR_ENOUGH)
            }
            Errand::Face(heading) => visitor.face(heading, 2.6),
            Errand::Stand(seconds, look) => {
                visitor.gaze = look;
                visitor.spent >= seconds
            }
            Errand::Hand(side, over, to, seconds) => {
                let arm = &mut visitor.arms[side.index()];
                if visitor.spent == 0.0 {
                    arm.send(over, to, seconds);
                }
                arm.arrived()
            }
            Errand::Shop(wish) => return self.shop(index, wish),
            Errand::Touch(slot) => {
                visitor.touching = self.stock[slot];
                true
            }
            Errand::LetGo => {
                visitor.touching = None;
                true
            }
            Errand::Grip(side, slot) => {
                self.grip(index, side, slot);
                true
            }
            Errand::PutDown(slot) => {
                let held = visitor.held.take();
                self.stock[slot] = held.map(|grip| grip.product);
                visitor.touching = None;
                true
            }
            Errand::Keep => {
                if visitor.build.basket {
                    visitor.kept.extend(visitor.held.take().map(|grip| grip.product));
                }
                true
            }
            Errand::Unpack(side, product) => {
                let heading = visitor.heading;
                visitor.kept.retain(|kept| *kept != product);
                let half = self.plan.products[usize::from(product.0)].half;
                let offset = Vec3::new(0.0, half.x + PALM, 0.0);
                visitor.held = Some(Grip { side, product, offset, heading });
                true
            }
            Errand::StepBack => {
                visitor.claim = None;
                visitor.gaze = None;
                let person = Some(visitor.person);
                for slot in self.reserved.iter_mut().filter(|slot| **slot == person) {
                    *slot = None;
                }
                true
            }
            Errand::Queue => return self.queue(index, &others),
            Errand::Pay => {
                let person = visitor.person;
                if self.paying == Some(person) {
                    self.paying = None;
                }
                true
            }
            Errand::Leave(gate) => {
                visitor.errands.pop_front();
                for step in Errand::way_out(gate).into_iter().rev() {
                    visitor.errands.push_front(step);
                }
                visitor.spent = 0.0;
                return true;
            }
        };
        let visitor = &mut self.visitors[index];
        visitor.spent += super::TICK;
        if done {
            visitor.errands.pop_front();
            visitor.spent = 0.0;
        }
        walks
    }

    fn grip(&mut self, index: usize, side: Side, slot: usize) {
        let Some(product) = self.stock[slot].take() else { return };
        let at = self.plan.lies(slot, product);
        let visitor = &mut self.visitors[index];
        let bones = visitor.skeleton();
        let offset = bones.upright.transpose() * (at - bones.palms[side.index()]);
        visitor.held = Some(Grip { side, product, offset, heading: visitor.heading });
    }
}

/// How near one comes to a place that one only passes, in metres.
const NEAR_ENOUGH: f32 = 0.42;

/// From the middle of a palm to what it holds, in metres.
pub(super) const PALM: f32 = 0.028;

/// Just before the shelf, at the height of a place in it.
pub(super) fn before_shelf(at: Vec3, above: f32) -> Place {
    Place::Shop(Vec3::new(SHELF_FRONT + 0.1, at.y, at.z + above))
}
