//! A privacy filter that names lit screens: tills, card readers, phones. What stands on them can identify somebody.
//!
//! A screen is brighter than the room, compact, neither tiny nor as large as a window, and stays where it is for a few frames. What moves is not a screen that could be read.

mod patches;
mod steady;

use serde::Deserialize;
use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, MOST_ANSWERS, PixelFormat, PrivacyFilter, Rect, Size};

use steady::Steady;

/// The filter of one camera.
#[derive(Debug)]
pub struct TillScreens {
    settings: Settings,
    steady: Steady,
}

/// What an installer may write for it.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// How bright a screen is at least: luma, 0 to 255.
    least_luma: u8,
    /// In how many frames one after the other it is seen before it counts.
    least_frames: u32,
}

/// One cell of the grid that is looked at, in pixels each way.
const CELL: u32 = 8;

impl Default for Settings {
    fn default() -> Self {
        Self { least_luma: 200, least_frames: 3 }
    }
}

impl PrivacyFilter for TillScreens {
    fn new(_camera: Camera, settings: &str) -> Result<Self, String> {
        let settings: Settings =
            serde_json::from_str(settings).map_err(|e| format!("till-screens: its settings: {e}"))?;
        Ok(Self { steady: Steady::new(settings.least_frames), settings })
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let size = frame.size();
        let cells = Size::new(size.width.div_ceil(CELL), size.height.div_ceil(CELL));
        // The host scales: one byte for each cell comes in here.
        let luma = frame.read(size.rect(), cells, PixelFormat::Luma8);
        let lit: Vec<bool> = luma.iter().map(|luma| *luma >= self.settings.least_luma).collect();
        let patches = patches::of(&lit, cells.width as usize);
        let screens = patches.into_iter().filter(|patch| patch.is_screen_in(cells));
        let areas: Vec<(Rect, u8)> = screens.map(|patch| (patch.area(cells, size), patch.filled())).collect();
        let seen = self.steady.see(&areas);
        seen.into_iter()
            .take(MOST_ANSWERS)
            .map(|(area, confidence)| Region { area, subject: Subject::Identifier, confidence })
            .collect()
    }
}

sluis_sdk::privacy_filter!(TillScreens);
