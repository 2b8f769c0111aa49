//! A privacy filter: it names what must be masked in a raw frame.
//!
//! This one is to begin with. It looks where the host's floor sees somebody, and names the head if there is anything to be seen. Put a detector in the place of
//! `Filter::shows_something`. Whoever sits still is not among the host's people: look at the whole picture, too.

use serde::Deserialize;
use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, MOST_ANSWERS, PixelFormat, PrivacyFilter, Rect, Size};

/// The filter of one camera.
#[derive(Debug)]
pub struct Filter {
    settings: Settings,
}

/// What an installer may write for it.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// Between the darkest and the brightest part of a head: luma, 0 to 255.
    least_contrast: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { least_contrast: 8 }
    }
}

impl PrivacyFilter for Filter {
    fn new(_camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = serde_json::from_str(settings).map_err(|e| format!("its settings: {e}"))?;
        Ok(Self { settings })
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let picture = frame.size().rect();
        // A region that covers no pixel of the picture would be a malformed answer.
        let heads = frame.people().into_iter().filter_map(|person| person.head.intersect(picture));
        heads
            .filter(|head| self.shows_something(frame, *head))
            .take(MOST_ANSWERS)
            .map(|area| Region { area, subject: Subject::Head, confidence: 50 })
            .collect()
    }
}

impl Filter {
    fn shows_something(&self, frame: &Frame<'_>, area: Rect) -> bool {
        // The host crops and scales: 64 bytes come in here, however large the head is.
        let luma = frame.read(area, Size::new(8, 8), PixelFormat::Luma8);
        let (darkest, brightest) = luma.iter().fold((255, 0), |(low, high), l| (low.min(*l), high.max(*l)));
        brightest - darkest >= self.settings.least_contrast
    }
}

sluis_sdk::privacy_filter!(Filter);
