//! How people wait and pay.

use glam::Vec2;

use super::super::body::Side;
use super::super::plan::{AT_COUNTER, TERMINAL, WAITING};
use super::Story;
use super::arm::Place;
use super::errand::Errand;

// === impl Story ===

impl Story {
    /// Waits in the lane, and goes to the counter when it is free and it is one's turn.
    pub(super) fn queue(&mut self, index: usize, others: &[(Vec2, Vec2)]) -> bool {
        let visitor = &mut self.visitors[index];
        let person = visitor.person;
        if visitor.held.is_none() && visitor.kept.is_empty() {
            // Nothing to pay.
            visitor.errands.pop_front();
            visitor.spent = 0.0;
            return false;
        }
        if !self.queue.contains(&person) {
            self.queue.push(person);
        }
        let turn = self.queue.iter().position(|waiting| *waiting == person).unwrap_or(0);
        if turn == 0 && self.paying.is_none() {
            self.queue.remove(0);
            self.paying = Some(person);
            visitor.errands.pop_front();
            visitor.spent = 0.0;
            let side = if visitor.held.is_some_and(|grip| grip.side == Side::Right) { Side::Left } else { Side::Right };
            let seconds = visitor.random.between(3.0, 9.0);
            let back =
                if visitor.held.is_some_and(|grip| grip.side == side) { Place::Carrying } else { Place::Hanging };
            let steps = [
                Errand::Go(AT_COUNTER),
                Errand::Face(0.0),
                Errand::Stand(seconds, Some(TERMINAL)),
                Errand::Hand(side, None, Place::Shop(TERMINAL), 0.8),
                Errand::Stand(1.0, Some(TERMINAL)),
                Errand::Hand(side, None, back, 0.7),
                Errand::Pay,
            ];
            for step in steps.into_iter().rev() {
                visitor.errands.push_front(step);
            }
            return false;
        }
        let spot = WAITING[turn.min(WAITING.len() - 1)];
        visitor.spent += super::TICK;
        if visitor.place.distance(spot) > 0.12 {
            visitor.gaze = None;
            visitor.walk(spot, others);
            return true;
        }
        visitor.spent = 0.0;
        visitor.face(0.0, 2.0);
        visitor.gaze = Some(TERMINAL);
        false
    }
}
