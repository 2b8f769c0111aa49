//! One person in the shop.

use std::collections::VecDeque;

use glam::{Mat3, Vec2, Vec3};

use super::super::body::skeleton::{STRIDE, Stance, axes};
use super::super::body::{Build, Side, Skeleton};
use super::super::product::ProductId;
use super::super::random::Random;
use super::arm::Arm;
use super::errand::Errand;
use super::{TICK, walk};

/// One person in the shop: where it is, what it does, what it holds.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) person: u32,
    pub(super) build: Build,
    pub(super) random: Random,
    pub(super) place: Vec2,
    pub(super) velocity: Vec2,
    pub(super) heading: f32,
    phase: f32,
    stride: f32,
    turn: f32,
    nod: f32,
    pub(super) arms: [Arm; 2],
    /// What the eyes follow; straight ahead when nothing.
    pub(super) gaze: Option<Vec3>,
    /// What remains to be done, next first.
    pub(super) errands: VecDeque<Errand>,
    /// Seconds since the present errand was begun.
    pub(super) spent: f32,
    /// Where it stands, or is about to, so that nobody else goes there.
    pub(super) claim: Option<Vec2>,
    pub(super) held: Option<Grip>,
    /// The product that a hand lies on: in its slot, or while it is being set down.
    pub(super) touching: Option<ProductId>,
    /// In the basket or bag.
    pub(super) kept: Vec<ProductId>,
    pub(super) gone: bool,
    blink: f32,
}

/// A product in a hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grip {
    pub(super) side: Side,
    pub(super) product: ProductId,
    /// From the palm to the middle of the product, in the upright body's frame.
    pub(super) offset: Vec3,
    /// Where the body faced when it was gripped.
    pub(super) heading: f32,
}

// === impl Visitor ===

impl Visitor {
    pub(super) fn new(person: u32, build: Build, random: Random, [place, inside]: [Vec2; 2]) -> Self {
        let to = inside - place;
        Self {
            person,
            build,
            random,
            place,
            velocity: Vec2::ZERO,
            heading: facing(to),
            phase: 0.0,
            stride: 0.0,
            turn: 0.0,
            nod: 0.0,
            arms: [Arm::resting(); 2],
            gaze: None,
            errands: VecDeque::new(),
            spent: 0.0,
            claim: None,
            held: None,
            touching: None,
            kept: Vec::new(),
            gone: false,
            blink: 0.0,
        }
    }

    /// Goes one tick towards a goal; says whether it is reached.
    pub(super) fn walk(&mut self, goal: Vec2, others: &[(Vec2, Vec2)]) -> bool {
        // Who cannot get through for twelve seconds pushes.
        let patience = (1.6 - self.spent / 12.0).clamp(0.0, 1.0);
        let wish = walk::steer(self.place, goal, self.build.speed, others, patience);
        self.velocity += (wish - self.velocity) * (TICK * 6.0);
        let speed = self.velocity.length();
        if speed > 0.15 {
            self.face(facing(self.velocity), 3.2);
        }
        self.place.distance(goal) < 0.06
    }

    /// Turns towards a heading, at most this fast in radians per second; says whether it is reached.
    pub(super) fn face(&mut self, heading: f32, fast: f32) -> bool {
        let off = shortest(heading - self.heading);
        self.heading += off.clamp(-fast * TICK, fast * TICK);
        off.abs() < 0.06
    }

    /// What of the body goes on whatever it does: it moves, limbs swing, the head turns. `pressed` is how far others press it aside, in metres.
    pub(super) fn go_on(&mut self, walking: bool, pressed: Vec2) {
        if !walking {
            self.velocity *= 1.0 - TICK * 9.0;
        }
        let before = self.place;
        self.place += self.velocity * TICK + pressed;
        if self.place.y < 5.2 && self.place.x < 3.6 {
            self.place = walk::keep_clear(self.place);
            // Who is stopped by furniture does not move.
            self.velocity = (self.place - before) / TICK;
        }
        let went = self.place.distance(before);
        self.phase = (self.phase + std::f32::consts::TAU * went / (STRIDE * self.build.height))
            .rem_euclid(std::f32::consts::TAU);
        let stride = (went / TICK / 1.1).min(1.2);
        self.stride += (stride - self.stride) * (TICK * 8.0);
        let (turn, nod) = self.gaze.map_or((0.0, 0.06), |at| self.gaze_angles(at));
        self.turn += (turn - self.turn) * (TICK * 5.5);
        self.nod += (nod - self.nod) * (TICK * 5.5);
        for arm in &mut self.arms {
            arm.pass(TICK);
        }
        self.blink -= TICK;
        if self.blink < -0.13 {
            self.blink = self.random.between(1.5, 6.0);
        }
    }

    /// How far the head turns left and nods to look at a place.
    fn gaze_angles(&self, at: Vec3) -> (f32, f32) {
        let to = at - self.place.extend(0.93 * self.build.height);
        let turn = shortest(facing(to.truncate()) - self.heading).clamp(-1.15, 1.15);
        let nod = (-to.z).atan2(to.truncate().length()).clamp(-0.35, 0.75);
        (turn, nod)
    }

    /// How far the eyes are open, 0 to 1.
    pub(super) fn eyes(&self) -> f32 {
        if self.blink < 0.0 { 0.15 } else { 1.0 }
    }

    pub(super) fn stance(&self) -> Stance {
        let mut stance = Stance {
            height: self.build.height,
            place: self.place,
            heading: self.heading,
            phase: self.phase,
            stride: self.stride,
            turn: self.turn,
            nod: self.nod,
            palms: [Vec3::ZERO; 2],
        };
        stance.palms = Side::BOTH.map(|side| self.arms[side.index()].palm(&stance, side));
        stance
    }

    pub(super) fn skeleton(&self) -> Skeleton {
        Skeleton::new(&self.stance())
    }

    /// Where the product in the hand is, and how it is turned.
    pub(super) fn carried(&self, bones: &Skeleton) -> Option<(ProductId, Vec3, Mat3)> {
        self.held.map(|grip| {
            let at = bones.palms[grip.side.index()] + bones.upright * grip.offset;
            (grip.product, at, axes(self.heading - grip.heading))
        })
    }
}

/// The heading of a direction on the floor: 0 along +y, counter-clockwise.
pub(super) fn facing(direction: Vec2) -> f32 {
    (-direction.x).atan2(direction.y)
}

/// The same angle between half a turn to the right and half a turn to the left.
fn shortest(angle: f32) -> f32 {
    (angle + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU) - std::f32::consts::PI
}
