use sluis_frame::{Cleared, Frame, Raw};

fn wish(raw: Frame<Raw>) -> Frame<Cleared> {
    raw.into()
}

fn main() {}
