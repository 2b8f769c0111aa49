//! A filter that panics: on every frame, with `when-red` in its settings only when the first pixel is red, with
//! `at-start` as it is made, and it refuses `refused`.

use sluis_sdk::filter::Region;
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect, Size};

struct Panics {
    when_red: bool,
    calls: u64,
}

impl PrivacyFilter for Panics {
    fn new(_: Camera, settings: &str) -> Result<Self, String> {
        assert!(!settings.contains("at-start"), "as it is made");
        if settings.contains("refused") {
            return Err(format!("the setting `refused` is not known\u{7}{}", "!".repeat(4096)));
        }
        Ok(Self { when_red: settings.contains("when-red"), calls: 0 })
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        self.calls += 1;
        let first = frame.read(Rect::new(0, 0, 1, 1), Size::new(1, 1), PixelFormat::Rgb8);
        if !self.when_red || first == [255, 0, 0] {
            look_closely(&first);
        }
        Vec::new()
    }
}

#[inline(never)]
fn look_closely(pixel: &[u8]) {
    panic!("the pixel is {pixel:?}");
}

sluis_sdk::privacy_filter!(Panics);
