//! A filter that names a million regions, or as many as its settings say.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PrivacyFilter, Rect};

struct MillionRegions {
    count: usize,
}

impl PrivacyFilter for MillionRegions {
    fn new(_: Camera, settings: &str) -> Result<Self, String> {
        let digits: String = settings.chars().filter(char::is_ascii_digit).collect();
        Ok(Self { count: digits.parse().unwrap_or(1_000_000) })
    }

    fn find(&mut self, _: &Frame<'_>) -> Vec<Region> {
        vec![Region { area: Rect::new(0, 0, 8, 8), subject: Subject::Face, confidence: 50 }; self.count]
    }
}

sluis_sdk::privacy_filter!(MillionRegions);
