use sluis_frame::state::State;

struct NearlyCleared;

impl State for NearlyCleared {
    const NAME: &'static str = "NearlyCleared";

    fn masks(&self) -> &[sluis_frame::Mask] {
        &[]
    }
}

fn main() {}
