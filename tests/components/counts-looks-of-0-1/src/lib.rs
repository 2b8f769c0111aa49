//! The twin of `counts-looks`, built against the kept contract 0.1.0, as a partner built it when there was no other.

mod contract {
    wit_bindgen::generate!({ world: "audience-meter", path: "../../../wit/0.1.0", generate_all });
}

use std::cell::Cell;

use contract::exports::sluis::stage::audience::{AgeClass, Chamber, Face, Guest, GuestChamber, SexClass, SizeClass};
use contract::sluis::stage::frames::Frame;
use contract::sluis::stage::types::Camera;

struct CountsLooks {
    calls: Cell<u32>,
}

impl Guest for CountsLooks {
    type Chamber = Self;
}

impl GuestChamber for CountsLooks {
    fn create(_: Camera, _: String) -> Result<Chamber, String> {
        Ok(Chamber::new(Self { calls: Cell::new(0) }))
    }

    fn measure(&self, frame: &Frame) -> Vec<Face> {
        self.calls.set(self.calls.get() + 1);
        let age = if self.calls.get() == 1 { AgeClass::Unknown } else { AgeClass::From60 };
        let looks = frame.people().into_iter().map(|person| Face {
            area: person.head,
            attentive: true,
            size: match person.head.height {
                0..32 => SizeClass::Small,
                32..96 => SizeClass::Medium,
                _ => SizeClass::Large,
            },
            age,
            sex: SexClass::Undetermined,
        });
        looks.collect()
    }
}

contract::export!(CountsLooks with_types_in contract);
