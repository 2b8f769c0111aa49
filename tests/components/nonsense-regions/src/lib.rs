//! A filter that names rectangles that cannot be. Its settings choose which: `outside`, `overflowing`, `unsure` (a
//! confidence of 101), or, without any, empty ones. `partly` is no nonsense: it reaches over all four edges.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PrivacyFilter, Rect};

struct NonsenseRegions {
    region: Region,
}

impl PrivacyFilter for NonsenseRegions {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let asked = |word| settings.contains(word);
        let (width, height) = (camera.size.width, camera.size.height);
        let area = if asked("outside") {
            Rect::new(width as i32, 0, 10, 10)
        } else if asked("overflowing") {
            Rect::new(i32::MAX - 1, i32::MAX - 1, u32::MAX, u32::MAX)
        } else if asked("partly") {
            Rect::new(-100, -100, width + 200, height + 200)
        } else if asked("unsure") {
            Rect::new(0, 0, 10, 10)
        } else {
            Rect::new(5, 5, 0, 0)
        };
        let confidence = if asked("unsure") { 101 } else { 100 };
        Ok(Self { region: Region { area, subject: Subject::Head, confidence } })
    }

    fn find(&mut self, _: &Frame<'_>) -> Vec<Region> {
        vec![self.region]
    }
}

sluis_sdk::privacy_filter!(NonsenseRegions);
