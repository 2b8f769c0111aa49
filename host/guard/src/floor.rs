//! The floor: what the host sees for itself.
//!
//! A background model finds what differs from the place as it is when nothing happens, and what differs from a moment ago. It works on a reduced
//! picture of [cells](grid), follows changes of light, and learns slowly, but never what looks like a person until that has not moved for
//! five minutes. From the second frame on everything that moves is seen. What differs is joined into silhouettes, and the top of each is a head zone.
//!
//! Where the camera has depth, and it is known where it stands, heads are sought [in space](heads): depth decides wherever it says anything, and colour elsewhere
//! ([`solid`]).
//!
//! Somebody who is there in the first frame and never moves is not seen: finding such people is the filter's work.

mod background;
mod depth;
pub(crate) mod grid;
mod head;
mod heads;
pub(crate) mod model;
mod moving;
pub(crate) mod silhouette;
mod solid;
mod space;
mod width;

use sluis_frame::{Frame, Person, Raw, Size};

use self::background::Change;
use self::model::{Looked, Model};
use self::silhouette::Silhouettes;
use self::solid::Found;
use self::space::Space;
use crate::sight::Sight;
use crate::vantage::Vantage;

/// The floor of one camera.
#[derive(Debug)]
pub struct Floor {
    model: Model,
    /// `None` when it is not known where the camera stands and how it sees.
    space: Option<Space>,
}

// === impl Floor ===

impl Floor {
    /// A floor for pictures of `size` that has not seen anything.
    pub fn new(size: Size) -> Self {
        Self { model: Model::new(size), space: None }
    }

    /// The same, and it is known from where the camera sees: with depth, only heads in space are masked, not the upper part of every silhouette.
    #[must_use]
    pub fn seen_from(mut self, vantage: Option<Vantage>) -> Self {
        self.space = vantage.map(|vantage| Space::new(&self.model.grid, &vantage));
        self
    }

    /// Looks at the next frame. Frames come in the order of capture.
    ///
    /// A frame of another size is an upheaval: the floor begins anew with that size, and does not know how such pictures are taken.
    pub fn observe(&mut self, frame: &Frame<Raw>) -> Sight {
        let look = self.model.look(frame.header().captured, frame.picture(), frame.depth());
        if look.resized {
            self.space = None;
        }
        let grid = self.model.grid;
        let solid = self.space.as_ref().zip(look.distances.as_ref());
        let solid = solid.and_then(|(space, now)| solid::people(&grid, space, &self.model.depth, now, &look.change));
        let Looked { change, silhouettes, upheaval, camera_moves } = self.model.learn(look);
        let Found { mut people, limbs } = solid.unwrap_or_else(|| self.flat(&change, &silhouettes));
        people.sort_by_key(|person| std::cmp::Reverse(person.body.area()));
        let moving = moving::blocks(&grid, &change.degree);
        Sight { people, limbs, moving, upheaval, camera_moves }
    }

    /// People as silhouettes.
    fn flat(&self, change: &Change, silhouettes: &Silhouettes) -> Found {
        let mut people = head::people(&self.model.grid, silhouettes);
        // Whoever walks in front of others is one silhouette with them, but moves alone.
        for walking in head::people(&self.model.grid, &Silhouettes::of(&change.motion)) {
            // Much the same zone need not be told twice; a small one within a large one must have a track of its own.
            let known = |p: &Person| p.head.union(walking.head) == p.head && p.head.iou(walking.head) > 0.5;
            if !people.iter().any(known) {
                people.push(walking);
            }
        }
        Found { people, limbs: Vec::new() }
    }
}
