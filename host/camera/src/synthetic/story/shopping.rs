//! What people do at a shelf.

use glam::{Vec2, Vec3};

use super::super::body::Side;
use super::super::plan::SHELF_FRONT;
use super::super::product::ProductId;
use super::Story;
use super::arm::Place;
use super::errand::{Errand, PALM, Wish, before_shelf};

/// How far from the shelf one stands, in metres.
const STAND_OFF: f32 = 0.42;

/// Two people at the shelf stand at least this far apart.
const ELBOW_ROOM: f32 = 0.72;

/// Facing the shelf.
const TO_SHELF: f32 = std::f32::consts::FRAC_PI_2;

// === impl Story ===

impl Story {
    /// Plans what a wish at the shelf comes to, or puts it off while there is no room. Says whether the person walks.
    pub(super) fn shop(&mut self, index: usize, wish: Wish) -> bool {
        let visitor = &self.visitors[index];
        // Both hands full: no more shopping.
        let full = visitor.held.is_some() && wish != Wish::Stock;
        let tired = visitor.spent > 4.0;
        let side = self.hand(index);
        let found = (!full).then(|| self.find(index, side, wish == Wish::Stock)).flatten();
        let Some((slot, place)) = found else {
            let visitor = &mut self.visitors[index];
            visitor.spent += super::TICK;
            if full || tired {
                visitor.errands.pop_front();
                visitor.spent = 0.0;
            }
            return false;
        };
        let mut steps = vec![Errand::Go(place), Errand::Face(TO_SHELF)];
        match wish {
            Wish::Stock => self.stock_up(index, side, slot, &mut steps),
            _ => self.handle(index, side, slot, wish, &mut steps),
        }
        steps.push(Errand::StepBack);
        let visitor = &mut self.visitors[index];
        visitor.claim = Some(place);
        visitor.errands.pop_front();
        visitor.spent = 0.0;
        for step in steps.into_iter().rev() {
            visitor.errands.push_front(step);
        }
        true
    }

    /// The hand for the next product: the free one, the right one more often.
    fn hand(&mut self, index: usize) -> Side {
        let visitor = &mut self.visitors[index];
        match visitor.held {
            Some(grip) => grip.side.other(),
            None if visitor.build.basket || visitor.random.chance(0.7) => Side::Right,
            None => Side::Left,
        }
    }

    /// A slot with something in it, or without, before which there is room, and where to stand.
    fn find(&mut self, index: usize, side: Side, empty: bool) -> Option<(usize, Vec2)> {
        let claims: Vec<Vec2> =
            self.visitors.iter().enumerate().filter(|(i, _)| *i != index).filter_map(|(_, v)| v.claim).collect();
        // Slots that somebody will come back to are not for others.
        let fits = |slot: usize| self.stock[slot].is_none() == empty && self.reserved[slot].is_none();
        let stand = |slot: usize| {
            let at = self.plan.slots[slot].base;
            // Facing -x, the right hand is on the side of +y.
            Vec2::new(SHELF_FRONT + STAND_OFF, at.y - side.sign() * 0.17)
        };
        let free = |place: Vec2| claims.iter().all(|claim| claim.distance(place) >= ELBOW_ROOM);
        let choices: Vec<(usize, Vec2)> = (0..self.stock.len())
            .filter(|slot| fits(*slot))
            .map(|slot| (slot, stand(slot)))
            .filter(|(_, place)| free(*place))
            .collect();
        (!choices.is_empty()).then(|| self.visitors[index].random.pick(&choices))
    }

    fn handle(&mut self, index: usize, side: Side, slot: usize, wish: Wish, steps: &mut Vec<Errand>) {
        let Some(product) = self.stock[slot] else { return };
        let at = self.plan.lies(slot, product);
        let palm = self.palm_at(at, product);
        let other_slot = self.other_slot(index, slot, wish);
        let visitor = &mut self.visitors[index];
        let basket = visitor.build.basket;
        let random = &mut visitor.random;
        let mut seconds = |low: f32, high: f32| random.between(low, high);
        steps.extend([
            Errand::Stand(seconds(0.5, 2.6), Some(at)),
            Errand::Hand(side, Some(before_shelf(at, 0.12)), Place::Shop(palm), seconds(0.75, 1.25)),
            Errand::Touch(slot),
        ]);
        if wish == Wish::Touch {
            steps.extend([
                Errand::Stand(seconds(0.4, 1.4), Some(at)),
                Errand::LetGo,
                Errand::Hand(side, Some(before_shelf(at, 0.1)), Place::Hanging, seconds(0.7, 1.1)),
            ]);
            return;
        }
        steps.extend([
            Errand::Stand(seconds(0.15, 0.45), Some(at)),
            Errand::Grip(side, slot),
            Errand::Hand(side, Some(before_shelf(at, 0.22)), Place::Viewing, seconds(0.8, 1.25)),
            Errand::LetGo,
            Errand::Stand(seconds(0.8, 3.2), Some(at.with_x(SHELF_FRONT + 0.1).with_z(1.1))),
        ]);
        if wish == Wish::Take {
            if basket {
                steps.extend([
                    Errand::Hand(side, None, Place::Basket, seconds(0.6, 0.9)),
                    Errand::Keep,
                    Errand::Hand(side, None, Place::Hanging, seconds(0.4, 0.7)),
                ]);
            } else {
                steps.extend([Errand::Hand(side, None, Place::Carrying, seconds(0.4, 0.7)), Errand::Keep]);
            }
            return;
        }
        self.set_down(index, side, other_slot.unwrap_or(slot), product, steps);
    }

    /// Another free slot that can be reached from the same place, for somebody who does not care where things belong.
    fn other_slot(&mut self, index: usize, slot: usize, wish: Wish) -> Option<usize> {
        let person = self.visitors[index].person;
        if wish != Wish::TakeAndMisplace {
            self.reserved[slot] = (wish == Wish::TakeAndReturn).then_some(person);
            return None;
        }
        let from = self.plan.slots[slot].base;
        let near: Vec<usize> = (0..self.stock.len())
            .filter(|i| self.stock[*i].is_none() && self.reserved[*i].is_none())
            .filter(|i| (self.plan.slots[*i].base.y - from.y).abs() < 0.32)
            .collect();
        let chosen = if near.is_empty() { slot } else { self.visitors[index].random.pick(&near) };
        self.reserved[chosen] = Some(person);
        Some(chosen)
    }

    fn stock_up(&mut self, index: usize, side: Side, slot: usize, steps: &mut Vec<Errand>) {
        let Some(product) = self.visitors[index].kept.last().copied() else { return };
        let look = self.plan.slots[slot].base;
        let random = &mut self.visitors[index].random;
        steps.extend([
            Errand::Stand(random.between(0.3, 0.9), Some(look)),
            Errand::Hand(side, None, Place::Basket, random.between(0.5, 0.8)),
            Errand::Unpack(side, product),
            Errand::Hand(side, None, Place::Viewing, random.between(0.5, 0.8)),
        ]);
        self.reserved[slot] = Some(self.visitors[index].person);
        self.set_down(index, side, slot, product, steps);
    }

    /// The hand with the product goes into the slot, lets go, and comes back empty.
    fn set_down(&mut self, index: usize, side: Side, slot: usize, product: ProductId, steps: &mut Vec<Errand>) {
        let at = self.plan.lies(slot, product);
        let palm = self.palm_at(at, product);
        let random = &mut self.visitors[index].random;
        steps.extend([
            Errand::Hand(side, Some(before_shelf(at, 0.2)), Place::Shop(palm), random.between(0.85, 1.3)),
            Errand::Stand(random.between(0.15, 0.4), Some(at)),
            Errand::PutDown(slot),
            Errand::Hand(side, Some(before_shelf(at, 0.1)), Place::Hanging, random.between(0.7, 1.1)),
        ]);
    }

    /// Where the palm is when it lies on the front of a product.
    fn palm_at(&self, at: Vec3, product: ProductId) -> Vec3 {
        let half = self.plan.products[usize::from(product.0)].half;
        at + Vec3::new(half.x + PALM, 0.0, half.z * 0.15)
    }
}
