//! Where somebody stands.

use sluis_sdk::layout::{Layout, Shape, ZoneKind};
use sluis_sdk::{Frame, Person, Rect};

/// The middle of a head is higher than this above the floor, in metres: of a child of one year who stands (0.75 m high; Snyder et al. 1977). What is lower is a basket, a bag or a trolley.
const LEAST_HEIGHT: f32 = 0.6;
/// The fewest readings that are a distance.
const READINGS: usize = 8;

/// Somebody whom the host named, and where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The silhouette's bounding box, in camera pixels.
    pub body: Rect,
    /// Metres on the shop's floor; `None` without lens and pose.
    pub place: Option<[f32; 2]>,
}

impl Standing {
    /// Of a silhouette in this frame; `None` when depth says that nobody can stand there.
    pub fn of(frame: &Frame<'_>, layout: &Layout, person: &Person) -> Option<Self> {
        let body = person.body;
        let seen = trunk(frame, body).and_then(|(at, depth)| Some((layout.shop_point(at, depth)?, depth)));
        let Some(([x, y, _], depth)) = seen else {
            // A camera with depth that reads none there says nothing; feet may be hidden, and a place by them would be metres off.
            let flat = frame.read_depth(Rect::new(0, 0, 1, 1)).is_none();
            return Some(Self { body, place: on_floor(layout, body).filter(|_| flat) });
        };
        let head = middle_of(person.head);
        let low = layout.shop_point(head, depth).is_some_and(|[.., height]| height < LEAST_HEIGHT);
        let within = layout.zones().iter().any(|zone| match &zone.shape {
            Shape::Box(space) => {
                matches!(zone.kind, ZoneKind::Shelf | ZoneKind::Counter) && space.floor_distance([x, y]) <= 0.0
            }
            Shape::Polygon(_) => false,
        });
        (!low && !within).then_some(Self { body, place: Some([x, y]) })
    }
}

/// Where the middle of the trunk is in the picture, and how far away, in metres; `None` without depth there.
fn trunk(frame: &Frame<'_>, body: Rect) -> Option<([f32; 2], f32)> {
    let (l, t, r, b) = (i64::from(body.x), i64::from(body.y), body.right(), body.bottom());
    let (w, h) = (r - l, b - t);
    let trunk = Rect::from_edges(l + w * 3 / 8, t + h / 4, r - w * 3 / 8, t + h / 2);
    let trunk = trunk.intersect(frame.size().rect())?;
    let mut read: Vec<u16> = frame.read_depth(trunk)?.into_iter().filter(|d| *d > 0).collect();
    if read.len() < READINGS {
        return None;
    }
    let middle = read.len() / 2;
    let depth = f32::from(*read.select_nth_unstable(middle).1) / 1000.0;
    Some((middle_of(trunk), depth))
}

fn middle_of(rect: Rect) -> [f32; 2] {
    [rect.x as f32 + rect.width as f32 / 2.0, rect.y as f32 + rect.height as f32 / 2.0]
}

/// Where the feet meet the floor.
fn on_floor(layout: &Layout, body: Rect) -> Option<[f32; 2]> {
    layout.floor_point([body.x as f32 + body.width as f32 / 2.0, body.bottom() as f32])
}
