//! A filter that finds nothing, whatever it sees. It breaks no rule: what the host's own floor masks must stay masked.

use sluis_sdk::filter::Region;
use sluis_sdk::{Camera, Frame, PrivacyFilter};

struct AnswersNothing;

impl PrivacyFilter for AnswersNothing {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn find(&mut self, _: &Frame<'_>) -> Vec<Region> {
        Vec::new()
    }
}

sluis_sdk::privacy_filter!(AnswersNothing);
