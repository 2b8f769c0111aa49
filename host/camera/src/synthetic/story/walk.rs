//! How people walk: towards a goal, around each other.

use glam::Vec2;

use super::super::plan::{Gate, SHELF_FRONT};

/// People keep this far from each other's middle when they pass, in metres.
const ROOM: f32 = 0.85;

/// Nearest that a walking body's middle comes to the shelf's wall.
const SHELF_SIDE: f32 = SHELF_FRONT + 0.41;

/// From there to where one walks past people at the shelf, in metres.
const AISLE: f32 = 0.75;

/// The place to pass on the way, if any.
pub(super) fn route(from: Vec2, to: Vec2) -> Option<Vec2> {
    let door = Gate::Door.places()[1];
    // The back of the shop is entered past the left end of the counter.
    let behind = |place: Vec2| place.y > door.y + 0.05;
    if behind(from) != behind(to) {
        return Some(door);
    }
    // Along the shelf one walks behind those who stand there.
    let along = from.x.max(to.x) < SHELF_SIDE + 0.3 && (from.y - to.y).abs() > 0.6;
    along.then(|| Vec2::new(SHELF_SIDE + AISLE, (from.y + to.y) / 2.0))
}

/// The speed, in metres per second and direction, that a walker wants next. `others` are places and speeds; `patience` is 1 for who walks freely and falls to
/// 0 for who has been stuck for long and pushes through.
pub(super) fn steer(place: Vec2, goal: Vec2, usual: f32, others: &[(Vec2, Vec2)], patience: f32) -> Vec2 {
    let to = goal - place;
    let distance = to.length();
    // Slows down over the last steps.
    let speed = usual.min(0.12 + 1.7 * distance);
    let ahead = to.normalize_or_zero();
    let mut wish = ahead * speed;
    for (other, velocity) in others {
        let off = place - *other;
        let apart = off.length();
        // Who comes towards one is seen further off.
        let closing = off.dot(*velocity).clamp(0.0, 1.0);
        let room = ROOM + 0.35 * closing;
        if apart >= room || apart < 1e-3 {
            continue;
        }
        let away = off / apart;
        let press = ((room - apart) / room).powi(2) * 3.2 * patience;
        wish += away * press;
        // Who stands in the way is passed on the side that is nearer, and head-on on the right.
        let blocked = (-away).dot(ahead);
        if blocked > 0.2 {
            let left = Vec2::new(-ahead.y, ahead.x);
            // Who walks close to the shelf can only give way to the room.
            let leftward = if place.x < SHELF_SIDE + 0.2 { left.x > 0.0 } else { left.dot(away) > 0.12 };
            let side = if leftward { left } else { -left };
            wish += side * (press.sqrt() * 0.9 * blocked);
        }
    }
    wish.clamp_length_max(usual * 1.15)
}

/// Keeps a walker out of the furniture.
pub(super) fn keep_clear(mut place: Vec2) -> Vec2 {
    if place.y > 2.0 && place.y < 5.1 {
        place.x = place.x.max(SHELF_SIDE);
    }
    // The counter, and the walls beside the door.
    let inside = place - Vec2::new(1.62, 4.4);
    if inside.min_element() > 0.0 {
        place -= if inside.x < inside.y { inside.with_y(0.0) } else { inside.with_x(0.0) };
    }
    place.y = place.y.max(1.75);
    place
}
