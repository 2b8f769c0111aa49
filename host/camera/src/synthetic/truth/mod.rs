//! What the pictures of a synthetic shop show: for tests and for `evaluate`, never for a recording.
//!
//! Events are defined as the labels of real footage are. For shelves, a *reach* lasts while a hand, or the product in it, is inside the zone; a *take* from
//! the first contact until the product has left the zone; a *put-back* from the product's entering until the hand lets go; both lie inside a reach. Of
//! visits to any zone: an *approach* is the last stretch of the way to it, a *dwell* (in a queue: a *wait*) the time from when the person first stands there
//! until it last does, a *leave* the first stretch of the way from it. Who only passes by makes no event.
//!
//! Not everything that happens can be seen: [`TruthEvent::seen`] says how much of a reach, take or put-back is, and [`TruthEvent::is_certain`] whether it is scored.
//!
//! Inside: `heads` says where heads and faces are and how much of them is seen, `hand` whether a hand is seen, `shelf` tells reaches, takes and put-backs, `visit` approaches, dwells, waits and
//! leaves, and `witness` watches the story for all of them. `bodies` tells which pixels are whose.

mod bodies;
mod hand;
mod heads;
mod shelf;
mod visit;
mod witness;

use sluis_frame::{Gesture, Point, Rect};

use super::body::Side;
use super::product::ProductId;
pub use bodies::Bodies;
pub use witness::Witness;

/// What a run of frames shows.
#[derive(Debug, Clone)]
pub struct Truth {
    /// One for each frame, in order.
    pub frames: Vec<FrameTruth>,
    /// What happened, in order of its first frame.
    pub events: Vec<TruthEvent>,
}

/// What one frame shows.
#[derive(Debug, Clone)]
pub struct FrameTruth {
    /// Its number, from 0.
    pub number: u64,
    /// Heads that are at least partly within the picture, hidden or not.
    pub heads: Vec<HeadTruth>,
    /// Both hands of everybody in the shop.
    pub hands: Vec<HandTruth>,
    /// Everybody in the shop, in the picture or not.
    pub people: Vec<PersonTruth>,
}

/// A head in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadTruth {
    /// Whose; counts from 0 as people come in.
    pub person: u32,
    /// How it is turned against the camera.
    pub view: HeadView,
    /// The whole head with its hair, as far as it is within the picture, as if nothing stood before it.
    pub head: Rect,
    /// Chin to hairline and ear to ear, as far as turned to the camera and within the picture; `None` when the camera sees the back.
    pub face: Option<Rect>,
    /// How much of the side turned to the camera is within the picture and not hidden: 0 to 1.
    pub visible: f32,
    /// The middle of the head in the shop's frame, in metres.
    pub position: [f32; 3],
}

/// How a head is turned against the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeadView {
    /// Both eyes are seen well: less than 35° away from the camera.
    Frontal,
    /// Less than 65°.
    ThreeQuarter,
    /// Less than 105°.
    Profile,
    /// The face is not seen.
    Back,
}

/// A hand in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct HandTruth {
    /// Whose.
    pub person: u32,
    /// Which.
    pub side: Side,
    /// The middle of the palm in the shop's frame, in metres.
    pub position: [f32; 3],
    /// The same in pixels, hidden or not; `None` outside the picture.
    pub pixel: Option<Point>,
    /// The product in it.
    pub holding: Option<ProductId>,
    /// The shelf that it, or the product in it, is inside.
    pub inside: Option<&'static str>,
}

/// A person in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonTruth {
    /// Who.
    pub person: u32,
    /// On the floor, between the feet, in metres.
    pub position: [f32; 2],
    /// Metres per second.
    pub speed: f32,
    /// Whether it belongs to the shop and fills the shelves.
    pub works_here: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthEvent {
    /// What.
    pub gesture: Gesture,
    /// Who.
    pub person: u32,
    /// The zone.
    pub zone: &'static str,
    /// The first frame of it.
    pub first: u64,
    /// The last frame of it, which belongs to it.
    pub last: u64,
    /// The product that was touched, taken or put back.
    pub product: Option<ProductId>,
    /// The reach that a take or put-back lies in: its place in [`Truth::events`].
    pub in_reach: Option<usize>,
    /// Where the hand, or else the person, was at its beginning, in pixels; `None` outside the picture.
    pub point: Option<Point>,
    /// Where the person stood at its beginning, on the floor, in metres.
    pub position: [f32; 2],
    /// Whether it goes on after the last frame.
    pub cut: bool,
    /// Of reaches, takes and put-backs: in which share of its frames the camera can see the hand, or the product in it. 0 to 1; other events have 1.
    pub seen: f32,
}

/// Who saw less than half of an event cannot be sure of it: labels of real footage call such events uncertain.
const LEAST_SEEN: f32 = 0.5;

// === impl TruthEvent ===

impl TruthEvent {
    /// Whether a camera could be asked for it. What begins outside the picture, goes on after the last frame, or is hidden most of the time counts neither way.
    pub fn is_certain(&self) -> bool {
        self.point.is_some() && !self.cut && self.seen >= LEAST_SEEN
    }
}
