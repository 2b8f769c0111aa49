//! A filter that never returns: on every frame, with `when-red` in its settings only when the first pixel is red, with
//! `at-start` as it is made.

use sluis_sdk::filter::Region;
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect, Size};

struct EndlessLoop {
    when_red: bool,
}

impl PrivacyFilter for EndlessLoop {
    fn new(_: Camera, settings: &str) -> Result<Self, String> {
        if settings.contains("at-start") {
            forever();
        }
        Ok(Self { when_red: settings.contains("when-red") })
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let first = frame.read(Rect::new(0, 0, 1, 1), Size::new(1, 1), PixelFormat::Rgb8);
        if !self.when_red || first == [255, 0, 0] {
            forever();
        }
        Vec::new()
    }
}

#[inline(never)]
fn forever() {
    let mut turns = 0u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

sluis_sdk::privacy_filter!(EndlessLoop);
