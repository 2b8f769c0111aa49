//! Whether the camera can see a hand.
//!
//! Hidden is what another person, the shop's furniture or the edge of the picture hides, and what the own body does when more than a little of it lies before the hand:
//! who labels real footage could not see such a hand either. What lies on the shelves is not asked; a hand comes to it from the front.

use glam::{Mat3, Vec3};

use super::heads::{self, Limbs};
use crate::synthetic::body::Side;
use crate::synthetic::plan::Plan;
use crate::synthetic::render::{Paint, Solid};
use crate::synthetic::story::Figure;
use crate::synthetic::view::View;

/// Points looked at on the hand and on the product in it; those turned away from the camera do not count.
const POINTS: u16 = 32;

/// The palm, taken as a ball: half of a hand's breadth of 8.5 cm (DIN 33402-2, median of adults), in metres.
const PALM: f32 = 0.042;

/// Other things hide what lies more than this behind them, in metres.
const BEHIND: f32 = 0.012;

/// The own body hides what lies more than this behind it, in metres: fingers and wrist, which reach so far from the middle of the palm, are the hand.
const BEHIND_ONESELF: f32 = 0.12;

/// Where somebody may hide a hand.
pub(super) struct Sight<'a> {
    pub(super) plan: &'a Plan,
    pub(super) view: &'a View,
    /// The shop's furniture.
    pub(super) fixed: &'a [Solid],
    /// Everybody in the shop, in the order of their figures.
    pub(super) limbs: &'a [Limbs],
}

// === impl Sight ===

impl Sight<'_> {
    /// Whether at least half of a hand, or of the product in it, is seen. `index` says whose solids are the hand's own.
    pub(super) fn sees(&self, index: usize, figure: &Figure, side: Side) -> bool {
        let paint = Paint::Plain([0; 3]);
        let palm = Solid::ball(figure.bones.palms[side.index()], Mat3::IDENTITY, Vec3::splat(PALM), paint);
        let held = figure.held.filter(|(held_in, ..)| *held_in == side);
        let held = held.map(|(_, product, at, axes)| {
            Solid::ball(at, axes, self.plan.products[usize::from(product.0)].half, paint)
        });
        std::iter::once(palm).chain(held).any(|solid| self.shows(index, &solid))
    }

    fn shows(&self, index: usize, solid: &Solid) -> bool {
        let own = std::slice::from_ref(solid);
        let (mut turned, mut seen) = (0u32, 0u32);
        for point in solid.surface(POINTS).filter(|point| heads::first_of(own, self.view, *point, BEHIND)) {
            turned += 1;
            seen += u32::from(self.clear(index, point));
        }
        seen * 2 >= turned.max(1)
    }

    fn clear(&self, index: usize, point: Vec3) -> bool {
        let within = |solids: &[Solid], behind| heads::first_of(solids, self.view, point, behind);
        let nobody = |(i, limbs): (usize, &Limbs)| within(&limbs.all, if i == index { BEHIND_ONESELF } else { BEHIND });
        self.view.see(point).is_some_and(|seen| self.view.holds(seen.pixel))
            && within(self.fixed, BEHIND)
            && self.limbs.iter().enumerate().all(nobody)
    }
}
