//! The search of one frame.

use sluis_detect::network::{self, Network};
use sluis_detect::plane::Plane;
use sluis_detect::scan::{Pace, Scanner};
use sluis_detect::{Area, Settings, View};
use sluis_sdk::filter::Region;
use sluis_sdk::{Frame, Size};

use crate::answer;
use crate::closer::{self, Turns};
use crate::detector::Detector;
use crate::known::Known;

/// The whole picture is searched about once a second all the same, a little sooner than the host forgets: it bridges gaps of up to a second between two sights of one face. What
/// moves is searched seven times a second; in between the host carries faces on.
pub const PACE: Pace = Pace { whole_ms: 900, whole_frames: 9, crowded_ms: 390, rest_ms: 140 };

/// The heads of so many people, the largest, are looked at in full scale in every search.
const NEAREST: usize = 2;

/// Searches the frames of one camera.
#[derive(Debug)]
pub struct Search<N> {
    detector: Detector<N>,
    whole: View,
    scanner: Scanner,
    turns: Turns,
    known: Known,
}

// === impl Search ===

impl<N: Network> Search<N> {
    /// For pictures of this size. Warms the network for every input size that it will meet.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run.
    pub fn new(mut detector: Detector<N>, picture: Size, settings: Settings) -> Result<Self, network::Error> {
        let whole = View::whole(picture, settings.network_long_side);
        let scanner = Scanner::new(picture, whole, PACE);
        for input in scanner.inputs() {
            detector.warm(input)?;
        }
        detector.warm(Size::new(closer::INPUT, closer::INPUT))?;
        Ok(Self { detector, whole, scanner, turns: Turns::default(), known: Known::default() })
    }

    /// What must be masked.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run: then nothing is known of this frame.
    pub fn find(&mut self, frame: &Frame<'_>) -> Result<Vec<Region>, network::Error> {
        let (picture, now_ms) = (frame.size(), frame.elapsed_ms());
        let plane = Plane::read(frame, self.scanner.grid());
        let people = frame.people();
        let heads: Vec<Area> = people.iter().take(NEAREST).map(|person| Area::from(person.head)).collect();
        let mut views = self.scanner.plan(now_ms, &plane, &[], &heads);
        views.extend(self.turns.take(now_ms, &people, picture, &self.whole));
        let mut found = Vec::new();
        for view in &views {
            found.extend(self.detector.look(frame, view)?);
        }
        let faces = self.known.update(now_ms, &found, &plane);
        Ok(answer::regions(faces, picture))
    }
}
