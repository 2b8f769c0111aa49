use sluis_frame::{Cleared, Fate};

fn main() {
    let _ = Cleared { masks: [].into(), fate: Fate::Recorded, verdict: None };
}
