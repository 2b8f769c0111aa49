use sluis_frame::{Cleared, Frame, Raw};

fn steal(raw: Frame<Raw>, cleared: Frame<Cleared>) -> Frame<Cleared> {
    Frame { picture: raw.picture, ..cleared }
}

fn main() {}
