//! The search of one frame.

use sluis_detect::network::{self, Network};
use sluis_detect::{Settings, View};
use sluis_sdk::filter::Region;
use sluis_sdk::{Frame, Size};

use crate::answer;
use crate::closer::{self, Turns};
use crate::detector::Detector;

/// Searches the frames of one camera.
#[derive(Debug)]
pub struct Search<N> {
    detector: Detector<N>,
    whole: View,
    turns: Turns,
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
        detector.warm(whole.input)?;
        detector.warm(Size::new(closer::INPUT, closer::INPUT))?;
        Ok(Self { detector, whole, turns: Turns::default() })
    }

    /// What must be masked.
    ///
    /// # Errors
    ///
    /// [`network::Error`] when the network does not run: then nothing is known of this frame.
    pub fn find(&mut self, frame: &Frame<'_>) -> Result<Vec<Region>, network::Error> {
        let picture = frame.size();
        let mut faces = self.detector.look(frame, &self.whole)?;
        for view in self.turns.take(&frame.people(), picture, &self.whole) {
            faces.extend(self.detector.look(frame, &view)?);
        }
        Ok(answer::regions(faces, picture))
    }
}
