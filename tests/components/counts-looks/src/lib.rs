//! An audience meter that takes each person whom the floor sees for one who looks. It counts its calls in the age
//! class, so it shows whether it was remade.

use sluis_sdk::audience::{AgeClass, Face, SexClass, SizeClass};
use sluis_sdk::{AudienceMeter, Camera, Frame};

struct CountsLooks {
    calls: u32,
}

impl AudienceMeter for CountsLooks {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self { calls: 0 })
    }

    fn measure(&mut self, frame: &Frame<'_>) -> Vec<Face> {
        self.calls += 1;
        let age = if self.calls == 1 { AgeClass::Unknown } else { AgeClass::From60 };
        let face = |head: sluis_sdk::Rect| Face {
            area: head,
            attentive: true,
            size: match head.height {
                0..32 => SizeClass::Small,
                32..96 => SizeClass::Medium,
                _ => SizeClass::Large,
            },
            age,
            sex: SexClass::Undetermined,
        };
        frame.people().into_iter().map(|person| face(person.head)).collect()
    }
}

sluis_sdk::audience_meter!(CountsLooks);
