//! A filter that takes 4 GB, 64 MB at a time: on every frame, with `when-red` in its settings only when the first pixel
//! is red.

use sluis_sdk::filter::Region;
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect, Size};

const PIECE: usize = 64 << 20;
const PIECES: usize = 64;

struct Hungry {
    when_red: bool,
}

impl PrivacyFilter for Hungry {
    fn new(_: Camera, settings: &str) -> Result<Self, String> {
        Ok(Self { when_red: settings.contains("when-red") })
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let first = frame.read(Rect::new(0, 0, 1, 1), Size::new(1, 1), PixelFormat::Rgb8);
        if !self.when_red || first == [255, 0, 0] {
            let pieces: Vec<Vec<u8>> = (0..PIECES).map(|_| std::hint::black_box(vec![1; PIECE])).collect();
            assert_eq!(pieces.len(), PIECES);
        }
        Vec::new()
    }
}

sluis_sdk::privacy_filter!(Hungry);
