//! A filter that reads the whole picture as RGB8, in one copy, and names the pixel in the middle if it is white. The
//! benchmark calls it.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect};

struct ReadsWhole;

impl PrivacyFilter for ReadsWhole {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let size = frame.size();
        let pixels = frame.read_whole(PixelFormat::Rgb8);
        let (x, y) = (size.width / 2, size.height / 2);
        let middle = (y as usize * size.width as usize + x as usize) * 3;
        let white = pixels[middle..middle + 3] == [255; 3];
        let area = Rect::new(x as i32, y as i32, 1, 1);
        white.then_some(Region { area, subject: Subject::Identifier, confidence: 100 }).into_iter().collect()
    }
}

sluis_sdk::privacy_filter!(ReadsWhole);
