use sluis_frame::{Frame, Raw};

fn keep(raw: &Frame<Raw>) -> Frame<Raw> {
    Clone::clone(raw)
}

fn main() {}
