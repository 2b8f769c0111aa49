//! A filter that names the middle of the picture on every fifth frame and forgets it in between, as a flickering
//! detector does. The host's hold must bridge the gap.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PrivacyFilter, Rect};

const EVERY: u64 = 5;

struct LeavesFast {
    middle: Rect,
    frames: u64,
}

impl PrivacyFilter for LeavesFast {
    fn new(camera: Camera, _: &str) -> Result<Self, String> {
        let (width, height) = (camera.size.width, camera.size.height);
        Ok(Self { middle: Rect::new((width / 4) as i32, (height / 4) as i32, width / 2, height / 2), frames: 0 })
    }

    fn find(&mut self, _: &Frame<'_>) -> Vec<Region> {
        self.frames += 1;
        let seen = self.frames % EVERY == 1;
        seen.then_some(Region { area: self.middle, subject: Subject::Head, confidence: 90 }).into_iter().collect()
    }
}

sluis_sdk::privacy_filter!(LeavesFast);
