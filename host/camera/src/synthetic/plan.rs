//! The floor plan: where walls, furniture and products are, and where people stand.
//!
//! A stepped shelf stands along the wall x = 0, deeper below than above, as in a bakery. The back wall at y = 5.6 has a door; people also come and go
//! on the right, outside the picture. The counter stands before the back wall, the queue's lane runs up to it. The advertising screen hangs at y = 0.05
//! below the oblique camera and faces the room.

use glam::{Vec2, Vec3};

use super::product::{Product, ProductId};
use super::random::Random;
use super::render::{Paint, Solid};
use super::zone::{Zone, ZoneKind};

/// How far the lowest board reaches into the room, in metres.
pub(super) const SHELF_FRONT: f32 = 0.52;

/// The boards: their upper side, and how far they reach into the room, in metres.
const BOARDS: [(f32, f32); 3] = [(0.58, 0.50), (0.92, 0.375), (1.24, 0.28)];

/// Where each of three shelves begins and ends along the wall.
const SHELVES: [(&str, f32, f32); 3] = [("shelf-1", 2.35, 3.15), ("shelf-2", 3.17, 3.97), ("shelf-3", 3.99, 4.79)];

/// Products side by side on one board of one shelf.
const COLUMNS: usize = 4;

/// Where one stands to look at the screen, and its middle.
pub(super) const BEFORE_SCREEN: [Vec2; 2] = [Vec2::new(1.45, 2.25), Vec2::new(2.0, 2.45)];
pub(super) const SCREEN: Vec3 = Vec3::new(1.7, 0.05, 1.55);

/// Where one pays, the terminal, and where one waits, from the front to the back.
pub(super) const AT_COUNTER: Vec2 = Vec2::new(2.3, 4.3);
pub(super) const TERMINAL: Vec3 = Vec3::new(2.42, 4.72, 1.08);
pub(super) const WAITING: [Vec2; 3] = [Vec2::new(2.3, 3.55), Vec2::new(2.32, 2.9), Vec2::new(2.3, 2.25)];

/// A place for one product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The middle of the place, on the board.
    pub(super) base: Vec3,
}

/// Ways in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// In the back wall: who comes in walks towards the camera.
    Door,
    /// On the right, outside the picture.
    Side,
}

/// The shop without its people.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) zones: Vec<Zone>,
    pub(super) slots: Vec<Slot>,
    /// Every product there is, by its number.
    pub(super) products: Vec<Product>,
    /// The product in each slot when the shop opens.
    pub(super) stock: Vec<Option<ProductId>>,
}

// === impl Gate ===

impl Gate {
    /// Outside, and the first place inside.
    pub(super) const fn places(self) -> [Vec2; 2] {
        match self {
            Self::Door => [Vec2::new(1.3, 6.3), Vec2::new(1.3, 4.75)],
            Self::Side => [Vec2::new(4.3, 2.75), Vec2::new(3.0, 2.75)],
        }
    }
}

// === impl Plan ===

impl Plan {
    /// The shop of a seed: what lies where.
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::keyed(seed, 1, 0);
        let mut slots = Vec::new();
        let mut products = Vec::new();
        let mut stock = Vec::new();
        let mut zones = Vec::new();
        for (id, from, to) in SHELVES {
            zones.push(Zone { id, kind: ZoneKind::Shelf, min: [0.0, from, 0.42], max: [SHELF_FRONT, to, 1.62] });
            for (board, (top, reach)) in BOARDS.into_iter().enumerate() {
                for column in 0..COLUMNS {
                    let y = from + (to - from) * (column as f32 + 0.5) / COLUMNS as f32;
                    slots.push(Slot { base: Vec3::new(reach - 0.07, y, top) });
                    stock.push(random.chance(0.92).then_some(ProductId(products.len() as u16)));
                    products.push(Product::drawn(board, &mut random));
                }
            }
        }
        zones.extend([
            Zone { id: "counter", kind: ZoneKind::Counter, min: [1.75, 4.0, 0.0], max: [2.95, 5.2, 1.9] },
            Zone { id: "queue", kind: ZoneKind::Queue, min: [1.95, 1.95, 0.0], max: [2.7, 3.95, 1.9] },
            Zone { id: "screen", kind: ZoneKind::Screen, min: [1.15, 1.9, 0.0], max: [1.9, 2.75, 1.9] },
        ]);
        Self { zones, slots, products, stock }
    }

    /// Where the middle of a product is when it lies in a slot.
    pub(super) fn lies(&self, slot: usize, product: ProductId) -> Vec3 {
        self.slots[slot].base + Vec3::Z * self.products[usize::from(product.0)].half.z
    }

    /// Everything that never moves, and whether it is the floor.
    pub(super) fn solids(&self) -> Vec<(Solid, bool)> {
        let wall = Paint::Plain([206, 200, 188]);
        let back = Paint::Plain([188, 190, 184]);
        let wood = Paint::Wood([128, 94, 64]);
        let dark = Paint::Plain([74, 66, 60]);
        let block = |min, max, paint| (Solid::block(min, max, paint), false);
        let floor = Paint::Tiles { ink: [158, 150, 138], joint: [122, 116, 108], tile: 0.4 };
        let mut solids = vec![
            (Solid::block([-1.0, -2.0, -0.1], [8.0, 9.0, 0.0], floor), true),
            block([-0.1, -2.0, 0.0], [0.0, 9.0, 3.2], wall),
            block([-1.0, -2.0, 3.2], [8.0, 9.0, 3.3], wall),
            // The back wall with its door.
            block([-0.1, 5.6, 0.0], [0.85, 5.7, 3.2], back),
            block([1.75, 5.6, 0.0], [8.0, 5.7, 3.2], back),
            block([0.85, 5.6, 2.15], [1.75, 5.7, 3.2], back),
            block([0.79, 5.57, 0.0], [0.87, 5.72, 2.13], dark),
            block([1.73, 5.57, 0.0], [1.81, 5.72, 2.13], dark),
            block([0.79, 5.57, 2.13], [1.81, 5.72, 2.19], dark),
            // Behind the door.
            block([-1.0, 7.2, 0.0], [8.0, 7.3, 3.2], Paint::Plain([120, 118, 112])),
            // A skirting board, and a poster.
            block([1.81, 5.58, 0.0], [8.0, 5.6, 0.1], dark),
            block([2.0, 5.585, 1.25], [2.7, 5.6, 1.75], Paint::Plain([70, 110, 128])),
            block([2.06, 5.58, 1.5], [2.5, 5.6, 1.66], Paint::Plain([226, 220, 196])),
            // The counter, its top, and the terminal.
            block([1.85, 4.72, 0.0], [2.85, 5.15, 0.93], Paint::Wood([150, 116, 82])),
            block([1.8, 4.66, 0.93], [2.9, 5.2, 0.97], Paint::Plain([216, 212, 204])),
            block([2.36, 4.74, 0.97], [2.48, 4.86, 1.06], Paint::Plain([40, 42, 46])),
            block([1.95, 4.85, 0.97], [2.15, 5.05, 1.2], Paint::Plain([90, 94, 98])),
            // The lane: two lines on the floor.
            block([1.93, 2.0, 0.0], [1.97, 4.0, 0.002], Paint::Plain([214, 184, 66])),
            block([2.66, 2.0, 0.0], [2.7, 4.0, 0.002], Paint::Plain([214, 184, 66])),
            // The pedestal of the shelves, and their sides.
            block([0.0, 2.33, 0.0], [0.46, 4.81, 0.42], dark),
            block([0.0, 2.31, 0.0], [0.3, 2.34, 1.62], wood),
            block([0.0, 4.80, 0.0], [0.3, 4.83, 1.62], wood),
            block([0.0, 2.34, 1.6], [0.26, 4.8, 1.64], wood),
            block([0.0, 2.34, 0.42], [0.02, 4.8, 1.6], Paint::Wood([164, 132, 98])),
        ];
        for (top, reach) in BOARDS {
            solids.push(block([0.0, 2.34, top - 0.03], [reach, 4.8, top], wood));
            // A strip for prices.
            solids.push(block([reach, 2.34, top - 0.045], [reach + 0.008, 4.8, top], Paint::Plain([224, 220, 208])));
        }
        for [before, after] in SHELVES.array_windows() {
            solids.push(block([0.0, before.2, 0.42], [0.2, after.1, 1.6], wood));
        }
        solids
    }
}
