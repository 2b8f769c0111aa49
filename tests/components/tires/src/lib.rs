//! A filter that does as `follows-people` does, and panics when it has worked for 20 seconds: what a leak or a counter that runs over looks like.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PrivacyFilter};

struct Tires;

impl PrivacyFilter for Tires {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        assert!(frame.elapsed_ms() < 20_000, "tired");
        let people = frame.people().into_iter();
        people.map(|person| Region { area: person.head, subject: Subject::Head, confidence: 90 }).collect()
    }
}

sluis_sdk::privacy_filter!(Tires);
